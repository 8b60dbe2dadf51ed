package diagnose

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// DomainInfo is what a run noted about how a domain's mail is received from
// other servers. It says nothing about mail programs and never changes a
// verdict: MTA-STS (RFC 8461) and DANE (RFC 7672) bind servers that deliver.
type DomainInfo struct {
	Name   string      `json:"name"`
	MX     []string    `json:"mx"`      // by preference, at most maxMX; empty: none, or not answered in time
	MTASTS *MTASTSInfo `json:"mta_sts"` // nil: none announced, or not answered in time
	DANE   []DANEInfo  `json:"dane"`    // one for each MX host with TLSA records
}

// MTASTSInfo is a domain's MTA-STS policy.
type MTASTSInfo struct {
	ID      string   `json:"id"`      // of the TXT record, RFC 8461 section 3.1
	Mode    string   `json:"mode"`    // "enforce", "testing", "none"; "" when the policy could not be read
	MX      []string `json:"mx"`      // the patterns that the policy allows
	MaxAge  int      `json:"max_age"` // seconds
	Problem string   `json:"problem"` // one of the MTASTS… constants, or ""
}

// What can be wrong with an MTA-STS policy. A sending server then delivers
// without it, or not at all.
const (
	MTASTSLate        = "late"         // not answered before the run was over
	MTASTSUnreachable = "unreachable"  // no policy at its address
	MTASTSCertificate = "certificate"  // the web server's certificate does not verify
	MTASTSInvalid     = "invalid"      // breaks RFC 8461 section 3.2
	MTASTSMXNotListed = "mx-not-named" // an MX host that the policy does not allow
)

// DANEInfo are the TLSA records of one MX host. They are counted and not
// compared with a certificate: RFC 7672 is for servers that deliver to port 25,
// which a run does not connect to for this, and no mail program heeds TLSA
// records on its own ports.
type DANEInfo struct {
	MX      string `json:"mx"`
	Records int    `json:"records"`
	Usable  int    `json:"usable"` // of usage DANE-TA or DANE-EE, RFC 7672 section 3.1
	Signed  bool   `json:"signed"` // our resolver vouches for DNSSEC signatures; without them no server heeds the records
}

// maxMX is how many MX hosts are looked at.
const maxMX = 4

// domainNotes gathers the DomainInfo of a run beside its probes. Whatever has
// not been answered when they end is left out, so it costs them no time.
type domainNotes struct {
	run  *run
	name string // ASCII

	mu   sync.Mutex
	info DomainInfo
	any  bool // at least one question was answered
}

// noteDomain starts to look at the target's domain; the returned function ends
// that and emits what is known by then.
func (r *run) noteDomain(ctx context.Context) (finish func()) {
	name, ok := r.Policy.hostName(r.target.Domain)
	res := resolver{servers: r.dnsServers()}
	if r.target.Domain == "" || !ok || len(res.servers) == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	n := &domainNotes{run: r, name: name, info: DomainInfo{Name: name, MX: []string{}, DANE: []DANEInfo{}}}
	var wg sync.WaitGroup
	wg.Go(func() { fence.Do(r.Panicked, func() { n.exchangers(ctx, res) }) })
	wg.Go(func() { fence.Do(r.Panicked, func() { n.mtaSTS(ctx, res) }) })
	return func() {
		cancel()
		wg.Wait()
		if info := n.known(); info != nil {
			r.events <- Step{Endpoint: mailconf.Endpoint{}, Kind: StepDomain, Status: StatusOK, Domain: info}
		}
	}
}

// known is what has been found, nil when nothing was.
func (n *domainNotes) known() *DomainInfo {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.any {
		return nil
	}
	if s := n.info.MTASTS; s != nil && s.Problem == "" && len(s.MX) > 0 {
		for _, mx := range n.info.MX {
			if !slices.ContainsFunc(s.MX, func(p string) bool { return matchesMX(p, mx) }) {
				s.Problem = MTASTSMXNotListed
			}
		}
	}
	return &n.info
}

// exchangers notes the MX hosts and their TLSA records.
func (n *domainNotes) exchangers(ctx context.Context, res resolver) {
	m, err := res.ask(ctx, n.name, dns.TypeMX, false)
	if err != nil || m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return
	}
	hosts := mxHosts(m)
	n.mu.Lock()
	n.any, n.info.MX = true, hosts
	n.mu.Unlock()
	var wg sync.WaitGroup
	for _, h := range hosts {
		wg.Go(func() { fence.Do(n.run.Panicked, func() { n.tlsa(ctx, res, h) }) })
	}
	wg.Wait()
}

// mxHosts are the hosts of an answer, best first; the null MX of RFC 7505 is none.
func mxHosts(m *dns.Msg) []string {
	var list []*dns.MX
	for _, rr := range m.Answer {
		if mx, ok := rr.(*dns.MX); ok && mx.Mx != "." {
			list = append(list, mx)
		}
	}
	slices.SortStableFunc(list, func(a, b *dns.MX) int { return int(a.Preference) - int(b.Preference) })
	hosts := []string{}
	for _, mx := range list[:min(len(list), maxMX)] {
		hosts = append(hosts, CleanServerText(strings.ToLower(strings.TrimSuffix(mx.Mx, "."))))
	}
	return hosts
}

// tlsa notes the TLSA records of one MX host, RFC 7672 section 2.2.3.
func (n *domainNotes) tlsa(ctx context.Context, res resolver, host string) {
	m, err := res.ask(ctx, "_25._tcp."+host, dns.TypeTLSA, false)
	if err != nil || m.Rcode != dns.RcodeSuccess {
		return
	}
	d := DANEInfo{MX: host, Signed: m.AuthenticatedData && n.run.trustsAD()}
	for _, rr := range m.Answer {
		if t, ok := rr.(*dns.TLSA); ok {
			d.Records++
			if t.Usage == 2 || t.Usage == 3 {
				d.Usable++
			}
		}
	}
	if d.Records == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.info.DANE = append(n.info.DANE, d)
	slices.SortFunc(n.info.DANE, func(a, b DANEInfo) int {
		return slices.Index(n.info.MX, a.MX) - slices.Index(n.info.MX, b.MX)
	})
}

// trustsAD reports whether the resolver's word on signatures cannot be changed
// on the way to us (RFC 4035 section 4.9.3): it runs on this machine and was
// named by the operator.
func (p *Prober) trustsAD() bool {
	host, _, err := net.SplitHostPort(p.Resolver)
	return err == nil && net.ParseIP(host).IsLoopback()
}
