package match

import "slices"

// fitCauses trains the classifier of pasted error texts on the phrases of the
// error patterns.
func (r *reader) fitCauses() *linear {
	var us []utterance
	for _, e := range r.book.Facts().Errors {
		for _, p := range e.Phrases {
			us = append(us, utterance{text: p, topic: e.Cause})
		}
	}
	rds := make([]*reading, len(us))
	parallel(len(us), func(i int) { rds[i] = r.parse(us[i].text, nil) })
	return r.fitClasses("cause:", us, rds, func(u utterance) string { return u.topic }, nil, 2)
}

// How strongly a pattern speaks for its topic and for its cause, in log-odds.
const (
	hitTopic  = 2.5
	codeTopic = 4.5 // a code names its topic better than a wording
	hitCause  = 6.0
)

func byTopic(h *patternHit) (string, float32) {
	if h.code {
		return h.topic, codeTopic
	}
	return h.topic, hitTopic
}

func byCause(h *patternHit) (string, float32) { return h.pattern.Cause, hitCause }

// addHits adds the votes of the patterns found to the scores of their classes;
// several patterns of one class count once, by the strongest.
func addHits(hits []patternHit, classes []string, scores []float32, by func(*patternHit) (string, float32)) {
	var done [8]int
	n := 0
	for i := range hits {
		class, weight := by(&hits[i])
		j, ok := slices.BinarySearch(classes, class)
		if !ok || slices.Contains(done[:n], j) {
			continue
		}
		done[n] = j
		n++
		scores[j] += weight * hits[i].strength
	}
}
