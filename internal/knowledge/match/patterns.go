package match

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// patterns finds the error patterns of a book in a reading.
type patterns struct {
	all      []*knowledge.ErrorPattern
	topics   []string             // of each pattern, else of its cause
	codes    map[string][]int32   // canonical code -> patterns
	names    *automaton           // codes that are words: SEC_ERROR_…
	phrases  []phrase             // loosely matched wordings
	postings map[uint32][]posting // hash of a stem -> phrases that hold it
	scratch  sync.Pool            // *phraseSums
	regexps  *guarded
}

type phrase struct {
	pattern int32
	total   float32 // sum of the weights of its stems
	stems   phraseStems
}

type posting struct {
	phrase int32
	weight float32
}

// patternHit is an error pattern found in a message; strength is 0 to 1 times
// the pattern's weight.
type patternHit struct {
	pattern  *knowledge.ErrorPattern
	topic    string // of the pattern, else of its cause
	strength float32
	code     bool // by a code or an expression, rather than by loose wording
	listed   bool // by a code that the pattern lists
}

// minOverlap is the share of a phrase, weighed by how rare its words are, that
// must be in a message.
const minOverlap = 0.72

// newPatterns compiles the patterns of book; stems are those of its phrases.
func newPatterns(book *knowledge.Book, stems phraseStems) *patterns {
	p := &patterns{all: book.Facts().Errors, codes: map[string][]int32{}, names: newAutomaton(4096), regexps: newGuarded()}
	for i, e := range p.all {
		topic := e.Topic
		if c := book.Cause(e.Cause); topic == "" && c != nil {
			topic = c.Topic
		}
		p.topics = append(p.topics, topic)
		for _, c := range e.Codes {
			p.addCode(c, int32(i))
		}
		for _, x := range e.Regexps {
			p.regexps.add(x, int32(i))
		}
	}
	p.names.build()
	p.regexps.words.build()
	p.addPhrases(stems)
	return p
}

// addPhrases indexes the phrases by their stems.
func (p *patterns) addPhrases(stems phraseStems) {
	count := make(map[uint32]int32, len(stems)/4)
	for _, h := range stems {
		count[h]++
	}
	delete(count, 0)
	for i, e := range p.all {
		for range e.Phrases {
			end := slices.Index(stems, 0)
			if end > 0 {
				p.phrases = append(p.phrases, phrase{pattern: int32(i), stems: stems[:end]})
			}
			stems = stems[end+1:]
		}
	}
	p.postings = make(map[uint32][]posting, len(count))
	n := float64(len(p.phrases) + 1)
	for i := range p.phrases {
		ph := &p.phrases[i]
		for _, h := range ph.stems {
			weight := float32(math.Log(n/float64(count[h])) + 0.5)
			ph.total += weight
			at, ok := p.postings[h]
			if !ok {
				at = make([]posting, 0, count[h])
			}
			p.postings[h] = append(at, posting{int32(i), weight})
		}
	}
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
				if h := max(1, hash32('p', stem(t.text), "")); !slices.Contains(out[start:], h) {
					out = append(out, h)
				}
			}
			out = append(out, 0)
		}
	}
	return out
}

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

func (p *patterns) addCode(c string, i int32) {
	low := strings.ToLower(c)
	key := cmp.Or(hexCode(low), enhancedCode(low))
	if key == "" && allDigits(low) {
		key = low
	}
	if key != "" {
		p.codes[key] = append(p.codes[key], i)
		return
	}
	if words := codeWords(low); words != "" {
		p.names.add(" "+words+" ", int(i))
	}
}

// codeWords is a code such as SEC_ERROR_UNKNOWN_ISSUER as it stands in a
// reading's text.
func codeWords(low string) string {
	var b []string
	for _, t := range tokenize(clean(low)) {
		if t.kind != boundary {
			b = append(b, t.text)
		}
	}
	return strings.Join(b, " ")
}

// find lists the patterns in a message, strongest first.
func (p *patterns) find(rd *reading) []patternHit {
	best := map[int32]patternHit{}
	add := func(i int32, strength float32, code bool) {
		e := p.all[i]
		if e.Weight > 0 {
			strength *= float32(e.Weight)
		}
		if h, ok := best[i]; !ok || h.strength < strength {
			best[i] = patternHit{pattern: e, topic: p.topics[i], strength: strength, code: code}
		}
	}
	known := p.findCodes(rd, func(i int32, strength float32, code bool) {
		add(i, strength, code)
		h := best[i]
		h.listed = true
		best[i] = h
	})
	p.names.find(rd.text, func(value, _, _ int) { add(int32(value), 1, true) })
	p.findPhrases(rd, add)
	p.regexps.find(rd.clean, func(i int32) { add(i, 1, true) })
	out := make([]patternHit, 0, len(best)+1)
	for _, h := range best {
		known = known || h.code
		out = append(out, h)
	}
	if !known {
		out = append(out, p.family(rd)...)
	}
	return strongest(out, nil)
}

// strongest joins two lists of hits and keeps the strongest six, each pattern once.
func strongest(a, b []patternHit) []patternHit {
	a = append(a, b...)
	slices.SortFunc(a, func(a, b patternHit) int {
		return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.pattern.ID, b.pattern.ID))
	})
	a = slices.CompactFunc(a, func(a, b patternHit) bool { return a.pattern == b.pattern })
	return a[:min(len(a), 6)]
}

// findCodes looks the codes of a message up; known means that one was found.
func (p *patterns) findCodes(rd *reading, add func(int32, float32, bool)) (known bool) {
	look := func(code string, strength float32) bool {
		for _, i := range p.codes[code] {
			add(i, strength, true)
		}
		return len(p.codes[code]) > 0
	}
	for _, c := range rd.ents.codes {
		reply, rest, both := strings.Cut(c, " ")
		if !both {
			rest = c
		}
		found := look(rest, 1)
		for _, near := range nearCodes(rest) {
			found = found || look(near.code, near.strength)
		}
		if both {
			found = look(reply, 0.6) || found
		}
		known = known || found
	}
	return known
}

// family returns what the form of an unlisted code tells.
func (p *patterns) family(rd *reading) []patternHit {
	for i := range families {
		f := &families[i]
		if strings.Contains(rd.clean, f.prefix) {
			return []patternHit{{&knowledge.ErrorPattern{ID: "family " + f.prefix, Cause: f.cause}, f.topic, familyStrength, true, false}}
		}
	}
	return nil
}

// phraseSums is the working memory of findPhrases; sums are zero between calls.
type phraseSums struct {
	sums    []float32
	touched []int32
	seen    []uint32
}

// maxStems bounds the distinct words of a message that are looked up.
const maxStems = 160

func (p *patterns) findPhrases(rd *reading, add func(int32, float32, bool)) {
	if len(p.phrases) == 0 {
		return
	}
	w, _ := p.scratch.Get().(*phraseSums)
	if w == nil {
		w = &phraseSums{sums: make([]float32, len(p.phrases))}
	}
	defer p.scratch.Put(w)
	w.touched, w.seen = w.touched[:0], w.seen[:0]
	for i := range rd.toks {
		if rd.toks[i].kind != word || len(w.seen) == maxStems {
			continue
		}
		h := max(1, hash32('p', stem(rd.toks[i].text), ""))
		if slices.Contains(w.seen, h) {
			continue
		}
		w.seen = append(w.seen, h)
		for _, x := range p.postings[h] {
			if w.sums[x.phrase] == 0 {
				w.touched = append(w.touched, x.phrase)
			}
			w.sums[x.phrase] += x.weight
		}
	}
	for _, i := range w.touched {
		ph, sum := &p.phrases[i], w.sums[i]
		w.sums[i] = 0
		if sum < minOverlap*ph.total || len(ph.stems) < 2 && sum < 4 {
			continue
		}
		share := sum / ph.total
		add(ph.pattern, share*share*min(1, ph.total/14), false)
	}
}
