package slack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// Checked is what Check has found out about the workspace.
type Checked struct {
	Team, Bot string        // names of the workspace and of the bot in it
	Ahead     time.Duration // how far this machine's clock is ahead of Slack's, when Dated
	Dated     bool          // Slack's answer carried the time
	Missing   []string      // permissions that the bot token lacks, each with what needs it
}

// Check tries the tokens without taking messages. The error names the setting
// that is wrong and what to do; missing permissions are no error, since the
// bot works without what they allow.
func (a *Adapter) Check(ctx context.Context) (Checked, error) {
	var r *slack.AuthTestResponse
	err := a.calmly(ctx, func() (err error) {
		r, err = a.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return Checked{}, explainStart("SLACK_BOT_TOKEN", a.cfg.APIURL, err)
	}
	c := Checked{Team: r.Team, Bot: r.User}
	if at, err := http.ParseTime(r.Header.Get("Date")); err == nil {
		c.Ahead, c.Dated = a.cfg.Now().Sub(at), true
	}
	granted := strings.FieldsFunc(r.Header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	for _, s := range scopes() {
		if !slices.Contains(granted, s.name) {
			c.Missing = append(c.Missing, fmt.Sprintf("%s (%s)", s.name, s.why))
		}
	}
	if a.cfg.AppToken == "" {
		return c, nil
	}
	// This opens no connection; it only asks where one could be opened.
	if _, _, err := a.api.StartSocketModeContext(ctx); err != nil {
		return c, explainStart("SLACK_APP_TOKEN", a.cfg.APIURL, err)
	}
	return c, nil
}
