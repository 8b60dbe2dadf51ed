package diagnose

import (
	"bytes"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"regexp"
	"strings"
)

// pop3Dialect speaks POP3: RFC 1939, RFC 2449 (CAPA), RFC 2595 (STLS), RFC 5034 (AUTH).
type pop3Dialect struct {
	stamp string // of the greeting, for APOP (RFC 1939 section 7); "" where nobody can be sure who sent it
}

// readPOP3 reads a one-line reply.
func readPOP3(s *session) (reply, error) {
	line, err := s.line()
	if err != nil {
		return reply{}, err
	}
	r := reply{lines: []string{line}}
	switch {
	case line == "+OK" || strings.HasPrefix(line, "+OK "):
		r.ok, r.code, r.text = true, "+OK", strings.TrimSpace(line[3:])
	case line == "+" || strings.HasPrefix(line, "+ "):
		r.more, r.code, r.text = true, "+", strings.TrimSpace(line[1:])
	case line == "-ERR" || strings.HasPrefix(line, "-ERR "):
		r.code, r.text = "-ERR", strings.TrimSpace(line[4:])
		if inner, found := strings.CutPrefix(r.text, "["); found {
			r.enhanced, _, _ = strings.Cut(inner, "]")
			r.enhanced = strings.ToUpper(r.enhanced)
		}
	default:
		return r, errGarbage
	}
	return r, nil
}

func (d *pop3Dialect) greeting(s *session) (reply, offer, error) {
	r, err := readPOP3(s)
	if _, encrypted := s.conn.(*tls.Conn); encrypted && r.ok {
		d.stamp = apopStamp.FindString(r.text)
	}
	return r, offer{}, err
}

// apopStamp is the timestamp of a greeting, in the form of a Message-ID.
var apopStamp = regexp.MustCompile(`<[!-;=?-~]{1,200}@[!-;=?-~]{1,200}>`)

// apop logs in with a digest of the greeting's timestamp and the password.
func (d *pop3Dialect) apop(s *session, user string, secret []byte) (reply, error) {
	if strings.ContainsAny(user, "\r\n") {
		return reply{}, errGarbage
	}
	text := joined([]byte(d.stamp), secret)
	defer clear(text)
	sum := md5.Sum(text)
	return d.next(s, []byte("APOP "+user+" "+hex.EncodeToString(sum[:])))
}

// capabilities asks with CAPA. A server that does not know it is taken to have
// USER and PASS, as RFC 1939 describes it.
func (d *pop3Dialect) capabilities(s *session) (reply, offer, error) {
	r, err := d.next(s, []byte("CAPA"))
	if err != nil || !r.ok {
		return reply{ok: err == nil, lines: r.lines}, offer{login: true, ir: true}, err
	}
	o, courier := offer{known: true, ir: true}, false
	if d.stamp != "" {
		o.mechs = addMechs(o.mechs, mechAPOP)
	}
	for range maxLines {
		line, err := s.line()
		if err != nil {
			return r, o, err
		}
		if line == "." {
			if courier && o.login && o.starttls {
				o.login, err = d.takesUser(s)
			}
			return r, o, err
		}
		words := strings.Fields(strings.ToUpper(line))
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "STLS":
			o.starttls = true
		case "USER":
			o.login = true
		case "SASL":
			o.mechs = addMechs(o.mechs, words[1:]...)
		case "LOGIN-DELAY":
			o.delay = len(words) > 1 && words[1] != "0"
		case "IMPLEMENTATION":
			courier = len(words) > 1 && words[1] == "COURIER"
		}
	}
	return r, o, errGarbage
}

// takesUser asks Courier before TLS, where alone it lists STLS, whether it
// really takes a login: it lists USER also when it is set to want TLS first
// (POP3_TLS_REQUIRED), and then answers "-ERR TLS required to log in.". STLS may
// follow in either case.
func (d *pop3Dialect) takesUser(s *session) (bool, error) {
	r, err := d.next(s, []byte("USER test"))
	return r.ok, err
}

func (d *pop3Dialect) startTLS(s *session, _ offer) (reply, offer, error) {
	r, o, err := d.capabilities(s)
	if err != nil || o.known && !o.starttls {
		return r, o, err
	}
	r, err = d.next(s, []byte("STLS"))
	o.starttls = o.starttls || r.ok
	return r, o, err
}

func (d *pop3Dialect) auth(s *session, mech string, ir []byte) (reply, error) {
	defer clear(ir)
	return d.next(s, saslLine("AUTH ", mech, ir))
}

func (d *pop3Dialect) next(s *session, line []byte) (reply, error) {
	if err := s.sendSecret(line); err != nil {
		return reply{}, err
	}
	return readPOP3(s)
}

func (d *pop3Dialect) password(s *session, user string, secret []byte) (reply, error) {
	if strings.ContainsAny(user, "\r\n") || bytes.ContainsAny(secret, "\r\n") {
		return reply{}, errGarbage
	}
	r, err := d.next(s, []byte("USER "+user))
	if err != nil || !r.ok {
		return r, err
	}
	return d.next(s, joined([]byte("PASS "), secret))
}

func (d *pop3Dialect) open(s *session) (reply, error) { return d.next(s, []byte("STAT")) }

func (d *pop3Dialect) quit() string { return "QUIT" }
