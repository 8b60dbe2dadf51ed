package bot

import (
	"context"
	"errors"
	"time"
)

// Event is what a platform delivered. An adapter has it stored before it is
// acknowledged, so that no crash loses it.
type Event struct {
	Platform string
	Tenant   string
	// Keys are the names that the event is known by: its id, the message that
	// it is about, the client's own id of the message. An event of which any
	// key is known is a repetition.
	Keys    []string
	Kind    string // how the adapter reads Payload
	Payload []byte // as the platform sent it; stored sealed, until the event is done
}

// Job is an event that this process works on.
type Job struct {
	ID int64
	Event
	// Again counts earlier attempts that did not come to their end: a process
	// was killed, or the platform did not take the answer.
	Again int
	// Received is how long ago the event was stored.
	Received time.Duration
}

// ErrLostJob says that a job is no longer this process's: it was silent for
// too long, and another one has taken over. Nothing more may be posted for it.
var ErrLostJob = errors.New("another process has taken over this event")

// PostState says how far a post has come.
type PostState int

// The states of a post.
const (
	PostNew     PostState = iota // to be posted now
	PostUnsure                   // an earlier attempt may have posted it
	PostSent                     // it stands there
	PostUnknown                  // nobody knows, and it is not repeated
)

// Post is an entry of the outbox: one message of the bot's, by an id of its
// own that is the same at every attempt.
type Post struct {
	ID      string
	State   PostState
	Channel string
	Thread  string // the thread that the message stands in, "" for none
	Message string // the platform's id of the message, once it stands
	Alias   string // what the conversation in a thread on this message is kept under, if not the thread
	Final   bool   // what stands there is the last word
	Age     time.Duration
	Ours    bool // announced by this very attempt at the event
}

// Inbox keeps events until they are answered, and what was posted for them.
// All methods may be called concurrently, by several processes too.
type Inbox interface {
	// Accept stores an event and gives it to this process; with wait nobody
	// has it yet, and Take gives it out. A repetition gives a nil Job. After an error the event is
	// not stored, and must not be acknowledged.
	Accept(ctx context.Context, e Event, wait bool) (*Job, error)
	// Take gives this process up to n events of a platform that nobody works on.
	Take(ctx context.Context, platform string, n int) ([]*Job, error)
	// Begin announces a post. The state in the result says what to do: only a
	// new post is simply sent. ErrLostJob forbids it.
	Begin(ctx context.Context, j *Job, p Post) (Post, error)
	// Record notes how a post stands.
	Record(ctx context.Context, j *Job, p Post) error
	// Done ends a job; its payload is erased.
	Done(ctx context.Context, j *Job) error
	// Later puts a job off; 0 gives it back at once.
	Later(ctx context.Context, j *Job, after time.Duration) error
	// Posted finds a post by its id, or nil.
	Posted(ctx context.Context, platform, id string) (*Post, error)
	// InThread finds the first post in a thread or at its root, or nil.
	InThread(ctx context.Context, platform, channel, thread string) (*Post, error)
}
