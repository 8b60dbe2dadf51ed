package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

var (
	chaosRounds = flag.Int("rounds", 3, "how often the chaos tests kill a process")
	chaosSeed   = flag.Uint64("seed", 0, "seed of the chaos tests; 0 makes a new one")
)

// Load of the chaos tests.
const (
	chaosEvery    = 10 * time.Millisecond // 100 questions a second
	chaosRepeated = 0.2                   // delivered again, whether acknowledged or not
	chaosChannels = 40
)

// crowd asks questions and remembers them.
type crowd struct {
	s      *fakeslack.Server
	mu     sync.Mutex
	asked  []fakeslack.Said
	again  int
	random *rand.Rand
}

// ask lets people mention the bot, one every chaosEvery, until ctx ends.
func (c *crowd) ask(ctx context.Context) {
	tick := time.NewTicker(chaosEvery)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		n := i % chaosChannels
		said := c.s.Say(fmt.Sprintf("U%05d", n), fmt.Sprintf("C%05d", n), "", fakeslack.Mention()+" Welche Einstellungen hat GMX für IMAP?")
		c.mu.Lock()
		c.asked = append(c.asked, said)
		if c.random.Float64() < chaosRepeated {
			old := c.asked[max(0, len(c.asked)-1-c.random.IntN(200))]
			c.again++
			c.mu.Unlock()
			for _, d := range old.Deliveries {
				c.s.Redeliver(d)
			}
			continue
		}
		c.mu.Unlock()
	}
}

// outcome counts questions by what became of them.
type outcome struct {
	asked, again, acked, once, never, twice, unsent int
}

func (o outcome) String() string {
	return fmt.Sprintf("%d questions, %d delivered again; %d acknowledged; answered once %d, twice or more %d, acknowledged and never %d; %d never reached a process and were not answered",
		o.asked, o.again, o.acked, o.once, o.twice, o.never, o.unsent)
}

// count holds the answers against the questions. An answer stands in the
// thread of its question.
func (c *crowd) count() (o outcome) {
	answers := map[string]int{}
	for _, m := range c.s.Posts("") {
		answers[m.Channel+"/"+m.ThreadTS]++
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o.asked, o.again = len(c.asked), c.again
	for _, q := range c.asked {
		acked := acknowledged(q)
		if acked {
			o.acked++
		}
		switch n := answers[q.Channel+"/"+q.TS]; {
		case n > 1:
			o.twice++
		case n == 1:
			o.once++
		case acked:
			o.never++
		default:
			o.unsent++
		}
	}
	return o
}

// settle waits until every question that was acknowledged is answered, and
// nothing more comes.
func (c *crowd) settle(t *testing.T, within time.Duration) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var o outcome
	for calm := 0; calm < 5 && ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
		if now := c.count(); now.never == 0 && now == o {
			calm++
		} else {
			calm, o = 0, now
		}
	}
	return c.count()
}

func (c *crowd) check(t *testing.T, o outcome) {
	t.Helper()
	t.Log(o)
	if o.twice > 0 || o.never > 0 {
		t.Errorf("%d answered twice, %d lost", o.twice, o.never)
	}
}

// works waits until questions are taken again, however long a process takes to
// start: a round without any would show nothing.
func (c *crowd) works(t *testing.T) {
	t.Helper()
	before := c.acknowledged()
	await(t, "acknowledgements", func() bool { return c.acknowledged() >= before+10 })
}

func (c *crowd) acknowledged() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range c.asked {
		if acknowledged(q) {
			n++
		}
	}
	return n
}

func newCrowd(t *testing.T) (*crowd, *rand.Rand) {
	t.Helper()
	seed := *chaosSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d, %d rounds: repeat with -seed and -rounds", seed, *chaosRounds)
	random := rand.New(rand.NewPCG(seed, 1))
	return &crowd{s: workspace(t, chaosChannels), random: rand.New(rand.NewPCG(seed, 2))}, random
}

// round is a time of work, at the end of which something is broken.
func round(random *rand.Rand) time.Duration {
	return 300*time.Millisecond + time.Duration(random.Int64N(int64(1500*time.Millisecond)))
}

// TestChaosKill kills the one process that serves bot.db, again and again.
func TestChaosKill(t *testing.T) {
	c, random := newCrowd(t)
	f := newFleet(t, 1, slackEnv(c.s, filepath.Join(t.TempDir(), "bot.db"))...)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { c.ask(ctx) })
	for range *chaosRounds {
		f.connect(c.s, 0)
		c.works(t)
		time.Sleep(round(random)) // the point of the test: any moment
		f.kill(0)
	}
	f.connect(c.s, 0)
	stop()
	wg.Wait()
	c.check(t, c.settle(t, 2*time.Minute))
	if err := f.end(0, syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
}

// threeReplicas starts three processes on PostgreSQL and lets the crowd ask
// until stop is called.
func threeReplicas(t *testing.T, c *crowd, pg *pgtest.Server) (f *fleet, stop func()) {
	f = newFleet(t, 3, slackEnv(c.s, pg.Database(t))...)
	for i := range 3 {
		f.connect(c.s, i)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { c.ask(ctx) })
	return f, func() {
		cancel()
		wg.Wait()
	}
}

// TestChaosReplicas kills one of three processes on PostgreSQL in each round,
// and every fourth time PostgreSQL itself.
func TestChaosReplicas(t *testing.T) {
	c, random := newCrowd(t)
	pg := pgtest.Start(t, true)
	f, stop := threeReplicas(t, c, pg)
	for n := range *chaosRounds {
		c.works(t)
		time.Sleep(round(random)) // the point of the test: any moment
		if n%4 == 3 {
			pg.Stop(syscall.SIGQUIT)
			if err := pg.Run(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		victim := random.IntN(3)
		f.kill(victim)
		f.start(victim)
	}
	stop()
	c.check(t, c.settle(t, 3*time.Minute))
	for i := range 3 {
		if err := f.end(i, syscall.SIGTERM); err != nil {
			t.Errorf("SIGTERM: %v", err)
		}
	}
}

// TestRollingRestart restarts three replicas in turn, in order, under load.
func TestRollingRestart(t *testing.T) {
	c, _ := newCrowd(t)
	pg := pgtest.Start(t, false)
	f, stop := threeReplicas(t, c, pg)
	for i := range 3 {
		before := len(c.s.Posts(""))
		await(t, "answers between two restarts", func() bool { return len(c.s.Posts("")) > before+50 })
		began := time.Now()
		if err := f.end(i, syscall.SIGTERM); err != nil {
			t.Errorf("replica %d: %v", i, err)
		}
		t.Logf("replica %d ended in %s", i, time.Since(began).Round(time.Millisecond))
		f.connect(c.s, i) // or the next one to end may be the only one there
	}
	stop()
	o := c.settle(t, time.Minute)
	c.check(t, o)
	if o.unsent > 0 {
		t.Errorf("%d questions reached nobody, although two replicas were always there", o.unsent)
	}
}

// connect starts process i and waits until it is connected. The number of
// connections does not tell: there are those of the others, and perhaps still
// those of its predecessor.
func (f *fleet) connect(s *fakeslack.Server, i int) {
	f.t.Helper()
	before := s.Greeted()
	f.start(i)
	await(f.t, fmt.Sprintf("process %d's connection", i), func() bool { return s.Greeted() > before })
}

// await looks until cond holds, for longer than anything takes.
func await(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !cond(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestChaosDiscord kills the one process that serves Discord. Nothing may be
// lost: the next process resumes the session, and Discord sends again what came
// meanwhile. The rate is what Discord's 50 requests a second leave room for:
// two for a mention, one for a direct question, and after each start one for
// each channel.
func TestChaosDiscord(t *testing.T) {
	_, random := newCrowd(t)
	d := fakediscord.New(fakediscord.Options{})
	defer d.Close()
	guild := d.AddGuild("Support", "de")
	var channels, directs []string // each may be posted to only so often
	var people []fakediscord.User
	for i := range chaosChannels {
		people = append(people, d.AddUser(fmt.Sprint("u", i), "de"))
		channels = append(channels, d.AddChannel(guild, fmt.Sprint("mail-", i)))
		directs = append(directs, d.OpenDM(people[i]))
	}
	f := newFleet(t, 1, "DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token, "MAILHELPBOT_DB="+filepath.Join(t.TempDir(), "bot.db"))
	up := func() {
		f.start(0)
		await(t, "the gateway", d.Connected)
	}
	up()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var mentioned []string
	asked, again := 0, 0 // direct questions; what was delivered once more
	wg.Go(func() {
		repeat := rand.New(rand.NewPCG(3, 4))
		for i := 0; ctx.Err() == nil; i++ {
			if i%2 == 0 {
				mentioned = append(mentioned, d.Say(people[i/2%chaosChannels], channels[i/2%chaosChannels], d.Mention()+" Welche Einstellungen hat GMX für IMAP?"))
			} else {
				d.Say(people[i/2%chaosChannels], directs[i/2%chaosChannels], "Welche Einstellungen hat GMX für IMAP?")
				asked++
			}
			if repeat.Float64() < chaosRepeated {
				d.Resend(mentioned[max(0, len(mentioned)-1-repeat.IntN(50))])
				again++
			}
			time.Sleep(70 * time.Millisecond)
		}
	})
	for range *chaosRounds {
		time.Sleep(round(random)) // the point of the test: any moment
		f.kill(0)
		up()
	}
	stop()
	wg.Wait()
	count := func() (once, twice, never int) {
		for _, id := range mentioned {
			switch n := len(d.FromBot(id)); {
			case n == 0:
				never++
			case n == 1:
				once++
			default:
				twice++
			}
		}
		return once, twice, never
	}
	direct := func() (n int) {
		for _, c := range directs {
			n += len(d.FromBot(c))
		}
		return n
	}
	end := time.Now().Add(2 * time.Minute)
	for time.Now().Before(end) {
		if _, _, never := count(); never == 0 && direct() >= asked {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(2 * time.Second) // a second answer would come now
	once, twice, never := count()
	t.Logf("%d mentions, %d delivered again: answered once %d, twice %d, never %d; %d direct questions, %d answers; %d sessions begun, %d resumed",
		len(mentioned), again, once, twice, never, asked, direct(), d.Identifies(), d.Resumes())
	if twice+never > 0 || direct() != asked {
		t.Error("not every question was answered once")
	}
	if d.Resumes() == 0 {
		t.Error("no session was resumed")
	}
	if err := f.end(0, syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
}
