package bot_test

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// loginBot knows one provider with a password, one without, and no network.
func loginBot(t *testing.T, url string) *bot.Bot {
	t.Helper()
	dns := mailtest.StartDNS(nil)
	t.Cleanup(dns.Close)
	st, err := store.Open(t.Context(), store.Memory, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	b := &bot.Bot{
		Store: st, Now: time.Now, Log: slog.New(slog.DiscardHandler), LoginURL: url,
		Prober: &diagnose.Prober{Resolver: dns.Addr, Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}},
	}
	server := func(host string) []knowledge.Server {
		return []knowledge.Server{{Endpoint: mailconf.Endpoint{Protocol: mailconf.IMAP, Host: host, Port: 993, Security: mailconf.TLS}, Username: mailconf.UserAddress}}
	}
	book := knowledge.NewBook(knowledge.Facts{Providers: []*knowledge.Provider{
		{ID: "post", Name: "Post", Domains: []string{"post.example"}, Origin: knowledge.OriginShipped, Servers: server("imap.post.example"), Requires: knowledge.Requires{EnableIMAPPOP: true}},
		{ID: "modern", Name: "Modern", Domains: []string{"modern.example"}, Origin: knowledge.OriginShipped, Servers: server("imap.modern.example"), Requires: knowledge.Requires{OAuth2Only: true}},
		{ID: "taught", Name: "Taught", Domains: []string{"taught.example"}, Origin: knowledge.OriginTaught, Servers: server("imap.taught.example")},
	}})
	b.Learn(book, match.New(book))
	return b
}

// hear collects all answers to a message.
func hear(b *bot.Bot, m bot.Message) []bot.Answer {
	return slices.Collect(b.Handle(context.Background(), m))
}

func offersLogin(a bot.Answer) bool {
	return slices.ContainsFunc(a.Actions, func(x bot.Action) bool { return x.ID == bot.ActionLogin })
}

// TestLoginIsOfferedSafestFirst asks for a login in a channel.
func TestLoginIsOfferedSafestFirst(t *testing.T) {
	const page = "https://mailhelp.example.org/login/"
	for _, c := range []struct {
		name, args, url string
		kind            bot.Kind
		platform        string
		button          bool
		want            []string // in this order
	}{
		{"command", "post login", page, bot.KindCommand, "slack", true, []string{"ob Benutzername und Passwort stimmen", "freigeschaltet", "mailhelpbot test --auth post", "Einmal-Seite", "nie in den Chat"}},
		{"protocol", "imap post anmeldung", page, bot.KindCommand, "discord", true, []string{"mailhelpbot test --auth imap post", "Einmal-Seite"}},
		{"no page", "post login", "", bot.KindCommand, "slack", false, []string{"mailhelpbot test --auth post", "nie in den Chat"}},
		{"terminal", "post login", page, bot.KindDirect, "console", false, []string{"mailhelpbot test --auth post"}},
		{"no password works", "modern login", page, bot.KindCommand, "slack", false, []string{"OAuth2", "mailhelpbot test --auth modern", "kein Passwort mehr"}},
		{"taught by an agent", "taught login", page, bot.KindCommand, "slack", false, []string{"mailhelpbot test --auth taught", "falsche Hände"}},
		{"host of nobody", "imap.evil.example login", page, bot.KindCommand, "slack", false, []string{"mailhelpbot test --auth imap.evil.example", "falsche Hände"}},
		{"host of nobody, by button", "imap.evil.example login", page, bot.KindAction, "slack", false, []string{"falsche Hände"}},
	} {
		m := bot.Message{Platform: c.platform, Channel: "C", User: "U", Kind: c.kind, Lang: "de"}
		if m.Command = &(bot.Command{Name: "test", Args: c.args}); c.kind == bot.KindAction {
			m.Command, m.Action = nil, &bot.Action{ID: bot.ActionLogin, Value: strings.TrimSuffix(c.args, " login")}
		}
		all := hear(loginBot(t, c.url), m)
		last := all[len(all)-1]
		text := bot.PlainText(last)
		if offersLogin(last) != c.button || strings.Contains(text, page) {
			t.Errorf("%s: a button is offered: %v\n%s", c.name, offersLogin(last), text)
		}
		rest := text
		for _, w := range c.want {
			_, after, ok := strings.Cut(rest, w)
			if !ok {
				t.Errorf("%s: lacks %q, or has it too early:\n%s", c.name, w, text)
			}
			rest = after
		}
	}
}

// TestNoLinkForBrokenServers presses the button for servers that are not there.
func TestNoLinkForBrokenServers(t *testing.T) {
	b := loginBot(t, "https://mailhelp.example.org/login/")
	for _, a := range hear(b, bot.Message{Platform: "slack", Channel: "C", User: "U", Kind: bot.KindAction, Lang: "en", Action: &bot.Action{ID: bot.ActionLogin, Value: "post"}}) {
		if text := bot.PlainText(a); !a.Private || strings.Contains(text, "/login/") {
			t.Errorf("private %v:\n%s", a.Private, text)
		}
	}
}
