package diagnose

import (
	"context"
	"crypto/x509"
	"iter"
	"net"
	"net/netip"
	"time"
)

// Prober checks targets. The zero value is useful: system resolver, system
// roots, the real clock, and a Policy that refuses everything but public
// addresses and mail ports. Safe for concurrent use; the fields must not change
// while a probe runs.
type Prober struct {
	Resolver string           // DNS server as host:port; "" is the system's, with its hosts file
	Roots    *x509.CertPool   // nil: the system's
	Now      func() time.Time // nil: time.Now

	// MoreRoots are trusted besides Roots. They are tried first: the system's
	// roots take 20 ms to read, and are read when they are needed only.
	MoreRoots *x509.CertPool

	Policy   Policy
	Timeouts Timeouts
	EHLO     string // name given in EHLO; "" is the address literal of the connection (RFC 5321 section 4.1.4)

	// OwnNames are names of this machine. Their addresses are not probed, also
	// where a NAT or a proxy has them and no interface.
	OwnNames []string

	// Dial opens a TCP connection in the place of the system. The Policy has
	// been asked before; ctx carries the deadline.
	Dial func(ctx context.Context, addr netip.AddrPort) (net.Conn, error)

	// Panicked is told of a panic in a goroutine of a run, on that one's stack.
	// The run ends in order, with CauseInternalError. nil: nobody is told.
	Panicked func(v any)

	// Logins counts logins over all processes; nil: this one is alone.
	Logins Logins

	guard  loginGuard
	around surroundings
}

// Probe checks t and yields what happens as it happens. The last Step has the
// Kind StepVerdict and carries the Report; it comes in every case, also when
// ctx ends. Breaking out of the loop cancels the run and waits for its
// connections to be closed.
//
// A run never takes longer than Timeouts.Budget; what is known by then is
// reported. A panic costs the endpoint or the detail that it happened at. A
// stage on which a server can keep us waiting yields a Step with
// StatusRunning when it begins.
func (p *Prober) Probe(ctx context.Context, t Target) iter.Seq[Step] {
	return func(yield func(Step) bool) {
		r := newRun(p, t)
		ctx, cancel := context.WithTimeoutCause(ctx, r.limits.Budget, errBudget)
		defer cancel()
		go r.work(ctx)
		listening := true
		redact := newRedactor(t.Login)
		defer redact.wipe()
		for s := range r.events {
			redact.step(&s)
			r.report.add(s)
			if listening && !yield(s) {
				listening = false
				cancel()
			}
		}
		if !listening {
			return
		}
		yield(r.report.finish())
	}
}

// now is the clock of the prober.
func (p *Prober) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}
