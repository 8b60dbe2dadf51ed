package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// join opens the database as one more process.
func join(t *testing.T, address string) (*store.Replica, *store.Inbox) {
	t.Helper()
	return joined(t, open(t, address))
}

func joined(t *testing.T, s *store.Store) (*store.Replica, *store.Inbox) {
	t.Helper()
	r, err := s.Join(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Leave(context.Background()) })
	in, err := r.Inbox("slack", "xoxb-canary-token")
	if err != nil {
		t.Fatal(err)
	}
	return r, in
}

func event(keys ...string) bot.Event {
	return bot.Event{Platform: "slack", Tenant: "T1", Keys: keys, Kind: "events_api", Payload: []byte("canary-message-text " + keys[0])}
}

// accept accepts an event; there is no job if it was known.
func accept(t *testing.T, in bot.Inbox, e bot.Event, wait bool) *bot.Job {
	t.Helper()
	j, err := in.Accept(t.Context(), e, wait)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func take(t *testing.T, in bot.Inbox) []*bot.Job {
	t.Helper()
	jobs, err := in.Take(t.Context(), "slack", 100)
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func storedOnceByMany(t *testing.T, address string) {
	_, a := join(t, address)
	b := a
	if store.IsPostgres(address) {
		_, b = join(t, address)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for i := range 300 {
		wg.Go(func() {
			id := fmt.Sprint(i % 50)
			// In another order each time: no two may wait for each other.
			keys := [][]string{{"m" + id, "e" + id, "c" + id}, {"c" + id, "m" + id}, {"e" + id, "c" + id, "m" + id}}[i%3]
			j, err := []*store.Inbox{a, b}[i%2].Accept(context.Background(), event(keys...), false)
			if err != nil {
				t.Error(err)
			}
			if j != nil {
				mu.Lock()
				got[id]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(got) != 50 {
		t.Errorf("%d of 50 events were accepted", len(got))
	}
	for id, n := range got {
		if n != 1 {
			t.Errorf("event %s was accepted %d times", id, n)
		}
	}
}

func workIsHandedOn(t *testing.T, address string) {
	r, in := join(t, address)
	left := accept(t, in, event("1"), false)
	if err := r.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, heir := join(t, address)
	jobs := take(t, heir)
	if len(jobs) != 1 || jobs[0].ID != left.ID {
		t.Fatalf("took %+v, want what was left", jobs)
	}
	if j := accept(t, heir, event("1"), false); j != nil {
		t.Error("an event that was handed on is no longer known")
	}
}

// deadReplica holds that a process that is silent loses its work, and can post
// nothing any more.
func deadReplica(t *testing.T, address string) {
	_, dead := join(t, address)
	job := accept(t, dead, event("1"), false)
	exec(t, address, "UPDATE replica SET beat = beat - 17000")
	_, heir := join2(t, address)
	if jobs := take(t, heir); len(jobs) != 0 {
		t.Fatalf("took over from the living: %+v", jobs)
	}
	exec(t, address, "UPDATE replica SET beat = beat - 600000 WHERE id = (SELECT owner FROM inbox)")
	jobs := take(t, heir)
	if len(jobs) != 1 || jobs[0].Again != 1 {
		t.Fatalf("took %+v, want the event of the dead", jobs)
	}
	if _, err := dead.Begin(t.Context(), job, bot.Post{ID: "p"}); !errors.Is(err, bot.ErrLostJob) {
		t.Errorf("the dead posts: %v", err)
	}
	if p, err := heir.Begin(t.Context(), jobs[0], bot.Post{ID: "p"}); err != nil || p.State != bot.PostNew {
		t.Errorf("the heir cannot post: %+v, %v", p, err)
	}
}

// anotherToken holds that what was sealed under a token that was exchanged is
// counted, and kept for a process that has it, but not for ever.
func anotherToken(t *testing.T, address string) {
	r, in := join(t, address)
	accept(t, in, event("1"), true)
	next, err := r.Inbox("slack", "xoxb-another-token")
	if err != nil {
		t.Fatal(err)
	}
	accept(t, next, event("2"), true)
	sealed := func(in *store.Inbox, want int) {
		t.Helper()
		if n, err := in.Sealed(t.Context()); n != want || err != nil {
			t.Errorf("%d events of another token, %v; want %d", n, err, want)
		}
	}
	sealed(next, 1)
	if jobs := take(t, next); len(jobs) != 1 || string(jobs[0].Payload) != "canary-message-text 2" {
		t.Errorf("took %+v", jobs)
	}
	exec(t, address, "UPDATE inbox SET due = 0")
	if jobs := take(t, in); len(jobs) != 1 || string(jobs[0].Payload) != "canary-message-text 1" || jobs[0].Again != 1 {
		t.Errorf("with the old token: took %+v", jobs)
	}
	accept(t, in, event("3"), true)
	exec(t, address, "UPDATE inbox SET received = received - 3700000 WHERE owner = ''")
	if jobs, err := next.Take(t.Context(), "slack", 10); err == nil || len(jobs) != 0 {
		t.Errorf("took %+v, %v", jobs, err)
	}
	sealed(next, 1) // the one that is worked on
}

// join2 joins without thinking that nobody else can be alive, as SQLite's Join does.
func join2(t *testing.T, address string) (*store.Replica, *store.Inbox) {
	t.Helper()
	if store.IsPostgres(address) {
		return join(t, address)
	}
	var id string
	var beat int64
	query(t, address, "SELECT id, beat FROM replica", &id, &beat)
	r, in := join(t, address)
	exec(t, address, "INSERT INTO replica VALUES (?, ?)", id, beat)
	return r, in
}

// nothingReadable looks for what people wrote in everything that is on the disk.
func nothingReadable(t *testing.T, address string) {
	r, in := join(t, address)
	accept(t, in, event("1"), false)
	if store.IsPostgres(address) {
		var payload []byte
		query(t, address, "SELECT payload FROM inbox", &payload)
		if len(payload) == 0 || strings.Contains(string(payload), "canary") {
			t.Errorf("payload %q", payload)
		}
	} else {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			b, err := os.ReadFile(address + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), "canary") {
				t.Errorf("%s%s holds the message or the token", address, suffix)
			}
		}
	}
	if err := r.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	next, err := open(t, address).Join(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer next.Leave(context.Background())
	other, err := next.Inbox("slack", "xoxb-another-token")
	if err != nil {
		t.Fatal(err)
	}
	if jobs, err := other.Take(t.Context(), "slack", 10); err != nil || len(jobs) != 0 {
		t.Errorf("another token opens %+v, %v", jobs, err)
	}
	if jobs, err := other.Take(t.Context(), "slack", 10); err != nil || len(jobs) != 0 {
		t.Errorf("what cannot be opened comes again: %+v, %v", jobs, err)
	}
}

func eventIsGivenUp(t *testing.T, address string) {
	_, in := join(t, address)
	accept(t, in, event("old"), true)
	exec(t, address, "UPDATE inbox SET received = received - 3700000")
	accept(t, in, event("deadly"), true)
	exec(t, address, "UPDATE inbox SET again = 30 WHERE again = 0 AND received > (SELECT min(received) FROM inbox)")
	if jobs, err := in.Take(t.Context(), "slack", 10); err == nil || len(jobs) != 0 {
		t.Errorf("took %+v, %v", jobs, err)
	}
	if jobs := take(t, in); len(jobs) != 0 {
		t.Errorf("they come again: %+v", jobs)
	}
}
