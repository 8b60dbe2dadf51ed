package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Limits of a form.
const (
	maxBody    = 4 << 10          // bytes; five short fields, each byte as three
	bodyWithin = 10 * time.Second // a phone on a bad line sends them in less than one
)

// readBody reads the whole body into one buffer, which the caller wipes. status
// is 0, or why it was not taken.
func readBody(w http.ResponseWriter, r *http.Request, within time.Duration) (body []byte, status int) {
	switch {
	case r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		return nil, http.StatusUnsupportedMediaType
	case r.ContentLength < 0:
		return nil, http.StatusLengthRequired
	case r.ContentLength > maxBody:
		return nil, http.StatusRequestEntityTooLarge
	}
	// Where the deadline cannot be set, that of the server counts.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within))
	body = make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return body, http.StatusRequestTimeout
	}
	return body, 0
}

var errForm = errors.New("web: malformed form")

// parseForm reads the fields of a form out of its body, which it decodes in
// place: the password stays in this one buffer. net/url would make strings of
// it, which nobody can wipe. A field that comes twice is an error.
func parseForm(body []byte) (f bot.LoginForm, err error) {
	fields := map[string][]byte{}
	for part := range bytes.SplitSeq(body, []byte("&")) {
		name, value, _ := bytes.Cut(part, []byte("="))
		key, ok := unescape(name)
		if !ok {
			return f, errForm
		}
		if value, ok = unescape(value); !ok {
			return f, errForm
		}
		if _, twice := fields[string(key)]; twice {
			return f, errForm
		}
		fields[string(key)] = value
	}
	return bot.LoginForm{
		Code:     string(bytes.TrimSpace(fields["code"])),
		Address:  string(bytes.TrimSpace(fields["address"])),
		Username: string(bytes.TrimSpace(fields["user"])),
		Password: fields["password"],
	}, nil
}

// unescape undoes application/x-www-form-urlencoded in place.
func unescape(b []byte) ([]byte, bool) {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(b) {
				return nil, false
			}
			hi, ok1 := unhex(b[i+1])
			lo, ok2 := unhex(b[i+2])
			if !ok1 || !ok2 {
				return nil, false
			}
			out = append(out, hi<<4|lo)
			i += 2
		default:
			out = append(out, c)
		}
	}
	clear(b[len(out):])
	return out, true
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// wipeConnection sends what was answered, overwrites the buffer through which
// net/http has read the request, and closes the connection. Without it the form
// would lie in a pool until another request happens to overwrite it.
func wipeConnection(w http.ResponseWriter) {
	rc := http.NewResponseController(w)
	_ = rc.Flush()
	conn, rw, err := rc.Hijack()
	if err != nil {
		return // HTTP/2 in front of a test, or a connection that is gone
	}
	defer conn.Close()
	rw.Reader.Reset(zeros{})
	_, _ = rw.Reader.Peek(rw.Reader.Size())
}

// zeros is an endless supply of them.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
