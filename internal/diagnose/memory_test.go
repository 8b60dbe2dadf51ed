package diagnose_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// otherProcess names the mechanism of a mail server that this test binary is
// when it is set: the server of a memory test must not share its memory.
const otherProcess = "MAILHELPBOT_TEST_SERVER"

func TestMain(m *testing.M) {
	if mech := os.Getenv(otherProcess); mech != "" {
		serveAlone(mech)
		return
	}
	os.Exit(m.Run())
}

// serveAlone is an IMAP server that takes every password, until its input
// ends. Its first line of output is its address and the issuer of its certificate.
func serveAlone(mech string) {
	caps := []string{"IMAP4rev1", "SASL-IR", "AUTH=" + mech}
	if mech == "command" {
		caps = []string{"IMAP4rev1"}
	}
	var issuer []byte
	s := mailtest.Start(mailtest.Options{Caps: caps, Refuse: "OK as you like", TLS: func(c *tls.Config) { issuer = c.Certificates[0].Certificate[1] }})
	fmt.Println(s.AddrPort(), hex.EncodeToString(issuer))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// spell makes a password of a seed. The test writes it down nowhere else.
func spell(seed int) []byte {
	b := make([]byte, 0, 64)
	for i := range 24 {
		b = append(b, "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"[(seed*7+i*i*13+i*seed)%54])
	}
	return b
}

// TestMemoryAfterLogin searches a heap dump for the password after a login. The
// mechanisms that go through the SCRAM library are not among them: it takes the
// password as a string.
func TestMemoryAfterLogin(t *testing.T) {
	for seed, mech := range []string{"PLAIN", "LOGIN", "CRAM-MD5", "command", "XOAUTH2", "OAUTHBEARER"} {
		t.Run(mech, func(t *testing.T) {
			login(t, mech, seed+11)
			witness := strings.Repeat(mech, 3) // on the heap
			runtime.GC()
			runtime.GC()
			dump := dumpHeap(t) // before this process spells the password again
			needle := spell(seed + 11)
			content, err := os.ReadFile(dump)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range [][]byte{needle, middle64(needle, 0), middle64(needle, 1), middle64(needle, 2)} {
				if hits := bytes.Count(content, n); hits > 0 {
					t.Errorf("the heap dump (%d bytes) holds %q %d times", len(content), n, hits)
				}
			}
			if !bytes.Contains(content, []byte(witness)) {
				t.Error("the heap dump does not hold what is certainly in memory")
			}
			runtime.KeepAlive(witness)
		})
	}
}

// login runs one probe with the password of seed.
func login(t *testing.T, mech string, seed int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), otherProcess+"="+mech)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { in.Close(); _ = cmd.Wait() }()
	var addr, issuer string
	if _, err := fmt.Fscanln(out, &addr, &issuer); err != nil {
		t.Fatal(err)
	}
	der, err := hex.DecodeString(issuer)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	dns := mailtest.StartDNS(map[string]mailtest.Name{"mail.example.org": {Addrs: loopback}})
	defer dns.Close()
	port := netip.MustParseAddrPort(addr).Port()
	p := &diagnose.Prober{
		Resolver: dns.Addr, Roots: x509.NewCertPool(),
		Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ports: []uint16{port}},
	}
	p.Roots.AddCert(ca)
	target := diagnose.Target{
		Endpoints: []mailconf.Endpoint{{Protocol: imap, Host: "mail.example.org", Port: port, Security: mailconf.TLS}},
		Login:     &diagnose.Login{Username: "anna@example.org", Password: diagnose.NewSecret(spell(seed)), Token: strings.HasSuffix(mech, "OAUTH2") || mech == "OAUTHBEARER"},
	}
	rep := last(t, p, target)
	target.Login.Password.Wipe()
	if r := rep.Endpoints[0].Auth; r == nil || r.Result == nil || *r.Result != "accepted" {
		t.Fatalf("the login did not go through:\n%s", show(rep))
	}
}

// middle64 is what is certain of the base64 form of b behind lead other bytes.
func middle64(b []byte, lead int) []byte {
	out := []byte(base64.StdEncoding.EncodeToString(append(make([]byte, lead), b...)))
	return out[(8*lead+5)/6 : (lead+len(b))*8/6]
}

func dumpHeap(t *testing.T) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "heap"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	debug.WriteHeapDump(f.Fd())
	return f.Name()
}
