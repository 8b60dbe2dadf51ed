package fakediscord

import (
	"regexp"
	"slices"
)

// Mention is how a text mentions the bot.
func (s *Server) Mention() string { return "<@" + s.Bot.ID + ">" }

// Say posts a message of a person and returns its id.
func (s *Server) Say(u User, channelID, text string) string {
	return s.post(u, channelID, &Message{Content: text})
}

// Reply posts a message of a person that answers another one. As in the
// clients, the author of that one is mentioned unless ping is false.
func (s *Server) Reply(u User, channelID, messageID, text string, ping bool) string {
	s.mu.Lock()
	to := s.findMessage(channelID, messageID)
	s.mu.Unlock()
	m := &Message{Content: text, Type: 19, Reference: &Reference{MessageID: messageID, ChannelID: channelID}}
	if to != nil {
		c := to.clone()
		c.Referenced = nil
		m.Referenced = &c
		if ping {
			m.Mentions = []User{to.Author}
		}
	}
	return s.post(u, channelID, m)
}

// System posts a system message, e.g. type 7, "somebody joined".
func (s *Server) System(u User, channelID string, kind int) string {
	return s.post(u, channelID, &Message{Type: kind})
}

// Webhook posts a message by a webhook and returns its id.
func (s *Server) Webhook(channelID, name, text string) string {
	s.mu.Lock()
	id := s.nextID()
	s.mu.Unlock()
	return s.post(User{ID: id, Username: name, Discriminator: "0000", Bot: true}, channelID, &Message{Content: text, WebhookID: id})
}

// Post opens a post in a forum: a thread with its first message, which has the
// thread's id. It returns that id.
func (s *Server) Post(u User, forumID, title, text string) string {
	s.mu.Lock()
	t := s.newThread(s.nextID(), s.channels[forumID], title, u.ID)
	s.mu.Unlock()
	return s.post(u, t.ID, &Message{ID: t.ID, Content: text})
}

var (
	userMention = regexp.MustCompile(`<@!?(\d+)>`)
	roleMention = regexp.MustCompile(`<@&(\d+)>`)
	massMention = regexp.MustCompile(`@(everyone|here)\b`)
)

// post completes and stores a message, and tells the bot.
func (s *Server) post(u User, channelID string, m *Message) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channelID]
	if m.ID == "" {
		m.ID = s.nextID()
	}
	m.ChannelID, m.GuildID, m.Author, m.Timestamp = channelID, c.GuildID, u, s.now()
	for _, id := range userMention.FindAllStringSubmatch(m.Content, -1) {
		if who, ok := s.users[id[1]]; ok && !slices.ContainsFunc(m.Mentions, func(x User) bool { return x.ID == who.ID }) {
			m.Mentions = append(m.Mentions, who)
		}
	}
	m.MentionEveryone = massMention.MatchString(m.Content)
	if c.Metadata != nil {
		c.Metadata.Archived = false
	}
	s.store(m)
	return m.ID
}

// store appends a message and dispatches it; s.mu is held.
func (s *Server) store(m *Message) {
	fill(m)
	if m.Author.ID == s.Bot.ID {
		s.sent++
	}
	s.messages[m.ChannelID] = append(s.messages[m.ChannelID], m)
	if m.Flags&FlagEphemeral == 0 {
		s.dispatchMessage("MESSAGE_CREATE", m)
	}
	s.touch()
}

// fill makes empty lists out of missing ones, as Discord does.
func fill(m *Message) {
	if m.Embeds == nil {
		m.Embeds = []Embed{}
	}
	if m.Components == nil {
		m.Components = []Component{}
	}
	if m.Attachments == nil {
		m.Attachments = []Attachment{}
	}
	if m.Mentions == nil {
		m.Mentions = []User{}
	}
	if m.MentionRoles == nil {
		m.MentionRoles = []string{}
	}
}

// Edit changes the text of a person's message.
func (s *Server) Edit(messageID, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.findMessage("", messageID)
	now := s.now()
	m.History = append(m.History, m.Content)
	m.Content, m.Edited = text, &now
	s.dispatchMessage("MESSAGE_UPDATE", m)
	s.touch()
}

// Unfurl sends the update that follows when Discord has fetched a preview: the
// message changes, but nobody edited it.
func (s *Server) Unfurl(messageID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.findMessage("", messageID)
	m.Embeds = append(m.Embeds, Embed{Type: "link", Title: "preview"})
	s.dispatchMessage("MESSAGE_UPDATE", m)
	s.touch()
}

// Delete removes a message.
func (s *Server) Delete(messageID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.findMessage("", messageID); m != nil {
		s.remove(m)
	}
}

// DeleteBulk removes messages at once, as a moderator's bot does: there is one
// event for all of them.
func (s *Server) DeleteBulk(channelID string, messageIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages[channelID] = slices.DeleteFunc(s.messages[channelID], func(x *Message) bool { return slices.Contains(messageIDs, x.ID) })
	guild := s.channels[channelID].GuildID
	s.dispatch(guild, intentGuildMessages, "MESSAGE_DELETE_BULK", map[string]any{"ids": messageIDs, "channel_id": channelID, "guild_id": guild})
	s.touch()
}

func (s *Server) remove(m *Message) {
	s.messages[m.ChannelID] = slices.DeleteFunc(s.messages[m.ChannelID], func(x *Message) bool { return x == m })
	if m.Flags&FlagEphemeral == 0 {
		s.dispatch(m.GuildID, s.messageIntent(m.ChannelID), "MESSAGE_DELETE", map[string]string{"id": m.ID, "channel_id": m.ChannelID, "guild_id": m.GuildID})
	}
	s.touch()
}

// Resend delivers the event of a message again, as a gateway may.
func (s *Server) Resend(messageID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dispatchMessage("MESSAGE_CREATE", s.findMessage("", messageID))
}
