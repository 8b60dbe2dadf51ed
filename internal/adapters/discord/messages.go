package discord

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// message takes a message event, in the gateway's reader.
func (a *Adapter) message(m message, ar arrival) {
	key := m.ID
	switch {
	case ar.kind == "MESSAGE_DELETE":
		a.goJob(func(act activity) { a.removed(act, m) })
		fallthrough
	case !a.fromPerson(m):
		ar.done()
		return
	case ar.kind == kindEdit:
		if m.Edited == nil || m.Edited.Sub(born(m.ID)) > editWithin {
			ar.done()
			return
		}
		key = m.ID + "@" + m.Edited.UTC().Format(time.RFC3339Nano)
	}
	if !a.stored(ar, m.GuildID, []string{key}, func(act activity) { a.said(act, ar.kind, m) }) {
		ar.done()
	}
}

// said answers a message, or the edit of one.
func (a *Adapter) said(act activity, kind string, m message) {
	if a.vanished(act.life, m) {
		return
	}
	if kind == kindEdit {
		a.edited(act, m)
	} else {
		a.ask(act, m)
	}
}

// vanished says that a message which an earlier attempt left was removed since.
// Its removal was heard by a process that is gone, or by nobody.
func (a *Adapter) vanished(ctx context.Context, m message) bool {
	e := bot.ErrandOf(ctx)
	if e == nil || e.Job.Again == 0 {
		return false
	}
	err := a.rest.do(ctx, call{method: "GET", path: "/channels/" + m.ChannelID + "/messages/" + m.ID, route: "GET/message/" + m.ChannelID, again: true})
	return isCode(err, codeUnknownMessage, codeUnknownChannel) // who may not look is not told, and answers
}

// fromPerson leaves out bots, webhooks, the bot itself, and what Discord says.
func (a *Adapter) fromPerson(m message) bool {
	return !m.Author.Bot && !m.Author.System && m.Author.ID != "" && m.WebhookID == "" && m.Author.ID != a.self.Load().user &&
		(m.Type == messageDefault || m.Type == messageReply)
}

// read decides how a message reached the bot and where its answer goes; ok is
// false for what is not answered. Only root messages are overheard, not what
// people say to each other in replies and threads; a forum post's first
// message has the id of its thread. Of a message whose text the bot is not
// shown no more is told than that somebody wrote it.
func (a *Adapter) read(ctx context.Context, m message) (msg bot.Message, out *channelReply, ok bool) {
	self := a.self.Load().user
	msg = bot.Message{
		ID: m.ID, Platform: a.Name(), Tenant: m.GuildID, Channel: m.ChannelID, User: m.Author.ID,
		Text: plainText(m.Content, self), Time: m.Timestamp,
	}
	msg.Lang, _ = a.spoken.get(m.Author.ID)
	silent := strings.TrimSpace(m.Content) == ""
	out = &channelReply{adapter: a, guild: m.GuildID, channel: m.ChannelID, to: m.ID, user: m.Author.ID, nonce: nonce(m.ID)}
	if m.GuildID == "" {
		msg.Kind, out.to, out.asked = bot.KindDirect, "", true
		return msg, out, !silent
	}
	if m.Member != nil {
		msg.Groups = m.Member.groups()
	}
	if msg.Lang == "" {
		msg.Lang = a.guildLang(m.GuildID)
	}
	place, err := a.place(ctx, m.ChannelID)
	if err != nil {
		a.log.Warn("a channel cannot be looked at", "error", err.Error())
		place = channel{ID: m.ChannelID, Type: channelText}
	}
	out.place = place
	msg = a.at(place, msg)
	root := m.Type == messageDefault && (!place.thread() || m.ID == m.ChannelID)
	if place.Type == channelText || place.Type == channelAnnouncement {
		out.opens = true
	}
	switch {
	case silent:
	case a.addressed(m):
		msg.Kind, out.asked = bot.KindMention, true
	case a.takesPart(place):
		msg.Kind, out.asked = bot.KindThread, true
	case root:
		msg.Kind = bot.KindChannel
	}
	if msg.Kind != "" {
		return msg, out, true
	}
	if !root {
		msg.Kind, msg.Text = bot.KindReply, ""
		if m.Referenced != nil {
			msg.Replaces = m.Referenced.ID
			msg = a.at(place, msg)
		}
	}
	return msg, nil, false
}

// addressed says whether a message mentions the bot or replies to it.
func (a *Adapter) addressed(m message) bool {
	self := a.self.Load().user
	return m.Referenced != nil && m.Referenced.Author.ID == self || slices.ContainsFunc(m.Mentions, func(u user) bool { return u.ID == self })
}

func (a *Adapter) takesPart(place channel) bool {
	return place.thread() && (place.OwnerID == a.self.Load().user || place.Member != nil)
}

// at sets the conversation that a message belongs to: its thread, or the one
// that would be opened on it, or on the message that it replies to. A thread
// has the id of the message that it is opened on.
func (a *Adapter) at(place channel, m bot.Message) bot.Message {
	switch {
	case place.thread():
		m.Channel, m.Thread = place.ParentID, place.ID
	case place.Type == channelText || place.Type == channelAnnouncement:
		m.Thread = cmp.Or(m.Replaces, m.ID)
	}
	return m
}

// place is what is known of a channel; Discord is asked when it is new.
func (a *Adapter) place(ctx context.Context, id string) (channel, error) {
	if c, ok := a.places.get(id); ok {
		return c, nil
	}
	var c channel
	if err := a.rest.do(ctx, call{method: "GET", path: "/channels/" + id, route: "GET/channels/" + id, out: &c, again: true}); err != nil {
		return c, err
	}
	a.places.put(id, c)
	return c, nil
}

var (
	// mention is any of Discord's marks in angle brackets: people, roles,
	// channels, commands, emoji, times; see
	// discord.com/developers/docs/reference#message-formatting.
	mention = regexp.MustCompile(`<(?:@[!&]?\d+|#\d+|/[^:>]+:\d+|t:-?\d+(?::\w)?|id:\w+)>`)
	emoji   = regexp.MustCompile(`<a?(:\w+:)\d+>`)
	angled  = regexp.MustCompile(`<((?:https?://|mailto:)[^<>\s]+)>`)
)

// plainText is what a person meant to say: without the mention of the bot,
// other mentions as "@", Markdown escapes undone.
func plainText(s, self string) string {
	if self != "" {
		s = strings.NewReplacer("<@"+self+">", " ", "<@!"+self+">", " ").Replace(s)
	}
	s = emoji.ReplaceAllString(s, "$1")
	s = angled.ReplaceAllString(s, "$1")
	s = mention.ReplaceAllString(s, "@")
	return strings.TrimSpace(unescape.ReplaceAllString(s, "$1"))
}

var unescape = regexp.MustCompile("\\\\([*_~`|>#-])")
