package bot

import (
	"context"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Store is what the bot remembers. All methods may be called concurrently.
type Store interface {
	// Claim marks a message as answered and reports whether it was new. The
	// same id of the same platform and tenant is new once only, also across
	// restarts and processes.
	Claim(ctx context.Context, platform, tenant, id string, at time.Time) (bool, error)
	// Conversation returns what a thread is about; the zero value when nothing is known.
	Conversation(ctx context.Context, key ConversationKey) (Conversation, error)
	// SaveConversation replaces what is known about a thread.
	SaveConversation(ctx context.Context, key ConversationKey, c Conversation) error
	// Found returns what a search found for a domain (ASCII), also when it has
	// expired; nil when nothing is kept.
	Found(ctx context.Context, domain string) (*discover.Result, error)
	// SaveFound replaces what is kept for the result's domain.
	SaveFound(ctx context.Context, r discover.Result) error
	// Checked returns the latest probe of each server of a provider, of all
	// providers when the id is "", sorted by provider.
	Checked(ctx context.Context, provider string) ([]LiveCheck, error)
	// SaveChecked replaces what is kept of the probes of these servers.
	SaveChecked(ctx context.Context, checks []LiveCheck) error

	Records
	People
	Links
}

// ConversationKey names a thread. Thread is "" for a channel without threads,
// a direct message or the terminal.
type ConversationKey struct{ Platform, Tenant, Channel, Thread string }

// Key returns the thread that m belongs to.
func (m Message) Key() ConversationKey {
	return ConversationKey{m.Platform, m.Tenant, m.Channel, m.Thread}
}

// Conversation is what a thread has told so far. It holds no message text and
// no local part of an address.
type Conversation struct {
	Provider string // knowledge base id
	Domain   string // when no provider is known, or to tell hosters' customers apart
	Host     string // a server that was named and belongs to no provider
	Client   string
	Protocol mailconf.Protocol
	Topic    string
	Cause    string
	Tries    int  // how often what was advised has not helped
	Lang     Lang // of the last answer; langOther when it only said which languages there are
	Updated  time.Time
}

// langOther is the language of a thread in neither German nor English.
const langOther Lang = "other"
