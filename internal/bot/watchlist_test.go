package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// watching runs the town's watch list. Each turn waits for the pause that the
// list asks for, lets that much time pass, and ends when the next one begins.
func (w *town) watching(every time.Duration, most int) (turn func() time.Duration) {
	w.t.Helper()
	pauses, ticks := make(chan time.Duration), make(chan time.Time)
	w.bot.Watchlist = &bot.Watchlist{Memory: w.bot.Incidents.Memory, Every: every, Most: most}
	w.bot.After = func(d time.Duration) <-chan time.Time {
		select {
		case pauses <- d:
		case <-w.t.Context().Done():
		}
		return ticks
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	w.t.Cleanup(cancel)
	b := w.bot
	go b.RunWatchlist(ctx)
	next := <-pauses
	return func() time.Duration {
		w.t.Helper()
		took := next
		w.now.Add(int64(took / time.Second))
		ticks <- time.Time{}
		next = <-pauses
		return took
	}
}

func TestWatchlistProbesWhatPeopleAskAbout(t *testing.T) {
	w := newTown(t)
	turn := w.watching(time.Hour, 0)
	for range 3 {
		if took := turn(); took < time.Minute {
			t.Errorf("a pause of %v", took)
		}
	}
	if n := w.dials.Load(); n != 0 {
		t.Fatalf("%d connections, and nobody has asked for anything", n)
	}
	w.tells("U1", "C1", "/settings acme-mail.de")
	turn() // was planned before the question
	turn()
	once := w.dials.Load()
	if once == 0 {
		t.Fatal("asked about and not probed")
	}
	for waited := time.Duration(0); waited < 50*time.Minute; {
		waited += turn()
		if waited < time.Hour && w.dials.Load() != once {
			t.Fatalf("probed again after %v", waited)
		}
	}
	turn()
	if w.dials.Load() == once {
		t.Error("not probed again after an hour")
	}
	if checks, err := w.bot.Store.Checked(t.Context(), "acme"); err != nil || len(checks) != 1 {
		t.Errorf("the outcome is not kept: %v, %v", checks, err)
	}
}

// TestWatchlistIsEvidence holds that an incident begins when the provider began
// to fail, not when people came, also after a restart.
func TestWatchlistIsEvidence(t *testing.T) {
	w := newTown(t)
	w.tells("U0", "C9", "/settings acme-mail.de")
	turn := w.watching(10*time.Minute, 0)
	w.tells("U0", "C9", "/settings acme-mail.de")
	w.down.Store(true)
	for range 3 {
		turn()
	}
	w.bot.After = nil
	w.open()
	turn = w.watching(10*time.Minute, 0)
	turn()
	began := w.bot.Now()
	for _, user := range []string{"U1", "U2", "U3"} {
		w.tells(user, "C1", troubleEN)
	}
	w.wants("p1", "3 people", "confirms")
	text, _ := w.board.post("p1")
	if since := began.Format("15:04 MST"); text == "" || strings.Contains(text, "Since "+since) {
		t.Errorf("the incident begins with the reports, at %s:\n%s", since, text)
	}
}

func TestWatchlistIsBounded(t *testing.T) {
	w := newTown(t)
	turn := w.watching(10*time.Minute, 2)
	for _, p := range []string{"gmx", "web.de", "t-online", "acme-mail.de"} {
		w.tells("U1", "C1", "/settings "+p)
		w.now.Add(1)
	}
	turn()
	if took := turn(); took < 5*time.Minute {
		t.Errorf("two providers in ten minutes are one in five, not in %v", took)
	}
}
