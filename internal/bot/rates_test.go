package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

// slowly refills in hours what refills in minutes: the database goes by its own
// clock, and the test is not to hurry.
type slowly struct{ bot.Rates }

func (s slowly) Take(ctx context.Context, want []bot.Bucket) (int, time.Duration, error) {
	for i := range want {
		want[i].Per *= 60
	}
	return s.Rates.Take(ctx, want)
}

func (s slowly) Charge(ctx context.Context, b bot.Bucket) error {
	b.Per *= 60
	return s.Rates.Charge(ctx, b)
}

// TestRatesOfAllProcesses holds that two processes on one PostgreSQL refuse
// what one would, and that the limits stay, as each one's own, when PostgreSQL
// is away.
func TestRatesOfAllProcesses(t *testing.T) {
	pg := pgtest.Start(t, false)
	url := pg.Database(t)
	var bots [2]*crowd
	for i := range bots {
		s, err := store.Open(t.Context(), url, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		bots[i] = newCrowd(t)
		close(bots[i].gate)
		q, err := s.Quotas("token")
		if err != nil {
			t.Fatal(err)
		}
		bots[i].bot.Rates = slowly{q}
	}
	one, two := bots[0], bots[1]
	// A person: three a minute, wherever they are answered.
	one.tested(message("U1", "C1", host(0)))
	two.tested(message("U1", "C2", host(1)))
	one.tested(message("U1", "C3", host(2)))
	two.refused(message("U1", "C4", host(3)), "mehrere Tests", "/test h3.example.org:993")
	one.refused(message("U1", "C4", host(3)), "mehrere Tests")
	// A server: two a minute, and its network.
	one.tested(message("U2", "C5", "mail.example.org:993"))
	two.tested(message("U3", "C6", "mail.example.org:465"))
	one.refused(message("U4", "C7", "mail.example.org:995"), "mail.example.org wurde gerade erst getestet")
	for i := range 10 {
		bots[i%2].tested(message(fmt.Sprint("V", i), fmt.Sprint("D", i), host(20+i)))
	}
	two.refused(message("V20", "D20", host(35)), "8.8.200.0/24")

	pg.Stop(syscall.SIGQUIT)
	one.tested(message("U1", "C4", host(3))) // the third that one knows of
	one.refused(message("U1", "C4", host(4)), "mehrere Tests")
	two.tested(message("U1", "C8", host(4)))
	two.tested(message("U1", "C9", host(5)))
	two.refused(message("U1", "C9", host(6)), "mehrere Tests")
}

// counted are limits that always have a token, after a while.
type counted struct {
	bot.Rates
	takes atomic.Int64
}

func (c *counted) Take(context.Context, []bot.Bucket) (int, time.Duration, error) {
	c.takes.Add(1)
	time.Sleep(time.Second) // of the bubble's clock: meanwhile everybody has asked
	return -1, 0, nil
}

// TestAskedAtOnce holds that people who ask for the same test at the same
// moment are one test, and none of them is told that it has just been made.
func TestAskedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, err := store.Open(t.Context(), store.Memory, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		rates := &counted{}
		b := &bot.Bot{Store: st, Rates: rates, Now: time.Now, Log: slog.New(slog.DiscardHandler), Prober: &diagnose.Prober{
			Dial: func(context.Context, netip.AddrPort) (net.Conn, error) { return nil, syscall.ECONNREFUSED },
		}}
		book := knowledge.NewBook(knowledge.Facts{})
		b.Learn(book, match.New(book))
		c := &crowd{t: t, bot: b}
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				a, text := c.ask(message(fmt.Sprint("U", i), fmt.Sprint("C", i), "8.8.100.1:993"))
				if a.Private || !strings.HasPrefix(text, "Test: 8.8.100.1") {
					t.Errorf("asker %d: %s", i, text)
				}
			})
		}
		wg.Wait()
		if n := rates.takes.Load(); n != 1 {
			t.Errorf("%d tokens for one test", n)
		}
	})
}
