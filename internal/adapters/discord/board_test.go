package discord

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// parish is a board with processes that come, die and go at random, each with
// its own idea of what it has. A Discord beside it counts IDENTIFYs.
type parish struct {
	t     *testing.T
	r     *rand.Rand
	now   time.Time
	board []byte
	all   []*sexton
	sent  []arrived // IDENTIFYs, by the time of their arrival
	limit startLimit
	names int
}

type arrived struct {
	at    time.Time
	shard shardID
}

// sexton is one process.
type sexton struct {
	name   string
	looked time.Time
	due    time.Time
	shards map[shardID]*bell
	given  []shardID
	ended  []shardID
}

// bell is a shard as its process knows it.
type bell struct {
	live     bool
	ending   bool
	since    time.Time // live
	answered time.Time // when an IDENTIFY that is on its way is answered
}

// change lets f change the board, as it is written and read again.
func (p *parish) change(f func(*board)) (b board) {
	p.t.Helper()
	if p.board != nil {
		if err := json.Unmarshal(p.board, &b); err != nil {
			p.t.Fatal(err)
		}
	}
	f(&b)
	var err error
	if p.board, err = json.Marshal(&b); err != nil {
		p.t.Fatal(err)
	}
	return b
}

func (p *parish) join() {
	p.names++
	p.all = append(p.all, &sexton{name: fmt.Sprint("p", p.names), looked: p.now, due: p.now, shards: map[shardID]*bell{}})
}

// look is one round of a process.
func (p *parish) look(s *sexton) {
	news := tidings{live: map[shardID]bool{}, given: s.given, ended: s.ended}
	for id, b := range s.shards {
		news.live[id] = b.live
	}
	board := p.change(func(b *board) { b.attend(p.now, s.name, news) })
	s.looked, s.given, s.ended = p.now, nil, nil
	for id := range s.shards {
		if seat := board.Seats[id]; seat == nil || seat.Owner != s.name {
			delete(s.shards, id)
		}
	}
	s.given = board.surplus(s.name)
	for _, id := range s.given {
		delete(s.shards, id)
	}
	for id, seat := range board.Seats {
		if seat.Owner != s.name || slices.Contains(s.given, id) {
			continue
		}
		if s.shards[id] == nil {
			s.shards[id] = &bell{since: p.now, live: p.r.IntN(3) > 0 && !p.cold(id)} // resumed, more often than not
		}
		s.shards[id].ending = seat.Ending
	}
}

// cold says that a shard never had a session.
func (p *parish) cold(id shardID) bool {
	return !slices.ContainsFunc(p.sent, func(a arrived) bool { return a.shard == id })
}

// work lets the shards of a process begin sessions and end.
func (p *parish) work(s *sexton) {
	for id, b := range s.shards {
		switch {
		case b.ending && (!b.live || p.now.Sub(b.since) > lingerFor):
			if !slices.Contains(s.ended, id) {
				s.ended = append(s.ended, id)
			}
		case b.live || b.ending:
		case b.answered.IsZero():
			granted := false
			p.change(func(bd *board) {
				if seat := bd.Seats[id]; seat != nil && seat.Owner == s.name {
					_, why := bd.begin(p.now, id)
					granted = why == hinderedNot
				}
			})
			if granted {
				took := time.Duration(p.r.IntN(6000)) * time.Millisecond
				b.answered = p.now.Add(took)
				p.sent = append(p.sent, arrived{p.now.Add(took / time.Duration(1+p.r.IntN(3))), id})
			}
		case !b.answered.After(p.now):
			b.live, b.since, b.answered = true, p.now, time.Time{}
			p.change(func(bd *board) { bd.begun(p.now, id, true) })
		}
	}
}

// step lets a quarter of a second pass.
func (p *parish) step() {
	p.now = p.now.Add(250 * time.Millisecond)
	for _, s := range p.all {
		if p.now.Sub(s.looked) >= letGoAfter {
			clear(s.shards)
		}
		if !s.due.After(p.now) {
			p.look(s)
			s.due = p.now.Add(lookEvery + time.Duration(p.r.IntN(500))*time.Millisecond)
		}
		p.work(s)
	}
	owner := map[shardID]string{}
	for _, s := range p.all {
		for id := range s.shards {
			if other := owner[id]; other != "" {
				p.t.Fatalf("%s and %s have shard %s", other, s.name, id)
			}
			owner[id] = s.name
		}
	}
}

// checkSent holds what Discord demands of IDENTIFYs.
func (p *parish) checkSent() {
	slices.SortStableFunc(p.sent, func(x, y arrived) int { return x.at.Compare(y.at) })
	last := map[int]time.Time{}
	for _, a := range p.sent {
		key := a.shard.I % p.limit.Concurrency
		if before, ok := last[key]; ok && a.at.Sub(before) < identifyPause {
			p.t.Errorf("shard %s comes %s after another with the key %d", a.shard, a.at.Sub(before), key)
		}
		last[key] = a.at
	}
	if n := len(p.sent); n > p.limit.Remaining-minIdentifies {
		p.t.Errorf("%d IDENTIFYs of %d", n, p.limit.Remaining)
	}
}

// quiet lets things settle and holds that all shards are connected, and evenly.
func (p *parish) quiet(count int) {
	p.t.Helper()
	for range 4 * 60 * 5 {
		p.step()
	}
	b := p.change(func(*board) {})
	if b.Count != count || b.Next != 0 || b.live(count) != count || len(b.Seats) != count || len(b.Members) != len(p.all) {
		p.t.Errorf("after a while: %+v of %d processes, want %d shards", b, len(p.all), count)
	}
	for _, s := range p.all {
		if n := len(s.shards); n < count/len(p.all) || n > (count+len(p.all)-1)/len(p.all) {
			p.t.Errorf("%s has %d of %d shards, with %d processes", s.name, n, count, len(p.all))
		}
	}
}

// TestBoard lets processes come, die, go and hang at random, and the number of
// shards change, and holds that no two processes ever have one shard, that
// IDENTIFYs keep their distance, and that all comes to rest evenly spread.
func TestBoard(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			p := &parish{t: t, r: r, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
			p.limit = startLimit{Total: 100_000, Remaining: 400, ResetAfter: 86_400_000, Concurrency: 1 + r.IntN(4)}
			count := 1 + r.IntN(8)
			tell := func() {
				p.change(func(b *board) {
					b.attend(p.now, p.all[0].name, tidings{})
					b.Moved = time.Time{} // moves may follow each other here
					if b.Starts.Total == 0 {
						b.Starts.told(p.now, p.limit, 0)
					}
					if err := b.told(p.now, count, newDiscardLog()); err != nil {
						t.Fatal(err)
					}
				})
			}
			p.join()
			tell()
			for range 30 {
				switch r.IntN(6) {
				case 0, 1:
					p.join()
				case 2: // dies
					if i := r.IntN(len(p.all)); len(p.all) > 1 {
						p.all = slices.Delete(p.all, i, i+1)
					}
				case 3: // goes in order
					if i := r.IntN(len(p.all)); len(p.all) > 1 {
						p.change(func(b *board) { b.leave(p.all[i].name) })
						p.all = slices.Delete(p.all, i, i+1)
					}
				case 4: // hangs for a while
					s := p.all[r.IntN(len(p.all))]
					s.due = p.now.Add(time.Duration(r.IntN(40)) * time.Second)
				case 5:
					count = 1 + r.IntN(8)
					tell()
				}
				for range r.IntN(160) {
					p.step()
				}
			}
			p.quiet(count)
			p.checkSent()
		})
	}
}
