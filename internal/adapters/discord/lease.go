package discord

import (
	"context"
	"errors"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// gatewayLease names the gateway among what only one process may have: two
// sessions would see everything twice, and cost IDENTIFYs.
const gatewayLease = "discord/gateway"

// leaseEvery is how often the lease is kept, or asked for. A process that
// cannot keep it for leaseLost lets the gateway go, before another can have it.
const (
	leaseEvery = 3 * time.Second
	leaseLost  = 15 * time.Second
)

var errNoAnswer = errors.New("no answer")

// leased runs f while this process has the gateway, again and again until ctx
// ends or f fails. The next one resumes the session.
func (a *Adapter) leased(ctx context.Context, f func(context.Context) error) error {
	if a.cfg.Lease == nil {
		a.held.Store(true)
		return f(ctx)
	}
	for ctx.Err() == nil {
		asked := a.clock.now()
		has, err := a.cfg.Lease(ctx, gatewayLease)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("who has the gateway is not known", "error", err.Error())
		}
		if has {
			a.log.Info("the gateway is ours")
			a.standby.Store(false)
			a.held.Store(true)
			if err := a.whileHeld(ctx, asked, f); err != nil || ctx.Err() != nil {
				return err
			}
			a.held.Store(false)
			a.log.Info("the gateway is another process's")
		}
		a.standby.Store(err == nil)
		if a.clock.sleep(ctx, leaseEvery) != nil {
			break
		}
	}
	return nil
}

// whileHeld runs f until the lease is lost, which was asked for at kept. It
// counts from the question, not from the answer: that may have been on its way
// for long, and the database from which others have theirs knows no later time.
func (a *Adapter) whileHeld(ctx context.Context, kept time.Time, f func(context.Context) error) error {
	ctx, lose := context.WithCancel(ctx)
	defer lose()
	go func() {
		defer lose()
		for {
			left := kept.Add(leaseLost).Sub(a.clock.now())
			if left <= 0 || a.clock.sleep(ctx, min(leaseEvery, left)) != nil {
				return
			}
			asked := a.clock.now()
			within, cancel := context.WithTimeout(ctx, kept.Add(leaseLost).Sub(asked))
			has, err := false, errNoAnswer
			bot.Fenced(a.log, func() { has, err = a.cfg.Lease(within, gatewayLease) })
			cancel()
			switch {
			case err == nil && has:
				kept = asked
			case err == nil:
				return
			}
		}
	}()
	return f(ctx)
}
