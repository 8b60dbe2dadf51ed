package match

import (
	"math"
	"strings"
)

// The decision. A message that nobody addressed to the bot is answered from
// replyFrom on, one without any word about mail from replyOutside on. Vague
// messages about mail that does not come or go are asked back instead when the
// topic itself is less sure than askBelow, provided that the vague topics
// together are at least vagueFrom. In a direct message anything that may be in
// scope gets an answer or a question.
const (
	replyFrom     = 0.55
	replyOutside  = 0.75 // when no word of the message is about mail
	clearRules    = 3    // log-odds of the rules that do for such a word
	askBelow      = 0.75
	vagueFrom     = 0.7
	addressedFrom = 0.3
	addressedAsk  = 0.12
)

// signs are what the confidence is computed from.
func (s *scorer) signs(c *scored) []float64 {
	p, q := float64(c.topics[c.best]), float64(c.topics[c.second])
	quiet := float64(c.topics[s.out] + c.topics[s.small])
	flag := func(concept string) float64 {
		if c.all.has(s.lex.ids[concept]) {
			return 1
		}
		return 0
	}
	strange := flag("strange1") + 2*flag("strange2") + 3*flag("strange3")
	best := s.model.topics()[c.best]
	agrees, other := 0.0, 0.0 // error patterns for the topic, and for another
	for i := range c.hits {
		if h := &c.hits[i]; h.topic == best {
			agrees = math.Max(agrees, float64(h.strength))
		} else {
			other = math.Max(other, float64(h.strength))
		}
	}
	vague := 0.0
	if strings.HasSuffix(best, "-generic") {
		vague = 1
	}
	return []float64{
		1,
		math.Log((p + 1e-4) / (1 - p + 1e-4)),
		math.Log((p + 1e-4) / (q + 1e-4)),
		math.Log((p + 1e-4) / (quiet + 1e-4)),
		flag("mailish"),
		flag("off"),
		strange,
		strange * (1 - flag("mailish")),
		math.Max(0, math.Min(float64(c.rules), 8)),
		float64(s.inScope(c)),
		agrees,
		other,
		vague,
		math.Log(float64(c.words + 1)),
		flag("question"),
	}
}

// inScope is the share of the intent classifier that speaks for an answer.
func (s *scorer) inScope(c *scored) float32 {
	sum := float32(0)
	for i, name := range intents {
		if name != outOfScope && name != smalltalk {
			sum += c.kinds[i]
		}
	}
	return sum
}

// confidenceWeights are the weights of the signs: a logistic regression on
// held-out quarters of the utterances, where messages about other subjects
// count double. In each tenth of the scale the share of right topics on held-out
// utterances is within 0.06 of the confidence.
var confidenceWeights = [...]float64{-0.624, 0.528, 0.214, -0.025, 0.133, -0.371, -0.076, 0.006, -0.125, 1.707, 0.071, -0.225, -0.348, -0.423, 0.264}

// confidence estimates the share of such readings whose topic is right.
func (s *scorer) confidence(c *scored) float64 {
	z := 0.0
	for i, x := range s.signs(c) {
		z += confidenceWeights[i] * x
	}
	return 1 / (1 + math.Exp(-z))
}
