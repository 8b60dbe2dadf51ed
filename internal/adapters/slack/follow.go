package slack

import (
	"cmp"
	"context"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
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
	if !ok && in.msg.Kind != bot.KindChannel {
		return taken
	}
	id := in.msg.ID
	in.msg.ID, in.msg.Replaces = id+"/"+m.Edited.TS, id
	in.keys = []string{in.msg.ID, "event " + p.EventID}
	return a.queue(ar, in.msg.Tenant, in.keys, func(ctx context.Context) {
		var news bool
		in.msg.Thread, news = a.conversation(ctx, in.to.channel, in.to.thread)
		d := newDelivery(a, in, news)
		d.question, d.ts = id, answer
		a.run(ctx, in, d)
	})
}

// receiveDeletion deletes the answer to a question that was deleted.
func (a *Adapter) receiveDeletion(ar *arrival, p eventPayload, e messageEvent) verdict {
	id := e.Channel + "/" + e.DeletedTS
	answer, ok := a.answerTo(id)
	root := e.Previous.BotID == "" && !isDirect(e.Channel, e.ChannelType) && (e.Previous.ThreadTS == "" || e.Previous.ThreadTS == e.DeletedTS)
	if !ok && !root {
		return taken
	}
	return a.queue(ar, p.TeamID, []string{"event " + p.EventID}, func(ctx context.Context) {
		if root {
			a.tellDeleted(ctx, p.TeamID, id, e)
		}
		if !ok {
			return
		}
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

// tellDeleted lets the bot know that a question is gone, which it may be about to answer.
func (a *Adapter) tellDeleted(ctx context.Context, team, id string, e messageEvent) {
	gone := bot.Message{
		ID: id + "/deleted", Platform: "slack", Tenant: team, Channel: e.Channel, Thread: e.DeletedTS,
		User: e.Previous.User, Kind: bot.KindDeleted, Replaces: id, Time: a.cfg.Now(),
	}
	for range a.handle(ctx, gone) {
	}
}

// retract takes back what the bot has said: its answer to the message, or the
// message whose button was pressed.
func (d *delivery) retract(ctx context.Context) {
	ts := cmp.Or(d.ts, d.on)
	d.end()
	if ts == "" {
		return
	}
	err := d.a.calmly(ctx, func() error {
		_, _, err := d.a.api.DeleteMessageContext(ctx, d.to.channel, ts)
		return err
	})
	switch errorCode(err) {
	case "message_not_found":
	case "cant_delete_message":
		d.a.log.Warn("a message of somebody else's is not taken back")
	default:
		if err != nil {
			d.a.log.Warn("answer not taken back", "code", errorCode(err))
			d.a.tell(ctx, d.to, d.a.noticeFor(err, d.lang))
		}
	}
}
