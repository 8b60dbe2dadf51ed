package discord

import (
	"context"
	"errors"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// shard is one shard that this process has, while it has it.
type shard struct {
	id    shardID
	gate  *gateway
	clock clock
	ctx   context.Context // of its life
	stop  context.CancelCauseFunc
	done  chan struct{} // closed when it has ended
	err   error         // why, once done is closed
}

// Why a shard is stopped, besides errEndForGood.
var (
	errGiven = errors.New("discord: the shard is another process's now") // in order: the other one resumes
	errTaken = errors.New("discord: the shard was taken")                // nothing may be kept any more
)

// How long events that came last may take to be stored when a shard is given
// away, and how long an ending shard's session still delivers what lies in it.
const (
	settleWithin = time.Second
	lingerFor    = 5 * time.Second
)

// shard runs one, from the session that was kept of it, until it is stopped.
func (a *Adapter) shard(ctx context.Context, k *keeper, p shardID, ending bool) *shard {
	ctx, stop := context.WithCancelCause(ctx)
	g := &gateway{
		id: p, api: a.api, token: a.cfg.Token, rest: a.rest, clock: a.clock, log: a.log, wishes: a.wishes,
		events: a.event, permit: k.permit, ours: k.ours, news: k.news, begun: make(chan struct{}, 1),
	}
	s := &shard{id: p, gate: g, ctx: ctx, stop: stop, done: make(chan struct{}), clock: a.clock}
	s.retire(ending)
	go func() {
		defer close(s.done)
		defer signal(k.news)
		bot.Fenced(a.log, func() { s.err = a.keepShard(ctx, k, s) })
	}()
	return s
}

// keepShard connects and keeps the session until ctx ends.
func (a *Adapter) keepShard(ctx context.Context, k *keeper, s *shard) error {
	var kept session
	if a.kept(s.name(), &kept) && kept.ID != "" {
		s.gate.trail.restore(kept)
		a.know("", kept.App)
	}
	saving, saved := context.WithCancel(ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		a.saveSession(saving, k, s)
	}()
	err := s.gate.run(ctx)
	saved()
	<-written
	switch why := context.Cause(ctx); {
	case errors.Is(err, errGone), errors.Is(why, errEndForGood):
		a.keep(s.name(), session{}, sessionLives)
	case errors.Is(why, errTaken):
	default:
		select {
		case <-s.gate.trail.settled():
		case <-time.After(settleWithin):
		}
		a.keep(s.name(), a.safeSession(s), sessionLives)
	}
	if errors.Is(context.Cause(ctx), errEndForGood) && err == nil {
		return errGone
	}
	return err
}

// retire makes the shard one that ends, or takes that back. It ends once it has
// been connected for a while: others get its guilds' events by then.
func (s *shard) retire(ending bool) {
	if s.gate.ending.Swap(ending) || !ending {
		return
	}
	s.gate.wishes.lost(s.gate)
	go bot.Fenced(s.gate.log, func() {
		for s.clock.sleep(s.ctx, lingerFor) == nil && s.gate.ending.Load() {
			if s.gate.up.Load() {
				s.stop(errEndForGood)
			}
		}
	})
}

// name is that under which the session is kept. One shard alone has the name
// that it had before there could be more.
func (s *shard) name() string {
	if s.id.N == 1 {
		return "session"
	}
	return "session/" + s.id.String()
}

// How often the session is kept when events came (what came since comes once
// more after a crash, and is known then), and when none came.
const (
	saveEvery  = 250 * time.Millisecond
	saveAnyway = sessionLives / 4
)

// saveSession keeps the session at its beginning, since without its id what is
// said after a crash is lost, and from time to time until ctx ends.
func (a *Adapter) saveSession(ctx context.Context, k *keeper, s *shard) {
	var last session
	var at time.Time
	bot.Rounds(ctx, a.log, saveEvery, s.gate.begun, func(bool) {
		now := a.safeSession(s)
		if (now != last || now.ID != "" && a.clock.now().Sub(at) > saveAnyway) && k.fresh() {
			a.keep(s.name(), now, sessionLives)
			last, at = now, a.clock.now()
		}
	})
}

func (a *Adapter) safeSession(s *shard) session {
	safe := s.gate.trail.safe()
	safe.App = a.self.Load().app
	return safe
}
