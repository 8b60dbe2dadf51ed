package discord

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// TestBoardInABlackHole holds that a process whose database no longer answers
// lets its shards go before others may take them, silentAfter from its last
// look on, also while a call hangs; and that it takes them up again later.
func TestBoardInABlackHole(t *testing.T) {
	for name, lost := range map[string]func(context.Context) error{
		"silence": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"refusal": func(context.Context) error { return errors.New("connection refused") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var board []byte
				var dark atomic.Bool
				var looked atomic.Pointer[time.Time]
				a, err := New(Config{
					Token: "t", APIURL: "http://127.0.0.1:1", Surface: bot.Surface{Handle: echo}, Log: newDiscardLog(),
					Agree: func(ctx context.Context, _ string, change func([]byte, time.Time) []byte) error {
						if dark.Load() {
							return lost(ctx)
						}
						at := time.Now()
						looked.Store(&at)
						time.Sleep(500 * time.Millisecond) // the answer is on its way
						if value := change(board, at); value != nil {
							board = value
						}
						return nil
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				board = []byte(`{"count":1,"asked":"` + time.Now().Format(time.RFC3339) + `"}`)
				a.rest.calls.Transport = nowhere{}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- a.keeper.run(ctx) }()
				time.Sleep(20 * time.Second)
				synctest.Wait()
				a.keeper.mu.Lock()
				held := a.keeper.shards[shardID{0, 1}]
				a.keeper.mu.Unlock()
				if held == nil || held.ctx.Err() != nil {
					t.Fatal("the shard is not held while the database answers")
				}
				dark.Store(true)
				<-held.ctx.Done()
				if after := time.Since(*looked.Load()); after < letGoAfter-time.Second || after >= silentAfter {
					t.Errorf("let go %s after the last look that was answered, want less than %s", after, silentAfter)
				}
				if err := a.keeper.ours(expired(t)); err == nil {
					t.Error("a connection may be made without knowing whose the shard is")
				}
				time.Sleep(10 * time.Second)
				dark.Store(false)
				time.Sleep(10 * time.Second)
				synctest.Wait()
				a.keeper.mu.Lock()
				again := a.keeper.shards[shardID{0, 1}]
				a.keeper.mu.Unlock()
				if again == nil || again == held || again.ctx.Err() != nil {
					t.Error("the shard was not taken up again")
				}
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// expired is a context that ends in a second.
func expired(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}

// nowhere is a network on which nothing can be reached.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no network") }
