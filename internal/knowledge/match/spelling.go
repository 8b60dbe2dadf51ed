package match

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// spelling corrects words that nobody knows to the one word of the lexicon that
// lies a single typing error away and starts with the same letter.
type spelling struct {
	known map[string]bool
	near  map[[2]byte][]string // first letter and length -> words
}

// minSpell is the shortest word that is corrected.
const minSpell = 5

// newSpelling knows the words of the lexicon and those of the error texts.
func newSpelling(vocab map[string]bool, errors []*knowledge.ErrorPattern) *spelling {
	s := &spelling{known: make(map[string]bool, 2*len(vocab)), near: map[[2]byte][]string{}}
	enter := func(w string) {
		if s.known[w] {
			return
		}
		s.known[w] = true
		if len(w) >= minSpell && len(w) < 30 && w[0] != '@' {
			k := [2]byte{w[0], byte(len(w))}
			s.near[k] = append(s.near[k], w)
		}
	}
	for w := range vocab {
		enter(w)
	}
	for _, e := range errors {
		for _, p := range e.Phrases {
			for w := range strings.FieldsSeq(strings.ToLower(p)) {
				if !strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }) {
					enter(fold(w))
				}
			}
		}
	}
	for _, ws := range s.near {
		slices.Sort(ws)
	}
	return s
}

// fix returns the lexicon word that w was meant to be, or "".
func (s *spelling) fix(w string) string {
	if len(w) > 30 {
		return ""
	}
	for _, d := range [...]int{0, 1, -1} {
		for _, k := range s.near[[2]byte{w[0], byte(len(w) + d)}] {
			if nearName(w, k) {
				return k
			}
		}
	}
	return ""
}

// correct replaces unknown words by what they were meant to be.
func (r *reader) correct(toks []token, known vocabulary) {
	for i := range toks {
		t := &toks[i]
		if t.kind != word || t.entity || len(t.text) < minSpell || r.spelling.known[t.text] || langWords[t.text] != "" ||
			known.is(t.text, common) || r.lex.knows(t.text) {
			continue
		}
		if v := r.spelling.fix(t.text); v != "" {
			t.text = v
		}
	}
}

// knows reports whether any pattern of at least four letters holds for w.
func (l *lexicon) knows(w string) bool {
	found := false
	l.words.find(" "+w+" ", func(_, start, end int) {
		if end-start >= 5 {
			found = true
		}
	})
	return found
}

// isMail reports whether w holds a word of the lexicon other than those of the
// near misses.
func (l *lexicon) isMail(w string) bool {
	found := false
	l.words.find(" "+w+" ", func(value, start, end int) {
		if end-start >= 5 && !strings.HasPrefix(l.names[value], "off_") {
			found = true
		}
	})
	return found
}
