package match

import (
	"fmt"
	"slices"
	"sync"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Context is what the thread has already told; empty fields are unknown.
type Context struct {
	Provider, Domain, Client, Protocol, Topic, Cause string
	Lang                                             knowledge.Lang
	Addressed                                        bool // the bot was spoken to: a command, a mention, a direct message
}

// Matcher reads messages against one Book. It is safe for concurrent use.
type Matcher struct {
	reader *reader
	once   sync.Once
	model  *Model
	scorer *scorer
}

// New returns a Matcher for book. It is cheap: the model is trained when the
// first message needs it, unless SetModel came first.
func New(book *knowledge.Book) *Matcher { return &Matcher{reader: newReader(book)} }

// SetModel gives the matcher a model trained earlier on the same book. It has
// no effect once a message has been classified.
func (m *Matcher) SetModel(model *Model) {
	m.once.Do(func() { m.use(model) })
}

// Model returns the trained model, training it now if need be.
func (m *Matcher) Model() *Model {
	m.once.Do(func() { m.use(m.reader.train()) })
	return m.model
}

func (m *Matcher) use(model *Model) {
	m.model = model
	m.scorer = newScorer(m.reader, model)
}

// Match reads one message.
func (m *Matcher) Match(text string, ctx Context) knowledge.Intent {
	if in, ok := m.reader.command(text, ctx); ok {
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
	pool                                sync.Pool
}

func newScorer(r *reader, m *Model) *scorer {
	return &scorer{
		reader: r, model: m,
		topicRules:  r.ruleTargets("topic:", m.topic.classes),
		intentRules: r.ruleTargets("intent:", m.intent.classes),
		causeRules:  r.ruleTargets("cause:", m.cause.classes),
		out:         slices.Index(m.topic.classes, outOfScope),
		small:       slices.Index(m.topic.classes, smalltalk),
	}
}

// decide scores a reading and chooses between answer, question and silence.
func (s *scorer) decide(rd *reading, ctx Context) knowledge.Intent {
	var evidence []string
	topics := make([]float32, len(s.model.topic.classes))
	s.addRules(rd, s.topicRules, topics, func(u *rule) { evidence = append(evidence, "rule: "+u.source) })
	addHits(rd.hits, s.model.topic.classes, topics, byTopic)
	s.model.topic.score(rd.features, topics)
	softmax(topics)
	best, second := top2(topics)
	kinds := make([]float32, len(s.model.intent.classes))
	s.addRules(rd, s.intentRules, kinds, nil)
	s.model.intent.score(rd.features, kinds)
	softmax(kinds)

	in := knowledge.Intent{Lang: pickLang(rd.lang, ctx.Lang), Confidence: float64(topics[best])}
	in.Topic = s.model.topic.classes[best]
	evidence = append(evidence, fmt.Sprintf("topic: %s %.2f, then %s %.2f", in.Topic, topics[best], s.model.topic.classes[second], topics[second]))
	s.entityFields(rd, &in, ctx)
	if best == s.out || best == s.small {
		in.Kind, in.Topic = in.Topic, ""
		in.Provider, in.Client, in.Protocol = "", "", ""
	} else {
		k := -1
		for i, c := range s.model.intent.classes {
			if c != outOfScope && c != smalltalk && (k < 0 || kinds[i] > kinds[k]) {
				k = i
			}
		}
		in.Kind = s.model.intent.classes[k]
		in.Reply = in.Confidence >= 0.6
		if ctx.Addressed {
			in.Reply = in.Confidence >= 0.3
		}
	}
	in.Cause = s.cause(rd, in.Kind)
	in.Evidence = evidence
	return in
}

// A cause is named from these scores on: the first for messages that speak of
// an error, the second for all others, where only an error text says so.
const (
	causeOfError = 1
	causeOfOther = 4
)

func (s *scorer) cause(rd *reading, kind string) string {
	scores := make([]float32, len(s.model.cause.classes))
	s.addRules(rd, s.causeRules, scores, nil)
	addHits(rd.hits, s.model.cause.classes, scores, byCause)
	s.model.cause.score(rd.features, scores)
	best, _ := top2(scores)
	if scores[best] < causeOfError || kind != "error" && scores[best] < causeOfOther {
		return ""
	}
	return s.model.cause.classes[best]
}

// entityFields fills provider, program, protocol and code.
func (s *scorer) entityFields(rd *reading, in *knowledge.Intent, ctx Context) {
	ok := s.okClause(rd)
	in.Provider = rd.ents.provider(ok)
	in.Domain = firstOf(rd.ents.domains)
	in.Client = pick(rd.ents.clients, ok)
	in.ErrorCode = firstOf(rd.ents.codes)
	in.Protocol = mailconf.Protocol(s.protocol(rd, in))
	s.fromPatterns(rd, in)
	if in.Provider == "" {
		in.Provider, in.Domain = ctx.Provider, ctx.Domain
	}
	if in.Client == "" {
		in.Client = ctx.Client
	}
}

// okClause tells whether the clause of a token says that things work there.
func (s *scorer) okClause(rd *reading) func(int) bool {
	works, bad := s.lex.ids["works"], s.lex.ids["bad"]
	return func(pos int) bool {
		if pos >= len(rd.clauseOf) {
			return false
		}
		c := &rd.clauses[rd.clauseOf[pos]]
		return c.has(works) && !c.has(bad) && !c.has(s.lex.ids["neg"])
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

// sendingTopics imply SMTP when no protocol is named.
var sendingTopics = set("relay-denied sender-address-not-allowed smtp-auth-failed smtp-auth-required smtp-auth-disabled send-failed-generic rate-limit " +
	"spf-dkim-dmarc-reject reverse-dns-missing message-too-large ip-blocked timeout-blocked-port-25 vpn-blocks-smtp")

// protocol returns the protocol that a message names, or implies by sending.
func (s *scorer) protocol(rd *reading, in *knowledge.Intent) string {
	c := s.lex.ids
	if rd.all.has(c["incoming"]) && rd.all.has(c["outgoing"]) || rd.all.has(c["both"]) {
		return ""
	}
	named := rd.ents.protocols
	if p := rd.ents.oneProtocol(); p != "" {
		return p
	}
	if len(named) > 0 {
		return ""
	}
	sends := rd.all.has(c["send"]) && !rd.all.has(c["receive"]) && rd.all.has(c["defect"])
	if sends || rd.all.has(c["onlysend"]) || sendingTopics[in.Topic] {
		return "smtp"
	}
	return ""
}

// fromPatterns takes provider and program from an error text that only they show.
func (s *scorer) fromPatterns(rd *reading, in *knowledge.Intent) {
	for _, h := range rd.hits {
		if h.strength < 0.6 {
			continue
		}
		if in.Client == "" && h.code && h.pattern.Client != "" {
			in.Client = h.pattern.Client
		}
		if in.Provider == "" && h.pattern.Provider != "" {
			in.Provider = h.pattern.Provider
		}
		if in.Protocol == "" && len(rd.ents.protocols) == 0 && h.pattern.Protocol != "" && h.code {
			in.Protocol = mailconf.Protocol(h.pattern.Protocol)
		}
	}
}
