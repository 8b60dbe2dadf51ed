package discord

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// zwsp, a space of no width, parts what would come alive if it stood together.
const zwsp = "\u200b"

// markup writes spans as Discord Markdown, up to a limit. Everything that a
// span's text holds is escaped, so that neither people, nor servers, nor
// articles can mention anybody, set a link, or change how the message is set.
type markup struct {
	b       strings.Builder
	size    int    // UTF-16 units written
	limit   int    // how many may be written
	newline string // what stands for a line break of the text
	start   bool   // nothing but blanks stands on this line so far
	joined  bool   // a span in marks was the last thing written
	full    bool   // the limit was met, and the text ends in "…"
}

func newMarkup(limit int, newline string) *markup {
	return &markup{limit: limit, newline: newline, start: true}
}

func (m *markup) String() string { return m.b.String() }

// raw writes marks of our own.
func (m *markup) raw(s string) {
	m.b.WriteString(s)
	m.size += units(s)
}

// put writes an escaped piece whole or, when it does not fit with room for an
// "…" and reserve units behind it, ends the text.
func (m *markup) put(s string, reserve int) bool {
	if m.full {
		return false
	}
	if m.size+units(s)+1+reserve > m.limit {
		m.raw("…")
		m.full = true
		return false
	}
	m.raw(s)
	return true
}

// spans writes all of them.
func (m *markup) spans(spans []bot.Span) *markup {
	for _, s := range spans {
		if m.full {
			break
		}
		m.span(s)
	}
	return m
}

func (m *markup) span(s bot.Span) {
	text := tidy(s.Text)
	if text == "" {
		return
	}
	blank := strings.TrimSpace(text) == ""
	if s.Kind == bot.SpanText || blank {
		m.joined = false
		m.text(text, 0)
		return
	}
	if m.joined {
		m.raw(zwsp) // two marked spans side by side would run into each other
	}
	switch s.Kind {
	case bot.SpanCode:
		m.code(text)
	case bot.SpanStrong: // blanks stand outside of the marks, as some clients want it
		inner := strings.TrimSpace(text)
		before, after, _ := strings.Cut(text, inner)
		m.text(before, 0)
		m.enclosed("**", inner, "**")
		m.text(after, 0)
	case bot.SpanLink:
		m.link(text, s.URL)
	}
	m.joined, m.start = true, false
}

// enclosed writes text on one line between two marks.
func (m *markup) enclosed(before, text, after string) {
	reserve := units(after)
	if !m.put(before, reserve+1) {
		return
	}
	newline := m.newline
	m.newline, m.start = " ", false
	m.text(text, reserve)
	m.newline = newline
	m.raw(after)
}

// link writes a masked link. The address stands in <>, which keeps Discord
// from showing a preview; an address that is not plain https is left out.
func (m *markup) link(text, address string) {
	target, ok := safeURL(address)
	if !ok || m.size+units(target)+8 > m.limit {
		m.text(text, 0)
		return
	}
	m.enclosed("[", text, "](<"+target+">)")
}

// code writes text in a fixed-width font. Inside, nothing but the backtick has
// a meaning; it becomes the look-alike ˋ (U+02CB).
func (m *markup) code(text string) {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "`", "ˋ")), " ")
	text = invite.ReplaceAllStringFunc(text, func(s string) string {
		return strings.Replace(s, ".", "."+zwsp, 1)
	})
	if room := m.limit - m.size - 3; units(text) > room {
		if room < 2 {
			m.put(text, 0)
			return
		}
		text = clip(text, room)
		defer func() { m.full = true }()
	}
	m.raw("`" + text + "`")
}

// text writes plain text; reserve units are kept free behind it.
func (m *markup) text(s string, reserve int) {
	for i := 0; i < len(s); {
		n, out := m.escape(s[i:])
		if !m.put(out, reserve) {
			return
		}
		m.start = out == m.newline && out != " " || m.start && strings.TrimSpace(out) == ""
		i += n
	}
}

// Discord's marks: any of these gets a backslash wherever it stands. Those
// that matter at the start of a line alone are in lineStart.
const marks = "\\*_~`|[]>#"

var (
	lineStart = regexp.MustCompile(`^(?:[-+]|[0-9]{1,9}[.)])`)
	massPing  = regexp.MustCompile(`(?i)^@(?:everyone|here)`)
	schemeEnd = regexp.MustCompile(`^:/`)
	invite    = regexp.MustCompile(`(?i)discord(?:app)?\.(?:gg|com|me|li|new|gift)|dis\.gd|dsc\.gg`)
	inviteAt  = regexp.MustCompile(`^(?i)(?:discord(?:app)?\.(?:gg|com|me|li|new|gift)|dis\.gd|dsc\.gg)`)
)

// escape returns how many bytes of s it took (at least one) and what to write for them.
func (m *markup) escape(s string) (int, string) {
	if m.start {
		if p := lineStart.FindString(s); p != "" {
			return len(p), p[:len(p)-1] + `\` + p[len(p)-1:]
		}
	}
	c := s[0]
	switch {
	case c == '\n':
		return 1, m.newline
	case c == '<': // no mention, no time stamp, no link in angle brackets
		return 1, `\<` + zwsp
	case strings.IndexByte(marks, c) >= 0:
		return 1, `\` + s[:1]
	case c == '@' && massPing.MatchString(s):
		return 1, "@" + zwsp
	case c == ':' && schemeEnd.MatchString(s): // no link out of an address
		return 1, `\:`
	case c == 'd' || c == 'D':
		if p := inviteAt.FindString(s); p != "" { // no invitation card
			return len(p), strings.Replace(p, ".", `\.`, 1)
		}
	}
	for i := range s {
		if i > 0 {
			return i, s[:i]
		}
	}
	return len(s), s
}

// tidy drops what must not be shown: control characters, marks that turn the
// direction of writing around, other invisible characters but the two joiners
// that emoji and some scripts need. Tabs become blanks, and all line breaks \n.
// Of a huge text only the start is read.
func tidy(s string) string {
	s = s[:min(len(s), maxRead)]
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r < 0x7f:
			return r
		case r == '\n' || r == '\u2028' || r == '\u2029' || r == '\r' || r == '\v' || r == '\f':
			return '\n'
		case r == '\t':
			return ' '
		case r == '\u200c' || r == '\u200d':
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, s)
}

// oneLine is tidy text on a single line.
func oneLine(s string) string { return strings.Join(strings.Fields(tidy(s)), " ") }

// safeURL returns address as it can stand in a masked link, and whether it is
// a plain https address without user name.
func safeURL(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(address) > 512 {
		return "", false
	}
	out := urlEscaper.Replace(u.String())
	for _, r := range out {
		if r <= ' ' || r == '<' || r == '>' || r == 0x7f || r == unicode.ReplacementChar || unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) {
			return "", false
		}
	}
	return out, true
}

var urlEscaper = strings.NewReplacer("(", "%28", ")", "%29", `\`, "%5C", "`", "%60", "*", "%2A", "|", "%7C", "@", "%40")
