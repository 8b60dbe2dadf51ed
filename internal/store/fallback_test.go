package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// inboxSuite is what must hold for every inbox, whatever is behind it.
func inboxSuite() map[string]func(*testing.T, bot.Inbox) {
	return map[string]func(*testing.T, bot.Inbox){
		"an event is accepted once":       acceptsOnce,
		"work waits, is put off and ends": worksOff,
		"a post is announced":             announces,
		"what is over posts nothing":      postsNothingWhenDone,
		"accepted once by many at once":   acceptsOnceByMany,
	}
}

// TestInboxes runs it with the inboxes that no database is behind, or one that
// takes no writes; suite runs it with every kind of database.
func TestInboxes(t *testing.T) {
	stored := func(t *testing.T) (*store.Store, *store.Inbox) {
		s := open(t, filepath.Join(t.TempDir(), "bot.db"))
		_, in := joined(t, s)
		return s, in
	}
	for kind, make := range map[string]func(*testing.T) bot.Inbox{
		"memory": func(*testing.T) bot.Inbox { return bot.NewMemoryInbox(nil) },
		"fallback": func(t *testing.T) bot.Inbox {
			_, in := stored(t)
			return bot.NewFallbackInbox(in, slog.New(slog.DiscardHandler))
		},
		"fallback, read-only": func(t *testing.T) bot.Inbox {
			s, in := stored(t)
			pragma(t, s, "PRAGMA query_only=ON")
			return bot.NewFallbackInbox(in, slog.New(slog.DiscardHandler))
		},
	} {
		for name, test := range inboxSuite() {
			t.Run(kind+"/"+name, func(t *testing.T) { test(t, make(t)) })
		}
	}
}

func pragma(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	if err := s.Pragma(statement); err != nil {
		t.Fatal(err)
	}
}

func acceptsOnce(t *testing.T, in bot.Inbox) {
	if accept(t, in, event("C/1", "Ev1", "client 1"), false) == nil {
		t.Fatal("a new event is no repetition")
	}
	for _, e := range []bot.Event{
		event("C/1", "Ev1", "client 1"),
		event("C/1", "Ev2"),             // the twin
		event("C/2", "Ev3", "client 1"), // the client sent it again
		event("C/9", "Ev2"),             // known by the twin's id
	} {
		if accept(t, in, e, false) != nil {
			t.Errorf("%v: accepted again", e.Keys)
		}
	}
	other := event("C/1", "Ev1")
	other.Tenant = "T2"
	if accept(t, in, other, false) == nil {
		t.Error("the same ids of another tenant are no repetition")
	}
}

func acceptsOnceByMany(t *testing.T, in bot.Inbox) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	for range 40 {
		wg.Go(func() {
			j, err := in.Accept(context.Background(), event("C/1", "Ev1"), false)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if j != nil {
				fresh++
			}
		})
	}
	wg.Wait()
	if fresh != 1 {
		t.Errorf("accepted %d times", fresh)
	}
}

func worksOff(t *testing.T, in bot.Inbox) {
	mine := accept(t, in, event("1"), false)
	accept(t, in, event("2"), true)
	jobs := take(t, in)
	if len(jobs) != 1 || string(jobs[0].Payload) != "canary-message-text 2" || jobs[0].Again != 1 || jobs[0].Tenant != "T1" || jobs[0].Kind != "events_api" {
		t.Fatalf("took %+v, want the one that waits", jobs)
	}
	if err := in.Done(t.Context(), jobs[0]); err != nil {
		t.Fatal(err)
	}
	if err := in.Later(t.Context(), mine, time.Hour); err != nil {
		t.Fatal(err)
	}
	if jobs := take(t, in); len(jobs) != 0 {
		t.Errorf("took %+v an hour too early", jobs)
	}
	third := accept(t, in, event("3"), false)
	if err := in.Later(t.Context(), third, 0); err != nil {
		t.Fatal(err)
	}
	if jobs = take(t, in); len(jobs) != 1 || jobs[0].ID != third.ID {
		t.Fatalf("took %+v, want what was given back", jobs)
	}
	if accept(t, in, event("3"), false) != nil {
		t.Error("an event that was given back is no longer known")
	}
}

func announces(t *testing.T, in bot.Inbox) {
	job := accept(t, in, event("1"), false)
	begin := func() bot.Post {
		t.Helper()
		p, err := in.Begin(t.Context(), job, bot.Post{ID: "C/1", Channel: "C", Thread: "1.0"})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	record := func(p bot.Post) {
		t.Helper()
		if err := in.Record(t.Context(), job, p); err != nil {
			t.Fatal(err)
		}
	}
	p := begin()
	if p.State != bot.PostNew {
		t.Fatalf("first: %+v", p)
	}
	again := begin()
	if again.State != bot.PostUnsure || again.Channel != "C" {
		t.Errorf("after a crash: %+v", again)
	}
	for t.Context().Err() == nil && again.Age <= 0 { // it grows, by milliseconds
		again = begin()
	}
	p.State = bot.PostNew
	record(p) // it was refused
	if p = begin(); p.State != bot.PostNew {
		t.Errorf("after a refusal: %+v", p)
	}
	p.State, p.Message, p.Final = bot.PostSent, "1.5", true
	record(p)
	if again := begin(); again.State != bot.PostSent || again.Message != "1.5" || !again.Final {
		t.Errorf("after it was sent: %+v", again)
	}
	for what, find := range map[string]func() (*bot.Post, error){
		"by id":     func() (*bot.Post, error) { return in.Posted(t.Context(), "slack", "C/1") },
		"by thread": func() (*bot.Post, error) { return in.InThread(t.Context(), "slack", "C", "1.0") },
		"as root":   func() (*bot.Post, error) { return in.InThread(t.Context(), "slack", "C", "1.5") },
	} {
		if p, err := find(); err != nil || p == nil || p.Message != "1.5" {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
	}
	if p, err := in.InThread(t.Context(), "slack", "C", "9.9"); p != nil || err != nil {
		t.Errorf("another thread: %+v, %v", p, err)
	}
}

func postsNothingWhenDone(t *testing.T, in bot.Inbox) {
	job := accept(t, in, event("1"), false)
	if err := in.Done(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Begin(t.Context(), job, bot.Post{ID: "p"}); !errors.Is(err, bot.ErrLostJob) {
		t.Errorf("a job that is over posts: %v", err)
	}
}

// TestDatabaseStopsTakingWrites lets a database fail in the middle of the work
// and come back: what was accepted before and what comes meanwhile is answered
// from memory, it is said, and afterwards all is as if nothing had been.
func TestDatabaseStopsTakingWrites(t *testing.T) {
	for name, fault := range map[string]struct {
		begin func(*testing.T, *store.Store) (end func())
		want  string
	}{
		"full":      {setting("max_page_count=1", "max_page_count=1000000"), "full"}, // 1 means: no more than there are
		"read-only": {setting("query_only=ON", "query_only=OFF"), "readonly"},
		"locked":    {lockedByAnother, "locked"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bot.db")
			s := open(t, path)
			_, stored := joined(t, s)
			var log bytes.Buffer
			in := bot.NewFallbackInbox(stored, slog.New(slog.NewTextHandler(&log, nil)))
			large := func(key string) bot.Event {
				e := event(key)
				e.Payload = bytes.Repeat([]byte("x"), 1<<17) // no free page has room for it
				return e
			}
			before := accept(t, in, large("before"), false)
			end := fault.begin(t, s)
			during := accept(t, in, large("during"), false)
			if during == nil || during.ID >= 0 {
				t.Fatalf("%+v, want a job in memory", during)
			}
			if err := in.Health(); err == nil || !strings.Contains(err.Error(), fault.want) {
				t.Errorf("health: %v, want that it is %s", err, fault.want)
			}
			for _, e := range []bot.Event{large("before"), large("during")} {
				if accept(t, in, e, false) != nil {
					t.Errorf("%v: answered twice", e.Keys)
				}
			}
			for _, j := range []*bot.Job{before, during} {
				p, err := in.Begin(t.Context(), j, bot.Post{ID: j.Keys[0], Channel: "C"})
				if err != nil || p.State != bot.PostNew {
					t.Fatalf("%v cannot be answered: %+v, %v", j.Keys, p, err)
				}
				p.State, p.Message, p.Final = bot.PostSent, "1."+j.Keys[0], true
				if err := errors.Join(in.Record(t.Context(), j, p), in.Done(t.Context(), j)); err != nil {
					t.Errorf("%v: %v", j.Keys, err)
				}
			}
			end()
			twin := large("during")
			twin.Keys = append(twin.Keys, "its twin")
			if accept(t, in, twin, false) != nil || accept(t, in, large("its twin"), false) != nil {
				t.Error("what was answered from memory is answered again from the database")
			}
			after := accept(t, in, large("after"), false)
			if after == nil || after.ID < 0 || in.Health() != nil {
				t.Errorf("%+v, %v: the database is not used again", after, in.Health())
			}
			if n := strings.Count(log.String(), "takes no writes"); n < 1 || !strings.Contains(log.String(), "takes writes again") {
				t.Errorf("said %d times:\n%s", n, log.String())
			}
			var left int
			query(t, path, "SELECT count(*) FROM inbox", &left)
			if left != 1 {
				t.Errorf("%d events in the file, want the last one alone: a restart would answer again", left)
			}
		})
	}
}

// setting is a fault that a pragma makes and another one ends.
func setting(on, off string) func(*testing.T, *store.Store) func() {
	return func(t *testing.T, s *store.Store) func() {
		t.Helper()
		pragma(t, s, "PRAGMA "+on)
		return func() { pragma(t, s, "PRAGMA "+off) }
	}
}

// lockedByAnother has a transaction of another connection hold the file.
func lockedByAnother(t *testing.T, s *store.Store) func() {
	t.Helper()
	pragma(t, s, "PRAGMA busy_timeout=1") // nothing is gained by waiting
	db, err := sql.Open("sqlite3", "file:"+s.Path()+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}
