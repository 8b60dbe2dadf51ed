package bot

import (
	"context"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Records is what the bot keeps of its work in channels: settings that were
// made in chat, questions that it considers answering unasked, what people
// thought of its answers, threads in which it keeps silent. None of it holds
// message text. Places are channels (Thread "") or threads as a method says.
// All methods may be called concurrently, also by several processes.
type Records interface {
	// Settings returns the settings of one owner; empty when there are none.
	Settings(ctx context.Context, o SettingOwner) (map[string]string, error)
	// SaveSetting sets one; the value "" removes it. by is who did it.
	SaveSetting(ctx context.Context, o SettingOwner, name, value, by string, at time.Time) error
	// SettingOwners returns the owners that have the named setting, with its value.
	SettingOwners(ctx context.Context, platform, tenant, scope, name string) (map[SettingOwner]string, error)

	// SaveQuestion keeps a question that may be answered unasked, or replaces
	// what is kept under its message id.
	SaveQuestion(ctx context.Context, q Question) error
	// Question returns what is kept of a message; ok is false when nothing is.
	Question(ctx context.Context, channel Place, message string) (q Question, ok bool, err error)
	// Settle turns a question that waits with this ticket into state, and
	// reports whether it did: only one caller ever does. A ticket "" stands
	// for any.
	Settle(ctx context.Context, channel Place, message, ticket string, state QuestionState) (bool, error)
	// Interrupt turns questions of a thread that wait, and were asked by
	// somebody other than user, into state.
	Interrupt(ctx context.Context, thread Place, user string, state QuestionState) error
	// Replied counts the questions of a channel that were answered since a
	// time: all of them, and those of one user on one topic.
	Replied(ctx context.Context, channel Place, user, topic string, since time.Time) (all, same int, err error)

	// SaveReply keeps what an answer was about, under its name.
	SaveReply(ctx context.Context, r Reply) error
	// Reply returns what is kept of an answer; ok is false when nothing is.
	Reply(ctx context.Context, platform, tenant, name string) (r Reply, ok bool, err error)
	// SaveFeedback keeps what one person thinks of an answer, in the place of
	// what the person thought before.
	SaveFeedback(ctx context.Context, f Feedback) error

	// Quiet tells whether the bot keeps silent in a thread.
	Quiet(ctx context.Context, thread Place) (bool, error)
	// BeginQuiet makes it keep silent, and reports whether that began anew:
	// not when it was silent already for this reason, or had begun to be after again.
	BeginQuiet(ctx context.Context, thread Place, reason string, at, again time.Time) (bool, error)
	// EndQuiet lets it speak again.
	EndQuiet(ctx context.Context, thread Place) error

	// Count adds one to a count of the day that at is in (UTC).
	Count(ctx context.Context, channel Place, kind CountKind, label string, at time.Time) error
	// Digest sums up a channel between two times.
	Digest(ctx context.Context, channel Place, from, to time.Time) (Digest, error)

	// Run returns the latest test of a target in a thread; ok is false when there was none.
	Run(ctx context.Context, thread Place, target string) (r TestRun, ok bool, err error)
	// Runs returns the latest test of each target in a thread, the newest first.
	Runs(ctx context.Context, thread Place) ([]TestRun, error)
	// SaveRun keeps a test in the place of the one before.
	SaveRun(ctx context.Context, thread Place, r TestRun) error

	// Teach keeps records that were taught in chat, in the place of those with the same id.
	Teach(ctx context.Context, docs []knowledge.Document) error
	// Unteach removes the taught articles on a topic and returns how many there were.
	Unteach(ctx context.Context, topic string) (int, error)
	// Taught returns what was taught in chat, sorted by kind and id.
	Taught(ctx context.Context) ([]knowledge.Document, error)
}

// The scopes of settings.
const (
	ScopeTenant  = "tenant"
	ScopeChannel = "channel"
	ScopePerson  = "person"
)

// SettingOwner is what a setting belongs to: ID is a channel, a person, or ""
// for a tenant.
type SettingOwner struct{ Platform, Tenant, Scope, ID string }

// QuestionState says what became of a Question.
type QuestionState string

// The states of a Question. All but the first are final.
const (
	QuestionWaiting   QuestionState = "waiting"   // it may be answered when its time has come
	QuestionAnswered  QuestionState = "answered"  // the bot has answered, or has shown moderators what it would have said
	QuestionHuman     QuestionState = "human"     // a person was first
	QuestionWithdrawn QuestionState = "withdrawn" // its author took it back, or made something else of it
)

// Question is a root message of a channel that the bot considers answering unasked.
type Question struct {
	Place          // the thread that the answer would go to
	Message string // id of the message
	User    string
	Topic   string
	State   QuestionState
	Ticket  string // of the version that waits: an edit takes the ticket away from the version before
	At      time.Time
}

// Reply is an answer that people can rate.
type Reply struct {
	Place
	Name     string // what buttons call it
	Asker    string
	Unasked  bool
	Topic    string
	Provider string
	At       time.Time
}

// Feedback is what one person thinks of a Reply.
type Feedback struct {
	Platform, Tenant, Reply, User string
	Verdict                       FeedbackVerdict
	Reason                        string // of FeedbackNotHelped: one of Reasons, or ""
	At                            time.Time
}

// FeedbackVerdict is what somebody said about an answer.
type FeedbackVerdict string

// The verdicts.
const (
	FeedbackHelped    FeedbackVerdict = "helped"
	FeedbackNotHelped FeedbackVerdict = "nothelped"
	FeedbackDismissed FeedbackVerdict = "dismissed"
)

// CountKind is what is counted.
type CountKind string

// The counts. Labels are topics of the knowledge, or "".
const (
	CountSilent     CountKind = "silent"     // overheard and left alone
	CountUnanswered CountKind = "unanswered" // a mail question that got no answer; the label is its topic
)

// Digest is what happened in a channel.
type Digest struct {
	Answered, Silent, Helped, Corrected, Human int
	Top                                        []TopicCount // unanswered topics, the most frequent first, at most five
}

// TopicCount is how often a topic came up.
type TopicCount struct {
	Topic string
	N     int
}

// TestRun is the outcome of a test in a thread.
type TestRun struct {
	Target  string // arguments of /test
	Verdict string // a diagnose.Verdict
	Cause   string // a diagnose.Cause, "" when all is well
	At      time.Time
}
