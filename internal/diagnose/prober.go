package diagnose

import (
	"context"
	"crypto/x509"
	"iter"
	"net/netip"
	"time"
)

// Prober checks targets. The zero value is useful: system resolver, system
// roots, the real clock, and a Policy that refuses everything but public
// addresses and mail ports. Safe for concurrent use.
type Prober struct {
	Resolver string           // DNS server as host:port; "" is the system's
	Roots    *x509.CertPool   // nil: the system's
	Now      func() time.Time // nil: time.Now
	Policy   Policy
}

// Policy limits what may be probed.
type Policy struct {
	Allow []netip.Prefix // networks that may be probed although not public
}

// Probe checks t and yields what happens as it happens. The last Step has the
// Kind StepVerdict and carries the Report; it comes in every case, also when
// ctx ends. Breaking out of the loop cancels the run and waits for its
// connections to be closed.
func (p *Prober) Probe(ctx context.Context, t Target) iter.Seq[Step] {
	return func(yield func(Step) bool) {}
}
