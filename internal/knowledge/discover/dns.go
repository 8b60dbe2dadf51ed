package discover

import (
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

// Limits on what DNS may answer.
const (
	maxRecords   = 32  // taken of one answer; a hoster with more MX hosts or SRV targets than that does not exist
	maxScanned   = 512 // looked at in one answer
	maxAliases   = 8   // CNAMEs followed from one name, as in BIND's and Unbound's order of magnitude
	maxAddresses = 4   // tried per host
)

// dnsTries are how long each round of asking the servers waits. Two seconds in
// all: a resolver that is silent for so long is taken for unreachable.
var dnsTries = []time.Duration{800 * time.Millisecond, 1200 * time.Millisecond}

// Errors of a look-up.
var (
	errNoAnswer    = errors.New("dns: no answer")
	errServFail    = errors.New("dns: the name servers fail")
	errManyAliases = errors.New("dns: CNAME loop or chain too long")
)

// answer are the records of one type that a name has.
type answer struct {
	records []dns.RR
	missing bool // NXDOMAIN
	signed  bool // a resolver on this machine has verified DNSSEC signatures
}

// resolver asks DNS, each question at most once. Safe for concurrent use.
type resolver struct {
	servers []string
	trustAD bool // the servers' word on DNSSEC signatures counts
	mu      sync.Mutex
	asked   map[question]*reply
}

type question struct {
	name  string
	qtype uint16
}

type reply struct {
	done chan struct{}
	answer
	err error
}

// newResolver asks server, or those of resolv.conf when it is "". Their AD bit
// is believed when nobody can change it on the way (RFC 4035 section 4.9.3): from
// a server on this machine that the operator has named, or where resolv.conf says
// "options trust-ad", as in glibc. Docker's 127.0.0.11 only forwards.
func newResolver(server string) *resolver {
	r := &resolver{asked: make(map[question]*reply)}
	if server != "" {
		r.servers, r.trustAD = []string{server}, loopback(server)
		return r
	}
	const file = "/etc/resolv.conf"
	conf, err := dns.ClientConfigFromFile(file)
	if err != nil {
		return r // no such file on this system: lookup asks the operating system
	}
	for _, s := range conf.Servers {
		r.servers = append(r.servers, net.JoinHostPort(s, conf.Port))
	}
	if b, err := os.ReadFile(file); err == nil {
		r.trustAD = trustsAD(string(b))
	}
	return r
}

// trustsAD reports whether a resolv.conf has the option trust-ad (resolv.conf(5)).
func trustsAD(conf string) bool {
	for line := range strings.Lines(conf) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "options" && slices.Contains(f[1:], "trust-ad") {
			return true
		}
	}
	return false
}

// lookup returns the records of a name, following CNAMEs. ctx is that of the
// search, not of one source: sources share the answer.
func (r *resolver) lookup(ctx context.Context, name string, qtype uint16) (answer, error) {
	q := question{dns.CanonicalName(name), qtype}
	r.mu.Lock()
	rep := r.asked[q]
	if rep == nil {
		rep = &reply{done: make(chan struct{})}
		r.asked[q] = rep
		r.mu.Unlock()
		rep.answer, rep.err = r.follow(ctx, q)
		close(rep.done)
		return rep.answer, rep.err
	}
	r.mu.Unlock()
	select {
	case <-rep.done:
		return rep.answer, rep.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// follow asks for q and for what its CNAMEs lead to.
func (r *resolver) follow(ctx context.Context, q question) (answer, error) {
	if len(r.servers) == 0 {
		return systemLookup(ctx, q)
	}
	signed := true
	for hops := 0; hops <= maxAliases; {
		m, err := r.ask(ctx, q)
		if err != nil {
			return answer{}, err
		}
		signed = signed && m.AuthenticatedData && r.trustAD
		records, end, n := readChain(m, q)
		hops += n
		switch {
		case n > maxAliases:
			return answer{}, errManyAliases
		case len(records) > 0:
			return answer{records: records, signed: signed}, nil
		case m.Rcode == dns.RcodeNameError:
			return answer{missing: true}, nil
		case m.Rcode != dns.RcodeSuccess:
			return answer{}, errServFail
		case end == q.name:
			return answer{}, nil
		}
		q.name = end // the server left following the alias to us
		hops++
	}
	return answer{}, errManyAliases
}

// readChain follows the CNAMEs of an answer from q's name to its end, and
// returns the wanted records there and the number of CNAMEs passed; more than
// maxAliases means a loop or as good as one.
func readChain(m *dns.Msg, q question) (records []dns.RR, end string, hops int) {
	alias := make(map[string]string)
	rrs := m.Answer[:min(len(m.Answer), maxScanned)]
	for _, rr := range rrs {
		if c, ok := rr.(*dns.CNAME); ok {
			alias[dns.CanonicalName(c.Hdr.Name)] = dns.CanonicalName(c.Target)
		}
	}
	for end = q.name; hops <= maxAliases; hops++ {
		next, ok := alias[end]
		if !ok {
			break
		}
		end = next
	}
	for _, rr := range rrs {
		if h := rr.Header(); h.Rrtype == q.qtype && dns.CanonicalName(h.Name) == end && len(records) < maxRecords {
			records = append(records, rr)
		}
	}
	return records, end, hops
}

// ask sends a question to the servers in turn until one answers, over TCP when
// the answer was cut. Servers that refuse at once make it fail at once.
func (r *resolver) ask(ctx context.Context, q question) (*dns.Msg, error) {
	msg := new(dns.Msg)
	msg.SetQuestion(q.name, q.qtype)
	msg.SetEdns0(1232, false)    // a size that needs no fragments (DNS flag day 2020)
	msg.AuthenticatedData = true // asks for the AD bit in the answer, RFC 6840 section 5.7
	err := errNoAnswer
	for _, wait := range dnsTries {
		for _, server := range r.servers {
			c := dns.Client{Timeout: wait / time.Duration(len(r.servers)), UDPSize: 1232}
			m, _, eerr := c.ExchangeContext(ctx, msg, server)
			if eerr == nil && m.Truncated {
				c.Net = "tcp"
				m, _, eerr = c.ExchangeContext(ctx, msg, server)
			}
			if eerr == nil {
				return m, nil
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if !errors.Is(eerr, os.ErrDeadlineExceeded) {
				err = errors.Join(errNoAnswer, eerr)
			}
		}
	}
	return nil, err
}

// loopback reports whether a server runs on this machine.
func loopback(server string) bool {
	a, err := netip.ParseAddrPort(server)
	return err == nil && a.Addr().Unmap().IsLoopback()
}

// addresses returns at most maxAddresses addresses of a host, IPv4 and IPv6 in turn.
func (r *resolver) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	types := [2]uint16{dns.TypeA, dns.TypeAAAA}
	var got [2]answer
	var errs [2]error
	var wg sync.WaitGroup
	for i, t := range types {
		wg.Go(func() {
			errs[i] = errNoAnswer
			fence.Do(nil, func() { got[i], errs[i] = r.lookup(ctx, host, t) })
		})
	}
	wg.Wait()
	var lists [2][]netip.Addr
	for i, a := range got {
		for _, rr := range a.records {
			if ip, ok := address(rr); ok {
				lists[i] = append(lists[i], ip)
			}
		}
	}
	var addrs []netip.Addr
	for i := range maxRecords {
		for _, l := range lists {
			if i < len(l) && len(addrs) < maxAddresses {
				addrs = append(addrs, l[i])
			}
		}
	}
	if len(addrs) > 0 {
		return addrs, nil
	}
	return nil, errors.Join(errs[:]...)
}

func address(rr dns.RR) (netip.Addr, bool) {
	var ip net.IP
	switch rr := rr.(type) {
	case *dns.A:
		ip = rr.A
	case *dns.AAAA:
		ip = rr.AAAA
	}
	a, ok := netip.AddrFromSlice(ip)
	return a.Unmap(), ok
}

// text returns a TXT record's strings as one, as RFC 7208 section 3.3 joins them.
func text(rr dns.RR) string {
	if t, ok := rr.(*dns.TXT); ok {
		return strings.Join(t.Txt, "")
	}
	return ""
}
