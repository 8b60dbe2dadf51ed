package diagnose

import (
	"context"
	"net/netip"
	"sync"
)

// NoteDomain looks at a domain and waits for all answers. told is what servers
// say of the time, as a run would report it.
func (p *Prober) NoteDomain(ctx context.Context, domain string) (info *DomainInfo, told []Step) {
	r := newRun(p, Target{Domain: domain})
	n := &domainNotes{run: r, name: domain, info: DomainInfo{Name: domain}}
	res := resolver{servers: p.dnsServers()}
	var wg sync.WaitGroup
	wg.Go(func() { n.exchangers(ctx, res) })
	wg.Go(func() { n.mtaSTS(ctx, res) })
	wg.Wait()
	close(r.events)
	for s := range r.events {
		told = append(told, s)
	}
	return n.known(), told
}

// Allows reports what a Prober knows of an address once it has learned about
// its network.
func (p *Prober) Allows(a netip.Addr) bool {
	<-p.learn(p.Timeouts.withDefaults().DNS)
	return p.allows(a)
}
