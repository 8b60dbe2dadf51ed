package discord

import (
	"context"
	"time"
)

// gatewayLease names the gateway among what only one process may have: two
// sessions would see everything twice, and cost IDENTIFYs.
const gatewayLease = "discord/gateway"

// leaseEvery is how often the lease is kept, or asked for. A process that
// cannot keep it for leaseLost lets the gateway go: another has it by now.
const (
	leaseEvery = 3 * time.Second
	leaseLost  = 15 * time.Second
)

// leased runs f while this process has the gateway, again and again until ctx
// ends or f fails. The next one resumes the session.
func (a *Adapter) leased(ctx context.Context, f func(context.Context) error) error {
	if a.cfg.Lease == nil {
		a.held.Store(true)
		return f(ctx)
	}
	for ctx.Err() == nil {
		has, err := a.cfg.Lease(ctx, gatewayLease)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("who has the gateway is not known", "error", err.Error())
		}
		if has {
			a.log.Info("the gateway is ours")
			a.standby.Store(false)
			a.held.Store(true)
			if err := a.whileHeld(ctx, f); err != nil || ctx.Err() != nil {
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

// whileHeld runs f until the lease is lost.
func (a *Adapter) whileHeld(ctx context.Context, f func(context.Context) error) error {
	ctx, lose := context.WithCancel(ctx)
	defer lose()
	go func() {
		kept := a.clock.now()
		for a.clock.sleep(ctx, leaseEvery) == nil {
			has, err := a.cfg.Lease(ctx, gatewayLease)
			switch {
			case err == nil && has:
				kept = a.clock.now()
			case err == nil, a.clock.now().Sub(kept) > leaseLost:
				lose()
			}
		}
	}()
	return f(ctx)
}
