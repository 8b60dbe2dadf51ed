package discord

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shardID is one shard of the gateway: its number and how many there are
// (discord.com/developers/docs/events/gateway#sharding).
type shardID struct{ I, N int }

// String is the shard as the log has it, and as the board is written.
func (p shardID) String() string { return strconv.Itoa(p.I) + "/" + strconv.Itoa(p.N) }

// MarshalText makes a shardID the key of a JSON object.
func (p shardID) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *shardID) UnmarshalText(b []byte) (err error) {
	i, n, _ := strings.Cut(string(b), "/")
	if p.I, err = strconv.Atoi(i); err == nil {
		p.N, err = strconv.Atoi(n)
	}
	return err
}

// board is what all processes with the same token agree on: how many shards
// there are, who has which, and what is left of the day's IDENTIFYs. One of
// them at a time reads, changes and writes it, so what is decided here is
// decided for all. Times are those of the clock that they share.
type board struct {
	Count   int                  `json:"count"`          // shards in force; 0 when Discord was not asked yet
	Next    int                  `json:"next,omitempty"` // shards that are begun beside them, to take their place
	Moved   time.Time            `json:"moved"`          // when they last did
	Asked   time.Time            `json:"asked"`          // when Discord was last asked how many there should be
	Members map[string]time.Time `json:"members"`        // the processes and when each last looked
	Seats   map[shardID]*seat    `json:"seats"`
	Starts  starts               `json:"starts"`
}

// seat is who has a shard, and how far it is.
type seat struct {
	Owner   string `json:"owner,omitempty"`
	Begun   bool   `json:"begun,omitempty"`   // the owner has begun or resumed its session
	Live    bool   `json:"live,omitempty"`    // and is connected
	Refused int    `json:"refused,omitempty"` // the close code with which Discord refuses the shard
	Ending  bool   `json:"ending,omitempty"`  // others have its guilds; it is resumed for what it still holds
}

// A process that did not look for silentAfter counts as dead, and others take
// its shards. It lets them go itself before that, after letGoAfter, by its own
// clock from before its last look.
const (
	silentAfter = 18 * time.Second
	letGoAfter  = 15 * time.Second
)

// How often Discord is asked for the number of shards, and how far apart two
// moves to another number are that Discord does not demand: each costs an
// IDENTIFY for every shard.
const (
	askEvery  = 10 * time.Minute
	moveEvery = time.Hour
)

// tidings are what became of a process's shards since it last looked.
type tidings struct {
	live    map[shardID]bool // connected or not
	given   []shardID        // stopped, for another process
	ended   []shardID        // ending shards that hold nothing more
	refused map[shardID]int  // close codes
	fatal   error            // what ends the process; never reported
}

// attend notes that a process lives and what it reports, and gives it what it
// is short of. It says whether the process is to ask Discord for the number of
// shards now.
func (b *board) attend(now time.Time, me string, r tidings) (ask bool) {
	if b.Members == nil {
		b.Members = map[string]time.Time{}
	}
	if b.Seats == nil {
		b.Seats = map[shardID]*seat{}
	}
	b.Members[me] = now
	b.bury(now, silentAfter)
	for _, s := range b.Seats {
		if _, ok := b.Members[s.Owner]; s.Owner != "" && !ok {
			s.free()
		}
	}
	b.enter(me, r)
	b.settle(now)
	for _, group := range b.groups() {
		for _, p := range group {
			if b.Seats[p].Owner == "" && b.held(me, group) < b.share(me, group) {
				*b.Seats[p] = seat{Owner: me, Ending: b.Seats[p].Ending}
			}
		}
	}
	if now.Sub(b.Asked).Abs() < askEvery {
		return false
	}
	b.Asked = now
	return true
}

// enter notes what a process reports of its shards.
func (b *board) enter(me string, r tidings) {
	mine := func(p shardID) *seat {
		if s := b.Seats[p]; s != nil && s.Owner == me {
			return s
		}
		return &seat{} // another's by now, or gone
	}
	for p, live := range r.live {
		s := mine(p)
		s.Live, s.Begun = live, s.Begun || live
	}
	for _, p := range r.given {
		mine(p).free()
	}
	for p, code := range r.refused {
		s := mine(p)
		s.free()
		if s.Refused = code; code != 0 {
			b.Asked = time.Time{}
		}
	}
	for _, p := range r.ended {
		if mine(p).Ending {
			delete(b.Seats, p)
		}
	}
}

// settle makes the next shards those in force once all of them are live, and
// sees to it that there is a seat for each shard.
func (b *board) settle(now time.Time) {
	if b.Next != 0 && b.live(b.Next) == b.Next {
		b.retire(b.Count)
		b.Count, b.Next, b.Moved = b.Next, 0, now
	}
	for _, n := range []int{b.Count, b.Next} {
		for i := range n {
			p := shardID{i, n}
			if b.Seats[p] == nil {
				b.Seats[p] = &seat{}
			}
			b.Seats[p].Ending = false
		}
	}
}

// retire lets the shards of a number end: each when what its session still
// holds was delivered.
func (b *board) retire(n int) {
	for p, s := range b.Seats {
		switch {
		case p.N != n:
		case s.Refused != 0:
			delete(b.Seats, p)
		default:
			s.Ending = true
		}
	}
}

func (s *seat) free() { s.Owner, s.Begun, s.Live = "", false, false }

// leave takes a process off the board.
func (b *board) leave(id string) {
	delete(b.Members, id)
	for _, s := range b.Seats {
		if s.Owner == id {
			s.free()
		}
	}
}

// groups are the shards to be held, those of one number together and in order.
func (b *board) groups() [][]shardID {
	by := map[int][]shardID{}
	for p, s := range b.Seats {
		if s.Refused == 0 {
			by[p.N] = append(by[p.N], p)
		}
	}
	var out [][]shardID
	for _, n := range slices.Sorted(maps.Keys(by)) {
		slices.SortFunc(by[n], func(a, b shardID) int { return cmp.Compare(a.I, b.I) })
		out = append(out, by[n])
	}
	return out
}

func (b *board) held(id string, group []shardID) (n int) {
	for _, p := range group {
		if b.Seats[p].Owner == id {
			n++
		}
	}
	return n
}

// share is how many shards of a group a process should have. Where it does not
// come out even, those keep one more that have more already.
func (b *board) share(id string, group []shardID) int {
	members := slices.SortedFunc(maps.Keys(b.Members), func(x, y string) int {
		return cmp.Or(b.held(y, group)-b.held(x, group), cmp.Compare(x, y))
	})
	n, m := len(group), len(members)
	share := n / m
	if slices.Index(members, id) < n%m {
		share++
	}
	return share
}

// surplus are the shards that a process has beyond its share: first those whose
// session has not begun, as it costs nothing to hand them over. One that is
// about to begin stays, or its IDENTIFY would be for nothing.
func (b *board) surplus(me string) (out []shardID) {
	for _, group := range b.groups() {
		var waiting, live []shardID
		for _, p := range group {
			switch s := b.Seats[p]; {
			case s.Owner != me:
			case s.Live:
				live = append(live, p)
			case !s.Begun:
				waiting = append(waiting, p)
			}
		}
		slices.Reverse(waiting)
		slices.Reverse(live)
		more := b.held(me, group) - b.share(me, group)
		mine := append(waiting, live...)
		out = append(out, mine[:max(0, min(more, len(mine)))]...)
	}
	return out
}

// live is how many shards of a number are connected.
func (b *board) live(n int) (live int) {
	for p, s := range b.Seats {
		if p.N == n && s.Live {
			live++
		}
	}
	return live
}

// maxAbove is how many times the recommended number may be exceeded when
// Discord demands more shards than it recommends.
const maxAbove = 16

// told is Discord's word on how many shards there should be. It fails when
// Discord refuses the shards that it recommends.
func (b *board) told(now time.Time, recommended int, log *slog.Logger) error {
	recommended = max(recommended, 1)
	code, n := b.refused()
	want := recommended
	switch {
	case b.Count == 0:
		b.Count = recommended
		return nil
	case code == 4010 && recommended == n, code == 4011 && n > maxAbove*recommended:
		return &closedError{code}
	case code == 4011 && recommended <= n: // a multiple of it is in order, ibid., "Sharding for Large Bots"
		want = (n/recommended + 1) * recommended
	case code != 0:
	case b.Next != 0 && recommended == b.Count:
		b.drop(b.Next)
		b.Next = 0
		return nil
	case want == cmp.Or(b.Next, b.Count), now.Sub(b.Moved) < moveEvery:
		return nil
	case b.Starts.Total > 0 && b.Starts.Left < want+minIdentifies:
		log.Warn("discord recommends another number of shards; too few sessions are left today for the move", "shards", b.Count, "recommended", want, "remaining", b.Starts.Left)
		return nil
	}
	if want == b.Next {
		return nil
	}
	log.Info("another number of shards", "shards", b.Count, "recommended", want, "close_code", code)
	b.move(want)
	return nil
}

// move begins another number of shards. Those in force stay until all of them
// are connected; where none is connected, there is nothing to wait for.
func (b *board) move(n int) {
	b.drop(b.Next)
	b.Next = 0
	if n == b.Count {
		return
	}
	for p, s := range b.Seats {
		if p.N == b.Count && s.Begun {
			b.Next = n
			return
		}
	}
	b.retire(b.Count)
	b.Count = n
}

// drop forgets shards that have nothing to deliver that others have not.
func (b *board) drop(n int) {
	maps.DeleteFunc(b.Seats, func(p shardID, _ *seat) bool { return n != 0 && p.N == n })
}

// refused is the close code that a shard in force or beginning was refused
// with, and of how many it is one; 0 for none.
func (b *board) refused() (code, n int) {
	for p, s := range b.Seats {
		if s.Refused != 0 && !s.Ending && p.N >= n {
			code, n = s.Refused, p.N
		}
	}
	return code, n
}

// Shards is the state of the gateway's shards.
type Shards struct {
	Count     int       // how many there are, of all processes; 0 while that is not known
	Processes int       // that share them
	Away      int       // of all, those that no process has connected
	Held      int       // of this process
	Live      int       // of those, connected
	Left      int       // IDENTIFYs that Discord still allows before Reset; -1 while that is not known
	Reset     time.Time // by the clock that the processes share
}

// String is the state in one line.
func (s Shards) String() string {
	if s.Count == 0 {
		return "no shards yet"
	}
	line := fmt.Sprintf("shards %d, held here %d, live %d", s.Count, s.Held, s.Live)
	if s.Left >= 0 {
		line += fmt.Sprintf("; sessions left today %d", s.Left)
	}
	return line
}

// state sums the board up for a process.
func (b *board) state(me string) Shards {
	s := Shards{Count: b.Count, Processes: len(b.Members), Away: b.Count - b.live(b.Count), Left: -1, Reset: b.Starts.Reset}
	if b.Starts.Total > 0 {
		s.Left = b.Starts.Left
	}
	for _, seat := range b.Seats {
		if seat.Owner == me {
			s.Held++
			if seat.Live {
				s.Live++
			}
		}
	}
	return s
}

// bury takes the processes off the board that were silent for longer than d.
func (b *board) bury(now time.Time, d time.Duration) {
	for id, seen := range b.Members {
		if now.Sub(seen) > d {
			b.leave(id)
		}
	}
}
