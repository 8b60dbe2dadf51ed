package diagnose

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

// surroundings are what a Prober has learned about the network it stands in:
// the prefixes under which a NAT64 reaches IPv4, and the addresses of its own
// names. They are asked for beside the first look-up of a host, and again after
// surroundingsAge. The zero value is ready.
type surroundings struct {
	mu     sync.Mutex
	asked  time.Time
	known  chan struct{} // closed when the answers are in
	prefix []netip.Prefix
	own    []netip.Addr
}

const surroundingsAge = time.Hour

// learn starts to ask, unless it has been done a short while ago. The returned
// channel is closed when the answers are in, or did not come.
func (p *Prober) learn(limit time.Duration) <-chan struct{} {
	s := &p.around
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known != nil && time.Since(s.asked) < surroundingsAge {
		return s.known
	}
	s.asked, s.known = time.Now(), make(chan struct{})
	known := s.known
	go func() { defer close(known); fence.Do(p.Panicked, func() { p.askAround(limit) }) }()
	return s.known
}

// askAround asks; what does not answer leaves what was known before.
func (p *Prober) askAround(limit time.Duration) {
	res := resolver{servers: p.dnsServers()}
	if len(res.servers) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() {
		fence.Do(p.Panicked, func() {
			if m, err := res.ask(ctx, "ipv4only.arpa", dns.TypeAAAA, false); err == nil {
				p.around.set(nat64Prefixes(addresses(m)), nil)
			}
		})
	})
	for _, name := range p.OwnNames {
		wg.Go(func() {
			fence.Do(p.Panicked, func() {
				if addrs, f := res.lookup(ctx, name); f == nil {
					p.around.set(nil, addrs)
				}
			})
		})
	}
	wg.Wait()
}

func (s *surroundings) set(prefix []netip.Prefix, own []netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if prefix != nil {
		s.prefix = prefix
	}
	for _, a := range own {
		if !slices.Contains(s.own, a) {
			s.own = append(s.own, a)
		}
	}
}

// unwrap returns the IPv4 address that a NAT64 of this network would turn a
// into, or a itself.
func (s *surroundings) unwrap(a netip.Addr) netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.prefix {
		if p.Contains(a) {
			return embedded(a, p.Bits())
		}
	}
	return a
}

// holds reports whether an address is one of our own names'.
func (s *surroundings) holds(a netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.own, a)
}

// allows reports whether an address may be dialled: by the Policy, after a
// NAT64's IPv4 address has been taken out, and not one that our own names have.
func (p *Prober) allows(a netip.Addr) bool {
	a = a.Unmap()
	inner := p.around.unwrap(a)
	if p.around.holds(a) || p.around.holds(inner) {
		return p.Policy.lists(inner)
	}
	return p.Policy.allows(inner)
}

// Check returns an error for an address that may not be connected to; ports are
// not judged. It lets other connections than probes follow the same rules. It
// waits for what must be known of the network before an IPv6 address can be judged.
func (p *Prober) Check(a netip.AddrPort) error {
	p.await(p.learn(p.Timeouts.withDefaults().DNS), []netip.Addr{a.Addr()})
	if !p.allows(a.Addr()) {
		return errBlocked
	}
	return nil
}

// await waits for the surroundings where they matter: for IPv6 addresses, and
// when there are own names to compare with.
func (p *Prober) await(known <-chan struct{}, addrs []netip.Addr) {
	if len(p.OwnNames) > 0 || slices.ContainsFunc(addrs, func(a netip.Addr) bool { return a.Unmap().Is6() }) {
		<-known
	}
}

// nat64Prefixes finds the prefixes that a DNS64 has put before the well-known
// addresses of ipv4only.arpa (RFC 7050 section 3). Never nil.
func nat64Prefixes(addrs []netip.Addr) []netip.Prefix {
	out := []netip.Prefix{}
	for _, a := range addrs {
		if !a.Is6() {
			continue
		}
		for _, bits := range []int{96, 64, 56, 48, 40, 32} { // RFC 6052 section 2.2
			if e := embedded(a, bits); e != wellKnown170 && e != wellKnown171 {
				continue
			}
			if p := netip.PrefixFrom(a, bits).Masked(); !slices.Contains(out, p) {
				out = append(out, p)
			}
			break
		}
	}
	return out
}

// The addresses of ipv4only.arpa, RFC 7050 section 2.2.
var (
	wellKnown170 = netip.AddrFrom4([4]byte{192, 0, 0, 170})
	wellKnown171 = netip.AddrFrom4([4]byte{192, 0, 0, 171})
)

// embedded is the IPv4 address behind a prefix of a length: the next 32 bits,
// leaving out bits 64 to 71 (RFC 6052 section 2.2).
func embedded(a netip.Addr, bits int) netip.Addr {
	b := a.As16()
	var v4 [4]byte
	for i, at := 0, bits/8; i < 4; at++ {
		if at == 8 {
			continue
		}
		v4[i] = b[at]
		i++
	}
	return netip.AddrFrom4(v4)
}
