package console

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Style is how an Answer is drawn. The zero Style is plain text without line breaks of its own.
type Style struct {
	Color bool
	Width int // columns to wrap at; 0: no wrapping
}

// Render draws an Answer for a terminal or a pipe. It is a pure function. What
// users and servers said cannot move the cursor: control characters are dropped.
func Render(a bot.Answer, st Style) string {
	if st == (Style{}) {
		return bot.PlainText(a)
	}
	r := renderer{st: st}
	for i, bl := range a.Blocks {
		if i > 0 {
			r.b.WriteByte('\n')
		}
		r.block(bl)
	}
	return strings.TrimRight(r.b.String(), "\n")
}

type renderer struct {
	b  strings.Builder
	st Style
}

// The SGR codes that are used.
const (
	bold  = "1"
	dim   = "2"
	under = "4"
	cyan  = "36"
)

var stateStyle = map[bot.CheckState]struct{ sign, color string }{
	bot.CheckOK:      {"✓", "32"},
	bot.CheckWarn:    {"!", "33"},
	bot.CheckFail:    {"✗", "31"},
	bot.CheckRunning: {"…", "36"},
	bot.CheckSkipped: {"-", "2"},
}

func (r *renderer) block(bl bot.Block) {
	switch bl := bl.(type) {
	case bot.Heading:
		r.line("", r.sgr(bold, bot.CleanLine(bl.Text)))
	case bot.Paragraph:
		r.line("", r.spans(bl.Spans))
	case bot.Hint:
		r.line(r.sgr(cyan, "→ "), r.spans(bl.Spans))
	case bot.Steps:
		for i, it := range bl.Items {
			mark := "- "
			if bl.Ordered {
				mark = fmt.Sprintf("%d. ", i+1)
			}
			r.line(mark, r.spans(it))
		}
	case bot.Settings:
		r.settings(bl)
	case bot.Checks:
		for _, c := range bl.Rows {
			r.check(c)
		}
	case bot.Sources:
		r.sources(bl)
	default:
		panic(fmt.Sprintf("console: block %T is not drawn", bl))
	}
}

func (r *renderer) settings(s bot.Settings) {
	for _, row := range s.Rows {
		r.line("", r.sgr(bold, bot.CleanLine(row.Title)))
		for _, f := range [][2]string{
			{s.Labels.Host, row.Host},
			{s.Labels.Port, row.Port},
			{s.Labels.Security, row.Security},
			{s.Labels.Username, row.Username},
			{s.Labels.Auth, row.Auth},
		} {
			if f[1] != "" {
				pad := strings.Repeat(" ", max(1, 17-utf8.RuneCountInString(f[0])))
				r.line("  "+bot.CleanLine(f[0])+":"+pad, bot.CleanLine(f[1]))
			}
		}
		if row.Note != "" {
			r.line("  ", r.sgr(dim, bot.CleanLine(row.Note)))
		}
	}
}

func (r *renderer) check(c bot.Check) {
	st := stateStyle[c.State]
	s := r.sgr(bold, bot.CleanLine(c.Label))
	if d := r.spans(c.Detail); d != "" {
		s += ": " + d
	}
	if c.Took > 0 {
		s += r.sgr(dim, " ("+bot.Took(c.Took)+")")
	}
	r.line(r.sgr(st.color, st.sign+" ["+bot.CleanLine(c.Word)+"]")+" ", s)
}

func (r *renderer) sources(s bot.Sources) {
	var items []string
	for _, it := range s.Items {
		var parts []string
		for _, p := range []string{it.Title, it.URL, it.Date} {
			if p != "" {
				parts = append(parts, bot.CleanLine(p))
			}
		}
		items = append(items, strings.Join(parts, ", "))
	}
	r.line("", r.sgr(dim, bot.CleanLine(s.Label)+": "+strings.Join(items, "; ")))
}

func (r *renderer) spans(spans []bot.Span) string {
	var b strings.Builder
	for _, s := range spans {
		t := bot.CleanLine(s.Text)
		switch s.Kind {
		case bot.SpanStrong:
			t = r.sgr(bold, t)
		case bot.SpanCode:
			t = r.sgr(cyan, t)
		case bot.SpanLink:
			if s.URL != s.Text {
				t += " (" + r.sgr(under, bot.CleanLine(s.URL)) + ")"
			} else {
				t = r.sgr(under, t)
			}
		}
		b.WriteString(t)
	}
	return b.String()
}

func (r *renderer) sgr(code, s string) string {
	if !r.st.Color || s == "" || code == "" {
		return s
	}
	return "\033[" + code + "m" + s + "\033[0m"
}

// line writes s behind lead, wrapped so that the following lines stand below s.
func (r *renderer) line(lead, s string) {
	indent := strings.Repeat(" ", visible(lead))
	r.b.WriteString(lead)
	col := visible(lead)
	for i, w := range strings.Split(s, " ") {
		n := visible(w)
		switch {
		case i == 0:
		case r.st.Width > 0 && col+1+n > r.st.Width:
			r.b.WriteString("\n" + indent)
			col = visible(indent)
		default:
			r.b.WriteByte(' ')
			col++
		}
		r.b.WriteString(w)
		col += n
	}
	r.b.WriteByte('\n')
}

// visible counts the runes of s outside SGR sequences.
func visible(s string) int {
	n, esc := 0, false
	for _, c := range s {
		switch {
		case c == '\033':
			esc = true
		case esc:
			esc = c != 'm'
		default:
			n++
		}
	}
	return n
}
