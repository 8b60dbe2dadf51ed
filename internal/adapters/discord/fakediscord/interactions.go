package fakediscord

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long an interaction can be answered
// (discord.com/developers/docs/interactions/receiving-and-responding).
const (
	firstResponseIn = 3 * time.Second
	tokenLives      = 15 * time.Minute
)

// Interaction types.
const (
	InteractionPing         = 1
	InteractionCommand      = 2
	InteractionComponent    = 3
	InteractionAutocomplete = 4
	InteractionModal        = 5
)

// Interaction is something that a person did with a command, a button or a
// modal, and what the bot made of it.
type Interaction struct {
	ID    string
	Token string
	Type  int
	User  User

	s         *Server
	channel   *Channel
	payload   map[string]any
	source    *Message // the message whose button was pressed
	created   time.Time
	responded time.Time
	respType  int // type of the first response, 0 while there is none
	choices   []Choice
	modal     *Modal
	original  *Message
	messages  []*Message
	ephemeral bool
}

// Modal is a form that the bot opened.
type Modal struct {
	CustomID   string      `json:"custom_id"`
	Title      string      `json:"title"`
	Components []Component `json:"components"`
}

// Inputs are the text inputs of a modal.
func (m Modal) Inputs() []Component {
	var out []Component
	for _, row := range m.Components {
		if row.Component != nil {
			in := *row.Component
			in.Label = row.Label
			out = append(out, in)
		}
		out = append(out, row.Components...)
	}
	return out
}

// Option is an argument that a person gives to a command.
type Option struct{ Name, Value string }

// Opt is an Option.
func Opt(name, value string) Option { return Option{name, value} }

// ResponseType is the type of the first response, 0 while there is none.
func (i *Interaction) ResponseType() int {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.respType
}

// Responded says whether the first response to the interaction with this id came in.
func (s *Server) Responded(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.calls[id]
	return i != nil && i.respType != 0
}

// Answered says that the bot's answer stands there: a message that is not
// "thinking…" any more, choices, or a modal.
func (i *Interaction) Answered() bool {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.choices != nil || i.modal != nil || len(i.messages) > 0 && i.messages[len(i.messages)-1].Flags&FlagLoading == 0
}

// RespondedAfter is how long the first response took, 0 while there is none.
func (i *Interaction) RespondedAfter() time.Duration {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	if i.respType == 0 {
		return 0
	}
	return i.responded.Sub(i.created)
}

// Failed says what the person's client says after three seconds without a
// response: "The application did not respond".
func (i *Interaction) Failed() bool {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.respType == 0 && i.s.now().Sub(i.created) > firstResponseIn
}

// Message is the newest message that responds to the interaction, as it is now.
func (i *Interaction) Message() Message {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	if len(i.messages) == 0 {
		return Message{}
	}
	return i.messages[len(i.messages)-1].clone()
}

// Messages are all messages that respond to it and were not deleted.
func (i *Interaction) Messages() []Message {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	var out []Message
	for _, m := range i.messages {
		out = append(out, m.clone())
	}
	return out
}

// Choices are the suggestions that answered an autocomplete.
func (i *Interaction) Choices() []Choice {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return slices.Clone(i.choices)
}

// Modal is the form that the bot opened.
func (i *Interaction) Modal() (Modal, bool) {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	if i.modal == nil {
		return Modal{}, false
	}
	return *i.modal, true
}

// Resend delivers the interaction again under the same id.
func (i *Interaction) Resend() {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	i.s.deliver(i)
}

// Slash runs a slash command as a person does; of a command with parts the part
// is named behind a blank. It panics when the command, the part or an option is
// not registered, because a client would not offer it. The value of an option
// for a channel or a role is an id.
func (s *Server) Slash(u User, channelID, command string, options ...Option) *Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, part, _ := strings.Cut(command, " ")
	cmd := s.command(1, name)
	given := checkOptions(cmd.Name, cmd.part(part), options, "")
	if part != "" {
		given = []map[string]any{{"name": part, "type": optionSub, "options": given}}
	}
	return s.interact(u, channelID, InteractionCommand, map[string]any{
		"id": cmd.ID, "name": cmd.Name, "type": 1, "options": given,
	}, nil)
}

// part are the options of a part, "" for the command itself.
func (c Command) part(name string) []CommandOption {
	if name == "" && (len(c.Options) == 0 || c.Options[0].Type > optionGroup) {
		return c.Options
	}
	i := slices.IndexFunc(c.Options, func(o CommandOption) bool { return o.Type == optionSub && o.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("fakediscord: /%s has no part %q", c.Name, name))
	}
	return c.Options[i].Options
}

// Autocomplete types into an option of a command.
func (s *Server) Autocomplete(u User, channelID, command, option, typed string) *Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	cmd := s.command(1, command)
	return s.interact(u, channelID, InteractionAutocomplete, map[string]any{
		"id": cmd.ID, "name": cmd.Name, "type": 1, "options": checkOptions(cmd.Name, cmd.Options, []Option{{option, typed}}, option),
	}, nil)
}

// ContextMenu runs a message command on a message.
func (s *Server) ContextMenu(u User, command, messageID string) *Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	cmd, m := s.command(3, command), s.findMessage("", messageID)
	return s.interact(u, m.ChannelID, InteractionCommand, map[string]any{
		"id": cmd.ID, "name": cmd.Name, "type": 3, "target_id": m.ID,
		"resolved": map[string]any{"messages": map[string]any{m.ID: m.clone()}},
	}, nil)
}

// Press presses a button of a message.
func (s *Server) Press(u User, messageID, customID string) *Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.findMessage("", messageID)
	return s.interact(u, m.ChannelID, InteractionComponent, map[string]any{"custom_id": customID, "component_type": ComponentButton}, m)
}

// Submit sends a modal that the bot opened; values go to its inputs in order,
// for a choice it is the value of one of its options. It panics on what a
// client would not send.
func (s *Server) Submit(opened *Interaction, values ...string) *Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []map[string]any
	for n, row := range opened.modal.Components {
		c := row.Component
		if c == nil {
			c = &row.Components[0]
		}
		in := map[string]any{"type": c.Type, "custom_id": c.CustomID, "id": 2*n + 2}
		if c.Type == ComponentSelect {
			in["values"] = c.pick(values[n])
		} else {
			in["value"] = c.typed(values[n])
		}
		if row.Component != nil {
			rows = append(rows, map[string]any{"type": ComponentLabel, "id": 2*n + 1, "component": in})
			continue
		}
		rows = append(rows, map[string]any{"type": ComponentRow, "id": 2*n + 1, "components": []any{in}})
	}
	return s.interact(opened.User, opened.channel.ID, InteractionModal, map[string]any{"custom_id": opened.modal.CustomID, "components": rows}, opened.source)
}

func (c Component) pick(value string) []string {
	if value == "" && c.Required != nil && !*c.Required {
		return []string{}
	}
	if !slices.ContainsFunc(c.Options, func(o SelectOption) bool { return o.Value == value }) {
		panic(fmt.Sprintf("fakediscord: %q is no choice of %s", value, c.CustomID))
	}
	return []string{value}
}

func (c Component) typed(value string) string {
	if n := runes(value); n > c.MaxLength && c.MaxLength > 0 || n == 0 && (c.Required == nil || *c.Required) {
		panic(fmt.Sprintf("fakediscord: %d characters do not fit %s", n, c.CustomID))
	}
	return value
}

func (s *Server) command(kind int, name string) Command {
	for _, c := range s.commands {
		if c.Type == kind && c.Name == name {
			return c
		}
	}
	panic(fmt.Sprintf("fakediscord: command %q is not registered", name))
}

func checkOptions(command string, have []CommandOption, options []Option, focused string) []map[string]any {
	out := []map[string]any{}
	for _, o := range options {
		i := slices.IndexFunc(have, func(c CommandOption) bool { return c.Name == o.Name })
		if i < 0 {
			panic(fmt.Sprintf("fakediscord: /%s has no option %q", command, o.Name))
		}
		c := have[i]
		if len(c.Choices) > 0 && !slices.ContainsFunc(c.Choices, func(c Choice) bool { return c.Value == o.Value }) {
			panic(fmt.Sprintf("fakediscord: %q is no choice of /%s %s", o.Value, command, o.Name))
		}
		given := map[string]any{"name": o.Name, "type": c.Type, "value": o.Value}
		if o.Name == focused {
			given["focused"] = true
		}
		out = append(out, given)
	}
	if focused != "" {
		return out
	}
	for _, c := range have {
		if c.Required && !slices.ContainsFunc(options, func(o Option) bool { return o.Name == c.Name }) {
			panic(fmt.Sprintf("fakediscord: /%s needs %q", command, c.Name))
		}
	}
	return out
}

// interact makes an interaction and delivers it; s.mu is held.
func (s *Server) interact(u User, channelID string, kind int, data map[string]any, source *Message) *Interaction {
	c := s.channels[channelID]
	i := &Interaction{ID: s.nextID(), Type: kind, User: u, s: s, channel: c, source: source, created: s.now()}
	i.Token = "aW50ZXJhY3Rpb246" + i.ID
	i.payload = map[string]any{
		"id": i.ID, "application_id": s.AppID, "type": kind, "token": i.Token, "version": 1, "data": data,
		"channel_id": c.ID, "channel": c, "locale": u.Locale, "app_permissions": strconv.FormatUint(s.permissions(c), 10),
		"entitlements": []any{}, "authorizing_integration_owners": owners(c), "attachment_size_limit": 10 << 20,
	}
	if c.GuildID == "" {
		i.payload["user"], i.payload["context"] = u, 1
	} else {
		g := s.guilds[c.GuildID]
		i.payload["guild_id"], i.payload["guild_locale"], i.payload["context"] = g.ID, g.Locale, 0
		i.payload["guild"] = map[string]any{"id": g.ID, "locale": g.Locale, "features": []string{}}
		i.payload["member"] = g.memberJSON(&u, u.ID, true)
	}
	if source != nil {
		i.payload["message"] = source.clone()
	}
	s.calls[i.ID] = i
	s.deliver(i)
	return i
}

// owners says for whom the app is installed: the server, or "0" in direct messages.
func owners(c *Channel) map[string]string {
	if c.GuildID == "" {
		return map[string]string{"0": "0"}
	}
	return map[string]string{"0": c.GuildID}
}

var epochTime = time.UnixMilli(epoch).UTC()

// deliver sends an interaction over the gateway or as an HTTP request.
func (s *Server) deliver(i *Interaction) {
	if s.endpoint != "" {
		payload := maps.Clone(i.payload)
		go s.pushInteraction(i, payload)
		return
	}
	s.dispatch(i.channel.GuildID, 0, "INTERACTION_CREATE", i.payload)
}

// response is the body of a callback.
type response struct {
	Type int `json:"type"`
	Data struct {
		outgoing
		Choices  []Choice `json:"choices"`
		CustomID string   `json:"custom_id"`
		Title    string   `json:"title"`
	} `json:"data"`
}

// postCallback is POST /interactions/{id}/{token}/callback.
func (s *Server) postCallback(r *request) (any, *apiError) {
	var resp response
	if err := r.decode(&resp); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.calls[r.PathValue("id")]
	if i == nil || i.Token != r.PathValue("token") {
		return nil, errUnknownCall
	}
	return nil, s.respond(i, &resp, r.files)
}

// respond takes the first response; s.mu is held.
func (s *Server) respond(i *Interaction, resp *response, files []Attachment) *apiError {
	if i.respType != 0 {
		return errAcknowledged
	}
	if s.now().Sub(i.created) > firstResponseIn {
		return errUnknownCall
	}
	if err := checkResponse(i, resp); err != nil {
		return err
	}
	i.respType, i.responded = resp.Type, s.now()
	d := &resp.Data
	switch resp.Type {
	case 4, 5:
		i.ephemeral = d.Flags != nil && *d.Flags&FlagEphemeral != 0
		m := s.respondingMessage(i, i.ephemeral)
		if resp.Type == 5 {
			m.Flags |= FlagLoading
		} else {
			d.apply(m, files)
			s.ping(m, d.AllowedMentions)
		}
		i.original = m
		s.store(m)
	case 6:
		i.original = i.source
	case 7:
		i.original = i.source
		i.source.History = append(i.source.History, i.source.Content)
		d.apply(i.source, files)
		i.messages = append(i.messages, i.source)
		s.dispatchMessage("MESSAGE_UPDATE", i.source)
	case 8:
		i.choices = append([]Choice{}, d.Choices...)
	case 9:
		i.modal = &Modal{CustomID: d.CustomID, Title: d.Title}
		if d.Components != nil {
			i.modal.Components = *d.Components
		}
	}
	s.touch()
	return nil
}

func (s *Server) respondingMessage(i *Interaction, ephemeral bool) *Message {
	m := &Message{
		ID: s.nextID(), ChannelID: i.channel.ID, GuildID: i.channel.GuildID, Author: s.Bot, Timestamp: s.now(), Type: 20,
		WebhookID: s.AppID, ApplicationID: s.AppID, Interaction: &InteractionRef{ID: i.ID, Type: i.Type, User: i.User, Owners: owners(i.channel)},
	}
	if ephemeral {
		m.Flags, m.ForUser = FlagEphemeral, i.User.ID
	}
	i.messages = append(i.messages, m)
	return m
}

func checkResponse(i *Interaction, resp *response) *apiError {
	f := formErrors{}
	fits := map[int][]int{
		InteractionPing: {1}, InteractionCommand: {4, 5, 9}, InteractionComponent: {4, 5, 6, 7, 9}, InteractionAutocomplete: {8}, InteractionModal: {4, 5},
	}[i.Type]
	if i.Type == InteractionModal && i.source != nil {
		fits = append(fits, 6, 7)
	}
	if !slices.Contains(fits, resp.Type) {
		f.add("type", "Value must be one of %v.", fits)
		return f.err()
	}
	d := &resp.Data
	switch resp.Type {
	case 4, 7:
		if err := d.check(); err != nil {
			return err
		}
		if m := (Message{}); resp.Type == 4 {
			if d.apply(&m, nil); m.empty() {
				return errEmpty
			}
		}
	case 8:
		checkChoices(f, "data.choices", d.Choices)
	case 9:
		checkModal(f, d.CustomID, d.Title, d.Components)
	}
	return f.err()
}

func checkModal(f formErrors, id, title string, rows *[]Component) {
	if n := runes(id); n < 1 || n > 100 {
		f.add("data.custom_id", "Must be between 1 and 100 in length.")
	}
	if n := runes(title); n < 1 || n > 45 {
		f.add("data.title", "Must be between 1 and 45 in length.")
	}
	if rows == nil || len(*rows) == 0 || len(*rows) > 5 {
		f.add("data.components", "Must be between 1 and 5 in length.")
		return
	}
	ids := map[string]bool{}
	for _, in := range (Modal{Components: *rows}).Inputs() {
		checkInput(f, in)
		if ids[in.CustomID] {
			f.add("data.components.custom_id", "Component custom id cannot be duplicated")
		}
		ids[in.CustomID] = true
	}
}

// callByToken finds the interaction of a webhook token that still lives.
func (s *Server) callByToken(r *request) (*Interaction, *apiError) {
	if r.PathValue("app") != s.AppID {
		return nil, errUnknownWebhook
	}
	id, ok := strings.CutPrefix(r.PathValue("token"), "aW50ZXJhY3Rpb246")
	i := s.calls[id]
	if !ok || i == nil || i.respType == 0 {
		return nil, errUnknownWebhook
	}
	if s.now().Sub(i.created) > tokenLives {
		return nil, errInvalidToken
	}
	return i, nil
}

// postFollowup is POST /webhooks/{app}/{token}. The first one after a deferred
// response fills that response, ephemeral or not as it was deferred.
func (s *Server) postFollowup(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.callByToken(r)
	if err != nil {
		return nil, err
	}
	if i.original != nil && i.original.Flags&FlagLoading != 0 {
		return s.edit(i.original, r)
	}
	var o outgoing
	if err := r.decode(&o); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	probe := Message{}
	if o.apply(&probe, r.files); probe.empty() {
		return nil, errEmpty
	}
	if err := i.channel.mayWrite(); err != nil {
		return nil, err
	}
	m := s.respondingMessage(i, o.Flags != nil && *o.Flags&FlagEphemeral != 0)
	o.apply(m, r.files)
	s.ping(m, o.AllowedMentions)
	s.store(m)
	return m, nil
}

// followup finds the message of a webhook call: @original or an id.
func (s *Server) followup(r *request) (*Interaction, *Message, *apiError) {
	i, err := s.callByToken(r)
	if err != nil {
		return nil, nil, err
	}
	id := r.PathValue("id")
	if id == "@original" {
		if i.original == nil {
			return nil, nil, errUnknownMessage
		}
		return i, i.original, nil
	}
	for _, m := range i.messages {
		if m.ID == id {
			return i, m, nil
		}
	}
	return nil, nil, errUnknownMessage
}

func (s *Server) getFollowup(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.followup(r)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (s *Server) patchFollowup(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.followup(r)
	if err == nil && m.Flags&FlagEphemeral == 0 {
		err = s.channels[m.ChannelID].mayChange()
	}
	if err != nil {
		return nil, err
	}
	return s.edit(m, r)
}

func (s *Server) deleteFollowup(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, m, err := s.followup(r)
	if err == nil && m.Flags&FlagEphemeral == 0 {
		err = s.channels[m.ChannelID].mayChange()
	}
	if err != nil {
		return nil, err
	}
	i.messages = slices.DeleteFunc(i.messages, func(x *Message) bool { return x == m })
	if i.original == m {
		i.original = nil
	}
	s.remove(m)
	return nil, nil
}
