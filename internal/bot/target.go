package bot

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// usualPorts are what a server of unknown make is tested on.
var usualPorts = []uint16{993, 995, 465, 587, 143}

// target makes a query into what a Prober checks. The second result names what
// was not understood: a port that is no mail port, or a name that nobody knows;
// it is "" when the target is complete.
func target(q query) (diagnose.Target, string) {
	t := diagnose.Target{Name: q.Name}
	if q.BadPort != "" {
		return t, q.BadPort
	}
	p := q.Provider
	if p == nil {
		p = q.Behind
	}
	if p != nil {
		t.Provider = p.ID
		t.Facts = diagnose.Facts{
			OAuth2Only: p.Requires.OAuth2Only, AppPassword: p.Requires.AppPassword, AppPasswordIf2FA: p.Requires.AppPasswordIf2FA,
			SeparateMailPassword: p.Requires.SeparateMailPassword, EnableIMAPPOP: p.Requires.EnableIMAPPOP,
		}
	}
	switch {
	case q.Host != "":
		t.Name = q.Host
		t.Endpoints = hostEndpoints(q)
	case q.Found != nil:
		t.Endpoints = foundEndpoints(q)
	case p != nil:
		t.Endpoints = providerEndpoints(q)
	case q.Domain != "":
		t.Endpoints = guessedEndpoints(q)
	default:
		return t, q.Name
	}
	if q.Port != 0 {
		t.Endpoints = slices.DeleteFunc(t.Endpoints, func(e mailconf.Endpoint) bool { return e.Port != q.Port })
	}
	if q.Domain != "" {
		t.Name = q.Domain
	}
	t.Domain = receivingDomain(q, t)
	return t, ""
}

// receivingDomain is the domain of the addresses that a test is about, whose
// inbound mail is noted beside it; "" when a test is of one endpoint alone.
func receivingDomain(q query, t diagnose.Target) string {
	switch {
	case q.Domain != "":
		return q.Domain
	case len(t.Endpoints) < 2:
		return ""
	case q.Provider != nil && len(q.Provider.Domains) > 0:
		return q.Provider.Domains[0]
	case q.Host != "":
		if d, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(q.Host)); err == nil {
			return d
		}
	}
	return ""
}

// providerEndpoints are the provider's servers that a mail program may use and
// a probe can check.
func providerEndpoints(q query) []mailconf.Endpoint {
	var out []mailconf.Endpoint
	for _, s := range servers(q) {
		// A server on another port, such as Proton's Bridge, is on the user's own computer.
		if _, _, mail := mailconf.PortMeaning(s.Port); mail && !strings.Contains(s.Host, "{") && !slices.Contains(out, s.Endpoint) {
			out = append(out, s.Endpoint)
		}
	}
	return out
}

// foundEndpoints are the servers that a search has found.
func foundEndpoints(q query) []mailconf.Endpoint {
	var out []mailconf.Endpoint
	for _, s := range foundServers(q) {
		if !strings.Contains(s.Host, "{") && !slices.Contains(out, s.Endpoint) {
			out = append(out, s.Endpoint)
		}
	}
	return out
}

// hostEndpoints are the ports to test on one host: the port that was typed,
// the provider's own ports on it, or the usual ones. A name that tells its
// protocol (imap.example.org) is tested for that protocol only, unless another
// was asked for: the rest would be refused there for good reason.
func hostEndpoints(q query) []mailconf.Endpoint {
	if q.Port != 0 {
		p, s, _ := mailconf.PortMeaning(q.Port)
		return []mailconf.Endpoint{{Protocol: p, Host: q.Host, Port: q.Port, Security: s}}
	}
	if q.Provider != nil {
		var own []mailconf.Endpoint
		for _, s := range append(slices.Clone(q.Provider.Servers), q.Provider.Outdated...) {
			if strings.EqualFold(s.Host, q.Host) && q.wants(s.Protocol) && !slices.Contains(own, s.Endpoint) {
				own = append(own, s.Endpoint)
			}
		}
		if len(own) > 0 {
			return own
		}
	}
	wants := q.wants
	if p := hostProtocol(q.Host); p != "" && len(q.Protocols) == 0 && !q.All {
		wants = func(x mailconf.Protocol) bool { return x == p }
	}
	var out []mailconf.Endpoint
	for _, port := range usualPorts {
		if p, s, _ := mailconf.PortMeaning(port); wants(p) {
			out = append(out, mailconf.Endpoint{Protocol: p, Host: q.Host, Port: port, Security: s})
		}
	}
	if slices.Equal(q.Protocols, []mailconf.Protocol{mailconf.POP3}) {
		out = append(out, mailconf.Endpoint{Protocol: mailconf.POP3, Host: q.Host, Port: 110, Security: mailconf.STARTTLS})
	}
	return out
}

// hostProtocol is the protocol that the first label of a host name tells, or "".
func hostProtocol(host string) mailconf.Protocol {
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	label, _, _ := strings.Cut(strings.ToLower(host), ".")
	label = strings.TrimPrefix(label, "secure")
	for prefix, p := range map[string]mailconf.Protocol{"imap": mailconf.IMAP, "pop": mailconf.POP3, "smtp": mailconf.SMTP} {
		if strings.HasPrefix(label, prefix) {
			return p
		}
	}
	return ""
}

// guessedEndpoints are the host names that hosters usually give a domain.
func guessedEndpoints(q query) []mailconf.Endpoint {
	var out []mailconf.Endpoint
	for _, e := range []mailconf.Endpoint{
		{Protocol: mailconf.IMAP, Host: "imap.", Port: 993, Security: mailconf.TLS},
		{Protocol: mailconf.POP3, Host: "pop.", Port: 995, Security: mailconf.TLS},
		{Protocol: mailconf.SMTP, Host: "smtp.", Port: 465, Security: mailconf.TLS},
		{Protocol: mailconf.SMTP, Host: "smtp.", Port: 587, Security: mailconf.STARTTLS},
	} {
		if q.wants(e.Protocol) {
			e.Host += q.Domain
			out = append(out, e)
		}
	}
	return out
}
