package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// checkedBot knows one provider, whose servers do not exist in its DNS.
func checkedBot(t *testing.T, now *time.Time) (*bot.Bot, *knowledge.Provider) {
	t.Helper()
	b := searcher(t, now, "other.example. 60 IN A 192.0.2.1")
	p := &knowledge.Provider{
		ID: "acme", Name: "Acme Mail", Kind: "mailbox", Domains: []string{"example.org"}, Checked: "2026-11-01", Sources: []string{"official"},
		Servers: []knowledge.Server{
			{Endpoint: mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap.example.org", Port: 993, Security: mailconf.TLS}, Username: mailconf.UserAddress},
			{Endpoint: mailconf.Endpoint{Protocol: mailconf.SMTP, Host: "smtp.example.org", Port: 465, Security: mailconf.TLS}, Username: mailconf.UserAddress},
		},
	}
	book := knowledge.NewBook(knowledge.Facts{Providers: []*knowledge.Provider{p}})
	b.Learn(book, match.New(book))
	return b, p
}

func TestSettingsSayCheckedLive(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b, p := checkedBot(t, &now)
	save := func(server int, verdict diagnose.Verdict, at time.Time) {
		t.Helper()
		c := bot.LiveCheck{Provider: p.ID, Endpoint: p.Servers[server].Endpoint, Verdict: verdict, At: at}
		if err := b.Store.SaveChecked(t.Context(), []bot.LiveCheck{c}); err != nil {
			t.Fatal(err)
		}
	}
	shown := func(args string) bool {
		t.Helper()
		got := say(t, b, "settings", args)
		return strings.Contains(got[len(got)-1], "live geprüft am 2026-11-20")
	}
	if shown("acme") {
		t.Error("never checked, and shown as checked")
	}
	save(0, diagnose.VerdictOK, now.AddDate(0, 0, -3))
	if shown("acme") {
		t.Error("one of two servers was checked, and both are shown as checked")
	}
	if !shown("imap acme") {
		t.Error("the only server asked for was checked, and it is not said")
	}
	save(1, diagnose.VerdictWarn, now)
	if !shown("acme") {
		t.Error("both were checked, and the older date is not said")
	}
	save(1, diagnose.VerdictFail, now)
	if shown("acme") {
		t.Error("shown as checked although one failed")
	}
	save(1, diagnose.VerdictOK, now)
	now = now.AddDate(0, 0, 90)
	if shown("acme") {
		t.Error("shown as checked more than 90 days later")
	}
}

// TestLiveTestIsRecorded tests a provider whose servers are gone.
func TestLiveTestIsRecorded(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b, p := checkedBot(t, &now)
	say(t, b, "test", "acme")
	checks, err := b.Store.Checked(t.Context(), p.ID)
	if err != nil || len(checks) != 2 {
		t.Fatalf("%d checks, %v", len(checks), err)
	}
	for i, c := range checks {
		if c.Endpoint != p.Servers[i].Endpoint || c.Verdict != diagnose.VerdictFail || c.Cause != diagnose.CauseDNSFailure || !c.At.Equal(now) {
			t.Errorf("kept %+v", c)
		}
	}
	review := bot.Contradictions(b.Book(), checks)
	if len(review) != 2 || review[0].Provider != "acme" || review[0].Reason != "contradicted by a live check on 2026-11-23: IMAP imap.example.org:993 tls, dns-failure" {
		t.Errorf("review %+v", review)
	}

	say(t, b, "test", "pop.example.org:995") // not listed: nothing to keep
	if checks, _ := b.Store.Checked(t.Context(), ""); len(checks) != 2 {
		t.Errorf("a server that nobody lists is kept: %+v", checks)
	}
}

// TestOwnTroubleIsNotKept probes without a name server: that says nothing
// about the provider.
func TestOwnTroubleIsNotKept(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b, p := checkedBot(t, &now)
	cause := diagnose.CauseDNSTimeout
	e := p.Servers[0]
	got := b.Record(t.Context(), &diagnose.Report{Provider: &p.ID, Endpoints: []diagnose.EndpointReport{
		{Protocol: e.Protocol, Host: e.Host, Port: e.Port, Security: e.Security, Verdict: diagnose.VerdictFail, Cause: &cause},
	}})
	kept, err := b.Store.Checked(t.Context(), p.ID)
	if len(got) != 1 || got[0].Tells() || got[0].Contradicts() || len(kept) != 0 || err != nil {
		t.Errorf("got %+v, kept %+v, %v", got, kept, err)
	}
}

func TestContradicts(t *testing.T) {
	for _, c := range []struct {
		security mailconf.Security
		verdict  diagnose.Verdict
		cause    diagnose.Cause
		want     bool
	}{
		{mailconf.TLS, diagnose.VerdictOK, "", false},
		{mailconf.TLS, diagnose.VerdictFail, diagnose.CauseCertExpired, true},
		{mailconf.TLS, diagnose.VerdictFail, diagnose.CauseConnectionRefused, true},
		{mailconf.TLS, diagnose.VerdictWarn, diagnose.CauseCertExpiring, false},
		{mailconf.TLS, diagnose.VerdictFail, diagnose.CauseTimeout, false},
		{mailconf.TLS, diagnose.VerdictFail, diagnose.CauseTemporaryServerError, false},
		{mailconf.STARTTLS, diagnose.VerdictFail, diagnose.CauseNoEncryption, true},
		{mailconf.Plain, diagnose.VerdictFail, diagnose.CauseNoEncryption, false},
	} {
		got := bot.LiveCheck{Endpoint: mailconf.Endpoint{Security: c.security}, Verdict: c.verdict, Cause: c.cause}.Contradicts()
		if got != c.want {
			t.Errorf("%s, %s, %q: %v", c.security, c.verdict, c.cause, got)
		}
	}
}
