package discord

import (
	"context"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// BenchmarkAcknowledge sends 200 slash commands a second to an adapter whose
// workers are all stuck, and reports how long the first responses took.
func BenchmarkAcknowledge(b *testing.B) {
	d := fakediscord.New(fakediscord.Options{Buckets: []fakediscord.Bucket{}})
	defer d.Close()
	channel := d.AddChannel(d.AddGuild("Support", "de"), "mail")
	anna := d.AddUser("anna", "de")
	stuck := func(ctx context.Context, _ bot.Message) iter.Seq[bot.Answer] {
		return func(func(bot.Answer) bool) { <-ctx.Done() }
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	a, err := New(Config{Token: d.Token, APIURL: d.URL, Log: newDiscardLog(), Surface: bot.Surface{Commands: bot.Commands(), Handle: stuck}})
	if err != nil {
		b.Fatal(err)
	}
	go a.Run(ctx, nil)
	d.Await(ctx, func() bool { return len(d.Commands()) > 0 })

	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	var calls []*fakediscord.Interaction
	for b.Loop() {
		<-pace.C
		if len(calls) < maxQueued-1 {
			calls = append(calls, d.Slash(anna, channel, "test"))
		}
	}
	var took []time.Duration
	for _, c := range calls {
		d.Await(ctx, func() bool { return c.ResponseType() != 0 })
		took = append(took, c.RespondedAfter())
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}

// BenchmarkAnswer is a message through the adapter: event, thread, answer.
func BenchmarkAnswer(b *testing.B) {
	d := fakediscord.New(fakediscord.Options{Buckets: []fakediscord.Bucket{}})
	defer d.Close()
	anna := d.AddUser("anna", "de")
	dm := d.OpenDM(anna)
	a, err := New(Config{Token: d.Token, APIURL: d.URL, Log: newDiscardLog(), Surface: bot.Surface{Commands: bot.Commands(), Handle: echo}})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go a.Run(ctx, nil)
	d.Await(ctx, func() bool { return len(d.Commands()) > 0 })
	call := d.Slash(anna, dm, "test")
	d.Await(ctx, call.Answered)
	b.ReportAllocs()
	for b.Loop() {
		call := d.Slash(anna, dm, "test")
		d.Await(ctx, call.Answered)
	}
}
