package match

import (
	"slices"
	"strings"
)

// compoundHeads are what German puts in front of a word to say that it is
// about mail: "Mailempfang" is the "Empfang" of mail. The longest comes first.
var compoundHeads = []string{"emails", "email", "mails", "mail", "postfach", "imap", "pop3", "smtp"}

// minRest is the least number of letters of what is left of a compound.
const minRest = 4

// splitCompounds cuts words that nobody knows behind such a head if the rest
// is known: written apart they mean the same, and people write both.
func (r *reader) splitCompounds(rd *reading, known vocabulary) {
	for i := 0; i < len(rd.toks); i++ {
		n := r.compoundHead(&rd.toks[i], known)
		if n == 0 {
			continue
		}
		head := rd.toks[i]
		rest := token{kind: word, raw: head.text[n:], text: head.text[n:], joined: true}
		head.raw, head.text = head.text[:n], head.text[:n]
		rd.toks[i] = head
		rd.toks = slices.Insert(slices.Clip(rd.toks), i+1, rest)
		for _, ms := range [][]mention{rd.ents.providers, rd.ents.clients, rd.ents.protocols} {
			for m := range ms {
				if ms[m].pos > i {
					ms[m].pos++
				}
			}
		}
	}
}

// compoundHead is the length of the head that t is cut behind, or 0.
func (r *reader) compoundHead(t *token, known vocabulary) int {
	if t.kind != word || t.entity {
		return 0
	}
	for _, h := range compoundHeads {
		rest, ok := strings.CutPrefix(t.text, h)
		if !ok || len(rest) < minRest {
			continue
		}
		if known.is(t.text, common) || r.lex.knows(t.text) {
			return 0
		}
		if known.is(rest, common) || r.lex.knows(rest) {
			return len(h)
		}
	}
	return 0
}
