package diagnose

import (
	"bytes"
	"encoding/hex"
)

// redactor takes a password out of what a server says: some put the failed
// command into their answer, and what a probe reports is posted in a chat. It
// finds the password as it is, with any of its characters escaped for a URL, an
// e-mail, a quoted string, JSON or HTML, in hex, and anywhere inside base64. A
// nil redactor changes nothing.
type redactor struct {
	secret []byte
	coded  [][]byte // in hex and base64: what is found of them is cut with the whole word around it
}

// newRedactor prepares the forms of a login's password.
func newRedactor(l *Login) *redactor {
	if l == nil || l.Password.Empty() {
		return nil
	}
	secret := joined(l.Password.Bytes())
	r := &redactor{secret: secret}
	r.coded = append(r.coded, hex.AppendEncode(make([]byte, 0, 2*len(secret)), secret))
	// A secret somewhere in base64 begins at one of three places in a group of
	// four characters; the groups that it does not fill alone are left out.
	for lead := range 3 {
		b := encode64(joined(make([]byte, lead), secret))
		from, to := (8*lead+5)/6, (lead+len(secret))*8/6
		if to-from >= 4 {
			r.coded = append(r.coded, joined(b[from:to]))
		}
		clear(b)
	}
	return r
}

// text returns s without the secret.
func (r *redactor) text(s string) string {
	if r == nil || s == "" {
		return s
	}
	b := []byte(s)
	for i := 0; i < len(b); i++ {
		from, to := i, i+spelled(b[i:], r.secret)
		if to == from {
			from, to = r.word(b, i)
		}
		if to > from {
			out := joined(b[:from], []byte(redacted), b[to:])
			clear(b)
			b, i = out, from+len(redacted)-1
		}
	}
	defer clear(b)
	return string(b)
}

// word is the word of hex or base64 around a coded secret that begins at i; it
// may hold the user name, too. It is empty when none begins there.
func (r *redactor) word(b []byte, i int) (from, to int) {
	for _, c := range r.coded {
		if i+len(c) > len(b) || !bytes.EqualFold(b[i:i+len(c)], c) {
			continue
		}
		from, to = i, i+len(c)
		for from > 0 && coded(b[from-1]) {
			from--
		}
		for to < len(b) && coded(b[to]) {
			to++
		}
		return from, to
	}
	return i, i
}

func coded(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' && c < 0x80 || c == '+' || c == '/' || c == '='
}

// spelled is how many bytes at the beginning of b spell the secret, in any
// case, each character as it is or escaped; 0 when they do not.
func spelled(b, secret []byte) int {
	at := 0
	for i, c := range secret {
		plain, escaped := character(b[at:], c)
		if plain > 0 && escaped > 0 { // a backslash may stand for itself or escape itself
			if n := spelled(b[at+escaped:], secret[i+1:]); n > 0 || i+1 == len(secret) {
				return at + escaped + n
			}
		}
		if plain == 0 {
			plain = escaped
		}
		if plain == 0 {
			return 0
		}
		at += plain
	}
	return at
}

// character is how many bytes at the beginning of b stand for c, as it is and
// escaped; 0 for none.
func character(b []byte, c byte) (plain, escaped int) {
	if len(b) == 0 {
		return 0, 0
	}
	if b[0] == c || same(b[0], c) || c == ' ' && b[0] == '+' {
		plain = 1
	}
	switch {
	case len(b) >= 3 && (b[0] == '%' || b[0] == '=') && hexByte(b[1:3]) == int(c): // RFC 3986, RFC 2045
		escaped = 3
	case len(b) >= 2 && b[0] == '\\' && b[1] == c:
		escaped = 2
	case len(b) >= 6 && b[0] == '\\' && b[1] == 'u' && b[2] == '0' && b[3] == '0' && hexByte(b[4:6]) == int(c):
		escaped = 6
	case b[0] == '&':
		escaped = entity(b, c)
	}
	return plain, escaped
}

// same reports whether two bytes are one ASCII letter.
func same(a, b byte) bool {
	return a|0x20 == b|0x20 && 'a' <= a|0x20 && a|0x20 <= 'z' && a < 0x80 && b < 0x80
}

// hexByte reads two hex digits; -1 when they are none.
func hexByte(b []byte) int {
	var v [1]byte
	if _, err := hex.Decode(v[:], b[:2]); err != nil {
		return -1
	}
	return int(v[0])
}

// entity is the length of a character reference of HTML for c at the beginning of b.
func entity(b []byte, c byte) int {
	for _, e := range []struct {
		c    byte
		text string
	}{
		{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'"', "&#34;"}, {'\'', "&#39;"}, {'\'', "&apos;"}, {'+', "&#43;"}, {'&', "&#38;"},
	} {
		if e.c == c && bytes.HasPrefix(b, []byte(e.text)) {
			return len(e.text)
		}
	}
	return 0
}

// step redacts what a server said in a step.
func (r *redactor) step(s *Step) {
	if r != nil {
		s.ServerText, s.Detail = r.text(s.ServerText), r.text(s.Detail)
	}
}

func (r *redactor) wipe() {
	if r == nil {
		return
	}
	clear(r.secret)
	for _, f := range r.coded {
		clear(f)
	}
}
