package discord

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// channelReply answers with messages of the bot user: to what people say, and
// to interactions that can no longer be responded to.
type channelReply struct {
	adapter  *Adapter
	question *question // the message that is answered, nil for none
	guild    string
	channel  string // where the answer goes; the thread, once it is open
	place    channel
	to       string // the message that is replied to, "" for none
	opens    bool   // a thread is to be opened on it
	user     string
	nonce    string
	asked    bool // somebody asked the bot and waits
	private  bool // moved to a direct message
	shown    string
	begun    bool          // the first post was announced
	repeated bool          // the first post may stand there already
	nonceFor time.Duration // how long the nonce surely tells it from another, then
}

func (c *channelReply) show(ctx context.Context, p post) error {
	if p.private && !c.private && c.guild != "" {
		if err := c.goPrivate(ctx); err != nil {
			return err
		}
	}
	r := c.adapter.rest
	if c.shown != "" {
		return c.adapter.unchanged(c.adapter.reopening(ctx, c.channel, p.final, func() error {
			return r.do(ctx, call{
				method: "PATCH", path: "/channels/" + c.channel + "/messages/" + c.shown, route: "PATCH/" + c.channel,
				body: p.body(), file: p.report, again: true,
			})
		}), p.final)
	}
	if c.opens {
		if err := c.openThread(ctx, p.title); err != nil {
			return err
		}
	}
	sent, err := c.post(ctx, p)
	switch {
	case errors.Is(err, errElsewhere):
		return c.show(ctx, p)
	case err != nil:
		return err
	}
	c.shown = sent.ID
	c.posted(ctx, p.final && !c.repeated)
	c.adapter.keepTrace(c.question, c)
	c.adapter.places.drop(c.channel) // in a thread, the bot takes part from now on
	if c.repeated {                  // it may be what an earlier attempt has posted
		return c.show(ctx, p)
	}
	return nil
}

// errElsewhere says that an earlier attempt has posted, or may have, somewhere
// else than where the answer was about to go.
var errElsewhere = errors.New("discord: an earlier attempt was elsewhere")

// post posts the first state. It is announced when its turn at Discord has come
// and not before: what was announced and not sent is of unknown outcome for
// whoever comes after. One that may stand there already is posted only while
// the nonce tells: later it would be another message.
func (c *channelReply) post(ctx context.Context, p post) (sent message, err error) {
	stop := func() {}
	defer func() { stop() }()
	b := p.body()
	b.Nonce, b.EnforceNonce = c.nonce, c.nonce != ""
	if c.to != "" {
		b.Reference = &reference{MessageID: c.to}
	}
	err = c.adapter.rest.do(ctx, call{
		method: "POST", path: "/channels/" + c.channel + "/messages", route: "POST/" + c.channel,
		body: b, file: p.report, out: &sent, again: b.EnforceNonce,
		before: func(ctx context.Context) (context.Context, error) {
			was := c.channel
			err := c.begin(ctx)
			if err == nil && (c.shown != "" || c.channel != was) {
				err = errElsewhere
			}
			if err == nil && c.repeated && c.nonceFor > 0 {
				ctx, stop = context.WithTimeout(ctx, c.nonceFor)
				c.nonceFor = 0 // the next try has the same end
			}
			return ctx, err
		},
	})
	return sent, err
}

// openThread opens a thread on the message that is answered. Where that is not
// permitted the answer becomes a reply in the channel.
func (c *channelReply) openThread(ctx context.Context, title string) error {
	var t channel
	err := c.adapter.rest.do(ctx, call{
		method: "POST", path: "/channels/" + c.channel + "/messages/" + c.to + "/threads", route: "POST/threads/" + c.channel,
		body: struct {
			Name        string `json:"name"`
			AutoArchive int    `json:"auto_archive_duration"` // minutes
		}{title, 1440},
		out: &t, again: true,
	})
	var refused *apiError
	switch {
	case err == nil:
		c.channel, c.place, c.to = t.ID, t, ""
	case isCode(err, codeHasThread):
		c.channel, c.place, c.to = c.to, channel{ID: c.to, Type: threadPublic}, ""
	case errors.As(err, &refused) && refused.Status < http.StatusInternalServerError:
		c.adapter.log.Info("no thread was opened; replying in the channel", "error", err.Error())
	default: // there may be a thread now, and an answer belongs into it
		return err
	}
	c.opens = false
	return nil
}

// goPrivate moves the answer to a direct message.
func (c *channelReply) goPrivate(ctx context.Context) error {
	dm, err := c.adapter.openDM(ctx, c.user)
	if err != nil {
		return err
	}
	c.remove(ctx)
	c.channel, c.to, c.opens, c.private = dm, "", false, true
	return nil
}

// retract takes the answer back.
func (c *channelReply) retract(ctx context.Context) { c.remove(ctx) }

// remove takes back what was shown.
func (c *channelReply) remove(ctx context.Context) {
	if c.shown == "" {
		return
	}
	err := c.adapter.reopening(ctx, c.channel, true, func() error {
		return c.adapter.rest.do(ctx, call{
			method: "DELETE", path: "/channels/" + c.channel + "/messages/" + c.shown, route: "DELETE/" + c.channel, again: true,
		})
	})
	if err != nil && !isStatus(err, http.StatusNotFound) {
		c.adapter.log.Warn("an answer was not removed", "error", err.Error())
	}
	c.shown = ""
}

// refused names what posting here takes, to somebody who waits for it.
func (c *channelReply) refused(err error) (bot.Notice, string) {
	if !c.asked || c.private {
		return "", ""
	}
	if isCode(err, codeUnknownChannel, codeUnknownMessage, codeCannotDM) {
		return "", "" // the place is gone, and with it the question; or the person wants no messages
	}
	return refusal(err, c.place)
}

// silence is nothing: the message stays unanswered.
func (c *channelReply) silence(context.Context) {}

// tokenLives is how long an interaction's token is good for, less a margin for
// the call itself (15 minutes, see
// discord.com/developers/docs/interactions/receiving-and-responding).
const tokenLives = 15*time.Minute - 10*time.Second

// interactionReply answers an interaction with its token.
type interactionReply struct {
	adapter  *Adapter
	in       interaction
	deferred bool // "thinking…" stands there and is to be filled
	secret   bool // what stands there is for the asker alone
	fresh    bool // nothing was sent with the token yet
	expires  time.Time
	shown    string        // the message that stands there
	begun    bool          // the first message was announced
	which    string        // tells further answers to one interaction apart
	instead  *channelReply // takes over when the token is void
}

func (i *interactionReply) show(ctx context.Context, p post) error {
	if i.instead == nil && i.adapter.clock.now().After(i.expires) {
		i.handOver()
	}
	if i.instead == nil {
		err := i.send(ctx, p)
		if !isCode(err, codeUnknownWebhook, codeInvalidToken) {
			return err
		}
		i.handOver()
	}
	p.private = p.private || i.secret
	return i.instead.show(ctx, p)
}

// send edits or creates the message with the token. An answer that is private
// replaces a public message by one that only the asker sees: whether a
// message is ephemeral is settled when it is made.
func (i *interactionReply) send(ctx context.Context, p post) error {
	if p.private && !i.secret && i.in.GuildID != "" {
		if err := i.withdraw(ctx); err != nil {
			return err
		}
		i.secret = true
	}
	if err := i.begin(ctx); err != nil {
		return err
	}
	at := i.shown
	if i.deferred {
		at = "@original"
	}
	first := i.shown == ""
	b := p.body()
	c := call{body: b, file: p.report, out: &message{}, open: true}
	if at != "" {
		c.method, c.path, c.again = "PATCH", i.hook()+"/messages/"+at, true
	} else {
		// A follow-up knows no nonce, so it is never sent twice.
		if i.secret {
			b.Flags = flagEphemeral
			c.body = b
		}
		c.method, c.path = "POST", i.hook()+"?wait=true"
	}
	c.route = c.method + "/" + i.in.Token
	err := i.adapter.reopening(ctx, i.in.ChannelID, p.final, func() error { return i.do(ctx, c) })
	if at != "" && err != nil {
		return i.adapter.unchanged(err, p.final)
	}
	if err == nil {
		i.deferred = false
		i.shown = c.out.(*message).ID
		if first || p.final {
			i.posted(ctx, p.final)
		}
	}
	return err
}

// do makes a call with the token. A first response over HTTP may still be on
// its way when the first call arrives; Discord does not know the token then.
func (i *interactionReply) do(ctx context.Context, c call) error {
	err := i.adapter.rest.do(ctx, c)
	for try := 0; isCode(err, codeUnknownWebhook) && i.fresh && try < 4; try++ {
		if err := i.adapter.clock.sleep(ctx, 250*time.Millisecond<<try); err != nil {
			return err
		}
		err = i.adapter.rest.do(ctx, c)
	}
	i.fresh = false
	return err
}

func (i *interactionReply) hook() string {
	app := i.in.ApplicationID
	if app == "" {
		app = i.adapter.self.Load().app
	}
	return "/webhooks/" + app + "/" + i.in.Token
}

// withdraw removes what stands there.
func (i *interactionReply) withdraw(ctx context.Context) error {
	at := i.shown
	if i.deferred {
		at = "@original"
	}
	if at == "" {
		return nil
	}
	err := i.adapter.reopening(ctx, i.in.ChannelID, true, func() error {
		return i.do(ctx, call{
			method: "DELETE", path: i.hook() + "/messages/" + at, route: "DELETE/" + i.in.Token, again: true, open: true,
		})
	})
	if err == nil || isCode(err, codeUnknownMessage) {
		i.deferred, i.shown = false, ""
		return nil
	}
	return err
}

// retract takes the message back that the pressed button is on, or what was
// answered to a command. The token may do so where the bot user may not: on a
// message that only the asker sees.
func (i *interactionReply) retract(ctx context.Context) {
	if i.instead == nil && i.in.Message == nil {
		if err := i.withdraw(ctx); err != nil {
			i.adapter.log.Warn("an answer was not removed", "error", err.Error())
		}
		return
	}
	if i.instead == nil {
		err := i.adapter.reopening(ctx, i.in.ChannelID, true, func() error {
			return i.do(ctx, call{
				method: "DELETE", path: i.hook() + "/messages/@original", route: "DELETE/" + i.in.Token, again: true, open: true,
			})
		})
		if err == nil || isStatus(err, http.StatusNotFound) && !isCode(err, codeUnknownWebhook) {
			return
		}
		i.handOver()
	}
	if i.in.Message != nil {
		i.instead.shown = i.in.Message.ID
	}
	i.instead.remove(ctx)
}

// silence removes the "thinking…".
func (i *interactionReply) silence(ctx context.Context) {
	if i.instead != nil || !i.deferred {
		return
	}
	if err := i.withdraw(ctx); err != nil {
		i.adapter.log.Warn("a deferred response was not removed", "error", err.Error())
	}
}

func (i *interactionReply) refused(err error) (bot.Notice, string) {
	switch {
	case i.instead != nil:
		return i.instead.refused(err)
	case isCode(err, codeUnknownChannel, codeUnknownMessage):
		return "", ""
	case !i.deferred && !definite(err):
		return "", "" // a follow-up that may stand there
	}
	return bot.NoticeFailed, failure(err)
}

// definite says whether a call was certainly not carried out.
func definite(err error) bool {
	var e *apiError
	return errors.As(err, &e) && e.Status < 500
}

// handOver goes on as the bot user: a message that all see is edited further,
// one for the asker alone becomes a direct message.
func (i *interactionReply) handOver() {
	i.instead = &channelReply{
		adapter: i.adapter, guild: i.in.GuildID, channel: i.in.ChannelID, place: i.in.Channel, user: i.in.who(),
		nonce: nonce(i.in.ID), asked: true,
	}
	if !i.secret {
		i.instead.shown = i.shown
	}
}
