package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
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

// board is a channel wall: a Poster and Reviser that keeps what hangs there.
type board struct {
	mu      sync.Mutex
	posts   map[string]string // by id
	places  map[string]bot.Place
	revised int
	refuse  bool
}

func newBoard() *board { return &board{posts: map[string]string{}, places: map[string]bot.Place{}} }

func (b *board) Post(_ context.Context, a bot.Announcement) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse {
		return "", &bot.Refused{Notice: bot.NoticeNotMember}
	}
	id := fmt.Sprint("p", len(b.posts)+1)
	b.posts[id], b.places[id] = bot.PlainText(a.Answer), a.To
	return id, nil
}

func (b *board) Revise(_ context.Context, at bot.Place, id string, a bot.Answer) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.posts[id] == "" || b.places[id] != at {
		return errors.New("no such post")
	}
	b.revised++
	b.posts[id] = bot.PlainText(a)
	return nil
}

func (b *board) post(id string) (text string, at bot.Place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.posts[id], b.places[id]
}

func (b *board) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.posts)
}

// town is a bot in a workspace, a provider whose servers can be switched off,
// and a clock.
type town struct {
	t     *testing.T
	bot   *bot.Bot
	board *board
	down  atomic.Bool
	dials atomic.Int32
	now   atomic.Int64 // seconds since the start
	ids   int
	db    string
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, board: newBoard(), db: filepath.Join(t.TempDir(), "bot.db")}
	w.open()
	return w
}

// open starts the bot, anew on the same database when it was running.
func (w *town) open() {
	w.t.Helper()
	clock := func() time.Time {
		return time.Date(2026, 11, 23, 10, 40, 0, 0, time.UTC).Add(time.Duration(w.now.Load()) * time.Second)
	}
	st, err := store.Open(w.t.Context(), w.db, clock())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { st.Close() })
	server := mailtest.Start(mailtest.Options{Host: "imap.acme-mail.de"})
	w.t.Cleanup(server.Close)
	dns := mailtest.StartDNS(map[string]mailtest.Name{"imap.acme-mail.de": {Addrs: []netip.Addr{netip.MustParseAddr("8.8.100.1")}}})
	w.t.Cleanup(dns.Close)
	w.bot = &bot.Bot{
		Store: st, Now: clock, Log: slog.New(slog.DiscardHandler), Pseudonyms: bot.NewPseudonyms([]byte("k")),
		Posters:   map[string]bot.Poster{"slack": w.board},
		Incidents: &bot.Incidents{Memory: st},
		Prober: &diagnose.Prober{Resolver: dns.Addr, Roots: server.Authority().Pool(), Dial: func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
			w.dials.Add(1)
			if w.down.Load() {
				return nil, errors.New("connection refused")
			}
			return new(net.Dialer).DialContext(ctx, "tcp", server.AddrPort().String())
		}},
	}
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	facts.Providers = append(facts.Providers, &knowledge.Provider{
		ID: "acme", Name: "Acme Mail", Kind: "mailbox", Country: "DE", Domains: []string{"acme-mail.de"}, Checked: "2026-11-01", Sources: []string{"official"},
		Status: "https://status.acme-mail.de/", Aliases: []string{"Acme Mail"},
		Servers: []knowledge.Server{{
			Endpoint: mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap.acme-mail.de", Port: 993, Security: mailconf.TLS},
			Username: mailconf.UserAddress,
		}},
	})
	book := knowledge.NewBook(facts)
	m := match.New(book)
	m.SetModel(seedModel())
	w.bot.Learn(book, m)
}

// tells lets a person mention the bot, and returns the answer.
func (w *town) tells(user, channel, text string) string {
	w.t.Helper()
	w.ids++
	m := bot.Message{
		ID: fmt.Sprint("m", w.ids), Platform: "slack", Tenant: "T1", Channel: channel, Thread: fmt.Sprint("t", w.ids),
		User: user, Kind: bot.KindMention, Text: text,
	}
	var last bot.Answer
	for a := range w.bot.Handle(w.t.Context(), m) {
		last = a
	}
	return bot.PlainText(last)
}

const (
	troubleDE = "Acme Mail: Verbindung zum Server imap.acme-mail.de fehlgeschlagen, Zeitüberschreitung"
	troubleEN = "Acme Mail: the connection to the server imap.acme-mail.de timed out"
)

func (w *town) wants(id string, words ...string) {
	w.t.Helper()
	text, _ := w.board.post(id)
	for _, word := range words {
		if !strings.Contains(text, word) {
			w.t.Errorf("%q is not in the notice:\n%s", word, text)
		}
	}
}

func TestSeveralReportsRaiseOneNotice(t *testing.T) {
	w := newTown(t)
	w.down.Store(true)
	for _, user := range []string{"U1", "U1", "U2"} { // one person twice is one person
		if got := w.tells(user, "C1", troubleDE); strings.Contains(got, "klemmt") {
			t.Errorf("%s: %s", user, got)
		}
		w.now.Add(60)
	}
	if n := w.board.count(); n != 0 {
		t.Fatalf("%d notices after two people", n)
	}
	w.tells("U3", "C2", troubleDE) // another channel counts by itself
	if n := w.board.count(); n != 0 {
		t.Fatalf("%d notices: channels are counted together", n)
	}
	got := w.tells("U3", "C1", troubleDE)
	if !strings.Contains(got, "Bei Acme Mail klemmt es gerade, seit 10:41 UTC") || !strings.Contains(got, "status.acme-mail.de") {
		t.Errorf("the third person reads\n%s", got)
	}
	w.wants("p1", "Störung bei Acme Mail?", "Seit 10:41 UTC melden hier 3 Leute", "bestätigt", "imap.acme-mail.de", "https://status.acme-mail.de/", "nichts ändern")
	if _, at := w.board.post("p1"); at != (bot.Place{Platform: "slack", Tenant: "T1", Channel: "C1"}) {
		t.Errorf("posted to %+v", at)
	}
	before := w.dials.Load()
	w.tells("U4", "C1", troubleDE)
	if w.board.count() != 1 || w.dials.Load() != before {
		t.Errorf("%d notices, %d more connections", w.board.count(), w.dials.Load()-before)
	}
	if got := w.tells("U5", "C1", "/settings acme-mail.de"); !strings.Contains(got, "imap.acme-mail.de") || strings.Contains(got, "klemmt") {
		t.Errorf("who asks for settings gets them:\n%s", got)
	}
	if got := w.tells("U6", "C1", "WEB.DE: Verbindung zum Server fehlgeschlagen, Zeitüberschreitung"); strings.Contains(got, "klemmt") {
		t.Errorf("another provider:\n%s", got)
	}
}

// TestAllClear follows an incident to its end, over a restart, in English.
func TestAllClear(t *testing.T) {
	w := newTown(t)
	w.down.Store(true)
	for _, user := range []string{"U1", "U2", "U3"} {
		w.tells(user, "C1", troubleEN)
	}
	w.wants("p1", "Trouble at Acme Mail?", "Since 10:40 UTC, 3 people", "nothing to change")
	review := func() { w.now.Add(300); w.bot.ReviewIncidents(t.Context()) }
	review()
	if w.board.revised != 0 {
		t.Error("nothing has changed, and the notice has")
	}
	w.down.Store(false)
	review()
	if w.board.revised != 0 {
		t.Error("one good probe is no all-clear")
	}
	w.open() // a restart
	review()
	w.wants("p1", "All clear: Acme Mail", "answers again since 10:55 UTC", "began at 10:40 UTC and took about 15 min", "imap.acme-mail.de")
	if w.board.revised != 1 || w.board.count() != 1 {
		t.Errorf("%d edits, %d posts", w.board.revised, w.board.count())
	}
	if got := w.tells("U4", "C1", troubleEN); strings.Contains(got, "has trouble at the moment") {
		t.Errorf("after the all-clear:\n%s", got)
	}
}

// TestReportsWithoutEvidence holds that people keep their own answers while
// the servers answer, and that the notice ends when nobody reports any more.
func TestReportsWithoutEvidence(t *testing.T) {
	w := newTown(t)
	for _, user := range []string{"U1", "U2", "U3"} {
		if got := w.tells(user, "C1", troubleDE); strings.Contains(got, "klemmt") {
			t.Errorf("%s reads\n%s", user, got)
		}
	}
	w.wants("p1", "melden hier 3 Leute", "antworten die Server normal")
	for range 5 {
		w.now.Add(300)
		w.bot.ReviewIncidents(t.Context())
	}
	if w.board.revised != 0 {
		t.Error("ended before half an hour was quiet")
	}
	w.down.Store(true) // now it shows
	w.now.Add(60)
	w.bot.ReviewIncidents(t.Context())
	w.now.Add(240)
	w.bot.ReviewIncidents(t.Context())
	w.wants("p1", "bestätigt")
	w.down.Store(false)
	for range 3 {
		w.now.Add(300)
		w.bot.ReviewIncidents(t.Context())
	}
	w.wants("p1", "Entwarnung: Acme Mail", "antwortet seit")
}

func TestQuietEndsAnIncidentWithoutEvidence(t *testing.T) {
	w := newTown(t)
	for _, user := range []string{"U1", "U2", "U3"} {
		w.tells(user, "C1", troubleDE)
	}
	for range 6 {
		w.now.Add(300)
		w.bot.ReviewIncidents(t.Context())
	}
	w.wants("p1", "Entwarnung", "seitdem ist es ruhig")
}

// TestIncidentIsGivenUp holds that nobody is probed for ever.
func TestIncidentIsGivenUp(t *testing.T) {
	w := newTown(t)
	w.down.Store(true)
	for _, user := range []string{"U1", "U2", "U3"} {
		w.tells(user, "C1", troubleDE)
	}
	w.now.Add(24 * 3600)
	w.bot.ReviewIncidents(t.Context())
	w.wants("p1", "dauern seit 2026-11-23 10:40 UTC an", "/test acme")
	before := w.dials.Load()
	w.now.Add(600)
	w.bot.ReviewIncidents(t.Context())
	if w.dials.Load() != before {
		t.Error("what was given up is still probed")
	}
}

func TestReportsGrowOld(t *testing.T) {
	w := newTown(t)
	for i, user := range []string{"U1", "U2", "U3", "U4"} {
		w.tells(user, "C1", troubleDE)
		w.now.Add(8 * 60)
		if n := w.board.count(); n != 0 {
			t.Errorf("after %d people in %d minutes: %d notices", i+1, 8*i, n)
		}
	}
}

// TestFailedTestsAreReports counts what people test themselves.
func TestFailedTestsAreReports(t *testing.T) {
	w := newTown(t)
	w.down.Store(true)
	for _, user := range []string{"U1", "U2", "U3"} {
		w.tells(user, "C1", "/test acme-mail.de")
		w.now.Add(90)
	}
	w.wants("p1", "3", "Acme Mail")
}

// TestNoticeThatCannotBePosted leaves people their own answers.
func TestNoticeThatCannotBePosted(t *testing.T) {
	w := newTown(t)
	w.down.Store(true)
	w.board.refuse = true
	for _, user := range []string{"U1", "U2", "U3", "U4"} {
		if got := w.tells(user, "C1", troubleDE); got == "" || strings.Contains(got, "klemmt") {
			t.Errorf("%s reads %q", user, got)
		}
	}
}

func TestTwoProcessesRaiseOneNotice(t *testing.T) {
	w := newTown(t)
	w.down.Store(true)
	w.tells("U1", "C1", troubleDE)
	first := w.bot
	w.open() // a second process, which learns of the first one's report
	second := w.bot
	for _, b := range []*bot.Bot{first, second} {
		w.bot = b
		w.tells(fmt.Sprintf("U%p", b), "C1", troubleDE)
	}
	if n := w.board.count(); n != 1 {
		t.Errorf("%d notices", n)
	}
	w.now.Add(300)
	before := w.dials.Load()
	first.ReviewIncidents(t.Context())
	once := w.dials.Load() - before
	second.ReviewIncidents(t.Context())
	if got := w.dials.Load() - before; once == 0 || got != once {
		t.Errorf("one process makes %d connections, two make %d", once, got)
	}
}
