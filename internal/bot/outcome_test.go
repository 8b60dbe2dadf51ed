package bot_test

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// mended is a bot, a provider whose IMAP server has an expired certificate
// until now is beyond zero, and a clock.
func mended(t *testing.T) (*bot.Bot, *atomic.Int64) {
	t.Helper()
	broken := mailtest.Start(mailtest.Options{Cert: mailtest.CertExpired})
	t.Cleanup(broken.Close)
	sound := mailtest.Start(mailtest.Options{Authority: broken.Authority()})
	t.Cleanup(sound.Close)
	dns := mailtest.StartDNS(map[string]mailtest.Name{"mail.example.org": {Addrs: []netip.Addr{netip.MustParseAddr("8.8.8.8")}}})
	t.Cleanup(dns.Close)
	began := time.Now().Truncate(time.Second).Add(900 * time.Millisecond)
	minutes := new(atomic.Int64)
	clock := func() time.Time { return began.Add(time.Duration(minutes.Load()) * time.Minute) }
	st, err := store.Open(t.Context(), store.Memory, began)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	b := &bot.Bot{Store: st, Now: clock, Log: slog.New(slog.DiscardHandler), Prober: &diagnose.Prober{
		Resolver: dns.Addr, Roots: broken.Authority().Pool(),
		Dial: func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
			to := broken
			if minutes.Load() > 0 {
				to = sound
			}
			return new(net.Dialer).DialContext(ctx, "tcp", to.AddrPort().String())
		},
	}}
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(knowledge.Facts{Causes: facts.Causes, Clients: facts.Clients})
	b.Learn(book, match.New(book))
	return b, minutes
}

func TestResultTellsWhatHasChanged(t *testing.T) {
	b, minutes := mended(t)
	test := func(thread string) (bot.Answer, string) {
		t.Helper()
		var last bot.Answer
		for a := range b.Handle(t.Context(), bot.Message{
			ID: thread + time.Duration(minutes.Load()).String(), Platform: "slack", Tenant: "T", User: "anna", Channel: "C", Thread: thread, Kind: bot.KindCommand, Lang: "de",
			Command: &bot.Command{Name: "test", Args: "mail.example.org:993"},
		}) {
			last = a
		}
		return last, bot.PlainText(last)
	}
	first, text := test("1.1")
	if !strings.Contains(text, "abgelaufen") || strings.Contains(text, "Vorher") {
		t.Errorf("first: %s", text)
	}
	ids := func(a bot.Answer) (out []string) {
		for _, act := range a.Actions {
			out = append(out, act.ID)
		}
		return out
	}
	for _, id := range []string{bot.ActionTest, bot.ActionGuide, bot.ActionHelped, bot.ActionNotHelped} {
		if !slices.Contains(ids(first), id) {
			t.Errorf("no button %s among %v", id, ids(first))
		}
	}
	minutes.Store(5)
	if _, text = test("1.1"); !strings.Contains(text, "Vorher (vor 5 min): ") || !strings.Contains(text, "abgelaufen") {
		t.Errorf("mended: %s", text)
	}
	if _, text = test("2.2"); strings.Contains(text, "Vorher") {
		t.Errorf("another thread: %s", text)
	}
	minutes.Store(10)
	if _, text = test("1.1"); !strings.Contains(text, "Unverändert seit dem Test vor 5 min") {
		t.Errorf("unchanged: %s", text)
	}
}

func TestGuideButtonLeadsToTheProgram(t *testing.T) {
	b, _ := mended(t)
	press := func(value string) bot.Answer {
		t.Helper()
		var last bot.Answer
		for a := range b.Handle(t.Context(), bot.Message{
			Platform: "slack", Tenant: "T", User: "anna", Channel: "C", Thread: "1.1", Kind: bot.KindAction, Lang: "de",
			Action: &bot.Action{ID: bot.ActionGuide, Value: value},
		}) {
			last = a
		}
		return last
	}
	which := press("")
	if len(which.Actions) < 5 || len(which.Actions) > 25 {
		t.Errorf("%d programs to choose from", len(which.Actions))
	}
	for _, a := range which.Actions {
		if got := bot.PlainText(press(a.Value)); a.ID != bot.ActionGuide || len(got) < 100 || strings.Contains(got, "noch keine Anleitung") {
			t.Errorf("%s: %q", a.Value, got)
		}
	}
	if got := bot.PlainText(press("no-such-program")); got != bot.PlainText(which) {
		t.Errorf("an unknown program: %s", got)
	}
}
