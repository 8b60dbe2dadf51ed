package bot_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// searcher is a bot with an empty book and a DNS server of its own.
func searcher(t *testing.T, now *time.Time, records ...string) *bot.Bot {
	t.Helper()
	st, err := store.Open(t.Context(), store.Memory, *now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	b := &bot.Bot{
		Store: st, Now: func() time.Time { return *now }, Log: slog.New(slog.DiscardHandler),
		Prober: &diagnose.Prober{Resolver: realtest.DNS(t, records...)},
	}
	b.Finder = bot.NewFinder(b.Prober, b.Book)
	b.Finder.Now = b.Now
	book := knowledge.NewBook(knowledge.Facts{})
	b.Learn(book, match.New(book))
	return b
}

// say returns all answers to a command, as plain text, partial ones marked.
func say(t *testing.T, b *bot.Bot, name, args string) []string {
	t.Helper()
	var out []string
	for a := range b.Handle(context.Background(), bot.Message{Kind: bot.KindCommand, Lang: "de", Command: &bot.Command{Name: name, Args: args}}) {
		s := bot.PlainText(a)
		if a.Partial {
			s = "… " + s
		}
		out = append(out, s)
	}
	return out
}

var srvRecords = []string{
	"example.org. 60 IN MX 10 mx.example.org.",
	"_imaps._tcp.example.org. 60 IN SRV 0 1 993 imap.example.org.",
	"_submissions._tcp.example.org. 60 IN SRV 0 1 465 smtp.example.org.",
}

func TestSearchShowsProgress(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := searcher(t, &now, srvRecords...)
	got := say(t, b, "settings", "anna@example.org")
	last := got[len(got)-1]
	if len(got) < 2 || !strings.HasPrefix(got[0], "… Ich suche die Server von example.org …") {
		t.Errorf("began with %q", got)
	}
	if strings.HasPrefix(last, "…") || !strings.Contains(last, "imap.example.org") || strings.Contains(last, "Ich suche") || strings.Contains(last, "anna") {
		t.Errorf("ended with %q", last)
	}
	for _, g := range got[:len(got)-1] {
		if !strings.HasPrefix(g, "…") {
			t.Errorf("not marked as partial: %q", g)
		}
	}
}

func TestSearchIsStoppable(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := searcher(t, &now, srvRecords...)
	for range b.Handle(t.Context(), bot.Message{Kind: bot.KindCommand, Command: &bot.Command{Name: "test", Args: "example.org"}}) {
		break
	}
	if r, _ := b.Store.Found(t.Context(), "example.org"); r != nil {
		t.Errorf("a search that was stopped is kept: %+v", r)
	}
}

func TestFoundSettingsAreKeptAndLookedForAgain(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := searcher(t, &now, srvRecords...)
	say(t, b, "settings", "example.org")
	b.Finder.Resolver = "127.0.0.1:1" // the network is gone

	now = now.Add(23 * time.Hour)
	if got := say(t, b, "settings", "example.org"); len(got) != 1 || !strings.Contains(got[0], "imap.example.org") || !strings.Contains(got[0], "2026-11-23") {
		t.Errorf("within a day: %q", got)
	}
	now = now.Add(48 * time.Hour) // expired: looked for again, and without a network the old ones are better than none
	got := say(t, b, "settings", "example.org")
	if len(got) < 2 || !strings.Contains(got[len(got)-1], "imap.example.org") || !strings.Contains(got[len(got)-1], "2026-11-23") {
		t.Errorf("after three days, without a network: %q", got)
	}
	b.Finder.Resolver = realtest.DNS(t, "example.org. 60 IN MX 0 .")
	if got := say(t, b, "settings", "example.org"); !strings.Contains(got[len(got)-1], "Null-MX") {
		t.Errorf("after a change: %q", got)
	}
}

func TestFailedTestMakesSettingsDoubtful(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := searcher(t, &now, srvRecords...) // the servers have no address
	got := say(t, b, "test", "example.org")
	if last := got[len(got)-1]; !strings.Contains(last, "Ursache") || !strings.Contains(last, "imap.example.org") {
		t.Fatalf("test: %q", last)
	}
	r, err := b.Store.Found(t.Context(), "example.org")
	if err != nil || r == nil || now.Before(r.Expires) {
		t.Errorf("kept as %+v, %v", r, err)
	}
}

func TestTargetTakesFoundServers(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := searcher(t, &now, srvRecords...)
	target, bad := b.Target(t.Context(), "example.org smtp")
	want := mailconf.Endpoint{Protocol: mailconf.SMTP, Host: "smtp.example.org", Port: 465, Security: mailconf.TLS}
	if bad != "" || len(target.Endpoints) != 1 || target.Endpoints[0] != want {
		t.Errorf("got %+v, %q", target, bad)
	}
	if target, bad := b.Target(t.Context(), "example.org:8080"); bad != "8080" {
		t.Errorf("got %+v, %q", target, bad)
	}
}

func TestNoNetworkIsSaidAndNotKept(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := searcher(t, &now)
	b.Finder.Resolver = "127.0.0.1:1"
	got := say(t, b, "settings", "example.org")
	if !strings.Contains(got[len(got)-1], "Kein Nameserver antwortet mir") || !strings.Contains(got[len(got)-1], "/test imap.example.org") {
		t.Errorf("got %q", got)
	}
	if r, _ := b.Store.Found(t.Context(), "example.org"); r != nil {
		t.Errorf("kept %+v", r)
	}
}

// TestFoundTextsExist holds that everything a search can say has words.
func TestFoundTextsExist(t *testing.T) {
	for _, key := range bot.FoundKeys() {
		if !bot.HasText(key) {
			t.Errorf("no text %q", key)
		}
	}
}
