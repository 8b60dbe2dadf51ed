package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// inboxes are where the platforms' events lie until they are answered.
type inboxes struct {
	replica *store.Replica // nil when the database takes no writes
	health  []func() error
	app     *app
}

// leaveWithin is how long the database may take when the work that is left is
// given back at the end.
const leaveWithin = 3 * time.Second

// join makes this process one of those that share the database's events. A file
// that takes no writes leaves the bot answering from memory.
func (a *app) join(ctx context.Context) (*inboxes, error) {
	r, err := a.store.Join(ctx, a.log)
	switch {
	case err == nil:
	case a.store.Shared():
		return nil, fmt.Errorf("database: %w", err)
	default:
		a.log.Error("the database takes no writes; answering from memory, nothing is remembered over a restart", "err", err)
	}
	return &inboxes{replica: r, app: a}, nil
}

// open makes the inbox of a platform, sealed under its token; nil is one in memory.
func (b *inboxes) open(platform, token string) (bot.Inbox, error) {
	if b.replica == nil {
		return nil, nil
	}
	in, err := b.replica.Inbox(platform, token)
	if err != nil {
		return nil, err
	}
	b.tellSealed(platform, in)
	if b.app.store.Shared() {
		return in, nil
	}
	f := bot.NewFallbackInbox(in, b.app.log)
	b.health = append(b.health, f.Health)
	return f, nil
}

// tellSealed says what an exchange of the token has cost, and the way back.
func (b *inboxes) tellSealed(platform string, in *store.Inbox) {
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	switch n, err := in.Sealed(ctx); {
	case err != nil:
		b.app.log.Warn("what waits was not looked through", "platform", platform, "err", err)
	case n > 0:
		b.app.log.Error("unanswered events were sealed under another token and cannot be read; they are kept for an hour. If the platform still takes the old token, start once with it to have them answered",
			"platform", platform, "rows", n)
	}
}

// agree is how the processes that share the database agree on something; nil
// where there are no others.
func (b *inboxes) agree() func(context.Context, string, func([]byte, time.Time) []byte) error {
	if b.replica == nil || !b.app.store.Shared() {
		return nil
	}
	return b.app.store.Agree
}

// healthy is nil while what comes in is stored.
func (b *inboxes) healthy() error {
	if b == nil {
		return nil
	}
	var err error
	for _, h := range b.health {
		err = errors.Join(err, h())
	}
	return err
}

// leave gives back what is not finished, for others or for the next start.
func (b *inboxes) leave() {
	if b.replica == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	if err := b.replica.Leave(ctx); err != nil {
		b.app.log.Warn("unfinished events not given back; others take them over when this process has been silent for a while", "err", err)
	}
}
