package diagnose

import (
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// reply is a server's answer to one command, or its greeting.
type reply struct {
	ok       bool     // 2xx, OK, +OK
	more     bool     // 334, "+": the server waits for the next part of a login
	code     string   // "535", "NO", "BAD", "BYE", "PREAUTH", "-ERR"
	enhanced string   // "5.7.8" (RFC 3463), or a response code in brackets without them: "AUTHENTICATIONFAILED"
	text     string   // the last line without code and tag; after "more" the challenge
	lines    []string // every line, for words that stand before the last one
}

// words is everything the server said, in lower case, for classification.
func (r reply) words() string { return strings.ToLower(strings.Join(r.lines, " ")) }

// offer is what a server lists as its capabilities.
type offer struct {
	known    bool     // seen at all
	starttls bool     // STARTTLS or STLS
	mechs    []string // SASL mechanisms, upper case, as listed
	login    bool     // a password login without SASL: IMAP LOGIN, POP3 USER
	disabled bool     // LOGINDISABLED
	delay    bool     // POP3 LOGIN-DELAY (RFC 2449 section 6.5): a pause is wanted between logins
	ir       bool     // initial response: SASL-IR, always true for SMTP and POP3
}

// plain reports whether a password could be sent as it is.
func (o offer) plain() bool {
	return o.login || slices.Contains(o.mechs, "PLAIN") || slices.Contains(o.mechs, "LOGIN")
}

// names are the mechanisms for a report. The logins without SASL count by
// their command's name: LOGIN of IMAP, USER of POP3.
func (o offer) names(p mailconf.Protocol) []string {
	names := append([]string{}, o.mechs...)
	if o.login && p == mailconf.IMAP {
		names = addMechs(names, "LOGIN")
	}
	if o.login && p == mailconf.POP3 {
		names = addMechs(names, "USER")
	}
	return names
}

// dialect is one mail protocol, as far as a probe needs to speak it. A method
// that returns an error met a fault of the network; what the server refuses
// comes as a reply.
type dialect interface {
	// greeting reads the server's first words; offer is known when they list capabilities.
	greeting(s *session) (reply, offer, error)
	// capabilities asks for them.
	capabilities(s *session) (reply, offer, error)
	// startTLS asks for TLS. seen are the capabilities of the greeting; the
	// returned ones are those before TLS.
	startTLS(s *session, seen offer) (reply, offer, error)
	// auth begins a SASL login and reads the answer; ir is sent along when it is
	// not nil, and wiped.
	auth(s *session, mech string, ir []byte) (reply, error)
	// next sends one more line of a login, wipes it, and reads the answer.
	next(s *session, line []byte) (reply, error)
	// password logs in without SASL.
	password(s *session, user string, secret []byte) (reply, error)
	// open goes one step past the login to show that there is a mailbox behind it; ok without a step for SMTP.
	open(s *session) (reply, error)
	// quit is the line that ends a session.
	quit() string
}

// newDialect returns the dialect of a protocol. ehlo is our name for SMTP.
func newDialect(p mailconf.Protocol, ehlo string) dialect {
	switch p {
	case mailconf.IMAP:
		return &imapDialect{}
	case mailconf.POP3:
		return &pop3Dialect{}
	}
	return &smtpDialect{ehlo: ehlo}
}

// isToken reports whether s is one to n characters of a protocol word.
func isToken(s string, n int) bool {
	return s != "" && len(s) <= n && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// addMechs appends words of a capability list to mechs, in upper case, without repeats.
func addMechs(mechs []string, words ...string) []string {
	for _, w := range words {
		w = strings.ToUpper(w)
		if isToken(w, 32) && !slices.Contains(mechs, w) && len(mechs) < 32 {
			mechs = append(mechs, w)
		}
	}
	return mechs
}

// speaks tells from a server's first line which protocol it speaks: one of
// ours, "tls", "other" for something known that is no mail, or "" when it
// cannot be told.
func speaks(first string) mailconf.Protocol {
	switch {
	case strings.HasPrefix(first, "\x15\x03"), strings.HasPrefix(first, "\x16\x03"):
		return "tls"
	case strings.HasPrefix(first, "* "):
		return mailconf.IMAP
	case strings.HasPrefix(first, "+OK"), strings.HasPrefix(first, "-ERR"):
		return mailconf.POP3
	case len(first) >= 4 && isDigits(first[:3]) && (first[3] == ' ' || first[3] == '-'):
		return mailconf.SMTP
	case strings.HasPrefix(first, "SSH-"), strings.HasPrefix(first, "HTTP/"), strings.HasPrefix(first, "<"),
		strings.HasPrefix(first, "RFB "), strings.HasPrefix(first, "\xff\xfd"), strings.HasPrefix(first, "\xff\xfb"):
		return "other"
	}
	return ""
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
