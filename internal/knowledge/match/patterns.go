package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// patterns finds the error patterns of a book in a reading.
type patterns struct {
	all     []*knowledge.ErrorPattern
	topics  []string           // of each pattern, else of its cause
	codes   map[string][]int32 // canonical code -> patterns
	names   *automaton         // codes that are words: SEC_ERROR_…
	phrases *phraseIndex       // loosely matched wordings
	regexps *guarded
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
	p.phrases = newPhraseIndex(p.all, stems)
	return p
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
	listed := func(i int32, strength float32, code bool) {
		add(i, strength, code)
		h := best[i]
		h.listed = true
		best[i] = h
	}
	known := p.findCodes(rd, listed)
	p.names.find(rd.text, func(value, _, _ int) { listed(int32(value), 1, true) })
	p.phrases.find(rd.toks, func(i int32, strength float32) { add(i, strength, false) })
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

// replyBeside is how much a reply code counts beside an enhanced one, which
// says the same more exactly (RFC 3463 section 2).
const replyBeside = 0.3

// findCodes looks the codes of a message up; known means that one was found.
func (p *patterns) findCodes(rd *reading, add func(int32, float32, bool)) (known bool) {
	look := func(code string, strength float32) bool {
		for _, i := range p.codes[code] {
			add(i, strength, true)
		}
		return len(p.codes[code]) > 0
	}
	enhanced := slices.ContainsFunc(rd.ents.codes, func(c string) bool { return strings.Contains(c, ".") })
	for _, c := range rd.ents.codes {
		if enhanced && replyCode(c) {
			known = look(c, replyBeside) || known
			continue
		}
		reply, rest, both := strings.Cut(c, " ")
		if !both {
			rest = c
		}
		found := look(rest, 1)
		for _, near := range nearCodes(rest) {
			found = found || look(near.code, near.strength)
		}
		if both {
			found = look(reply, replyBeside) || found
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
