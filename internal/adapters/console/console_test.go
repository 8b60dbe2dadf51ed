package console

import (
	"bytes"
	"context"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func echo(_ context.Context, m bot.Message) iter.Seq[bot.Answer] {
	return func(yield func(bot.Answer) bool) {
		if m.Text == "silence" {
			return
		}
		for i, s := range []string{"working", "done: " + m.Text} {
			if !yield(bot.Answer{Partial: i == 0, Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(bot.T(s))}}}) {
				return
			}
		}
	}
}

func TestPipe(t *testing.T) {
	long := strings.Repeat("x", maxLine+100)
	for _, c := range []struct{ in, want string }{
		{"one\ntwo\n", "done: one\n\ndone: two\n\n"},
		{"no line feed", "done: no line feed\n\n"},
		{"windows\r\n\n  \nsilence\nnext\n", "done: windows\n\ndone: next\n\n"},
		{"", ""},
		{long + "\nafter\n", "done: " + long[:maxLine] + "\n\ndone: after\n\n"},
	} {
		var out bytes.Buffer
		con := &Console{In: strings.NewReader(c.in), Out: &out, Now: time.Now}
		if err := con.Run(t.Context(), echo); err != nil {
			t.Error(err)
		}
		if out.String() != c.want {
			t.Errorf("%.20q: got %.80q, want %.80q", c.in, out.String(), c.want)
		}
	}
}

func TestPipeEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	if err := (&Console{In: strings.NewReader("one\n"), Out: &out, Now: time.Now}).Run(ctx, echo); err != nil || out.Len() > 0 {
		t.Errorf("%v, %q", err, &out)
	}
}
