package realtest

import (
	"bufio"
	"crypto/tls"
	"net"
	"strings"
	"testing"
)

// TestHostServes speaks to each port by hand, so that a fault found elsewhere
// is not a fault of this package.
func TestHostServes(t *testing.T) {
	Need(t)
	pki := NewPKI(t)
	h := Start(t, pki, Config{Cert: Cert{Names: []string{"imap.mail.test"}}})
	for port, want := range map[string]string{"993": "* OK", "995": "+OK", "465": "220 "} {
		c, err := tls.Dial("tcp", net.JoinHostPort(h.Addr, port), &tls.Config{RootCAs: pki.Pool, ServerName: "imap.mail.test"})
		if err != nil {
			t.Errorf("%s: %v", port, err)
			continue
		}
		if line, err := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(line, want) {
			t.Errorf("%s: greeting %q, %v; want %q", port, line, err, want)
		}
		c.Close()
	}
	for port, want := range map[string]string{"143": "* OK", "110": "+OK", "587": "220 "} {
		c, err := net.Dial("tcp", net.JoinHostPort(h.Addr, port))
		if err != nil {
			t.Errorf("%s: %v", port, err)
			continue
		}
		if line, err := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(line, want) {
			t.Errorf("%s: greeting %q, %v; want %q", port, line, err, want)
		}
		c.Close()
	}
}
