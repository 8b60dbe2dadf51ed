package diagnose_test

import (
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
)

// What the issuer says of a certificate stands in the report, and a password
// goes to no server whose certificate was taken back.
func TestStaple(t *testing.T) {
	for cert, want := range map[mailtest.Cert]struct {
		staple string
		logins int
	}{
		mailtest.CertGood: {"", 1}, mailtest.CertStapled: {"good", 1}, mailtest.CertStapleOld: {"outdated", 1},
		mailtest.CertStapleForged: {"", 1}, mailtest.CertRevoked: {"revoked", 0},
	} {
		t.Run(string(cert), func(t *testing.T) {
			rep, s := walkCase{opts: mailtest.Options{Cert: cert}, login: anna()}.probe(t)
			e := rep.Endpoints[0]
			if e.TLS == nil || e.TLS.Certificate.Staple != want.staple || s.Logins() != want.logins {
				t.Errorf("%d logins, want %d and %q\n%s", s.Logins(), want.logins, want.staple, show(rep))
			}
			if want.staple == "revoked" && (e.Detail == nil || cause(rep) != diagnose.CauseCertRevoked) {
				t.Errorf("not called revoked, with its day:\n%s", show(rep))
			}
		})
	}
}
