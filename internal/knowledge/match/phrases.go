package match

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// phraseIndex finds loosely matched wordings. Stems count the more the rarer
// they are among the phrases.
type phraseIndex struct {
	ids     map[uint32]int32 // hash of a stem -> its number
	weight  []float32        // of each stem
	phrases []phrase
	first   []int32 // of each stem: where its phrases begin in heavy
	heavy   []int32 // phrases that may be found by a stem
}

type phrase struct {
	pattern int32
	total   float32 // sum of the weights of its stems
	stems   []int32 // heaviest first
	negated bool    // says that something is not so
}

// minOverlap is the share of a phrase, weighed by how rare its words are, that
// must be in a message.
const minOverlap = 0.72

// newPhraseIndex indexes the phrases of patterns; stems are those of them all.
func newPhraseIndex(all []*knowledge.ErrorPattern, stems phraseStems) *phraseIndex {
	x := &phraseIndex{ids: make(map[uint32]int32, len(stems)/4)}
	var count []int32
	numbers := make([]int32, len(stems))
	for i, h := range stems {
		id, ok := x.ids[h]
		if !ok && h != 0 {
			id = int32(len(count))
			x.ids[h] = id
			count = append(count, 0)
		}
		if h != 0 {
			count[id]++
		}
		numbers[i] = id
	}
	for i, e := range all {
		for range e.Phrases {
			end := slices.Index(stems, 0)
			if end > 0 {
				negated := slices.ContainsFunc(stems[:end], isNegation)
				x.phrases = append(x.phrases, phrase{pattern: int32(i), stems: numbers[:end:end], negated: negated})
			}
			stems, numbers = stems[end+1:], numbers[end+1:]
		}
	}
	n := float64(len(x.phrases) + 1)
	x.weight = make([]float32, len(count))
	for id, c := range count {
		x.weight[id] = float32(math.Log(n/float64(c)) + 0.5)
	}
	x.link()
	return x
}

// link lists for each stem the phrases to look at when it occurs. A phrase that
// is found has one of its heaviest stems in the message: those without which
// the others are too few.
func (x *phraseIndex) link() {
	x.first = make([]int32, len(x.weight)+1)
	need := make([]int, len(x.phrases)) // heaviest stems of each phrase
	for i := range x.phrases {
		p := &x.phrases[i]
		slices.SortFunc(p.stems, func(a, b int32) int {
			return cmp.Or(cmp.Compare(x.weight[b], x.weight[a]), cmp.Compare(a, b))
		})
		for _, s := range p.stems {
			p.total += x.weight[s]
		}
		for rest := p.total; need[i] < len(p.stems) && rest >= minOverlap*p.total; need[i]++ {
			x.first[p.stems[need[i]]+1]++
			rest -= x.weight[p.stems[need[i]]]
		}
	}
	for s := range x.weight {
		x.first[s+1] += x.first[s]
	}
	x.heavy = make([]int32, x.first[len(x.weight)])
	next := slices.Clone(x.first)
	for i := range x.phrases {
		for _, s := range x.phrases[i].stems[:need[i]] {
			x.heavy[next[s]] = int32(i)
			next[s]++
		}
	}
}

// maxStems bounds the distinct words of a message that are looked up.
const maxStems = 160

// find calls found with the pattern of every phrase that is in a message, and
// how well it fits.
func (x *phraseIndex) find(toks []token, found func(pattern int32, strength float32)) {
	var room [maxStems]int32
	var sets [256]uint64
	seen, has := room[:0], sets[:]
	if n := len(x.weight)/64 + 1; n > len(sets) {
		has = make([]uint64, n)
	}
	for i := range toks {
		if toks[i].kind != word || len(seen) == maxStems {
			continue
		}
		if id, ok := x.ids[stemHash(toks[i].text)]; ok && has[id/64]&(1<<(id%64)) == 0 {
			has[id/64] |= 1 << (id % 64)
			seen = append(seen, id)
		}
	}
	denied := saysNo(toks)
	for _, s := range seen {
		for _, i := range x.heavy[x.first[s]:x.first[s+1]] {
			p := &x.phrases[i]
			if p.negated && !denied {
				continue
			}
			sum := x.overlap(p, has)
			if sum < minOverlap*p.total || len(p.stems) < 2 && sum < 4 {
				continue
			}
			share := sum / p.total
			found(p.pattern, share*share*min(1, p.total/14))
		}
	}
}

// A phrase with a word of negations needs one of denying in the message:
// "antwortet nicht" is not in "antwortete: …", though its heavier words are.
var (
	negations = stemSet("nicht kein keine keinen not cannot cant couldnt doesnt didnt unable never")
	denying   = stemSet("nicht kein keine keinen not cannot cant couldnt doesnt didnt unable never no non nichts niemals ohne without wont isnt wasnt unmoglich impossible fail fails failed failing fehlgeschlagen nie don dont doesn couldn didn can")
)

// saysNo reports whether a message says that something is not so.
func saysNo(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.kind == word && denying[stemHash(t.text)] })
}

func isNegation(stem uint32) bool { return negations[stem] }

func stemSet(words string) map[uint32]bool {
	m := map[uint32]bool{}
	for w := range strings.FieldsSeq(words) {
		m[stemHash(w)] = true
	}
	return m
}

// overlap sums up the weights of those stems of a phrase that a message has; it
// gives up when the rest is too few.
func (x *phraseIndex) overlap(p *phrase, has []uint64) float32 {
	sum, missed := float32(0), float32(0)
	for _, id := range p.stems {
		if has[id/64]&(1<<(id%64)) != 0 {
			sum += x.weight[id]
		} else if missed += x.weight[id]; missed > (1-minOverlap)*p.total+0.01 {
			return 0
		}
	}
	return sum
}

// phraseStems are the hashes of the distinct stems of every error phrase of a
// book, in its order; a zero ends each phrase.
type phraseStems []uint32

func newPhraseStems(book *knowledge.Book) phraseStems {
	var out phraseStems
	for _, e := range book.Facts().Errors {
		for _, text := range e.Phrases {
			start := len(out)
			for _, t := range tokenize(clean(text)) {
				if t.kind != word {
					continue
				}
				if h := stemHash(t.text); !slices.Contains(out[start:], h) {
					out = append(out, h)
				}
			}
			out = append(out, 0)
		}
	}
	return out
}

// stemHash is never zero.
func stemHash(w string) uint32 { return max(1, hash32('p', stem(w), "")) }

// fits reports whether there are as many phrases in book.
func (s phraseStems) fits(book *knowledge.Book) bool {
	n := 0
	for _, h := range s {
		if h == 0 {
			n++
		}
	}
	for _, e := range book.Facts().Errors {
		n -= len(e.Phrases)
	}
	return n == 0 && (len(s) == 0 || s[len(s)-1] == 0)
}
