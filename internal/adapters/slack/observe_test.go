package slack

import (
	"context"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// tally is an Observer that counts.
type tally struct {
	bot.Unobserved
	mu       sync.Mutex
	acks     []time.Duration
	receipts map[bot.Receipt]int
	sends    map[bot.Delivery]int
}

func newTally() *tally {
	return &tally{receipts: map[bot.Receipt]int{}, sends: map[bot.Delivery]int{}}
}

func (c *tally) Acknowledged(_ string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acks = append(c.acks, took)
}

func (c *tally) Received(_ string, r bot.Receipt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.receipts[r]++
}

func (c *tally) Sent(_ string, d bot.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sends[d]++
}

func (c *tally) counts(r bot.Receipt, d bot.Delivery) (receipts, sends, acks int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.receipts[r], c.sends[d], len(c.acks)
}

func TestObserverCountsWhatHappens(t *testing.T) {
	watch := newTally()
	r := newRig(t, setup{handle: once("here"), observer: watch, faulty: true})
	m := r.s.Say(anna, support, "", fakeslack.Mention()+" hilfe")
	r.settle(m.Deliveries...) // the mention and its twin, the message
	accepted, posted, acks := watch.counts(bot.ReceiptAccepted, bot.DeliveryOK)
	duplicates, _, _ := watch.counts(bot.ReceiptDuplicate, bot.DeliveryOK)
	if accepted != 1 || duplicates != 1 || posted != 1 {
		t.Errorf("%d accepted, %d duplicates, %d posted", accepted, duplicates, posted)
	}
	r.await("the acknowledgements", func() bool { _, _, acks = watch.counts("", ""); return acks >= 2 })

	r.s.Fail("chat.postMessage", fakeslack.Fault{Reset: true})
	r.settle(r.s.Say(anna, anna, "", "noch eine").Deliveries...)
	if _, unknown, _ := watch.counts("", bot.DeliveryUnknown); unknown != 1 {
		t.Errorf("%d of unknown outcome", unknown)
	}
	r.s.SendRaw(`{"type":"events_api"}`)
	r.await("the broken frame", func() bool { n, _, _ := watch.counts(bot.ReceiptGarbled, ""); return n == 1 })
}

func TestBacklogIsWhatWaits(t *testing.T) {
	gate := make(chan struct{})
	slow := func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(func(bot.Answer) bool) { <-gate }
	}
	r := newRig(t, setup{handle: slow})
	var ds []*fakeslack.Delivery
	for range workers + 5 {
		ds = append(ds, r.s.Say(anna, anna, "", "frage").Deliveries...)
	}
	r.await("five that wait", func() bool { n, _ := r.a.Backlog().Waiting(); return n == 5 })
	if _, oldest := r.a.Backlog().Waiting(); oldest.IsZero() {
		t.Error("they wait since never")
	}
	close(gate)
	r.settle(ds...)
	if n, _ := r.a.Backlog().Waiting(); n != 0 {
		t.Errorf("%d still wait", n)
	}
}

// TestDeadSocketIsNotReady holds a connection open on which nothing comes.
func TestDeadSocketIsNotReady(t *testing.T) {
	r := newRig(t, setup{still: true})
	r.await("ready", func() bool { return r.a.Status().Ready })
	r.s.Freeze(0)
	r.await("not ready", func() bool {
		r.clock.Advance(maxQuiet + time.Second) // more than once: a last byte may have been on its way
		return !r.a.Status().Ready
	})
	if n := r.a.Status().Connections; n != 1 {
		t.Errorf("%d connections: the socket should still look open", n)
	}
}
