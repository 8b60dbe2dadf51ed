package store_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

// The network breaks after the database was told to commit: what was asked for
// has happened, and nobody here knows.

func TestStoredWithoutAWord(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t, false)
	c := pgtest.NewCable(t, pg)
	_, in := join(t, c.Through(pg.Database(t)))
	known := accept(t, in, event("1"), false) // under way all the time
	c.LoseAfter("events_api")                 // a value: the statement is executed with it
	if j, err := in.Accept(t.Context(), event("2"), false); err == nil {
		t.Fatalf("the word of the commit arrived: %+v", j)
	}
	if j := accept(t, in, event("2"), false); j != nil {
		t.Fatal("the event was not stored: the test shows nothing")
	}
	if got := soon(t, in); string(got.Payload) != "canary-message-text 2" {
		t.Errorf("took %s", got.Payload)
	}
	accept(t, in, event("3"), true)
	c.LoseAfter("commit")
	if jobs, err := in.Take(t.Context(), "slack", 10); err == nil {
		t.Fatalf("the word of the commit arrived: %+v", jobs)
	}
	if got := soon(t, in); string(got.Payload) != "canary-message-text 3" {
		t.Errorf("took %s", got.Payload)
	}
	if jobs := take(t, in); len(jobs) > 0 {
		t.Errorf("took %+v, which are worked on", jobs)
	}
	if err := in.Done(t.Context(), known); err != nil {
		t.Error(err)
	}
}

// soon takes the one event that is given out within two minutes.
func soon(t *testing.T, in *store.Inbox) *bot.Job {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		switch jobs := take(t, in); len(jobs) {
		case 0:
		case 1:
			return jobs[0]
		default:
			t.Fatalf("took %+v", jobs)
		}
	}
	t.Fatal("an event was lost")
	return nil
}

// TestAnnouncedWithoutAWord holds that a post whose announcement is there, and
// whose word got lost, is posted; and that it is not posted again.
func TestAnnouncedWithoutAWord(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t, false)
	c := pgtest.NewCable(t, pg)
	_, in := join(t, c.Through(pg.Database(t)))
	job := accept(t, in, event("1"), false)
	e := bot.NewErrand(in, job, slog.New(slog.DiscardHandler), time.After)
	c.LoseAfter("post-1") // a value: the statement is executed with it
	if p, err := e.Announce(t.Context(), bot.Post{ID: "post-1"}); err != nil || p.State != bot.PostNew {
		t.Errorf("%+v, %v: want a new post", p, err)
	}
	if p, err := e.Announce(t.Context(), bot.Post{ID: "post-1"}); err != nil || p.State != bot.PostUnsure {
		t.Errorf("%+v, %v: want a post that may stand there", p, err)
	}
	if err := in.Later(t.Context(), job, 0); err != nil {
		t.Fatal(err)
	}
	next := bot.NewErrand(in, soon(t, in), slog.New(slog.DiscardHandler), time.After)
	if p, err := next.Announce(t.Context(), bot.Post{ID: "post-1"}); err != nil || p.State != bot.PostUnsure {
		t.Errorf("%+v, %v: the next attempt takes the post for a new one", p, err)
	}
}

// TestSilentServer holds that nothing waits for a database without end, and
// that a transaction of a replica that is cut off keeps nobody from its work.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t, false)
	c := pgtest.NewCable(t, pg)
	address := pg.Database(t)
	s := open(t, c.Through(address))
	_, far := joined(t, s)
	job := accept(t, far, event("1"), false)
	if _, err := far.Begin(t.Context(), job, bot.Post{ID: "p"}); err != nil {
		t.Fatal(err)
	}
	c.LoseAfter("UPDATE inbox SET owner = owner") // the second time in a transaction of several statements
	if _, err := far.Begin(t.Context(), job, bot.Post{ID: "p"}); err == nil {
		t.Fatal("the word of the server arrived")
	}
	c.Cut(pgtest.Losing)
	_, near := join(t, address)
	exec(t, address, "UPDATE replica SET beat = beat - 600000 WHERE id = (SELECT owner FROM inbox)")
	soon(t, near)
	if _, err := s.Conversation(t.Context(), bot.ConversationKey{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("asked a server that is silent: %v", err)
	}
}
