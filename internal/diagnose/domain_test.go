package diagnose_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
)

const (
	digest     = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	goodPolicy = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.org\r\nmx: *.example.org\r\nmax_age: 604800\r\n"
)

func stsZone() map[string]mailtest.Name {
	return map[string]mailtest.Name{
		"mail.example.org":         {Addrs: loopback},
		"example.org":              {MX: []string{"mx1.example.org", "mx2.example.org"}},
		"_mta-sts.example.org":     {TXT: []string{"v=STSv1; id=20261128;"}},
		"mta-sts.example.org":      {Addrs: loopback},
		"_25._tcp.mx1.example.org": {Signed: true, TLSA: []string{"3 1 1 " + digest, "0 0 1 " + digest}},
	}
}

func policy(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/mta-sts.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(text))
	}
}

// stsFleet is a fleet whose domain has a zone and a web server for its policy.
func stsFleet(t *testing.T, zone map[string]mailtest.Name, cert mailtest.Cert, serve http.Handler) *fleet {
	t.Helper()
	f := newFleet(t, nil)
	dns := mailtest.StartDNS(zone)
	t.Cleanup(dns.Close)
	web := httptest.NewUnstartedServer(serve)
	web.TLS = &tls.Config{Certificates: []tls.Certificate{f.servers[0].Authority().Certificate(cert, "mta-sts.example.org")}}
	web.StartTLS()
	t.Cleanup(web.Close)
	f.prober.Resolver = dns.Addr
	f.prober.Dial = func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
		to := a.String()
		if a.Port() == 443 {
			to = web.Listener.Addr().String()
		}
		return new(net.Dialer).DialContext(ctx, "tcp", to)
	}
	f.target.Domain = "example.org"
	return f
}

func TestDomainIsNoted(t *testing.T) {
	f := stsFleet(t, stsZone(), mailtest.CertGood, policy(goodPolicy))
	d, told := f.prober.NoteDomain(t.Context(), "example.org")
	if d == nil || d.Name != "example.org" || !slices.Equal(d.MX, []string{"mx1.example.org", "mx2.example.org"}) {
		t.Fatalf("%+v", d)
	}
	if want := (diagnose.DANEInfo{MX: "mx1.example.org", Records: 2, Usable: 1, Signed: true}); len(d.DANE) != 1 || d.DANE[0] != want {
		t.Errorf("DANE %+v, want %+v", d.DANE, want)
	}
	s := d.MTASTS
	if s == nil || s.ID != "20261128" || s.Problem != "" || s.Mode != "enforce" || s.MaxAge != 604800 || len(s.MX) != 2 {
		t.Errorf("MTA-STS %+v", s)
	}
	if len(told) != 1 || told[0].Kind != diagnose.StepClock || told[0].Clock.Abs() > time.Minute {
		t.Errorf("told %+v", told)
	}
}

func TestMTASTSProblems(t *testing.T) {
	moved := http.RedirectHandler("https://mta-sts.example.org/elsewhere", http.StatusFound)
	for _, c := range []struct {
		name  string
		cert  mailtest.Cert
		serve http.Handler
		zone  func(map[string]mailtest.Name)
		want  string
	}{
		{name: "no such page", serve: http.NotFoundHandler(), want: diagnose.MTASTSUnreachable},
		{name: "redirect", serve: moved, want: diagnose.MTASTSUnreachable},
		{name: "no address", serve: policy(goodPolicy), zone: func(z map[string]mailtest.Name) { delete(z, "mta-sts.example.org") }, want: diagnose.MTASTSUnreachable},
		{name: "private address", serve: policy(goodPolicy), zone: func(z map[string]mailtest.Name) {
			z["mta-sts.example.org"] = mailtest.Name{Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}
		}, want: diagnose.MTASTSUnreachable},
		{name: "expired", cert: mailtest.CertExpired, serve: policy(goodPolicy), want: diagnose.MTASTSCertificate},
		{name: "wrong name", cert: mailtest.CertWrongName, serve: policy(goodPolicy), want: diagnose.MTASTSCertificate},
		{name: "HTML", serve: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello")) }), want: diagnose.MTASTSInvalid},
		{name: "too large", serve: policy(goodPolicy + strings.Repeat("x", 64<<10)), want: diagnose.MTASTSInvalid},
		{name: "no version", serve: policy("mode: enforce\nmx: *.example.org\nmax_age: 1\n"), want: diagnose.MTASTSInvalid},
		{name: "no MX", serve: policy("version: STSv1\nmode: enforce\nmax_age: 1\n"), want: diagnose.MTASTSInvalid},
		{name: "unknown mode", serve: policy("version: STSv1\nmode: maybe\nmx: *.example.org\nmax_age: 1\n"), want: diagnose.MTASTSInvalid},
		{name: "other MX", serve: policy("version: STSv1\nmode: testing\nmx: mx1.example.org\nmax_age: 1\n"), want: diagnose.MTASTSMXNotListed},
		{name: "wildcard too deep", serve: policy("version: STSv1\nmode: testing\nmx: *.org\nmax_age: 1\n"), want: diagnose.MTASTSMXNotListed},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone := stsZone()
			if c.zone != nil {
				c.zone(zone)
			}
			f := stsFleet(t, zone, c.cert, c.serve)
			d, _ := f.prober.NoteDomain(t.Context(), "example.org")
			if d == nil || d.MTASTS == nil || d.MTASTS.Problem != c.want {
				t.Errorf("got %+v, want the problem %q", d.MTASTS, c.want)
			}
		})
	}
}

// A policy that does not come holds nothing up, and is no fault of the client's
// servers.
func TestLateDomainIsDropped(t *testing.T) {
	f := stsFleet(t, stsZone(), mailtest.CertGood, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	rep := last(t, f.prober, f.target)
	if rep.Verdict != diagnose.VerdictOK || rep.Cause != nil {
		t.Error(show(rep))
	}
	if d := rep.Domain; d != nil && d.MTASTS != nil && d.MTASTS.Problem != diagnose.MTASTSLate {
		t.Errorf("MTA-STS %+v", d.MTASTS)
	}
}

func TestNobodysDomainIsNotAsked(t *testing.T) {
	f := stsFleet(t, stsZone(), mailtest.CertGood, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the policy was fetched") }))
	f.target.Domain = ""
	if rep := last(t, f.prober, f.target); rep.Domain != nil {
		t.Errorf("noted %+v", rep.Domain)
	}
}

// The web server of the policy tells the time although its certificate is out
// of date by our clock; so does the greeting of another server of the run.
func TestClockOfAnotherServer(t *testing.T) {
	f := stsFleet(t, stsZone(), mailtest.CertGood, policy(goodPolicy))
	f.prober.Now = func() time.Time { return time.Now().AddDate(-1, 0, 0) }
	_, told := f.prober.NoteDomain(t.Context(), "example.org")
	if len(told) != 1 || told[0].Clock < 300*24*time.Hour {
		t.Errorf("told %+v", told)
	}

	f = newFleet(t, func(i int, o *mailtest.Options) {
		if i == 3 {
			o.Greeting = "220 mail.example.org ESMTP ready at " + time.Now().Format(time.RFC1123Z)
		}
	})
	f.prober.Now = func() time.Time { return time.Now().AddDate(-1, 0, 0) }
	rep := last(t, f.prober, f.target)
	if cause(rep) != diagnose.CauseClockWrong || rep.ClockS == nil || *rep.ClockS < 300*24*3600 {
		t.Error(show(rep))
	}
	for _, e := range rep.Endpoints {
		if e.Cause == nil || *e.Cause != diagnose.CauseClockWrong || !slices.Contains(e.Also, diagnose.CauseCertNotYetValid) {
			t.Errorf("%d: %v, also %v", e.Port, e.Cause, e.Also)
		}
	}
}

// A server with a wrong clock of its own proves nothing while another one
// agrees with us.
func TestOneWrongServerClock(t *testing.T) {
	f := newFleet(t, func(i int, o *mailtest.Options) {
		o.Cert = mailtest.CertExpired
		switch i {
		case 2:
			o.Greeting = "220 mail.example.org ESMTP " + time.Now().AddDate(0, -1, 0).Format(time.RFC1123Z)
		case 3:
			o.Greeting = "220 mail.example.org ESMTP " + time.Now().Format(time.RFC1123Z)
		}
	})
	if rep := last(t, f.prober, f.target); cause(rep) != diagnose.CauseCertExpired || rep.ClockS == nil || *rep.ClockS < -60 {
		t.Error(show(rep))
	}
}
