package diagnose_test

import (
	"net/netip"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Every mechanism that Dovecot has, over IMAP, POP3 and, through Postfix, SMTP;
// the scripted server of mailtest shares its SCRAM with the probe.
func TestMechanismsOfDovecot(t *testing.T) {
	realtest.Need(t)
	pki := realtest.NewPKI(t)
	h := realtest.Start(t, pki, realtest.Config{
		Cert: realtest.Cert{Names: []string{"mail.test"}}, Mechanisms: "plain login cram-md5 scram-sha-1 scram-sha-256",
	})
	dns := realtest.DNS(t, "mail.test. 60 IN A "+h.Addr)
	prober := func() *diagnose.Prober { // one that has not logged in before
		return &diagnose.Prober{Resolver: dns, Roots: pki.Pool, Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	}
	target := diagnose.Target{Endpoints: []mailconf.Endpoint{
		{Protocol: imap, Host: "mail.test", Port: 993, Security: mailconf.TLS},
		{Protocol: pop3, Host: "mail.test", Port: 110, Security: starttls},
		{Protocol: smtp, Host: "mail.test", Port: 465, Security: mailconf.TLS},
		{Protocol: smtp, Host: "mail.test", Port: 587, Security: starttls},
	}}
	for _, mech := range []string{"", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"} {
		target.Login = &diagnose.Login{Username: realtest.User, Password: diagnose.NewSecret([]byte(realtest.Password)), Mechanism: mech}
		if rep := last(t, prober(), target); rep.Verdict != diagnose.VerdictOK {
			t.Errorf("%s:\n%s", mech, show(rep))
		}
	}
	target.Login = &diagnose.Login{Username: realtest.User, Password: diagnose.NewSecret([]byte("falsch")), Mechanism: "SCRAM-SHA-256"}
	if rep := last(t, prober(), target); cause(rep) != diagnose.CauseWrongCredentials {
		t.Errorf("a wrong password by SCRAM:\n%s", show(rep))
	}
	if n := h.FailedLogins(t); n > 1 {
		t.Errorf("%d failed logins in Dovecot's log, want one at most", n)
	}
}
