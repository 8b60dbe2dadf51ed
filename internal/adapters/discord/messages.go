package discord

import (
	"context"
	"regexp"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// message takes a message event, in the gateway's reader.
func (a *Adapter) message(kind string, m message) {
	switch kind {
	case "MESSAGE_DELETE":
		a.goJob(func(act activity) { a.removed(act, m) })
	case "MESSAGE_UPDATE":
		if m.Edited != nil && a.fromPerson(m) {
			a.goJob(func(act activity) { a.edited(act, m) })
		}
	default:
		if a.fromPerson(m) && a.fresh(m.ID) {
			a.goJob(func(act activity) { a.ask(act, m) })
		}
	}
}

// fromPerson leaves out bots, webhooks, the bot itself, what Discord says,
// and messages whose text the bot is not shown.
func (a *Adapter) fromPerson(m message) bool {
	return !m.Author.Bot && !m.Author.System && m.Author.ID != "" && m.WebhookID == "" && m.Author.ID != a.self.Load().user &&
		(m.Type == messageDefault || m.Type == messageReply) && strings.TrimSpace(m.Content) != ""
}

// fresh says that a message or interaction was not seen before.
func (a *Adapter) fresh(id string) bool {
	if !a.seen.put(id, struct{}{}) {
		a.watch.Received(platform, bot.ReceiptDuplicate)
		return false
	}
	a.watch.Received(platform, bot.ReceiptAccepted)
	return true
}

// read decides how a message reached the bot and where its answer goes. Only
// root messages are overheard, not what people say to each other in replies
// and threads; a forum post's first message has the id of its thread.
func (a *Adapter) read(ctx context.Context, m message) (bot.Message, *channelReply, bool) {
	self := a.self.Load().user
	msg := bot.Message{
		ID: m.ID, Platform: a.Name(), Tenant: m.GuildID, Channel: m.ChannelID, User: m.Author.ID,
		Text: plainText(m.Content, self), Time: m.Timestamp,
	}
	out := &channelReply{adapter: a, guild: m.GuildID, channel: m.ChannelID, to: m.ID, user: m.Author.ID, nonce: nonce(m.ID)}
	if m.GuildID == "" {
		msg.Kind, out.to, out.asked = bot.KindDirect, "", true
		return msg, out, true
	}
	msg.Lang, _ = a.guilds.get(m.GuildID)
	place, err := a.place(ctx, m.ChannelID)
	if err != nil {
		a.log.Warn("a channel cannot be looked at", "error", err.Error())
		place = channel{ID: m.ChannelID, Type: channelText}
	}
	out.place = place
	toBot := m.Referenced != nil && m.Referenced.Author.ID == self
	for _, u := range m.Mentions {
		toBot = toBot || u.ID == self
	}
	root := m.Type == messageDefault
	if place.thread() {
		msg.Channel, msg.Thread = place.ParentID, place.ID
		root = root && m.ID == m.ChannelID
	} else if place.Type == channelText || place.Type == channelAnnouncement {
		msg.Thread, out.opens = m.ID, true // a thread has the id of the message that it is opened on
	}
	switch {
	case toBot:
		msg.Kind, out.asked = bot.KindMention, true
	case place.thread() && (place.OwnerID == self || place.Member != nil):
		msg.Kind, out.asked = bot.KindThread, true
	case root:
		msg.Kind = bot.KindChannel
	default:
		return msg, nil, false
	}
	return msg, out, true
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
