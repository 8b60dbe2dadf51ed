package match

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The decision. A message that nobody addressed to the bot is answered from
// replyFrom on, one without any word about mail from replyOutside on. Vague
// messages about mail that does not come or go are asked back instead when the
// topic itself is less sure than askBelow, provided that the vague topics
// together are at least vagueFrom; unasked not below askFrom. In a direct
// message anything that may be in scope gets an answer or a question.
const (
	replyFrom     = 0.6
	replyOutside  = 0.75 // when no word of the message is about mail
	clearRules    = 3    // log-odds of the rules that do for such a word
	askBelow      = 0.75
	askFrom       = 0.3
	vagueFrom     = 0.7
	addressedFrom = 0.3
	addressedAsk  = 0.12
)

// signNames name the signs that the confidence is computed from, in their order.
var signNames = [...]string{
	"always", "topic", "topic over second", "topic over silence", "mail word", "other subject", "strange words", "strange words without a mail word",
	"rules", "kind in scope", "pattern for it", "pattern for another", "vague", "length", "question",
	"neighbours for it", "neighbours for silence", "no neighbours", "both agree", "known words", "unknown words", "unusual length", "language told",
	"code for it", "about mail", "kind over second", "spread",
}

// signs are what the confidence is computed from.
func (s *scorer) signs(c *scored) []float64 {
	p, q := float64(c.topics[c.best]), float64(c.topics[c.second])
	best := s.model.topics()[c.best]
	mailish, strange := truth(s.has(c, "mailish")), float64(min(c.strange, 3))
	agrees, other, code := patternsFor(c.hits, best)
	near := float64(c.near[c.best])
	nearQuiet := float64(c.near[s.out] + c.near[s.small])
	length := logCount(c.words)
	out := [...]float64{
		1, logit(p), lead(p, q), lead(p, float64(c.topics[s.out]+c.topics[s.small])),
		mailish, truth(s.has(c, "off")), strange, strange * (1 - mailish),
		math.Max(0, math.Min(float64(c.rules), 8)), float64(s.inScope(c)), agrees, other,
		truth(strings.HasSuffix(best, "-generic")), length, truth(s.has(c, "question")),
		near, nearQuiet, truth(c.nearest == 0), truth(c.nearest > 0 && c.near[c.best] >= slices.Max(c.near)),
		logCount(c.known), logCount(c.strange), (length - usualLength) * (length - usualLength), truth(c.lang == "de" || c.lang == "en"),
		code, truth(s.aboutMail(c)), kindLead(c.kinds), spread(c.topics),
	}
	return out[:]
}

// logCount is the logarithm of a count of words; beyond manyWords, of which
// utterances teach nothing, one more says no more.
func logCount(n int) float64 { return math.Log(float64(1 + min(n, manyWords))) }

const manyWords = 60

// usualLength is the logarithm of the words in a usual message.
const usualLength = 2

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (s *scorer) has(c *scored, concept string) bool { return c.all.has(s.lex.ids[concept]) }

// least keeps logarithms of probabilities finite.
const least = 1e-4

func logit(p float64) float64   { return math.Log((p + least) / (1 - p + least)) }
func lead(p, q float64) float64 { return math.Log((p + least) / (q + least)) }

// kindLead is by how much the best kind leads.
func kindLead(kinds []float32) float64 {
	a, b := top2(kinds)
	return math.Log((float64(kinds[a]) + 1e-3) / (float64(kinds[b]) + 1e-3))
}

// spread is the entropy of the topics.
func spread(p []float32) float64 {
	sum := 0.0
	for _, x := range p {
		if x > least {
			sum -= float64(x) * math.Log(float64(x))
		}
	}
	return sum
}

// patternsFor returns the strongest error pattern for a topic and for any
// other, and whether a code speaks for it.
func patternsFor(hits []patternHit, topic string) (agrees, other, code float64) {
	for i := range hits {
		h := &hits[i]
		if h.topic == topic {
			agrees = math.Max(agrees, float64(h.strength))
			code = math.Max(code, truth(h.code))
		} else {
			other = math.Max(other, float64(h.strength))
		}
	}
	return agrees, other, code
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

// confidenceData holds the weights of the signs: a logistic regression on
// readings of utterances by models that were trained without them, where
// messages about other subjects count three times, corrected by 464 labelled
// messages of real people (public support forums; not part of the repository).
// TestConfidence holds that it claims no more than comes true, and fits it again
// when asked to.
//
//go:embed data/confidence.txt
var confidenceData string

// newConfidence reads the weights; the data is part of the program and a test
// reads it.
func newConfidence(data string) ([]float64, error) {
	out := make([]float64, len(signNames))
	seen := 0
	for n, line := range lines(data) {
		name, value, _ := strings.Cut(line, ": ")
		w, err := strconv.ParseFloat(value, 64)
		i := slices.Index(signNames[:], name)
		if err != nil || i < 0 {
			return nil, fmt.Errorf("confidence line %d: want \"sign: weight\"", n)
		}
		out[i] = w
		seen++
	}
	if seen != len(signNames) {
		return nil, fmt.Errorf("confidence: %d weights for %d signs", seen, len(signNames))
	}
	return out, nil
}

// confidence estimates the share of such readings whose topic is right.
func (s *scorer) confidence(c *scored) float64 {
	z := 0.0
	for i, x := range s.signs(c) {
		z += s.weights[i] * x
	}
	return 1 / (1 + math.Exp(-z))
}
