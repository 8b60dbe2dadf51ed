package diagnose

import (
	"bytes"
	"strconv"
	"strings"
)

// imapDialect speaks IMAP: RFC 9051, RFC 3501.
type imapDialect struct{ n int }

func (d *imapDialect) tag() string {
	d.n++
	return "a" + strconv.Itoa(d.n)
}

// imapLine reads one response; the contents of literals are dropped.
func imapLine(s *session) (string, error) {
	var text string
	for range 8 {
		line, err := s.line()
		text += line
		if err != nil {
			return text, err
		}
		n, ok := literal(line)
		if !ok {
			return text, nil
		}
		if err := s.skip(n); err != nil {
			return text, err
		}
	}
	return text, errGarbage
}

// literal is the length in "{123}" or "{123+}" at the end of a line.
func literal(line string) (int, bool) {
	if !strings.HasSuffix(line, "}") {
		return 0, false
	}
	i := strings.LastIndexByte(line, '{')
	if i < 0 {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSuffix(line[i+1:len(line)-1], "+"))
	return n, err == nil && n >= 0
}

// imapStatus splits "OK [CODE args] text", lenient about what stands in the
// brackets, since Exchange puts quoted strings there.
func imapStatus(line string) reply {
	word, rest, _ := strings.Cut(line, " ")
	r := reply{code: strings.ToUpper(word), text: rest}
	r.ok = r.code == "OK"
	if inner, found := strings.CutPrefix(rest, "["); found {
		code := inner
		if i := strings.IndexAny(inner, " ]="); i >= 0 {
			code = inner[:i]
		}
		r.enhanced = strings.ToUpper(code)
	}
	return r
}

// read reads up to the tagged line or to a continuation. Untagged lines are
// kept: the words that matter may stand in them ("* NO [WEBALERT …]").
func (d *imapDialect) read(s *session, tag string) (reply, offer, error) {
	var lines []string
	var o offer
	for range maxLines {
		line, err := imapLine(s)
		if err != nil {
			return reply{lines: lines}, o, err
		}
		lines = append(lines, line)
		rest, untagged := strings.CutPrefix(line, "* ")
		status, tagged := strings.CutPrefix(line, tag+" ")
		switch {
		case tagged:
			r := imapStatus(status)
			r.lines = lines
			if code := imapCodeCaps(r); code.known {
				o = code
			}
			return r, o, nil
		case line == "+" || strings.HasPrefix(line, "+ "):
			return reply{more: true, text: strings.TrimSpace(line[1:]), lines: lines}, o, nil
		case !untagged:
			return reply{lines: lines}, o, errGarbage
		case len(rest) >= 11 && strings.EqualFold(rest[:11], "CAPABILITY "):
			o = imapOffer(rest[11:])
		case len(rest) >= 4 && strings.EqualFold(rest[:4], "BYE "):
			// The tagged line may never come; the words of the BYE count.
			r := imapStatus(rest)
			r.lines = lines
			return r, o, nil
		}
	}
	return reply{lines: lines}, o, errGarbage
}

// imapOffer reads the words of a capability list.
func imapOffer(list string) offer {
	o := offer{known: true, login: true}
	for _, w := range strings.Fields(list) {
		w = strings.ToUpper(strings.TrimSuffix(w, "]"))
		mech, isAuth := strings.CutPrefix(w, "AUTH=")
		switch {
		case isAuth:
			o.mechs = addMechs(o.mechs, mech)
		case w == "STARTTLS":
			o.starttls = true
		case w == "LOGINDISABLED":
			o.disabled, o.login = true, false
		case w == "SASL-IR":
			o.ir = true
		}
	}
	return o
}

// imapCodeCaps reads "[CAPABILITY …]" in a status line.
func imapCodeCaps(r reply) offer {
	if r.enhanced != "CAPABILITY" {
		return offer{}
	}
	inner, _, _ := strings.Cut(strings.TrimPrefix(r.text, "["), "]")
	_, list, _ := strings.Cut(inner, " ")
	return imapOffer(list)
}

func (d *imapDialect) greeting(s *session) (reply, offer, error) {
	line, err := imapLine(s)
	if err != nil {
		return reply{}, offer{}, err
	}
	rest, ok := strings.CutPrefix(line, "* ")
	if !ok {
		return reply{lines: []string{line}}, offer{}, errGarbage
	}
	r := imapStatus(rest)
	r.lines = []string{line}
	return r, imapCodeCaps(r), nil
}

func (d *imapDialect) capabilities(s *session) (reply, offer, error) {
	tag := d.tag()
	if err := s.send(tag + " CAPABILITY"); err != nil {
		return reply{}, offer{}, err
	}
	return d.read(s, tag)
}

// startTLS asks for capabilities and for TLS in one flight when the greeting
// did not list them: STARTTLS comes last, so nothing follows it (RFC 9051
// section 6.2.1).
func (d *imapDialect) startTLS(s *session, seen offer) (reply, offer, error) {
	if seen.known && !seen.starttls {
		return reply{ok: true}, seen, nil
	}
	capTag, tlsTag := "", d.tag()
	lines := []string{tlsTag + " STARTTLS"}
	if !seen.known {
		capTag = d.tag()
		lines = []string{capTag + " CAPABILITY", lines[0]}
	}
	if err := s.send(lines...); err != nil {
		return reply{}, seen, err
	}
	if capTag != "" {
		r, o, err := d.read(s, capTag)
		if err != nil || !r.ok {
			return r, o, err
		}
		seen = o
	}
	r, _, err := d.read(s, tlsTag)
	return r, seen, err
}

func (d *imapDialect) auth(s *session, mech string, ir []byte) (reply, error) {
	defer clear(ir)
	return d.command(s, saslLine("AUTHENTICATE ", mech, ir))
}

// command sends a tagged command, wipes it, and reads its answer.
func (d *imapDialect) command(s *session, line []byte) (reply, error) {
	defer clear(line)
	tag := d.tag()
	if err := s.sendSecret(joined([]byte(tag+" "), line)); err != nil {
		return reply{}, err
	}
	r, _, err := d.read(s, tag)
	return r, err
}

// next answers a continuation; the tag is that of the running command.
func (d *imapDialect) next(s *session, line []byte) (reply, error) {
	if err := s.sendSecret(line); err != nil {
		return reply{}, err
	}
	r, _, err := d.read(s, "a"+strconv.Itoa(d.n))
	return r, err
}

func (d *imapDialect) password(s *session, user string, secret []byte) (reply, error) {
	if !quotable([]byte(user)) || !quotable(secret) {
		return d.literals(s, user, secret)
	}
	name, word := quoted([]byte(user)), quoted(secret)
	defer clear(word)
	return d.command(s, joined([]byte("LOGIN "), name, []byte(" "), word))
}

// literals sends LOGIN with synchronising literals, which carry any byte.
func (d *imapDialect) literals(s *session, user string, secret []byte) (reply, error) {
	r, err := d.command(s, []byte("LOGIN {"+itoa(len(user))+"}"))
	if err != nil || !r.more {
		return r, err
	}
	r, err = d.next(s, []byte(user+" {"+itoa(len(secret))+"}"))
	if err != nil || !r.more {
		return r, err
	}
	return d.next(s, joined(secret))
}

// quotable reports whether a text may stand in quotes (RFC 9051 section 9, "quoted").
func quotable(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' || r > '~' })
}

// quoted puts b in quotes, in a buffer that never grows: growing would leave a copy.
func quoted(b []byte) []byte {
	out := append(make([]byte, 0, 2*len(b)+2), '"')
	for _, c := range b {
		if c == '\\' || c == '"' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return append(out, '"')
}

// open opens INBOX for reading only: EXAMINE leaves the \Recent flags to the
// user's mail program.
func (d *imapDialect) open(s *session) (reply, error) { return d.command(s, []byte("EXAMINE INBOX")) }

func (d *imapDialect) quit() string { return d.tag() + " LOGOUT" }
