package discover

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// maxMX is how many mail exchangers are looked at.
const maxMX = 4

// mxAnswer is what the MX records of the domain say.
type mxAnswer struct {
	hosts  []string // best first
	status Status   // StatusNullMX, StatusNoDomain, StatusNoMail, StatusBrokenDNS, StatusNoNetwork, or ""
	fault  Fault
}

// lookupMX asks for the MX records; DNS is asked once however often it is called.
func (s *search) lookupMX(ctx context.Context) mxAnswer {
	a, err := s.dns.lookup(ctx, s.domain, dns.TypeMX)
	switch {
	case errors.Is(err, errServFail), errors.Is(err, errManyAliases):
		return mxAnswer{status: StatusBrokenDNS, fault: faultOf(err)}
	case err != nil:
		return mxAnswer{status: StatusNoNetwork, fault: faultOf(err)}
	case a.missing:
		return mxAnswer{status: StatusNoDomain, fault: FaultNone}
	}
	hosts, null := sortMX(a.records)
	if null {
		return mxAnswer{status: StatusNullMX, fault: FaultNone}
	}
	if len(hosts) > 0 {
		return mxAnswer{hosts: hosts}
	}
	// Without an MX, mail goes to the domain's own address (RFC 5321 section 5.1).
	if addrs, err := s.dns.addresses(ctx, s.domain); err == nil && len(addrs) == 0 {
		return mxAnswer{status: StatusNoMail, fault: FaultNone}
	}
	return mxAnswer{fault: FaultNone}
}

// sortMX returns the hosts of MX records, best first; null is true for the
// single record "0 ." (RFC 7505 section 3).
func sortMX(records []dns.RR) (hosts []string, null bool) {
	var list []*dns.MX
	for _, rr := range records {
		if mx, ok := rr.(*dns.MX); ok {
			list = append(list, mx)
		}
	}
	if len(list) == 1 && list[0].Mx == "." {
		return nil, true
	}
	slices.SortStableFunc(list, func(a, b *dns.MX) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), cmp.Compare(a.Mx, b.Mx))
	})
	for _, mx := range list {
		if h, ok := asciiHost(mx.Mx); ok && len(hosts) < maxMX && !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts, false
}

// mxProvider tells who takes the domain's mail, and the servers of that
// provider when it is known.
func mxProvider(ctx context.Context, s *search) finding {
	mx := s.lookupMX(ctx)
	f := finding{mx: mx.hosts, status: mx.status, fault: mx.fault}
	p := s.providerOf(mx.hosts)
	if p == nil {
		if f.fault == "" {
			f.fault = FaultNone
		}
		return f
	}
	f.provider = p
	for _, sv := range knowledge.Servers(p, mailconf.Address{Domain: s.domain}) {
		if len(f.servers) < maxServers && !strings.Contains(sv.Host, "{domain}") {
			f.servers = append(f.servers, Server{Server: trusted(sv)})
		}
	}
	return f
}

// trusted makes sure that a record of the knowledge base has a trust: those of
// an operator often have none, since the operator knows.
func trusted(sv knowledge.Server) knowledge.Server {
	if sv.Trust == "" {
		sv.Trust = TrustHigh
	}
	return sv
}

// providerOf returns the known provider that the best MX host of a known
// provider belongs to, or nil.
func (s *search) providerOf(hosts []string) *knowledge.Provider {
	if s.book == nil {
		return nil
	}
	for _, h := range hosts {
		if p := s.book.ByMX(h); p != nil {
			return p
		}
	}
	return nil
}

// mxDomains are the domains in which the best MX host may publish settings:
// the host without its first label, and what is registered above it (the draft's
// section on MX, with the Public Suffix List). The domain itself is asked anyway.
func (s *search) mxDomains(ctx context.Context) []string {
	mx := s.lookupMX(ctx)
	if len(mx.hosts) == 0 || s.providerOf(mx.hosts) != nil {
		return nil
	}
	base, err := publicsuffix.EffectiveTLDPlusOne(mx.hosts[0])
	if err != nil {
		return nil
	}
	out := []string{base}
	if _, parent, _ := strings.Cut(mx.hosts[0], "."); parent != base && strings.HasSuffix(parent, "."+base) {
		out = []string{parent, base}
	}
	return slices.DeleteFunc(out, func(d string) bool { return d == s.domain })
}

// mxAutoconfig asks for the MX's autoconfig, over https only.
func mxAutoconfig(ctx context.Context, s *search) finding {
	return s.first(s.mxDomains(ctx), func(d string) finding {
		return s.fetchAutoconfig(ctx, s.web.base("https", "autoconfig."+d)+"/mail/config-v1.1.xml")
	})
}

// mxISPDB asks the ISPDB about the MX's domain.
func mxISPDB(ctx context.Context, s *search) finding {
	return s.first(s.mxDomains(ctx), func(d string) finding { return s.fetchAutoconfig(ctx, s.ispdbURL(d)) })
}

// first asks in several places side by side and takes the first answer that has
// servers; a place that does not answer holds up none of the others.
func (s *search) first(places []string, ask func(string) finding) finding {
	answers := make(chan finding, len(places))
	for _, p := range places {
		s.work.Go(func() {
			f := finding{fault: FaultMalformed}
			fence.Do(s.finder.Panicked, func() { f = ask(p) })
			answers <- f
		})
	}
	best := finding{fault: FaultNone}
	for range places {
		f := <-answers
		if len(f.servers) > 0 {
			return f
		}
		if best.fault == FaultNone {
			best = f
		}
	}
	return best
}
