package match

import (
	"slices"
	"testing"
)

// TestPhraseIndex compares what the index finds with every phrase looked at.
func TestPhraseIndex(t *testing.T) {
	book := testBook(t)
	r := newReader(book)
	r.prepare(nil)
	x := r.patterns.phrases
	all := 0
	texts := utterances(book)
	for i := 0; i < len(texts); i += 20 {
		u := texts[i]
		toks := tokenize(clean(u.text))
		var has []int32
		for _, t := range toks {
			if id, ok := x.ids[stemHash(t.text)]; ok && t.kind == word {
				has = append(has, id)
			}
		}
		type hit struct {
			pattern  int32
			strength float32
		}
		var got, want []hit
		x.find(toks, func(p int32, s float32) { got = append(got, hit{p, s}) })
		for _, p := range x.phrases {
			sum := float32(0)
			for _, id := range p.stems {
				if slices.Contains(has, id) {
					sum += x.weight[id]
				}
			}
			if share := sum / p.total; share >= minOverlap && (saysNo(toks) || !p.negated) && (len(p.stems) > 1 || sum >= 4) {
				want = append(want, hit{p.pattern, share * share * min(1, p.total/14)})
			}
		}
		for _, h := range want {
			if !slices.Contains(got, h) {
				t.Errorf("%q: pattern %s not found", u.text, r.patterns.all[h.pattern].ID)
			}
		}
		for _, h := range got {
			if !slices.Contains(want, h) {
				t.Errorf("%q: pattern %s found", u.text, r.patterns.all[h.pattern].ID)
			}
		}
		all += len(want)
	}
	if all < 100 {
		t.Errorf("the texts hold %d phrases, too few to tell", all)
	}
}
