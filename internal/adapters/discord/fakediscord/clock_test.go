package fakediscord

import (
	"context"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := NewClock(start)
	a, b := c.After(time.Second), c.After(time.Minute)
	if err := c.AwaitTimer(t.Context(), time.Second); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Second)
	if got := <-a; !got.Equal(start.Add(time.Second)) {
		t.Errorf("fired at %v", got)
	}
	select {
	case <-b:
		t.Error("fired too early")
	default:
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if c.AwaitTimer(ctx, time.Second) == nil {
		t.Error("nobody waits for a second")
	}
	<-c.After(0)
	c.Advance(time.Hour)
	<-b
}
