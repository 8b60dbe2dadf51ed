package diagnose_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

func show(r *diagnose.Report) string {
	b, _ := json.MarshalIndent(r, "", " ")
	return string(b)
}

// fleet is the usual five endpoints of one host, each a server of its own.
type fleet struct {
	servers []*mailtest.Server
	prober  *diagnose.Prober
	target  diagnose.Target
}

func newFleet(tb testing.TB, change func(i int, o *mailtest.Options)) *fleet {
	tb.Helper()
	f := &fleet{target: diagnose.Target{Name: "mail.example.org"}}
	ca := mailtest.NewAuthority(time.Now())
	dns := mailtest.StartDNS(map[string]mailtest.Name{"mail.example.org": {Addrs: loopback}})
	tb.Cleanup(dns.Close)
	f.prober = &diagnose.Prober{
		Resolver: dns.Addr, Roots: ca.Pool(),
		Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	}
	for i, o := range []mailtest.Options{
		{Protocol: imap, Security: mailconf.TLS},
		{Protocol: pop3, Security: mailconf.TLS},
		{Protocol: smtp, Security: mailconf.TLS},
		{Protocol: smtp, Security: starttls},
		{Protocol: imap, Security: starttls},
	} {
		o.Authority = ca
		if change != nil {
			change(i, &o)
		}
		s := mailtest.Start(o)
		tb.Cleanup(s.Close)
		f.servers = append(f.servers, s)
		f.target.Endpoints = append(f.target.Endpoints, s.Endpoint())
		f.prober.Policy.Ports = append(f.prober.Policy.Ports, s.AddrPort().Port())
	}
	return f
}

func (f *fleet) logins() (all, failed int) {
	for _, s := range f.servers {
		all, failed = all+s.Logins(), failed+s.FailedLogins()
	}
	return all, failed
}

func cause(r *diagnose.Report) Cause {
	if r.Cause == nil {
		return ""
	}
	return *r.Cause
}

func TestFiveEndpointsAreWell(t *testing.T) {
	f := newFleet(t, nil)
	f.target.Login = anna()
	rep := last(t, f.prober, f.target)
	if rep.Verdict != diagnose.VerdictOK || rep.Cause != nil {
		t.Fatalf("verdict %s:\n%s", rep.Verdict, show(rep))
	}
	for _, e := range rep.Endpoints {
		if e.Auth == nil || e.Auth.Result == nil || *e.Auth.Result != "accepted" || e.TLS.Version != "TLS 1.3" {
			t.Errorf("%s %d: %s", e.Protocol, e.Port, show(rep))
		}
		if !slices.Equal(e.TLS.VersionsOffered, []string{"TLS 1.2", "TLS 1.3"}) {
			t.Errorf("%s %s offers %v", e.Protocol, e.Security, e.TLS.VersionsOffered)
		}
	}
}

// A wrong password over five endpoints is one failed login at the provider.
func TestWrongPasswordIsTriedOnce(t *testing.T) {
	f := newFleet(t, nil)
	f.target.Login = wrongPassword()
	rep := last(t, f.prober, f.target)
	if got := cause(rep); got != diagnose.CauseWrongCredentials || rep.Verdict != diagnose.VerdictFail {
		t.Errorf("verdict %s, cause %q", rep.Verdict, got)
	}
	if all, failed := f.logins(); all != 1 || failed != 1 {
		t.Errorf("%d logins, %d of them failed; want one", all, failed)
	}
	if rep.Endpoints[0].Auth.Result == nil || *rep.Endpoints[0].Auth.Result != "refused" {
		t.Errorf("IMAP over TLS did not go first:\n%s", show(rep))
	}
	for _, e := range rep.Endpoints {
		if e.Instead != nil {
			t.Errorf("%d: %v is offered, where the same password was not tried", e.Port, *e.Instead)
		}
	}
}

func TestLoginIsHeldBack(t *testing.T) {
	f := newFleet(t, nil)
	now := time.Now()
	f.prober.Now = func() time.Time { return now }
	f.target.Login = wrongPassword()
	last(t, f.prober, f.target)
	f.target.Login = anna()
	if got := cause(last(t, f.prober, f.target)); got != diagnose.CauseLoginHeldBack {
		t.Errorf("the second run says %q", got)
	}
	now = now.Add(15 * time.Minute)
	if got := cause(last(t, f.prober, f.target)); got != "" {
		t.Errorf("after a quarter of an hour: %q", got)
	}
	if _, failed := f.logins(); failed != 1 {
		t.Errorf("%d failed logins, want 1", failed)
	}
}

// A server that puts the failed command into its answer gives nothing away.
func TestEchoedPasswordIsNotReported(t *testing.T) {
	const password = "Echo-probe+77&"
	for _, echo := range []string{
		"NO [AUTHENTICATIONFAILED] LOGIN " + password + " failed",
		"NO " + base64.StdEncoding.EncodeToString([]byte("\x00anna@example.org\x00"+password)) + " is wrong",
		"BAD " + hex.EncodeToString([]byte(password)),
	} {
		f := newFleet(t, func(_ int, o *mailtest.Options) { o.Refuse = echo })
		f.target.Login = &diagnose.Login{Username: "anna@example.org", Password: diagnose.NewSecret([]byte(password))}
		var all strings.Builder
		for s := range f.prober.Probe(t.Context(), f.target) {
			fmt.Fprintf(&all, "%+v\n", s)
			if s.Report != nil {
				all.WriteString(show(s.Report))
			}
		}
		if !strings.Contains(all.String(), "[redacted]") {
			t.Errorf("the server's words are not reported:\n%s", all.String())
		}
		for _, form := range []string{password, "RWNoby1wcm9iZSs3NyY", hex.EncodeToString([]byte(password)), "Vjby1wcm9iZSs3N"} {
			if strings.Contains(all.String(), form) {
				t.Errorf("the report holds %q:\n%s", form, all.String())
			}
		}
	}
}

func TestSMTPRefusesWhatIMAPAccepts(t *testing.T) {
	f := newFleet(t, func(i int, o *mailtest.Options) {
		if o.Protocol == smtp {
			o.Users = map[string]string{}
		}
	})
	f.target.Login = anna()
	rep := last(t, f.prober, f.target)
	if got := cause(rep); got != diagnose.CauseSMTPAuthFailed {
		t.Errorf("cause %q\n%s", got, show(rep))
	}
	if _, failed := f.logins(); failed != 1 {
		t.Errorf("%d failed logins, want 1", failed)
	}
}

// No password goes to a server whose certificate does not pass, nor to one
// that slips in bytes before TLS, nor over a connection without TLS.
func TestPasswordIsWithheld(t *testing.T) {
	for name, o := range map[string]mailtest.Options{
		"expired":     {Cert: mailtest.CertExpired},
		"wrong name":  {Cert: mailtest.CertWrongName},
		"self-signed": {Cert: mailtest.CertSelfSigned},
		"weak":        {Cert: mailtest.CertWeakKey},
		"TLS 1.1":     {TLS: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }},
		"plain":       {Security: plain, Caps: []string{"IMAP4rev1", "STARTTLS", "AUTH=PLAIN"}},
		"injection":   {Security: starttls, Faults: at(mailtest.StageSTARTTLS, mailtest.Fault{Forge: "* OK [CAPABILITY AUTH=PLAIN]\r\n"})},
	} {
		t.Run(name, func(t *testing.T) {
			rep, s := walkCase{opts: o, login: anna()}.probe(t)
			if s.Logins() != 0 {
				t.Errorf("the password was sent:\n%s", show(rep))
			}
		})
	}
}

func TestMechanisms(t *testing.T) {
	for _, mech := range []string{"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "XOAUTH2", "OAUTHBEARER"} {
		for _, p := range []mailconf.Protocol{imap, pop3, smtp} {
			for _, right := range []bool{true, false} {
				caps := map[mailconf.Protocol][]string{
					imap: {"IMAP4rev1", "LOGINDISABLED", "SASL-IR", "AUTH=" + mech}, pop3: {"SASL " + mech}, smtp: {"AUTH " + mech},
				}[p]
				login := anna()
				if !right {
					login = wrongPassword()
				}
				login.Token = mech == "XOAUTH2" || mech == "OAUTHBEARER"
				rep, _ := walkCase{opts: mailtest.Options{Protocol: p, Caps: caps}, login: login}.probe(t)
				auth := rep.Endpoints[0].Auth
				if auth == nil || auth.Result == nil || (*auth.Result == "accepted") != right || *auth.Mechanism != mech {
					t.Errorf("%s %s, right password %v:\n%s", p, mech, right, show(rep))
				}
			}
		}
	}
}

// Courier lists USER before TLS also when it refuses it there.
func TestCourierIsAskedForUser(t *testing.T) {
	caps := []string{"STLS", "USER", "IMPLEMENTATION Courier Mail Server"}
	for _, refused := range []bool{true, false} {
		rep, _ := walkCase{opts: mailtest.Options{Protocol: pop3, Security: starttls, BeforeTLS: caps, UserNeedsTLS: refused}, login: anna()}.probe(t)
		if noted := slices.Contains(rep.Endpoints[0].Also, diagnose.CausePlaintextLoginAllowed); rep.Verdict != diagnose.VerdictOK || noted == refused {
			t.Errorf("USER refused %v:\n%s", refused, show(rep))
		}
		rep, _ = walkCase{opts: mailtest.Options{Protocol: pop3, Security: plain, Caps: caps, UserNeedsTLS: refused}}.probe(t)
		if want := map[bool]Cause{true: diagnose.CauseEncryptionRequired, false: diagnose.CausePlaintextLoginAllowed}[refused]; cause(rep) != want {
			t.Errorf("USER refused %v, want %s:\n%s", refused, want, show(rep))
		}
	}
}

// Cyrus refuses a second POP3 login within a minute, and says so beforehand.
func TestPauseBetweenLoginsIsKept(t *testing.T) {
	f := newFleet(t, func(i int, o *mailtest.Options) {
		if o.Protocol = pop3; i < 3 {
			o.Caps = []string{"USER", "SASL PLAIN", "LOGIN-DELAY 60"}
		} else {
			o.Protocol = smtp
		}
	})
	f.target.Login = anna()
	rep := last(t, f.prober, f.target)
	if all, _ := f.logins(); rep.Verdict != diagnose.VerdictOK || all != 3 {
		t.Errorf("%d logins, want one over POP3 and two over SMTP\n%s", all, show(rep))
	}
}

// Courier lets the second of two connections that open INBOX together wait.
func TestInboxIsOpenedByOneAtATime(t *testing.T) {
	inbox := &mailtest.Inbox{Takes: 20 * time.Millisecond}
	f := newFleet(t, func(i int, o *mailtest.Options) { o.Protocol, o.Inbox = imap, inbox })
	f.target.Login = anna()
	if rep := last(t, f.prober, f.target); rep.Verdict != diagnose.VerdictOK || inbox.Clashes() != 0 {
		t.Errorf("%d clashes\n%s", inbox.Clashes(), show(rep))
	}
}

// A server may list CRAM-MD5 without being able to check a password by it.
func TestCRAMIsTheLastResort(t *testing.T) {
	for p, c := range map[mailconf.Protocol]struct {
		mech string
		caps []string
	}{
		imap: {"LOGIN", []string{"IMAP4rev1", "AUTH=CRAM-MD5"}},
		pop3: {"USER", []string{"USER", "SASL CRAM-MD5"}},
		smtp: {"LOGIN", []string{"AUTH CRAM-MD5 LOGIN"}},
	} {
		rep, _ := walkCase{opts: mailtest.Options{Protocol: p, Caps: c.caps}, login: anna()}.probe(t)
		if auth := rep.Endpoints[0].Auth; rep.Verdict != diagnose.VerdictOK || *auth.Mechanism != c.mech {
			t.Errorf("%s, want %s:\n%s", p, c.mech, show(rep))
		}
	}
}

func TestLoginWithoutSASL(t *testing.T) {
	for p, caps := range map[mailconf.Protocol][]string{imap: {"IMAP4rev1"}, pop3: {"USER"}} {
		for _, secret := range []string{"geheim", `sp "ecial\`, "schlüssel"} {
			login := &diagnose.Login{Username: "anna@example.org", Password: diagnose.NewSecret([]byte(secret))}
			o := mailtest.Options{Protocol: p, Caps: caps, Users: map[string]string{"anna@example.org": secret}}
			rep, _ := walkCase{opts: o, login: login}.probe(t)
			if rep.Verdict != diagnose.VerdictOK {
				t.Errorf("%s %q:\n%s", p, secret, show(rep))
			}
		}
	}
	o := mailtest.Options{Caps: []string{"IMAP4rev1", "AUTH=PLAIN"}} // no SASL-IR
	if rep, _ := (walkCase{opts: o, login: anna()}).probe(t); rep.Verdict != diagnose.VerdictOK {
		t.Errorf("IMAP without initial response:\n%s", show(rep))
	}
}

// A sibling that fails is a warning, and the one that works is offered instead.
func TestFailingSiblingIsNamed(t *testing.T) {
	f := newFleet(t, func(i int, o *mailtest.Options) {
		if i == 4 {
			o.BeforeTLS = []string{"IMAP4rev1"}
		}
	})
	rep := last(t, f.prober, f.target)
	if rep.Verdict != diagnose.VerdictWarn || cause(rep) != diagnose.CauseSTARTTLSMissing {
		t.Errorf("verdict %s, cause %q", rep.Verdict, cause(rep))
	}
	if in := rep.Endpoints[4].Instead; in == nil || *in != f.target.Endpoints[0] {
		t.Errorf("instead of IMAP with STARTTLS: %v, want %v", in, f.target.Endpoints[0])
	}
}

func TestCertificateFaultOfOneSiblingFails(t *testing.T) {
	f := newFleet(t, func(i int, o *mailtest.Options) {
		if i == 3 {
			o.Cert = mailtest.CertExpired
		}
	})
	if rep := last(t, f.prober, f.target); rep.Verdict != diagnose.VerdictFail || cause(rep) != diagnose.CauseCertExpired {
		t.Errorf("verdict %s, cause %q", rep.Verdict, cause(rep))
	}
}

func TestMismatchOffersTheOtherMode(t *testing.T) {
	rep, s := walkCase{opts: mailtest.Options{Protocol: smtp, Security: starttls}, target: withSecurity(mailconf.TLS)}.probe(t)
	if in := rep.Endpoints[0].Instead; in == nil || *in != s.Endpoint() {
		t.Errorf("offered instead: %v, want %v", in, s.Endpoint())
	}
}

// A host that is its own MX and whose POP3 port is closed is no MX by mistake.
func TestOwnMXIsNotBlamed(t *testing.T) {
	rep, _ := walkCase{
		zone: map[string]mailtest.Name{"mail.example.org": {Addrs: loopback}, "example.org": {MX: []string{"mail.example.org"}}},
		prober: func(p *diagnose.Prober) {
			p.Dial = func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
				if a.Port() != 143 {
					return nil, syscall.ECONNREFUSED
				}
				client, server := net.Pipe()
				go func() { _, _ = io.Copy(io.Discard, server) }()
				return client, nil
			}
		},
		target: func(t *diagnose.Target) { t.Endpoints[0].Protocol = pop3 },
	}.probe(t)
	if got := cause(rep); got != diagnose.CauseConnectionRefused {
		t.Errorf("cause %q\n%s", got, show(rep))
	}
}

// A server that hangs does not hold up the steps of the others.
func TestHangingServerHoldsNobodyUp(t *testing.T) {
	f := newFleet(t, func(i int, o *mailtest.Options) {
		if i == 0 {
			o.Faults = at(mailtest.StageGreeting, mailtest.Fault{})
		}
	})
	done := map[mailconf.Endpoint]bool{}
	for s := range f.prober.Probe(t.Context(), f.target) {
		if s.Kind == diagnose.StepCaps && s.Status == diagnose.StatusOK {
			done[s.Endpoint] = true
		}
		if s.Endpoint == f.target.Endpoints[0] && s.Kind == diagnose.StepGreeting && s.Status == diagnose.StatusFail {
			t.Fatal("the hanging server ended before the others")
		}
		if len(done) == 4 {
			break
		}
	}
	if len(done) != 4 {
		t.Errorf("%d endpoints reported", len(done))
	}
}

func TestBreakingOutClosesConnections(t *testing.T) {
	f := newFleet(t, func(i int, o *mailtest.Options) { o.Faults = at(mailtest.StageGreeting, mailtest.Fault{}) })
	for s := range f.prober.Probe(t.Context(), f.target) {
		if s.Kind == diagnose.StepGreeting {
			break
		}
	}
	for _, s := range f.servers {
		s.Wait() // the servers are mute and wait for their clients to go
	}
}

// A web server waits for its client to speak first.
func TestWebServerIsNoMuteMailServer(t *testing.T) {
	for _, c := range []struct {
		protocol mailconf.Protocol
		security mailconf.Security
	}{{imap, mailconf.TLS}, {pop3, starttls}, {smtp, mailconf.TLS}, {smtp, starttls}} {
		t.Run(string(c.protocol)+" "+string(c.security), func(t *testing.T) {
			f := newFleet(t, nil)
			web := httptest.NewUnstartedServer(http.NotFoundHandler())
			if c.security == mailconf.TLS {
				ca := mailtest.NewAuthority(time.Now())
				f.prober.Roots = ca.Pool()
				web.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Certificate(mailtest.CertGood, "mail.example.org")}}
				web.StartTLS()
			} else {
				web.Start()
			}
			defer web.Close()
			port := netip.MustParseAddrPort(web.Listener.Addr().String()).Port()
			f.prober.Policy.Ports = []uint16{port}
			f.prober.Timeouts.Greeting = 200 * time.Millisecond
			f.target.Endpoints = []mailconf.Endpoint{{Protocol: c.protocol, Host: "mail.example.org", Port: port, Security: c.security}}
			rep := last(t, f.prober, f.target)
			if e := rep.Endpoints[0]; e.Cause == nil || *e.Cause != diagnose.CauseWrongPortOrProtocol || e.ServerText == nil || !strings.HasPrefix(*e.ServerText, "HTTP/1.1 400") {
				t.Errorf("%s", show(rep))
			}
		})
	}
}

func TestEndedContextStillReports(t *testing.T) {
	f := newFleet(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var end diagnose.Step
	for s := range f.prober.Probe(ctx, f.target) {
		end = s
	}
	if end.Report == nil || end.Report.Verdict != diagnose.VerdictFail {
		t.Errorf("%+v", end)
	}
}

func TestNothingToProbe(t *testing.T) {
	rep := last(t, &diagnose.Prober{}, diagnose.Target{})
	if rep.Verdict != diagnose.VerdictFail || cause(rep) != diagnose.CauseBadInput || rep.Endpoints == nil {
		t.Errorf("%s", show(rep))
	}
}

// The words of a report that go to people hold no control characters.
func TestServerTextIsCleaned(t *testing.T) {
	rep, _ := walkCase{opts: mailtest.Options{Protocol: smtp, Greeting: "554 \x1b[31mgo \u202eaway\u200b <!channel> https://evil.example/x?u=anna " + strings.Repeat("x", 400)}}.probe(t)
	text := rep.Endpoints[0].ServerText
	if text == nil || strings.ContainsAny(*text, "\x1b\u202e\u200b") || strings.Contains(*text, "://") || len([]rune(*text)) > 200 {
		t.Errorf("server text %q", *text)
	}
}

func BenchmarkFiveEndpoints(b *testing.B) {
	f := newFleet(b, nil)
	f.target.Login = anna()
	for b.Loop() {
		for s := range f.prober.Probe(b.Context(), f.target) {
			if s.Report != nil && s.Report.Verdict != diagnose.VerdictOK {
				b.Fatal(show(s.Report))
			}
		}
	}
}

// Roots that an operator adds count like the others, and no more.
func TestMoreRoots(t *testing.T) {
	f := newFleet(t, nil)
	own, none := f.prober.Roots, mailtest.NewAuthority(time.Now()).Pool()
	for _, c := range []struct {
		name        string
		roots, more *x509.CertPool
		want        Cause
	}{{"roots", own, none, ""}, {"more roots", none, own, ""}, {"neither", none, none, diagnose.CauseCertUntrusted}} {
		f.prober.Roots, f.prober.MoreRoots = c.roots, c.more
		if got := cause(last(t, f.prober, f.target)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
