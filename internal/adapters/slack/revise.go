package slack

import (
	"context"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

var _ bot.Reviser = (*Adapter)(nil)

// Revise implements bot.Reviser. An edit may be repeated: doing it twice
// changes nothing.
func (a *Adapter) Revise(ctx context.Context, at bot.Place, id string, ans bot.Answer) error {
	m := Render(ans)
	edit := func() error { return a.update(ctx, at.Channel, id, m) }
	err := a.calmly(ctx, edit)
	if ambiguous(err) {
		err = a.calmly(ctx, edit)
	}
	return err
}
