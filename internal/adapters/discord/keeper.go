package discord

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// keeper sees to it that this process runs the shards that the board gives it.
// Its run alone changes what it holds; others read it under mu.
type keeper struct {
	a     *Adapter
	me    string
	alone bool
	news  chan struct{} // a shard has something to report

	agreeing  chan struct{} // holds one: what is seen is kept in order
	mu        sync.Mutex
	shards    map[shardID]*shard
	board     board            // as it was last seen
	seen      bool             // it was
	confirmed time.Time        // when, by the own clock, from before the look
	troubled  error            // why it was not seen last
	starved   map[shardID]bool // IDENTIFYs that are held back, as too few are left today
}

// boardName is the board's among what is agreed on, and in the Memory.
const boardName = "shards"

// How often the board is looked at: where others may change it, and where
// nobody else does. How long a look may take.
const (
	lookEvery  = time.Second
	lookWithin = 4 * time.Second
)

func newKeeper(a *Adapter) *keeper {
	return &keeper{a: a, me: rand.Text(), alone: a.cfg.Agree == nil, news: make(chan struct{}, 1), shards: map[shardID]*shard{}, starved: map[shardID]bool{}, agreeing: make(chan struct{}, 1)}
}

// run keeps the shards until ctx ends, or one of them fails for good.
func (k *keeper) run(ctx context.Context) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx)) // a shard is told why it is stopped
	defer end()
	go bot.Fenced(k.a.log, func() { k.guard(life) })
	defer k.leave()
	var r tidings
	var timer <-chan time.Time
	for {
		k.collect(&r)
		err := r.fatal
		if err == nil {
			err = k.look(ctx, r)
		}
		var closed *closedError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &closed):
			return err
		case err != nil:
			k.trouble(err)
		default:
			if r = k.follow(life); len(r.given) > 0 {
				continue // at once, as another process waits for them
			}
		}
		if timer == nil {
			timer = k.a.clock.after(k.pause())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-k.news:
		case <-timer:
			timer = nil
		}
	}
}

// pause is the time between two looks at the board: long where nobody else
// changes it.
func (k *keeper) pause() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.alone && k.board.Count != 0 && k.troubled == nil {
		return askEvery
	}
	return lookEvery
}

// collect adds what became of the shards by themselves.
func (k *keeper) collect(r *tidings) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.live = map[shardID]bool{}
	for p, s := range k.shards {
		select {
		case <-s.done:
			delete(k.shards, p)
			r.end(p, s.err)
		default:
			r.live[p] = s.gate.up.Load()
		}
	}
}

// end notes why a shard has ended by itself.
func (r *tidings) end(p shardID, err error) {
	var closed *closedError
	switch {
	case errors.As(err, &closed) && (closed.code == 4010 || closed.code == 4011):
		if r.refused == nil {
			r.refused = map[shardID]int{}
		}
		r.refused[p] = closed.code
	case errors.Is(err, errGone):
		r.ended = append(r.ended, p)
	case err != nil:
		r.fatal = err
	}
}

// look reports to the board; when it is this process's turn, it asks Discord
// how many shards there should be.
func (k *keeper) look(ctx context.Context, r tidings) error {
	due := false
	err := k.agree(ctx, func(b *board, now time.Time) error {
		if k.alone {
			b.Members = nil
		}
		due = b.attend(now, k.me, r)
		return nil
	})
	if err != nil || !due {
		return err
	}
	said, err := k.ask(ctx)
	if err != nil {
		k.a.log.Warn("how many shards there should be is not known", "error", err.Error())
	}
	return k.agree(ctx, func(b *board, now time.Time) error {
		if err != nil {
			if code, _ := b.refused(); code != 0 || b.Count == 0 {
				b.Asked = time.Time{} // it cannot wait
			}
			return nil
		}
		b.Starts.told(now, said.Limit, said.answered)
		if err := b.told(now, said.Shards, k.a.log); err != nil {
			return err
		}
		b.attend(now, k.me, tidings{})
		return nil
	})
}

// gatewayBot is what Discord answers to GET /gateway/bot.
type gatewayBot struct {
	Shards int        `json:"shards"`
	Limit  startLimit `json:"session_start_limit"`

	answered int // IDENTIFYs that were known to be answered when it was asked
}

// ask asks Discord about shards and sessions, and does not wait for long: who
// does not look at the board in time loses the shards.
func (k *keeper) ask(ctx context.Context) (said gatewayBot, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	k.mu.Lock()
	answered := k.board.Starts.Answered
	k.mu.Unlock()
	err = k.a.rest.do(ctx, call{method: "GET", path: "/gateway/bot", out: &said, again: true})
	said.answered = answered
	return said, err
}

// follow starts and stops shards as the board has it, and returns which were
// stopped for others.
func (k *keeper) follow(life context.Context) (r tidings) {
	k.mu.Lock()
	b := k.board // nobody changes it any more
	k.mu.Unlock()
	for p, s := range k.shards {
		switch seat := b.Seats[p]; {
		case seat == nil:
			k.halt(s, errEndForGood)
		case seat.Owner != k.me:
			k.a.log.Warn("a shard was taken", "shard", p.String())
			k.halt(s, errTaken)
		default:
			s.retire(seat.Ending)
		}
	}
	r.given = b.surplus(k.me)
	var stopped []*shard
	for _, p := range r.given {
		if s := k.shards[p]; s != nil {
			k.a.log.Info("a shard is given away", "shard", p.String())
			k.halt(s, errGiven)
			stopped = append(stopped, s)
		}
	}
	for _, s := range stopped {
		<-s.done
	}
	for p, seat := range b.Seats {
		if seat.Owner == k.me && seat.Refused == 0 && !slices.Contains(r.given, p) && k.shards[p] == nil {
			k.a.log.Info("a shard is ours", "shard", p.String(), "ending", seat.Ending)
			s := k.a.shard(life, k, p, seat.Ending)
			k.mu.Lock()
			k.shards[p] = s
			k.mu.Unlock()
		}
	}
	return r
}

// halt stops a shard.
func (k *keeper) halt(s *shard, why error) {
	s.stop(why)
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.shards, s.id)
}

// trouble notes that the board cannot be reached.
func (k *keeper) trouble(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.troubled == nil {
		k.a.log.Warn("who has which shard is not known", "error", err.Error())
	}
	k.troubled = err
}

// guard lets all shards go before others can take them, while a look at the
// board may still be waiting for its answer. Once the board can be reached
// again, run starts those that are still this process's.
func (k *keeper) guard(ctx context.Context) {
	if k.alone {
		return
	}
	for left := letGoAfter; k.a.clock.sleep(ctx, max(left, lookEvery)) == nil; {
		k.mu.Lock()
		if left = k.confirmed.Add(letGoAfter).Sub(k.a.clock.now()); left <= 0 {
			for _, s := range k.shards {
				s.stop(errTaken)
			}
		}
		k.mu.Unlock()
	}
}

// leave stops all shards so that others can resume them, and says so at once.
func (k *keeper) leave() {
	var stopped []*shard
	for _, s := range k.shards {
		k.halt(s, errGiven)
		stopped = append(stopped, s)
	}
	for _, s := range stopped {
		<-s.done
	}
	err := k.agree(context.Background(), func(b *board, _ time.Time) error {
		b.leave(k.me)
		return nil
	})
	if err != nil {
		k.a.log.Warn("shards not given back; others take them over when this process has been silent for a while", "error", err.Error())
	}
}

// agree changes the board and keeps what it looks like then.
func (k *keeper) agree(ctx context.Context, change func(*board, time.Time) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookWithin)
	defer cancel()
	select {
	case k.agreeing <- struct{}{}:
		defer func() { <-k.agreeing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	before := k.a.clock.now()
	var b board
	var refused error
	err := k.a.agree(ctx, boardName, func(old []byte, now time.Time) []byte {
		b, refused = board{}, nil
		if old != nil && json.Unmarshal(old, &b) != nil {
			b = board{} // of a version that wrote it otherwise
		}
		if b.Members[k.me] != (time.Time{}) {
			b.Members[k.me] = now
		}
		if refused = change(&b, now); refused != nil {
			return nil
		}
		data, err := json.Marshal(&b)
		if err != nil {
			refused = err
			return nil
		}
		return data
	})
	if err = errors.Join(err, refused); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.troubled != nil {
		k.a.log.Info("who has which shard is known again")
	}
	k.board, k.seen, k.troubled = b, true, nil
	if !b.Members[k.me].IsZero() && k.confirmed.Before(before) {
		k.confirmed = before
	}
	return nil
}

// fresh says that no other process can have taken what this one has.
func (k *keeper) fresh() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.alone || k.a.clock.now().Sub(k.confirmed) < letGoAfter
}

// ours waits until it is.
func (k *keeper) ours(ctx context.Context) error {
	for !k.fresh() {
		if err := k.a.clock.sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
	return ctx.Err()
}
