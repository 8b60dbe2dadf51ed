package discord

import (
	"net/url"
	"strconv"

	"github.com/bwmarrin/discordgo"
)

// Permission is one that the bot asks for when it is invited.
type Permission struct {
	Bit  int64
	Name string // as Discord's settings call it
	Why  string
}

// Permissions are all that the bot asks for. It works with fewer: without
// threads it replies in the channel, without files long answers are cut.
func Permissions() []Permission {
	return []Permission{
		{discordgo.PermissionViewChannel, "View Channels", "to see that it was mentioned"},
		{discordgo.PermissionSendMessages, "Send Messages", "to answer a mention, and to answer after an interaction's fifteen minutes"},
		{discordgo.PermissionSendMessagesInThreads, "Send Messages in Threads", "to answer in threads and forum posts"},
		{discordgo.PermissionCreatePublicThreads, "Create Public Threads", "to answer a mention in a thread instead of filling the channel"},
		{discordgo.PermissionEmbedLinks, "Embed Links", "for the part of a long answer that exceeds 2000 characters"},
		{discordgo.PermissionAttachFiles, "Attach Files", "for the whole of an answer that is longer still"},
		{discordgo.PermissionReadMessageHistory, "Read Message History", "to reply to a message"},
	}
}

// InviteURL is the link with which somebody who manages a server adds the bot
// to it: the scope bot with the Permissions, and applications.commands for the
// slash commands. No permission lets it read, change or remove what others
// write beyond what it is shown.
func InviteURL(appID string) string {
	var bits int64
	for _, p := range Permissions() {
		bits |= p.Bit
	}
	q := url.Values{"client_id": {appID}, "permissions": {strconv.FormatInt(bits, 10)}, "scope": {"bot applications.commands"}}
	return discordgo.EndpointDiscord + "oauth2/authorize?" + q.Encode()
}
