package bot

import (
	"context"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// maxWaiting is how many questions wait at once for a person to be first. Each
// holds a worker of its adapter; more at once are an outage, in which people
// talk to each other anyway.
const maxWaiting = 16

// overheard decides about a root message of a channel that nobody addressed to
// the bot. It is answered only where that is switched on, only when the answer
// is good enough, rarely, and not when a person is quicker. What cannot be
// found out counts as a no.
func (v *view) overheard(ctx context.Context, m Message, yield func(Answer) bool) {
	r, err := v.bot.rules(ctx, m.Place())
	if err != nil {
		v.silence = SilenceUnknown
		v.bot.withhold(m, "settings", err)
		return
	}
	if r.auto == autoOff {
		v.silence = SilenceOff
		return
	}
	if looksSecret(cut(m.Text)) {
		if r.auto == autoOn {
			v.freeText(ctx, m, yield) // a warning for the author alone
		}
		return
	}
	in := v.bot.understand(m, v.conv, v.mind)
	v.intent, v.topic, v.lang = in.Kind, in.Topic, in.Lang
	good := in.Reply && !in.Clarify && !in.Foreign && in.Kind != "smalltalk"
	since := v.bot.Now()
	// A message may come again: edited, or after a process was killed.
	old, known, err := v.bot.Store.Question(ctx, m.Place(), m.original())
	switch {
	case err != nil:
		v.silence = SilenceUnknown
		v.bot.withhold(m, "question", err)
		return
	case known && old.State == QuestionAnswered && m.Replaces != "":
		v.revise(ctx, m, r, good, yield)
		return
	case known && old.State == QuestionAnswered:
		v.speakUp(ctx, m, r, yield) // it was settled, and then the process ended
		return
	case known && old.State != QuestionWaiting:
		v.silence = SilenceHeld
		return // a person was first, or its author has thought better of it
	case known:
		since = old.At
	}
	if !good {
		v.leave(ctx, m, in)
		return
	}
	if _, known := v.tripped(ctx, m, in); known {
		v.silence = SilenceIncident
		return
	}
	if !v.bot.awaitTurn(ctx, m, in.Topic, r, since) {
		v.silence = SilenceHeld
		return
	}
	v.speakUp(ctx, m, r, yield)
}

// revise follows the edit of a question that was answered unasked.
func (v *view) revise(ctx context.Context, m Message, r rules, good bool, yield func(Answer) bool) {
	switch {
	case r.auto == autoShadow:
	case good:
		v.unasked = true
		v.freeText(ctx, m, yield)
	default:
		yield(Answer{Retract: true})
	}
}

// leave counts a message that is left alone, and a mail question among them by
// its topic. An edit takes its earlier version out of the waiting ones.
func (v *view) leave(ctx context.Context, m Message, in knowledge.Intent) {
	b := v.bot
	if m.Replaces != "" {
		if _, err := b.Store.Settle(ctx, m.Place(), m.Replaces, "", QuestionWithdrawn); err != nil {
			b.withhold(m, "question", err)
		}
	}
	b.count(ctx, m, CountSilent, "")
	if in.Topic != "" && in.Kind != "smalltalk" && in.Kind != "out-of-scope" {
		b.count(ctx, m, CountUnanswered, in.Topic)
	}
}

func (b *Bot) count(ctx context.Context, m Message, kind CountKind, label string) {
	if err := b.Store.Count(context.WithoutCancel(ctx), m.Place(), kind, label, b.Now()); err != nil {
		b.Log.Error("count not kept", "platform", m.Platform, "err", err)
	}
}

// withhold logs why something is not said.
func (b *Bot) withhold(m Message, reason string, err error) {
	b.Log.Warn("silent", "platform", m.Platform, "silence", reason, "err", err)
}

// awaitTurn lets people be first: it returns true once the channel's delay is
// over since the question was asked, nobody else has answered, and the
// question was neither taken back nor changed.
func (b *Bot) awaitTurn(ctx context.Context, m Message, topic string, r rules, since time.Time) bool {
	if !b.mayAnswer(ctx, m, topic, r) {
		b.count(ctx, m, CountSilent, "")
		return false
	}
	if b.waiting.Add(1) > maxWaiting {
		b.waiting.Add(-1)
		b.withhold(m, "busy", nil)
		b.count(ctx, m, CountSilent, "")
		return false
	}
	defer b.waiting.Add(-1)
	q := Question{
		Place: m.Place(), Message: m.original(), User: m.User, Topic: topic,
		State: QuestionWaiting, Ticket: m.ID, At: since,
	}
	if err := b.Store.SaveQuestion(ctx, q); err != nil {
		b.withhold(m, "question", err)
		return false
	}
	if left := since.Add(r.delay).Sub(b.Now()); left > 0 {
		select {
		case <-b.after(left):
		case <-ctx.Done():
			if _, err := b.Store.Settle(context.WithoutCancel(ctx), q.Place, q.Message, q.Ticket, QuestionWithdrawn); err != nil {
				b.withhold(m, "question", err)
			}
			return false
		}
	}
	// One at a time, so that two questions that waited together count each other.
	b.turn.Lock()
	defer b.turn.Unlock()
	state := QuestionAnswered
	if !b.mayAnswer(ctx, m, topic, r) {
		state = QuestionWithdrawn
	}
	mine, err := b.Store.Settle(ctx, q.Place, q.Message, q.Ticket, state)
	if err != nil {
		b.withhold(m, "question", err)
	}
	if !mine || state != QuestionAnswered {
		b.count(ctx, m, CountSilent, "")
	}
	return mine && state == QuestionAnswered
}

// mayAnswer says that neither the person on this topic nor the channel has had
// enough of the bot for now, and that the channel still wants it.
func (b *Bot) mayAnswer(ctx context.Context, m Message, topic string, r rules) bool {
	now, err := b.rules(ctx, m.Place())
	if err != nil {
		b.withhold(m, "settings", err)
		return false
	}
	if now.auto != r.auto {
		return false
	}
	_, same, err := b.Store.Replied(ctx, m.Place(), m.User, topic, b.Now().Add(-r.cooldown))
	if err != nil {
		b.withhold(m, "cooldown", err)
		return false
	}
	all, _, err := b.Store.Replied(ctx, m.Place(), "", "", b.Now().Add(-channelWindow))
	if err != nil {
		b.withhold(m, "cooldown", err)
		return false
	}
	return same == 0 && all < channelAnswers
}

// original is the id of the message that m is, or is a version of.
func (m Message) original() string {
	if m.Replaces != "" {
		return m.Replaces
	}
	return m.ID
}

// speakUp answers, or shows moderators what the answer would have been.
func (v *view) speakUp(ctx context.Context, m Message, r rules, yield func(Answer) bool) {
	v.unasked = true
	if r.auto != autoShadow {
		v.freeText(ctx, m, yield)
		return
	}
	var last Answer
	v.freeText(ctx, m, func(a Answer) bool { last = a; return true })
	if len(last.Blocks) == 0 || last.Private {
		return
	}
	head := []Block{
		Heading{v.say("shadow.title")},
		Paragraph{Spans(T(v.say("shadow.asked")), T(clip(m.Text)))},
	}
	last.Blocks, last.Actions = append(head, last.Blocks...), nil
	v.bot.post(ctx, Announcement{
		To:     Place{Platform: m.Platform, Tenant: m.Tenant, Channel: r.review},
		Answer: last, Key: "shadow/" + replyName(m),
	})
}

// post says something unasked and logs when that fails.
func (b *Bot) post(ctx context.Context, a Announcement) error {
	p := b.Posters[a.To.Platform]
	if p == nil {
		return &Refused{Notice: NoticeFailed, Detail: "no poster"}
	}
	_, err := p.Post(ctx, a)
	if err != nil {
		b.Log.Warn("announcement not posted", "platform", a.To.Platform, "err", err)
	}
	return err
}

func (b *Bot) after(d time.Duration) <-chan time.Time {
	if b.After != nil {
		return b.After(d)
	}
	return time.After(d)
}

// attend takes what is never answered: a person who wrote in a thread or
// replied to a message, and a message that was taken back.
func (b *Bot) attend(ctx context.Context, m Message) {
	if err := b.settleBy(ctx, m); err != nil {
		b.Log.Error("question not settled", "platform", m.Platform, "err", err)
	}
}

func (b *Bot) settleBy(ctx context.Context, m Message) error {
	switch {
	case m.Kind == KindDeleted:
		_, err := b.Store.Settle(ctx, m.Place(), m.Replaces, "", QuestionWithdrawn)
		return err
	case m.Replaces != "":
		q, ok, err := b.Store.Question(ctx, m.Place(), m.Replaces)
		if err == nil && ok && q.User != m.User {
			_, err = b.Store.Settle(ctx, m.Place(), m.Replaces, "", QuestionHuman)
		}
		return err
	case m.Thread != "" && isStop(m.Text):
		return b.Store.Interrupt(ctx, m.Place(), "", QuestionWithdrawn) // the asker too may say so
	case m.Thread != "":
		return b.Store.Interrupt(ctx, m.Place(), m.User, QuestionHuman)
	}
	return nil
}
