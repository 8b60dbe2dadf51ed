package match

// spelling corrects words that nobody knows to the one word of the lexicon that
// lies a single typing error away.
type spelling struct {
	known   map[string]bool
	deletes map[string]string // word with one letter left out -> word; "" when ambiguous
}

// minSpell is the shortest word that is corrected.
const minSpell = 6

func newSpelling(l *lexicon) *spelling {
	s := &spelling{known: l.vocab, deletes: map[string]string{}}
	for w := range l.vocab {
		if len(w) < minSpell || w[0] == '@' {
			continue
		}
		for i := range len(w) {
			d := w[:i] + w[i+1:]
			if old, ok := s.deletes[d]; ok && old != w && len(old) >= len(w) {
				continue
			}
			s.deletes[d] = w
		}
	}
	return s
}

// fix returns the lexicon word that w was meant to be, or "".
func (s *spelling) fix(w string) string {
	if v := s.deletes[w]; v != "" && nearName(w, v) {
		return v
	}
	for i := range len(w) {
		d := w[:i] + w[i+1:]
		if s.known[d] && len(d) >= minSpell {
			return d
		}
		if v := s.deletes[d]; v != "" && nearName(w, v) {
			return v
		}
	}
	return ""
}

// correct replaces unknown words by what they were meant to be.
func (r *reader) correct(toks []token) {
	for i := range toks {
		t := &toks[i]
		if t.kind != word || t.entity || len(t.text) < minSpell || r.spelling.known[t.text] || langWords[t.text] != "" || r.lex.knows(t.text) {
			continue
		}
		if v := r.spelling.fix(t.text); v != "" {
			t.text = v
		}
	}
}

// knows reports whether any pattern of a single word holds for w.
func (l *lexicon) knows(w string) bool {
	found := false
	l.words.find(" "+w+" ", func(_, start, end int) {
		if end-start >= 5 {
			found = true
		}
	})
	return found
}
