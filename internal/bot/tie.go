package bot

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Tie says by what a server belongs to the addresses of a domain.
type Tie string

// The ties that a password may follow.
const (
	TieOperator   Tie = "operator"   // the operator allows the host for all addresses
	TieKnowledge  Tie = "knowledge"  // a shipped record, or one of the operator's
	TieAutoconfig Tie = "autoconfig" // published by the domain over verified https
	TieSRV        Tie = "srv"        // published in DNS: signed, or below the domain itself
	TieMX         Tie = "mx"         // the known provider that takes the domain's mail
)

// ties are what is known of the domain of an address when a login is asked for.
type ties struct {
	book  *knowledge.Book
	found *discover.Result // what a search for the domain has found; may be nil
	allow []string         // hosts that the operator allows for every address
}

// of decides alone whether the password of an address in domain may be sent to
// an endpoint: it must be published for that domain, exactly as it is, by
// somebody who may speak for it. Nothing is normalised here: a host or domain
// that is not in its canonical form (lower case, ASCII, no final dot) has no
// tie, and so has nothing that only resembles a published name. What cannot
// vouch: an agent's word in chat, plain http, Autodiscover, guesses, and DNS
// without a signature that points outside the domain (RFC 6186, section 6).
func (t ties) of(domain string, e mailconf.Endpoint) (knowledge.Server, Tie, bool) {
	none := knowledge.Server{}
	if !canonicalName(domain) || !canonicalName(e.Host) || !encryptedMail(e) {
		return none, "", false
	}
	if slices.Contains(t.allow, e.Host) {
		return knowledge.Server{Endpoint: e, Username: mailconf.UserAddress}, TieOperator, true
	}
	if s, ok := vouched(t.book.ByDomain(domain), domain, e); ok {
		return s, TieKnowledge, true
	}
	if t.found == nil || t.found.Domain != domain || t.found.Status != discover.StatusFound {
		return none, "", false
	}
	for _, s := range t.found.Servers {
		if s.Endpoint != e {
			continue
		}
		if tie, ok := t.published(domain, s); ok {
			return s.Server, tie, true
		}
	}
	return none, "", false
}

// published says whether the sources of a server that was found may speak for
// the domain.
func (t ties) published(domain string, s discover.Server) (Tie, bool) {
	for _, src := range s.Sources {
		switch discover.Source(src) {
		case discover.SourceAutoconfig, discover.SourceWellKnown, discover.SourcePACC, discover.SourceISPDB:
			return TieAutoconfig, true
		case discover.SourceSRV:
			if signed(s) || below(s.Host, domain) {
				return TieSRV, true
			}
		case discover.SourceMX:
			if _, ok := vouched(t.book.Provider(t.found.Provider), domain, s.Endpoint); ok {
				return TieMX, true
			}
		}
	}
	return "", false
}

// signed reports whether the SRV record of a server was signed: its trust is
// high then, and no other source that is trusted as much has lent it.
func signed(s discover.Server) bool {
	return s.Trust == discover.TrustHigh && len(s.Doubts) == 0 &&
		!slices.Contains(s.Sources, string(discover.SourceAutodiscover)) && !slices.Contains(s.Sources, string(discover.SourceMX))
}

// vouched finds an endpoint among the current servers of a provider, for the
// addresses of a domain, if its record is shipped or the operator's own.
func vouched(p *knowledge.Provider, domain string, e mailconf.Endpoint) (knowledge.Server, bool) {
	if p == nil || p.Origin != knowledge.OriginShipped && p.Origin != knowledge.OriginOperator {
		return knowledge.Server{}, false
	}
	for _, s := range knowledge.Servers(p, mailconf.Address{Domain: domain}, protocolOrder...) {
		if s.Endpoint == e {
			return s, true
		}
	}
	return knowledge.Server{}, false
}

// canonicalName reports whether a name is a host name of two labels or more just
// as DNS and certificates carry it, and no public suffix.
func canonicalName(name string) bool {
	ascii, ok := discover.Domain(name)
	if !ok || ascii != name || strings.ContainsAny(name, "@_") {
		return false
	}
	_, err := publicsuffix.EffectiveTLDPlusOne(name)
	return err == nil
}

// encryptedMail reports whether an endpoint is on a port of its protocol and
// encrypts before the login.
func encryptedMail(e mailconf.Endpoint) bool {
	p, _, ok := mailconf.PortMeaning(e.Port)
	return ok && p == e.Protocol && (e.Security == mailconf.TLS || e.Security == mailconf.STARTTLS)
}

// below reports whether host is domain or lies below it.
func below(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}
