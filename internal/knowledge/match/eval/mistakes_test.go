package eval

import (
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

func TestMistakes(t *testing.T) {
	cases, err := Read(strings.NewReader(`
{"id":"1","text":"a","lang":"en","intent":"error","faq":"wrong-password"}
{"id":"2","text":"b","lang":"en","intent":"settings","faq":"server-data","provider":"gmx"}
{"id":"3","text":"c","lang":"en","intent":"error","faq":"send-failed-generic"}
{"id":"4","text":"d","lang":"en","intent":"out-of-scope","faq":null}
{"id":"5","text":"e","lang":"en","intent":"error","faq":"receive-failed-generic","accept_intent":["error","out-of-scope"]}
`))
	if err != nil {
		t.Fatal(err)
	}
	said := func(kind, topic, provider string) knowledge.Intent {
		return knowledge.Intent{Kind: kind, Topic: topic, Provider: provider, Reply: true}
	}
	asked := knowledge.Intent{Kind: "error", Topic: "send-failed-generic", Clarify: true}
	for _, c := range []struct {
		of   int // index of the case
		in   knowledge.Intent
		want mistake
	}{
		{0, said("error", "wrong-password", ""), ""},
		{0, said("error", "app-password", ""), wrongSibling},
		{0, said("error", "mailbox-full", ""), wrongTopic},
		{0, asked, wrongAsk},
		{0, knowledge.Intent{Kind: "error", Topic: "wrong-password"}, tooUnsure},
		{0, knowledge.Intent{Kind: "error", Topic: "mailbox-full"}, quietWrong},
		{0, knowledge.Intent{Kind: "out-of-scope"}, gated},
		{1, said("settings", "server-data", "gmx"), ""},
		{1, said("settings", "server-data", "web-de"), wrongHoster},
		{1, said("settings", "server-data", ""), noHoster},
		{2, asked, ""},
		{3, said("error", "mailbox-full", ""), offTopic},
		{3, asked, offAsked},
		{3, knowledge.Intent{Kind: "smalltalk"}, ""},
		{4, knowledge.Intent{Kind: "out-of-scope"}, ""},
	} {
		v := Judge(cases[c.of], Predict(cases[c.of].ID, c.in))
		if got := v.kind(); got != c.want {
			t.Errorf("case %d, %s %s: %q, want %q", c.of+1, c.in.Kind, c.in.Topic, got, c.want)
		}
	}
}
