package slack

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// target is where an answer goes.
type target struct {
	channel     string
	thread      string // ts of the thread's first message; "" posts at the root
	user        string // who asked
	direct      bool   // a conversation with that person alone
	responseURL string // where Slack takes answers without membership, or ""
	inThread    bool   // what is for the asker alone belongs into the thread, which is there already
}

// answerMessage answers something said in a channel, a thread or directly.
func (a *Adapter) answerMessage(ctx context.Context, in inbound) {
	if in.question && !a.takesPart(ctx, in.to.channel, in.to.thread) {
		// Other people's thread. That somebody answers there is all that counts.
		in.msg.Kind, in.msg.Thread = bot.KindReply, in.to.thread
		for range a.handle(ctx, in.msg) {
		}
		return
	}
	a.answer(ctx, in)
}

// answer hands a message to the bot and shows what it says.
func (a *Adapter) answer(ctx context.Context, in inbound) {
	var news bool
	in.msg.Thread, news = a.conversation(ctx, in.to.channel, in.to.thread)
	d := newDelivery(a, in, news)
	switch in.msg.Kind {
	case bot.KindCommand, bot.KindAction:
	default:
		d.question = in.msg.ID
	}
	a.run(ctx, in, d)
}

// run lets the bot talk while the delivery shows the latest state. When that
// is refused for good, the bot is stopped, and with it a probe.
func (a *Adapter) run(ctx context.Context, in inbound, d *delivery) {
	if d.ended() {
		return
	}
	if in.msg.Lang == "" && in.msg.Kind != bot.KindChannel {
		in.msg.Lang = a.language(ctx, in.to.user)
	}
	in.msg.Once = true // the inbox has seen to it
	if d.resume(ctx, in) {
		return
	}
	d.start(ctx)
	defer d.finish()
	for ans := range a.handle(ctx, in.msg) {
		if !d.offer(ans) {
			break
		}
	}
}

// answerCommand answers a slash command: in the thread that a permalink among
// its arguments names; for a test in a thread of its own under one public
// line; otherwise with one public message.
func (a *Adapter) answerCommand(ctx context.Context, in inbound) {
	in.msg.Lang = a.language(ctx, in.to.user)
	rest, at, linked := cutPermalink(in.msg.Command.Args)
	if linked {
		if at.channel != in.to.channel && !a.isPublic(ctx, at.channel) {
			a.tell(ctx, in.to, bot.NoticeThread.Say(in.msg.Lang, a.inviteCommand()))
			return
		}
		in.msg.Command.Args, in.msg.Channel = rest, at.channel
		in.to.channel, in.to.thread, in.to.direct = at.channel, at.thread, isDirect(at.channel, "")
		a.answer(ctx, in)
		return
	}
	if in.to.direct {
		a.answer(ctx, in)
		return
	}
	// The thread on the answer does not exist yet; until it does, the command's
	// id stands for it.
	d := newDelivery(a, in, true)
	d.alias = in.msg.ID
	in.msg.Thread = in.msg.ID
	if a.isTest(in.msg.Command.Name) && d.openParent(ctx, in.msg.Command.Name) {
		in.msg.Thread, d.alias = d.parent, ""
	}
	a.run(ctx, in, d)
}

// isTest says that a command, by whatever name, runs a test.
func (a *Adapter) isTest(name string) bool {
	for _, c := range a.cfg.Surface.Commands {
		if c.Name == "test" {
			return name == c.Name || slices.Contains(c.Aliases, name)
		}
	}
	return false
}

// isPublic says that everybody in the workspace may read and write a channel,
// so that a command from elsewhere gives nobody more than they have.
func (a *Adapter) isPublic(ctx context.Context, channel string) bool {
	var c *slack.Channel
	err := a.calmly(ctx, func() (err error) {
		c, err = a.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
		return err
	})
	return err == nil && c.IsChannel && !c.IsPrivate && !c.IsIM && !c.IsMpIM
}

func place(channel, thread string) string { return channel + "/" + thread }

// takePart notes that the bot has written in a thread.
func (a *Adapter) takePart(channel, thread string) {
	if v, ok := a.threads.get(place(channel, thread), a.cfg.Now()); thread != "" && (!ok || v == stranger) {
		a.threads.put(place(channel, thread), "", a.cfg.Now())
	}
}

// stranger marks a thread that is known to be without the bot.
const stranger = "-"

// conversation is the id under which a thread is remembered: its own, or that
// of the command whose answer it hangs on. news says that the bot has not written
// there before.
func (a *Adapter) conversation(ctx context.Context, channel, thread string) (id string, news bool) {
	v, ok := a.thread(ctx, channel, thread)
	if ok && v != "" && v != stranger {
		return v, false
	}
	return thread, !ok || v == stranger
}

// thread is what is known of a thread without asking Slack: whether the bot
// takes part in it, and what it belongs to.
func (a *Adapter) thread(ctx context.Context, channel, thread string) (string, bool) {
	if thread == "" {
		return "", false
	}
	if v, ok := a.threads.get(place(channel, thread), a.cfg.Now()); ok {
		return v, true
	}
	p, err := a.cfg.Inbox.InThread(ctx, platform, channel, thread)
	if err != nil {
		a.log.Warn("thread not looked up", "err", err)
	}
	if p == nil {
		return "", false
	}
	a.threads.put(place(channel, thread), p.Alias, a.cfg.Now())
	return p.Alias, true
}

// takesPart says whether the bot has written in a thread. What the database
// does not know, as after its loss, it looks up once, if it may read there and
// has not just looked up many.
func (a *Adapter) takesPart(ctx context.Context, channel, thread string) bool {
	if v, ok := a.thread(ctx, channel, thread); ok {
		return v != stranger
	}
	me := a.self.Load()
	if me == nil || !a.lookups.AllowN(a.cfg.Now(), 1) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	ms, _, _, err := a.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: channel, Timestamp: thread, Limit: 200})
	if err != nil {
		a.log.Debug("thread not read", "code", errorCode(err))
		if errorCode(err) != "" {
			a.threads.put(place(channel, thread), stranger, a.cfg.Now())
		}
		return false
	}
	if slices.ContainsFunc(ms, func(m slack.Message) bool { return m.User == me.user || m.BotID == me.bot }) {
		a.takePart(channel, thread)
		return true
	}
	a.threads.put(place(channel, thread), stranger, a.cfg.Now())
	return false
}

// tsTime is the time in a message's timestamp; zero when it has none.
func tsTime(ts string) time.Time {
	sec, frac, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return time.Time{}
	}
	us, _ := strconv.ParseInt(frac, 10, 64) // without a fraction the second will do
	return time.Unix(s, us*1000)
}
