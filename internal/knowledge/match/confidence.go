package match

import "math"

// The decision. A message that nobody addressed to the bot is answered from
// replyFrom on, one without any word about mail from replyOutside on. Vague messages about mail that does not come or go are asked
// back instead when the topic itself is less sure than askBelow, provided that
// the vague topics together are at least vagueFrom. In a direct message
// anything that may be in scope gets an answer or a question.
const (
	replyFrom     = 0.66
	replyOutside  = 0.82 // when no word of the message is about mail
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
// held-out folds of the utterances and on the package's own labelled messages.
var confidenceWeights = [...]float64{-0.686, 0.428, 0.404, 0.041, 0.127, -0.287, -0.388, 0.465, -0.158, 0.759}

// confidence estimates the share of such readings whose topic is right.
func (s *scorer) confidence(c *scored) float64 {
	z := 0.0
	for i, x := range s.signs(c) {
		z += confidenceWeights[i] * x
	}
	return 1 / (1 + math.Exp(-z))
}
