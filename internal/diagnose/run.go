package diagnose

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// run is one Probe: what its goroutines share.
type run struct {
	*Prober
	target Target
	limits Timeouts
	events chan Step
	gate   *gate
	report *reporter
	inbox  chan struct{} // holds the one IMAP connection that opens INBOX

	slots slots

	mu sync.Mutex

	// Of the login, under mu.
	guardAsked, guarded, loginOK, loginFailed bool

	paused []string // hosts whose POP3 wants a pause after the login that was tried; under mu
}

func newRun(p *Prober, t Target) *run {
	t.Endpoints = tidy(t.Endpoints, p.Policy.maxEndpoints())
	r := &run{
		Prober: p, target: t, limits: p.Timeouts.withDefaults(),
		events: make(chan Step, 16),
		inbox:  make(chan struct{}, 1),
	}
	if t.Login != nil {
		r.gate = newGate(t.Endpoints, gateGrace)
	}
	r.report = newReporter(t, p.now())
	return r
}

// tidy drops repeated endpoints and what is beyond the limit.
func tidy(eps []mailconf.Endpoint, limit int) []mailconf.Endpoint {
	var out []mailconf.Endpoint
	for _, e := range eps {
		if !slices.Contains(out, e) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out
}

// work probes all hosts and closes events when the last step is out.
func (r *run) work(ctx context.Context) {
	defer close(r.events)
	if !fence.Do(r.Panicked, func() { r.probeAll(ctx) }) {
		for _, e := range r.target.Endpoints {
			r.broken(e, StepConnect)
		}
	}
}

// broken reports an endpoint at which the probe itself came to grief.
func (r *run) broken(e mailconf.Endpoint, at StepKind) {
	r.gate.lost(e)
	r.events <- Step{Endpoint: e, Kind: at, Status: StatusFail, Cause: CauseInternalError}
}

func (r *run) probeAll(ctx context.Context) {
	var hosts []string
	for _, e := range r.target.Endpoints {
		if !slices.Contains(hosts, e.Host) {
			hosts = append(hosts, e.Host)
		}
	}
	noted := r.noteDomain(ctx)
	var wg sync.WaitGroup
	for _, h := range hosts {
		wg.Go(func() {
			if !fence.Do(r.Panicked, func() { r.host(ctx, h) }) {
				r.eachOf(h, func(e mailconf.Endpoint) { r.broken(e, StepResolve) })
			}
		})
	}
	wg.Wait()
	noted()
	r.releaseGuard()
}

// eachOf hands over the endpoints of a host.
func (r *run) eachOf(host string, do func(mailconf.Endpoint)) {
	for _, e := range r.target.Endpoints {
		if e.Host == host {
			do(e)
		}
	}
}

// host resolves one name and probes its endpoints side by side.
func (r *run) host(ctx context.Context, host string) {
	step := Step{Endpoint: mailconf.Endpoint{Host: host}, Kind: StepResolve, Status: StatusRunning}
	r.events <- step
	start := time.Now()
	name, addrs, f := r.resolve(ctx, host)
	if f != nil && f.cause == CauseDNSNoAddress {
		if why := r.whyNoClients(ctx, name); why != nil {
			f = why
		}
	}
	step.Took, step.Status = time.Since(start), StatusOK
	if f != nil {
		step.Status, step.Cause, step.Detail = StatusFail, f.cause, f.detail
	}
	r.events <- step
	var wg sync.WaitGroup
	var clients atomic.Bool // a port for mail programs answers
	r.eachOf(host, func(e mailconf.Endpoint) {
		if f != nil {
			r.gate.out(e)
			return
		}
		wg.Go(func() {
			if r.endpoint(ctx, e, name, addrs) && e.Port != 25 {
				clients.Store(true)
			}
		})
	})
	wg.Wait()
	if clients.Load() || f != nil || r.takesClients(ctx, host, addrs) {
		return
	}
	if why := r.whyNoClients(ctx, name); why != nil {
		step.Status, step.Cause, step.Detail, step.Took = StatusFail, why.cause, why.detail, time.Since(start)
		r.events <- step
	}
}

// Addresses looks up a host as a run would and returns the addresses that it
// might dial; none when the name is refused, unknown or not answered before ctx ends.
func (p *Prober) Addresses(ctx context.Context, host string) []netip.Addr {
	r := &run{Prober: p, limits: p.Timeouts.withDefaults()}
	_, addrs, _ := r.resolve(ctx, host)
	return addrs
}

// resolve checks and looks up a name. Addresses that the Policy refuses are
// left out; when none remains the refusal is the same for all of them.
func (r *run) resolve(ctx context.Context, host string) (string, []netip.Addr, *fault) {
	name, ok := r.Policy.hostName(host)
	if !ok {
		return "", nil, &fault{cause: r.Policy.refusal(host)}
	}
	known := r.learn(r.limits.DNS)
	addrs, f := r.lookup(ctx, name, r.limits.DNS)
	if f != nil {
		return name, nil, f
	}
	r.await(known, addrs)
	addrs = slices.DeleteFunc(addrs, func(a netip.Addr) bool { return !r.allows(a) })
	if len(addrs) == 0 {
		return name, nil, &fault{cause: CauseTargetBlocked}
	}
	return name, addrs, nil
}

// endpoint probes one endpoint, over IPv4 when the host has it. When both IP
// versions are there, the other one is tried at the same time and reported as
// one step. It reports whether the server was reached.
func (r *run) endpoint(ctx context.Context, e mailconf.Endpoint, name string, addrs []netip.Addr) bool {
	if !r.Policy.portAllowed(e.Port) {
		r.gate.out(e)
		r.events <- Step{Endpoint: e, Kind: StepConnect, Status: StatusFail, Cause: CauseNotMailPort}
		return true
	}
	first, other := families(addrs)
	if len(other) > 0 && !r.reachable(other[0]) {
		other = nil
	}
	if len(other) > 0 && !r.reachable(first[0]) {
		first, other = other, nil
	}
	a := &attempt{run: r, ep: e, name: name, addrs: first, emit: func(s Step) { r.events <- s }, gate: r.gate}
	whole := fence.Do(r.Panicked, func() {
		if len(other) == 0 {
			a.probe(ctx)
		} else {
			r.bothFamilies(ctx, a, other)
		}
		r.lookAround(ctx, e, name, a)
	})
	if !whole {
		r.broken(e, a.at)
	}
	return !whole || a.s != nil
}

// bothFamilies runs a, and beside it a shadow over the other IP version.
func (r *run) bothFamilies(ctx context.Context, a *attempt, other []netip.Addr) {
	shadowCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	shadow := &attempt{run: r, ep: a.ep, name: a.name, addrs: other, emit: func(Step) {}, shadow: true}
	began, done := time.Now(), make(chan struct{})
	whole := false
	go func() {
		defer close(done)
		whole = fence.Do(r.Panicked, func() { shadow.probe(shadowCtx) })
	}()
	a.probe(ctx)
	late := false
	select {
	case <-done:
	case <-time.After(r.limits.OtherFamily):
		late = true
		cancel()
		<-done
	}
	if !whole {
		return
	}
	r.events <- familyStep(a, shadow, late, time.Since(began))
}

// families splits addresses by IP version, at most two of each: IPv4 first,
// since it is what every user has.
func families(addrs []netip.Addr) (first, other []netip.Addr) {
	for _, a := range addrs {
		if a.Is4() {
			first = append(first, a)
		} else {
			other = append(other, a)
		}
	}
	if len(first) == 0 {
		first, other = other, nil
	}
	return first[:min(2, len(first))], other[:min(2, len(other))]
}

// familyStep compares the two IP versions. Two that fail alike are one fault.
func familyStep(a, shadow *attempt, late bool, took time.Duration) Step {
	s := Step{Endpoint: a.ep, Kind: StepFamily, Status: StatusOK, Took: took, Address: shadow.addr}
	if !s.Address.IsValid() {
		s.Address = netip.AddrPortFrom(shadow.addrs[0], a.ep.Port)
	}
	why := shadow.failed
	if late && why == CauseBudgetExceeded {
		why = CauseTimeout
	}
	switch {
	case a.failed == "" && why != "":
		s.Status, s.Cause, s.Also = StatusWarn, CauseIPv6Broken, []Cause{why}
	case a.failed != "" && why == "":
		s.Detail = "IPv6 works"
	}
	return s
}
