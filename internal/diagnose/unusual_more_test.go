package diagnose_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// oddServer is an Exim, Courier or Cyrus in a state in which its own words
// count; TestMatrix has the faults of encryption and certificates.
type oddServer struct {
	name   string
	config realtest.Config
	ports  []uint16
	plain  bool                                    // without encryption
	hold   func(*testing.T, *realtest.PKI, string) // takes what there is one of, at an address
	want   outcome                                 // of each port
	text   string                                  // that the report must quote
}

func oddServers() []oddServer {
	exim := func(more string) realtest.Config { return realtest.Config{Server: realtest.Exim, Exim: more} }
	cyrus := func(more string) realtest.Config { return realtest.Config{Server: realtest.Cyrus, Cyrus: more} }
	courier := func(more string) realtest.Config { return realtest.Config{Server: realtest.Courier, Courier: more} }
	smtpPorts, popPorts, imapPorts := []uint16{465, 587}, []uint16{995, 110}, []uint16{993, 143}
	return []oddServer{
		{
			name: "exim refuses addresses on a list", ports: smtpPorts, want: "fail ip-blacklisted", text: "block list",
			config: exim(`acl_smtp_connect = "deny message = Your address is on the block list of example.org"`),
		},
		{name: "exim refuses everybody", ports: smtpPorts, want: "fail greeting-rejected", text: "Administrative prohibition", config: exim("acl_smtp_connect = deny")},
		{name: "exim refuses EHLO", ports: smtpPorts, want: "fail greeting-rejected", text: "Administrative prohibition", config: exim("acl_smtp_helo = deny")},
		{name: "exim greets late", ports: smtpPorts, want: allWell, config: exim("acl_smtp_connect = late\nbegin acl\nlate:\n  accept\n    delay = 3s")},
		{
			name: "exim has too many connections", ports: smtpPorts, want: "fail too-many-connections", text: "Too many concurrent SMTP connections",
			config: exim("smtp_accept_max_per_host = 1"), hold: holdTCP(587),
		},
		{
			name: "exim refuses the login in its own words", ports: []uint16{587}, want: "fail account-blocked", text: "suspended",
			config: exim(`acl_smtp_auth = "deny message = Your account has been suspended"`),
		},
		{name: "exim without encryption", ports: []uint16{587}, plain: true, want: "fail encryption-required", config: exim("")},
		{name: "courier without encryption, IMAP", ports: []uint16{143}, plain: true, want: "fail encryption-required", config: courier("")},
		{name: "courier without encryption, POP3", ports: []uint16{110}, plain: true, want: "fail encryption-required", config: courier("")},
		// It hangs up without a word. Each port counts for itself.
		{name: "courier has too many connections", ports: imapPorts[1:], want: "fail connection-dropped", config: courier("IMAPPER=1"), hold: holdTCP(143)},
		{name: "cyrus without encryption, IMAP", ports: []uint16{143}, plain: true, want: "fail encryption-required", config: cyrus("")},
		{name: "cyrus without encryption, POP3", ports: []uint16{110}, plain: true, want: "fail encryption-required", config: cyrus("")},
		// Cyrus lets two in, which Dovecot can be told not to.
		{name: "cyrus has the mailbox open by POP3", ports: popPorts[:1], want: allWell, config: cyrus(""), hold: holdPOP3},
		{
			name: "dovecot has the mailbox open by POP3", ports: popPorts[:1], want: "fail mailbox-locked", text: "[IN-USE]",
			config: realtest.Config{Server: realtest.Dovecot, Dovecot: "protocol pop3 {\n  pop3_lock_session = yes\n}"}, hold: holdPOP3,
		},
		{
			name: "cyrus has too many logins", ports: imapPorts[:1], want: "fail too-many-connections", text: "Too many open connections",
			config: cyrus("maxlogins_per_user: 1"), hold: holdIMAP,
		},
	}
}

// holdTCP keeps a connection to a port open, once the server has greeted.
func holdTCP(port int) func(*testing.T, *realtest.PKI, string) {
	return func(t *testing.T, _ *realtest.PKI, addr string) {
		t.Helper()
		for until := time.Now().Add(20 * time.Second); ; {
			c, err := net.Dial("tcp", net.JoinHostPort(addr, strconv.Itoa(port)))
			if err != nil {
				t.Fatal(err)
			}
			_ = c.SetReadDeadline(until)
			greeting := make([]byte, 512)
			n, err := c.Read(greeting)
			if g := string(greeting[:n]); strings.HasPrefix(g, "220") || strings.HasPrefix(g, "* OK") { // who waited for the server is counted no longer
				t.Cleanup(func() { c.Close() })
				return
			}
			c.Close()
			if time.Now().After(until) {
				t.Fatalf("%q, %v", greeting[:n], err)
			}
		}
	}
}

func holdPOP3(t *testing.T, pki *realtest.PKI, addr string) {
	talk(t, held(t, pki, addr, 995), "", "USER "+realtest.User, "PASS "+realtest.Password)
}

func holdIMAP(t *testing.T, pki *realtest.PKI, addr string) {
	talk(t, held(t, pki, addr, 993), "", "a LOGIN "+realtest.User+" "+realtest.Password)
}

// held is a TLS connection that stays until the test ends.
func held(t *testing.T, pki *realtest.PKI, addr string, port int) net.Conn {
	c, err := tls.Dial("tcp", net.JoinHostPort(addr, strconv.Itoa(port)), &tls.Config{RootCAs: pki.Pool, ServerName: matrixHost})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// talk sends lines, "" for none, and reads one answer to each, which must be a good one.
func talk(t *testing.T, c net.Conn, lines ...string) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(c)
	for _, l := range lines {
		if l != "" {
			if _, err := io.WriteString(c, l+"\r\n"); err != nil {
				t.Fatal(err)
			}
		}
		got, err := r.ReadString('\n')
		if err != nil || strings.HasPrefix(got, "-ERR") || strings.HasPrefix(got, "a NO") {
			t.Fatalf("%q is answered %q, %v", l, got, err)
		}
	}
	_ = c.SetDeadline(time.Time{})
}

// TestOddServers probes Exim, Courier and Cyrus in states of their own.
func TestOddServers(t *testing.T) {
	pki := realtest.NewPKI(t)
	for _, c := range oddServers() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			realtest.Need(t, c.config.Server)
			c.config.Cert.Names = []string{matrixHost}
			host := realtest.Start(t, pki, c.config)
			if c.hold != nil {
				c.hold(t, pki, host.Addr)
			}
			var eps []mailconf.Endpoint
			for _, p := range c.ports {
				proto, s, _ := mailconf.PortMeaning(p)
				if c.plain {
					s = mailconf.Plain
				}
				eps = append(eps, mailconf.Endpoint{Protocol: proto, Host: matrixHost, Port: p, Security: s})
			}
			rep := probeReal(t, pki, host, eps, realtest.Password)
			for _, e := range rep.Endpoints {
				if got := outcomeOf(e.Verdict, e.Cause); got != c.want || !strings.Contains(explain(e), c.text) {
					t.Errorf("%d: %s, want %s with %q%s", e.Port, got, c.want, c.text, explain(e))
				}
			}
		})
	}
}

// A host that announces an IPv6 address at which nothing listens works, and
// the report says what does not.
func TestDeadIPv6(t *testing.T) {
	pki := realtest.NewPKI(t)
	for _, s := range matrixServers {
		t.Run(string(s.server), func(t *testing.T) {
			t.Parallel()
			realtest.Need(t, s.server)
			host := realtest.Start(t, pki, realtest.Config{Server: s.server, Cert: realtest.Cert{Names: []string{matrixHost}}})
			p := &diagnose.Prober{
				Dial:     refusedByIPv6(host.Addr),
				Resolver: realtest.DNS(t, matrixHost+". 60 IN A "+host.Addr, matrixHost+". 60 IN AAAA ::1"), Roots: pki.Pool,
				Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
			}
			port := mailconf.DefaultPort(s.protocols[0], mailconf.TLS)
			rep := last(t, p, diagnose.Target{Name: matrixHost, Endpoints: []mailconf.Endpoint{{Protocol: s.protocols[0], Host: matrixHost, Port: port, Security: mailconf.TLS}}})
			if got := outcomeOf(rep.Verdict, rep.Cause); got != "warn ipv6-broken" {
				t.Errorf("%s, want warn ipv6-broken%s", got, explain(rep.Endpoints[0]))
			}
		})
	}
}

// refusedByIPv6 connects IPv6 to a port at which nobody listens, of a host that
// is the test's alone: the kernel refuses it as at an address of IPv6, also on
// a machine that has none, or whose ::1 has a mail server of its own.
func refusedByIPv6(host string) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
		if a.Addr().Is6() {
			a = netip.AddrPortFrom(netip.MustParseAddr(host), 9)
		}
		var d net.Dialer
		return d.DialContext(ctx, "tcp", a.String())
	}
}
