package fakediscord

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// outgoing is the body of a message that the bot sends; nil means not given,
// which leaves the old value in an edit.
type outgoing struct {
	Content         *string          `json:"content"`
	Embeds          *[]Embed         `json:"embeds"`
	Components      *[]Component     `json:"components"`
	AllowedMentions *allowedMentions `json:"allowed_mentions"`
	Flags           *int             `json:"flags"`
	Nonce           any              `json:"nonce"`
	EnforceNonce    bool             `json:"enforce_nonce"`
	Reference       *Reference       `json:"message_reference"`
	Attachments     *[]Attachment    `json:"attachments"`
}

type allowedMentions struct {
	Parse       []string `json:"parse"`
	Users       []string `json:"users"`
	Roles       []string `json:"roles"`
	RepliedUser bool     `json:"replied_user"`
}

// nonceLives is how long enforce_nonce knows a nonce; the documentation says
// "in the past few minutes".
const nonceLives = 5 * time.Minute

// formErrors collects the fields of an error 50035.
type formErrors map[string]string

func (f formErrors) add(field, format string, args ...any) { f[field] = fmt.Sprintf(format, args...) }

func (f formErrors) err() *apiError {
	if len(f) == 0 {
		return nil
	}
	out := map[string]any{}
	for field, msg := range f {
		out[field] = map[string]any{"_errors": []map[string]string{{"code": "BASE_TYPE_BAD", "message": msg}}}
	}
	data, _ := json.Marshal(out)
	return &apiError{Status: 400, Code: 50035, Message: "Invalid Form Body", Errors: data}
}

// check holds a body against the limits of
// discord.com/developers/docs/resources/message#create-message.
func (o *outgoing) check() *apiError {
	f := formErrors{}
	if o.Content != nil && utf8.RuneCountInString(*o.Content) > 2000 {
		f.add("content", "Must be 2000 or fewer in length.")
	}
	if o.Embeds != nil {
		checkEmbeds(f, *o.Embeds)
	}
	if o.Components != nil {
		checkComponents(f, *o.Components)
	}
	if n, ok := o.Nonce.(string); ok && len(n) > 25 {
		f.add("nonce", "Must be 25 or fewer in length.")
	}
	if a := o.AllowedMentions; a != nil {
		for _, p := range a.Parse {
			if p != "users" && p != "roles" && p != "everyone" {
				f.add("allowed_mentions.parse", "Value must be one of {'users', 'roles', 'everyone'}.")
			}
			if p == "users" && len(a.Users) > 0 || p == "roles" && len(a.Roles) > 0 {
				f.add("allowed_mentions", "parse:[%q] and %s: [ids...] are mutually exclusive.", p, p)
			}
		}
	}
	return f.err()
}

func checkEmbeds(f formErrors, embeds []Embed) {
	if len(embeds) > 10 {
		f.add("embeds", "Must be 10 or fewer in length.")
	}
	total := 0
	limit := func(name, s string, most int) {
		n := utf8.RuneCountInString(s)
		if total += n; n > most {
			f.add("embeds."+name, "Must be %d or fewer in length.", most)
		}
	}
	for _, e := range embeds {
		limit("title", e.Title, 256)
		limit("description", e.Description, 4096)
		if e.Footer != nil {
			limit("footer", e.Footer.Text, 2048)
		}
		if e.Author != nil {
			limit("author", e.Author.Name, 256)
		}
		if len(e.Fields) > 25 {
			f.add("embeds.fields", "Must be 25 or fewer in length.")
		}
		for _, x := range e.Fields {
			limit("field.name", x.Name, 256)
			limit("field.value", x.Value, 1024)
			if x.Name == "" || x.Value == "" {
				f.add("embeds.field", "This field is required")
			}
		}
	}
	if total > 6000 {
		f.add("embeds", "Embed size exceeds maximum size of 6000")
	}
}

func checkComponents(f formErrors, rows []Component) {
	if len(rows) > 5 {
		f.add("components", "Must be 5 or fewer in length.")
	}
	ids := map[string]bool{}
	for _, row := range rows {
		if row.Type != ComponentRow || len(row.Components) == 0 || len(row.Components) > 5 {
			f.add("components.components", "Must be between 1 and 5 in length.")
		}
		for _, c := range row.Components {
			if n := utf8.RuneCountInString(c.Label); n > 80 || c.Type == ComponentButton && n == 0 {
				f.add("components.label", "Must be between 1 and 80 in length.")
			}
			if c.Style == 5 {
				continue // a link button has no custom_id
			}
			if n := utf8.RuneCountInString(c.CustomID); n == 0 || n > 100 {
				f.add("components.custom_id", "Must be between 1 and 100 in length.")
			}
			if ids[c.CustomID] {
				f.add("components.custom_id", "Component custom id cannot be duplicated")
			}
			ids[c.CustomID] = true
		}
	}
}

// apply puts a body into a message.
func (o *outgoing) apply(m *Message, files []Attachment) {
	if o.Content != nil {
		m.Content = *o.Content
	}
	if o.Embeds != nil {
		m.Embeds = *o.Embeds
		for i := range m.Embeds {
			m.Embeds[i].Type = "rich"
		}
	}
	if o.Components != nil {
		m.Components = *o.Components
	}
	if o.Flags != nil {
		m.Flags = m.Flags&(FlagEphemeral|FlagLoading) | *o.Flags&FlagSuppressEmbeds
	}
	if o.Attachments != nil {
		m.Attachments = slices.DeleteFunc(m.Attachments, func(a Attachment) bool {
			return !slices.ContainsFunc(*o.Attachments, func(b Attachment) bool { return a.ID == b.ID })
		})
	}
	m.Attachments = append(m.Attachments, files...)
	fill(m)
}

func (m *Message) empty() bool {
	return strings.TrimSpace(m.Content) == "" && len(m.Embeds) == 0 && len(m.Attachments) == 0 && len(m.Components) == 0
}

// ping works out whom a new message notifies.
func (s *Server) ping(m *Message, allowed *allowedMentions) {
	may := func(kind, id string) bool {
		if allowed == nil {
			return true
		}
		return slices.Contains(allowed.Parse, kind) || kind == "users" && slices.Contains(allowed.Users, id) || kind == "roles" && slices.Contains(allowed.Roles, id)
	}
	for _, id := range userMention.FindAllStringSubmatch(m.Content, -1) {
		if who, ok := s.users[id[1]]; ok && may("users", who.ID) {
			m.Pings, m.Mentions = append(m.Pings, who.ID), append(m.Mentions, who)
		}
	}
	for _, id := range roleMention.FindAllStringSubmatch(m.Content, -1) {
		if may("roles", id[1]) {
			m.Pings, m.MentionRoles = append(m.Pings, "&"+id[1]), append(m.MentionRoles, id[1])
		}
	}
	for _, id := range massMention.FindAllStringSubmatch(m.Content, -1) {
		if may("everyone", "") {
			m.Pings, m.MentionEveryone = append(m.Pings, id[1]), true
		}
	}
	if m.Reference != nil && m.Referenced != nil && (allowed == nil || allowed.RepliedUser) {
		m.Pings = append(m.Pings, m.Referenced.Author.ID)
	}
}

// postMessage is POST /channels/{channel}/messages.
func (s *Server) postMessage(r *request) (any, *apiError) {
	var o outgoing
	if err := r.decode(&o); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.PathValue("channel")]
	if err := s.mayPost(c); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	key := fmt.Sprint(c.ID, "/", o.Nonce)
	if old, ok := s.nonces[key]; ok && o.EnforceNonce && s.now().Sub(old.at) < nonceLives {
		return old.msg, nil
	}
	m := &Message{ID: s.nextID(), ChannelID: c.ID, GuildID: c.GuildID, Author: s.Bot, Timestamp: s.now(), Nonce: o.Nonce}
	if err := s.refer(m, o.Reference); err != nil {
		return nil, err
	}
	if o.apply(m, r.files); m.empty() {
		return nil, errEmpty
	}
	s.ping(m, o.AllowedMentions)
	if o.Nonce != nil {
		s.nonces[key] = nonceEntry{m, s.now()}
	}
	if c.Type == ChannelThread {
		s.join(c)
	}
	s.store(m)
	return m, nil
}

// mayPost says whether the bot can write into a channel.
func (s *Server) mayPost(c *Channel) *apiError {
	switch {
	case c == nil:
		return errUnknownChannel
	case c.Type == ChannelForum:
		return errNotOnThisChannel
	case c.Type == ChannelDM:
		if s.closedDMs[c.Recipients[0].ID] {
			return errCannotDM
		}
		return nil
	case c.Type == ChannelThread:
		if err := s.may(c, PermSendMessagesInThreads); err != nil {
			return err
		}
		return c.mayWrite()
	}
	return s.may(c, PermSendMessages)
}

func (s *Server) refer(m *Message, ref *Reference) *apiError {
	if ref == nil {
		return nil
	}
	to := s.findMessage(m.ChannelID, ref.MessageID)
	if to == nil && (ref.FailIfNotExists == nil || *ref.FailIfNotExists) {
		f := formErrors{}
		f.add("message_reference", "Unknown message")
		return f.err()
	}
	if to != nil {
		copied := to.clone()
		copied.Referenced = nil
		m.Type, m.Reference, m.Referenced = 19, ref, &copied
	}
	return nil
}

// own finds a message of the bot for an edit or a removal.
func (s *Server) own(channelID, id string) (*Message, *apiError) {
	c := s.channels[channelID]
	if c == nil {
		return nil, errUnknownChannel
	}
	if err := s.may(c, 0); err != nil {
		return nil, err
	}
	m := s.findMessage(channelID, id)
	if m == nil || m.Flags&FlagEphemeral != 0 {
		return nil, errUnknownMessage
	}
	return m, nil
}

func (s *Server) getMessage(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.own(r.PathValue("channel"), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (s *Server) patchMessage(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.own(r.PathValue("channel"), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if m.Author.ID != s.Bot.ID {
		return nil, errNotAuthor
	}
	if err := s.channels[m.ChannelID].mayChange(); err != nil {
		return nil, err
	}
	return s.edit(m, r)
}

// edit applies a body to an existing message; s.mu is held.
func (s *Server) edit(m *Message, r *request) (any, *apiError) {
	var o outgoing
	if err := r.decode(&o); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	changed := m.clone()
	if o.apply(&changed, r.files); changed.empty() {
		return nil, errEmpty
	}
	if m.Flags&FlagLoading == 0 {
		now := s.now()
		changed.History, changed.Edited = append(changed.History, m.Content), &now
	}
	changed.Flags &^= FlagLoading
	*m = changed
	if m.Flags&FlagEphemeral == 0 {
		s.dispatchMessage("MESSAGE_UPDATE", m)
	}
	s.touch()
	return m, nil
}

func (s *Server) deleteMessage(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.own(r.PathValue("channel"), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if m.Author.ID != s.Bot.ID {
		if err := s.may(s.channels[m.ChannelID], PermManageMessages); err != nil {
			return nil, err
		}
	}
	if err := s.channels[m.ChannelID].mayChange(); err != nil {
		return nil, err
	}
	s.remove(m)
	return nil, nil
}

func (s *Server) getChannel(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.PathValue("channel")]
	if c == nil {
		return nil, errUnknownChannel
	}
	if err := s.may(c, 0); err != nil {
		return nil, err
	}
	return c, nil
}

func (s *Server) postTyping(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return nil, s.mayPost(s.channels[r.PathValue("channel")])
}

func (s *Server) postDM(r *request) (any, *apiError) {
	var body struct {
		Recipient string `json:"recipient_id"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users[body.Recipient]
	if !ok {
		return nil, errUnknownUser
	}
	return s.dm(u), nil
}

// postThread is POST /channels/{channel}/messages/{id}/threads.
func (s *Server) postThread(r *request) (any, *apiError) {
	var body struct {
		Name        string `json:"name"`
		AutoArchive int    `json:"auto_archive_duration"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.PathValue("channel")]
	switch {
	case c == nil:
		return nil, errUnknownChannel
	case c.Type != ChannelText:
		return nil, errNotOnThisChannel
	}
	if err := s.may(c, PermCreatePublicThreads); err != nil {
		return nil, err
	}
	m := s.findMessage(c.ID, r.PathValue("id"))
	if m == nil || m.Flags&FlagEphemeral != 0 {
		return nil, errUnknownMessage
	}
	if s.channels[m.ID] != nil {
		return nil, errHasThread
	}
	f := formErrors{}
	if n := utf8.RuneCountInString(body.Name); n < 1 || n > 100 {
		f.add("name", "Must be between 1 and 100 in length.")
	}
	if body.AutoArchive != 0 && !slices.Contains([]int{60, 1440, 4320, 10080}, body.AutoArchive) {
		f.add("auto_archive_duration", "Value must be one of (60, 1440, 4320, 10080).")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	t := s.newThread(m.ID, c, body.Name, s.Bot.ID)
	m.Thread = t
	s.touch()
	return t, nil
}
