package knowledge

import (
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Servers returns the current servers of a provider, best first within a
// protocol, with {domain}, {localpart} and {address} in hosts and user names
// filled in as far as addr tells them. It keeps only the given protocols, or
// all when none is given. The result is the caller's own.
func Servers(p *Provider, addr mailconf.Address, only ...mailconf.Protocol) []Server {
	if p == nil {
		return nil
	}
	list := make([]Server, 0, len(p.Servers))
	for _, s := range p.Servers {
		if len(only) > 0 && !slices.Contains(only, s.Protocol) {
			continue
		}
		s.Host = mailconf.Expand(s.Host, addr)
		if strings.Contains(string(s.Username), "{") && !strings.HasPrefix(string(s.Username), "other:") {
			s.Username = mailconf.UserForm(mailconf.Expand(string(s.Username), addr))
		}
		list = append(list, s)
	}
	return list
}

// neutralWords are used where a mail program has no words of its own.
var neutralWords = Words{
	TLS:      Text{"de": "SSL/TLS", "en": "SSL/TLS"},
	STARTTLS: Text{"de": "STARTTLS", "en": "STARTTLS"},
	Plain:    Text{"de": "keine Verschlüsselung", "en": "no encryption"},
}

// SecurityWords returns what a mail program calls a security mode in the given
// language, or the neutral words for a client that is nil or has none.
func SecurityWords(c *Client, lang Lang, sec mailconf.Security) string {
	if c != nil {
		if s := c.Words.of(sec).In(lang); s != "" {
			return s
		}
	}
	return neutralWords.of(sec).In(lang)
}

// of returns the words for one security mode.
func (w Words) of(sec mailconf.Security) Text {
	switch sec {
	case mailconf.TLS:
		return w.TLS
	case mailconf.STARTTLS:
		return w.STARTTLS
	case mailconf.Plain:
		return w.Plain
	}
	return nil
}
