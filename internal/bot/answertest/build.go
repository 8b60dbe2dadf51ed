package answertest

import (
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// FromBytes builds an Answer out of arbitrary bytes for fuzz tests: the first
// bytes choose blocks and kinds of span, text is what they are filled with.
// The same input gives the same Answer.
func FromBytes(shape []byte, text string) bot.Answer {
	b := builder{text: text}
	a := bot.Answer{Lang: "en"}
	if len(shape) > 400 {
		shape = shape[:400]
	}
	for _, c := range shape {
		if c%8 == 7 {
			a.Actions = append(a.Actions, bot.Action{ID: "test", Label: b.piece(c), Value: b.piece(c)})
			continue
		}
		a.Blocks = append(a.Blocks, b.block(c))
	}
	return a
}

type builder struct{ text string }

// piece is the whole text or a part of it, cut without regard to characters.
func (b builder) piece(c byte) string {
	if c&0x80 == 0 || len(b.text) == 0 {
		return b.text
	}
	return b.text[int(c)%len(b.text):]
}

func (b builder) spans(c byte) []bot.Span {
	out := make([]bot.Span, 0, 3)
	for i := range int(c>>3)%3 + 1 {
		out = append(out, bot.Span{Kind: bot.SpanKind((int(c) + i) % 3), Text: b.piece(c)})
	}
	if c&0x40 != 0 {
		out = append(out, bot.Link(b.piece(c), "https://example.org/"+b.piece(c)))
	}
	return out
}

func (b builder) block(c byte) bot.Block {
	t := b.piece(c)
	switch c % 8 {
	case 0:
		return bot.Heading{Text: t}
	case 1:
		return bot.Paragraph{Spans: b.spans(c)}
	case 2:
		row := bot.SettingsRow{Title: t, Host: t, Port: t, Security: t, Username: t, Auth: t, Note: t}
		return bot.Settings{Labels: bot.SettingsLabels{Host: t, Port: t, Security: t, Username: t, Auth: t}, Rows: []bot.SettingsRow{row, row}}
	case 3:
		return bot.Steps{Ordered: c&0x10 != 0, Items: [][]bot.Span{b.spans(c), b.spans(c + 8)}}
	case 4:
		states := []bot.CheckState{bot.CheckRunning, bot.CheckOK, bot.CheckWarn, bot.CheckFail, bot.CheckSkipped}
		return bot.Checks{Rows: []bot.Check{{State: states[int(c>>3)%len(states)], Word: t, Label: t, Detail: b.spans(c), Took: time.Duration(c) * time.Millisecond}}}
	case 5:
		return bot.Hint{Spans: b.spans(c)}
	default:
		return bot.Sources{Label: t, Items: []bot.SourceItem{{Title: t, URL: "https://example.org/" + t, Date: t}}}
	}
}
