package diagnose_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/netip"
	"testing"
	"time"

	imapv2 "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// A server that shares no code with the probe: go-imap's, over TLS and STARTTLS.
func TestAgainstGoIMAP(t *testing.T) {
	ca := mailtest.NewAuthority(time.Now())
	cfg := &tls.Config{Certificates: []tls.Certificate{ca.Certificate(mailtest.CertGood, "mail.example.org")}}
	mem := imapmemserver.New()
	user := imapmemserver.NewUser(mailtest.DefaultUser, mailtest.DefaultPassword)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem.AddUser(user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: imapv2.CapSet{imapv2.CapIMAP4rev1: {}}, TLSConfig: cfg, Logger: log.New(io.Discard, "", 0),
	})
	t.Cleanup(func() { _ = srv.Close() })
	dns := mailtest.StartDNS(map[string]mailtest.Name{"mail.example.org": {Addrs: loopback}})
	t.Cleanup(dns.Close)
	p := &diagnose.Prober{Resolver: dns.Addr, Roots: ca.Pool(), Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	target := diagnose.Target{Login: anna()}
	for _, sec := range []mailconf.Security{mailconf.TLS, mailconf.STARTTLS} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := uint16(ln.Addr().(*net.TCPAddr).Port)
		if sec == mailconf.TLS {
			ln = tls.NewListener(ln, cfg)
		}
		go func() { _ = srv.Serve(ln) }()
		p.Policy.Ports = append(p.Policy.Ports, port)
		target.Endpoints = append(target.Endpoints, mailconf.Endpoint{Protocol: imap, Host: "mail.example.org", Port: port, Security: sec})
	}
	if rep := last(t, p, target); rep.Verdict != diagnose.VerdictOK {
		t.Errorf("%s", show(rep))
	}
	target.Login = wrongPassword()
	if rep := last(t, p, target); cause(rep) != diagnose.CauseWrongCredentials {
		t.Errorf("%s", show(rep))
	}
}
