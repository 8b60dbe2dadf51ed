package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
)

// TestLiveServers runs `mailhelpbot test --json` against Dovecot and Postfix,
// good and with one fault each.
func TestLiveServers(t *testing.T) {
	realtest.Need(t)
	pki := realtest.NewPKI(t)
	password := filepath.Join(t.TempDir(), "password")
	wrong := filepath.Join(t.TempDir(), "wrong")
	for name, pw := range map[string]string{password: realtest.Password + "\n", wrong: "falsch-456\n"} {
		if err := os.WriteFile(name, []byte(pw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"mail.lab.example"}
	for _, c := range []struct {
		name     string
		config   realtest.Config
		password string
		args     []string
		status   int
		verdict  diagnose.Verdict
		cause    diagnose.Cause
		logins   int // failed logins in the server's log
	}{
		{name: "good", config: realtest.Config{Cert: realtest.Cert{Names: names}}, verdict: "ok"},
		{name: "good login", config: realtest.Config{Cert: realtest.Cert{Names: names}}, password: password, verdict: "ok"},
		{name: "wrong password", config: realtest.Config{Cert: realtest.Cert{Names: names}}, password: wrong, status: 1, verdict: "fail", cause: "wrong-credentials", logins: 1},
		{name: "expired", config: realtest.Config{Cert: realtest.Cert{Names: names, Expired: true}}, password: password, status: 1, verdict: "fail", cause: "cert-expired"},
		{name: "self-signed", config: realtest.Config{Cert: realtest.Cert{Names: names, SelfSigned: true}}, password: password, status: 1, verdict: "fail", cause: "cert-untrusted"},
		{name: "wrong name", config: realtest.Config{Cert: realtest.Cert{Names: []string{"other.example"}}}, password: password, status: 1, verdict: "fail", cause: "cert-hostname-mismatch"},
		{name: "missing intermediate", config: realtest.Config{Cert: realtest.Cert{Names: names, NoChain: true}}, status: 1, verdict: "fail", cause: "cert-untrusted"},
		{name: "no TLS ports", config: realtest.Config{Cert: realtest.Cert{Names: names}, NoTLSPorts: true}, args: []string{"mail.lab.example:993"}, status: 1, verdict: "fail", cause: "connection-refused"},
		{name: "no STARTTLS", config: realtest.Config{Cert: realtest.Cert{Names: names}, NoSTARTTLS: true}, args: []string{"mail.lab.example:143"}, status: 1, verdict: "fail", cause: "starttls-missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			host := realtest.Start(t, pki, c.config)
			env := []string{
				"MAILHELPBOT_PROBE_ALLOW=127.0.0.0/8", "MAILHELPBOT_PROBE_ROOTS=" + pki.RootFile,
				"MAILHELPBOT_RESOLVER=" + realtest.DNS(t, "mail.lab.example. 60 IN A "+host.Addr),
				"MAILHELPBOT_TEST_USER=" + realtest.User, "MAILHELPBOT_TEST_PASSWORD_FILE=" + c.password,
			}
			args := []string{"test", "--json", "--db", ":memory:"}
			if c.password != "" {
				args = append(args, "--auth")
			}
			if len(c.args) == 0 {
				c.args = []string{"mail.lab.example"}
			}
			r := cli(t, "", env, append(args, c.args...)...)
			var rep diagnose.Report
			if err := json.Unmarshal([]byte(r.out), &rep); err != nil {
				t.Fatalf("%v\n%s%s", err, r.out, r.err)
			}
			var cause diagnose.Cause
			if rep.Cause != nil {
				cause = *rep.Cause
			}
			if r.status != c.status || rep.Verdict != c.verdict || cause != c.cause {
				t.Errorf("status %d, verdict %s, cause %q; want %d, %s, %q\n%s", r.status, rep.Verdict, cause, c.status, c.verdict, c.cause, r.out)
			}
			if n := host.FailedLogins(t); n != c.logins {
				t.Errorf("%d failed logins in the server's log, want %d", n, c.logins)
			}
		})
	}
}
