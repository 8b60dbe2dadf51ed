package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
)

// watchEvery is how often the operator's folder is looked at.
const watchEvery = 2 * time.Second

// watchKnowledge takes in the operator's folder whenever it changes, or at once
// on SIGHUP. A folder with a mistake leaves the knowledge in force as it is.
func (in *invocation) watchKnowledge(ctx context.Context, a *app) {
	shipped, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	folder := knowledge.NewFolder(os.DirFS(in.env.Knowledge), shipped)
	if u, _ := folder.Reload(); folder.Hash() != in.ownHash { // changed since the start has loaded it
		a.adopt(ctx, shipped, u)
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
				bot.Fenced(a.log, func() {
					if u, changed := folder.Reload(); changed {
						a.adopt(ctx, shipped, u)
					}
				})
			}
		}
	}()
	for u := range folder.Watch(ctx, tick.C) {
		a.adopt(ctx, shipped, u)
	}
}

func (a *app) adopt(ctx context.Context, shipped knowledge.Facts, u knowledge.Update) {
	for _, p := range u.Problems {
		a.log.Warn("knowledge", "problem", p.String())
	}
	if !u.Taken {
		a.log.Error("the changed knowledge is broken: the old one stays in force")
		return
	}
	book := knowledge.NewBook(shipped.Merge(u.Facts))
	m := match.New(book)
	m.Model() // trained before it answers, so that nobody waits for it
	a.bot.Learn(book, m)
	if err := a.bot.Refresh(ctx); err != nil {
		a.log.Error("taught articles not read", "err", err)
	}
	a.log.Info("knowledge reloaded", "records", book.Facts().Len())
}
