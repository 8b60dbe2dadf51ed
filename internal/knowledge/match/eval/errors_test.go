package eval_test

import (
	"os"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match/eval"
)

// floorCause is the least share of the labelled error texts whose cause is
// found. The texts were written beside the patterns of seed/errors, so they
// guard what is understood today and do not measure unseen texts.
const floorCause = 0.97

// causeLabels is how many causes of error texts there are to tell apart.
const causeLabels = 50

func TestErrorTexts(t *testing.T) {
	const file = "../testdata/errors.jsonl"
	r := evaluate(t, file)
	if got := r.All.Cause.Value(); got < floorCause {
		t.Errorf("cause: %.3f, floor %.3f", got, floorCause)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases, err := eval.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	causes := map[string]bool{}
	for _, c := range cases {
		causes[c.Cause] = true
	}
	if len(cases) < 350 || len(causes) != causeLabels {
		t.Errorf("%d error texts of %d causes", len(cases), len(causes))
	}
}
