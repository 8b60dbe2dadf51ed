package match

import (
	"slices"
	"strings"
)

// fitCauses trains the classifier of pasted error texts on the phrases of the
// error patterns and on the codes of Windows and Outlook in their usual frame.
func (r *reader) fitCauses() *linear {
	type phrase struct{ text, cause string }
	var ps []phrase
	seen := map[string]bool{}
	for _, e := range r.book.Facts().Errors {
		seen[e.Cause] = true
		for _, p := range e.Phrases {
			ps = append(ps, phrase{p, e.Cause})
		}
		for _, c := range e.Codes { // what stands around a code says little of the cause
			if hexCode(strings.ToLower(c)) != "" {
				ps = append(ps, phrase{"Serverfehler, Fehlernummer: " + c, e.Cause}, phrase{"server error, error number: " + c, e.Cause})
			}
		}
	}
	classes := r.withRules("cause:", seen)
	at := r.ruleTargets("cause:", classes)
	samples := make([]sample, len(ps))
	rooms := newRooms()
	parallel(len(ps), func(i int) {
		room := rooms.Get().(*room)
		defer rooms.Put(room)
		r.parse(&room.reading, newMessage(ps[i].text), nil)
		c, _ := slices.BinarySearch(classes, ps[i].cause)
		room.pulls = r.ruleOffsets(room.pulls[:0], &room.reading, at, 0)
		samples[i] = room.sample(int32(c))
	})
	return trainLinear([][]string{classes}, samples, 1)
}

// How strongly a pattern speaks for its topic and for its cause, in log-odds.
const (
	hitTopic  = 4.5 // of a phrase that stands there word for word
	codeTopic = 6   // a code names its topic better than a wording
	hitCause  = 6.0
	likeCause = 9.0  // of a code that nearly always means one thing
	codeCause = 18.0 // of a code that means one thing alone: more than the words around it can say
)

func byTopic(h *patternHit) (string, float32) {
	if h.code {
		return h.topic, codeTopic
	}
	return h.topic, hitTopic * h.strength // half a phrase is far less than half as good
}

func byCause(h *patternHit) (string, float32) {
	switch {
	case h.listed && h.strength >= 0.9:
		return h.pattern.Cause, codeCause
	case h.listed && h.strength >= wholeCode:
		return h.pattern.Cause, likeCause
	}
	return h.pattern.Cause, hitCause
}

// hitOffsets appends the votes of the patterns found; several patterns of one
// class count once, by the strongest, which comes first.
func hitOffsets(to []pull, hits []patternHit, classes []string, by func(*patternHit) (string, float32)) []pull {
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
		to = append(to, pull{int32(j), weight * hits[i].strength})
	}
	return to
}
