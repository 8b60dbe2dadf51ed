package slack

import (
	"context"
	"regexp"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

var _ bot.Poster = (*Adapter)(nil)

// groupID is the form of a user group's id.
var groupID = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)

// Post implements bot.Poster. A post of unknown outcome is looked for, and not
// repeated when it cannot be found out.
func (a *Adapter) Post(ctx context.Context, n bot.Announcement) (string, error) {
	m := withNotify(Render(n.Answer), n.Notify)
	to := target{channel: n.To.Channel, thread: a.realThread(ctx, n.To.Channel, n.To.Thread)}
	ts, err := a.post(ctx, to, m, n.Key)
	if err == nil {
		if to.thread != "" {
			a.takePart(to.channel, to.thread)
		}
		return ts, nil
	}
	if ambiguous(err) {
		a.stats.unknown.Add(1)
		if found, _ := a.find(ctx, to, n.Key); found != "" {
			return found, nil
		}
		return "", err
	}
	return "", a.refusal(err)
}

// tsForm is the form of a message's ts.
var tsForm = regexp.MustCompile(`^\d{10}\.\d{6}$`)

// realThread is the ts of a thread that is remembered under another id: that
// of the command whose answer it hangs on.
func (a *Adapter) realThread(ctx context.Context, channel, thread string) string {
	if thread == "" || tsForm.MatchString(thread) {
		return thread
	}
	if ts, ok := a.threads.get("of "+place(channel, thread), a.cfg.Now()); ok {
		return ts
	}
	p, err := a.cfg.Inbox.Posted(ctx, platform, thread)
	if err != nil {
		a.log.Warn("thread not looked up", "err", err)
	}
	if p == nil || p.Channel != channel || p.Message == "" {
		return thread
	}
	return p.Message
}

// withNotify puts the mention of a user group in front. It is an element of
// its own: no text can become one.
func withNotify(m Message, group string) Message {
	if !groupID.MatchString(group) {
		return m
	}
	first := slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionUserGroupElement(group)))
	m.Blocks = append([]slack.Block{first}, m.Blocks[:min(len(m.Blocks), maxBlocks-1)]...)
	m.Text = "<!subteam^" + group + "> " + m.Text
	return m
}
