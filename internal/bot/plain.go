package bot

import (
	"fmt"
	"strings"
	"time"
	"unicode"
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

// CleanLine drops control and direction-changing characters and invalid UTF-8,
// and makes one line of s: what users and servers said must neither move a
// terminal's cursor nor reorder the text around it.
func CleanLine(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t' || c == '\r':
			return ' '
		case unicode.IsControl(c), c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069, c == utf8.RuneError:
			return -1
		}
		return c
	}, s)
}

func plainBlock(b *strings.Builder, bl Block) {
	switch bl := bl.(type) {
	case Heading:
		b.WriteString(CleanLine(bl.Text) + "\n")
	case Paragraph:
		b.WriteString(plainSpans(bl.Spans) + "\n")
	case Hint:
		b.WriteString("→ " + plainSpans(bl.Spans) + "\n")
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
			fmt.Fprintf(b, "[%s] %s", c.Word, CleanLine(c.Label))
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
			items = append(items, CleanLine(strings.Join(nonEmpty(s.Title, s.URL, s.Date), ", ")))
		}
		b.WriteString(CleanLine(bl.Label) + ": " + strings.Join(items, "; ") + "\n")
	}
}

func plainSettings(b *strings.Builder, s Settings) {
	for _, r := range s.Rows {
		b.WriteString(CleanLine(r.Title) + "\n")
		for _, f := range [][2]string{
			{s.Labels.Host, r.Host},
			{s.Labels.Port, r.Port},
			{s.Labels.Security, r.Security},
			{s.Labels.Username, r.Username},
			{s.Labels.Auth, r.Auth},
		} {
			if f[1] != "" {
				pad := strings.Repeat(" ", max(0, 16-utf8.RuneCountInString(f[0])))
				fmt.Fprintf(b, "  %s:%s%s\n", CleanLine(f[0]), pad, CleanLine(f[1]))
			}
		}
		if r.Note != "" {
			b.WriteString("  " + CleanLine(r.Note) + "\n")
		}
	}
}

// plainSpans joins spans; a link shows its address unless that is its text.
func plainSpans(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(CleanLine(s.Text))
		if s.Kind == SpanLink && s.URL != s.Text {
			b.WriteString(" (" + CleanLine(s.URL) + ")")
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
