package fakeslack

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Clock is a clock that stands still until a test moves it. The fake and the
// app under test share one, so that three seconds, thirty minutes and an edit
// a second are exact and cost no time. Safe for concurrent use.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	timers  []*timer
	changed chan struct{} // closed and replaced when timers change
}

type timer struct {
	at   time.Time
	fire func(time.Time)
}

// NewClock is a clock that shows t.
func NewClock(t time.Time) *Clock {
	return &Clock{now: t, changed: make(chan struct{})}
}

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After is time.After on this clock.
func (c *Clock) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	if d <= 0 {
		ch <- c.Now()
		return ch
	}
	c.AfterFunc(d, func(t time.Time) { ch <- t })
	return ch
}

// AfterFunc calls f once the clock has moved on by d, in the goroutine that
// moves it. stop prevents that if it has not happened yet.
func (c *Clock) AfterFunc(d time.Duration, f func(time.Time)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{at: c.now.Add(d), fire: f}
	c.timers = append(c.timers, t)
	c.notify()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.remove(t)
	}
}

// Advance moves the clock on by d and fires what falls due, in order.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	for {
		next := c.earliest(end)
		if next == nil {
			break
		}
		if next.at.After(c.now) {
			c.now = next.at
		}
		c.remove(next)
		now := c.now
		c.mu.Unlock()
		next.fire(now)
		c.mu.Lock()
	}
	c.now = end
	c.mu.Unlock()
}

// AwaitTimers returns when at least n timers wait on the clock: the way to
// know that the app under test has come to its pause. It fails when ctx ends.
func (c *Clock) AwaitTimers(ctx context.Context, n int) error {
	for {
		c.mu.Lock()
		have, changed := len(c.timers), c.changed
		c.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Pending is how long each timer still waits, the shortest first.
func (c *Clock) Pending() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]time.Duration, 0, len(c.timers))
	for _, t := range c.timers {
		out = append(out, t.at.Sub(c.now))
	}
	slices.Sort(out)
	return out
}

// earliest is the timer that fires next, or nil when none is due by end.
func (c *Clock) earliest(end time.Time) *timer {
	var next *timer
	for _, t := range c.timers {
		if !t.at.After(end) && (next == nil || t.at.Before(next.at)) {
			next = t
		}
	}
	return next
}

func (c *Clock) remove(t *timer) {
	for i, o := range c.timers {
		if o == t {
			c.timers = append(c.timers[:i], c.timers[i+1:]...)
			c.notify()
			return
		}
	}
}

func (c *Clock) notify() {
	close(c.changed)
	c.changed = make(chan struct{})
}
