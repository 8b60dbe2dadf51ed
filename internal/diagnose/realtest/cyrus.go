package realtest

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	cyrusBin = "usr/lib/cyrus/bin"
	cyrusLib = "usr/lib/x86_64-linux-gnu"
)

// cyrusMissing says what Cyrus lacks to run here.
func cyrusMissing() error {
	_, err := exec.LookPath("saslpasswd2")
	return errors.Join(err, there(cyrusBin+"/imapd"), there(cyrusBin+"/pop3d"), noNamespaces())
}

// startCyrus runs Cyrus IMAP with the account in a sasldb of its own. It runs
// in namespaces of its own: Cyrus writes its log to /dev/log alone, which is
// there a socket of this test.
func (h *Host) startCyrus(t testing.TB, s setup) {
	t.Helper()
	s.Bin = unpacked(cyrusBin)
	files := map[string]string{"cyrus.sh": cyrusScript, "cyrus.conf": cyrusConf, "imapd.conf": imapdConf}
	h.write(t, s, files, "conf", "mail", "dev")
	h.own(t, "nobody", "conf", "mail")
	h.log, h.refused = filepath.Join(h.dir, "sys.log"), "badlogin: "
	h.syslog(t, filepath.Join(h.dir, "dev", "log"))
	cmd := exec.Command("/bin/sh", filepath.Join(h.dir, "cyrus.sh"))
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+unpacked(cyrusLib))
	h.startAlone(t, cmd)
	h.firstLogin(t, filepath.Join(h.dir, "conf", "first"))
}

// firstLogin lets Cyrus make the mailbox, over a socket that wants no TLS: two
// first logins side by side would be in each other's way.
func (h *Host) firstLogin(t testing.TB, socket string) {
	t.Helper()
	h.awaitAt(t, "unix", socket)
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, "a LOGIN "+User+" "+Password+"\r\nb LOGOUT\r\n"); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(c); !strings.Contains(string(b), "\na OK") {
		t.Fatalf("first login: %v\n%s", err, b)
	}
}

// syslog writes what comes in on a socket to h.log.
func (h *Host) syslog(t testing.TB, socket string) {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(socket, 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(h.log)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 8<<10)
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			_, _ = io.WriteString(out, string(b[:n])+"\n")
		}
	}()
	t.Cleanup(func() { c.Close(); <-done; out.Close() })
}

const cyrusScript = `
set -e
mount --make-rprivate /
for d in null zero random urandom; do
  : >"{{.Dir}}/dev/$d"
  mount --bind "/dev/$d" "{{.Dir}}/dev/$d"
done
mount --rbind {{.Dir}}/dev /dev
name='` + User + `'
echo '` + Password + `' | saslpasswd2 -p -c -f {{.Dir}}/conf/sasldb2 -u "${name#*@}" "${name%@*}"
chown -R nobody {{.Dir}}/conf
{{.Bin}}/master -C {{.Dir}}/imapd.conf -M {{.Dir}}/cyrus.conf -p {{.Dir}}/master.pid -D
`

const cyrusConf = `
START {
  recover cmd="{{.Bin}}/ctl_cyrusdb -C {{.Dir}}/imapd.conf -r"
}
SERVICES {
  first cmd="{{.Bin}}/imapd -C {{.Dir}}/imapd.conf" listen="{{.Dir}}/conf/first" prefork=0
  imap cmd="{{.Bin}}/imapd -C {{.Dir}}/imapd.conf" listen="{{.Addr}}:143" proto="tcp4" prefork=0
  pop3 cmd="{{.Bin}}/pop3d -C {{.Dir}}/imapd.conf" listen="{{.Addr}}:110" proto="tcp4" prefork=0
{{if not .C.NoTLSPorts}}  imaps cmd="{{.Bin}}/imapd -s -C {{.Dir}}/imapd.conf" listen="{{.Addr}}:993" proto="tcp4" prefork=0
  pop3s cmd="{{.Bin}}/pop3d -s -C {{.Dir}}/imapd.conf" listen="{{.Addr}}:995" proto="tcp4" prefork=0
{{end}}}
`

// imapdConf keeps Debian's settings where the tests need no others. An option
// with the name of a service in front counts for that service alone.
const imapdConf = `
configdirectory: {{.Dir}}/conf
defaultpartition: default
partition-default: {{.Dir}}/mail
cyrus_user: nobody
idlesocket: {{.Dir}}/conf/idle
notifysocket: {{.Dir}}/conf/notify
servername: mail.test
virtdomains: userid
unixhierarchysep: yes
hashimapspool: true
autocreate_quota: 0
popminpoll: 1
first_allowplaintext: yes
allowplaintext: {{if .Clear}}yes{{else}}no{{end}}
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {{.Dir}}/conf/sasldb2
sasl_mech_list: {{range .Mechanisms}}{{upper .}} {{end}}
{{if not .C.PlainOnly}}tls_server_cert: {{.Cert}}
tls_server_key: {{.Key}}
tls_sessions_db_path: {{.Dir}}/conf/tls_sessions.db
{{if .C.TLS10}}tls_versions: tls1_0
tls_ciphers: ALL:@SECLEVEL=0
{{end}}{{end}}{{if .Clear}}imap_tls_server_cert: disabled
pop3_tls_server_cert: disabled
{{end}}{{.C.Cyrus}}
`
