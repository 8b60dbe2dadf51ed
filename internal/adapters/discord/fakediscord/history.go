package fakediscord

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// threadStarter is the type of the first message in a thread that was opened
// on a message.
const threadStarter = 21

// getMessages is GET /channels/{channel}/messages with after and limit: the
// oldest messages after that id, the newest first. Who may not read the history
// gets none (discord.com/developers/docs/resources/message#get-channel-messages).
func (s *Server) getMessages(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.PathValue("channel")]
	if c == nil {
		return nil, errUnknownChannel
	}
	if err := s.may(c, 0); err != nil {
		return nil, err
	}
	out := []Message{}
	if c.GuildID != "" && s.permissions(c)&PermReadHistory == 0 {
		return out, nil
	}
	if c.Type == ChannelThread && s.findMessage(c.ParentID, c.ID) != nil {
		out = append(out, Message{ID: c.ID, ChannelID: c.ID, GuildID: c.GuildID, Type: threadStarter})
	}
	for _, m := range s.messages[c.ID] {
		if m.Flags&FlagEphemeral == 0 && m.ID != c.ID {
			out = append(out, m.clone())
		}
	}
	after := r.URL.Query().Get("after")
	out = slices.DeleteFunc(out, func(m Message) bool { return after != "" && strings.Compare(pad(m.ID), pad(after)) <= 0 })
	slices.SortFunc(out, func(a, b Message) int { return strings.Compare(pad(a.ID), pad(b.ID)) })
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit")) // without one it is 50
	out = out[:min(len(out), min(cmp.Or(limit, 50), 100))]
	slices.Reverse(out)
	return out, nil
}
