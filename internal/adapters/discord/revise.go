package discord

import (
	"context"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

var _ bot.Reviser = (*Adapter)(nil)

// Revise implements bot.Reviser.
func (a *Adapter) Revise(ctx context.Context, at bot.Place, id string, ans bot.Answer) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	to := at.Channel
	if at.Thread != "" {
		to = at.Thread
	}
	r := Render(ans)
	a.keepKeys(r.Keys)
	err := a.rest.do(ctx, call{
		method: "PATCH", path: "/channels/" + to + "/messages/" + id, route: "PATCH/" + to, body: post{Rendered: r}.body(), again: true,
	})
	a.sent(err)
	return err
}
