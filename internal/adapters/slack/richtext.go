package slack

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Running text is sent as rich_text: its text elements are data, not markup,
// so nothing in them can become a mention, a link or formatting.

// line collects elements of rich text and counts what they show.
type line struct {
	elements []slack.RichTextSectionElement
	size     int
}

func (l *line) text(s string)   { l.add(s, nil) }
func (l *line) strong(s string) { l.add(s, &slack.RichTextSectionTextStyle{Bold: true}) }
func (l *line) code(s string)   { l.add(s, &slack.RichTextSectionTextStyle{Code: true}) }

// add appends text that is already clean. Slack refuses empty elements; plain
// text joins plain text.
func (l *line) add(s string, style *slack.RichTextSectionTextStyle) {
	if s == "" {
		return
	}
	l.size += units(s)
	if n := len(l.elements); n > 0 && style == nil {
		if t, ok := l.elements[n-1].(*slack.RichTextSectionTextElement); ok && t.Style == nil {
			t.Text += s
			return
		}
	}
	l.elements = append(l.elements, slack.NewRichTextSectionTextElement(s, style))
}

func (l *line) link(label, url string) {
	text, target, ok := safeLink(label, url)
	if !ok {
		l.text(text)
		return
	}
	l.size += units(text) + units(target) // Slack may count both
	l.elements = append(l.elements, slack.NewRichTextSectionLinkElement(target, text, nil))
}

// span appends clean text; a link has its own way.
func (l *line) span(kind bot.SpanKind, text string) {
	switch kind {
	case bot.SpanCode:
		l.code(text)
	case bot.SpanStrong:
		l.strong(text)
	default:
		l.text(text)
	}
}

// join appends another line's elements.
func (l *line) join(o line) {
	size := l.size
	for _, e := range o.elements {
		if t, ok := e.(*slack.RichTextSectionTextElement); ok {
			l.add(t.Text, t.Style)
			continue
		}
		l.elements = append(l.elements, e)
	}
	l.size = o.size + size
}

// blank says that the line shows nothing.
func (l *line) blank() bool {
	for _, e := range l.elements {
		t, ok := e.(*slack.RichTextSectionTextElement)
		if !ok || strings.TrimSpace(t.Text) != "" {
			return false
		}
	}
	return true
}

// spanLines lays spans out in as many lines as limit demands, split between
// words where that is possible. It stops when there is more than a message holds.
func spanLines(spans []bot.Span, limit int) []line {
	var out []line
	var cur line
	for _, s := range spans {
		if len(out)*limit > 2*maxMessageText {
			break
		}
		text := clean(fitting(s.Text))
		if s.Kind == bot.SpanLink {
			var l line
			l.link(cut(text, limit/4), s.URL)
			if cur.size > 0 && cur.size+l.size > limit {
				out, cur = append(out, cur), line{}
			}
			cur.join(l)
			continue
		}
		for text != "" {
			room := limit - cur.size
			if room < 40 && room < units(text) {
				out, cur = append(out, cur), line{}
				continue
			}
			var head string
			head, text = splitWords(text, room)
			cur.span(s.Kind, head)
			if text != "" {
				out, cur = append(out, cur), line{}
			}
		}
	}
	out = append(out, cur)
	return dropBlank(out)
}

// fitting spares the work on text that no message could hold.
func fitting(s string) string {
	const most = utf8.UTFMax * (maxMessageText + maxRichText)
	return s[:min(len(s), most)]
}

func dropBlank(in []line) []line {
	out := in[:0]
	for _, l := range in {
		if !l.blank() {
			out = append(out, l)
		}
	}
	return out
}

// firstLine is spans in one line of at most limit units, an ellipsis at its
// end when something had to go.
func firstLine(spans []bot.Span, limit int) line {
	ls := spanLines(spans, limit-1)
	if len(ls) == 0 {
		return line{}
	}
	if len(ls) > 1 {
		ls[0].text("…")
	}
	return ls[0]
}

// richText is one rich_text block with a single section.
func richText(l line) piece {
	return piece{block: slack.NewRichTextBlock("", slack.NewRichTextSection(l.elements...)), size: l.size}
}

// quote is one rich_text block set apart by a bar.
func quote(l line) piece {
	q := &slack.RichTextQuote{Type: slack.RTEQuote, Elements: l.elements}
	return piece{block: slack.NewRichTextBlock("", q), size: l.size}
}
