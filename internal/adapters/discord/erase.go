package discord

import (
	"context"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

var _ bot.Eraser = (*Adapter)(nil)

// Erase implements bot.Eraser. It takes the permission Manage Messages, which
// the invite link does not ask for; an operator may give it.
func (a *Adapter) Erase(ctx context.Context, p bot.Place, id string) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	channel := p.Channel
	if p.Thread != "" {
		channel = p.Thread
	}
	err := a.rest.do(ctx, call{
		method: "DELETE", path: "/channels/" + channel + "/messages/" + id, route: "DELETE/" + channel, again: true,
	})
	switch {
	case err == nil, isCode(err, codeUnknownMessage):
		return nil
	case isCode(err, codeMissingPermission, codeMissingAccess):
		return &bot.Refused{Notice: bot.NoticeRole, Detail: "Manage Messages"}
	}
	return err
}
