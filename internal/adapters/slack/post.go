package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// options are what every message of the bot's is sent with.
func options(m Message, more ...slack.MsgOption) []slack.MsgOption {
	return append(more,
		slack.MsgOptionBlocks(m.Blocks...), slack.MsgOptionText(m.Text, false), slack.MsgOptionDisableMarkdown(),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
}

// replyType names the metadata that tells the bot's answers apart.
const replyType = "mailhelp_reply"

// post posts a message once and returns its ts. key is kept in the message's
// metadata, by which find recognises it.
func (a *Adapter) post(ctx context.Context, to target, m Message, key string) (ts string, err error) {
	opts := options(m, slack.MsgOptionMetadata(slack.SlackMetadata{EventType: replyType, EventPayload: map[string]any{"key": key}}))
	if to.thread != "" {
		opts = append(opts, slack.MsgOptionTS(to.thread))
	}
	err = a.calmly(ctx, func() error {
		_, ts, err = a.api.PostMessageContext(ctx, to.channel, opts...)
		return a.sent(err)
	})
	return ts, err
}

// update replaces what a message shows, once.
func (a *Adapter) update(ctx context.Context, channel, ts string, m Message) error {
	_, _, _, err := a.api.UpdateMessageContext(ctx, channel, ts, options(m)...)
	a.watchToken(ctx, err)
	return a.sent(err)
}

// find looks for the message that was posted with key; ts is "" when it is not
// there. It needs the scopes to read the channel; without them err is set.
func (a *Adapter) find(ctx context.Context, to target, key string) (ts string, err error) {
	var ms []slack.Message
	err = a.calmly(ctx, func() (err error) {
		if to.thread != "" {
			ms, _, _, err = a.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: to.channel, Timestamp: to.thread, IncludeAllMetadata: true, Limit: 200,
			})
			return err
		}
		h, err := a.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: to.channel, IncludeAllMetadata: true, Limit: 50,
		})
		if err == nil {
			ms = h.Messages
		}
		return err
	})
	for _, m := range ms {
		if m.Metadata.EventType == replyType && m.Metadata.EventPayload["key"] == key {
			return m.Timestamp, err
		}
	}
	return "", err
}

// tell says something to the asker alone: in the thread that there is, by the
// response URL where there is one, as an ephemeral message in the channel, or
// else directly.
func (a *Adapter) tell(ctx context.Context, to target, ans bot.Answer) {
	m := Render(ans)
	if m.Empty() {
		return
	}
	here := func() bool { return !to.direct && a.tellHere(ctx, to, m) }
	byURL := func() bool {
		return to.responseURL != "" && (&urlPoster{a: a, url: to.responseURL}).post(ctx, m, false) == nil
	}
	switch {
	case to.inThread && (here() || byURL()):
		return
	case !to.inThread && to.responseURL != "" && byURL():
		return
	case !to.inThread && to.responseURL == "" && here():
		return
	}
	err := a.calmly(ctx, func() error {
		_, _, err := a.api.PostMessageContext(ctx, to.user, options(m)...)
		return a.sent(err)
	})
	if err != nil {
		a.log.Warn("asker not told", "code", errorCode(err))
	}
}

// tellHere posts an ephemeral message; false means that it has not arrived.
func (a *Adapter) tellHere(ctx context.Context, to target, m Message) bool {
	opts := options(m)
	if to.thread != "" {
		opts = append(opts, slack.MsgOptionTS(to.thread))
	}
	err := a.calmly(ctx, func() error {
		_, err := a.api.PostEphemeralContext(ctx, to.channel, to.user, opts...)
		return a.sent(err)
	})
	return err == nil || ambiguous(err)
}

// urlPoster answers through a response_url, which takes five posts within
// thirty minutes and needs no membership. Only the asker sees them.
type urlPoster struct {
	a    *Adapter
	url  string
	uses int
}

// urlError is the refusal of a response_url.
type urlError struct {
	status int
	code   string
}

func (e *urlError) Error() string { return fmt.Sprintf("response_url: %d %s", e.status, e.code) }

// post sends one message; replace asks Slack to put it in the place of the
// one before, which it does where it can.
func (p *urlPoster) post(ctx context.Context, m Message, replace bool) error {
	body, err := json.Marshal(map[string]any{
		"response_type": "ephemeral", "replace_original": replace, "text": m.Text, "blocks": m.Blocks, "mrkdwn": false,
		"unfurl_links": false, "unfurl_media": false,
	})
	if err != nil {
		return fmt.Errorf("response_url: %w", err)
	}
	p.uses++
	return p.a.calmly(ctx, func() error { return p.a.sent(p.once(ctx, body)) })
}

// once makes the request. Its errors do not show the address, which lets
// anybody post who knows it.
func (p *urlPoster) once(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("response_url: no address")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := p.a.http.Do(req)
	var where *url.Error
	if errors.As(err, &where) {
		err = where.Err
	}
	if err != nil {
		return fmt.Errorf("response_url: %w", err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 4096)) // the status decides
	if resp.StatusCode == http.StatusTooManyRequests {
		s, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return &slack.RateLimitedError{RetryAfter: time.Duration(s) * time.Second}
	}
	if resp.StatusCode != http.StatusOK {
		return &urlError{status: resp.StatusCode, code: codeIn(answer)}
	}
	return nil
}

// codeIn is the error code that a body consists of; anything longer comes from
// elsewhere than Slack and may quote what was sent.
func codeIn(body []byte) string {
	if s := strings.TrimSpace(string(body)); len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == "" {
		return s
	}
	return "no code"
}

// showByURL shows the first state and the last one: a response_url cannot edit
// what a command has said. The last one comes with the way to invite the bot.
func (d *delivery) showByURL(ctx context.Context, ans bot.Answer, last bool) {
	if ans.Partial && !last && d.url.uses > 0 {
		return
	}
	if d.outside && (last || !ans.Partial) {
		notice := bot.NoticeNotMember.Say(d.lang, d.a.inviteCommand())
		ans.Blocks = append(ans.Blocks[:len(ans.Blocks):len(ans.Blocks)], notice.Blocks...)
	}
	if d.url.uses == 0 && !d.mayRepeat(ctx, "url", new(bool)) {
		d.end()
		return
	}
	if err := d.url.post(ctx, Render(ans), d.url.uses > 0); err != nil {
		d.a.log.Warn("response_url refused", "err", err)
		if refusal, ok := err.(*urlError); ok && refusal.status/100 == 4 {
			d.a.tell(ctx, target{channel: d.to.user, user: d.to.user, direct: true}, ans)
		}
	}
}
