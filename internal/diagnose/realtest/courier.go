package realtest

import (
	"errors"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

const courierTCPD = "usr/sbin/couriertcpd"

// courierMissing says what Courier lacks to run here.
func courierMissing() error {
	_, err := exec.LookPath("makeuserdb")
	return errors.Join(err, there(courierTCPD), noNamespaces())
}

// noNamespaces says why processes cannot be started as startAlone does it:
// containers may forbid it to root.
func noNamespaces() error {
	cmd := exec.Command("/bin/true")
	cmd.SysProcAttr = alone()
	return cmd.Run()
}

func alone() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
}

// startCourier runs Courier's four services and the daemon that knows the
// account. Their folders are built in (/etc/courier, /run/courier), so they run
// in a mount namespace in which these are the host's own; in a process
// namespace, so that all of them end with the shell that started them.
func (h *Host) startCourier(t testing.TB, s setup) {
	t.Helper()
	h.write(t, s, map[string]string{"courier.sh": courierScript}, "etc", "run/courier/authdaemon", "home/Maildir/cur", "home/Maildir/new", "home/Maildir/tmp")
	h.own(t, "nobody", "home", "home/Maildir", "home/Maildir/cur", "home/Maildir/new", "home/Maildir/tmp")
	h.log, h.refused = filepath.Join(h.dir, "sh.out"), "LOGIN FAILED, "
	h.startAlone(t, exec.Command("/bin/sh", filepath.Join(h.dir, "courier.sh"), unpacked("")))
}

// startAlone starts cmd in namespaces of its own for mounts and processes.
func (h *Host) startAlone(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = alone()
	h.start(t, cmd)
}

// courierScript starts from the configuration that the packages bring.
const courierScript = `
set -e
export PATH="$1/usr/sbin:$1/usr/bin:$PATH"
lib="$1/usr/lib/courier/courier"
mount --make-rprivate /
mount --bind {{.Dir}}/run /run
mkdir -p /etc/courier # left over, empty, where no package made it
mount --bind {{.Dir}}/etc /etc/courier
chmod 755 /run/courier /run/courier/authdaemon
(
  umask 077
  pw=$(echo '` + Password + `' | userdbpw -md5)
  printf '%s\t%s\n' '` + User + `' "uid=$(id -u nobody)|gid=$(id -g nobody)|home={{.Dir}}/home|mail={{.Dir}}/home/Maildir|systempw=$pw" >/etc/courier/userdb
  makeuserdb
)
(
  echo authmodulelist=authuserdb
  echo daemons=3
  echo authdaemonvar=/run/courier/authdaemon
  echo DEBUG_LOGIN=1
) >/etc/courier/authdaemonrc
(set -a; . /etc/courier/authdaemonrc; exec /usr/lib/courier/courier-authlib/authdaemond) &
# Without its socket the servers refuse everybody as a passing trouble.
until [ -S /run/courier/authdaemon/socket ]; do sleep 0.02; done

set -a
. "$1/etc/courier/imapd"
. "$1/etc/courier/imapd-ssl"
IMAPPER=20 POPPER=20
. "$1/etc/courier/pop3d"
. "$1/etc/courier/pop3d-ssl"
COURIERTLS="$1/usr/bin/couriertls"
TLS_CERTFILE={{.Cert}}
TLS_PRIVATE_KEYFILE={{.Key}}
TLS_DHPARAMS= TLS_TRUSTCERTS= TLS_CACHEFILE=
TLS_PRIORITY=NORMAL{{if .C.TLS10}}:-VERS-ALL:+VERS-TLS1.0{{end}}
IMAP_STARTTLS={{if .Clear}}NO{{else}}YES{{end}}
POP3_STARTTLS=$IMAP_STARTTLS
IMAP_CAPABILITY_TLS="$IMAP_CAPABILITY{{range .Mechanisms}} AUTH={{upper .}}{{end}}"
POP3AUTH_TLS="{{range .Mechanisms}}{{upper .}} {{end}}"
{{if .Clear}}IMAP_CAPABILITY=$IMAP_CAPABILITY_TLS
POP3AUTH=$POP3AUTH_TLS
{{else}}IMAP_TLS_REQUIRED=1
POP3_TLS_REQUIRED=1
{{end}}{{.C.Courier}}
set +a
serve() { # port, connections per address, command
  port=$1 per=$2
  shift 2
  couriertcpd -address={{.Addr}} -maxprocs=40 -maxperip=$per $TCPDOPTS $port "$@" &
}
imap="$lib/imaplogin $1/usr/bin/imapd Maildir"
pop3="$lib/courierpop3login $lib/courierpop3d Maildir"
serve 143 $IMAPPER $imap
serve 110 $POPPER $pop3
{{if not .C.NoTLSPorts}}export IMAP_TLS=1 IMAP_STARTTLS=NO IMAP_TLS_REQUIRED=0 POP3_TLS=1 POP3_STARTTLS=NO POP3_TLS_REQUIRED=0
serve 993 $IMAPPER $COURIERTLS -server -tcpd -user=nobody $imap
serve 995 $POPPER $COURIERTLS -server -tcpd -user=nobody $pop3
{{end}}wait
`
