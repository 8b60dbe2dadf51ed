package bot

import (
	"slices"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

func TestAsMeant(t *testing.T) {
	v := &view{lang: "en"}
	body := Paragraph{Spans(T("the servers"))}
	said := Paragraph{Spans(T(v.say("domain.meant", "typed", "outlok.com", "meant", "outlook.com")))}
	for _, c := range []struct {
		in   knowledge.Intent
		have []Block
		want []Block
	}{
		{knowledge.Intent{Misspelt: "outlok.com", Meant: "outlook.com"}, []Block{Heading{"Title"}, body}, []Block{Heading{"Title"}, said, body}},
		{knowledge.Intent{Misspelt: "outlok.com", Meant: "outlook.com"}, []Block{body}, []Block{said, body}},
		{knowledge.Intent{Misspelt: "outlok.com", Meant: "outlook.com"}, nil, []Block{said}},
		{knowledge.Intent{}, []Block{body}, []Block{body}},
	} {
		before := slices.Clone(c.have)
		var got Answer
		v.asMeant(c.in, func(a Answer) bool { got = a; return true })(Answer{Blocks: c.have})
		if textOf(got.Blocks) != textOf(c.want) || textOf(c.have) != textOf(before) {
			t.Errorf("%v: %v, want %v", c.in.Misspelt, got.Blocks, c.want)
		}
	}
}
