package match

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
	for i := range us {
		rds[i] = r.read(us[i].text)
	}
	return r.fitClasses("cause:", us, rds, func(u utterance) string { return u.topic }, nil)
}
