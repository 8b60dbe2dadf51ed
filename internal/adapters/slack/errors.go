package slack

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// checkTokens finds tokens that are missing or of the wrong kind.
func checkTokens(c Config) error {
	switch {
	case c.BotToken == "":
		return errors.New("SLACK_BOT_TOKEN is missing: install the app in the workspace and copy the Bot User OAuth Token (xoxb-…) from “OAuth & Permissions”")
	case !strings.HasPrefix(c.BotToken, "xoxb-"):
		return errors.New("SLACK_BOT_TOKEN is not a bot token: it begins with xoxb-; copy the Bot User OAuth Token from “OAuth & Permissions”")
	case c.AppToken == "" && c.SigningSecret == "":
		return errors.New("SLACK_APP_TOKEN is missing: make an app-level token (xapp-…) with the scope connections:write under “Basic Information”, or set SLACK_SIGNING_SECRET to receive events over HTTP")
	case c.AppToken != "" && !strings.HasPrefix(c.AppToken, "xapp-"):
		return errors.New("SLACK_APP_TOKEN is not an app-level token: it begins with xapp-; make one with the scope connections:write under “Basic Information”")
	}
	return nil
}

// errorCode is the error that Slack's API answered with, or "".
func errorCode(err error) string {
	var e slack.SlackErrorResponse
	if errors.As(err, &e) {
		return e.Err
	}
	return ""
}

// ambiguous says that nobody knows whether the call took effect: the
// connection broke off, a server on the way failed, or Slack itself did, which
// "may have succeeded in part" (the errors common to all methods,
// docs.slack.dev/reference/methods/chat.postMessage). What the API refused did
// not happen, and neither did what was one call too many.
func ambiguous(err error) bool {
	var limited *slack.RateLimitedError
	switch errorCode(err) {
	case "":
		return err != nil && !errors.As(err, &limited)
	case "fatal_error", "internal_error", "service_unavailable", "request_timeout":
		return true
	}
	return false
}

// tokenGone says that Slack no longer takes the token.
func tokenGone(err error) bool {
	switch errorCode(err) {
	case "invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive":
		return true
	}
	return false
}

// explainStart names the setting that is wrong and what to do about it. Slack's
// error codes: docs.slack.dev/reference/methods/auth.test.
func explainStart(variable, apiURL string, err error) error {
	remedy := ""
	switch code := errorCode(err); code {
	case "invalid_auth", "not_authed", "token_expired":
		remedy = "Slack does not know this token; copy it again from the app's settings"
	case "token_revoked", "account_inactive":
		remedy = "the token was revoked; install the app in the workspace again and copy the new token"
	case "not_allowed_token_type":
		remedy = "this is the wrong kind of token: SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-"
	case "missing_scope":
		remedy = "the token lacks a scope; an app-level token needs connections:write"
	case "":
		var status slack.StatusCodeError
		if errors.As(err, &status) && status.Code == http.StatusNotFound {
			return fmt.Errorf("SLACK_API_URL: %s does not speak Slack's API: %w", apiURL, err)
		}
		return fmt.Errorf("slack: %s cannot be reached; check the network and SLACK_API_URL: %w", apiURL, err)
	default:
		remedy = "Slack refused the token"
	}
	return fmt.Errorf("%s: %s: %w", variable, remedy, err)
}

// noticeFor is what to tell the asker when Slack refuses a post.
func (a *Adapter) noticeFor(err error, lang bot.Lang) bot.Answer {
	r := a.refusal(err)
	return r.Notice.Say(lang, r.Detail)
}

// refusal is what Slack's error means in the bot's words.
func (a *Adapter) refusal(err error) *bot.Refused {
	n, detail := a.notice(err)
	return &bot.Refused{Notice: n, Detail: detail}
}

func (a *Adapter) notice(err error) (n bot.Notice, detail string) {
	var e slack.SlackErrorResponse
	errors.As(err, &e)
	switch e.Err {
	case "not_in_channel", "channel_not_found":
		return bot.NoticeNotMember, a.inviteCommand()
	case "is_archived":
		return bot.NoticeArchived, e.Err
	case "missing_scope":
		return bot.NoticeScope, e.Needed
	case "":
		return bot.NoticeFailed, "timeout"
	}
	return bot.NoticeFailed, e.Err
}

// inviteCommand is what a member types to let the bot into a channel.
func (a *Adapter) inviteCommand() string { return "/invite @" + a.name() }

// name is what the bot is called in the workspace.
func (a *Adapter) name() string {
	if me := a.self.Load(); me != nil && me.name != "" {
		return me.name
	}
	return botName
}
