package match

import (
	"iter"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Held is an utterance as a model understands it that was trained without it.
type Held struct {
	Text, Topic, Kind string // as labelled; Topic is "" for other subjects and smalltalk
	Lang              knowledge.Lang
	Intent            knowledge.Intent
}

// CrossValidate trains as many models as there are folds, each without one
// share of the utterances of the book and of other subjects, and has that share
// read by it. Which utterance belongs to which fold depends on its text alone.
// It is the figure for wordings that nobody has taught; those of labelled files
// are better where their authors have read the utterances.
func CrossValidate(book *knowledge.Book, folds int) []Held {
	var out []Held
	for train, test := range split(utterances(book), folds) {
		m := New(book)
		m.SetModel(m.reader.trainOn(train))
		for _, u := range test {
			h := Held{Text: u.text, Topic: u.topic, Kind: u.intent, Lang: u.lang, Intent: m.Match(u.text, Context{})}
			if h.Topic == outOfScope || h.Topic == smalltalk {
				h.Topic = ""
			}
			out = append(out, h)
		}
	}
	return out
}

// split yields the utterances of each fold after those of all others.
func split(all []utterance, folds int) iter.Seq2[[]utterance, []utterance] {
	return func(yield func(train, test []utterance) bool) {
		for f := range folds {
			var train, test []utterance
			for _, u := range all {
				if int(hash32('f', u.text, "")>>3)%folds == f {
					test = append(test, u)
				} else {
					train = append(train, u)
				}
			}
			if !yield(train, test) {
				return
			}
		}
	}
}
