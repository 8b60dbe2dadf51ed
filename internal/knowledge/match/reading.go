package match

import (
	"math/bits"
	"slices"
	"strings"
)

// reading is everything that is seen in one message before any decision.
type reading struct {
	toks           []token
	ents           entities
	lang           string
	text           string // folded words with one blank around each; entities as classes
	clauses        []bitset
	all            bitset
	clauseOf       []int // per token
	starts         []int // of the tokens in text
	frame          []bool
	receives       []bool // per clause: a word for receiving itself, rather than "get mail"
	words          int    // outside the frame
	known, strange int    // content words that messages about mail set-up hold, and those that none holds
	features       []feature
	dump           string // a log or code block that was set apart
	clean          string // the cleaned message
	hits           []patternHit
	fired          []int32 // rules that hold, as indices
}

// contrast are words that open a clause of their own: "works on the phone but not here".
var contrast = set("aber but jedoch sondern obwohl although though however wahrend while whereas hingegen dafur trotzdem yet allerdings except ausser except bloss weil because")

// read tokenizes a message, finds its entities and concepts, and lists its features.
// Words in known are not taken for typing errors; known may be nil.
func (r *reader) read(text string, known vocabulary) *reading {
	rd := new(reading)
	r.readInto(rd, newMessage(text), known)
	return rd
}

// message is a text set apart into the writer's own words and a log or code
// block, its own words cut into tokens.
type message struct {
	body, dump string
	toks       []token
}

func newMessage(text string) message {
	body, dump := stripFrame(clean(text))
	return message{body, dump, tokenize(body)}
}

// readInto is read into a reading that may have been used for another message.
func (r *reader) readInto(rd *reading, msg message, known vocabulary) {
	r.parse(rd, msg, known)
	rd.hits = r.patterns.find(rd)
	if rd.dump != "" {
		dump := new(reading)
		r.parse(dump, newMessage(rd.dump), known)
		rd.hits = strongest(rd.hits, r.patterns.find(dump))
	}
	for i := range rd.hits {
		h := &rd.hits[i]
		rd.features = append(rd.features, feature{hash32('h', h.pattern.ID, ""), hitValue * h.strength}, feature{hash32('c', h.pattern.Cause, ""), hitValue * h.strength})
	}
}

// parse is readInto without the error patterns.
func (r *reader) parse(rd *reading, msg message, known vocabulary) {
	r.prepare(nil)
	rd.reset()
	rd.dump, rd.clean = msg.dump, msg.body
	rd.lang = language(msg.toks)
	rd.toks, rd.ents = r.names.entitiesInto(rd.toks, splitContrast(msg.toks), known)
	r.splitCompounds(rd, known)
	if msg.dump != "" {
		_, more := r.names.findEntities(tokenize(msg.dump), known)
		rd.ents.merge(&more)
	}
	r.correct(rd.toks, known)
	r.concepts(rd)
	r.strangers(rd, known)
	r.derive(rd)
	r.fire(rd)
	r.listFeatures(rd)
}

// reset empties a reading but keeps its memory: thousands of messages are read
// one after the other when a model is trained.
func (rd *reading) reset() {
	*rd = reading{
		toks: rd.toks[:0], clauses: rd.clauses[:0], clauseOf: rd.clauseOf[:0], starts: rd.starts[:0],
		frame: rd.frame[:0], features: rd.features[:0], fired: rd.fired[:0],
	}
}

// sized returns n zero values in the memory of s, which grows where it must.
func sized[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

func splitContrast(toks []token) []token {
	if !slices.ContainsFunc(toks, func(t token) bool { return t.kind == word && contrast[t.text] }) {
		return toks
	}
	out := make([]token, 0, len(toks)+4)
	for _, t := range toks {
		if t.kind == word && contrast[t.text] && len(out) > 0 && out[len(out)-1].kind != boundary {
			out = append(out, token{kind: boundary, text: "|"})
		}
		out = append(out, t)
	}
	return out
}

// merge adds what a log dump names after what the message itself names.
func (e *entities) merge(o *entities) {
	far := func(ms []mention) []mention {
		for i := range ms {
			ms[i].pos = 1 << 20
		}
		return ms
	}
	e.providers = append(e.providers, far(o.providers)...)
	e.protocols = append(e.protocols, far(o.protocols)...)
	e.codes = append(e.codes, o.codes...)
	e.hosts = append(e.hosts, o.hosts...)
	e.ports = append(e.ports, o.ports...)
}

// concepts fills text, clauses and all.
func (r *reader) concepts(rd *reading) {
	var b strings.Builder
	b.Grow(len(rd.toks) * 7)
	b.WriteByte(' ')
	rd.starts, rd.clauseOf = sized(rd.starts, len(rd.toks)), sized(rd.clauseOf, len(rd.toks))
	starts := rd.starts
	clause := 0
	for i := range rd.toks {
		starts[i] = b.Len() - 1 // of the blank in front
		rd.clauseOf[i] = clause
		if rd.toks[i].kind == boundary {
			clause++
		}
		b.WriteString(rd.toks[i].text)
		b.WriteByte(' ')
	}
	rd.text = b.String()
	rd.clauses = sized(rd.clauses, clause+1)
	rd.frame = sized(rd.frame, len(rd.toks))
	l := r.lex
	l.words.find(rd.text, func(value, start, end int) {
		i, _ := slices.BinarySearch(starts, start+1)
		if i > 0 && (i == len(starts) || starts[i] > start) {
			i--
		}
		rd.clauses[rd.clauseOf[i]].add(value)
		if r.isFrame[value] {
			for j := i; j < len(starts) && starts[j] < end-1; j++ {
				rd.frame[j] = true
			}
		}
	})
	for i := range rd.toks {
		if rd.toks[i].kind != boundary && !rd.frame[i] {
			rd.words++
		}
	}
	r.entityConcepts(rd)
	rd.receives = make([]bool, len(rd.clauses))
	for i := range rd.clauses {
		rd.receives[i] = rd.clauses[i].has(r.lex.ids["receive"])
		rd.all.or(&rd.clauses[i])
	}
}

// derive adds the concepts that rules derive from others.
func (r *reader) derive(rd *reading) {
	l := r.lex
	for i := range l.derive {
		d := &l.derive[i]
		if !d.clause {
			if d.holds(&rd.all) {
				rd.all.add(d.target)
			}
			continue
		}
		for c := range rd.clauses {
			if d.holds(&rd.clauses[c]) {
				rd.clauses[c].add(d.target)
				rd.all.add(d.target)
			}
		}
	}
}

// fire lists the rules that hold.
func (r *reader) fire(rd *reading) {
	may := r.lex.always
	rd.all.each(func(c int) {
		for i, w := range r.lex.opens[c] {
			may[i] |= w
		}
	})
	for i, w := range may {
		for ; w != 0; w &= w - 1 {
			n := i*64 + bits.TrailingZeros64(w)
			u := &r.lex.rules[n]
			ok := !u.clause && u.holds(&rd.all)
			for c := 0; u.clause && !ok && c < len(rd.clauses); c++ {
				ok = u.holds(&rd.clauses[c])
			}
			if ok {
				rd.fired = append(rd.fired, int32(n))
			}
		}
	}
}

// strangers sets how many content words no message about mail set-up holds:
// "TeamSpeak won't connect" differs from "Outlook won't connect" by that alone.
func (r *reader) strangers(rd *reading, known vocabulary) {
	if known == nil {
		return
	}
	for i := range rd.toks {
		t := &rd.toks[i]
		switch {
		case t.kind != word || t.entity || rd.frame[i] || len(t.text) <= 2 || langWords[t.text] != "":
		case known.is(t.text, ofScope) || r.lex.isMail(t.text):
			rd.known++
		default:
			rd.strange++
		}
	}
	rd.all.add(r.id.strange[min(rd.strange, len(r.id.strange)-1)])
}

// entityConcepts sets the concepts that entities stand for.
func (r *reader) entityConcepts(rd *reading) {
	at := func(m mention) *bitset {
		if m.pos >= len(rd.clauseOf) {
			return &rd.all
		}
		return &rd.clauses[rd.clauseOf[m.pos]]
	}
	for i, m := range rd.ents.providers {
		b := at(m)
		b.add(r.id.provider)
		if i == 0 {
			for _, c := range r.providerConcepts(m.id) {
				b.add(c)
			}
		}
	}
	for _, m := range rd.ents.clients {
		at(m).add(r.id.client)
		if c, ok := r.clientConcept[m.id]; ok {
			at(m).add(c)
		}
	}
	for _, m := range rd.ents.protocols {
		if m.host || !m.named {
			continue
		}
		at(m).add(r.id.protocol[m.id])
	}
	for i := range rd.toks {
		b := &rd.clauses[rd.clauseOf[i]]
		switch rd.toks[i].kind {
		case host:
			b.add(r.id.host)
		case address:
			b.add(r.id.address)
		case code:
			b.add(r.id.code)
		case url:
			b.add(r.id.url)
		}
	}
	if len(rd.ents.ports) > 0 {
		rd.all.add(r.id.port)
	}
	if refusedLogin(rd.ents.codes) {
		rd.all.add(r.id.refused)
	}
	if p := spoken(rd.clean); p != "" {
		rd.all.add(r.id.line[p])
		if len(rd.ents.protocols) == 0 {
			rd.ents.protocols = append(rd.ents.protocols, mention{id: p, host: true})
		}
	}
	if rd.words <= 4 {
		rd.all.add(r.id.short)
	}
	if isBare(rd) {
		rd.all.add(r.id.bare)
	}
	if isQuestion(rd) {
		rd.all.add(r.id.question)
	}
}

// isBare reports whether a message is a name alone: "gmx", or the answer to a
// question for the program.
func isBare(rd *reading) bool {
	names := 0
	for i := range rd.toks {
		t := &rd.toks[i]
		switch {
		case t.entity || t.kind == address || t.kind == host:
			names++
		case t.kind != boundary && !rd.frame[i]:
			return false
		}
	}
	return names > 0
}

var questionWords = set("wie was wo warum wieso weshalb welche welcher welches welchen wer woran kann konnte gibt muss soll how what where why which who can could is are does do should whats gibts kennt weiss wann when wozu wofur")

// isQuestion reports whether a message asks: by a question mark or by its first word.
func isQuestion(rd *reading) bool {
	first := true
	for i := range rd.toks {
		t := &rd.toks[i]
		if t.kind == boundary {
			if strings.Contains(t.raw, "?") {
				return true
			}
			first = true
			continue
		}
		if rd.frame[i] {
			continue
		}
		if first && questionWords[t.text] {
			return true
		}
		first = false
	}
	return false
}

// How much the kinds of features count beside each other, by cross-validation:
// words and pairs of them, pieces of words, concepts, pairs of concepts, rules
// that hold, error patterns found.
const (
	pairValue    = 0.7
	pieceValue   = 0.5
	conceptValue = 1.2
	bothValue    = 1.1
	ruleValue    = 0.7
	hitValue     = 0.3
)

// Pieces are taken of words of at least minPieced letters; they tell of
// compounds, endings and typing errors what the stem does not.
const (
	pieceSize = 4
	minPieced = 5
)

// listFeatures lists what the classifiers see: words and pairs of words
// outside the frame, pieces of words, concepts, pairs of concepts within a
// clause, and the rules that hold.
func (r *reader) listFeatures(rd *reading) {
	f := slices.Grow(rd.features[:0], 8*len(rd.toks)+96)
	prev := ""
	n := 0
	for i := range rd.toks {
		t := &rd.toks[i]
		if t.kind == boundary || rd.frame[i] {
			prev = ""
			continue
		}
		w := stem(t.text)
		if t.kind == code {
			w = t.raw // each code says something else
		}
		value := r.wordValue(w)
		f = append(f, feature{hash32('w', w, ""), value})
		if t.kind == word && len(t.text) >= minPieced && t.text[0] != '@' {
			f = appendPieces(f, t.text, pieceValue*value)
		}
		if prev != "" {
			f = append(f, feature{hash32('b', prev, w), pairValue})
		}
		prev = w
		n++
	}
	level(f, 1/sqrt32(float32(max(n, 3))), true)
	words := len(f)
	rd.all.each(func(c int) {
		f = append(f, feature{uint32(c)*2654435761 + 17, 1})
	})
	level(f[words:], conceptValue/sqrt32(float32(max(len(f)-words, 4))), false)
	pairs := len(f)
	f = r.conceptPairs(rd, f)
	level(f[pairs:], bothValue/sqrt32(float32(max(len(f)-pairs, 8))), false)
	rules := len(f)
	for _, i := range rd.fired {
		f = append(f, feature{uint32(i)*40503001 + 7, 1})
	}
	level(f[rules:], ruleValue/sqrt32(float32(max(len(f)-rules, 4))), false)
	rd.features = f
}

// level scales the values of features, or sets them.
func level(f []feature, value float32, scale bool) {
	for i := range f {
		if scale {
			f[i].value *= value
		} else {
			f[i].value = value
		}
	}
}

// appendPieces appends the runs of pieceSize letters of a word, its borders included.
func appendPieces(f []feature, w string, value float32) []feature {
	var room [maxPieced + 2]byte
	b := append(append(append(room[:0], '<'), w[:min(len(w), maxPieced)]...), '>')
	for i := 0; i+pieceSize <= len(b); i++ {
		h := uint32(2166136261) ^ 'g'
		for _, c := range b[i : i+pieceSize] {
			h = (h ^ uint32(c)) * 16777619
		}
		f = append(f, feature{h, value})
	}
	return f
}

// maxPieced bounds the length of a word that is cut into pieces.
const maxPieced = 30

// conceptPairs appends the pairs of concepts that stand in one clause.
func (r *reader) conceptPairs(rd *reading, f []feature) []feature {
	start := len(f)
	var ids [48]int
	for c := range rd.clauses {
		n := 0
		rd.clauses[c].each(func(id int) {
			if n < len(ids) {
				ids[n] = id
				n++
			}
		})
		for i := range n {
			for j := i + 1; j < n; j++ {
				f = append(f, feature{uint32(ids[i]*maxConcepts+ids[j])*2246822519 + 101, 1})
			}
		}
		if len(f)-start > 1200 {
			break
		}
	}
	return f
}

// stem cuts a folded word so that its usual endings fall away.
func stem(w string) string {
	if len(w) > 7 {
		return w[:7]
	}
	if len(w) > 4 {
		for _, s := range [...]string{"en", "er", "es", "em", "ed", "e", "s", "n", "t"} {
			if strings.HasSuffix(w, s) && len(w)-len(s) >= 4 {
				return w[:len(w)-len(s)]
			}
		}
	}
	return w
}

func hash32(kind byte, a, b string) uint32 {
	h := uint32(2166136261)
	h = (h ^ uint32(kind)) * 16777619
	for i := range len(a) {
		h = (h ^ uint32(a[i])) * 16777619
	}
	h = (h ^ ' ') * 16777619
	for i := range len(b) {
		h = (h ^ uint32(b[i])) * 16777619
	}
	return h
}
