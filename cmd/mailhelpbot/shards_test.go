package main

import (
	"encoding/json"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

// town is a Discord with many servers, where people ask several processes with
// several shards.
type town struct {
	*fakediscord.Server
	t      *testing.T
	st     *store.Store // that of the processes
	guilds []string
	anna   fakediscord.User
	asked  map[string]string // where the answer stands, by question
}

func newTown(t *testing.T, shards, concurrency int, db string) *town {
	t.Helper()
	w := &town{t: t, Server: fakediscord.New(fakediscord.Options{MaxConcurrency: concurrency}), asked: map[string]string{}}
	t.Cleanup(w.Close)
	var err error
	if w.st, err = store.Open(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.st.Close() })
	w.SetShards(shards)
	for range 16 {
		w.guilds = append(w.guilds, w.AddGuild("Verein", "de"))
	}
	w.anna = w.AddUser("anna", "de")
	return w
}

// ask asks n questions, each in the next server; every fifth in a direct message.
func (w *town) ask(n int) {
	const question = "Welche Einstellungen hat GMX für IMAP?"
	for range n {
		i := len(w.asked)
		if i%5 == 4 {
			u := w.AddUser(fmt.Sprint("u", i), "de")
			dm := w.OpenDM(u)
			w.asked[w.Say(u, dm, question)] = dm
			continue
		}
		id := w.Say(w.anna, w.AddChannel(w.guilds[i%len(w.guilds)], fmt.Sprint("c", i)), w.Mention()+" "+question)
		w.asked[id] = id
	}
}

func (w *town) answered() bool {
	for _, at := range w.asked {
		if len(w.FromBot(at)) == 0 {
			return false
		}
	}
	return true
}

// await waits for longer than the other tests: sessions are begun five seconds
// apart.
func (w *town) await(what string, cond func() bool) {
	w.t.Helper()
	for end := time.Now().Add(4 * time.Minute); !cond(); {
		if time.Now().After(end) {
			w.t.Fatalf("waited in vain for %s: %+v, connected %v", what, w.change(nil), w.Live(w.change(nil).Count))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// change edits the board on which the processes agree.
func (w *town) change(f func(map[string]any)) (b struct {
	Count   int
	Members map[string]time.Time
	Seats   map[string]struct {
		Owner string
		Live  bool
	}
},
) {
	w.t.Helper()
	err := w.st.Agree(w.t.Context(), "discord/shards", func(old []byte, _ time.Time) []byte {
		if old == nil {
			return nil
		}
		raw := map[string]any{}
		if err := json.Unmarshal(old, &raw); err != nil {
			w.t.Error(err)
		}
		if err := json.Unmarshal(old, &b); err != nil {
			w.t.Error(err)
		}
		if f == nil {
			return nil
		}
		f(raw)
		out, err := json.Marshal(raw)
		if err != nil {
			w.t.Error(err)
		}
		return out
	})
	if err != nil {
		w.t.Error(err)
	}
	return b
}

// spread says that n shards, and no others, are connected, each to one of so
// many processes, which have about the same number.
func (w *town) spread(n, processes int) bool {
	b := w.change(nil)
	held := map[string]int{}
	for _, s := range b.Seats {
		if !s.Live {
			return false
		}
		held[s.Owner]++
	}
	for _, h := range held {
		if h < n/processes || h > (n+processes-1)/processes {
			return false
		}
	}
	return b.Count == n && len(b.Seats) == n && len(held) == processes && len(b.Members) == processes && len(w.Live(n)) == n
}

// check holds that every question has one answer, and what Discord demands of
// sessions.
func (w *town) check(identifies int) {
	w.t.Helper()
	for id, at := range w.asked {
		if n := len(w.FromBot(at)); n != 1 {
			w.t.Errorf("%d answers to %s", n, id)
		}
	}
	log := w.IdentifyLog()
	for _, id := range log {
		if id.Early {
			w.t.Errorf("an IDENTIFY came too early: %+v", log)
		}
	}
	if len(log) != identifies {
		w.t.Errorf("%d IDENTIFYs, want %d: %+v", len(log), identifies, log)
	}
	if n := w.Doubled(); n > 0 {
		w.t.Errorf("%d times two sessions for a shard", n)
	}
}

// TestShardsOverProcesses runs five shards over three processes on PostgreSQL:
// one is killed, one is told to stop, one comes back, and the number of shards
// grows, all while people ask.
func TestShardsOverProcesses(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t, false)
	for _, concurrency := range []int{1, 2} {
		t.Run(fmt.Sprint("max_concurrency ", concurrency), func(t *testing.T) {
			t.Parallel()
			db := pg.Database(t)
			w := newTown(t, 5, concurrency, db)
			f := newFleet(t, 3, "DISCORD_API_URL="+w.URL, "DISCORD_TOKEN="+w.Token, "MAILHELPBOT_DB="+db)
			began := time.Now()
			lap := func(what string) {
				t.Logf("%s after %s; %d sessions begun, %d resumed", what, time.Since(began).Round(100*time.Millisecond), w.Identifies(), w.Resumes())
				began = time.Now()
			}
			for i := range 3 {
				f.start(i)
			}
			w.await("five shards over three processes", func() bool { return w.spread(5, 3) })
			lap("all connected")
			w.ask(20)
			w.await("answers", w.answered)
			w.check(5)

			began = time.Now()
			w.ask(5)
			f.kill(0)
			w.ask(15)
			w.await("the take-over", func() bool { return w.spread(5, 2) && w.answered() }) // within thirty seconds; by the clock of a test that is held in the adapter's
			lap("one killed: taken over and all answered")

			w.ask(5)
			if err := f.end(1, syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			w.ask(5)
			w.await("the hand-over", func() bool { return w.spread(5, 1) && w.answered() })
			lap("one stopped: handed over and all answered")
			f.start(0)
			f.start(1)
			w.await("the return", func() bool { return w.spread(5, 3) })
			lap("two started: even shares again")
			w.check(5)

			w.SetShards(7)
			w.change(func(b map[string]any) { b["asked"] = time.Time{} })
			asked := time.Now()
			w.await("seven shards", func() bool {
				if time.Since(asked) > 500*time.Millisecond {
					w.ask(1)
					asked = time.Now()
				}
				return w.spread(7, 3) && len(w.Live(5)) == 0
			})
			w.ask(10)
			w.await("answers", w.answered)
			lap("seven shards instead of five")
			w.check(12)
			t.Logf("%d questions, one answer each", len(w.asked))
		})
	}
}
