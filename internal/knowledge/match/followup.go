package match

import (
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// followUpWords is how long a message may be to be read as the continuation of
// its thread ("und smtp?", "geht immer noch nicht", "and on the iphone?").
const followUpWords = 8

// A message is a question of its own from this confidence on: aloneFrom for one
// of more than slotWords words, nearAlone for one that hardly holds more than
// a name.
const (
	slotWords = 3
	aloneFrom = 0.7
	nearAlone = 0.85
)

func (s *scorer) standsAlone(c *scored, confidence float64) bool {
	need := nearAlone
	if c.words > slotWords {
		need = aloneFrom
	}
	return confidence >= need && !s.silent(c.best)
}

// followUp reads a short message that says little by itself as a continuation
// of what the thread is about: a new provider, program or protocol replaces the
// old one and the topic stays; "still not working" repeats the topic.
func (s *scorer) followUp(c *scored, in *knowledge.Intent, ctx Context) {
	if ctx.Topic == "" && ctx.Provider == "" || c.words > followUpWords || c.words == 0 || s.standsAlone(c, in.Confidence) {
		return
	}
	if len(c.ents.codes)+len(c.hits) > 0 {
		return // an error of its own
	}
	still := c.all.has(s.lex.ids["still"]) && c.all.has(s.lex.ids["bad"])
	links := c.all.has(s.lex.ids["links"])
	slot := len(c.ents.providers)+len(c.ents.clients)+len(c.ents.protocols)+len(c.ents.ports) > 0
	if !still && !(slot && (links || c.words <= slotWords)) {
		return
	}
	in.Topic, in.Follow = ctx.Topic, knowledge.FollowMore
	if still && !slot {
		in.Follow = knowledge.FollowStill
	}
	if still {
		in.Kind = "error"
	}
	switch {
	case in.Topic == "" || slot && in.Topic == topicSettings:
		in.Topic, in.Kind = topicSettings, "settings"
	case in.Topic == topicTest:
		in.Kind = "test"
	case in.Kind == outOfScope || in.Kind == smalltalk:
		in.Kind = "faq"
	}
	s.entityFields(c.reading, in)
	if still || in.Cause == "" {
		in.Cause = ctx.Cause // so few words name no cause
	}
	in.Reply, in.Clarify, in.Confidence = true, false, max(in.Confidence, 0.7)
	if ctx.Explain {
		in.Evidence = append(in.Evidence, "Read as a continuation of the thread: topic "+in.Topic+".")
	}
}

// fromThread fills what the message leaves open from what the thread told.
func fromThread(in *knowledge.Intent, ctx Context) {
	if in.Kind == outOfScope || in.Kind == smalltalk {
		return
	}
	anew := in.Provider != "" && in.Follow == "" // a full question of its own
	if in.Provider == "" {
		in.Provider = ctx.Provider
		if in.Domain == "" {
			in.Domain = ctx.Domain
		}
	}
	otherClient := in.Client != "" && in.Client != ctx.Client // to be set up as a whole
	if in.Client == "" {
		in.Client = ctx.Client
	}
	if in.Protocol == "" && in.Topic == ctx.Topic && !otherClient && !anew {
		in.Protocol = mailconf.Protocol(ctx.Protocol)
	}
}
