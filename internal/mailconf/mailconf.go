// Package mailconf is the vocabulary that every other package shares: which
// protocol, on which host and port, under which encryption, with which form of
// user name. It holds no facts about providers and opens no connection; it
// imports the standard library only.
//
// A tour: [Protocol] and [Security] name what a mail program's set-up page
// asks for, [Endpoint] is one line of such a page, [DefaultPort] knows the
// registered ports, [Address] splits an e-mail address, [UserForm] says what
// is typed as user name, and [Expand] fills the placeholders {domain},
// {localpart} and {address} that host names and user names may carry.
//
// All values are plain data and safe for concurrent use.
package mailconf

import (
	"net"
	"strconv"
	"strings"
)

// Protocol is a mail protocol as an application speaks it.
type Protocol string

// The protocols that are modelled. Only the first three are probed.
const (
	IMAP        Protocol = "imap" // RFC 9051, RFC 3501
	POP3        Protocol = "pop3" // RFC 1939
	SMTP        Protocol = "smtp" // message submission, RFC 6409
	ManageSieve Protocol = "managesieve"
	JMAP        Protocol = "jmap"
	Exchange    Protocol = "exchange"
)

// Security is how a connection is encrypted.
type Security string

// The security modes. Mail programs name them differently; see the client
// guides in the knowledge base.
const (
	TLS      Security = "tls"      // implicit TLS from the first byte (RFC 8314 section 3)
	STARTTLS Security = "starttls" // plain greeting, then upgrade (RFC 3207, RFC 2595, RFC 9051 section 6.2.1)
	Plain    Security = "none"     // no encryption
)

// Endpoint is one server as a mail program is told about it.
type Endpoint struct {
	Protocol Protocol `json:"protocol" yaml:"protocol"`
	Host     string   `json:"host" yaml:"host"`
	Port     uint16   `json:"port" yaml:"port"`
	Security Security `json:"security" yaml:"security"`
}

// HostPort returns "host:port", with brackets around an IPv6 literal.
func (e Endpoint) HostPort() string {
	return net.JoinHostPort(e.Host, strconv.Itoa(int(e.Port)))
}

// DefaultPort returns the registered port of a protocol under a security mode,
// or 0 when there is none. Plain submission shares 587 with STARTTLS (RFC 6409
// section 3.1); plain IMAP and POP3 share their STARTTLS ports.
func DefaultPort(p Protocol, s Security) uint16 {
	switch {
	case p == IMAP && s == TLS:
		return 993 // RFC 8314 section 3.2
	case p == IMAP:
		return 143 // RFC 9051 section 2.1
	case p == POP3 && s == TLS:
		return 995 // RFC 8314 section 3.1
	case p == POP3:
		return 110 // RFC 1939 section 3
	case p == SMTP && s == TLS:
		return 465 // RFC 8314 section 3.3
	case p == SMTP:
		return 587 // RFC 6409 section 3.1
	case p == ManageSieve && s != TLS:
		return 4190 // RFC 5804 section 1.8
	}
	return 0
}

// PortMeaning returns the protocol and the security mode that a mail port
// implies by registration; ok is false for a port that is no mail port.
// Port 25 (RFC 5321) and the unregistered but common 2525 count as SMTP with STARTTLS.
func PortMeaning(port uint16) (p Protocol, s Security, ok bool) {
	switch port {
	case 993:
		return IMAP, TLS, true
	case 143:
		return IMAP, STARTTLS, true
	case 995:
		return POP3, TLS, true
	case 110:
		return POP3, STARTTLS, true
	case 465:
		return SMTP, TLS, true
	case 587, 25, 2525:
		return SMTP, STARTTLS, true
	}
	return "", "", false
}

// UserForm is what a server expects as user name. Besides the named forms it
// may be "other:" followed by a description, or a template for [Expand].
type UserForm string

// The named user-name forms.
const (
	UserAddress    UserForm = "address"     // the full e-mail address
	UserLocalPart  UserForm = "localpart"   // the part before the @
	UserDomainUser UserForm = "domain-user" // localpart.domain
)

// Username returns the user name for an address, or "" when the form does not
// determine it.
func (f UserForm) Username(a Address) string {
	switch f {
	case UserAddress:
		return a.String()
	case UserLocalPart:
		return a.Local
	case UserDomainUser:
		return a.Local + "." + a.Domain
	}
	if strings.HasPrefix(string(f), "other:") || !strings.Contains(string(f), "{") {
		return ""
	}
	return Expand(string(f), a)
}

// Address is an e-mail address split at its last @. The domain is in lower case.
type Address struct{ Local, Domain string }

// String returns local@domain.
func (a Address) String() string { return a.Local + "@" + a.Domain }

// ParseAddress splits an address at its last @. It checks the outline only
// (one @, neither side empty, no white space or control characters), because
// people type addresses that stricter parsers refuse and providers accept.
func ParseAddress(s string) (a Address, ok bool) {
	s = strings.TrimSpace(s)
	i := strings.LastIndexByte(s, '@')
	if i <= 0 || i == len(s)-1 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return Address{}, false
	}
	return Address{s[:i], strings.TrimSuffix(strings.ToLower(s[i+1:]), ".")}, true
}

// Expand replaces {domain}, {localpart} and {address} in a template by the
// parts of a; a placeholder whose part is empty stays as it is.
func Expand(template string, a Address) string {
	if !strings.Contains(template, "{") {
		return template
	}
	var pairs []string
	if a.Domain != "" {
		pairs = append(pairs, "{domain}", a.Domain)
	}
	if a.Local != "" {
		pairs = append(pairs, "{localpart}", a.Local)
	}
	if a.Local != "" && a.Domain != "" {
		pairs = append(pairs, "{address}", a.String())
	}
	return strings.NewReplacer(pairs...).Replace(template)
}
