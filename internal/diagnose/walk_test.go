package diagnose_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Each case makes one cause with a real server on loopback. has are further
// causes that must be found besides.
type walkCase struct {
	cause Cause
	name  string
	opts  mailtest.Options
	also  []Cause // must be among the endpoint's further faults

	verdict diagnose.Verdict         // "" is fail
	target  func(*diagnose.Target)   // changes the target
	prober  func(*diagnose.Prober)   // changes the prober
	zone    map[string]mailtest.Name // replaces the DNS record of the host
	login   *diagnose.Login          // tries to log in
	facts   diagnose.Facts
	logins  int // passwords that the server must have seen
}

type Cause = diagnose.Cause

const (
	imap, pop3, smtp = mailconf.IMAP, mailconf.POP3, mailconf.SMTP
	starttls, plain  = mailconf.STARTTLS, mailconf.Plain
)

func say(st mailtest.Stage, text string) map[mailtest.Stage]mailtest.Fault {
	return map[mailtest.Stage]mailtest.Fault{st: {Say: text, Close: true}}
}

func at(st mailtest.Stage, f mailtest.Fault) map[mailtest.Stage]mailtest.Fault {
	return map[mailtest.Stage]mailtest.Fault{st: f}
}

var loopback = []netip.Addr{netip.MustParseAddr("127.0.0.1")}

func anna() *diagnose.Login {
	return &diagnose.Login{Username: mailtest.DefaultUser, Password: diagnose.NewSecret([]byte(mailtest.DefaultPassword))}
}

func wrongPassword() *diagnose.Login {
	return &diagnose.Login{Username: mailtest.DefaultUser, Password: diagnose.NewSecret([]byte("falsch"))}
}

// refuse is a server that answers a wrong password with these words.
func refuse(p mailconf.Protocol, words string) mailtest.Options {
	return mailtest.Options{Protocol: p, Refuse: words}
}

func walkCases() []walkCase {
	var cases []walkCase
	cases = append(cases, walkDNS()...)
	cases = append(cases, walkConnect()...)
	cases = append(cases, walkTLS()...)
	cases = append(cases, walkLogin()...)
	return cases
}

func walkDNS() []walkCase {
	return []walkCase{
		{cause: diagnose.CauseBadInput, target: func(t *diagnose.Target) { t.Endpoints[0].Host = "imap example.org" }},
		{
			cause: diagnose.CauseTargetBlocked, prober: func(p *diagnose.Prober) { p.Policy.Allow = nil },
		},
		{cause: diagnose.CauseNotMailPort, target: func(t *diagnose.Target) { t.Endpoints[0].Port = 6379 }},
		{cause: diagnose.CauseDNSFailure, zone: map[string]mailtest.Name{"other.example.org": {Addrs: loopback}}},
		{cause: diagnose.CauseDNSNoAddress, zone: map[string]mailtest.Name{"mail.example.org": {}, "example.org": {}}},
		{cause: diagnose.CauseDNSServerFailure, zone: map[string]mailtest.Name{"mail.example.org": {Rcode: 2}}},
		{cause: diagnose.CauseDNSSECBogus, zone: map[string]mailtest.Name{"mail.example.org": {Addrs: loopback, Bogus: true}}},
		{cause: diagnose.CauseDNSTimeout, zone: map[string]mailtest.Name{"mail.example.org": {Silence: true}}},
		{cause: diagnose.CauseDomainNoMail, zone: map[string]mailtest.Name{"mail.example.org": {}, "example.org": {MX: []string{"."}}}},
		{
			cause: diagnose.CauseMXNotClientHost,
			opts:  mailtest.Options{Faults: at(mailtest.StageConnect, mailtest.Fault{Close: true})},
			zone: map[string]mailtest.Name{
				"mail.example.org": {Addrs: loopback}, "example.org": {MX: []string{"mail.example.org"}},
			},
			prober: refuseDial(syscall.ECONNREFUSED),
		},
	}
}

// refuseDial makes every connection fail.
func refuseDial(errno syscall.Errno) func(*diagnose.Prober) {
	return func(p *diagnose.Prober) {
		p.Dial = func(context.Context, netip.AddrPort) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: errno}
		}
	}
}

func hangingDial(p *diagnose.Prober) {
	p.Dial = func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

func walkConnect() []walkCase {
	return []walkCase{
		{cause: diagnose.CauseConnectionRefused, prober: refuseDial(syscall.ECONNREFUSED)},
		{cause: diagnose.CauseHostUnreachable, prober: refuseDial(syscall.EHOSTUNREACH)},
		{cause: diagnose.CauseTimeout, prober: hangingDial},
		{cause: diagnose.CauseInternalError, prober: func(p *diagnose.Prober) {
			p.Dial = func(context.Context, netip.AddrPort) (net.Conn, error) { panic("a bug") }
		}},
		{
			cause: diagnose.CauseBudgetExceeded, prober: func(p *diagnose.Prober) { p.Timeouts.Budget = 100 * time.Millisecond },
			opts: mailtest.Options{Security: starttls, Faults: at(mailtest.StageGreeting, mailtest.Fault{})},
		},
		{
			cause: diagnose.CausePort25Blocked, verdict: diagnose.VerdictWarn, name: "sibling answers",
			opts: mailtest.Options{Protocol: smtp},
			target: func(t *diagnose.Target) {
				t.Endpoints = append(t.Endpoints, mailconf.Endpoint{Protocol: smtp, Host: "mail.example.org", Port: 25, Security: starttls})
			},
			prober: func(p *diagnose.Prober) {
				p.Dial = func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
					if a.Port() == 25 {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					var d net.Dialer
					return d.DialContext(ctx, "tcp", a.String())
				}
			},
		},
		{
			cause: diagnose.CauseIPv6Broken, verdict: diagnose.VerdictWarn,
			zone: map[string]mailtest.Name{"mail.example.org": {Addrs: []netip.Addr{loopback[0], netip.MustParseAddr("::1")}}},
			prober: func(p *diagnose.Prober) {
				p.Dial = func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
					if a.Addr().Is6() {
						return nil, &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
					}
					var d net.Dialer
					return d.DialContext(ctx, "tcp", a.String())
				}
			},
			also: []Cause{diagnose.CauseHostUnreachable},
		},
		{cause: diagnose.CauseConnectionDropped, name: "at connect", opts: mailtest.Options{Faults: at(mailtest.StageConnect, mailtest.Fault{Close: true})}},
		{cause: diagnose.CauseConnectionDropped, name: "reset before the greeting", opts: mailtest.Options{Security: starttls, Faults: at(mailtest.StageGreeting, mailtest.Fault{Reset: true})}},
		{cause: diagnose.CauseConnectionDropped, name: "after capabilities", opts: mailtest.Options{Protocol: pop3, Faults: at(mailtest.StageCapabilities, mailtest.Fault{Close: true})}},
		{cause: diagnose.CauseGreetingTimeout, opts: mailtest.Options{Faults: at(mailtest.StageGreeting, mailtest.Fault{})}},
		{cause: diagnose.CauseGreetingTimeout, name: "one byte at a time", opts: mailtest.Options{Security: starttls, Faults: at(mailtest.StageGreeting, mailtest.Fault{Say: "* OK a very slow server greets you", Every: 40 * time.Millisecond})}},
		{cause: diagnose.CauseGreetingRejected, opts: mailtest.Options{Protocol: smtp, Security: starttls, Greeting: "554 No SMTP service here"}},
		{cause: diagnose.CauseGreetingRejected, name: "EHLO", opts: mailtest.Options{Protocol: smtp, Security: starttls, Faults: say(mailtest.StageCapabilities, "550 I do not like your name\r\n")}},
		{cause: diagnose.CauseIPBlacklisted, opts: mailtest.Options{Protocol: smtp, Security: starttls, Greeting: "554 5.7.1 Service unavailable; client host blocked using zen.example.org"}},
		{cause: diagnose.CauseTooManyConnections, opts: mailtest.Options{Protocol: smtp, Greeting: "421 4.7.0 Too many connections from your network"}},
		{cause: diagnose.CauseTooManyConnections, name: "imap", opts: mailtest.Options{Greeting: "* BYE Too many connections from your IP"}},
		{cause: diagnose.CauseTemporaryServerError, name: "greeting", opts: mailtest.Options{Protocol: pop3, Greeting: "-ERR [SYS/TEMP] maintenance"}},
		{cause: diagnose.CauseProtocolGarbage, name: "endless line", opts: mailtest.Options{Faults: at(mailtest.StageGreeting, mailtest.Fault{Say: "* OK ", Repeat: strings.Repeat("x", 4096)})}},
		{cause: diagnose.CauseProtocolGarbage, name: "NUL", opts: mailtest.Options{Greeting: "* OK a\x00b"}},
		{cause: diagnose.CauseProtocolGarbage, name: "endless capabilities", opts: mailtest.Options{Protocol: pop3, Faults: at(mailtest.StageCapabilities, mailtest.Fault{Say: "+OK\r\n", Repeat: "X-CAPA\r\n"})}},
		{cause: diagnose.CauseWrongPortOrProtocol, name: "SMTP for IMAP", opts: mailtest.Options{Protocol: smtp}, target: func(t *diagnose.Target) { t.Endpoints[0].Protocol = imap }},
		{cause: diagnose.CauseWrongPortOrProtocol, name: "SSH", opts: mailtest.Options{Security: starttls, Greeting: "SSH-2.0-OpenSSH_9.2"}},
		{cause: diagnose.CauseWrongPortOrProtocol, name: "HTTP to a TLS client", opts: mailtest.Options{Security: plain, Greeting: "HTTP/1.1 400 Bad Request"}, target: withSecurity(mailconf.TLS)},
		{cause: diagnose.CauseSSLSTARTTLSMismatch, name: "TLS asked of STARTTLS", opts: mailtest.Options{Security: starttls}, target: withSecurity(mailconf.TLS)},
		{cause: diagnose.CauseSSLSTARTTLSMismatch, name: "STARTTLS asked of TLS", opts: mailtest.Options{Protocol: smtp}, target: withSecurity(starttls)},
		{cause: diagnose.CauseSSLSTARTTLSMismatch, name: "none asked of TLS", opts: mailtest.Options{Protocol: pop3}, target: withSecurity(plain)},
	}
}

func withSecurity(s mailconf.Security) func(*diagnose.Target) {
	return func(t *diagnose.Target) { t.Endpoints[0].Security = s }
}

func walkTLS() []walkCase {
	tlsOpt := func(f func(*tls.Config)) mailtest.Options { return mailtest.Options{TLS: f} }
	cases := []walkCase{
		{cause: diagnose.CauseSTARTTLSMissing, opts: mailtest.Options{Security: starttls, BeforeTLS: []string{"IMAP4rev1", "AUTH=PLAIN"}}},
		{cause: diagnose.CauseSTARTTLSMissing, name: "silent capabilities", opts: mailtest.Options{Security: starttls, SilentCap: true, BeforeTLS: []string{"IMAP4rev1"}}},
		{cause: diagnose.CauseSTARTTLSStripped, opts: mailtest.Options{Protocol: smtp, Security: starttls, Greeting: "220 **************", BeforeTLS: []string{"PIPELINING", "XXXXXXXA"}}},
		{cause: diagnose.CauseSTARTTLSRefused, opts: mailtest.Options{Protocol: smtp, Security: starttls, Faults: say(mailtest.StageSTARTTLS, "454 4.7.0 TLS not available due to local problem\r\n")}},
		{cause: diagnose.CauseSTARTTLSRefused, name: "imap", opts: mailtest.Options{Security: starttls, Faults: say(mailtest.StageSTARTTLS, "{tag} NO TLS not available\r\n")}},
		{cause: diagnose.CauseSTARTTLSInjection, opts: mailtest.Options{Protocol: smtp, Security: starttls, Faults: at(mailtest.StageSTARTTLS, mailtest.Fault{Forge: "250-evil\r\n250 AUTH PLAIN\r\n"})}},
		{cause: diagnose.CausePreauthBeforeTLS, opts: mailtest.Options{Security: starttls, Greeting: "* PREAUTH [CAPABILITY IMAP4rev1] welcome back"}},
		{cause: diagnose.CauseNoEncryption, opts: mailtest.Options{Security: plain}},
		{cause: diagnose.CauseEncryptionRequired, opts: mailtest.Options{Security: plain, Caps: []string{"IMAP4rev1", "STARTTLS", "LOGINDISABLED"}}},
		{cause: diagnose.CausePlaintextLoginAllowed, verdict: diagnose.VerdictWarn, opts: mailtest.Options{Security: plain, Caps: []string{"IMAP4rev1", "STARTTLS", "AUTH=PLAIN"}}},
		{cause: "", name: "plain-text login noted", verdict: diagnose.VerdictOK, opts: mailtest.Options{Security: starttls, BeforeTLS: []string{"IMAP4rev1", "STARTTLS", "AUTH=PLAIN"}}, also: []Cause{diagnose.CausePlaintextLoginAllowed}},
		{cause: diagnose.CauseMTANotSubmission, opts: mailtest.Options{Protocol: smtp, Security: starttls, Caps: []string{"PIPELINING"}}, target: func(t *diagnose.Target) { t.Endpoints[0].Port = 25 }, prober: nil},
		{cause: diagnose.CauseAuthNotOffered, opts: mailtest.Options{Protocol: smtp, Caps: []string{"PIPELINING"}}},
		{cause: diagnose.CauseTLSVersionTooOld, opts: tlsOpt(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS10 })},
		{cause: diagnose.CauseTLSVersionTooOld, name: "1.1 by STARTTLS", opts: mailtest.Options{Security: starttls, TLS: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }}},
		{cause: diagnose.CauseTLSHandshake, opts: tlsOpt(func(c *tls.Config) { c.Certificates = nil })},
		{cause: diagnose.CauseClientCertificateRequired, opts: tlsOpt(func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert })},
		{cause: diagnose.CauseClientCertificateRequired, name: "missed at the greeting", opts: mailtest.Options{Greeting: "* BYE No required SSL certificate", TLS: func(c *tls.Config) { c.ClientAuth = tls.RequestClientCert }}},
		{cause: diagnose.CauseClientCertificateRequired, name: "missed at EHLO", opts: mailtest.Options{
			Protocol: smtp, TLS: func(c *tls.Config) { c.ClientAuth = tls.RequestClientCert },
			Faults: say(mailtest.StageCapabilities, "421 4.7.1 No required SSL certificate\r\n"),
		}},
		{cause: diagnose.CauseClientCertificateRequired, name: "TLS 1.2", opts: tlsOpt(func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 })},
		{cause: diagnose.CauseTimeout, name: "handshake", opts: mailtest.Options{Faults: at(mailtest.StageTLS, mailtest.Fault{})}},
		{cause: diagnose.CauseCertExpired, opts: mailtest.Options{Cert: mailtest.CertExpired}},
		{cause: diagnose.CauseCertExpired, name: "and misnamed", opts: mailtest.Options{Cert: mailtest.CertExpiredName}, also: []Cause{diagnose.CauseCertHostnameMismatch}},
		{cause: diagnose.CauseCertNotYetValid, opts: mailtest.Options{Cert: mailtest.CertNotYetValid, Protocol: smtp, Security: starttls}},
		{cause: diagnose.CauseCertHostnameMismatch, opts: mailtest.Options{Cert: mailtest.CertWrongName, Protocol: pop3}},
		{cause: diagnose.CauseCertUntrusted, name: "self-signed", opts: mailtest.Options{Cert: mailtest.CertSelfSigned}, also: []Cause{diagnose.CauseSelfSigned}},
		{cause: diagnose.CauseCertUntrusted, name: "unknown authority", opts: mailtest.Options{Cert: mailtest.CertUnknownCA}, also: []Cause{diagnose.CauseUnknownCA}},
		{cause: diagnose.CauseCertUntrusted, name: "gap in the chain", opts: mailtest.Options{Cert: mailtest.CertNoChain}, also: []Cause{diagnose.CauseMissingIntermediate}},
		{cause: diagnose.CauseCertUntrusted, name: "virus scanner", opts: mailtest.Options{Cert: mailtest.CertIntercepted}, also: []Cause{diagnose.CauseCertInterception}},
		{cause: diagnose.CauseCertUntrusted, name: "wrong purpose", opts: mailtest.Options{Cert: mailtest.CertWrongPurpose}, also: []Cause{diagnose.CauseCertWrongPurpose}},
		{cause: diagnose.CauseCertWeak, opts: mailtest.Options{Cert: mailtest.CertWeakKey}},
		{cause: diagnose.CauseCertExpired, name: "the intermediate", opts: mailtest.Options{Cert: mailtest.CertExpiredIssuer}},
		{cause: diagnose.CauseCertHostnameMismatch, name: "wildcard for one label", opts: mailtest.Options{Cert: mailtest.CertDeepWildcard}},
		{cause: diagnose.CauseCertHostnameMismatch, name: "address only", opts: mailtest.Options{Cert: mailtest.CertAddressOnly, Protocol: smtp, Security: starttls}},
		{cause: diagnose.CauseCertHostnameMismatch, name: "common name only", opts: mailtest.Options{Cert: mailtest.CertNoNames}},
		{cause: diagnose.CauseTLSHandshake, name: "2 MB of certificates", opts: mailtest.Options{Cert: mailtest.CertEndlessChain}},
		{cause: diagnose.CauseTLSHandshake, name: "RSA with 16384 bits", opts: mailtest.Options{Cert: mailtest.CertHugeKey}},
		{cause: diagnose.CauseTLSHandshake, name: "RSA with 16384 bits, TLS 1.2", opts: mailtest.Options{Protocol: smtp, Security: starttls, Cert: mailtest.CertHugeKey, TLS: func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }}},
		{cause: diagnose.CauseCertRevoked, opts: mailtest.Options{Cert: mailtest.CertRevoked}},
		{cause: diagnose.CauseCertRevoked, name: "TLS 1.2, STARTTLS", opts: mailtest.Options{Protocol: smtp, Security: starttls, Cert: mailtest.CertRevoked, TLS: func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }}},
		{cause: "", name: "staple of somebody else", verdict: diagnose.VerdictOK, opts: mailtest.Options{Cert: mailtest.CertStapleForged}},
		{cause: diagnose.CauseCertExpiring, verdict: diagnose.VerdictWarn, opts: mailtest.Options{Cert: mailtest.CertExpiring}},
		{cause: "", name: "two thousand names", verdict: diagnose.VerdictOK, opts: mailtest.Options{Cert: mailtest.CertManyNames}},
		{
			cause: diagnose.CauseClockWrong, opts: mailtest.Options{Protocol: smtp, Greeting: "220 mail.example.org ready at " + time.Now().Format(time.RFC1123Z)},
			prober: func(p *diagnose.Prober) { p.Now = func() time.Time { return time.Now().AddDate(-1, 0, 0) } },
			also:   []Cause{diagnose.CauseCertNotYetValid},
		},
	}
	return cases
}

func walkLogin() []walkCase {
	cases := []walkCase{
		{cause: "", name: "login", verdict: diagnose.VerdictOK, login: anna(), logins: 1},
		{cause: "", name: "APOP alone", verdict: diagnose.VerdictOK, opts: mailtest.Options{Protocol: pop3, Greeting: "+OK ready <1896.697170952@mail.example.org>", Caps: []string{"TOP", "UIDL"}}, login: anna(), logins: 1},
		{cause: diagnose.CauseWrongCredentials, name: "APOP", opts: mailtest.Options{Protocol: pop3, Greeting: "+OK ready <1896.697170952@mail.example.org>", Caps: []string{"TOP", "UIDL"}}, login: wrongPassword(), logins: 1},
		{cause: diagnose.CauseAuthNotOffered, name: "LOGINDISABLED after TLS", opts: mailtest.Options{Caps: []string{"IMAP4rev1", "LOGINDISABLED"}}, login: anna()},
		{cause: "", name: "greeting in two parts", verdict: diagnose.VerdictOK, opts: mailtest.Options{Protocol: smtp, Greeting: "220-mail.example.org please wait\r\n220 mail.example.org ESMTP"}, login: anna(), logins: 1},
		{cause: diagnose.CauseOAuthRequired, opts: mailtest.Options{Caps: []string{"IMAP4rev1", "LOGINDISABLED", "AUTH=XOAUTH2"}}, login: anna()},
		{cause: diagnose.CauseOAuthRequired, name: "by the facts", facts: diagnose.Facts{OAuth2Only: true}, login: anna()},
		{cause: diagnose.CauseAuthMechanism, opts: mailtest.Options{Protocol: smtp, Caps: []string{"AUTH NTLM GSSAPI"}}, login: anna()},
		{cause: diagnose.CauseUsernameForm, facts: diagnose.Facts{Username: mailconf.UserAddress}, login: &diagnose.Login{Username: "anna", Password: diagnose.NewSecret([]byte("geheim"))}},
		{cause: diagnose.CauseProtocolOff, name: "by the facts", facts: diagnose.Facts{EnableIMAPPOP: true}, login: wrongPassword(), also: []Cause{diagnose.CauseWrongCredentials}, logins: 1},
		{cause: diagnose.CauseAppPassword, name: "by the facts", facts: diagnose.Facts{AppPassword: true}, login: wrongPassword(), logins: 1},
		{cause: diagnose.CauseProviderMailPassword, facts: diagnose.Facts{SeparateMailPassword: true}, login: wrongPassword(), logins: 1},
		{cause: diagnose.CauseAuthTimeout, opts: mailtest.Options{Faults: at(mailtest.StageAuth, mailtest.Fault{})}, login: anna()},
		{cause: diagnose.CauseConnectionDropped, name: "at the login", opts: mailtest.Options{Faults: at(mailtest.StageAuth, mailtest.Fault{Close: true})}, login: anna()},
		{cause: diagnose.CausePOP3ServerError, opts: mailtest.Options{Protocol: pop3, Faults: say(mailtest.StageOpen, "-ERR cannot open maildrop\r\n")}, login: anna(), logins: 1},
		{cause: diagnose.CauseMailboxMissing, opts: mailtest.Options{Faults: say(mailtest.StageOpen, "{tag} BAD User is authenticated but not connected.\r\n")}, login: anna(), logins: 1},
		{
			cause: diagnose.CauseOAuthSigninFailed, opts: mailtest.Options{Caps: []string{"IMAP4rev1", "SASL-IR", "AUTH=XOAUTH2"}}, logins: 1,
			login: &diagnose.Login{Username: mailtest.DefaultUser, Password: diagnose.NewSecret([]byte("stale")), Token: true},
		},
	}
	for _, w := range []struct {
		cause Cause
		proto mailconf.Protocol
		words string
	}{
		{diagnose.CauseWrongCredentials, imap, ""},
		{diagnose.CauseWrongCredentials, pop3, ""},
		{diagnose.CauseWrongCredentials, smtp, ""},
		{diagnose.CauseSMTPAuthDisabled, smtp, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."},
		{diagnose.CauseOAuthRequired, smtp, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."},
		{diagnose.CauseAppPassword, imap, "NO [ALERT] Application-specific password required (Failure)"},
		{diagnose.CauseAppPassword, smtp, "534-5.7.9 Application-specific password required.\r\n534 5.7.9 See the help pages"},
		{diagnose.CauseWebLoginRequired, imap, "NO [WEBALERT https://accounts.example.org/x] Web login required."},
		{diagnose.CauseWebLoginRequired, smtp, "534-5.7.14 Please log in via your web browser and\r\n534 5.7.14 then try again."},
		{diagnose.CauseProtocolOff, imap, "NO [AUTHENTICATIONFAILED] Invalid credentials or IMAP is disabled"},
		{diagnose.CauseAccountBlocked, imap, "NO [CONTACTADMIN] ask your administrator"},
		{diagnose.CausePasswordExpired, imap, "NO [EXPIRED] Password is no longer valid."},
		{diagnose.CauseTemporaryServerError, imap, "NO [UNAVAILABLE] User's backend down for maintenance."},
		{diagnose.CauseTemporaryServerError, smtp, "454 4.7.0 Temporary authentication failure"},
		{diagnose.CauseTooManyConnections, imap, "NO [LIMIT] Maximum number of connections from user+IP exceeded"},
		{diagnose.CauseRateLimit, smtp, "454 4.7.0 Too many login attempts, please try again later."},
		{diagnose.CauseMailboxLocked, pop3, "-ERR [IN-USE] Do you have another POP session running?"},
		{diagnose.CauseLoginDelay, pop3, "-ERR [LOGIN-DELAY] minimum time between mail checks violation"},
		{diagnose.CauseMailboxFull, imap, "NO [OVERQUOTA] mailbox over quota"},
		{diagnose.CauseMailboxMissing, imap, "NO [AUTHORIZATIONFAILED] No such authorization-ID."},
		{diagnose.CauseEncryptionRequired, smtp, "538 5.7.11 Encryption required for requested authentication mechanism"},
		{diagnose.CauseAuthMechanism, smtp, "504 5.5.4 Unrecognized authentication type."},
	} {
		cases = append(cases, walkCase{cause: w.cause, name: string(w.proto) + " says so", opts: refuse(w.proto, w.words), login: wrongPassword(), logins: 1})
	}
	return cases
}

// probe runs one case and returns its report.
func (c walkCase) probe(t *testing.T) (*diagnose.Report, *mailtest.Server) {
	t.Helper()
	s := mailtest.Start(c.opts)
	t.Cleanup(s.Close)
	zone := c.zone
	if zone == nil {
		zone = map[string]mailtest.Name{"mail.example.org": {Addrs: loopback}}
	}
	dns := mailtest.StartDNS(zone)
	t.Cleanup(dns.Close)
	p := &diagnose.Prober{
		Resolver: dns.Addr, Roots: s.Authority().Pool(), Policy: diagnose.Policy{
			Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
			Ports: []uint16{s.AddrPort().Port()},
		},
		Timeouts: diagnose.Timeouts{
			DNS: 300 * time.Millisecond, Connect: 300 * time.Millisecond, Greeting: 500 * time.Millisecond, Command: 800 * time.Millisecond,
			Auth: 500 * time.Millisecond, Silence: 150 * time.Millisecond, OtherFamily: 500 * time.Millisecond,
		},
	}
	target := diagnose.Target{Name: "mail.example.org", Endpoints: []mailconf.Endpoint{s.Endpoint()}, Login: c.login, Facts: c.facts}
	if c.target != nil {
		c.target(&target)
	}
	if c.prober != nil {
		c.prober(p)
	}
	if target.Endpoints[0].Port == 25 { // an unprivileged test cannot listen there
		p.Dial = func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", s.AddrPort().String())
		}
	}
	return last(t, p, target), s
}

// last runs a probe and returns the report of its last step.
func last(t *testing.T, p *diagnose.Prober, target diagnose.Target) *diagnose.Report {
	t.Helper()
	var end diagnose.Step
	for s := range p.Probe(t.Context(), target) {
		end = s
	}
	if end.Kind != diagnose.StepVerdict || end.Report == nil {
		t.Fatalf("the last step is %+v, want the verdict", end)
	}
	return end.Report
}

func TestEveryCauseIsFound(t *testing.T) {
	for _, c := range walkCases() {
		t.Run(string(c.cause)+" "+c.name, func(t *testing.T) {
			t.Parallel()
			rep, s := c.probe(t)
			var got Cause
			if rep.Cause != nil {
				got = *rep.Cause
			}
			want := c.verdict
			if want == "" {
				want = diagnose.VerdictFail
			}
			if got != c.cause || rep.Verdict != want {
				t.Errorf("verdict %s, cause %q; want %s, %q\n%s", rep.Verdict, got, want, c.cause, show(rep))
			}
			for _, a := range c.also {
				if !slices.Contains(rep.Endpoints[0].Also, a) {
					t.Errorf("%q is missing among the further faults %v", a, rep.Endpoints[0].Also)
				}
			}
			if s.Logins() != c.logins {
				t.Errorf("the server saw %d logins, want %d", s.Logins(), c.logins)
			}
		})
	}
}

// No cause may be without a case that makes it.
func TestEveryCauseHasACase(t *testing.T) {
	made := map[Cause]bool{
		diagnose.CauseSMTPAuthFailed: true, // TestSMTPRefusesWhatIMAPAccepts
		diagnose.CauseLoginHeldBack:  true, // TestLoginIsHeldBack
	}
	for _, c := range walkCases() {
		made[c.cause] = true
		for _, a := range c.also {
			made[a] = true
		}
	}
	for _, c := range diagnose.ProbeCauses() {
		if !made[c] {
			t.Errorf("no case makes %q", c)
		}
	}
}
