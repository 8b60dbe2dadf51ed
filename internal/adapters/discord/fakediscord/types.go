package fakediscord

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// User is a person, or the bot.
type User struct {
	ID            string `json:"id"`
	Username      string `json:"username"`
	Discriminator string `json:"discriminator"`
	Bot           bool   `json:"bot,omitempty"`
	System        bool   `json:"system,omitempty"`

	Locale string `json:"-"` // what the person's client is set to, e.g. "de" or "en-US"
}

// The types of channel that the server knows.
const (
	ChannelText   = 0
	ChannelDM     = 1
	ChannelThread = 11 // public thread
	ChannelForum  = 15
)

// Channel is a channel, thread, forum or direct conversation.
type Channel struct {
	ID         string          `json:"id"`
	Type       int             `json:"type"`
	GuildID    string          `json:"guild_id,omitempty"`
	Name       string          `json:"name,omitempty"`
	ParentID   string          `json:"parent_id,omitempty"`
	OwnerID    string          `json:"owner_id,omitempty"`
	Recipients []User          `json:"recipients,omitempty"`
	Metadata   *ThreadMetadata `json:"thread_metadata,omitempty"`
	Member     *ThreadMember   `json:"member,omitempty"` // the bot's membership of a thread
	Overwrites []struct{}      `json:"permission_overwrites"`

	denied  uint64
	allowed uint64 // permissions that it has beyond the usual ones
}

// ThreadMetadata is the state of a thread.
type ThreadMetadata struct {
	Archived            bool      `json:"archived"`
	Locked              bool      `json:"locked"`
	AutoArchiveDuration int       `json:"auto_archive_duration"`
	ArchiveTimestamp    time.Time `json:"archive_timestamp"`
}

// ThreadMember says since when somebody is in a thread.
type ThreadMember struct {
	ID    string    `json:"id"`
	User  string    `json:"user_id"`
	Join  time.Time `json:"join_timestamp"`
	Flags int       `json:"flags"`
}

// Message flags.
const (
	FlagSuppressEmbeds = 1 << 2
	FlagEphemeral      = 1 << 6
	FlagLoading        = 1 << 7
)

// Message is what stands in a channel.
type Message struct {
	ID              string          `json:"id"`
	ChannelID       string          `json:"channel_id"`
	GuildID         string          `json:"guild_id,omitempty"`
	Type            int             `json:"type"`
	Author          User            `json:"author"`
	Content         string          `json:"content"`
	Embeds          []Embed         `json:"embeds"`
	Components      []Component     `json:"components"`
	Attachments     []Attachment    `json:"attachments"`
	Flags           int             `json:"flags"`
	Nonce           any             `json:"nonce,omitempty"`
	Timestamp       time.Time       `json:"timestamp"`
	Edited          *time.Time      `json:"edited_timestamp"`
	Mentions        []User          `json:"mentions"`
	MentionRoles    []string        `json:"mention_roles"`
	MentionEveryone bool            `json:"mention_everyone"`
	Pinned          bool            `json:"pinned"`
	TTS             bool            `json:"tts"`
	WebhookID       string          `json:"webhook_id,omitempty"`
	ApplicationID   string          `json:"application_id,omitempty"`
	Reference       *Reference      `json:"message_reference,omitempty"`
	Referenced      *Message        `json:"referenced_message,omitempty"`
	Interaction     *InteractionRef `json:"interaction_metadata,omitempty"`
	Thread          *Channel        `json:"thread,omitempty"`

	Pings   []string `json:"-"` // whom it notified: user ids, "&role", "everyone", "here"
	History []string `json:"-"` // the contents before each edit, oldest first
	ForUser string   `json:"-"` // an ephemeral message is shown to this user alone
}

// Reference points at the message that is answered.
type Reference struct {
	MessageID       string `json:"message_id,omitempty"`
	ChannelID       string `json:"channel_id,omitempty"`
	GuildID         string `json:"guild_id,omitempty"`
	FailIfNotExists *bool  `json:"fail_if_not_exists,omitempty"`
}

// InteractionRef names the interaction that a message responds to.
type InteractionRef struct {
	ID     string            `json:"id"`
	Type   int               `json:"type"`
	User   User              `json:"user"`
	Owners map[string]string `json:"authorizing_integration_owners"`
}

// Embed is a card in a message.
type Embed struct {
	Type        string       `json:"type,omitempty"`
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	URL         string       `json:"url,omitempty"`
	Color       int          `json:"color,omitempty"`
	Fields      []EmbedField `json:"fields,omitempty"`
	Footer      *struct {
		Text string `json:"text"`
	} `json:"footer,omitempty"`
	Author *struct {
		Name string `json:"name"`
	} `json:"author,omitempty"`
}

// EmbedField is one field of a card.
type EmbedField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline,omitempty"`
}

// Component types.
const (
	ComponentRow    = 1
	ComponentButton = 2
	ComponentSelect = 3
	ComponentInput  = 4
	ComponentLabel  = 18
)

// Component is a row, a button, a select or a text input.
type Component struct {
	Type        int         `json:"type"`
	CustomID    string      `json:"custom_id,omitempty"`
	Label       string      `json:"label,omitempty"`
	Description string      `json:"description,omitempty"`
	Style       int         `json:"style,omitempty"`
	URL         string      `json:"url,omitempty"`
	Disabled    bool        `json:"disabled,omitempty"`
	Value       string      `json:"value,omitempty"`
	Placeholder string      `json:"placeholder,omitempty"`
	Required    *bool       `json:"required,omitempty"`
	MinLength   int         `json:"min_length,omitempty"`
	MaxLength   int         `json:"max_length,omitempty"`
	Components  []Component `json:"components,omitempty"`
	Component   *Component  `json:"component,omitempty"`

	Options []SelectOption `json:"options,omitempty"` // of a select
}

// SelectOption is a choice of a select.
type SelectOption struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// Attachment is a file of a message.
type Attachment struct {
	ID       string `json:"id"`
	Filename string `json:"filename"`
	Size     int    `json:"size"`
	Data     []byte `json:"-"`
}

// Buttons are a message's buttons in order.
func (m Message) Buttons() []Component {
	var out []Component
	for _, row := range m.Components {
		for _, c := range row.Components {
			if c.Type == ComponentButton {
				out = append(out, c)
			}
		}
	}
	return out
}

// Button is the button whose label holds the given text.
func (m Message) Button(label string) (Component, bool) {
	for _, b := range m.Buttons() {
		if strings.Contains(b.Label, label) {
			return b, true
		}
	}
	return Component{}, false
}

// Text is all that a reader sees: content and embeds.
func (m Message) Text() string {
	parts := []string{m.Content}
	for _, e := range m.Embeds {
		parts = append(parts, e.Title, e.Description)
		for _, f := range e.Fields {
			parts = append(parts, f.Name, f.Value)
		}
	}
	return strings.TrimSpace(strings.Join(parts, "\n"))
}

func (m Message) clone() Message {
	m.Embeds = slices.Clone(m.Embeds)
	m.Components = slices.Clone(m.Components)
	m.Attachments = slices.Clone(m.Attachments)
	m.Mentions = slices.Clone(m.Mentions)
	m.Pings = slices.Clone(m.Pings)
	m.History = slices.Clone(m.History)
	return m
}

// Command is a registered application command.
type Command struct {
	ID                       string            `json:"id"`
	ApplicationID            string            `json:"application_id"`
	Type                     int               `json:"type"`
	Name                     string            `json:"name"`
	NameLocalizations        map[string]string `json:"name_localizations,omitempty"`
	Description              string            `json:"description"`
	DescriptionLocalizations map[string]string `json:"description_localizations,omitempty"`
	Options                  []CommandOption   `json:"options,omitempty"`
	Contexts                 []int             `json:"contexts,omitempty"`
	IntegrationTypes         []int             `json:"integration_types,omitempty"`
	Version                  string            `json:"version"`
}

// CommandOption is an argument of a command.
type CommandOption struct {
	Type                     int               `json:"type"`
	Name                     string            `json:"name"`
	NameLocalizations        map[string]string `json:"name_localizations,omitempty"`
	Description              string            `json:"description"`
	DescriptionLocalizations map[string]string `json:"description_localizations,omitempty"`
	Required                 bool              `json:"required,omitempty"`
	Autocomplete             bool              `json:"autocomplete,omitempty"`
	Choices                  []Choice          `json:"choices,omitempty"`
	MaxLength                int               `json:"max_length,omitempty"`
	ChannelTypes             []int             `json:"channel_types,omitempty"`
	Options                  []CommandOption   `json:"options,omitempty"` // of a part
}

// Types of options.
const (
	optionSub   = 1
	optionGroup = 2
)

// Choice is a fixed or suggested value.
type Choice struct {
	Name  string            `json:"name"`
	Names map[string]string `json:"name_localizations,omitempty"`
	Value any               `json:"value"`
}

// Request is a REST call that the server received.
type Request struct {
	Method string
	Path   string // without /api/vN
	Body   json.RawMessage
	Status int // what was answered
	Code   int // Discord's error code, 0 when there was none
	At     time.Time
}
