package slack

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// wordJoiner is invisible and unbreakable; between "<" and "@" it keeps a
// mention dead even where Slack would parse the text.
const wordJoiner = "\u2060"

// clean makes text from users, servers and facts safe to show: valid UTF-8,
// lines ended by \n, no control characters, nothing that reverses the reading
// direction or hides in the text, and no beginning of a Slack mention.
func clean(s string) string {
	if plainASCII(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	afterLess := false
	for _, r := range s {
		if r = cleanRune(r); r < 0 {
			continue
		}
		if afterLess && (r == '!' || r == '@' || r == '#') {
			b.WriteString(wordJoiner)
		}
		afterLess = r == '<'
		b.WriteRune(r)
	}
	return b.String()
}

// plainASCII says that clean has nothing to do; most text is like that.
func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' || c > '~' || c == '<' {
			return false
		}
	}
	return true
}

// cleanRune is what stands for r, or -1 to drop it.
func cleanRune(r rune) rune {
	switch r {
	case '\n':
		return r
	case '\r', '\u2028', '\u2029', '\u0085':
		return '\n'
	case '\t', '\u00a0':
		return ' '
	case '\u200c', '\u200d': // joiners shape letters and emoji
		return r
	}
	if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) {
		return -1
	}
	return r
}

// oneLine is clean text without line ends and doubled blanks.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(fitting(s))), " ") }

// escape makes text safe in mrkdwn: Slack asks for exactly these three
// (docs.slack.dev/messaging/formatting-message-text#escaping).
func escape(s string) string { return mrkdwnEscaper.Replace(s) }

var mrkdwnEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// units is the length of s in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16Len(r)
	}
	return n
}

// utf16Len counts an unencodable rune as one, as its replacement would.
func utf16Len(r rune) int { return max(1, utf16.RuneLen(r)) }

// cut shortens s to at most limit units, the last of them an ellipsis.
func cut(s string, limit int) string {
	if len(s) <= limit || units(s) <= limit {
		return s
	}
	head, _ := splitUnits(s, limit-1)
	return strings.TrimRight(head, " \n") + "…"
}

// splitUnits splits s after at most limit units, never inside a character.
func splitUnits(s string, limit int) (head, tail string) {
	n := 0
	for i, r := range s {
		if n += utf16Len(r); n > limit {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// splitWords is splitUnits that prefers a line end or a blank near the end of
// the head. The head is never empty unless s is or limit is below one character.
func splitWords(s string, limit int) (head, tail string) {
	head, tail = splitUnits(s, limit)
	if tail == "" {
		return head, ""
	}
	for _, sep := range []string{"\n", " "} {
		if i := strings.LastIndex(head, sep); i > len(head)/2 {
			return s[:i], s[i+1:]
		}
	}
	return head, tail
}

var hostInText = regexp.MustCompile(`(?i)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}`)

// safeLink returns what a link may show and open. A link opens https only;
// ok is false for anything else, and the label is then plain text. A label
// that names another host than the link's is replaced by the address itself,
// so that no link claims to lead elsewhere.
func safeLink(label, raw string) (text, target string, ok bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || !utf8.ValidString(raw) {
		return label, "", false
	}
	target = linkEscaper.Replace(u.String())
	if units(target) > maxRichText/2 {
		return label, "", false
	}
	for _, h := range hostInText.FindAllString(label, -1) {
		if host := strings.ToLower(u.Hostname()); !strings.EqualFold(h, host) && !strings.HasSuffix(host, "."+strings.ToLower(h)) {
			return target, target, true
		}
	}
	if strings.TrimSpace(label) == "" || strings.Contains(label, "://") {
		return target, target, true
	}
	return label, target, true
}

// linkEscaper keeps an address from ending a <url|label> early.
var linkEscaper = strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "`", "%60", `"`, "%22")
