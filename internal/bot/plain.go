package bot

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// PlainText renders an Answer without any mark-up, for notifications, screen
// readers, pipes and `ask --json`. Buttons are left out.
func PlainText(a Answer) string {
	var b strings.Builder
	for i, bl := range a.Blocks {
		if i > 0 {
			b.WriteByte('\n')
		}
		plainBlock(&b, bl)
	}
	return strings.TrimRight(b.String(), "\n")
}

func plainBlock(b *strings.Builder, bl Block) {
	switch bl := bl.(type) {
	case Heading:
		b.WriteString(bl.Text + "\n")
	case Paragraph:
		b.WriteString(plainSpans(bl.Spans) + "\n")
	case Hint:
		b.WriteString("> " + plainSpans(bl.Spans) + "\n")
	case Steps:
		for i, it := range bl.Items {
			mark := "- "
			if bl.Ordered {
				mark = fmt.Sprintf("%d. ", i+1)
			}
			b.WriteString(mark + plainSpans(it) + "\n")
		}
	case Settings:
		plainSettings(b, bl)
	case Checks:
		for _, c := range bl.Rows {
			fmt.Fprintf(b, "[%s] %s", c.Word, c.Label)
			if d := plainSpans(c.Detail); d != "" {
				b.WriteString(": " + d)
			}
			if c.Took > 0 {
				fmt.Fprintf(b, " (%s)", Took(c.Took))
			}
			b.WriteByte('\n')
		}
	case Sources:
		var items []string
		for _, s := range bl.Items {
			items = append(items, strings.Join(nonEmpty(s.Title, s.URL, s.Date), ", "))
		}
		b.WriteString(bl.Label + ": " + strings.Join(items, "; ") + "\n")
	}
}

func plainSettings(b *strings.Builder, s Settings) {
	for _, r := range s.Rows {
		b.WriteString(r.Title + "\n")
		for _, f := range [][2]string{
			{s.Labels.Host, r.Host},
			{s.Labels.Port, r.Port},
			{s.Labels.Security, r.Security},
			{s.Labels.Username, r.Username},
			{s.Labels.Auth, r.Auth},
		} {
			if f[1] != "" {
				pad := strings.Repeat(" ", max(0, 16-utf8.RuneCountInString(f[0])))
				fmt.Fprintf(b, "  %s:%s%s\n", f[0], pad, f[1])
			}
		}
		if r.Note != "" {
			b.WriteString("  " + r.Note + "\n")
		}
	}
}

// plainSpans joins spans; a link shows its address unless that is its text.
func plainSpans(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
		if s.Kind == SpanLink && s.URL != s.Text {
			b.WriteString(" (" + s.URL + ")")
		}
	}
	return b.String()
}

// Took prints a duration as people read it: milliseconds below a second, then seconds.
func Took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func nonEmpty(s ...string) []string {
	out := s[:0]
	for _, v := range s {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}
