package eval

import (
	"fmt"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
)

// folds is how many shares the utterances are held out in.
const folds = 4

// HeldOut returns the utterances of a book as cases, and what models say of
// them that were trained without them. Utterances are not labelled with
// provider, protocol and program.
func HeldOut(book *knowledge.Book) ([]Case, []Prediction) {
	held := match.CrossValidate(book, folds)
	cases, preds := make([]Case, len(held)), make([]Prediction, len(held))
	for i, h := range held {
		id := fmt.Sprintf("u%d", i+1)
		cases[i] = Case{ID: id, Text: h.Text, Lang: h.Lang, Intent: h.Kind, Topic: topicLabel(h.Topic), NoSlots: true}
		preds[i] = Predict(id, h.Intent)
	}
	return cases, preds
}
