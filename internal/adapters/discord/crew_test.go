package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// crew is several adapters that share a bot's token, as processes on one
// database do. Its clock is moved by until alone, and never runs ahead of a
// process that has not looked at the board.
type crew struct {
	*fakediscord.Server
	t     *testing.T
	ctx   context.Context
	clock *fakediscord.Clock
	log   *logBuffer
	cfg   Config
	anna  fakediscord.User

	mu      sync.Mutex
	board   []byte
	members []*mate
	alone   bool              // there is one process at a time, without a shared board
	said    map[string]string // where the answer to a message stands, by message
}

type mate struct {
	*Adapter
	looked  time.Time
	reached time.Time // when it last reached the database
	cut     bool      // from the database
	stopped bool
	end     context.CancelFunc
	done    chan error
}

func newCrew(t *testing.T, shards int, o fakediscord.Options) *crew {
	t.Helper()
	t.Parallel()
	c := &crew{t: t, clock: fakediscord.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)), log: &logBuffer{}, said: map[string]string{}}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	c.ctx = ctx
	o.Clock = c.clock
	o.GlobalPerSecond, o.Buckets = -1, []fakediscord.Bucket{}
	c.Server = fakediscord.New(o)
	t.Cleanup(c.Close)
	c.SetShards(shards)
	c.anna = c.AddUser("anna", "de")
	c.cfg = Config{
		APIURL: c.URL, Token: c.Token, Now: c.clock.Now, After: c.clock.After, Log: slog.New(slog.NewTextHandler(c.log, nil)),
		Surface: bot.Surface{Commands: bot.Commands()}, Memory: newProcess(), Inbox: bot.NewMemoryInbox(c.clock.Now),
	}
	t.Cleanup(func() {
		for i := range c.members {
			c.leave(i)
		}
	})
	return c
}

// agree is Config.Agree of a member.
func (c *crew) agree(m *mate) func(context.Context, string, func([]byte, time.Time) []byte) error {
	return func(_ context.Context, _ string, change func([]byte, time.Time) []byte) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		m.looked = c.clock.Now()
		if m.cut {
			return errors.New("no database")
		}
		m.reached = c.clock.Now()
		if value := change(c.board, c.clock.Now()); value != nil {
			c.board = value
		}
		return nil
	}
}

// join starts another process.
func (c *crew) join() *mate {
	c.t.Helper()
	m := &mate{done: make(chan error, 1), looked: c.clock.Now()}
	cfg := c.cfg
	if !c.alone {
		cfg.Agree = c.agree(m)
	}
	var err error
	if m.Adapter, err = New(cfg); err != nil {
		c.t.Fatal(err)
	}
	var ctx context.Context
	ctx, m.end = context.WithCancel(context.Background())
	go func() {
		m.done <- m.Run(ctx, func(ctx context.Context, msg bot.Message) iter.Seq[bot.Answer] { return echo(ctx, msg) })
	}()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members = append(c.members, m)
	return m
}

// leave ends a process in order.
func (c *crew) leave(i int) {
	m := c.members[i]
	if m.stopped {
		return
	}
	c.mu.Lock()
	m.stopped = true
	c.mu.Unlock()
	m.end()
	select {
	case err := <-m.done:
		if err != nil && !c.t.Failed() {
			c.t.Errorf("Run: %v", err)
		}
	case <-c.ctx.Done():
		c.t.Errorf("Run did not return: %v", c.ctx.Err())
	}
}

// until lets time pass until cond holds, and returns how much did.
func (c *crew) until(what string, cond func() bool) time.Duration {
	c.t.Helper()
	began := c.clock.Now()
	for !cond() {
		if c.ctx.Err() != nil {
			c.t.Fatalf("after %s no %s\n%v\nboard %+v\nlog:\n%s", c.clock.Now().Sub(began), what, c.states(), c.seen(), c.log)
		}
		if c.attentive() {
			c.clock.Advance(50 * time.Millisecond)
		}
		<-time.After(time.Millisecond) // leaves the processor to what is waited for
	}
	return c.clock.Now().Sub(began)
}

// attentive says that all processes that run have looked at the board lately or
// let their shards go, and that no IDENTIFY is on its way, which takes time of the real clock.
func (c *crew) attentive() bool {
	now := c.clock.Now()
	for _, at := range c.seen().Starts.Keys {
		if at.Sub(now) > identifyPause {
			return false
		}
	}
	return c.alone || !slices.ContainsFunc(c.members, func(m *mate) bool {
		c.mu.Lock()
		behind, late := now.Sub(m.looked), now.Sub(m.reached)
		c.mu.Unlock()
		return !m.stopped && (behind > 2*lookEvery || late > letGoAfter+lookEvery && m.Shards().Live > 0)
	})
}

// seen is the board.
func (c *crew) seen() board {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

// read reads the board; c.mu is held.
func (c *crew) read() (b board) {
	if c.board != nil && json.Unmarshal(c.board, &b) != nil {
		c.t.Errorf("board: %s", c.board)
	}
	return b
}

// askSoon makes it high time to ask Discord for the number of shards.
func (c *crew) askSoon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.read()
	b.Asked = time.Time{}
	var err error
	if c.board, err = json.Marshal(b); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crew) states() (out []string) {
	for _, m := range c.members {
		out = append(out, m.Shards().String())
	}
	return out
}

// live says that all of n shards are connected, and that the processes know it.
func (c *crew) live(n int) bool {
	held := 0
	for _, m := range c.members {
		s := m.Shards()
		if m.stopped || m.cut {
			continue
		}
		if held += s.Held; s.Count != n || s.Held != s.Live {
			return false
		}
	}
	return held == n && len(c.Live(n)) == n
}

// fair says that no process holds more than one shard more than another.
func (c *crew) fair() bool {
	var held []int
	for _, m := range c.members {
		if !m.stopped && !m.cut {
			held = append(held, m.Shards().Held)
		}
	}
	return slices.Max(held)-slices.Min(held) <= 1
}

// say lets anna mention the bot in a new server, or in a direct message.
func (c *crew) say(guild bool) {
	n := len(c.said)
	if !guild {
		u := c.AddUser(fmt.Sprint("person", n), "de")
		dm := c.OpenDM(u)
		c.said[c.Say(u, dm, "gmx")] = dm
		return
	}
	id := c.Say(c.anna, c.AddChannel(c.AddGuild("Verein", "de"), "mail"), c.Mention()+" gmx")
	c.said[id] = id // the thread on it
}

// answered says that all that was said has an answer; each must be the only one.
func (c *crew) answered() bool {
	for _, at := range c.said {
		if len(c.FromBot(at)) == 0 {
			return false
		}
	}
	return true
}

// check holds what must be true of every run: one answer each, never two
// sessions for a shard, no IDENTIFY too early.
func (c *crew) check(identifies int) {
	c.t.Helper()
	for id, at := range c.said {
		if n := len(c.FromBot(at)); n != 1 {
			c.t.Errorf("%d answers to %s", n, id)
		}
	}
	log := c.IdentifyLog()
	for i, id := range log {
		if id.Early {
			c.t.Errorf("IDENTIFY %d came too early: %+v", i, log)
		}
	}
	if len(log) != identifies {
		c.t.Errorf("%d IDENTIFYs, want %d: %+v\n%s", len(log), identifies, log, c.log)
	}
	if n := c.Doubled(); n != 0 {
		c.t.Errorf("%d times two sessions for a shard", n)
	}
}

// Three processes share five shards evenly; the sessions are begun in order,
// five seconds apart for each key.
func TestShardsAreShared(t *testing.T) {
	for _, concurrency := range []int{1, 2} {
		t.Run(fmt.Sprint("max_concurrency ", concurrency), func(t *testing.T) {
			c := newCrew(t, 5, fakediscord.Options{MaxConcurrency: concurrency})
			for range 3 {
				c.join()
			}
			took := c.until("five shards", func() bool { return c.live(5) && c.fair() })
			if least := time.Duration((5-1)/concurrency) * 5 * time.Second; took < least {
				t.Errorf("took %s, less than %s", took, least)
			}
			bucket := 0
			for _, id := range c.IdentifyLog() {
				if at := id.Shard / concurrency; at < bucket {
					t.Errorf("out of order: %+v", c.IdentifyLog())
				} else {
					bucket = at
				}
			}
			for range 8 {
				c.say(true)
			}
			c.say(false)
			c.until("the answers", c.answered)
			for _, m := range c.members {
				if err := m.Health(); err != nil {
					t.Error(err)
				}
			}
			c.check(5)
		})
	}
}

// A process that comes later gets its share, and one that goes leaves it to
// the others at once: by RESUMEs alone, with nothing lost.
func TestShardsMoveBetweenProcesses(t *testing.T) {
	c := newCrew(t, 4, fakediscord.Options{MaxConcurrency: 4})
	c.join()
	c.until("four shards", func() bool { return c.live(4) })
	c.join()
	c.say(true)
	c.until("two shards each", func() bool { return c.live(4) && c.fair() })
	if n := c.Resumes(); n != 2 {
		t.Errorf("%d sessions resumed, want the two that moved", n)
	}
	for range 4 {
		c.say(true)
	}
	c.leave(0)
	for range 4 {
		c.say(true)
	}
	c.say(false)
	took := c.until("all with the other", func() bool {
		b := c.seen()
		return b.held(c.members[1].keeper.me, b.groups()[0]) == 4
	})
	if took > 4*lookEvery {
		t.Errorf("taken over after %s", took)
	}
	c.until("four shards", func() bool { return c.live(4) })
	c.until("the answers", c.answered)
	c.check(4)
}

// A process that does not reach the database any more lets its shards go before
// the others take them; they do within thirty seconds.
func TestASilentProcessLosesItsShards(t *testing.T) {
	c := newCrew(t, 5, fakediscord.Options{MaxConcurrency: 5})
	for range 3 {
		c.join()
	}
	c.until("five shards", func() bool { return c.live(5) && c.fair() })
	c.mu.Lock()
	c.members[0].cut = true
	c.mu.Unlock()
	let := c.until("the end of its connections", func() bool { return c.members[0].Shards().Live == 0 })
	for range 8 {
		c.say(true)
	}
	c.say(false)
	took := c.until("the take-over", func() bool {
		owners := map[string]int{}
		for _, s := range c.seen().Seats {
			owners[s.Owner]++
		}
		return owners[c.members[0].keeper.me] == 0 && owners[""] == 0
	})
	if let > silentAfter || took == 0 || let+took > 25*time.Second {
		t.Errorf("let go after %s, taken over %s later", let, took)
	}
	c.until("five shards", func() bool { return c.live(5) && c.fair() })
	c.until("the answers", c.answered)
	if err := c.members[0].Health(); err == nil {
		t.Error("the process without a database calls itself healthy")
	}
	c.check(5)
	c.mu.Lock()
	c.members[0].cut = false
	c.mu.Unlock()
	c.until("its return", func() bool { return c.live(5) && c.fair() })
	c.check(5)
}

// The number of shards changes while people ask: what both the old and the new
// shards hear is answered once, and nothing is lost.
func TestTheNumberOfShardsChanges(t *testing.T) {
	for _, step := range []struct{ from, to, identifies int }{{1, 4, 5}, {4, 2, 6}} {
		t.Run(fmt.Sprintf("%d to %d", step.from, step.to), func(t *testing.T) {
			c := newCrew(t, step.from, fakediscord.Options{})
			for range 3 {
				c.join()
			}
			c.until("the shards", func() bool { return c.live(step.from) && c.fair() })
			c.SetShards(step.to)
			c.askSoon()
			n := 0
			c.until("the new number", func() bool {
				if n++; n%20 == 0 {
					c.say(n%60 != 0)
				}
				return c.live(step.to) && len(c.Live(step.from)) == 0
			})
			c.say(true)
			c.until("the answers", func() bool { return c.answered() && c.fair() })
			c.check(step.identifies)
		})
	}
}

// Discord demands other shards, by a close code: all move to them at once.
func TestShardingRequired(t *testing.T) {
	for _, demand := range []struct{ code, recommended, want int }{{4011, 1, 2}, {4011, 3, 3}, {4010, 3, 3}} {
		t.Run(fmt.Sprintf("%d, recommended %d", demand.code, demand.recommended), func(t *testing.T) {
			c := newCrew(t, 1, fakediscord.Options{})
			c.join()
			c.join()
			c.until("one shard", func() bool { return c.live(1) })
			c.SetShards(demand.recommended)
			c.CloseGateway(demand.code)
			c.until("the shards", func() bool { return c.live(demand.want) && c.fair() })
			for range 6 {
				c.say(true)
			}
			c.until("the answers", c.answered)
			c.check(1 + demand.want)
		})
	}
}

// A process that is alone has all shards; the next one resumes each of them.
func TestShardsOutliveARestart(t *testing.T) {
	c := newCrew(t, 3, fakediscord.Options{})
	c.alone = true
	c.join()
	c.until("three shards", func() bool { return c.live(3) })
	for range 6 {
		c.say(true)
	}
	c.until("the answers", c.answered)
	c.leave(0)
	for range 6 {
		c.say(true)
	}
	c.say(false)
	c.join()
	c.until("three shards", func() bool { return c.live(3) && c.answered() })
	if n := c.Resumes(); n != 3 {
		t.Errorf("%d sessions resumed, want 3", n)
	}
	c.check(3)
}

// With ten sessions left, no process begins one more until Discord allows it; RESUMEs go on.
func TestTheAllowanceIsThatOfAllProcesses(t *testing.T) {
	c := newCrew(t, 4, fakediscord.Options{MaxConcurrency: 4, Identifies: minIdentifies + 6})
	c.join()
	c.join()
	c.until("four shards", func() bool { return c.live(4) && c.fair() })
	c.InvalidateSessions(false)
	starved := func() bool {
		return c.RemainingIdentifies() == minIdentifies && slices.ContainsFunc(c.members, func(m *mate) bool {
			err := m.Health()
			return err != nil && strings.Contains(err.Error(), "no more sessions")
		})
	}
	c.until("the end of the allowance", starved)
	if n := len(c.Live(4)); n != 2 {
		t.Errorf("%d shards are connected, want 2", n)
	}
	resumed := c.Resumes()
	c.Drop()
	c.until("RESUMEs", func() bool { return c.Resumes() == resumed+2 })
	c.SetRemainingIdentifies(100)
	c.until("four shards", func() bool { return c.live(4) && c.fair() })
	c.check(8)
}
