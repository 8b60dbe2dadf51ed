package match

import (
	"slices"
	"strings"
)

// spelling corrects words that nobody knows to the one word of the lexicon that
// lies a single typing error away and starts with the same letter.
type spelling struct {
	known map[string]bool
	near  map[[2]byte][]string // first letter and length -> words
}

// minSpell is the shortest word that is corrected.
const minSpell = 6

func newSpelling(vocab map[string]bool) *spelling {
	s := &spelling{known: vocab, near: map[[2]byte][]string{}}
	for w := range vocab {
		if len(w) >= minSpell && len(w) < 30 && w[0] != '@' {
			k := [2]byte{w[0], byte(len(w))}
			s.near[k] = append(s.near[k], w)
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
