package realtest

import (
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	eximBinary = "usr/sbin/exim4"
	eximUser   = "Debian-exim" // built into Debian's binary
)

// startExim runs Exim as a submission server that delivers nothing.
func (h *Host) startExim(t testing.TB, s setup) {
	t.Helper()
	h.write(t, s, map[string]string{"exim.conf": eximConf}, "spool")
	h.own(t, eximUser, ".", "spool")
	h.log, h.refused = filepath.Join(h.dir, "main.log"), "535 Incorrect authentication data"
	h.start(t, exec.Command(unpacked(eximBinary), "-C", filepath.Join(h.dir, "exim.conf"), "-bdf", "-v"))
}

// eximConf makes of a mechanism that is not PLAIN or LOGIN (one at most) an
// authenticator of that name with nobody behind it.
const eximConf = `
primary_hostname = mail.test
spool_directory = {{.Dir}}/spool
log_file_path = {{.Dir}}/%s.log
pid_file_path = {{.Dir}}/exim.pid
disable_ipv6
keep_environment =
local_interfaces = {{.Addr}}
daemon_smtp_ports = 587{{if not .C.NoTLSPorts}} : 465
tls_on_connect_ports = 465{{end}}
{{if not .C.PlainOnly}}tls_certificate = {{.Cert}}
tls_privatekey = {{.Key}}
tls_require_ciphers = NORMAL{{if .C.TLS10}}:-VERS-ALL:+VERS-TLS1.0{{end}}
{{end}}tls_advertise_hosts = {{if not .Clear}}*{{end}}
auth_advertise_hosts = {{if .Clear}}*{{else}}${if eq{$tls_in_cipher}{}{}{*}}{{end}}
rfc1413_query_timeout = 0s
host_lookup =
smtp_accept_max = 100
acl_smtp_rcpt = deny
{{.C.Exim}}

begin authenticators
{{range .Mechanisms}}
{{if eq . "plain"}}plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{"{{"}}eq{$auth2}{` + User + `}}{eq{$auth3}{` + Password + `}}}}
{{else if eq . "login"}}login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${if and{{"{{"}}eq{$auth1}{` + User + `}}{eq{$auth2}{` + Password + `}}}}
{{else}}other:
  driver = plaintext
  public_name = {{upper .}}
  server_prompts = :
  server_condition = no
{{end}}{{end}}`
