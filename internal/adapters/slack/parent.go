package slack

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// A test that is started by a slash command gets one public line in the
// channel, and all its detail goes into the thread under that line.

// openParent posts the line before the bot has said anything, so that the
// thread exists from the start. It repeats no arguments: they may hold what
// should not be public. False means that the bot may not post there.
func (d *delivery) openParent(ctx context.Context, command string) bool {
	ctx, cancel := outliving(ctx)
	defer cancel()
	d.command = command
	ts, _, err := d.a.postOnce(ctx, d.to, parentMessage(command, ""), bot.Post{ID: d.key + "/parent"})
	switch {
	case err == nil:
		d.parent, d.to.thread, d.fresh = ts, ts, true
		d.a.takePart(d.to.channel, ts)
		return true
	case outside(err) && d.to.responseURL != "":
		d.outside, d.url = true, &urlPoster{a: d.a, url: d.to.responseURL}
	case errors.Is(err, errUnsure), errors.Is(err, errUnknown):
		d.url = &urlPoster{a: d.a, url: d.to.responseURL}
	case errors.Is(err, errAway):
		d.unsettled(ctx, err)
	case errors.Is(err, bot.ErrLostJob):
		d.end()
	default:
		d.giveUp(ctx, err)
	}
	return false
}

// updateParent shows in the public line what the test is about and came to.
func (d *delivery) updateParent(ctx context.Context, ans bot.Answer) {
	line := headline(ans)
	if d.parent == "" || line == "" || line == d.line {
		return
	}
	d.line = line
	m := parentMessage(d.command, line)
	if err := d.a.calmly(ctx, func() error { return d.a.update(ctx, d.to.channel, d.parent, m) }); err != nil {
		d.a.log.Debug("public line not updated", "code", errorCode(err))
	}
}

// closeParent takes the line back when nothing was said under it.
func (d *delivery) closeParent(ctx context.Context) {
	if d.parent == "" || d.ts != "" || d.unsure {
		return
	}
	ctx, cancel := outliving(ctx)
	defer cancel()
	err := d.a.calmly(ctx, func() error {
		_, _, err := d.a.api.DeleteMessageContext(ctx, d.to.channel, d.parent)
		return err
	})
	if err != nil {
		d.a.log.Debug("public line not deleted", "code", errorCode(err))
	}
}

// maxHeadline keeps the public line one line.
const maxHeadline = 150

// headline is the first title of an Answer and, once the test is over, the
// emphasised beginning of its first paragraph: the verdict.
func headline(a bot.Answer) string {
	title, verdict := "", ""
	for _, b := range a.Blocks {
		switch b := b.(type) {
		case bot.Heading:
			if title == "" {
				title = oneLine(b.Text)
			}
		case bot.Paragraph:
			if verdict == "" && !a.Partial && len(b.Spans) > 0 && (b.Spans[0].Kind == bot.SpanStrong || title != "") {
				verdict = oneLine(b.Spans[0].Text)
			}
		}
	}
	switch {
	case title == "":
		return cut(verdict, maxHeadline)
	case verdict == "":
		return cut(title, maxHeadline)
	}
	return cut(title+" · "+verdict, maxHeadline)
}

func parentMessage(command, headline string) Message {
	var l line
	l.code("/" + cut(oneLine(command), 40))
	text := "/" + command
	if headline != "" {
		l.text(" ")
		l.strong(headline)
		text += " " + headline
	}
	return Message{
		Blocks: []slack.Block{richText(l).block},
		Text:   escape(clean(text)),
	}
}
