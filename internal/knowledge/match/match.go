package match

import (
	"cmp"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Context is what the thread has already told; empty fields are unknown.
type Context struct {
	Provider, Domain, Client, Protocol, Topic, Cause string
	Lang                                             knowledge.Lang
	Addressed                                        bool // the bot was spoken to: a command, a mention, a direct message
	Explain                                          bool // fill Intent.Evidence
}

// Matcher reads messages against one Book. It is safe for concurrent use.
type Matcher struct {
	reader *reader
	once   sync.Once
	model  *Model
	scorer *scorer
	load   func() []byte
	save   func([]byte)
}

// New returns a Matcher for book. It is cheap: the model is trained when the
// first message needs it, unless SetModel came first.
func New(book *knowledge.Book) *Matcher { return &Matcher{reader: newReader(book)} }

// SetModel gives the matcher a model trained earlier on the same book. It has
// no effect once a message has been classified.
func (m *Matcher) SetModel(model *Model) {
	m.once.Do(func() { m.use(model) })
}

// Keep lets the matcher fetch its encoded model instead of training it, and
// hand over one that it had to train. load may return nil. Both are called at
// most once, when the first message needs the model; Keep comes before that.
func (m *Matcher) Keep(load func() []byte, save func([]byte)) { m.load, m.save = load, save }

// Model returns the model: fetched if possible, else trained now.
func (m *Matcher) Model() *Model {
	m.once.Do(func() {
		if m.load == nil {
			m.use(m.reader.train())
			return
		}
		if model, err := Decode(m.load()); err == nil {
			m.use(model)
			return
		}
		model := m.reader.train()
		debug.FreeOSMemory() // training takes several times what the model needs
		m.use(model)
		m.save(model.Encode())
	})
	return m.model
}

func (m *Matcher) use(model *Model) {
	m.reader.prepare(model.stems)
	m.model = model
	m.scorer = newScorer(m.reader, model)
}

// Match reads one message.
func (m *Matcher) Match(text string, ctx Context) knowledge.Intent {
	if in, ok := m.reader.command(text, ctx); ok {
		return in
	}
	if in, ok := m.reader.continued(text, ctx); ok {
		return in
	}
	m.Model()
	rd := m.reader.read(text, m.model.words)
	return m.scorer.decide(rd, ctx)
}

// scorer turns readings into intents.
type scorer struct {
	*reader
	model                               *Model
	topicRules, intentRules, causeRules []int
	out, small                          int
	usual                               map[string][]float32 // topic -> log-odds of its intents
	weights                             []float64            // of the signs of confidence
}

func newScorer(r *reader, m *Model) *scorer {
	weights, err := newConfidence(confidenceData)
	if err != nil {
		panic(err) // part of the program, and read by a test
	}
	return &scorer{
		weights: weights, reader: r, model: m, usual: usualIntents(r.book, intents),
		topicRules:  r.ruleTargets("topic:", m.topics()),
		intentRules: r.ruleTargets("intent:", intents),
		causeRules:  r.ruleTargets("cause:", m.cause.heads[0]),
		out:         slices.Index(m.topics(), outOfScope),
		small:       slices.Index(m.topics(), smalltalk),
	}
}

// scored is a reading with the probabilities of all classes.
type scored struct {
	*reading
	topics, kinds []float32 // sum to 1
	near          []float32 // their shares among the nearest utterances
	nearest       int       // how many these are
	best, second  int       // topics, the best two
	rules         float32   // what the rules say for the best topic, in log-odds
}

func (s *scorer) score(rd *reading) *scored {
	c := &scored{reading: rd}
	names := s.model.topics()
	scores := make([]float32, s.model.text.width)
	for _, o := range hitOffsets(s.ruleOffsets(nil, rd, s.topicRules, 0), rd.hits, names, byTopic) {
		scores[o.class] += o.g
	}
	said := slices.Clone(scores[:len(names)])
	for _, o := range s.ruleOffsets(nil, rd, s.intentRules, len(names)) {
		scores[o.class] += o.g
	}
	s.model.text.score(rd.features, scores)
	c.topics, c.kinds = scores[:len(names)], scores[len(names):]
	s.veto(rd, s.topicRules, c.topics)
	softmax(c.topics)
	softmax(c.kinds)
	c.near = make([]float32, len(c.topics))
	c.nearest = s.model.near.look(s.stemsOf(make([]feature, 0, len(rd.toks)), rd), c.near)
	blend(c.topics, c.near, s.silent)
	c.best, c.second = top2(c.topics)
	c.rules = said[c.best]
	return c
}

// silent reports whether a topic stands for silence.
func (s *scorer) silent(topic int) bool { return topic == s.out || topic == s.small }

// decide chooses between answer, question and silence.
func (s *scorer) decide(rd *reading, ctx Context) knowledge.Intent {
	c := s.score(rd)
	in := knowledge.Intent{Lang: pickLang(rd.lang, ctx.Lang), Foreign: rd.lang == neither, Topic: s.model.topics()[c.best]}
	in.Confidence = s.confidence(c)
	if !s.silent(c.best) {
		in.Kind = s.kind(c)
	}
	s.entityFields(rd, &in)
	if s.silent(c.best) {
		in.Kind, in.Topic = in.Topic, ""
		if ctx.Addressed {
			s.askAnyway(c, &in)
		}
	} else {
		s.answerOrAsk(c, &in, ctx)
		if !in.Clarify && !ctx.Addressed && s.elsewhere(c, in.Confidence) {
			in.Kind, in.Topic, in.Reply = outOfScope, "", false
		}
	}
	s.nameCause(c, &in)
	s.followUp(c, &in, ctx)
	fromThread(&in, ctx)
	if in.Foreign && !ctx.Addressed {
		in.Reply, in.Clarify = false, false
	}
	if ctx.Explain {
		in.Evidence = append(in.Evidence, s.explain(c, &in, ctx)...)
	}
	return in
}

// elsewhere reports whether a message without any word about mail is more
// likely about something else: long ones need more than short ones, which may
// be a pasted error.
func (s *scorer) elsewhere(c *scored, confidence float64) bool {
	if !slices.ContainsFunc(c.toks, func(t token) bool { return t.kind == word || t.kind == code || t.kind == host || t.kind == address }) {
		return true // numbers and signs alone
	}
	if s.aboutMail(c) {
		return false
	}
	return confidence < replyFrom || confidence < replyOutside && c.words > 8
}

// answerOrAsk sets Reply and Clarify of a message that is in scope. Who names a
// program that has ended is not asked: its end is the answer.
func (s *scorer) answerOrAsk(c *scored, in *knowledge.Intent, ctx Context) {
	vague, need := s.vague(c), s.needed(c)
	switch {
	case strings.HasSuffix(in.Topic, "-generic") && in.Confidence < askBelow && vague >= vagueFrom && !s.has(c, "c_legacy") && (ctx.Addressed || in.Confidence >= askFrom && s.aboutMail(c)):
		in.Clarify = true
	case in.Confidence >= need || ctx.Addressed && (in.Confidence >= addressedFrom || s.has(c, "c_legacy")):
		in.Reply = true
	case ctx.Addressed:
		in.Clarify = true
	}
}

// needed is the confidence that an answer to nobody in particular needs.
func (s *scorer) needed(c *scored) float64 {
	if !s.aboutMail(c) {
		return replyOutside
	}
	return replyFrom
}

// aboutMail reports whether a word of the message is about mail, or its words
// together say what only happens to mail.
func (s *scorer) aboutMail(c *scored) bool {
	return c.all.has(s.lex.ids["mailish"]) || c.rules >= clearRules
}

// askAnyway asks back in a direct message that may be about mail after all.
func (s *scorer) askAnyway(c *scored, in *knowledge.Intent) {
	best := -1
	for i, p := range c.topics {
		if !s.silent(i) && (best < 0 || p > c.topics[best]) {
			best = i
		}
	}
	if best < 0 || c.topics[best] < addressedAsk || !c.all.has(s.lex.ids["mailish"]) {
		return
	}
	in.Kind, in.Topic, in.Clarify = s.kind(c), s.model.topics()[best], true
}

// vague is the share of the topics that say no more than that mail does not
// come or go.
func (s *scorer) vague(c *scored) float32 {
	sum := float32(0)
	for i, t := range s.model.topics() {
		if strings.HasSuffix(t, "-generic") {
			sum += c.topics[i]
		}
	}
	return sum
}

// kind returns the most likely kind of a message that is in scope.
func (s *scorer) kind(c *scored) string {
	k := -1
	usual := s.usual[s.model.topics()[c.best]]
	best := float32(0)
	for i, name := range intents {
		if name == outOfScope || name == smalltalk {
			continue
		}
		p := float32(math.Log(float64(c.kinds[i]) + 1e-6))
		if usual != nil {
			p += usual[i]
		}
		if k < 0 || p > best {
			k, best = i, p
		}
	}
	return intents[k]
}

// usualWeight is how much the usual intents of a topic count beside the
// wording of the message; by cross-validation.
const usualWeight = 0.35

// usualIntents counts which intents the utterances of each topic have.
func usualIntents(book *knowledge.Book, classes []string) map[string][]float32 {
	count := map[string][]float32{}
	for _, u := range bookUtterances(book) {
		if count[u.topic] == nil {
			count[u.topic] = make([]float32, len(classes))
		}
		if i := slices.Index(classes, u.intent); i >= 0 {
			count[u.topic][i]++
		}
	}
	for _, c := range count {
		for i, n := range c {
			c[i] = usualWeight * float32(math.Log(float64(n)+0.5))
		}
	}
	return count
}

// wholeText is the strength from which on a pattern counts as the error text
// itself rather than as words in common with it.
const wholeText = 0.8

// entityFields fills provider, program, protocol and code.
func (s *scorer) entityFields(rd *reading, in *knowledge.Intent) {
	ok := s.okClause(rd)
	in.Provider = rd.ents.provider(ok)
	in.Domain = cmp.Or(firstOf(rd.ents.domains), s.names.homeOf(in.Provider))
	in.Misspelt, in.Meant = rd.ents.misspelt, rd.ents.meant
	program := s.program(rd, ok)
	in.Client, in.ClientName = program.id, program.name
	in.ErrorCode = firstOf(rd.ents.codes)
	in.Protocol = mailconf.Protocol(s.protocol(rd, in, ok))
	s.fromPatterns(rd, in)
}

// okClause tells whether the clause of a token says that things work there.
func (s *scorer) okClause(rd *reading) func(int) bool {
	works, bad, fine := s.lex.ids["works"], s.lex.ids["bad"], s.lex.ids["fine"]
	return func(pos int) bool {
		if pos >= len(rd.clauseOf) {
			return false
		}
		c := &rd.clauses[rd.clauseOf[pos]]
		return c.has(fine) || c.has(works) && !c.has(bad)
	}
}

func top2(p []float32) (best, second int) {
	second = -1
	for i := range p {
		switch {
		case p[i] > p[best]:
			best, second = i, best
		case i != best && (second < 0 || p[i] > p[second]):
			second = i
		}
	}
	return best, max(second, 0)
}

// surePhrase is how near a phrase must be to name the provider whose server
// speaks like that: loose wordings are everybody's.
const surePhrase = 0.9

// fromPatterns takes provider and program from an error text that only they show.
func (s *scorer) fromPatterns(rd *reading, in *knowledge.Intent) {
	for _, h := range rd.hits {
		if h.strength < 0.6 {
			continue
		}
		if in.Client == "" && h.code && h.pattern.Client != "" {
			in.Client = h.pattern.Client
		}
		if in.Provider == "" && h.pattern.Provider != "" && (h.code || h.strength >= surePhrase && h.topic == in.Topic) {
			in.Provider = h.pattern.Provider
		}
		if in.Protocol == "" && len(rd.ents.protocols) == 0 && h.pattern.Protocol != "" && h.code && (h.listed || h.topic == in.Topic) {
			in.Protocol = mailconf.Protocol(h.pattern.Protocol)
		}
	}
}
