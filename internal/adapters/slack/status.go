package slack

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// counters count since the start.
type counters struct {
	accepted, duplicates, refused, undecodable, limited, unknown atomic.Uint64

	open  atomic.Int64 // Socket Mode connections that said hello
	last  atomic.Int64 // Unix nanoseconds of the last event or hello
	pulse atomic.Int64 // Unix nanoseconds of the last byte on any socket
}

// garbled counts what was not understood.
func (a *Adapter) garbled() {
	a.stats.undecodable.Add(1)
	a.watch.Received(platform, bot.ReceiptGarbled)
}

// sent counts a post or an edit by its outcome, and returns its error. What
// was one call too many is counted where it is repeated.
func (a *Adapter) sent(err error) error {
	var limited *slack.RateLimitedError
	switch {
	case err == nil:
		a.watch.Sent(platform, bot.DeliveryOK)
	case errors.As(err, &limited):
	case ambiguous(err):
		a.watch.Sent(platform, bot.DeliveryUnknown)
	default:
		a.watch.Sent(platform, bot.DeliveryRefused)
	}
	return err
}

// Status is the state of the adapter, for health checks and metrics.
type Status struct {
	Ready       bool      // messages are taken
	Connections int       // Socket Mode connections that said hello
	LastEvent   time.Time // the last event or hello; zero before the first
	UnderWay    int       // accepted and not yet answered

	Accepted    uint64 // events, commands and interactions taken for answering
	Duplicates  uint64 // of these, dropped because they were known
	Refused     uint64 // not acknowledged because the queue was full
	Undecodable uint64 // envelopes that could not be read, acknowledged all the same
	RateLimited uint64 // calls that Slack answered with 429
	Unknown     uint64 // posts of which nobody knows whether they arrived
}

// Status returns the adapter's state. In Socket Mode it is ready only while a
// connection is open on which something was heard within the last 50 seconds.
func (a *Adapter) Status() Status {
	s := Status{
		Ready:       a.self.Load() != nil,
		Connections: int(a.stats.open.Load()),
		Accepted:    a.stats.accepted.Load(),
		Duplicates:  a.stats.duplicates.Load(),
		Refused:     a.stats.refused.Load(),
		Undecodable: a.stats.undecodable.Load(),
		RateLimited: a.stats.limited.Load(),
		Unknown:     a.stats.unknown.Load(),
	}
	if s.Ready {
		s.UnderWay = int(a.work.open.Load() + a.quick.open.Load())
		s.Ready = a.cfg.AppToken == "" || s.Connections > 0 && a.alive()
	}
	if n := a.stats.last.Load(); n != 0 {
		s.LastEvent = time.Unix(0, n)
	}
	return s
}
