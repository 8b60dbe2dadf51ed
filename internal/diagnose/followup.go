package diagnose

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// alternatives are endpoints worth a look when e has failed with a cause: the
// same port in the other mode, or the protocol's registered ports.
func alternatives(e mailconf.Endpoint, c Cause) []mailconf.Endpoint {
	switch c {
	case CauseSSLSTARTTLSMismatch:
		other := e
		if other.Security = mailconf.TLS; e.Security == mailconf.TLS {
			other.Security = mailconf.STARTTLS
		}
		return []mailconf.Endpoint{other}
	case CauseConnectionRefused, CauseTimeout, CauseWrongPortOrProtocol, CauseGreetingTimeout, CauseSTARTTLSMissing,
		CauseNoEncryption, CauseEncryptionRequired, CauseMTANotSubmission, CauseHostUnreachable:
		var alts []mailconf.Endpoint
		for _, s := range []mailconf.Security{mailconf.TLS, mailconf.STARTTLS} {
			if alt := (mailconf.Endpoint{Protocol: e.Protocol, Host: e.Host, Port: mailconf.DefaultPort(e.Protocol, s), Security: s}); alt != e {
				alts = append(alts, alt)
			}
		}
		return alts
	}
	return nil
}

// lookAround searches for what works in the place of a failed endpoint, when
// the run has no other one of the protocol that could tell.
func (r *run) lookAround(ctx context.Context, e mailconf.Endpoint, name string, a *attempt) {
	alts := alternatives(e, a.failed)
	siblings := slices.ContainsFunc(r.target.Endpoints, func(o mailconf.Endpoint) bool { return o != e && o.Protocol == e.Protocol })
	if len(alts) == 0 || siblings && a.failed != CauseSSLSTARTTLSMismatch || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, r.limits.OtherFamily, errBudget)
	defer cancel()
	works := make([]bool, len(alts))
	var wg sync.WaitGroup
	for i, alt := range alts {
		wg.Go(func() {
			s := &attempt{run: r, ep: alt, name: name, addrs: a.addrs, emit: func(Step) {}, shadow: true}
			works[i] = fence.Do(r.Panicked, func() { s.probe(ctx) }) && s.failed == ""
		})
	}
	wg.Wait()
	if i := slices.Index(works, true); i >= 0 {
		r.events <- Step{Endpoint: e, Kind: StepInstead, Status: StatusOK, Instead: &alts[i]}
	}
}

// registrable is the domain that somebody registered: "gmx.net" of "imap.gmx.net".
func registrable(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if d, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return d
	}
	return host
}

// takesClients reports whether one of the ports for mail programs that were
// not probed takes connections: many a small host is its own MX. It is asked
// when none of the probed ports did.
func (r *run) takesClients(ctx context.Context, host string, addrs []netip.Addr) bool {
	ctx, cancel := context.WithTimeoutCause(ctx, r.limits.OtherFamily, errBudget)
	defer cancel()
	var open atomic.Bool
	var wg sync.WaitGroup
	for _, port := range []uint16{993, 143, 995, 110, 465, 587} {
		probed := slices.ContainsFunc(r.target.Endpoints, func(e mailconf.Endpoint) bool { return e.Host == host && e.Port == port })
		if probed {
			continue
		}
		wg.Go(func() {
			fence.Do(r.Panicked, func() {
				if c, err := r.dial(ctx, netip.AddrPortFrom(addrs[0], port)); err == nil {
					_ = c.Close()
					open.Store(true)
					cancel()
				}
			})
		})
	}
	wg.Wait()
	return open.Load() || ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled)
}

// whyNoClients looks for the reason why a host takes no mail programs: it is
// the MX of a domain above it, or its domain receives no mail at all. It is
// asked only when nothing but port 25 answered.
func (r *run) whyNoClients(ctx context.Context, name string) *fault {
	res := resolver{servers: r.dnsServers()}
	if len(res.servers) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.limits.DNS)
	defer cancel()
	top := registrable(name)
	for range 4 {
		m, err := res.ask(ctx, name, dns.TypeMX, false)
		if err != nil {
			return nil
		}
		if f := mxFault(m, r.target, name); f != nil {
			return f
		}
		if name == top {
			return nil
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return nil
}

// mxFault judges the MX records of a domain.
func mxFault(m *dns.Msg, t Target, domain string) *fault {
	for _, rr := range m.Answer {
		mx, ok := rr.(*dns.MX)
		if !ok {
			continue
		}
		host := strings.ToLower(strings.TrimSuffix(mx.Mx, "."))
		if host == "" { // RFC 7505
			return &fault{cause: CauseDomainNoMail, detail: domain}
		}
		for _, e := range t.Endpoints {
			if strings.EqualFold(strings.TrimSuffix(e.Host, "."), host) {
				return &fault{cause: CauseMXNotClientHost, detail: domain}
			}
		}
	}
	return nil
}
