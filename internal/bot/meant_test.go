package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// A name that does not exist and is a typing error away from a known server
// is asked about, with a button; other names are not.
func TestMistypedHost(t *testing.T) {
	c := newCrowd(t)
	book := knowledge.NewBook(knowledge.Facts{Providers: []*knowledge.Provider{{
		ID: "acme", Name: "Acme Mail", Kind: "mailbox", Domains: []string{"acme.example"},
		Servers: []knowledge.Server{{Endpoint: mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap.example.net", Port: 993, Security: mailconf.TLS}}},
	}}})
	c.bot.Learn(book, match.New(book))
	for target, value := range map[string]string{
		"impa.example.net":      "imap.example.net",
		"impa.example.net:143":  "imap.example.net:143",
		"imap.exampel.net imap": "imap imap.example.net",
		"imap.another.com":      "",
		"smtp.far-away.org":     "",
	} {
		a, text := c.ask(message("", "", target))
		i := slices.IndexFunc(a.Actions, func(x bot.Action) bool { return x.Label == "imap.example.net testen" })
		switch {
		case value == "":
			if i >= 0 || strings.Contains(text, "Meintest du") {
				t.Errorf("%s: %s", target, text)
			}
		case !strings.Contains(text, "Meintest du imap.example.net?") || i != 0 || a.Actions[0].Value != value:
			t.Errorf("%s: %+v %s", target, a.Actions, text)
		}
	}
}

// The command line's text says the same.
func TestMistypedHostOnTheCommandLine(t *testing.T) {
	book := knowledge.NewBook(knowledge.Facts{Providers: []*knowledge.Provider{{
		ID: "acme", Name: "Acme Mail", Kind: "mailbox",
		Servers: []knowledge.Server{{Endpoint: mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap.example.net", Port: 993, Security: mailconf.TLS}}},
	}}})
	cause := diagnose.CauseDNSNoAddress
	r := &diagnose.Report{Verdict: diagnose.VerdictFail, Cause: &cause, Endpoints: []diagnose.EndpointReport{
		{Protocol: mailconf.IMAP, Host: "impa.example.net", Port: 993, Security: mailconf.TLS, Verdict: diagnose.VerdictFail, Cause: &cause},
	}}
	for lang, want := range map[bot.Lang]string{"de": "Meintest du imap.example.net?", "en": "Did you mean imap.example.net?"} {
		if got := bot.PlainText(bot.ExplainReport(book, lang, diagnose.Target{Name: "impa.example.net"}, "impa.example.net", r, time.Now())); !strings.Contains(got, want) {
			t.Errorf("got %s", got)
		}
	}
}
