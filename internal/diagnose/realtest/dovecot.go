package realtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// startDovecot runs Dovecot, and Postfix that asks it about logins.
func (h *Host) startDovecot(t testing.TB, s setup) {
	t.Helper()
	files := map[string]string{
		"dovecot.conf": dovecotConf, "postfix/main.cf": mainCF, "postfix/master.cf": masterCF, "openssl.cnf": opensslConf,
		"users": User + ":{PLAIN}" + Password + "\n",
	}
	h.write(t, s, files, "run", "mail", "postfix", "spool/private", "data")
	h.own(t, "nobody", "mail")
	h.own(t, "postfix", "data", "spool/private")
	h.log, h.refused = filepath.Join(h.dir, "dovecot.log"), "Password mismatch"
	h.run(t, "dovecot", "-F", "-c", filepath.Join(h.dir, "dovecot.conf"))
	if s.Clear && !s.C.NoTLSPorts {
		// STARTTLS is off for all of an instance or for nothing of it.
		s.Clear, s.TLSPart = false, true
		h.write(t, s, map[string]string{"dovecot-tls.conf": dovecotConf}, "run-tls")
		h.run(t, "dovecot", "-F", "-c", filepath.Join(h.dir, "dovecot-tls.conf"))
	}
	h.run(t, "postfix", "-c", filepath.Join(h.dir, "postfix"), "start-fg")
	t.Cleanup(h.stopPostfix)
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

// opensslConf brings OpenSSL 3 down to TLS 1.0, for what has no option for a
// highest version of its own.
const opensslConf = `
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MinProtocol = TLSv1
MaxProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
`
