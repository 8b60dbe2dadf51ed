package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxText and headText bound what is read of a message: a longer one keeps its
// first headText bytes, where people state the problem, and its end, where the
// last error line stands.
const (
	maxText  = 6000
	headText = 4500
)

// clean returns text in NFKC and lower case, without zero-width and control
// characters, cut to maxText bytes. Line breaks stay.
func clean(text string) string {
	text = unescape(cut(text))
	if !norm.NFKC.IsNormalString(text) {
		text = norm.NFKC.String(text)
	}
	return strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r < 0x7F && r != '`':
			return r // most are: the tables behind unicode.Is take their time
		case r == '\n' || r == '\t':
			return r
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), r == 0xAD:
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		case r == '’', r == '‘', r == '`', r == '´':
			return '\''
		case r == '‐', r == '‑', r == '–', r == '—':
			return '-'
		}
		return r
	}, text))
}

// programQuoting undoes what a program's log puts around the words of a server:
// Python's byte strings and line breaks that are spelt out.
var programQuoting = strings.NewReplacer(`\r\n`, "\n", `\n4`, "\n4", `\n5`, "\n5", ` b'`, " '", `(b'`, "('", `[b'`, "['", ` b"`, ` "`, `(b"`, `("`, `[b"`, `["`)

func unescape(text string) string {
	if !strings.ContainsAny(text, `\`) && !strings.Contains(text, "b'") && !strings.Contains(text, `b"`) {
		return text
	}
	return programQuoting.Replace(text)
}

func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	head, tail := text[:headText], text[len(text)-(maxText-headText):]
	for len(head) > 0 && !utf8.ValidString(head[max(0, len(head)-4):]) && !utf8.RuneStart(text[len(head)]) {
		head = head[:len(head)-1]
	}
	for len(tail) > 0 && !utf8.RuneStart(tail[0]) {
		tail = tail[1:]
	}
	return head + "\n" + tail
}

// fold maps a lower-case word to the form that is compared: umlauts, their
// two-letter spellings and their bare vowels become the same letter ("für",
// "fuer", "fur"), ß becomes ss, accents go, apostrophes go.
func fold(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c == '\'' || c == 'e' && i > 0 && isAOU(s[i-1]) {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case r == '\'':
		case r == 'e' && len(b) > 0 && isAOU(b[len(b)-1]):
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		case r == 'ß':
			b = append(b, "ss"...)
		default:
			b = append(b, foldRune(r)...)
		}
	}
	return string(b)
}

func isAOU(c byte) bool { return c == 'a' || c == 'o' || c == 'u' }

func foldRune(r rune) string {
	switch r {
	case 'ä', 'à', 'á', 'â', 'ã', 'å':
		return "a"
	case 'ö', 'ò', 'ó', 'ô', 'õ', 'ø':
		return "o"
	case 'ü', 'ù', 'ú', 'û':
		return "u"
	case 'è', 'é', 'ê', 'ë':
		return "e"
	case 'ì', 'í', 'î', 'ï':
		return "i"
	case 'ç':
		return "c"
	case 'ñ':
		return "n"
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return string(r)
	}
	return ""
}
