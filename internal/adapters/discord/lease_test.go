package discord

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// TestLeaseInABlackHole holds that a process whose database no longer answers
// lets the gateway go before the database may give it to another: 18 seconds
// after the question that was answered last, see store.Replica.
func TestLeaseInABlackHole(t *testing.T) {
	for name, lost := range map[string]func(context.Context) (bool, error){
		"silence": func(ctx context.Context) (bool, error) { <-ctx.Done(); return false, ctx.Err() },
		"refusal": func(context.Context) (bool, error) { return false, errors.New("connection refused") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked, questions := time.Now(), 0
				a := &Adapter{log: slog.New(slog.DiscardHandler), clock: clock{now: time.Now, after: time.After}}
				a.cfg.Lease = func(ctx context.Context, _ string) (bool, error) {
					questions++
					if questions > 3 {
						return lost(ctx)
					}
					at := time.Now()
					time.Sleep(4 * time.Second) // the answer is on its way
					asked = at
					return true, nil
				}
				ctx, stop := context.WithCancel(t.Context())
				var held time.Duration
				err := a.leased(ctx, func(ctx context.Context) error {
					<-ctx.Done()
					held = time.Since(asked)
					stop()
					return nil
				})
				if err != nil || held <= leaseEvery || held > leaseLost {
					t.Errorf("held for %s after the last question that was answered in time (%v), want at most %s", held, err, leaseLost)
				}
			})
		})
	}
}
