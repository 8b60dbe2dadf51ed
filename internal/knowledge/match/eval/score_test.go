package eval

import (
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

func TestReadRejects(t *testing.T) {
	for _, in := range []string{"{", `{"id":"a"}`, `{"intent":"error"}`, `{"id":"a","intent":"error","accept_faq":"x"}`} {
		if _, err := Read(strings.NewReader(in)); err == nil {
			t.Errorf("%s was read", in)
		}
	}
}

func TestJudge(t *testing.T) {
	cases, err := Read(strings.NewReader(`
{"id":"1","text":"a","lang":"de","intent":"error","faq":"wrong-password","provider":"web.de","protocol":"imap","client":null}
{"id":"2","text":"b","lang":"en","intent":"error","faq":"send-failed-generic"}
{"id":"3","text":"c","lang":"en","intent":"out-of-scope","faq":null}
{"id":"4","text":"d","lang":"en","intent":"settings","faq":"server-data","provider":"gmx"}
{"id":"5","text":"e","lang":"de","cause":"timeout","accept_cause":["timeout","dns-failure"]}
`))
	if err != nil {
		t.Fatal(err)
	}
	preds := []Prediction{
		Predict("1", knowledge.Intent{Kind: "error", Topic: "app-password", Provider: "web-de", Protocol: "imap", Client: "outlook-2010", Reply: true}),
		Predict("2", knowledge.Intent{Kind: "error", Topic: "send-failed-generic", Clarify: true}),
		Predict("3", knowledge.Intent{Kind: "error", Topic: "send-failed-generic", Reply: true}),
		Predict("4", knowledge.Intent{Kind: "settings", Topic: "server-data", Provider: "web-de", Reply: true}),
		Predict("5", knowledge.Intent{Cause: "dns-failure"}),
	}
	f := Score(cases, preds).All
	for _, c := range []struct {
		name string
		got  Share
		want Share
	}{
		{"topic", f.Topic, Share{2, 3}},
		{"siblings", f.TopicFamily, Share{3, 3}},
		{"intent", f.Intent, Share{3, 4}},
		{"precision", f.Precision, Share{0, 3}}, // sibling, other subject, wrong provider
		{"coverage", f.Coverage, Share{1, 3}},   // the welcome question
		{"false replies", f.FalseReplies, Share{1, 1}},
		{"cause", f.Cause, Share{1, 1}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if f.Provider != (Slot{Right: 1, Wrong: 1, Missed: 1}) || f.Client != (Slot{Wrong: 1}) {
		t.Errorf("provider %+v, program %+v", f.Provider, f.Client)
	}
}
