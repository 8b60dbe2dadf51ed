package diagnose_test

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// gauge counts connections that are open, and the most there were.
type gauge struct {
	mu        sync.Mutex
	now, most int
}

func (g *gauge) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now += n
	g.most = max(g.most, g.now)
}

type counted struct {
	net.Conn
	closed func()
}

func (c counted) Close() error {
	c.closed()
	return c.Conn.Close()
}

// A run over the usual five endpoints holds twelve connections at a time at
// most, and finds out all versions of all of them.
func TestTwelveConnectionsAtATime(t *testing.T) {
	f := newFleet(t, nil)
	var g gauge
	f.prober.Dial = func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
		g.add(1) // before the server can answer
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", a.String())
		if err != nil {
			g.add(-1)
			return nil, err
		}
		return counted{c, sync.OnceFunc(func() { g.add(-1) })}, nil
	}
	f.target.Login = anna()
	rep := last(t, f.prober, f.target)
	for _, e := range rep.Endpoints {
		if e.Verdict != diagnose.VerdictOK || len(e.TLS.VersionsOffered) != 2 {
			t.Errorf("%s %d: %s, versions %v", e.Protocol, e.Port, e.Verdict, e.TLS)
		}
	}
	// Those that only wait for the answer to their QUIT hold no place any more.
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.most > 12+len(rep.Endpoints) {
		t.Errorf("%d connections at a time", g.most)
	}
}
