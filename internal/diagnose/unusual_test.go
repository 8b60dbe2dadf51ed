package diagnose_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// unusual is a Dovecot with Postfix that is set up as few are. Ports that are
// not named are well.
type unusual struct {
	name   string
	config realtest.Config
	ports  map[uint16]outcome
	whole  outcome
	check  func(*testing.T, *diagnose.Report)
}

func unusualServers() []unusual {
	smtpOnly := func(o outcome) map[uint16]outcome { return map[uint16]outcome{465: o, 587: o} }
	return []unusual{
		{
			name:   "TLS 1.3 alone",
			config: realtest.Config{Dovecot: "ssl_min_protocol = TLSv1.3", Postfix: "smtpd_tls_mandatory_protocols = >=TLSv1.3"},
			whole:  allWell,
			check: func(t *testing.T, r *diagnose.Report) {
				for _, e := range r.Endpoints {
					if !slices.Equal(e.TLS.VersionsOffered, []string{"TLS 1.3"}) {
						t.Errorf("%d offers %v", e.Port, e.TLS.VersionsOffered)
					}
				}
			},
		},
		{
			name:   "strong mechanisms",
			config: realtest.Config{Mechanisms: "scram-sha-1 scram-sha-256 cram-md5"},
			whole:  allWell,
			check: func(t *testing.T, r *diagnose.Report) {
				for _, e := range r.Endpoints {
					if e.Auth.Mechanism != nil && *e.Auth.Mechanism != "SCRAM-SHA-256" {
						t.Errorf("%d: %s", e.Port, *e.Auth.Mechanism)
					}
				}
			},
		},
		{
			// Dovecot lists USER all the same, and Postfix finds nothing to offer
			// and hangs up. After STARTTLS the timestamp of the greeting is void.
			name:   "APOP alone",
			config: realtest.Config{Mechanisms: "apop"},
			whole:  wrongMech,
			ports: map[uint16]outcome{
				993: "fail auth-not-offered", 143: "fail auth-not-offered", 110: wrongMech,
				465: "fail connection-dropped", 587: "fail connection-dropped",
			},
		},
		{
			name: "client certificate wanted",
			config: realtest.Config{
				Dovecot: "ssl_verify_client_cert = yes\nauth_ssl_require_client_cert = yes\nssl_ca = </etc/ssl/certs/ca-certificates.crt\nssl_require_crl = no",
				Postfix: "smtpd_tls_ask_ccert = yes\nsmtpd_tls_req_ccert = yes\nsmtpd_tls_security_level = encrypt",
			},
			whole: "fail client-certificate-required",
			// Dovecot says so when a login is tried, which no other port has been after it.
			ports: map[uint16]outcome{993: "fail client-certificate-required", 465: "fail client-certificate-required", 587: "fail client-certificate-required"},
		},
		{
			name:   "clients turned away at once",
			config: realtest.Config{Postfix: "smtpd_delay_reject = no\nsmtpd_client_restrictions = reject"},
			whole:  "fail ip-blacklisted",
			ports:  smtpOnly("fail ip-blacklisted"),
		},
		{
			name:   "names of clients not liked",
			config: realtest.Config{Postfix: "smtpd_delay_reject = no\nsmtpd_helo_restrictions = reject"},
			whole:  "fail greeting-rejected",
			ports:  smtpOnly("fail greeting-rejected"),
		},
		{
			name:   "no login for sending",
			config: realtest.Config{Postfix: "smtpd_sasl_auth_enable = no"},
			whole:  "fail auth-not-offered",
			ports:  smtpOnly("fail auth-not-offered"),
		},
		{
			// Postfix hangs up without a word; its log alone knows why.
			name:   "login service of Postfix gone",
			config: realtest.Config{Postfix: "smtpd_sasl_path = private/nobody"},
			whole:  "fail connection-dropped",
			ports:  smtpOnly("fail connection-dropped"),
		},
		{
			name:   "slow greeting",
			config: realtest.Config{Postfix: "smtpd_delay_reject = no\nsmtpd_client_restrictions = sleep 3"},
			whole:  allWell,
		},
		{
			name:   "mailbox not writable",
			config: realtest.Config{Dovecot: "mail_location = maildir:/proc/nowhere/%u"},
			whole:  "fail temporary-server-error",
		},
		{
			name:   "login in the clear allowed beside TLS",
			config: realtest.Config{Dovecot: "disable_plaintext_auth = no", Postfix: "smtpd_tls_auth_only = no\nsmtpd_tls_security_level = may"},
			whole:  allWell,
		},
	}
}

// TestUnusualServers probes real servers in configurations beside the beaten
// track, where a wrong name for the cause is likely.
func TestUnusualServers(t *testing.T) {
	realtest.Need(t, realtest.Dovecot)
	pki := realtest.NewPKI(t)
	for _, c := range unusualServers() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.config.Cert.Names = []string{matrixHost}
			host := realtest.Start(t, pki, c.config)
			var eps []mailconf.Endpoint
			for _, p := range []uint16{993, 143, 995, 110, 465, 587} {
				proto, s, _ := mailconf.PortMeaning(p)
				eps = append(eps, mailconf.Endpoint{Protocol: proto, Host: matrixHost, Port: p, Security: s})
			}
			rep := probeReal(t, pki, host, eps, realtest.Password)
			if got := outcomeOf(rep.Verdict, rep.Cause); got != c.whole {
				t.Errorf("%s, want %s", got, c.whole)
			}
			var b strings.Builder
			for _, e := range rep.Endpoints {
				want := allWell
				if o, ok := c.ports[e.Port]; ok {
					want = o
				}
				got := outcomeOf(e.Verdict, e.Cause)
				if len(c.ports) > 0 && got != want {
					t.Errorf("%d: %s, want %s%s", e.Port, got, want, explain(e))
				}
				fmt.Fprintf(&b, " %d %s%s\n", e.Port, got, explain(e))
			}
			t.Logf("%s, %d ms\n%s", outcomeOf(rep.Verdict, rep.Cause), rep.ElapsedMS, &b)
			if c.check != nil {
				c.check(t, rep)
			}
		})
	}
}
