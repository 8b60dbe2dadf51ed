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

// views are what two sides saw of IMAP 993, SMTP 465 and SMTP 587, in this order.
type views [3]diagnose.Cause

var seenServers = []mailconf.Endpoint{
	{Protocol: mailconf.IMAP, Host: "imap.example.net", Port: 993, Security: mailconf.TLS},
	{Protocol: mailconf.SMTP, Host: "smtp.example.net", Port: 465, Security: mailconf.TLS},
	{Protocol: mailconf.SMTP, Host: "smtp.example.net", Port: 587, Security: mailconf.STARTTLS},
}

func report(causes views, login, issuer string) *diagnose.Report {
	r := &diagnose.Report{Verdict: diagnose.VerdictOK}
	for i, e := range seenServers {
		er := diagnose.EndpointReport{Protocol: e.Protocol, Host: e.Host, Port: e.Port, Security: e.Security, Verdict: diagnose.VerdictOK}
		if causes[i] != "" {
			er.Verdict, er.Cause = diagnose.VerdictFail, &causes[i]
		}
		if login != "" && i == 0 {
			er.Auth = &diagnose.AuthInfo{Attempted: true, Result: &login}
		}
		if issuer != "" {
			er.TLS = &diagnose.TLSInfo{Certificate: &diagnose.CertInfo{Issuer: issuer}}
		}
		r.Endpoints = append(r.Endpoints, er)
	}
	return r
}

func TestTwoPointsOfView(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	timeout, dns, unknown, expired := diagnose.CauseTimeout, diagnose.CauseDNSFailure, diagnose.CauseUnknownCA, diagnose.CauseCertExpired
	for name, c := range map[string]struct {
		there, here   views
		login, issuer string
		want          string
	}{
		"one port is blocked":     {there: views{"", timeout, ""}, want: "Dein Netz oder dein Rechner sperrt Port 465.|SMTP 587 STARTTLS · smtp.example.net"},
		"all is blocked":          {there: views{timeout, timeout, timeout}, want: "von dir aus ist keiner von ihnen zu erreichen"},
		"no names":                {there: views{dns, dns, dns}, want: "dein Netz findet ihre Namen nicht"},
		"a scanner in between":    {there: views{unknown, unknown, ""}, issuer: "CN=Sample Shield Root", want: "ein fremdes Zertifikat an (CN=Sample Shield Root)"},
		"a wrong clock":           {there: views{expired, expired, expired}, want: "Bei dir stimmt die Uhr nicht"},
		"STARTTLS is removed":     {there: views{"", "", diagnose.CauseSTARTTLSStripped}, want: "Auf dem Weg entfernt es jemand"},
		"the certificate is over": {there: views{expired, "", ""}, here: views{expired, "", ""}, want: "Es liegt am Server, nicht an dir"},
		"the server is down":      {there: views{timeout, timeout, timeout}, here: views{timeout, timeout, timeout}, want: "Es liegt am Server, nicht an dir"},
		"the bot is kept out":     {here: views{timeout, timeout, timeout}, want: "nur von hier aus nicht"},
		"the password":            {there: views{diagnose.CauseWrongCredentials, "", ""}, login: "refused", want: "Nur die Anmeldung wird abgelehnt|im Webmail"},
		"all is well":             {want: "Alles in Ordnung, bei dir und von hier|mailhelpbot test --auth"},
		"all is well, with login": {login: "accepted", want: "Es liegt an den Einstellungen im Mailprogramm"},
	} {
		s, _, err := diagnose.ReadCode(report(c.there, c.login, c.issuer).Sight(now.Add(-time.Hour)).Code())
		if err != nil {
			t.Fatal(err)
		}
		got := bot.PlainText(bot.HoldAgainst(book, "de", now, s, report(c.here, "", "")))
		for _, want := range strings.Split(c.want, "|") {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", name, want, got)
			}
		}
		if !strings.Contains(got, "Berichtscode vom 2026-11-28 11:00 UTC") || strings.Contains(got, "nicht von heute") {
			t.Errorf("%s: %s", name, got)
		}
		if en := bot.PlainText(bot.HoldAgainst(book, "en", now.AddDate(0, 0, 2), s, report(c.here, "", ""))); !strings.Contains(en, "not from today") || strings.Contains(en, "code.") {
			t.Errorf("%s: %s", name, en)
		}
	}
}

// Nothing that a code names can be probed that the policy would not let be probed.
func TestCodeProbesWithinThePolicy(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	b := searcher(t, &now, "imap.example.org. 60 IN A 10.0.0.1")
	s := diagnose.Sight{At: now, Endpoints: []diagnose.Seen{{Endpoint: mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap.example.org", Port: 993, Security: mailconf.TLS}, Verdict: diagnose.VerdictOK}}}
	got := say(t, b, "test", s.Code())
	if last := got[len(got)-1]; !strings.Contains(last, "von hier: ") || strings.Contains(last, "10.0.0.1") || strings.Contains(last, "von hier: ok") {
		t.Errorf("%q", got)
	}
	if got := say(t, b, "mailhelp", s.Code()[:40]); len(got) != 1 || !strings.Contains(got[0], "abgeschnitten") {
		t.Errorf("%q", got)
	}
}

func TestLinesForTheOwnComputer(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	now := time.Now()
	b := searcher(t, &now)
	b.Learn(knowledge.NewBook(facts), nil)
	text := strings.Join(say(t, b, bot.ActionLocal, "gmx"), "\n")
	for _, want := range []string{
		"mailhelpbot test --auth gmx", "Test-NetConnection imap.gmx.net -Port 993", "openssl s_client -connect mail.gmx.net:465 -servername mail.gmx.net",
		"curl -sS --max-time 30 -u DEINE-ADRESSE imaps://imap.gmx.net:993/",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
