package slack

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// benchWorkspace is a workspace with an adapter that answers by h.
func benchWorkspace(b *testing.B, h bot.Handler) *fakeslack.Server {
	b.Helper()
	s, err := fakeslack.Start(fakeslack.Options{Events: []string{"app_mention"}}) // nothing is sent but what the benchmark sends
	if err != nil {
		b.Fatal(err)
	}
	s.AddUser(fakeslack.User{ID: anna, Name: "anna"})
	s.AddChannel(fakeslack.Channel{ID: support, Name: "support", Members: []string{anna, fakeslack.BotUserID}})
	a, err := New(Config{BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.APIURL(), Connections: 1})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, h) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
		s.Close()
	})
	if err := s.Await(ctx, func() bool { return s.Sockets() == 1 }); err != nil {
		b.Fatal(err)
	}
	return s
}

func deliverCommand(s *fakeslack.Server, n int) *fakeslack.Delivery {
	return s.Deliver(fakeslack.KindCommand, map[string]any{
		"command": "/settings", "text": "gmx", "team_id": fakeslack.TeamID, "channel_id": support, "user_id": anna,
		"trigger_id": fmt.Sprint("t", n),
	})
}

// BenchmarkAnswer is one command from Slack's envelope to the posted answer,
// through a web socket, slack-go and the Web API on loopback.
func BenchmarkAnswer(b *testing.B) {
	s := benchWorkspace(b, once("hello"))
	n := 0
	for b.Loop() {
		n++
		deliverCommand(s, n)
	}
	if err := s.Await(b.Context(), func() bool { return len(s.Calls("chat.postMessage")) >= n }); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAcknowledge is the time from an envelope to its acknowledgement
// while every worker is busy and the queue grows.
func BenchmarkAcknowledge(b *testing.B) {
	release := make(chan struct{})
	s := benchWorkspace(b, func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(func(bot.Answer) bool) { <-release }
	})
	b.Cleanup(func() { close(release) })
	var took []time.Duration
	for b.Loop() {
		if len(took) == queueLength {
			b.Fatal("more envelopes than the queue holds: use -benchtime 5000x")
		}
		at := time.Now()
		if err := deliverCommand(s, len(took)).Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(at))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}
