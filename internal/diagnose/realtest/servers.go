package realtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// The account that every server knows.
const (
	User     = "anna@mail.test"
	Password = "geheim-123"
)

// Config says how a host is set up. The zero value, with Cert.Names set, is a
// good one.
type Config struct {
	Cert       Cert
	TLSMin     string // Dovecot's ssl_min_protocol; "" is TLSv1.2
	NoSTARTTLS bool   // plain text only, on 143, 110 and 587 alone
	Mechanisms string // Dovecot's auth_mechanisms; "" is "plain login"
	NoTLSPorts bool   // 993, 995 and 465 closed
}

// Host is one running host.
type Host struct {
	Addr string // loopback address
	Log  string // Dovecot's log file, with a line for each login
	dir  string
}

// Need skips the test, or fails it under CI, when real servers cannot be run here.
func Need(t testing.TB) {
	t.Helper()
	why := ""
	for _, bin := range []string{"dovecot", "postfix"} {
		if _, err := exec.LookPath(bin); err != nil {
			why = err.Error()
		}
	}
	if os.Getuid() != 0 {
		why = "root is needed to bind the mail ports"
	}
	if why == "" {
		return
	}
	if os.Getenv("MAILHELPBOT_CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

var hosts atomic.Uint32

// nextAddr returns a loopback address that no other host of this process has;
// the process id keeps test binaries that run side by side apart.
func nextAddr() string {
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", 1+pid>>8&0x7e, pid&0xff, 1+hosts.Add(1)%250)
}

// Start runs Dovecot and Postfix on an address of their own until the test ends.
func Start(t testing.TB, pki *PKI, c Config) *Host {
	t.Helper()
	// Not t.TempDir: its path may be too long for a Unix socket.
	dir, err := os.MkdirTemp("", "mhb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	h := &Host{Addr: nextAddr(), Log: filepath.Join(dir, "dovecot.log"), dir: dir}
	c.NoTLSPorts = c.NoTLSPorts || c.NoSTARTTLS
	cert, key := pki.issue(t, dir, c.Cert)
	data := map[string]any{
		"Dir": dir, "Addr": h.Addr, "Cert": cert, "Key": key, "C": c,
		"TLSMin": orElse(c.TLSMin, "TLSv1.2"), "Mechanisms": orElse(c.Mechanisms, "plain login"),
	}
	h.layOut(t, data)
	h.run(t, "dovecot", "-F", "-c", filepath.Join(dir, "dovecot.conf"))
	h.run(t, "postfix", "-c", filepath.Join(dir, "postfix"), "start-fg")
	t.Cleanup(h.stopPostfix)
	ports := []int{143, 110, 587}
	if !c.NoTLSPorts {
		ports = append(ports, 993, 995, 465)
	}
	for _, p := range ports {
		h.await(t, p)
	}
	return h
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// layOut writes the servers' configuration and the folders they want.
func (h *Host) layOut(t testing.TB, data map[string]any) {
	t.Helper()
	if err := os.Chmod(h.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"run", "mail", "postfix", "spool/private", "data"} {
		if err := os.MkdirAll(filepath.Join(h.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"dovecot.conf": dovecotConf, "postfix/main.cf": mainCF, "postfix/master.cf": masterCF, "users": User + ":{PLAIN}" + Password + "\n",
	} {
		var b bytes.Buffer
		if err := template.Must(template.New(name).Parse(text)).Execute(&b, data); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(h.dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, dirs := range map[string][]string{"nobody": {"mail"}, "postfix": {"data", "spool/private"}} {
		u, err := user.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		for _, d := range dirs {
			if err := os.Chown(filepath.Join(h.dir, d), uid, -1); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// run starts a server in the foreground and stops it when the test ends.
func (h *Host) run(t testing.TB, name string, args ...string) {
	t.Helper()
	out, err := os.Create(filepath.Join(h.dir, name+".out"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		out.Close()
		if t.Failed() {
			b, _ := os.ReadFile(out.Name())
			t.Logf("%s said:\n%s", name, b)
		}
	})
}

// stopPostfix ends Postfix's master, which puts itself into a session of its own.
func (h *Host) stopPostfix() {
	b, err := os.ReadFile(filepath.Join(h.dir, "spool/pid/master.pid"))
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && pid > 1 {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
}

// await returns when the port accepts connections.
func (h *Host) await(t testing.TB, port int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(h.Addr, strconv.Itoa(port)))
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-ctx.Done():
			for _, f := range []string{"dovecot.out", "dovecot.log", "postfix.out"} {
				b, _ := os.ReadFile(filepath.Join(h.dir, f))
				t.Logf("%s:\n%s", f, b)
			}
			t.Fatalf("port %d does not open: %v", port, err)
		case <-tick.C:
		}
	}
}

// FailedLogins counts the refused logins in Dovecot's log, over IMAP, POP3 and SMTP.
func (h *Host) FailedLogins(t testing.TB) int {
	t.Helper()
	b, err := os.ReadFile(h.Log)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), "Password mismatch")
}
