package diagnose

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxServerText is how many characters of a server's words are kept.
const maxServerText = 200

// CleanServerText makes a server's words fit to be shown: valid UTF-8 on one
// line, at most 200 characters, without control characters, escape sequences,
// marks that change the writing direction, invisible characters, and Unicode
// tags. Of a URL the host is left, without its scheme: the path may be personal
// (WEBALERT), and a hostile server must not make a bot post a link. It does not escape anything for a chat platform; that is the
// renderer's part. A text that is cut ends in an ellipsis. The result is its
// own fixed point.
func CleanServerText(s string) string {
	return urls.ReplaceAllString(printable(s), "$1/…")
}

var urls = regexp.MustCompile(`[^\s<("']*://([^/\s]*)\S*`)

// printable is CleanServerText without its treatment of URLs.
func printable(s string) string {
	if len(s) > 8*maxServerText {
		s = s[:8*maxServerText]
	}
	var b strings.Builder
	n, space := 0, false
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case r == utf8.RuneError && size == 1:
			continue
		case unicode.IsSpace(r):
			space = n > 0
			continue
		case !unicode.IsPrint(r) || hidden(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			n, space = n+1, false
		}
		if n >= maxServerText-1 {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// hidden reports characters that Unicode calls printable and nobody sees:
// fillers and variation selectors, with which a text can hide a second one.
func hidden(r rune) bool {
	return r == 0x034F || r == 0x115F || r == 0x1160 || r == 0x17B4 || r == 0x17B5 ||
		r == 0x3164 || r == 0xFFA0 || r == 0x2800 ||
		unicode.Is(unicode.Variation_Selector, r)
}
