package discord

import (
	"context"
	"time"
)

// clock is the time that the adapter goes by; tests hold it.
type clock struct {
	now   func() time.Time
	after func(time.Duration) <-chan time.Time
}

// sleep waits for d, or for the end of ctx, whose error it then returns.
func (c clock) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-c.after(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
