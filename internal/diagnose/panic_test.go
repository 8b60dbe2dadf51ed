package diagnose_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// brittle is a connection that panics, with all that it was told, at one of
// the calls of a run.
type brittle struct {
	net.Conn
	calls *atomic.Int64
	at    int64
}

func (b brittle) step() {
	if b.calls.Add(1) == b.at {
		panic("canary " + mailtest.DefaultPassword)
	}
}

func (b brittle) Read(p []byte) (int, error)  { b.step(); return b.Conn.Read(p) }
func (b brittle) Write(p []byte) (int, error) { b.step(); return b.Conn.Write(p) }
func (b brittle) LocalAddr() net.Addr         { b.step(); return b.Conn.LocalAddr() }
func (b brittle) SetDeadline(t time.Time) error {
	b.step()
	return b.Conn.SetDeadline(t)
}

// Wherever a run panics, it ends with a report; the endpoint that it happened
// at is named as the bot's own fault, unless it was done already, and the
// report quotes nothing.
func TestPanicEndsInAReport(t *testing.T) {
	for _, sec := range []mailconf.Security{mailconf.TLS, mailconf.STARTTLS} {
		t.Run(string(sec), func(t *testing.T) {
			server := mailtest.Start(mailtest.Options{Security: sec})
			t.Cleanup(server.Close)
			dns := mailtest.StartDNS(map[string]mailtest.Name{"mail.example.org": {Addrs: loopback}})
			t.Cleanup(dns.Close)
			broken := 0
			for at := int64(1); ; at++ {
				var calls atomic.Int64
				var mu sync.Mutex
				var told []any
				p := &diagnose.Prober{
					Resolver: dns.Addr, Roots: server.Authority().Pool(),
					Policy:   diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ports: []uint16{server.AddrPort().Port()}},
					Panicked: func(v any) { mu.Lock(); defer mu.Unlock(); told = append(told, v) },
					Dial: func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
						var d net.Dialer
						c, err := d.DialContext(ctx, "tcp", a.String())
						return brittle{c, &calls, at}, err
					},
				}
				rep := last(t, p, diagnose.Target{Name: "mail.example.org", Endpoints: []mailconf.Endpoint{server.Endpoint()}, Login: anna()})
				text := fmt.Sprintf("%+v", show(rep))
				if strings.Contains(text, "canary") || strings.Contains(text, mailtest.DefaultPassword) {
					t.Fatalf("call %d: the report quotes the panic:\n%s", at, text)
				}
				if rep.Verdict == diagnose.VerdictFail {
					broken++
					if cause(rep) != diagnose.CauseInternalError {
						t.Errorf("call %d: cause %q, want %q\n%s", at, cause(rep), diagnose.CauseInternalError, text)
					}
				}
				if calls.Load() < at {
					break // the run has fewer calls
				}
			}
			if broken < 10 {
				t.Errorf("%d calls broke a run, want the ten and more of a conversation", broken)
			}
		})
	}
}

// A panic at one of two endpoints leaves the other's result as it is, and the
// other's login is not waited for in vain.
func TestPanicAtASibling(t *testing.T) {
	f := newFleet(t, nil)
	var once atomic.Bool
	f.prober.Dial = func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
		if once.CompareAndSwap(false, true) {
			panic("a bug")
		}
		var d net.Dialer
		return d.DialContext(ctx, "tcp", a.String())
	}
	target := f.target
	target.Login = anna()
	rep := last(t, f.prober, target)
	ok := 0
	for _, e := range rep.Endpoints {
		if e.Verdict == diagnose.VerdictOK {
			ok++
		}
	}
	if ok < len(rep.Endpoints)-1 {
		t.Errorf("%d of %d endpoints are well, want all but one at most\n%s", ok, len(rep.Endpoints), show(rep))
	}
}
