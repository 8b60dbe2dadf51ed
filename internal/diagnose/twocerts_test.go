package diagnose_test

import (
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// A Dovecot with two certificates gives the one by RSA to us and the one by
// ECDSA to others. One that was forgotten is named, whichever it is.
func TestTwoCertificates(t *testing.T) {
	realtest.Need(t, realtest.Dovecot)
	pki := realtest.NewPKI(t)
	names, old := []string{matrixHost}, []string{"old.example"}
	for name, c := range map[string]struct {
		ecdsa, rsa realtest.Cert
		want       outcome
		says       string
	}{
		"both well":          {realtest.Cert{Names: names}, realtest.Cert{Names: names}, allWell, ""},
		"ECDSA is forgotten": {realtest.Cert{Names: names, Expired: true}, realtest.Cert{Names: names}, "fail cert-expired", "ECDSA 2"},
		"ECDSA is misnamed":  {realtest.Cert{Names: old}, realtest.Cert{Names: names}, "fail cert-hostname-mismatch", "ECDSA old.example"},
		"RSA is forgotten":   {realtest.Cert{Names: names}, realtest.Cert{Names: names, Expired: true}, "fail cert-expired", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.rsa.RSA = true
			host := realtest.Start(t, pki, realtest.Config{Cert: c.ecdsa, AltCert: &c.rsa})
			rep := probeReal(t, pki, host, []mailconf.Endpoint{
				{Protocol: imap, Host: matrixHost, Port: 993, Security: mailconf.TLS},
				{Protocol: pop3, Host: matrixHost, Port: 110, Security: mailconf.STARTTLS},
			}, realtest.Password)
			for _, e := range rep.Endpoints {
				if got := outcomeOf(e.Verdict, e.Cause); got != c.want || !strings.Contains(explain(e), c.says) {
					t.Errorf("%d: %s, want %s with %q%s", e.Port, got, c.want, c.says, explain(e))
				}
				if strings.Join(e.TLS.VersionsOffered, " ") != "TLS 1.2 TLS 1.3" {
					t.Errorf("%d: %v", e.Port, e.TLS.VersionsOffered)
				}
			}
		})
	}
}
