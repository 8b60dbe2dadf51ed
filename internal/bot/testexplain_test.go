package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// shipped is the knowledge that the program carries.
func shipped(t *testing.T) *knowledge.Book {
	t.Helper()
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	return knowledge.NewBook(facts)
}

func ptr[T any](v T) *T { return &v }

// seen is the report on one endpoint.
func seen(p mailconf.Protocol, port uint16, v diagnose.Verdict, cause diagnose.Cause, also ...diagnose.Cause) diagnose.EndpointReport {
	_, s, _ := mailconf.PortMeaning(port)
	e := diagnose.EndpointReport{Protocol: p, Host: "mail.example.org", Port: port, Security: s, Verdict: v, Also: also}
	if cause != "" {
		e.Cause = &cause
	}
	return e
}

func withTLS(e diagnose.EndpointReport, version string, names ...string) diagnose.EndpointReport {
	e.TLS = &diagnose.TLSInfo{Version: version, Certificate: &diagnose.CertInfo{
		Names: names, Issuer: "Example CA", NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
	}}
	return e
}

// A report is explained by what the test has seen: the exact fault with its
// facts, what works instead, and no advice that does not fit.
func TestExplainReport(t *testing.T) {
	book := shipped(t)
	good := withTLS(seen(mailconf.IMAP, 143, diagnose.VerdictOK, ""), "TLS 1.3", "mail.example.org")
	for _, c := range []struct {
		name      string
		lang      bot.Lang
		verdict   diagnose.Verdict
		cause     diagnose.Cause
		endpoints []diagnose.EndpointReport
		has, not  []string
	}{
		{
			"expired and misnamed", "de", diagnose.VerdictFail, diagnose.CauseCertExpired,
			[]diagnose.EndpointReport{withTLS(seen(mailconf.IMAP, 993, diagnose.VerdictFail, diagnose.CauseCertExpired, diagnose.CauseCertHostnameMismatch), "TLS 1.3", "a.example.net", "b.example.net")},
			[]string{"liegt am Server", "am 2026-10-01 abgelaufen", "gilt für a.example.net, b.example.net, nicht für mail.example.org"},
			[]string{"Uhrzeit deines Geräts", "Betroffen"},
		},
		{
			"self-signed", "en", diagnose.VerdictFail, diagnose.CauseCertUntrusted,
			[]diagnose.EndpointReport{withTLS(seen(mailconf.IMAP, 993, diagnose.VerdictFail, diagnose.CauseCertUntrusted, diagnose.CauseSelfSigned), "TLS 1.3", "mail.example.org")},
			[]string{"Cause: Self-signed certificate", "company or club"},
			[]string{"virus scanner"},
		},
		{
			"missing intermediate", "de", diagnose.VerdictFail, diagnose.CauseCertUntrusted,
			[]diagnose.EndpointReport{withTLS(seen(mailconf.IMAP, 993, diagnose.VerdictFail, diagnose.CauseCertUntrusted, diagnose.CauseMissingIntermediate), "TLS 1.3", "mail.example.org")},
			[]string{"kein Fehler deines Handys", "Aussteller: Example CA"},
			[]string{"Virenscanner"},
		},
		{
			"old TLS", "de", diagnose.VerdictFail, diagnose.CauseTLSVersionTooOld,
			[]diagnose.EndpointReport{withTLS(seen(mailconf.IMAP, 993, diagnose.VerdictFail, diagnose.CauseTLSVersionTooOld), "TLS 1.0", "mail.example.org")},
			[]string{"Der Server spricht nur veraltetes TLS", "spricht höchstens TLS 1.0", "An deinem Mailprogramm liegt es nicht"},
			[]string{"Bringe Mailprogramm", "TLS 1.0, TLS 1.0"},
		},
		{
			"one port closed", "de", diagnose.VerdictWarn, diagnose.CauseConnectionRefused,
			[]diagnose.EndpointReport{
				instead(seen(mailconf.IMAP, 993, diagnose.VerdictFail, diagnose.CauseConnectionRefused), 143), good,
			},
			[]string{"nur nicht über jeden Zugang", "Betroffen: IMAP 993", "Das geht stattdessen: IMAP 143 STARTTLS"},
			nil,
		},
		{
			"wrong password", "en", diagnose.VerdictFail, diagnose.CauseWrongCredentials,
			[]diagnose.EndpointReport{
				login(seen(mailconf.IMAP, 993, diagnose.VerdictFail, diagnose.CauseWrongCredentials), "refused"), login(good, ""),
			},
			[]string{"login refused", "no login tried here"},
			[]string{"works instead", "Affected"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &diagnose.Report{Target: "mail.example.org", Verdict: c.verdict, Cause: &c.cause, Endpoints: c.endpoints}
			text := bot.PlainText(bot.ExplainReport(book, c.lang, diagnose.Target{Name: "mail.example.org"}, "mail.example.org", r, time.Now()))
			for _, w := range c.has {
				if !strings.Contains(text, w) {
					t.Errorf("%q is missing in:\n%s", w, text)
				}
			}
			for _, w := range c.not {
				if strings.Contains(text, w) {
					t.Errorf("%q is in:\n%s", w, text)
				}
			}
		})
	}
}

func instead(e diagnose.EndpointReport, port uint16) diagnose.EndpointReport {
	p, s, _ := mailconf.PortMeaning(port)
	e.Instead = &mailconf.Endpoint{Protocol: p, Host: e.Host, Port: port, Security: s}
	return e
}

func login(e diagnose.EndpointReport, result string) diagnose.EndpointReport {
	e.Auth = &diagnose.AuthInfo{Mechanisms: []string{"PLAIN"}}
	if result != "" {
		e.Auth.Attempted, e.Auth.Mechanism, e.Auth.Result = true, ptr("PLAIN"), &result
	}
	return e
}

// What is noted besides: the domain's inbound mail, labelled as such, and whose
// clock is wrong.
func TestExplainNotes(t *testing.T) {
	book := shipped(t)
	explain := func(lang bot.Lang, r *diagnose.Report) string {
		return bot.PlainText(bot.ExplainReport(book, lang, diagnose.Target{Name: "example.org"}, "mail.example.org", r, time.Now()))
	}
	ok := []diagnose.EndpointReport{withTLS(seen(mailconf.IMAP, 993, diagnose.VerdictOK, ""), "TLS 1.3", "mail.example.org")}
	domain := func(d diagnose.DomainInfo) *diagnose.Report {
		d.Name = "example.org"
		return &diagnose.Report{Verdict: diagnose.VerdictOK, Endpoints: ok, Domain: &d}
	}
	mx := []string{"mx1.example.org", "mx2.example.org"}
	for _, c := range []struct {
		lang bot.Lang
		r    *diagnose.Report
		want string // "" is no note
	}{
		{"de", domain(diagnose.DomainInfo{MX: mx}), ""},
		{"de", domain(diagnose.DomainInfo{MX: mx, MTASTS: &diagnose.MTASTSInfo{ID: "1", Problem: diagnose.MTASTSLate}}), ""},
		{"de", domain(diagnose.DomainInfo{MX: mx, MTASTS: &diagnose.MTASTSInfo{Mode: "enforce"}, DANE: []diagnose.DANEInfo{{MX: mx[0], Records: 1, Usable: 1, Signed: true}}}), "ohne Bedeutung für dein Mailprogramm, nur für Server, die dorthin zustellen: MTA-STS im Modus enforce; DANE für 1 von 2 MX-Servern"},
		{"en", domain(diagnose.DomainInfo{MX: mx, DANE: []diagnose.DANEInfo{{MX: mx[0], Records: 1, Usable: 1}}}), "TLSA records whose DNSSEC signatures I could not verify"},
		{"en", domain(diagnose.DomainInfo{MX: mx, MTASTS: &diagnose.MTASTSInfo{Problem: diagnose.MTASTSMXNotListed}}), "MTA-STS announced, but the policy does not name all MX hosts"},
		{"de", &diagnose.Report{Verdict: diagnose.VerdictFail, Cause: ptr(diagnose.CauseClockWrong), ClockS: ptr(int64(3 * 86400)), Endpoints: []diagnose.EndpointReport{
			withTLS(seen(mailconf.IMAP, 993, diagnose.VerdictFail, diagnose.CauseClockWrong, diagnose.CauseCertNotYetValid), "TLS 1.3", "mail.example.org"),
		}}, "Sie geht 3 Tage nach"},
	} {
		text := explain(c.lang, c.r)
		if c.want != "" && !strings.Contains(text, c.want) || c.want == "" && strings.Contains(text, "Nebenbei") {
			t.Errorf("want %q in:\n%s", c.want, text)
		}
	}
}

func TestEveryMTASTSProblemHasWords(t *testing.T) {
	book := shipped(t)
	for _, p := range []string{diagnose.MTASTSUnreachable, diagnose.MTASTSCertificate, diagnose.MTASTSInvalid, diagnose.MTASTSMXNotListed} {
		r := &diagnose.Report{Verdict: diagnose.VerdictOK, Domain: &diagnose.DomainInfo{Name: "example.org", MTASTS: &diagnose.MTASTSInfo{Problem: p}}}
		text := bot.PlainText(bot.ExplainReport(book, "en", diagnose.Target{Name: "example.org"}, "example.org", r, time.Now()))
		if !strings.Contains(text, "MTA-STS announced, but the ") || strings.Contains(text, "mtasts.") {
			t.Errorf("%s: %s", p, text)
		}
	}
}

// What the operator of a server has to do is said last, and where the asker
// may be that operator: never of a known provider's server.
func TestOperatorLines(t *testing.T) {
	book, at := shipped(t), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	cause := diagnose.CauseCertExpired
	for args, want := range map[string]bool{"imap mail.example.org": true, "imap gmx": false, "imap imap.gmx.net": false} {
		r := &diagnose.Report{Verdict: diagnose.VerdictFail, Cause: &cause, Endpoints: []diagnose.EndpointReport{
			withTLS(seen(mailconf.IMAP, 993, diagnose.VerdictFail, cause), "TLS 1.3", "mail.example.org"),
		}}
		a := bot.ExplainReport(book, "de", diagnose.Target{Name: "mail.example.org"}, args, r, at)
		text := bot.PlainText(a)
		told := strings.Index(text, "Betreiber:")
		if (told >= 0) != want || want && told < strings.Index(text, "IMAP 993") {
			t.Errorf("%s: want the operator told: %v, in:\n%s", args, want, text)
		}
	}
}
