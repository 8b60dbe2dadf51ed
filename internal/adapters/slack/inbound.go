package slack

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Kinds of envelope, as Socket Mode names them.
const (
	kindEvent       = "events_api"
	kindCommand     = "slash_commands"
	kindInteraction = "interactive"
)

// verdict is what becomes of an envelope.
type verdict uint8

const (
	taken   verdict = iota // accepted, ignored or known: to be acknowledged
	refused                // no room: not to be acknowledged, Slack may try again
	garbled                // not understood: to be acknowledged and counted
)

// inbound is a message for the bot and where its answer goes.
type inbound struct {
	msg      bot.Message
	to       target
	keys     []string // dedupe keys
	question bool     // whether the bot takes part in the thread is still to be found out
}

// receive takes an envelope of either transport. It only reads, stores and
// queues: the caller acknowledges at once.
func (a *Adapter) receive(kind string, payload []byte) verdict {
	a.stats.last.Store(a.cfg.Now().UnixNano())
	return a.read(&arrival{kind: kind, payload: payload})
}

func (a *Adapter) read(ar *arrival) verdict {
	me := a.self.Load()
	if me == nil {
		return refused
	}
	switch ar.kind {
	case kindEvent:
		return a.receiveEvent(*me, ar)
	case kindCommand:
		return a.receiveCommand(*me, ar)
	case kindInteraction:
		return a.receiveInteraction(*me, ar)
	}
	return garbled
}

func (a *Adapter) receiveEvent(me identity, ar *arrival) verdict {
	var p eventPayload
	var e messageEvent
	if json.Unmarshal(ar.payload, &p) != nil || json.Unmarshal(p.Event, &e) != nil {
		return garbled
	}
	if p.TeamID == "" {
		p.TeamID = me.team
	}
	switch e.Type {
	case "app_home_opened":
		if e.Tab != "home" && e.Tab != "" || e.User == "" {
			return taken
		}
		return a.soon([]string{"event " + p.EventID}, func(ctx context.Context) { a.publishHome(ctx, p.TeamID, e.User) })
	case "message", "app_mention":
		switch e.Subtype {
		case "message_changed":
			return a.receiveEdit(me, ar, p, e)
		case "message_deleted":
			return a.receiveDeletion(ar, p, e)
		}
		if !fromPerson(me, e) {
			return taken
		}
		in := a.fromMessage(me, p, e)
		return a.queue(ar, in.msg.Tenant, in.keys, func(ctx context.Context) { a.answerMessage(ctx, in) })
	}
	return taken
}

// fromPerson leaves out what no person wrote: other bots, the bot itself,
// Slackbot, edits, joins and the like. A subtype that is still a person's own
// words is a file with text or a thread reply sent to the channel too.
func fromPerson(me identity, e messageEvent) bool {
	switch e.Subtype {
	case "", "file_share", "thread_broadcast":
	default:
		return false
	}
	return !e.Hidden && e.BotID == "" && e.User != "" && e.User != me.user && e.User != "USLACKBOT" && e.Channel != "" && e.TS != ""
}

// fromMessage reads a message. Both events of a mention, app_mention and
// message, give the same Message.
func (a *Adapter) fromMessage(me identity, p eventPayload, e messageEvent) inbound {
	direct := isDirect(e.Channel, e.ChannelType)
	id := e.Channel + "/" + e.TS
	in := inbound{
		msg: bot.Message{
			ID: id, Platform: "slack", Tenant: p.TeamID, Channel: e.Channel, User: e.User,
			Text: plain(e.Text, me.user), Direct: direct, Time: tsTime(e.TS),
		},
		to:   target{channel: e.Channel, user: e.User, direct: direct, thread: threadOf(direct, e.ThreadTS, e.TS)},
		keys: []string{id},
	}
	if p.EventID != "" {
		in.keys = append(in.keys, "event "+p.EventID)
	}
	if e.ClientMsgID != "" {
		in.keys = append(in.keys, "client "+e.User+" "+e.ClientMsgID)
	}
	switch {
	case direct:
		in.msg.Kind = bot.KindDirect
	case e.Type == "app_mention" || mentions(e.Text, me.user):
		in.msg.Kind = bot.KindMention
	case e.ThreadTS == "":
		in.msg.Kind = bot.KindChannel
	default:
		in.msg.Kind = bot.KindThread
		in.question = e.ParentUserID != me.user
	}
	return in
}

// isDirect says that a conversation is one person's with the bot.
func isDirect(channel, kind string) bool {
	return kind == "im" || kind == "" && strings.HasPrefix(channel, "D")
}

// threadOf is the thread that an answer belongs to: the thread of the message,
// or the one that it starts. A direct conversation needs no threads: there the
// answer follows the question, unless that stood in a thread.
func threadOf(direct bool, threadTS, ts string) string {
	if threadTS != "" || direct {
		return threadTS
	}
	return ts
}

func (a *Adapter) receiveCommand(me identity, ar *arrival) verdict {
	var p commandPayload
	if json.Unmarshal(ar.payload, &p) != nil || p.Command == "" || p.ChannelID == "" || p.UserID == "" {
		return garbled
	}
	if p.TeamID == "" {
		p.TeamID = me.team
	}
	id := "command/" + p.TriggerID
	if p.TriggerID == "" {
		id = "command/" + p.ResponseURL
	}
	direct := isDirect(p.ChannelID, "")
	in := inbound{
		msg: bot.Message{
			ID: id, Platform: "slack", Tenant: p.TeamID, Channel: p.ChannelID, User: p.UserID, Kind: bot.KindCommand,
			Command: readCommand(p, me), Direct: direct, Time: a.cfg.Now(),
		},
		to:   target{channel: p.ChannelID, user: p.UserID, direct: direct, responseURL: p.ResponseURL},
		keys: []string{id},
	}
	return a.queue(ar, in.msg.Tenant, in.keys, func(ctx context.Context) { a.answerCommand(ctx, in) })
}

func (a *Adapter) receiveInteraction(me identity, ar *arrival) verdict {
	var p interactionPayload
	if json.Unmarshal(ar.payload, &p) != nil || p.User.ID == "" {
		return garbled
	}
	if p.Team.ID == "" {
		p.Team.ID = me.team
	}
	switch p.Type {
	case "block_actions":
		return a.receiveActions(me, ar, p)
	case "message_action":
		if in, ok := a.fromShortcut(p); ok {
			return a.queueAction(ar, in, p.TriggerID)
		}
		key := "shortcut/" + p.TriggerID
		return a.soon([]string{key}, func(ctx context.Context) { a.openTestModal(ctx, p) })
	case "view_submission":
		return a.receiveModal(ar, p)
	}
	return taken
}

// receiveActions takes pressed buttons of the bot's own messages. In a
// direct conversation the answer follows there, elsewhere in the thread.
func (a *Adapter) receiveActions(me identity, ar *arrival, p interactionPayload) verdict {
	channel, ts := p.Channel.ID, p.Container.MessageTS
	if channel == "" {
		channel = p.Container.ChannelID
	}
	if channel == "" || ts == "" || p.Message.User != "" && p.Message.User != me.user && p.Message.BotID != me.bot {
		return taken
	}
	thread := p.Message.ThreadTS
	if thread == "" {
		thread = p.Container.ThreadTS
	}
	direct := isDirect(channel, "")
	root := threadOf(direct, thread, ts)
	if p.Container.IsEphemeral && thread == "" {
		root = "" // nobody can open a thread on what one person sees
	}
	if len(p.Actions) == 0 {
		return taken
	}
	act := p.Actions[0] // buttons come one at a time
	id := strings.Join([]string{"action", channel, ts, act.ActionTS, p.User.ID, act.ActionID}, "/")
	in := inbound{
		msg: bot.Message{
			ID: id, Platform: "slack", Tenant: p.Team.ID, Channel: channel, User: p.User.ID, Name: p.User.Username, Kind: bot.KindAction,
			Action: &bot.Action{ID: parseActionID(act.ActionID), Value: act.Value}, On: ts, Direct: direct, Time: a.cfg.Now(),
		},
		to:   target{channel: channel, user: p.User.ID, direct: direct, thread: root, responseURL: p.ResponseURL, inThread: root != ""},
		keys: []string{id},
	}
	return a.queueAction(ar, in, p.TriggerID)
}

// queueAction has an action answered; one with a form is taken at once, since
// its trigger ends after three seconds.
func (a *Adapter) queueAction(ar *arrival, in inbound, trigger string) verdict {
	if a.cfg.Surface.Form != nil && bot.HasForm(in.msg.Action.ID) {
		return a.soon(in.keys, func(ctx context.Context) { a.openForm(ctx, in, trigger) })
	}
	return a.queue(ar, in.msg.Tenant, in.keys, func(ctx context.Context) { a.answer(ctx, in) })
}
