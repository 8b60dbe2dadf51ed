package bot

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// query is what the arguments of /settings and /test name.
type query struct {
	Name      string // as typed, for the answer's title; never the local part of an address
	Provider  *knowledge.Provider
	Outdated  *knowledge.Server // set when the host typed is one that the provider has given up
	Domain    string            // of an address, or typed as such
	Host      string            // a single server
	Port      uint16
	Protocols []mailconf.Protocol // empty: all
	All       bool                // "all" was typed
	BadPort   string              // a port that is no mail port
	NoPort    uint16              // a mail port that the provider does not have

	Found  *discover.Result    // what a search for Domain has found
	Behind *knowledge.Provider // whose servers take Domain's mail, as the search has shown
}

func (q query) empty() bool {
	return q.Provider == nil && q.Domain == "" && q.Host == "" && q.Name == ""
}

// wants reports whether p is asked for.
func (q query) wants(p mailconf.Protocol) bool {
	return len(q.Protocols) == 0 || slices.Contains(q.Protocols, p)
}

var protocolWords = map[string]mailconf.Protocol{
	"imap": mailconf.IMAP, "imaps": mailconf.IMAP, "imap4": mailconf.IMAP,
	"pop": mailconf.POP3, "pop3": mailconf.POP3, "pops": mailconf.POP3, "pop3s": mailconf.POP3,
	"smtp": mailconf.SMTP, "smtps": mailconf.SMTP,
	"posteingang": mailconf.IMAP, "postausgang": mailconf.SMTP, "incoming": mailconf.IMAP, "outgoing": mailconf.SMTP,
}

// fillers may stand between the arguments of a command without meaning anything.
var fillers = map[string]bool{
	"for": true, "für": true, "fuer": true, "bei": true, "at": true, "of": true, "von": true, "the": true, "server": true,
	"port": true, "und": true, "and": true, "daten": true, "settings": true, "einstellungen": true,
}

var everything = map[string]bool{"all": true, "alle": true, "alles": true}

// parseQuery reads command arguments: protocols in any place, the rest names a
// provider, a domain, an address, a host or host:port.
func parseQuery(book *knowledge.Book, args string) query {
	var q query
	var rest, named []string
	var port uint16
	for _, w := range strings.Fields(args) {
		lw := strings.ToLower(strings.Trim(w, ",;?!\"'„“<>()"))
		if _, ok := protocolWords[lw]; !ok {
			named = append(named, lw)
		}
		switch p, ok := protocolWords[lw]; {
		case ok:
			if !slices.Contains(q.Protocols, p) {
				q.Protocols = append(q.Protocols, p)
			}
		case everything[lw]:
			q.All = true
		case fillers[lw] || lw == "":
		case mailPort(lw) != 0 && len(rest) > 0: // "gmx port 465"
			port = mailPort(lw)
		default:
			rest = append(rest, lw)
		}
	}
	if whole := strings.Join(named, " "); len(named) > len(rest) && book.ByAlias(whole) != nil {
		q.All, rest = false, named // "all inkl" and "eins und eins" are names
	}
	if q.All {
		q.Protocols = nil
	}
	q.name(book, strings.Join(rest, " "))
	q.onPort(port)
	return q
}

// onPort takes a port that was named apart from the host. Where the provider
// has nothing on it, it is kept as one to warn of.
func (q *query) onPort(port uint16) {
	if port == 0 || q.Port != 0 {
		return
	}
	if q.Provider != nil && !slices.ContainsFunc(q.Provider.Servers, func(s knowledge.Server) bool { return s.Port == port }) {
		q.NoPort = port
		return
	}
	if q.Provider != nil || q.Host != "" {
		q.Port = port
	}
}

func (q *query) name(book *knowledge.Book, s string) {
	s = strings.TrimPrefix(s, "mailto:")
	for _, scheme := range []string{"imaps://", "imap://", "pop3s://", "pop3://", "pop://", "smtps://", "smtp://", "https://", "http://"} {
		s = strings.TrimPrefix(s, scheme)
	}
	s = strings.TrimRight(s, "/.")
	q.Name = s
	if s == "" {
		return
	}
	if a, ok := mailconf.ParseAddress(s); ok {
		q.Name, q.Domain = a.Domain, a.Domain
		q.Provider = book.ByDomain(a.Domain)
		return
	}
	host := q.splitPort(s)
	if p := book.ByAlias(host); p != nil && q.Port == 0 {
		q.Provider = p
		if strings.Contains(host, ".") && book.ByDomain(host) == p {
			q.Domain = host
		}
		return
	}
	if !strings.ContainsAny(host, ".:") && host != "localhost" {
		q.Provider = book.Find(host) // "hotmail" for hotmail.com
		return
	}
	q.hostOrDomain(book, host)
}

// splitPort takes a trailing ":port" off s. A port that is no mail port is kept in BadPort.
func (q *query) splitPort(s string) string {
	if _, err := netip.ParseAddr(s); err == nil {
		return s
	}
	i := strings.LastIndexByte(s, ':')
	if i <= 0 || strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "[") {
		return strings.Trim(s, "[]")
	}
	host, port := s[:i], s[i+1:]
	n, err := strconv.ParseUint(port, 10, 16)
	if _, _, ok := mailconf.PortMeaning(uint16(n)); err != nil || !ok {
		q.BadPort = port
	} else {
		q.Port = uint16(n)
	}
	q.Name = host
	return strings.Trim(host, "[]")
}

func (q *query) hostOrDomain(book *knowledge.Book, s string) {
	if p, sv, outdated := book.ByHost(s); p != nil && strings.Contains(s, ".") { // not localhost, which is Proton's Bridge
		q.Provider, q.Host = p, s
		if outdated {
			q.Outdated = sv
		}
		return
	}
	if p := book.ByDomain(s); p != nil {
		q.Provider, q.Domain = p, s
		return
	}
	if isDomain(s) && q.Port == 0 {
		q.Domain = s
		return
	}
	q.Host = s
}

// isDomain reports whether s is a name that addresses end in rather than a
// server: exactly one label below a public suffix.
func isDomain(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return false
	}
	d, err := publicsuffix.EffectiveTLDPlusOne(s)
	return err == nil && d == s
}
