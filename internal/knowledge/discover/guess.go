package discover

import (
	"context"
	"net/netip"
	"slices"
	"sync"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// guessLabels are the names that hosters usually give the servers of a domain,
// best first.
var guessLabels = map[mailconf.Protocol][]string{
	mailconf.IMAP: {"imap.", "mail."},
	mailconf.POP3: {"pop.", "mail."},
	mailconf.SMTP: {"smtp.", "mail."},
}

// guessPorts are the ports to try, best first (RFC 8314 section 3).
var guessPorts = []uint16{993, 143, 995, 465, 587}

// guesses lists the usual endpoints of a domain, best first within a protocol.
func guesses(domain string) []mailconf.Endpoint {
	var out []mailconf.Endpoint
	for _, port := range guessPorts {
		p, sec, _ := mailconf.PortMeaning(port)
		for _, label := range guessLabels[p] {
			out = append(out, mailconf.Endpoint{Protocol: p, Host: label + domain, Port: port, Security: sec})
		}
	}
	return out
}

// guess tries the usual names. Names without an address are no guess; those
// with one are probed side by side as soon as DNS has shown that nothing better
// is known, or stay unconfirmed without a Probe.
func guess(ctx context.Context, s *search) finding {
	if mx := s.lookupMX(ctx); mx.status != "" || s.providerOf(mx.hosts) != nil {
		return finding{fault: FaultNone}
	}
	named := s.named(ctx, guesses(s.domain))
	select {
	case <-s.mayAsk:
	case <-ctx.Done():
		return finding{fault: FaultTimeout}
	}
	if s.finder.Probe == nil {
		return guessed(named, nil)
	}
	confirmed := make(map[mailconf.Endpoint]bool)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, e := range named {
		wg.Go(func() {
			works := false
			fence.Do(s.finder.Panicked, func() { works = s.finder.Probe(ctx, e) })
			if !works {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			confirmed[e] = true
			s.progress(ctx, SourceGuess, guessed(named, confirmed))
		})
	}
	wg.Wait()
	return guessed(named, confirmed)
}

// named keeps the endpoints whose host has an address.
func (s *search) named(ctx context.Context, eps []mailconf.Endpoint) []mailconf.Endpoint {
	exists := make(map[string]bool)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, e := range eps {
		wg.Go(func() {
			var addrs []netip.Addr
			fence.Do(s.finder.Panicked, func() { addrs, _ = s.dns.addresses(ctx, e.Host) })
			mu.Lock()
			defer mu.Unlock()
			exists[e.Host] = len(addrs) > 0
		})
	}
	wg.Wait()
	return slices.DeleteFunc(eps, func(e mailconf.Endpoint) bool { return !exists[e.Host] })
}

// guessed makes a finding of guesses: of each protocol those on the best host
// that has one, encryption from the first byte before STARTTLS. A nil map means
// that nothing was probed; then the ports with TLS alone are offered.
func guessed(eps []mailconf.Endpoint, confirmed map[mailconf.Endpoint]bool) finding {
	var f finding
	for _, p := range mailProtocols {
		host := ""
		for _, e := range eps {
			unfit := confirmed != nil && !confirmed[e] || confirmed == nil && e.Security != mailconf.TLS
			if e.Protocol != p || unfit || host != "" && e.Host != host {
				continue
			}
			host = e.Host
			sv := Server{Server: knowledge.Server{Endpoint: e, Username: mailconf.UserAddress}, Verified: confirmed != nil}
			if confirmed == nil {
				sv.Trust, sv.Doubts = TrustLow, []Doubt{DoubtGuess}
			}
			f.servers = append(f.servers, sv)
		}
	}
	if len(f.servers) == 0 {
		f.fault = FaultNone
	}
	return f
}
