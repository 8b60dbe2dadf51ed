package discord

import (
	"context"
	"iter"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// tally is an Observer that counts.
type tally struct {
	bot.Unobserved
	mu   sync.Mutex
	acks int
	got  map[string]int // receipts and deliveries
}

func (c *tally) Acknowledged(string, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acks++
}

func (c *tally) Received(_ string, r bot.Receipt) { c.add(string(r)) }

func (c *tally) Sent(_ string, d bot.Delivery) { c.add("sent " + string(d)) }

func (c *tally) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got[what]++
}

func (c *tally) of(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.got[what]
}

func TestObserverCountsWhatHappens(t *testing.T) {
	watch := &tally{got: map[string]int{}}
	one := func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) {
			yield(bot.Answer{Lang: "de", Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(bot.T("hier"))}}})
		}
	}
	s := newStage(t, one, func(_ *stage, c *Config, _ *fakediscord.Options) { c.Surface.Observer = watch })
	call := s.Slash(s.anna, s.channel, "mailhelp ask", fakediscord.Opt("question", "hilfe"))
	s.await("the answer", func() bool { return call.Message().Content != "" })
	id := s.Say(s.anna, s.channel, s.Mention()+" hilfe")
	s.Resend(id)
	eventually(t, s, "the counts", func() bool {
		return watch.of("accepted") == 2 && watch.of("duplicate") == 1 && watch.of("sent ok") == 2
	})
	s.Fail(fakediscord.Fault{Method: "POST", Path: "/channels/*/messages", Status: http.StatusBadRequest})
	s.Say(s.anna, s.OpenDM(s.anna), "hilfe")
	eventually(t, s, "the refusal", func() bool { return watch.of("sent refused") >= 1 })
	watch.mu.Lock()
	defer watch.mu.Unlock()
	if watch.acks != 1 {
		t.Errorf("%d acknowledgements of one interaction", watch.acks)
	}
	if s.adapter.LastEvent().IsZero() {
		t.Error("nothing ever came from the gateway")
	}
}

// eventually looks until cond holds, which nothing of the fake tells.
func eventually(t *testing.T, s *stage, what string, cond func() bool) {
	t.Helper()
	for !cond() {
		if s.ctx.Err() != nil {
			t.Fatalf("waited in vain for %s\n%s", what, s.transcript())
		}
		<-time.After(50 * time.Microsecond) // leaves the processor to what is waited for
	}
}
