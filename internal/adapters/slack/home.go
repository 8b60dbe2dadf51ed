package slack

import (
	"context"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// publishHome fills the app's home tab with how things stand in the workspace
// and what the bot says when asked for help. Buttons are left out: a home tab
// has no thread to answer in.
func (a *Adapter) publishHome(ctx context.Context, team, user string) {
	msg := bot.Message{
		Platform: "slack", Tenant: team, User: user, Kind: bot.KindCommand, Direct: true, Lang: a.language(ctx, user), Time: a.cfg.Now(),
	}
	var ans bot.Answer
	for _, args := range []string{"help", "status"} {
		msg.Command = &bot.Command{Name: "mailhelp", Args: args}
		var part bot.Answer
		for part = range a.handle(ctx, msg) { // the last one counts
		}
		ans.Lang, ans.Blocks = part.Lang, append(ans.Blocks, part.Blocks...)
	}
	m := render(ans, maxHomeBlocks)
	if m.Empty() {
		return
	}
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: m.Blocks}}
	err := a.calmly(ctx, func() error {
		_, err := a.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view})
		return err
	})
	if err != nil {
		a.log.Warn("home tab not published", "code", errorCode(err))
	}
}
