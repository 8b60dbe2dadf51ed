package knowledge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Values that the fields of a provider may take.
var (
	providerKinds = []string{"mailbox", "hosting", "relay"}
	protocols     = []string{
		string(mailconf.IMAP), string(mailconf.POP3), string(mailconf.SMTP),
		string(mailconf.ManageSieve), string(mailconf.JMAP), string(mailconf.Exchange),
	}
	securities = []string{string(mailconf.TLS), string(mailconf.STARTTLS), string(mailconf.Plain)}
	userForms  = []string{string(mailconf.UserAddress), string(mailconf.UserLocalPart), string(mailconf.UserDomainUser)}
	authForms  = []string{"password", "password-encrypted", "oauth2", "none"}
	trusts     = []string{"high", "medium", "low"}
)

// hostPlaceholders are what a host name or user name may hold in braces.
// {account} stands for a part that only the customer knows.
var hostPlaceholders = strings.NewReplacer("{domain}", "d.example", "{localpart}", "l", "{address}", "l.d.example", "{account}", "a")

// hostForm is a host name in ASCII letters, digits, hyphens and dots (RFC 1123
// section 2.1), with underscores as some providers use them.
var hostForm = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$`)

// countryForm is an ISO 3166-1 alpha-2 code.
var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)

// provider checks one provider.
func (c *checker) provider(p *Provider, stem string) {
	c.id("id", p.ID, stem)
	c.required("name", p.Name)
	if p.Kind == "" {
		c.error(at("kind"), "kind is missing", "use "+orList(providerKinds))
	}
	c.oneOf(at("kind"), "kind", p.Kind, providerKinds...)
	if p.Country != "" && !countryForm.MatchString(p.Country) {
		c.error(at("country"), fmt.Sprintf("unknown country %q", p.Country), "use the two-letter code, such as DE")
	}
	c.noRepeats("aliases", p.Aliases)
	c.domains(p)
	c.noRepeats("mx", p.MX)
	for i, m := range p.MX {
		c.mx(at("mx", i), m)
	}
	c.servers("servers", p.Servers)
	c.servers("outdated_servers", p.Outdated)
	for i, n := range p.Notes {
		c.text(at("notes", i), "note", n, true)
	}
	c.text(at("contact"), "contact", p.Contact, false)
	c.link(at("webmail"), "webmail", p.Webmail)
	c.link(at("status_page"), "status_page", p.Status)
	for i, d := range p.Docs {
		c.link(at("docs", i), "docs", d)
	}
	c.date(at("checked"), "checked", p.Checked, false)
	if len(p.Servers) == 0 && !p.Requires.NoIMAP && len(p.Notes) == 0 {
		c.error(nil, "no servers", "add servers:, or requires: no_imap: true, or a note that says why")
	}
	if p.Origin == OriginShipped {
		if p.Checked == "" {
			c.error(nil, "checked is missing", "add checked: with the date of the last look at the sources")
		}
		if len(p.Sources) == 0 {
			c.error(nil, "sources are missing", "name where the facts come from")
		}
	}
}

// domains checks the address domains of a provider.
func (c *checker) domains(p *Provider) {
	c.noRepeats("domains", p.Domains)
	for i, d := range p.Domains {
		switch {
		case !isASCII(d):
			c.error(at("domains", i), fmt.Sprintf("domain %q is not ASCII", d), "write its xn-- form")
		case d != strings.ToLower(d):
			c.error(at("domains", i), fmt.Sprintf("domain %q has capital letters", d), "write "+strings.ToLower(d))
		case !hostForm.MatchString(d) || !strings.Contains(d, "."):
			c.error(at("domains", i), fmt.Sprintf("domain %q is malformed", d), "write it as example.org")
		}
	}
}

// isASCII reports whether s holds ASCII only.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// mx checks one MX pattern.
func (c *checker) mx(path []any, m string) {
	if !isRegexp(m) {
		if !hostForm.MatchString(m) {
			c.error(path, fmt.Sprintf("MX suffix %q is malformed", m), "write the end of the host name in lower case, such as mx.example.org")
		}
		return
	}
	if _, err := compileMX(m); err != nil {
		c.error(path, fmt.Sprintf("MX pattern %q: %v", m, err), "write a host suffix, or a regular expression in RE2 syntax")
	}
}

// servers checks a list of servers.
func (c *checker) servers(field string, list []Server) {
	seen := map[mailconf.Endpoint]int{}
	for i, s := range list {
		path := at(field, i)
		c.endpoint(path, s)
		key := s.Endpoint
		if s.URL != "" || s.Via != "" {
			key.Host += s.Via + s.URL
		}
		if j, dup := seen[key]; dup {
			c.error(path, fmt.Sprintf("%s %s stands twice", s.Protocol, s.HostPort()), fmt.Sprintf("remove it; the first is entry %d", j+1))
		}
		seen[key] = i
		c.userForm(append(path, "username"), s.Username)
		for j, a := range s.Auth {
			c.oneOf(append(path, "auth", j), "auth", a, authForms...)
		}
		c.oneOf(append(path, "trust"), "trust", s.Trust, trusts...)
		c.link(append(path, "url"), "url", s.URL)
		c.text(append(path, "note"), "note", s.Note, false)
		if s.MinCheckMinutes < 0 {
			c.error(append(path, "min_check_minutes"), "min_check_minutes is negative", "write minutes, or leave it out")
		}
		if len(s.Sources) == 0 && c.owner() == OriginShipped {
			c.error(path, "the server names no source", "add sources:")
		}
	}
}

// endpoint checks protocol, host, port and security of a server.
func (c *checker) endpoint(path []any, s Server) {
	sub := func(field string) []any { return append(slices.Clone(path), field) }
	if s.Protocol == "" || s.Security == "" {
		c.error(path, "protocol or security is missing", "add protocol: imap and security: tls")
	}
	c.oneOf(sub("protocol"), "protocol", string(s.Protocol), protocols...)
	c.oneOf(sub("security"), "security", string(s.Security), securities...)
	host := hostPlaceholders.Replace(s.Host)
	switch {
	case s.Host == "":
		c.error(path, "host is missing", "add host:")
	case strings.ContainsAny(host, "{}"):
		c.error(sub("host"), fmt.Sprintf("unknown placeholder in host %q", s.Host), "known are {domain}, {localpart}, {address} and {account}")
	case !hostForm.MatchString(host):
		c.error(sub("host"), fmt.Sprintf("host %q is malformed", s.Host), "write it in lower case without https:// and port, such as imap.example.org")
	}
	if s.Port == 0 {
		c.error(sub("port"), "port is missing or 0", "use a port from 1 to 65535, such as 993 for IMAP with TLS")
		return
	}
	c.portFits(sub("port"), s)
}

// portFits warns when a registered port stands for another protocol or
// security; a note on the server says that this is meant.
func (c *checker) portFits(path []any, s Server) {
	proto, sec, ok := mailconf.PortMeaning(s.Port)
	if !ok || len(s.Note) > 0 || !slices.Contains(protocols, string(s.Protocol)) || !slices.Contains(securities, string(s.Security)) {
		return
	}
	if proto != s.Protocol {
		c.warn(path, fmt.Sprintf("port %d belongs to %s, not to %s", s.Port, proto, s.Protocol), "correct it, or add a note: that says why")
		return
	}
	if (sec == mailconf.TLS) != (s.Security == mailconf.TLS) {
		c.warn(path, fmt.Sprintf("port %d usually means %s, not %s", s.Port, sec, s.Security), "correct it, or add a note: that says why")
	}
}

// userForm checks what is typed as user name.
func (c *checker) userForm(path []any, f mailconf.UserForm) {
	s := string(f)
	switch {
	case s == "":
		c.error(path, "username is missing", "use "+orList(userForms)+", or other: and a description")
	case slices.Contains(userForms, s), strings.HasPrefix(s, "other:"):
	case !strings.Contains(s, "{"):
		c.error(path, fmt.Sprintf("unknown username %q", s), "use "+orList(userForms)+", or other: and a description")
	case strings.ContainsAny(hostPlaceholders.Replace(s), "{}"):
		c.error(path, fmt.Sprintf("unknown placeholder in username %q", s), "known are {domain}, {localpart}, {address} and {account}")
	}
}
