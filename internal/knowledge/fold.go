package knowledge

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded are the runes that people write in more than one way.
var folded = map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'Ä': "ae", 'Ö': "oe", 'Ü': "ue", 'ẞ': "ss",
	'&': "und", '+': "plus",
}

// appendFold appends s to dst in the form in which names are compared: lower
// case, umlauts written out, "&" as "und", without accents, spaces and
// punctuation. "1 & 1", "1und1" and "1&1" are alike, so are "WEB.DE" and
// "webde". It allocates only for scripts other than Latin.
func appendFold(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		b := s[i]
		switch {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
			dst, i = append(dst, b), i+1
		case 'A' <= b && b <= 'Z':
			dst, i = append(dst, b+'a'-'A'), i+1
		case b < utf8.RuneSelf && b != '&' && b != '+':
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst, i = appendFoldRune(dst, r), i+n
		}
	}
	return dst
}

// appendFoldRune folds a rune outside the plain letters and digits.
func appendFoldRune(dst []byte, r rune) []byte {
	if s, ok := folded[r]; ok {
		return append(dst, s...)
	}
	for _, r := range norm.NFKD.String(string(r)) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// Fold returns a name in the form in which aliases are compared; see Book.ByAlias.
func Fold(s string) string { return string(appendFold(make([]byte, 0, len(s)+8), s)) }
