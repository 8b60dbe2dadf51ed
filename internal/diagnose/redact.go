package diagnose

import (
	"bytes"
	"encoding/hex"
)

// redactor takes a password out of what a server says: some put the failed
// command into their answer, and what a probe reports is posted in a chat.
// The forms are those in which a mail dialogue or a web page carries it. A nil
// redactor changes nothing.
type redactor struct{ forms [][]byte }

// newRedactor prepares the forms of a login's password.
func newRedactor(l *Login) *redactor {
	if l == nil || l.Password.Empty() {
		return nil
	}
	secret := l.Password.Bytes()
	r := &redactor{}
	r.add(joined(secret))
	r.add(quoted(secret))
	r.add(hex.AppendEncode(make([]byte, 0, 2*len(secret)), secret))
	r.add(escaped(secret, '%'))
	r.add(escaped(secret, '='))
	// A secret somewhere in base64 begins at one of three places in a group of
	// four characters; the groups that it does not fill alone are left out.
	for lead := range 3 {
		b := encode64(joined(make([]byte, lead), secret))
		from, to := (8*lead+5)/6, (lead+len(secret))*8/6
		if to-from >= 4 {
			r.add(joined(b[from:to]))
		}
		clear(b)
	}
	return r
}

// escaped is b with every byte but letters and digits as mark and two hex
// digits: percent-encoding, or quoted-printable.
func escaped(b []byte, mark byte) []byte {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, 3*len(b))
	for _, c := range b {
		if '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' && c < 0x80 {
			out = append(out, c)
		} else {
			out = append(out, mark, digits[c>>4], digits[c&15])
		}
	}
	return out
}

func (r *redactor) add(form []byte) {
	if len(form) > 0 {
		r.forms = append(r.forms, form)
	}
}

// text returns s with every form of the secret replaced, in any case.
func (r *redactor) text(s string) string {
	if r == nil || s == "" {
		return s
	}
	b := []byte(s)
	defer func() { clear(b) }()
	for _, f := range r.forms {
		b = cutFold(b, f)
	}
	return string(b)
}

// cutFold replaces what equals form but for the case of ASCII letters.
func cutFold(b, form []byte) []byte {
	for from := 0; from+len(form) <= len(b); {
		if !bytes.EqualFold(b[from:from+len(form)], form) {
			from++
			continue
		}
		out := joined(b[:from], []byte(redacted), b[from+len(form):])
		clear(b)
		b, from = out, from+len(redacted)
	}
	return b
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
	for _, f := range r.forms {
		clear(f)
	}
}
