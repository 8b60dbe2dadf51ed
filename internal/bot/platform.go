package bot

import (
	"context"
	"fmt"
)

// Place is where something is said: a channel, or a thread in it. Channel may
// also be what the platform takes for a person's direct messages.
type Place struct{ Platform, Tenant, Channel, Thread string }

// Place returns where m was said.
func (m Message) Place() Place { return Place(m.Key()) }

// Announcement is something that the bot says unasked: what it would have
// answered (shadow mode), a digest, a hand-over to people, an incident.
type Announcement struct {
	To     Place
	Answer Answer // Private, Partial and Retract have no meaning here
	// Notify is the id of a user group (Slack) or role (Discord) that is
	// mentioned in front of the Answer and so wakes its members; "" wakes
	// nobody. It comes out of a setting that an admin made, never out of a
	// message, and is the only mention that a surface ever brings to life.
	Notify string
	// Key names what is said: the same Key in the same channel is posted once,
	// also when a post's outcome was unknown. At most 100 bytes.
	Key string
}

// Poster says something unasked; each chat platform has one. Implementations
// are safe for concurrent use.
type Poster interface {
	// Post posts a and returns the platform's id of the message. It waits out
	// rate limits, never posts twice, and cuts what does not fit as it does
	// with answers. The error is a [*Refused] when the platform said no; any
	// other error means that nobody knows whether the message arrived.
	Post(ctx context.Context, a Announcement) (id string, err error)
}

// Refused is a platform's refusal in the bot's words: why, and the detail that
// the Notice wants.
type Refused struct {
	Notice Notice
	Detail string
}

// Error implements error.
func (r *Refused) Error() string { return fmt.Sprintf("refused: %s %s", r.Notice, r.Detail) }

// Standing is what a person may do in a workspace or guild.
type Standing struct {
	Admin  bool     // may administer the place: workspace admin or owner; on Discord Manage Server, or Manage Channels for the channel
	Groups []string // of the groups asked for, those that the person belongs to
}

// Directory tells who people are, for platforms whose messages do not say it
// in Message.Admin and Message.Groups. It is asked only when somebody wants
// what not everybody may do. Implementations are safe for concurrent use and
// may remember an answer for some minutes.
type Directory interface {
	// Standing looks a person up; groups are ids of user groups to look in. A
	// [*Refused] with NoticeScope says which permission the bot lacks for it.
	Standing(ctx context.Context, tenant, user string, groups []string) (Standing, error)
}
