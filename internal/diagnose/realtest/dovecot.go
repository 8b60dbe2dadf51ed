package realtest

import (
	"os/exec"
	"path/filepath"
	"testing"
)

const postfixMaster = "/usr/lib/postfix/sbin/master"

// startDovecot runs Dovecot, and Postfix that asks it about logins.
func (h *Host) startDovecot(t testing.TB, s setup) {
	t.Helper()
	files := map[string]string{
		"dovecot.conf": dovecotConf, "postfix/main.cf": mainCF, "postfix/master.cf": masterCF, "openssl.cnf": opensslConf,
		"users": User + ":{PLAIN}" + Password + "\n",
	}
	queues := []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"}
	for i := range queues {
		queues[i] = "spool/" + queues[i]
	}
	h.write(t, s, files, append(queues, "run", "mail", "postfix", "data", "spool/pid", "spool/public", "spool/maildrop")...)
	h.own(t, "nobody", "mail")
	h.own(t, "postfix", append(queues, "data", "spool/public", "spool/maildrop")...)
	h.log, h.refused = filepath.Join(h.dir, "dovecot.log"), "Password mismatch"
	h.start(t, exec.Command("dovecot", "-F", "-c", filepath.Join(h.dir, "dovecot.conf")))
	if s.Clear && !s.C.NoTLSPorts {
		// STARTTLS is off for all of an instance or for nothing of it.
		s.Clear, s.TLSPart = false, true
		h.write(t, s, map[string]string{"dovecot-tls.conf": dovecotConf}, "run-tls")
		h.start(t, exec.Command("dovecot", "-F", "-c", filepath.Join(h.dir, "dovecot-tls.conf")))
	}
	h.awaitAt(t, "unix", filepath.Join(h.dir, "spool", "private", "auth")) // without it Postfix hangs up on its clients
	// Not by the postfix command, which looks over an installation for seconds.
	h.start(t, exec.Command(postfixMaster, "-d", "-c", filepath.Join(h.dir, "postfix")))
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
