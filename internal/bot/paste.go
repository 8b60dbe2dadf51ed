package bot

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// settingToken finds what a pasted set-up page consists of: host names with or
// without a port, ports, words for a protocol or a direction, and the words for
// encryption with a "no" behind them.
var settingToken = regexp.MustCompile(`(?i)([a-z0-9_-]+(?:\.[a-z0-9-]+)+)(?::(\d{1,5}))?|\b(\d{2,5})\b` +
	`|\b(imaps?|pop3?s?|smtps?|posteingang|postausgang|eingang|ausgang|incoming|outgoing|eingehende?[nr]?|ausgehende?[nr]?)` +
	`|\b(ssl/tls|starttls|ssl|tls|none|keine|unverschl(?:ü|ue)sselt|plain)\b(?:\)?(?:\s+(?:verwenden|benutzen|use))?\s*[:=]?\s*(nein|aus|no|off)\b)?`)

var securityWords = map[string]mailconf.Security{
	"ssl/tls": mailconf.TLS, "ssl": mailconf.TLS, "starttls": mailconf.STARTTLS,
	"none": mailconf.Plain, "keine": mailconf.Plain, "unverschlüsselt": mailconf.Plain, "unverschluesselt": mailconf.Plain, "plain": mailconf.Plain,
	// "tls" alone is STARTTLS in old Outlook and implicit TLS elsewhere, so it tells nothing.
}

// ofSomethingElse follows a "keine" that is no value of a set-up page: "keine Mails".
var ofSomethingElse = regexp.MustCompile(`(?i)^[ \t]+(?:e-?)?(?:mails?|nachrichten?|verbindung|antwort|ahnung|probleme?|daten|fehlermeldung|chance|neuen?|anderen?|meiner|weiteren?|of|mehr)\b`)

// labelled are the protocols that a word on a set-up page may stand for.
func labelled(word string) []mailconf.Protocol {
	switch word = strings.ToLower(word); {
	case strings.HasPrefix(word, "imap"):
		return []mailconf.Protocol{mailconf.IMAP}
	case strings.HasPrefix(word, "pop"):
		return []mailconf.Protocol{mailconf.POP3}
	case strings.HasPrefix(word, "smtp"), strings.Contains(word, "ausg"), word == "outgoing":
		return []mailconf.Protocol{mailconf.SMTP}
	}
	return []mailconf.Protocol{mailconf.IMAP, mailconf.POP3}
}

// paste reads a set-up page from left to right.
type paste struct {
	out   []knowledge.UserSetting
	at    int                 // the setting that ports and words for encryption belong to
	label []mailconf.Protocol // what was named since the last value; nil for nothing
}

// pastedSettings reads the servers out of a text in which somebody shows what
// a mail program is set to. A host alone is no setting: it takes a port or an
// encryption word with it, and a bare domain a port or the name of its field,
// since "web.de SSL" is a question. Dialogs name all hosts first and the ports with
// their labels later, so a label leads back to its host.
func pastedSettings(text string) []knowledge.UserSetting {
	var p paste
	for _, m := range settingToken.FindAllStringSubmatchIndex(text, -1) {
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return strings.ToLower(text[m[2*i]:m[2*i+1]])
		}
		switch {
		case group(1) != "":
			if m[0] > 0 && text[m[0]-1] == '@' || !hostLike(group(1)) {
				continue
			}
			p.host(group(1), mailPort(group(2)))
		case group(4) != "":
			p.named(labelled(group(4)))
		case len(p.out) == 0:
		case group(3) != "":
			p.port(mailPort(group(3)))
		case (group(5) == "keine" || group(5) == "none") && ofSomethingElse.MatchString(text[m[1]:]):
		default:
			p.security(group(5), group(6) != "")
		}
	}
	return slices.DeleteFunc(p.out, func(s knowledge.UserSetting) bool {
		return s.Port == 0 && (s.Security == "" || s.Protocol == "" && strings.Count(s.Host, ".") == 1)
	})
}

func (p *paste) host(name string, port uint16) {
	s := knowledge.UserSetting{Host: name, Port: port}
	if len(p.label) == 1 {
		s.Protocol = p.label[0]
	}
	p.out, p.at, p.label = append(p.out, s), len(p.out), nil
}

// named takes a label: what follows belongs to the setting that it names, if
// there is one and something of it is not told yet.
func (p *paste) named(label []mailconf.Protocol) {
	if len(p.label) != 1 || !slices.Contains(label, p.label[0]) { // "POP3, incoming server" stays POP3
		p.label = label
	}
	for i, s := range p.out {
		of := s.Protocol
		if of == "" {
			of = hostProtocol(s.Host)
		}
		if slices.Contains(p.label, of) && (s.Port == 0 || s.Security == "") {
			p.at = i
		}
	}
}

// port takes a port; one with a label of its own, beside another protocol's,
// is a second setting of the same host: "mail.example.org IMAP 993 SMTP 465".
func (p *paste) port(n uint16) {
	s := &p.out[p.at]
	proto, _, _ := mailconf.PortMeaning(n)
	switch {
	case n == 0:
	case s.Port == 0:
		s.Port = n
	case slices.Contains(p.label, proto):
		if have, _, _ := mailconf.PortMeaning(s.Port); have != proto {
			p.host(s.Host, n)
		}
	}
}

func (p *paste) security(word string, no bool) {
	sec, ok := securityWords[word]
	if no {
		sec, ok = mailconf.Plain, true
	}
	if s := &p.out[p.at]; ok && s.Security == "" {
		s.Security = sec
	}
}
