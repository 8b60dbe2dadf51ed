package web_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
)

// bait is a domain of an attacker's, with a live web server that publishes
// which mail servers it is to have, and a mail server of the attacker's own.
type bait struct {
	*rig
	evil *mailtest.Server
}

// newBait serves pages by host/path, with "http://" in front at the plain
// port. imap.evil.example has another address than imap.post.example.
func newBait(t *testing.T, pages map[string]string, selfSigned bool) *bait {
	t.Helper()
	b := &bait{rig: newRig(t, nil)}
	ca := b.mail.Authority()
	b.evil = mailtest.Start(mailtest.Options{
		Host: "imap.evil.example", Authority: ca,
		Users: map[string]string{"anna@post.example": password, "victim@bait.example": password},
	})
	t.Cleanup(b.evil.Close)
	one, two := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.66")
	zone := map[string]mailtest.Name{
		"imap.post.example": {Addrs: []netip.Addr{one}}, "imap.evil.example": {Addrs: []netip.Addr{two}},
		"bait.example": {MX: []string{"mx.bait.example"}}, "mx.bait.example": {Addrs: []netip.Addr{two}},
		"autoconfig.bait.example": {Addrs: []netip.Addr{one}}, "config.evil.example": {Addrs: []netip.Addr{one}},
	}
	dns := mailtest.StartDNS(zone)
	t.Cleanup(dns.Close)
	b.bot.Prober.Resolver = dns.Addr
	b.bot.Prober.Dial = func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
		to := b.mail
		if a.Addr() == two {
			to = b.evil
		}
		return new(net.Dialer).DialContext(ctx, "tcp", to.AddrPort().String())
	}

	serve := func(prefix string) *httptest.Server {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host, _, _ := net.SplitHostPort(r.Host)
			body, ok := pages[prefix+host+r.URL.Path]
			switch to, moved := strings.CutPrefix(body, "-> "); {
			case !ok:
				http.NotFound(w, r)
			case moved:
				_, port, _ := net.SplitHostPort(r.Host)
				host, path, _ := strings.Cut(to, "/")
				http.Redirect(w, r, "https://"+host+":"+port+"/"+path, http.StatusFound)
			default:
				_, _ = io.WriteString(w, body)
			}
		}))
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		t.Cleanup(srv.Close)
		return srv
	}
	plain, secure := serve("http://"), serve("")
	kind := mailtest.CertGood
	if selfSigned {
		kind = mailtest.CertSelfSigned
	}
	secure.TLS = &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		c := ca.Certificate(kind, h.ServerName)
		return &c, nil
	}}
	plain.Start()
	secure.StartTLS()
	b.bot.Finder = bot.NewFinder(b.bot.Prober, b.bot.Book)
	b.bot.Finder.HTTPPort = uint16(plain.Listener.Addr().(*net.TCPAddr).Port)
	b.bot.Finder.HTTPSPort = uint16(secure.Listener.Addr().(*net.TCPAddr).Port)
	b.bot.Finder.ISPDB = "https://ispdb.bait.example/" // does not exist
	return b
}

// autoconfig is a file that names IMAP servers for bait.example.
func autoconfig(hosts ...string) string {
	var s strings.Builder
	s.WriteString(`<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="bait.example"><domain>bait.example</domain>`)
	for _, h := range hosts {
		fmt.Fprintf(&s, `<incomingServer type="imap"><hostname>%s</hostname><port>993</port><socketType>SSL</socketType>`+
			`<authentication>password-cleartext</authentication><username>%%EMAILADDRESS%%</username></incomingServer>`, h)
	}
	s.WriteString(`</emailProvider></clientConfig>`)
	return s.String()
}

// press is what the asker alone is told after the button.
func (b *bait) press() string {
	var last bot.Answer
	for a := range b.bot.Handle(b.t.Context(), bot.Message{
		Platform: "slack", Tenant: "T", Channel: "C", Thread: "1.2", User: "U9", Name: "mallory", Lang: "en",
		Kind: bot.KindAction, Action: &bot.Action{ID: bot.ActionLogin, Value: "bait.example"},
	}) {
		last = a
	}
	return bot.PlainText(last)
}

// Whatever a domain publishes about itself, it can speak for its own addresses
// alone: who is lured to its page with an address of another provider has the
// password sent nowhere but to that provider, and reads whose servers these are.
func TestBaitWithALiveAutoconfig(t *testing.T) {
	const at = "autoconfig.bait.example/mail/config-v1.1.xml"
	for name, c := range map[string]struct {
		pages map[string]string
		hosts []string // that the page must name
		anna  int      // status for an address of the known provider
		mail  int      // logins that the known provider's own server sees of it
	}{
		"a foreign host":                    {map[string]string{at: autoconfig("imap.evil.example")}, []string{"imap.evil.example"}, http.StatusUnprocessableEntity, 0},
		"a foreign host behind a redirect":  {map[string]string{at: "-> config.evil.example/x.xml", "config.evil.example/x.xml": autoconfig("imap.evil.example")}, []string{"imap.evil.example"}, http.StatusUnprocessableEntity, 0},
		"the provider's host and a foreign": {map[string]string{at: autoconfig("imap.post.example", "imap.evil.example")}, []string{"imap.post.example", "imap.evil.example"}, http.StatusOK, 1},
		"a foreign host and the provider's": {map[string]string{at: autoconfig("imap.evil.example", "imap.post.example")}, []string{"imap.post.example", "imap.evil.example"}, http.StatusOK, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBait(t, c.pages, false)
			link, code := b.askFor("U9", "mallory", "en", "bait.example")
			page := b.get(http.MethodGet, link)
			for _, want := range append(slices.Clone(c.hosts), "bait.example", "mallory", "Test Intermediate CA") {
				if !strings.Contains(page.body, want) {
					t.Errorf("the page does not name %s:\n%s", want, page.body)
				}
			}
			got := b.post(link, form(code, "anna@post.example", password))
			if got.status != c.anna || strings.Contains(got.body, password) {
				t.Errorf("an address of another provider: status %d, want %d\n%s", got.status, c.anna, got.body)
			}
			if b.evil.Logins() != 0 || b.mail.Logins() != c.mail {
				t.Errorf("the attacker's server saw %d logins, the provider's %d; want 0 and %d", b.evil.Logins(), b.mail.Logins(), c.mail)
			}
			if c.anna == http.StatusOK {
				return
			}
			if got := b.post(link, form(code, "victim@bait.example", password)); got.status != http.StatusOK || b.evil.Logins() != 1 {
				t.Errorf("an address of the domain itself: status %d, %d logins", got.status, b.evil.Logins())
			}
		})
	}
}

// What comes over an open line, or with a certificate that nobody vouches for,
// makes no page at all.
func TestBaitWithoutVouching(t *testing.T) {
	const at = "autoconfig.bait.example/mail/config-v1.1.xml"
	for name, c := range map[string]struct {
		pages      map[string]string
		selfSigned bool
	}{
		"plain http":               {map[string]string{"http://" + at: autoconfig("imap.evil.example")}, false},
		"a self-signed autoconfig": {map[string]string{at: autoconfig("imap.evil.example")}, true},
		"nothing published":        {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBait(t, c.pages, c.selfSigned)
			if text := b.press(); strings.Contains(text, b.bot.LoginURL) {
				t.Errorf("a link is given out:\n%s", text)
			}
		})
	}
}
