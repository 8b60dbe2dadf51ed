package bot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// diary is an Observer that keeps what it is told.
type diary struct {
	bot.Unobserved
	mu       sync.Mutex
	handled  []bot.Handled
	probed   []diagnose.EndpointReport
	receipts []bot.Receipt
}

func (d *diary) Handled(h bot.Handled) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handled = append(d.handled, h)
}

func (d *diary) Probed(e diagnose.EndpointReport) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.probed = append(d.probed, e)
}

func (d *diary) Received(_ string, r bot.Receipt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.receipts = append(d.receipts, r)
}

func TestObserverIsToldOfAnswersAndSilence(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b, _ := checkedBot(t, &now)
	d, log := &diary{}, &bytes.Buffer{}
	b.Observer, b.Pseudonyms = d, bot.NewPseudonyms([]byte("key"))
	b.Log = slog.New(slog.NewJSONHandler(log, nil))
	tell := func(m bot.Message) bot.Handled {
		t.Helper()
		m.Platform, m.Tenant, m.Channel, m.User = "slack", "T1", "C1", "U0SECRET"
		for range b.Handle(t.Context(), m) {
			now = now.Add(3 * time.Second)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.handled) == 0 {
			t.Fatal("the observer was told nothing")
		}
		return d.handled[len(d.handled)-1]
	}
	h := tell(bot.Message{ID: "1", Kind: bot.KindCommand, Lang: "de", Command: &bot.Command{Name: "einstellungen", Args: "acme"}})
	if h.Intent != "settings" || h.Lang != "de" || h.Silence != "" || h.First != 0 || h.Took != 3*time.Second || h.Kind != bot.KindCommand {
		t.Errorf("a command: %+v", h)
	}
	if h = tell(bot.Message{ID: "2", Kind: bot.KindCommand, Command: &bot.Command{Name: "geheim-wort"}}); h.Intent != "unknown" {
		t.Errorf("an unknown command must not become a label: %+v", h)
	}
	if h = tell(bot.Message{ID: "3", Kind: bot.KindChannel, Text: "Wie lautet der IMAP-Server von GMX?"}); h.Silence != bot.SilenceOff {
		t.Errorf("overheard where nobody wants it: %+v", h)
	}
	if h = tell(bot.Message{ID: "4", Kind: bot.KindThread, Text: "  "}); h.Silence != bot.SilenceEmpty {
		t.Errorf("no text: %+v", h)
	}
	for range b.Handle(t.Context(), bot.Message{ID: "1", Platform: "slack", Tenant: "T1", Kind: bot.KindCommand, Command: &bot.Command{Name: "help"}}) {
		t.Error("answered twice")
	}
	if len(d.receipts) != 1 || d.receipts[0] != bot.ReceiptDuplicate {
		t.Errorf("receipts %v", d.receipts)
	}
	for _, secret := range []string{"U0SECRET", "geheim-wort", "Mittagessen"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %s:\n%s", secret, log)
		}
	}
	var line struct{ Msg, User, Intent string }
	if err := json.Unmarshal(bytes.SplitN(log.Bytes(), []byte("\n"), 2)[0], &line); err != nil || line.Msg != "handled" || len(line.User) != 12 || line.Intent != "settings" {
		t.Errorf("the line of the first answer is %+v, %v\n%s", line, err, log)
	}
}

func TestObserverIsToldOfProbesOnce(t *testing.T) {
	c := newCrowd(t)
	d := &diary{}
	c.bot.Observer = d
	close(c.gate)
	c.tested(message("U1", "C1", host(1)))
	c.ask(message("U2", "C2", host(1))) // is given the same result again
	if len(d.probed) != 1 || d.probed[0].Port != 993 || d.probed[0].Verdict == "" {
		t.Errorf("%+v", d.probed)
	}
}

func TestPseudonyms(t *testing.T) {
	p, again, other := bot.NewPseudonyms([]byte("a")), bot.NewPseudonyms([]byte("a")), bot.NewPseudonyms([]byte("b"))
	m := bot.Message{Platform: "slack", Tenant: "T1", User: "U1"}
	name := p.User(m)
	if len(name) != 12 || name != again.User(m) {
		t.Errorf("%q, then %q", name, again.User(m))
	}
	elsewhere := m
	elsewhere.Tenant = "T2"
	for what, got := range map[string]string{"another installation": other.User(m), "another workspace": p.User(elsewhere)} {
		if got == name {
			t.Errorf("%s gives the same pseudonym", what)
		}
	}
	if (bot.Pseudonyms{}).User(m) != "" || p.User(bot.Message{}) != "" {
		t.Error("nobody has a pseudonym")
	}
}

func TestPanicKindTellsNoWords(t *testing.T) {
	caught := func(f func()) (s string) {
		defer func() { s = bot.PanicKind(recover()) }()
		f()
		return ""
	}
	var list []int
	if got := caught(func() { _ = list[len(list)+3] }); !strings.Contains(got, "index out of range") {
		t.Errorf("a fault of the program: %q", got)
	}
	for _, v := range []any{"mein Passwort", errors.New("mein Passwort"), bot.Message{Text: "mein Passwort"}} {
		if got := caught(func() { panic(v) }); got == "" || strings.Contains(got, "Passwort") {
			t.Errorf("%T: %q", v, got)
		}
	}
	if got := caught(func() { netip.MustParseAddr("mein Passwort") }); strings.Contains(got, "Passwort") {
		t.Errorf("an error of a library: %q", got)
	}
}

func TestBacklog(t *testing.T) {
	var b bot.Backlog
	at := time.Unix(1000, 0)
	if n, since := b.Waiting(); n != 0 || !since.IsZero() {
		t.Errorf("empty: %d since %v", n, since)
	}
	first, second := b.Enter(at), b.Enter(at.Add(time.Second))
	if n, since := b.Waiting(); n != 2 || !since.Equal(at) {
		t.Errorf("two: %d since %v", n, since)
	}
	first()
	if n, since := b.Waiting(); n != 1 || !since.Equal(at.Add(time.Second)) {
		t.Errorf("one: %d since %v", n, since)
	}
	second()
	second() // harmless
	if n, _ := b.Waiting(); n != 0 {
		t.Errorf("%d wait for ever", n)
	}
}
