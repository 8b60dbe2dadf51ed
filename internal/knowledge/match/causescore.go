package match

import (
	"math"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// nameCause fills Cause and Quoted, and answers a message whose topic is in
// doubt but whose error text is not: the cause knows its topic.
func (s *scorer) nameCause(c *scored, in *knowledge.Intent) {
	cause, lead := s.cause(c.reading, in.Kind)
	in.Cause = cause
	i := slices.IndexFunc(c.hits, func(h patternHit) bool {
		return h.pattern.Cause == cause && (h.strength >= wholeText || h.listed && h.strength >= likelyCode)
	})
	if i < 0 {
		return
	}
	h := &c.hits[i]
	in.Quoted = h.strength >= wholeText
	if h.topic == "" || !s.saysMail(c) || !certain(h, in, lead) || in.Reply && !s.asLikely(c, h.topic) {
		return
	}
	if in.Clarify && (!h.code || strings.HasSuffix(h.topic, "-generic")) {
		return // which program and which provider are worth a question
	}
	in.Kind, in.Topic, in.Reply, in.Clarify = "error", h.topic, true, false
	in.Confidence = math.Max(in.Confidence, quotedConfidence)
}

// asLikely reports whether the words speak for a topic nearly as much as for
// the best one.
func (s *scorer) asLikely(c *scored, topic string) bool {
	i := slices.Index(s.model.topics(), topic)
	return i >= 0 && c.topics[i] >= nearlyBest*c.topics[c.best]
}

// What a cause needs to be answered although the topic is in doubt: a code of
// wholeCode whose cause leads by codeLead, a lesser code where the topic is
// thought to be the same, or nearly all words of a phrase, with a
// larger lead, in what is an error anyway. quotedConfidence is the share of such
// answers that are right.
const (
	wholeCode        = 0.7
	likelyCode       = 0.5 // enough where the words say the same
	codeLead         = 3
	likelyLead       = 1
	wholePhrase      = 0.9
	phraseLead       = 5
	quotedConfidence = 0.9
	nearlyBest       = 0.1 // of the best topic's probability; with less the words are about something else
)

// certain reports whether a pattern found settles what a message is about; lead
// is how far its cause lies above the next, in log-odds.
func certain(h *patternHit, in *knowledge.Intent, lead float32) bool {
	switch {
	case h.code && h.strength >= wholeCode:
		return lead >= codeLead
	case h.code:
		return lead >= likelyLead && in.Topic == h.topic
	}
	return h.strength >= wholePhrase && lead >= phraseLead && in.Kind == "error"
}

// saysMail reports whether a message is about mail by its words, or speaks like
// a mail server.
func (s *scorer) saysMail(c *scored) bool {
	if c.all.has(s.lex.ids["mailish"]) {
		return true
	}
	for _, id := range s.reader.id.line {
		if c.all.has(id) {
			return true
		}
	}
	return false
}

// A cause is named from these scores on: the first for messages that speak of
// an error, the second for all others, where only an error text says so.
const (
	causeOfError = 1
	causeOfOther = 4
)

// cause returns the cause that a message names, "" for none, and how far its
// score lies above that of the next.
func (s *scorer) cause(rd *reading, kind string) (string, float32) {
	scores, names := make([]float32, s.model.cause.width), s.model.cause.heads[0]
	for _, o := range hitOffsets(s.ruleOffsets(nil, rd, s.causeRules, 0), rd.hits, names, byCause) {
		scores[o.class] += o.g
	}
	said := slices.Clone(scores)
	s.model.cause.score(rd.features, scores)
	giveWay(scores, said, names)
	ofProtocol(scores, names, rd.ents.oneProtocol())
	best, second := top2(scores)
	if scores[best] < causeOfError || kind != "error" && (scores[best] < causeOfOther || rd.lang == neither) {
		return "", 0
	}
	return names[best], scores[best] - scores[second]
}

// vagueCause says only that sending failed. It gives way by vagueStep when rules
// or patterns speak for another cause by at least clearCause, in log-odds.
const (
	vagueCause = "smtp-rejected"
	vagueStep  = 3
	clearCause = 2
)

func giveWay(scores, said []float32, names []string) {
	v, ok := slices.BinarySearch(names, vagueCause)
	if !ok {
		return
	}
	for i, x := range said {
		if i != v && x >= clearCause {
			scores[v] -= vagueStep
			return
		}
	}
}

// ofProtocol gives what speaks for a refused login to the cause of the protocol
// that is named alone: sending has a cause of its own.
func ofProtocol(scores []float32, names []string, protocol string) {
	smtp, found := slices.BinarySearch(names, "smtp-auth-failed")
	any, also := slices.BinarySearch(names, "wrong-credentials")
	if !found || !also || protocol == "" {
		return
	}
	if protocol != "smtp" {
		smtp, any = any, smtp
	}
	scores[smtp], scores[any] = max(scores[smtp], scores[any]), min(scores[smtp], scores[any])
}
