package slack

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// twin is the Answer in plain lines, escaped for mrkdwn and cut at a line's end.
func twin(a bot.Answer) string {
	var b strings.Builder
	size := 0
	for _, blk := range a.Blocks {
		for _, l := range twinBlock(blk, a.Lang) {
			l = escape(cut(l, maxTwin/2))
			n := units(l) + 1
			if size+n+len(marker) > maxTwin {
				b.WriteString(marker)
				return b.String()
			}
			b.WriteString(l)
			b.WriteByte('\n')
			size += n
		}
	}
	return strings.TrimSpace(b.String())
}

// twinBlock is a block as lines of clean, unescaped text.
func twinBlock(b bot.Block, lang bot.Lang) []string {
	switch b := b.(type) {
	case bot.Heading:
		return lines(oneLine(b.Text))
	case bot.Paragraph:
		return lines(plainSpans(b.Spans))
	case bot.Hint:
		return lines(plainSpans(b.Spans))
	case bot.Settings:
		return twinSettings(b)
	case bot.Steps:
		return twinSteps(b)
	case bot.Checks:
		var out []string
		for _, r := range b.Rows {
			out = append(out, twinCheck(r, lang))
		}
		return out
	case bot.Sources:
		return twinSources(b)
	}
	panic(fmt.Sprintf("slack: no twin for %T", b)) // the set of blocks is sealed; a test renders each
}

// lines splits text and drops what is blank.
func lines(s string) []string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func plainSpans(spans []bot.Span) string {
	var b strings.Builder
	for _, s := range spans {
		if b.Len() > utf8.UTFMax*maxTwin {
			break
		}
		text := clean(fitting(s.Text))
		if s.Kind == bot.SpanLink {
			if label, target, ok := safeLink(text, s.URL); ok && label != target {
				text = label + " (" + target + ")"
			} else if ok {
				text = target
			}
		}
		b.WriteString(text)
	}
	return b.String()
}

func twinSettings(s bot.Settings) []string {
	var out []string
	for _, r := range s.Rows {
		var parts []string
		for _, f := range settingsFields(s.Labels, r) {
			if f.label != "" {
				f.value = f.label + " " + f.value
			}
			parts = append(parts, f.value)
		}
		l := strings.Join(parts, ", ")
		if t := oneLine(r.Title); t != "" && l != "" {
			l = t + ": " + l
		} else if l == "" {
			l = t
		}
		out = append(out, lines(l)...)
		out = append(out, lines(cut(oneLine(r.Note), maxField))...)
	}
	return out
}

func twinSteps(s bot.Steps) []string {
	var out []string
	for _, it := range s.Items {
		text := strings.Join(strings.Fields(plainSpans(it)), " ")
		if text == "" {
			continue
		}
		if s.Ordered {
			text = fmt.Sprintf("%d. %s", len(out)+1, text)
		} else {
			text = "• " + text
		}
		out = append(out, text)
	}
	return out
}

func twinCheck(r bot.Check, lang bot.Lang) string {
	parts := []string{sign(r.State)}
	if w := oneLine(r.Word); w != "" {
		parts = append(parts, w+" ·")
	}
	if l := oneLine(r.Label); l != "" {
		parts = append(parts, l)
	}
	if r.Took > 0 {
		parts = append(parts, "("+took(r.Took, lang)+")")
	}
	if d := strings.Join(strings.Fields(plainSpans(r.Detail)), " "); d != "" {
		parts = append(parts, "– "+d)
	}
	return strings.Join(parts, " ")
}

func twinSources(s bot.Sources) []string {
	var items []string
	for _, it := range s.Items {
		text := oneLine(it.Title)
		if d := oneLine(it.Date); d != "" && text != "" {
			text += ", " + d
		}
		if text != "" {
			items = append(items, text)
		}
	}
	if len(items) == 0 {
		return nil
	}
	l := strings.Join(items, " · ")
	if label := oneLine(s.Label); label != "" {
		l = label + ": " + l
	}
	return []string{l}
}
