package discover

import (
	"context"
	"crypto/x509"
	"iter"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// DefaultBudget is how long a search may take: people who wait for a chat
// answer look away after about that long.
const DefaultBudget = 5 * time.Second

// Finder finds mail servers. The zero value is useful: system resolver and
// roots, public addresses only, no knowledge of providers, and guesses that
// stay unconfirmed. Safe for concurrent use; fields are not changed after the
// first Find.
type Finder struct {
	Resolver  string           // DNS server as host:port; "" is the system's
	Roots     *x509.CertPool   // nil: the system's
	MoreRoots *x509.CertPool   // trusted besides
	Now       func() time.Time // nil: time.Now; for dates and certificates, not for waiting
	Budget    time.Duration    // 0: DefaultBudget

	// Allow refuses an address by an error. It is asked for each address at the
	// moment of connecting. nil allows public unicast addresses.
	Allow func(netip.AddrPort) error

	// Book is asked for the provider behind an MX host or an Exchange server. nil: nobody is known.
	Book func() *knowledge.Book

	// Probe reports whether a mail server answers at an endpoint, under the
	// encryption that the endpoint names and with a certificate that verifies.
	// It gives no credentials. nil: guesses stay unconfirmed.
	Probe func(context.Context, mailconf.Endpoint) bool

	// Panicked is told of a panic while a source was asked, on its goroutine's
	// stack. That source counts as unreadable. nil: nobody is told.
	Panicked func(v any)

	ISPDB     string // base URL, ending in a slash; "" is Thunderbird's
	HTTPSPort uint16 // 0: 443
	HTTPPort  uint16 // 0: 80
}

// ThunderbirdISPDB is the database that Thunderbird asks
// (draft-ietf-mailmaint-autoconfig-06, section on the ISPDB).
const ThunderbirdISPDB = "https://autoconfig.thunderbird.net/v1.1/"

// Find searches for the servers of a domain, or of the domain of an address,
// and yields what is known whenever it has become better. The last Result is
// Final; it comes in every case, within the budget, also when ctx ends.
// Breaking out of the loop cancels the search and waits for its connections to
// be closed.
//
// Pass an address only with the consent of its owner: it is then told to the
// domain's own servers, over https alone. For a bare domain they are asked
// about the neutral postmaster@DOMAIN (RFC 2142).
func (f *Finder) Find(ctx context.Context, name string) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		t, ok := parseTarget(name)
		if !ok {
			yield(Result{Domain: t.domain, Status: StatusBadName, Checked: f.now(), Final: true})
			return
		}
		budget := f.Budget
		if budget <= 0 {
			budget = DefaultBudget
		}
		ctx, cancel := context.WithTimeout(ctx, budget)
		s := newSearch(f, t, budget)
		defer s.wait()
		defer cancel()
		s.start(ctx)
		s.listen(ctx, cancel, yield)
	}
}

func (f *Finder) now() time.Time {
	if f.Now != nil {
		return f.Now()
	}
	return time.Now()
}

// target is what a search is about.
type target struct {
	domain string           // ASCII
	told   mailconf.Address // the address that servers are asked about
}

// parseTarget reads a domain or an address.
func parseTarget(name string) (target, bool) {
	name = strings.TrimSpace(name)
	local := "postmaster"
	if a, ok := mailconf.ParseAddress(name); ok {
		local, name = a.Local, a.Domain
	}
	domain, ok := asciiHost(name)
	t := target{domain: domain, told: mailconf.Address{Local: local, Domain: domain}}
	return t, ok
}

// Domain returns the domain of a name or address as Results carry it: ASCII,
// lower case. ok is false for what is no domain name.
func Domain(name string) (ascii string, ok bool) {
	t, ok := parseTarget(name)
	return t.domain, ok
}

// asciiHost brings a host name into lower-case ASCII without the final dot. ok
// is false for what is no host name of two or more labels: an IP address, a
// single label, characters that DNS names of hosts do not have.
func asciiHost(name string) (ascii string, ok bool) {
	name = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".")
	if len(name) > 1000 { // far beyond 253 octets in any script
		return "", false
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil || len(ascii) > 253 || !strings.Contains(ascii, ".") { // RFC 1035 section 2.3.4
		return "", false
	}
	labels := strings.Split(ascii, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", false
		}
	}
	last := labels[len(labels)-1] // digits first: an address such as 127.1, or 0x7f.0x1
	return ascii, last[0] < '0' || last[0] > '9'
}
