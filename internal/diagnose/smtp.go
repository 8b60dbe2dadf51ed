package diagnose

import (
	"regexp"
	"strings"
)

// smtpDialect speaks message submission: RFC 5321, RFC 4954, RFC 3207.
type smtpDialect struct{ ehlo string }

// enhancedCode is RFC 3463 section 2, at the start of a reply's text.
var enhancedCode = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// readSMTP reads one reply of one or more lines (RFC 5321 section 4.2.1).
func readSMTP(s *session) (reply, error) {
	var r reply
	for range maxLines {
		line, err := s.line()
		if err != nil {
			return r, err
		}
		if len(line) < 3 || !isDigits(line[:3]) || r.code != "" && line[:3] != r.code ||
			len(line) > 3 && line[3] != ' ' && line[3] != '-' {
			r.lines = append(r.lines, line)
			return r, errGarbage
		}
		r.code = line[:3]
		r.text = strings.TrimSpace(line[min(4, len(line)):])
		r.lines = append(r.lines, line)
		if r.enhanced == "" {
			r.enhanced = enhancedCode.FindString(r.text)
		}
		if len(line) == 3 || line[3] == ' ' {
			r.ok, r.more = r.code[0] == '2', r.code == "334"
			return r, nil
		}
	}
	return r, errGarbage
}

func (d *smtpDialect) greeting(s *session) (reply, offer, error) {
	r, err := readSMTP(s)
	return r, offer{}, err
}

func (d *smtpDialect) capabilities(s *session) (reply, offer, error) {
	if err := s.send("EHLO " + d.ehlo); err != nil {
		return reply{}, offer{}, err
	}
	r, err := readSMTP(s)
	return r, smtpOffer(r), err
}

// smtpOffer reads the keywords of an EHLO reply. "AUTH=PLAIN" is an old
// misspelling that servers still send for old Outlook.
func smtpOffer(r reply) offer {
	o := offer{known: r.ok, ir: true}
	if !r.ok || len(r.lines) == 0 {
		return o
	}
	for _, line := range r.lines[1:] {
		words := strings.FieldsFunc(line[min(4, len(line)):], func(r rune) bool { return r == ' ' || r == '\t' || r == '=' })
		if len(words) == 0 {
			continue
		}
		switch strings.ToUpper(words[0]) {
		case "STARTTLS":
			o.starttls = true
		case "AUTH":
			o.mechs = addMechs(o.mechs, words[1:]...)
		}
	}
	return o
}

func (d *smtpDialect) startTLS(s *session, _ offer) (reply, offer, error) {
	r, o, err := d.capabilities(s)
	if err != nil || !o.starttls {
		return r, o, err
	}
	if err := s.send("STARTTLS"); err != nil {
		return r, o, err
	}
	r, err = readSMTP(s)
	return r, o, err
}

func (d *smtpDialect) auth(s *session, mech string, ir []byte) (reply, error) {
	defer clear(ir)
	return d.next(s, saslLine("AUTH ", mech, ir))
}

func (d *smtpDialect) next(s *session, line []byte) (reply, error) {
	if err := s.sendSecret(line); err != nil {
		return reply{}, err
	}
	return readSMTP(s)
}

// password is never called: SMTP has no login without SASL.
func (d *smtpDialect) password(*session, string, []byte) (reply, error) {
	return reply{}, errGarbage
}

func (d *smtpDialect) open(*session) (reply, error) { return reply{ok: true}, nil }

func (d *smtpDialect) quit() string { return "QUIT" }

// masked reports the traces of a firewall that rewrites SMTP: a greeting of
// asterisks, or keywords overwritten with X (Cisco's "fixup protocol smtp").
func masked(lines []string) bool {
	for _, l := range lines {
		text := l[min(4, len(l)):]
		if strings.Contains(text, "****") || strings.HasPrefix(text, "XXXX") {
			return true
		}
	}
	return false
}
