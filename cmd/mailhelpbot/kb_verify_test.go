package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
)

// ownProvider writes an operator's folder with one provider on a host.
func ownProvider(t *testing.T, host string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "providers"), 0o755); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("id: lab\nname: Lab Mail\nkind: mailbox\ndomains: [lab.example]\nchecked: 2026-11-01\nservers:\n")
	for _, s := range []string{"imap/993/tls", "imap/143/starttls", "pop3/995/tls", "smtp/465/tls", "smtp/587/starttls"} {
		f := strings.Split(s, "/")
		fmt.Fprintf(&b, "  - {protocol: %s, host: %s, port: %s, security: %s, username: address, auth: [password], sources: [official]}\n", f[0], host, f[1], f[2])
	}
	if err := os.WriteFile(filepath.Join(dir, "providers", "lab.yaml"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestVerify probes an operator's provider on Dovecot and Postfix: first all is
// well, then the TLS ports are closed, then all is well again.
func TestVerify(t *testing.T) {
	realtest.Need(t)
	pki := realtest.NewPKI(t)
	cert := realtest.Cert{Names: []string{"mail.lab.example"}}
	good := realtest.Start(t, pki, realtest.Config{Cert: cert})
	closed := realtest.Start(t, pki, realtest.Config{Cert: cert, NoTLSPorts: true})
	dir, db := ownProvider(t, "mail.lab.example"), filepath.Join(t.TempDir(), "bot.db")
	program := func(host *realtest.Host, args ...string) cliResult {
		t.Helper()
		return cli(t, "", []string{
			"MAILHELPBOT_PROBE_ALLOW=127.0.0.0/8", "MAILHELPBOT_PROBE_ROOTS=" + pki.RootFile, "MAILHELPBOT_DB=" + db, "MAILHELPBOT_KNOWLEDGE=" + dir,
			"MAILHELPBOT_RESOLVER=" + realtest.DNS(t, "mail.lab.example. 60 IN A "+host.Addr),
		}, args...)
	}
	for _, c := range []struct {
		name           string
		host           *realtest.Host
		status         int
		ok             int
		contradictions int
	}{
		{"good", good, exitOK, 5, 0},
		{"closed", closed, exitFailure, 2, 3},
		{"good again", good, exitOK, 5, 0},
	} {
		r := program(c.host, "kb", "verify", "--json", "lab.example")
		var rep struct {
			Checks  []verifiedCheck
			Summary verifySummary
		}
		if err := json.Unmarshal([]byte(r.out), &rep); err != nil {
			t.Fatalf("%s: %v\n%s%s", c.name, err, r.out, r.err)
		}
		if r.status != c.status || len(rep.Checks) != 5 || rep.Summary.OK+rep.Summary.Warn != c.ok || rep.Summary.Contradictions != c.contradictions {
			t.Errorf("%s: status %d, %+v\n%s", c.name, r.status, rep.Summary, r.out)
		}
		answer := program(c.host, "ask", "--lang", "en", "/settings lab").out
		if live := strings.Contains(answer, "checked live on "); live != (c.contradictions == 0) {
			t.Errorf("%s: the answer speaks of a live check: %v\n%s", c.name, live, answer)
		}
		review := strings.Count(program(c.host, "kb", "stats").out, "review\tlab\tcontradicted by a live check on ")
		if review != c.contradictions {
			t.Errorf("%s: %d review items, want %d", c.name, review, c.contradictions)
		}
	}
	r := program(closed, "kb", "verify", "lab")
	for _, want := range []string{
		"fail\tlab\timap\tmail.lab.example:993\ttls\tconnection-refused\tcontradicts the knowledge\n",
		"providers 1, servers 5, ", ", failed 3, contradictions 3, ",
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("missing %q in\n%s", want, r.out)
		}
	}
}

func TestVerifyUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "--all for every provider"},
		{[]string{"--all", "gmx"}, "--all for every provider"},
		{[]string{"nobodyknowsthis"}, `no provider "nobodyknowsthis"`},
	} {
		r := cli(t, "", []string{"MAILHELPBOT_DB=:memory:"}, append([]string{"kb", "verify"}, c.args...)...)
		if r.status != exitUsage || !strings.Contains(r.err, c.want) {
			t.Errorf("%q: status %d, %s", c.args, r.status, r.err)
		}
	}
}
