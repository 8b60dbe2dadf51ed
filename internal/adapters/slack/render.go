package slack

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Message is an Answer as Slack takes it.
type Message struct {
	Blocks []slack.Block // at most 50
	Text   string        // plain twin in mrkdwn escaping, for notifications and screen readers
	Cut    bool          // something had to be left out to keep Slack's limits
}

// Empty says that there is nothing to post.
func (m Message) Empty() bool { return len(m.Blocks) == 0 }

// piece is a Slack block with the number of characters that it shows.
type piece struct {
	block slack.Block
	size  int
}

// marker stands where blocks were left out; it needs no translation.
const marker = "[…]"

// Render turns an Answer into Block Kit and a plain-text twin. It is a pure
// function: the same Answer gives the same Message. The Message keeps every
// limit of the platform; what is too much is cut at a block's border and
// marked. Nothing in the Answer's texts can become a mention, and no link
// shows another host than it opens. An Answer with nothing to show gives an
// empty Message.
func Render(a bot.Answer) Message {
	return render(a, maxBlocks)
}

func render(a bot.Answer, blocks int) Message {
	m := Message{Text: twin(a)}
	buttons := renderActions(a.Actions)
	room := blocks - 1 // the marker
	if buttons != nil {
		room--
	}
	m.fill(a, room)
	if buttons != nil {
		m.Blocks = append(m.Blocks, buttons)
	}
	return m
}

// fill adds the Answer's blocks while there is room, and then the marker.
func (m *Message) fill(a bot.Answer, room int) {
	size := 0
	for _, b := range a.Blocks {
		for _, p := range renderBlock(b, a.Lang) {
			if len(m.Blocks) == room || size+p.size > maxMessageText {
				m.Cut = true
				m.Blocks = append(m.Blocks, slack.NewContextBlock("", plainText(marker)))
				return
			}
			size += p.size
			m.Blocks = append(m.Blocks, p.block)
		}
	}
}

// renderBlock is one block of an Answer as Slack blocks, each within its limits.
func renderBlock(b bot.Block, lang bot.Lang) []piece {
	switch b := b.(type) {
	case bot.Heading:
		text := cut(oneLine(b.Text), maxHeader)
		if text == "" {
			return nil
		}
		return []piece{{slack.NewHeaderBlock(plainText(text)), units(text)}}
	case bot.Paragraph:
		return pieces(spanLines(b.Spans, maxRichText), richText)
	case bot.Settings:
		return renderSettings(b)
	case bot.Steps:
		return renderSteps(b)
	case bot.Checks:
		return renderChecks(b, lang)
	case bot.Hint:
		return pieces(spanLines(b.Spans, maxRichText), quote)
	case bot.Sources:
		return renderSources(b)
	}
	panic(fmt.Sprintf("slack: no rendering for %T", b)) // the set of blocks is sealed; a test renders each
}

func pieces(ls []line, f func(line) piece) []piece {
	out := make([]piece, 0, len(ls))
	for _, l := range ls {
		out = append(out, f(l))
	}
	return out
}

// maxField is how much of one field of a server is shown.
const maxField = 400

// settingsFields are a row's fields in the order in which mail programs ask for them.
func settingsFields(l bot.SettingsLabels, r bot.SettingsRow) []field {
	all := []field{
		{l.Host, r.Host, true},
		{l.Port, r.Port, true},
		{l.Security, r.Security, false},
		{l.Username, r.Username, false},
		{l.Auth, r.Auth, false},
	}
	out := all[:0]
	for _, f := range all {
		f.label, f.value = cut(oneLine(f.label), 60), cut(oneLine(f.value), maxField)
		if f.value != "" {
			out = append(out, f)
		}
	}
	return out
}

type field struct {
	label, value string
	code         bool // to be copied exactly
}

func renderSettings(s bot.Settings) []piece {
	var out []piece
	for _, r := range s.Rows[:min(len(s.Rows), maxBlocks)] {
		var l line
		l.strong(cut(oneLine(r.Title), maxField))
		for _, f := range settingsFields(s.Labels, r) {
			l.newline()
			if f.label != "" {
				l.text(f.label + ": ")
			}
			if f.code {
				l.code(f.value)
			} else {
				l.text(f.value)
			}
		}
		if note := cut(oneLine(r.Note), maxField); note != "" {
			l.newline()
			l.text(note)
		}
		if !l.blank() {
			out = append(out, richText(l))
		}
	}
	return out
}

// newline starts a new line unless nothing stands before it.
func (l *line) newline() {
	if l.size > 0 {
		l.text("\n")
	}
}

// maxListItems keeps a list readable and its JSON small; longer ones are
// continued in the next block.
const maxListItems = 40

func renderSteps(s bot.Steps) []piece {
	style := slack.RTEListBullet
	if s.Ordered {
		style = slack.RTEListOrdered
	}
	var out []piece
	var items []slack.RichTextElement
	size, done := 0, 0
	flush := func() {
		if len(items) == 0 {
			return
		}
		list := slack.NewRichTextList(style, 0, items...)
		if s.Ordered {
			list.Offset = done
		}
		out = append(out, piece{slack.NewRichTextBlock("", list), size})
		done += len(items)
		items, size = nil, 0
	}
	for _, it := range s.Items {
		l := firstLine(it, maxRichText)
		if l.blank() {
			continue
		}
		if size+l.size > maxRichText || len(items) == maxListItems {
			flush()
		}
		items = append(items, slack.NewRichTextSection(l.elements...))
		size += l.size
		if len(out) > maxBlocks {
			break
		}
	}
	flush()
	return out
}

// signs show a check's state; each has its own shape, and the word stands beside it.
func sign(s bot.CheckState) string {
	switch s {
	case bot.CheckRunning:
		return "⏳"
	case bot.CheckOK:
		return "✅"
	case bot.CheckWarn:
		return "⚠️"
	case bot.CheckFail:
		return "❌"
	case bot.CheckSkipped:
		return "➖"
	}
	return "❔"
}

func renderChecks(c bot.Checks, lang bot.Lang) []piece {
	var out []piece
	var cur line
	for _, r := range c.Rows {
		l := checkLine(r, lang)
		if l.blank() {
			continue
		}
		if cur.size > 0 && cur.size+l.size+1 > maxRichText {
			out, cur = append(out, richText(cur)), line{}
		}
		cur.newline()
		cur.join(l)
		if len(out) > maxBlocks {
			break
		}
	}
	if cur.size > 0 {
		out = append(out, richText(cur))
	}
	return out
}

func checkLine(r bot.Check, lang bot.Lang) line {
	var l line
	l.text(sign(r.State) + " ")
	if w := cut(oneLine(r.Word), maxField); w != "" {
		l.strong(w)
		l.text(" · ")
	}
	l.text(cut(oneLine(r.Label), maxField))
	if r.Took > 0 {
		l.text(" (" + took(r.Took, lang) + ")")
	}
	if d := firstLine(r.Detail, maxRichText/2); !d.blank() {
		l.text("\n      ")
		l.join(d)
	}
	return l
}

// took is a duration as people read it.
func took(d time.Duration, lang bot.Lang) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", max(1, d.Milliseconds()))
	}
	s := fmt.Sprintf("%.1f s", d.Seconds())
	if lang == "de" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// renderSources is small print. Links stand in mrkdwn here, so all is escaped.
func renderSources(s bot.Sources) []piece {
	var b strings.Builder
	for _, it := range s.Items {
		item := sourceItem(it)
		if item == "" {
			continue
		}
		sep := " · "
		if b.Len() == 0 {
			sep = escape(cut(oneLine(s.Label), maxField))
			if sep != "" {
				sep += ": "
			}
		}
		if units(b.String())+units(sep)+units(item)+len(marker)+3 > maxContextText {
			b.WriteString(" · " + marker)
			break
		}
		b.WriteString(sep + item)
	}
	if b.Len() == 0 {
		return nil
	}
	text := slack.NewTextBlockObject(slack.MarkdownType, b.String(), false, true)
	return []piece{{slack.NewContextBlock("", text), units(b.String())}}
}

func sourceItem(it bot.SourceItem) string {
	title, date := cut(oneLine(it.Title), maxField/2), cut(oneLine(it.Date), 40)
	out := escape(title)
	if text, target, ok := safeLink(title, it.URL); ok && units(target) <= maxField*2 {
		out = "<" + escape(target) + "|" + escape(text) + ">"
	}
	if date == "" {
		return out
	}
	if out == "" {
		return escape(date)
	}
	return out + ", " + escape(date)
}

// renderActions is the row of buttons, or nil. A button whose value does not
// fit is left out: a cut value would mean something else.
func renderActions(as []bot.Action) slack.Block {
	var es []slack.BlockElement
	for _, a := range as {
		label := cut(oneLine(a.Label), maxButtonText)
		id := actionID(a.ID, len(es))
		if a.ID == "" || label == "" || units(a.Value) > maxButtonValue || len(id) > maxActionID {
			continue
		}
		b := slack.NewButtonBlockElement(id, strings.ToValidUTF8(a.Value, "\ufffd"), plainText(label))
		if a.Style == "primary" || a.Style == "danger" {
			b.Style = slack.Style(a.Style)
		}
		if es = append(es, b); len(es) == maxButtons {
			break
		}
	}
	if es == nil {
		return nil
	}
	return slack.NewActionBlock("", es...)
}

// actionID makes an id that is unique within the message, as Slack demands,
// out of one that is not; parseActionID undoes it.
func actionID(id string, n int) string { return fmt.Sprintf("%s#%d", id, n) }

func parseActionID(s string) string {
	if i := strings.LastIndexByte(s, '#'); i >= 0 {
		return s[:i]
	}
	return s
}

// plainText is text that Slack shows as it is: :names: stay names.
func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}
