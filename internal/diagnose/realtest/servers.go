package realtest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

// The account that every server knows.
const (
	User     = "anna@mail.test"
	Password = "geheim-123"
)

// Server names what runs on a host.
type Server string

// The servers. Where a version is named it is that of Debian 12.
const (
	Dovecot Server = "dovecot" // 2.3, IMAP and POP3, with Postfix 3.7 for submission
	Exim    Server = "exim"    // 4.96 with GnuTLS, submission alone
	Courier Server = "courier" // 5.0 with GnuTLS, IMAP and POP3
	Cyrus   Server = "cyrus"   // 3.6 with OpenSSL, IMAP and POP3
)

// Config says how a host is set up. The zero value, with Cert.Names set, is a
// good Dovecot with Postfix.
type Config struct {
	Server     Server // "" is Dovecot
	Cert       Cert
	AltCert    *Cert  // Dovecot's second certificate, for another kind of key
	TLS10      bool   // TLS 1.0 and nothing newer
	NoSTARTTLS bool   // 143, 110 and 587 take logins in the clear and offer no TLS; the TLS ports are as ever
	PlainOnly  bool   // the same, and no TLS ports
	NoTLSPorts bool   // 993, 995 and 465 closed
	Mechanisms string // SASL mechanisms in lower case; "" is "plain login"

	Dovecot, Postfix string // further lines for dovecot.conf and main.cf, stronger than the others
	Exim             string // for the main section of Exim's configuration
	Cyrus            string // for imapd.conf
	Courier          string // lines of shell, before the services start; IMAPPER and POPPER are connections per address
}

// Host is one running host.
type Host struct {
	Addr    string // loopback address
	dir     string
	log     string // file with a line for each login
	refused string // what stands in the line of a refused one
}

// setup is what the configuration templates see.
type setup struct {
	Dir, Addr, Cert, Key string
	AltCert, AltKey      string
	C                    Config
	Mechanisms           []string
	Clear                bool   // no STARTTLS
	Bin                  string // folder of the server's programs
	TLSPart              bool   // the second Dovecot of a host without STARTTLS, for 993 and 995
}

// Start runs the servers of c on an address of their own until the test ends.
func Start(t testing.TB, pki *PKI, c Config) *Host {
	t.Helper()
	// Not t.TempDir: its path may be too long for a Unix socket.
	dir, err := os.MkdirTemp("", "mhb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	h := &Host{Addr: testaddr.Host(t), dir: dir}
	t.Cleanup(func() {
		if t.Failed() {
			h.tell(t)
		}
	})
	c.NoTLSPorts = c.NoTLSPorts || c.PlainOnly
	s := setup{
		Dir: dir, Addr: h.Addr, C: c, Clear: c.NoSTARTTLS || c.PlainOnly,
		Mechanisms: strings.Fields(orElse(c.Mechanisms, "plain login")),
	}
	s.Cert, s.Key = pki.issue(t, dir, c.Cert)
	if c.AltCert != nil {
		alt := filepath.Join(dir, "alt")
		if err := os.Mkdir(alt, 0o755); err != nil {
			t.Fatal(err)
		}
		s.AltCert, s.AltKey = pki.issue(t, alt, *c.AltCert)
	}
	ports := []int{143, 110, 587, 993, 995, 465}
	switch c.Server {
	case "", Dovecot:
		h.startDovecot(t, s)
	case Exim:
		ports = []int{587, 465}
		h.startExim(t, s)
	case Courier:
		ports = []int{143, 110, 993, 995}
		h.startCourier(t, s)
	case Cyrus:
		ports = []int{143, 110, 993, 995}
		h.startCyrus(t, s)
	default:
		t.Fatalf("no server %q", c.Server)
	}
	for _, p := range ports {
		if implicit := p == 993 || p == 995 || p == 465; !implicit || !c.NoTLSPorts {
			h.await(t, p)
		}
	}
	return h
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// write renders the configuration files and makes the folders.
func (h *Host) write(t testing.TB, s setup, files map[string]string, dirs ...string) {
	t.Helper()
	for _, d := range dirs {
		if err := os.MkdirAll(filepath.Join(h.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		var b bytes.Buffer
		if err := template.Must(template.New(name).Funcs(template.FuncMap{"upper": strings.ToUpper, "join": strings.Join}).Parse(text)).Execute(&b, s); err != nil {
			t.Fatal(err)
		}
		name = filepath.Join(h.dir, name)
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		// Postfix waits until a file that has just been written is two seconds old.
		if past := time.Now().Add(-time.Minute); os.Chtimes(name, past, past) != nil {
			t.Fatalf("%s: time not set", name)
		}
	}
}

// own gives folders to a user, since servers drop their rights.
func (h *Host) own(t testing.TB, name string, dirs ...string) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	for _, d := range dirs {
		if err := os.Chown(filepath.Join(h.dir, d), uid, gid); err != nil {
			t.Fatal(err)
		}
	}
}

// start starts cmd in a process group of its own and kills the group when the
// test ends: nothing is worth the time that servers take to end by themselves.
func (h *Host) start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	name := filepath.Base(cmd.Path)
	out, err := os.Create(filepath.Join(h.dir, name+".out"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Pdeathsig = true, syscall.SIGKILL
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		out.Close()
	})
}

// await returns when the port accepts connections.
func (h *Host) await(t testing.TB, port int) {
	t.Helper()
	h.awaitAt(t, "tcp", net.JoinHostPort(h.Addr, strconv.Itoa(port)))
}

// awaitAt returns when something listens at an address.
func (h *Host) awaitAt(t testing.TB, network, addr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var d net.Dialer
		c, err := d.DialContext(ctx, network, addr)
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s does not open: %v", addr, err)
		case <-tick.C:
		}
	}
}

// tell logs what the servers wrote.
func (h *Host) tell(t testing.TB) {
	for _, pattern := range []string{"*.out", "*log"} {
		names, _ := filepath.Glob(filepath.Join(h.dir, pattern))
		for _, name := range names {
			b, _ := os.ReadFile(name)
			t.Logf("%s:\n%s", filepath.Base(name), b)
		}
	}
}

// FailedLogins counts the refused logins in the servers' log, over all protocols.
func (h *Host) FailedLogins(t testing.TB) int {
	t.Helper()
	b, err := os.ReadFile(h.log)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), h.refused)
}
