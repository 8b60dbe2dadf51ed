package slack

import (
	"context"
	"time"
)

// A person who corrects a question gets a corrected answer in the place of the
// old one; one who takes it back makes the bot take its answer back.
const (
	followEdit     = 5 * time.Minute // later edits are typing errors of no concern
	followDeletion = 24 * time.Hour
)

// receiveEdit answers an edited question anew, if it was answered and its
// author changed the text. Slack also reports an edit when it adds a preview.
func (a *Adapter) receiveEdit(me identity, ar *arrival, p eventPayload, e messageEvent) verdict {
	m := e.Message
	if m.Text == e.Previous.Text || m.Edited.TS == "" || m.Edited.User != m.User || m.User != e.Previous.User {
		return taken
	}
	question := messageEvent{
		Type: "message", Channel: e.Channel, ChannelType: e.ChannelType,
		User: m.User, BotID: m.BotID, Text: m.Text, TS: m.TS, ThreadTS: m.ThreadTS, ParentUserID: me.user,
	}
	if !fromPerson(me, question) || a.cfg.Now().Sub(tsTime(m.TS)) > followEdit {
		return taken
	}
	in := a.fromMessage(me, p, question)
	answer, ok := a.answerTo(in.msg.ID)
	if !ok {
		return taken
	}
	id := in.msg.ID
	in.msg.ID += "/" + m.Edited.TS
	in.keys = []string{in.msg.ID, "event " + p.EventID}
	return a.queue(ar, in.msg.Tenant, in.keys, func(ctx context.Context) {
		in.msg.Thread = a.conversation(ctx, in.to.channel, in.to.thread)
		d := newDelivery(ctx, a, in)
		d.question, d.ts = id, answer
		a.run(ctx, in, d)
	})
}

// receiveDeletion deletes the answer to a question that was deleted.
func (a *Adapter) receiveDeletion(ar *arrival, p eventPayload, e messageEvent) verdict {
	id := e.Channel + "/" + e.DeletedTS
	answer, ok := a.answerTo(id)
	if !ok {
		return taken
	}
	return a.queue(ar, p.TeamID, []string{"event " + p.EventID}, func(ctx context.Context) {
		err := a.calmly(ctx, func() error {
			_, _, err := a.api.DeleteMessageContext(ctx, e.Channel, answer)
			return err
		})
		if err != nil {
			a.log.Warn("answer not taken back", "code", errorCode(err))
		}
	})
}

// answerTo is the message that answers a question.
func (a *Adapter) answerTo(id string) (ts string, ok bool) {
	if ts, ok = a.answers.get(id, a.cfg.Now()); ok {
		return ts, true
	}
	ctx, cancel := context.WithTimeout(context.Background(), acceptWithin)
	defer cancel()
	p, err := a.cfg.Inbox.Posted(ctx, platform, id)
	if err != nil {
		a.log.Warn("answer not looked up", "err", err)
	}
	if p == nil || p.Message == "" || p.Age > followDeletion {
		return "", false
	}
	return p.Message, true
}
