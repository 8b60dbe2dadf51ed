package fakeslack

import (
	"encoding/json"
	"slices"
	"strings"
)

// User is a member of the workspace.
type User struct {
	ID, Name string
	Locale   string // "de-DE"; "" is "en-US"
	Bot      bool   // another app's bot
	Admin    bool   // administers the workspace
	Owner    bool   // owns it, which in Slack makes an admin too
}

// Group is a user group, which the app reads with usergroups:read.
type Group struct {
	ID, Handle string
	Members    []string // ids of users
	Disabled   bool
}

// Channel is a conversation.
type Channel struct {
	ID, Name string
	Private  bool
	IM       bool     // a direct message between the app and one person
	Archived bool     // posts are refused
	Members  []string // ids of users; the app takes part if BotUserID is among them
}

// Message is a posted message as the workspace keeps it.
type Message struct {
	Channel   string
	TS        string
	ThreadTS  string // "" at the root of a channel
	User      string // BotUserID for the app's own
	BotID     string
	Text      string
	Blocks    json.RawMessage // nil without
	Metadata  json.RawMessage // nil without
	Ephemeral string          // the id of the one user who sees it, or ""
	Edits     int             // how often it was updated
	Reactions []string        // "eyes"
	Deleted   bool
	Files     []File
}

// File is an uploaded file.
type File struct {
	ID, Name, Title string
	Content         []byte
	shared          bool
}

// View is an open modal or a published App Home.
type View struct {
	ID, User        string
	Type            string // "modal" or "home"
	CallbackID      string
	PrivateMetadata string
	JSON            json.RawMessage // as the app sent it
	Closed          bool
}

// world is what the workspace consists of.
type world struct {
	users    map[string]User
	channels map[string]*Channel
	messages []*Message // in the order of posting
	byTS     map[string]*Message
	posted   int // messages of the app
	views    []*View
	files    map[string]*File
	groups   map[string]Group
}

func newWorld() world {
	return world{
		users:    map[string]User{BotUserID: {ID: BotUserID, Name: BotName, Bot: true}},
		channels: map[string]*Channel{}, byTS: map[string]*Message{},
		files:  map[string]*File{},
		groups: map[string]Group{},
	}
}

// AddGroup makes a user group, or replaces the one with its id.
func (s *Server) AddGroup(g Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.groups[g.ID] = g
}

// AddUser makes a member.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.users[u.ID] = u
}

// AddChannel makes a conversation, or replaces the one with its id.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.channels[c.ID] = &c
}

// Messages are the messages of a channel in the order of posting, ephemeral
// and deleted ones included; "" is all channels.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.world.messages {
		if channel == "" || m.Channel == channel {
			out = append(out, *m)
		}
	}
	return out
}

// Posts are the app's own messages in a channel, without the deleted ones.
func (s *Server) Posts(channel string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool { return m.BotID != BotID || m.Deleted })
}

// Message is the message with that timestamp; ok is false when there is none.
func (s *Server) Message(channel, ts string) (m Message, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.world.message(channel, ts); p != nil {
		return *p, true
	}
	return Message{}, false
}

// Posted is how many messages the app has posted.
func (s *Server) Posted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.posted
}

// OpenIM returns the id of the direct conversation of a person with the app.
func (s *Server) OpenIM(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.im(user).ID
}

// Views are the modals and homes that were ever open, the oldest first.
func (s *Server) Views() []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]View, 0, len(s.world.views))
	for _, v := range s.world.views {
		out = append(out, *v)
	}
	return out
}

func (w *world) add(m *Message) {
	w.messages = append(w.messages, m)
	w.byTS[m.Channel+"/"+m.TS] = m
	if m.BotID == BotID {
		w.posted++
	}
}

func (w *world) message(channel, ts string) *Message {
	if m := w.byTS[channel+"/"+ts]; m != nil && !m.Deleted {
		return m
	}
	return nil
}

// root is the message that starts the thread ts, or nil.
func (w *world) root(channel, ts string) *Message {
	m := w.message(channel, ts)
	if m == nil || m.Ephemeral != "" {
		return nil
	}
	return m
}

// resolve finds the channel that an API call names: by id, or the direct
// conversation with a user.
func (w *world) resolve(id string) *Channel {
	if c := w.channels[id]; c != nil {
		return c
	}
	if u, ok := w.users[id]; ok && !u.Bot {
		return w.im(u.ID)
	}
	return nil
}

// im is the direct conversation of the app with a user, made when needed.
func (w *world) im(user string) *Channel {
	for _, c := range w.channels {
		if c.IM && slices.Contains(c.Members, user) {
			return c
		}
	}
	c := &Channel{ID: "D" + strings.TrimLeft(user, "UW"), Name: w.users[user].Name, IM: true, Members: []string{user, BotUserID}}
	w.channels[c.ID] = c
	return c
}

func (c *Channel) has(user string) bool { return slices.Contains(c.Members, user) }

// kind is the channel_type of events.
func (c *Channel) kind() string {
	switch {
	case c.IM:
		return "im"
	case c.Private:
		return "group"
	}
	return "channel"
}

// label names a channel in the transcript.
func (c *Channel) label() string {
	if c.IM {
		return "DM"
	}
	return "#" + c.Name
}

func (w *world) channelLabel(id string) string {
	if c := w.channels[id]; c != nil {
		return c.label()
	}
	return id
}

func (w *world) userLabel(id string) string {
	if u, ok := w.users[id]; ok {
		return "@" + u.Name
	}
	return id
}
