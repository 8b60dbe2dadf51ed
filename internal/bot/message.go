package bot

import (
	"context"
	"iter"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Lang is "de", "en", or "" when unknown.
type Lang = knowledge.Lang

// Kind says how a message reached the bot.
type Kind string

// The kinds of message. All but KindChannel and the last two expect an answer.
const (
	KindDirect  Kind = "direct"  // a direct message, or the terminal
	KindMention Kind = "mention" // the bot was mentioned in a channel or thread
	KindThread  Kind = "thread"  // said without mention in a thread that the bot takes part in
	KindChannel Kind = "channel" // overheard in a channel: answered only where that is switched on
	KindCommand Kind = "command" // a slash command
	KindAction  Kind = "action"  // a button

	// These two are never answered; they tell the bot what it must not miss.
	KindReply   Kind = "reply"   // a person wrote in a thread that the bot takes no part in, or replied to the message in Replaces
	KindDeleted Kind = "deleted" // a person took a message back; its ID is in Replaces
)

// platformConsole is the Platform of the terminal.
const platformConsole = "console"

// Message is one thing that a person said or did, as an adapter hands it over.
// Text has mentions of the bot already removed and platform escapes undone.
type Message struct {
	ID       string // the platform's id of the event or message; the same event always has the same ID
	Platform string // "slack", "discord", "console"
	Tenant   string // workspace or guild, "" where there is none
	Channel  string // "" for a message that stands alone: nothing is remembered of it
	Thread   string // the thread or conversation that the answer belongs to; "" where there is none
	User     string
	Name     string // what the platform calls the person, "" where its message does not say it
	Kind     Kind
	Text     string
	Command  *Command // set for KindCommand
	Action   *Action  // set for KindAction

	// Replaces is the ID of the message that this one is the edited version
	// of; its own ID then differs. What the bot yields replaces its answer to
	// the earlier version, or is its first answer if there was none.
	Replaces string
	On       string            // KindAction: the platform's id of the message that carries the button or the menu
	Fields   map[string]string // KindAction: what was filled in, by Field.ID; nil when there was no form
	Direct   bool              // this place is a conversation of the person with the bot alone
	Admin    bool              // the platform's message says that the person administers this place
	Groups   []string          // ids of the person's groups or roles, where the platform's message says them

	// Once says that the adapter's Inbox sees to it that the message is answered
	// once; without it the Store is asked (Claim).
	Once bool

	Lang Lang // what the platform says about the person's language, if anything
	Time time.Time
}

// Command is a slash command: "/test smtp gmx" has the name "test" and the arguments "smtp gmx".
type Command struct {
	Name, Args string
	Channels   []string // ids of the channels that the arguments mention, in order
	Roles      []string // ids of the user groups or roles that the arguments mention, in order
}

// Action is a button: offered with an Answer, and returned in a Message when pressed.
type Action struct {
	ID    string // which action; stable: see the constants
	Label string // in the answer's language; empty in a Message
	Value string // its argument, e.g. "smtp gmx"; at most 1900 bytes
	Style string // "", "primary" or "danger"
	Ask   bool   // the surface asks for a text first, where it can; it comes in Message.Text
}

// Handler answers one message. The first Answer is posted, each later one
// replaces it; no Answer at all is silence. Stopping the loop or cancelling
// the context ends what the answer is waiting for. Safe for concurrent use.
type Handler func(context.Context, Message) iter.Seq[Answer]

// Adapter connects one chat surface. Run returns when ctx ends (with nil) or
// when the surface is lost for good.
type Adapter interface {
	Name() string
	Run(context.Context, Handler) error
}
