package diagnose_test

import (
	"context"
	"crypto/tls"
	"math"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// allocated is how many bytes do allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What a hostile server sends without end is not kept: the whole of a run,
// garbage included, stays below 10 MB.
func TestMemoryIsBounded(t *testing.T) {
	endless := strings.Repeat("x", 64<<10)
	for name, o := range map[string]mailtest.Options{
		"endless line":       {Faults: at(mailtest.StageGreeting, mailtest.Fault{Say: "* OK ", Repeat: endless})},
		"endless untagged":   {SilentCap: true, Faults: at(mailtest.StageCapabilities, mailtest.Fault{Repeat: strings.Repeat("* OK still here\r\n", 1000)})},
		"endless EHLO":       {Protocol: smtp, Faults: at(mailtest.StageCapabilities, mailtest.Fault{Repeat: strings.Repeat("250-X\r\n", 1000)})},
		"endless after AUTH": {Protocol: pop3, Faults: at(mailtest.StageAuth, mailtest.Fault{Repeat: endless})},
		"huge literal":       {SilentCap: true, Faults: at(mailtest.StageCapabilities, mailtest.Fault{Say: "* X {2000000000}\r\n", Repeat: endless})},
		"long chain":         {Cert: mailtest.CertLongChain},
		"endless plain":      {Security: starttls, Faults: at(mailtest.StageGreeting, mailtest.Fault{Repeat: endless})},
	} {
		t.Run(name, func(t *testing.T) {
			var rep *diagnose.Report
			// The server's side and whatever else the process does count, too:
			// the best of three is the probe.
			best := uint64(math.MaxUint64)
			for range 3 {
				best = min(best, allocated(func() { rep, _ = walkCase{opts: o, login: anna()}.probe(t) }))
			}
			if best > 10<<20 {
				t.Errorf("%d KB allocated", best>>10)
			}
			if name != "long chain" && cause(rep) != diagnose.CauseProtocolGarbage {
				t.Errorf("cause %q\n%s", cause(rep), show(rep))
			}
		})
	}
}

// Two hundred runs side by side against servers with different faults: each
// gets its own verdict.
func TestManyRunsSideBySide(t *testing.T) {
	ca := mailtest.NewAuthority(time.Now())
	dns := mailtest.StartDNS(map[string]mailtest.Name{"mail.example.org": {Addrs: loopback}})
	t.Cleanup(dns.Close)
	p := &diagnose.Prober{Resolver: dns.Addr, Roots: ca.Pool(), Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	type want struct {
		ep    mailconf.Endpoint
		cause Cause
	}
	var wants []want
	for c, o := range map[Cause]mailtest.Options{
		"":                                 {},
		diagnose.CauseCertExpired:          {Cert: mailtest.CertExpired},
		diagnose.CauseCertHostnameMismatch: {Cert: mailtest.CertWrongName, Protocol: smtp, Security: starttls},
		diagnose.CauseCertUntrusted:        {Cert: mailtest.CertSelfSigned, Protocol: pop3},
		diagnose.CauseSTARTTLSMissing:      {Security: starttls, BeforeTLS: []string{"IMAP4rev1"}},
		diagnose.CauseTLSVersionTooOld:     {TLS: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS10 }},
		diagnose.CauseTooManyConnections:   {Protocol: smtp, Greeting: "421 4.7.0 Too many connections"},
	} {
		o.Authority = ca
		s := mailtest.Start(o)
		t.Cleanup(s.Close)
		p.Policy.Ports = append(p.Policy.Ports, s.AddrPort().Port())
		wants = append(wants, want{s.Endpoint(), c})
	}
	var wg sync.WaitGroup
	var wrong atomic.Int64
	for i := range 200 {
		w := wants[i%len(wants)]
		wg.Go(func() {
			for s := range p.Probe(t.Context(), diagnose.Target{Endpoints: []mailconf.Endpoint{w.ep}}) {
				if s.Report != nil && cause(s.Report) != w.cause {
					wrong.Add(1)
					t.Errorf("%v: cause %q, want %q", w.ep, cause(s.Report), w.cause)
				}
			}
		})
	}
	wg.Wait()
}

// Names that lead to inner addresses are refused without a word about them.
func TestInnerAddresses(t *testing.T) {
	for _, addrs := range [][]netip.Addr{
		{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("::1")},
		loopback,
	} {
		dns := mailtest.StartDNS(map[string]mailtest.Name{"imap.gmx.net": {Addrs: addrs}})
		t.Cleanup(dns.Close)
		p := &diagnose.Prober{Resolver: dns.Addr}
		rep := last(t, p, diagnose.Target{Endpoints: []mailconf.Endpoint{{Protocol: imap, Host: "imap.gmx.net", Port: 993, Security: mailconf.TLS}}})
		if cause(rep) != diagnose.CauseTargetBlocked || rep.Endpoints[0].Address != nil || rep.Endpoints[0].Detail != nil {
			t.Errorf("%s", show(rep))
		}
	}
}

// A resolver that answers a public address first and an inner one next gains
// nothing: neither within a run nor by the run after one that was let through.
func TestRebinding(t *testing.T) {
	dns := mailtest.StartDNS(map[string]mailtest.Name{"imap.gmx.net": {
		Addrs: []netip.Addr{netip.MustParseAddr("8.8.100.1")}, Later: []netip.Addr{loopback[0], netip.MustParseAddr("10.0.0.1")},
	}})
	t.Cleanup(dns.Close)
	var mu sync.Mutex
	dialled := map[netip.Addr]int{}
	p := &diagnose.Prober{Resolver: dns.Addr, Dial: func(_ context.Context, a netip.AddrPort) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		dialled[a.Addr()]++
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}}
	target := diagnose.Target{Endpoints: []mailconf.Endpoint{{Protocol: imap, Host: "imap.gmx.net", Port: 993, Security: mailconf.TLS}}}
	if rep := last(t, p, target); cause(rep) != diagnose.CauseConnectionRefused {
		t.Errorf("first run: %s", show(rep))
	}
	if rep := last(t, p, target); cause(rep) != diagnose.CauseTargetBlocked {
		t.Errorf("second run: %s", show(rep))
	}
	if len(dialled) != 1 || dialled[netip.MustParseAddr("8.8.100.1")] == 0 {
		t.Errorf("dialled %v", dialled)
	}
}
