package discord

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

var _ bot.Poster = (*Adapter)(nil)

// saidLives is how long what was said unasked is known not to be said again;
// Discord itself knows a nonce for some minutes.
const saidLives = 30 * 24 * time.Hour

// Post implements bot.Poster.
func (a *Adapter) Post(ctx context.Context, n bot.Announcement) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	to := n.To.Channel
	if n.To.Thread != "" {
		to = n.To.Thread
	}
	key := hash("say " + to + "\x00" + n.Key)
	var id string
	if a.kept("said/"+key, &id) {
		return id, nil
	}
	id, err := a.announce(ctx, to, n, key[:maxNonce])
	if isCode(err, codeUnknownChannel) && n.To.Tenant == "" && n.To.Thread == "" { // a person
		if to, err = a.openDM(ctx, n.To.Channel); err == nil {
			id, err = a.announce(ctx, to, n, key[:maxNonce])
		}
	}
	if err == nil {
		a.keep("said/"+key, id, saidLives)
		return id, nil
	}
	if definite(err) {
		place, _ := a.places.get(to)
		why, detail := refusal(err, place)
		return "", &bot.Refused{Notice: why, Detail: detail}
	}
	return "", err
}

// announce posts under a nonce, by which a repetition is told from the first.
func (a *Adapter) announce(ctx context.Context, channel string, n bot.Announcement, nonce string) (string, error) {
	ans := n.Answer
	ans.Private, ans.Partial, ans.Retract = false, false, false
	r := render(ans, mentionRoom)
	a.keepKeys(r.Keys)
	p := post{Rendered: notifying(r, n.Notify)}
	if r.Cut {
		p.report = report(ans)
	}
	var sent message
	for {
		b := p.body()
		b.Nonce, b.EnforceNonce = nonce, true
		err := a.rest.do(ctx, call{
			method: "POST", path: "/channels/" + channel + "/messages", route: "POST/" + channel, body: b, file: p.report, out: &sent, again: true,
		})
		if p.report != nil && isCode(err, codeMissingPermission) {
			p.report = nil
			continue
		}
		if err == nil {
			a.places.drop(channel) // in a thread, the bot takes part from now on
		}
		return sent.ID, err
	}
}

// mentionRoom is kept free for a role's mention, whose id has at most 20 digits.
const mentionRoom = len("<@&18446744073709551615>\n")

// notifying puts the mention of a role in front, and lets it come alive: it is
// the only one that does. What is no id stays away.
func notifying(r Rendered, role string) Rendered {
	if n, err := strconv.ParseUint(role, 10, 64); err != nil || n == 0 || role != strconv.FormatUint(n, 10) {
		return r
	}
	mentions := *r.AllowedMentions
	mentions.Roles = []string{role}
	r.AllowedMentions = &mentions
	r.Content = "<@&" + role + ">\n" + r.Content
	return r
}

// openDM returns the channel of the direct messages with a person.
func (a *Adapter) openDM(ctx context.Context, user string) (string, error) {
	var dm channel
	err := a.rest.do(ctx, call{
		method: "POST", path: "/users/@me/channels", body: map[string]string{"recipient_id": user}, out: &dm, again: true,
	})
	return dm.ID, err
}

// refusal is a refusal in the bot's words.
func refusal(err error, place channel) (bot.Notice, string) {
	switch {
	case isCode(err, codeArchived, codeLocked):
		return bot.NoticeArchived, place.Name
	case isCode(err, codeMissingAccess):
		return bot.NoticeRole, "View Channels"
	case isCode(err, codeMissingPermission) && place.thread():
		return bot.NoticeRole, "Send Messages in Threads"
	case isCode(err, codeMissingPermission):
		return bot.NoticeRole, "Send Messages"
	}
	return bot.NoticeFailed, failure(err)
}

// failure is a refusal as a code that can be looked up.
func failure(err error) string {
	var e *apiError
	switch {
	case !errors.As(err, &e):
		return "timeout"
	case e.Code != 0:
		return "Discord " + strconv.Itoa(e.Code)
	}
	return "HTTP " + strconv.Itoa(e.Status)
}

// hash names something by letters and digits that tell nothing about it.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
