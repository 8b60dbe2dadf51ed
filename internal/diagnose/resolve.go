package diagnose

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

// lookup turns a host name, as Policy.hostName gives it, into addresses: IPv4
// first, in the order of the answers. A fault tells a name that does not exist
// from one without an address, from broken name servers, broken signatures and
// a resolver that does not answer.
func (p *Prober) lookup(ctx context.Context, name string, limit time.Duration) ([]netip.Addr, *fault) {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if p.Resolver == "" {
		if addrs := hostsFile("/etc/hosts", name); len(addrs) > 0 {
			return addrs, nil
		}
	}
	r := resolver{servers: p.dnsServers()}
	if len(r.servers) == 0 {
		return systemLookup(ctx, name)
	}
	return r.lookup(ctx, name)
}

// dnsServers are the servers to ask; none where the system keeps no resolv.conf.
func (p *Prober) dnsServers() []string {
	if p.Resolver != "" {
		return []string{p.Resolver}
	}
	conf, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	var servers []string
	for _, s := range conf.Servers {
		servers = append(servers, net.JoinHostPort(s, conf.Port))
	}
	return servers
}

// resolver asks DNS servers, one after the other.
type resolver struct{ servers []string }

// lookup asks for A and AAAA at the same time.
func (r resolver) lookup(ctx context.Context, name string) ([]netip.Addr, *fault) {
	types := [2]uint16{dns.TypeA, dns.TypeAAAA}
	var msgs [2]*dns.Msg
	var errs [2]error
	var wg sync.WaitGroup
	for i, t := range types {
		wg.Go(func() {
			if !fence.Do(nil, func() { msgs[i], errs[i] = r.ask(ctx, name, t, false) }) {
				msgs[i], errs[i] = nil, errGarbage
			}
		})
	}
	wg.Wait()
	var addrs []netip.Addr
	for _, m := range msgs {
		addrs = append(addrs, addresses(m)...)
	}
	if len(addrs) > 0 {
		return addrs, nil
	}
	return nil, r.why(ctx, name, msgs[:], errs[:])
}

// why explains an answer without addresses.
func (r resolver) why(ctx context.Context, name string, msgs []*dns.Msg, errs []error) *fault {
	has := func(rcode int) bool {
		return slices.ContainsFunc(msgs, func(m *dns.Msg) bool { return m != nil && m.Rcode == rcode })
	}
	switch {
	case has(dns.RcodeNameError):
		return &fault{cause: CauseDNSFailure}
	case has(dns.RcodeServerFailure):
		// With checking disabled a validating resolver hands out what it
		// would refuse because of its signatures (RFC 4035 section 3.2.2).
		if m, err := r.ask(ctx, name, dns.TypeA, true); err == nil && m.Rcode == dns.RcodeSuccess {
			return &fault{cause: CauseDNSSECBogus}
		}
		return &fault{cause: CauseDNSServerFailure, detail: "SERVFAIL"}
	case errs[0] != nil && errs[1] != nil:
		if errors.Is(context.Cause(ctx), errBudget) {
			return &fault{cause: CauseBudgetExceeded}
		}
		return &fault{cause: CauseDNSTimeout}
	case has(dns.RcodeSuccess):
		return &fault{cause: CauseDNSNoAddress}
	}
	for _, m := range msgs {
		if m != nil {
			return &fault{cause: CauseDNSServerFailure, detail: dns.RcodeToString[m.Rcode]}
		}
	}
	return &fault{cause: CauseDNSTimeout}
}

// ask sends one question to the servers in turn, twice round, until one answers.
func (r resolver) ask(ctx context.Context, name string, qtype uint16, checkingDisabled bool) (*dns.Msg, error) {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(name), qtype)
	q.SetEdns0(1232, false) // 1232: a size that needs no fragments (DNS flag day 2020)
	q.CheckingDisabled = checkingDisabled
	var lastErr error
	for range 2 {
		for _, server := range r.servers {
			m, err := exchange(ctx, q, server)
			if err == nil {
				return m, nil
			}
			lastErr = err
			if ctx.Err() != nil {
				return nil, lastErr
			}
		}
	}
	return nil, lastErr
}

// exchange asks one server over UDP, and over TCP when the answer was cut.
func exchange(ctx context.Context, q *dns.Msg, server string) (*dns.Msg, error) {
	c := dns.Client{Timeout: 2 * time.Second, UDPSize: 1232}
	m, err := exchangeOnce(ctx, c, q, server)
	if err == nil && m.Truncated {
		c.Net = "tcp"
		m, err = exchangeOnce(ctx, c, q, server)
	}
	return m, err
}

// exchangeOnce asks and stops when ctx is cancelled; the client by itself heeds
// deadlines alone.
func exchangeOnce(ctx context.Context, c dns.Client, q *dns.Msg, server string) (*dns.Msg, error) {
	conn, err := c.DialContext(ctx, server)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { fence.Do(nil, func() { _ = conn.Close() }) })
	defer func() {
		if stop() {
			_ = conn.Close()
		}
	}()
	m, _, err := c.ExchangeWithConnContext(ctx, q, conn)
	return m, err
}

// addresses takes the A and AAAA records out of an answer, at most 16.
func addresses(m *dns.Msg) []netip.Addr {
	if m == nil || m.Rcode != dns.RcodeSuccess {
		return nil
	}
	var addrs []netip.Addr
	for _, rr := range m.Answer {
		var ip net.IP
		switch rr := rr.(type) {
		case *dns.A:
			ip = rr.A
		case *dns.AAAA:
			ip = rr.AAAA
		}
		if a, ok := netip.AddrFromSlice(ip); ok && len(addrs) < 16 && !slices.Contains(addrs, a.Unmap()) {
			addrs = append(addrs, a.Unmap())
		}
	}
	return addrs
}

// hostsFile looks a name up in a hosts file (hosts(5)).
func hostsFile(path, name string) []netip.Addr {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var v4, v6 []netip.Addr
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line, _, _ := strings.Cut(sc.Text(), "#")
		fields := strings.Fields(line)
		if len(fields) < 2 || !slices.ContainsFunc(fields[1:], func(h string) bool { return strings.EqualFold(strings.TrimSuffix(h, "."), name) }) {
			continue
		}
		a, err := netip.ParseAddr(fields[0])
		switch {
		case err != nil:
		case a.Unmap().Is4():
			v4 = append(v4, a.Unmap())
		default:
			v6 = append(v6, a)
		}
	}
	return append(v4, v6...)
}

// systemLookup asks the operating system where it keeps no resolv.conf. It
// cannot tell NXDOMAIN from NODATA there.
func systemLookup(ctx context.Context, name string) ([]netip.Addr, *fault) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	var de *net.DNSError
	switch {
	case err == nil:
		for i := range addrs {
			addrs[i] = addrs[i].Unmap()
		}
		slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
		return addrs, nil
	case errors.As(err, &de) && de.IsNotFound:
		return nil, &fault{cause: CauseDNSFailure}
	case errors.As(err, &de) && !de.IsTimeout:
		return nil, &fault{cause: CauseDNSServerFailure}
	}
	return nil, &fault{cause: CauseDNSTimeout}
}
