package bot

import (
	"context"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

// Observer is told what happens, so that it can be counted. What it is told
// holds no message text, no address and nobody's id, and every string is out of
// a small set: a platform, a topic of the knowledge, a cause, a language. Its
// methods return at once and may be called concurrently.
type Observer interface {
	// Acknowledged: what a platform delivered was acknowledged, took after it
	// had arrived. Slack and Discord wait for three seconds.
	Acknowledged(platform string, took time.Duration)
	// Received: a delivery was taken in, or not.
	Received(platform string, r Receipt)
	// Sent: the platform was asked to post or to replace a message.
	Sent(platform string, d Delivery)
	// Handled: a message was looked at, and answered or passed over.
	Handled(h Handled)
	// Probed: the test of one server has ended.
	Probed(e diagnose.EndpointReport)
	// Feedback: a person said what an answer was worth, e.g. "helped".
	Feedback(platform, verdict string)
}

// Receipt is what became of a delivery.
type Receipt string

// The receipts.
const (
	ReceiptAccepted  Receipt = "accepted"
	ReceiptDuplicate Receipt = "duplicate" // known already: delivered twice, or the twin of another event
	ReceiptRefused   Receipt = "refused"   // no room; left to the platform to deliver again
	ReceiptGarbled   Receipt = "garbled"   // not understood
)

// Delivery is what became of a message that was sent.
type Delivery string

// The deliveries.
const (
	DeliveryOK      Delivery = "ok"
	DeliveryRefused Delivery = "refused" // the platform said no
	DeliveryLimited Delivery = "limited" // the platform said: too many
	DeliveryUnknown Delivery = "unknown" // nobody knows whether it arrived
)

// Handled is how one message fared.
type Handled struct {
	Platform string
	Kind     Kind
	Intent   string // settings, test, help, admin, button, human, unknown, or the kind of an [knowledge.Intent]
	Topic    string // an article's topic, or ""
	Lang     Lang
	Silence  Silence       // why there was no answer; "" when there was one
	First    time.Duration // until the first answer, or until it was settled that there is none
	Took     time.Duration // until the last
}

// Silence is why a message was not answered.
type Silence string

// The reasons for silence.
const (
	SilenceUnsure    Silence = "unsure"    // not sure enough, or not about e-mail
	SilenceSmalltalk Silence = "smalltalk" // thanks, greetings
	SilenceForeign   Silence = "foreign"   // neither German nor English
	SilenceEmpty     Silence = "empty"     // no text
	SilenceOff       Silence = "off"       // overheard where nobody wants unasked answers
	SilenceQuiet     Silence = "quiet"     // told to be silent in this thread, or people have taken over
	SilenceHeld      Silence = "held"      // a person was first, or the bot has said enough for now
	SilenceUnknown   Silence = "unknown"   // it could not be found out whether to speak
	SilenceIncident  Silence = "incident"  // the notice in the channel says it already
	SilenceCancelled Silence = "cancelled" // the bot was stopped, or nobody listened any more
)

// Unobserved observes nothing. Embed it to observe a part.
type Unobserved struct{}

// Acknowledged does nothing.
func (Unobserved) Acknowledged(string, time.Duration) {}

// Received does nothing.
func (Unobserved) Received(string, Receipt) {}

// Sent does nothing.
func (Unobserved) Sent(string, Delivery) {}

// Handled does nothing.
func (Unobserved) Handled(Handled) {}

// Probed does nothing.
func (Unobserved) Probed(diagnose.EndpointReport) {}

// Feedback does nothing.
func (Unobserved) Feedback(string, string) {}

// observer is who is told; never nil.
func (b *Bot) observer() Observer {
	if b.Observer == nil {
		return Unobserved{}
	}
	return b.Observer
}

// watched answers m through answer and tells the observer and the log how it
// went. The log line names the person by a pseudonym and says nothing of what
// was said.
func (b *Bot) watched(ctx context.Context, m Message, yield func(Answer) bool, answer func(yield func(Answer) bool) *view) {
	began := b.Now()
	var first time.Duration
	answers := 0
	v := answer(func(a Answer) bool {
		if answers++; answers == 1 {
			first = b.Now().Sub(began)
		}
		return yield(a)
	})
	h := Handled{Platform: m.Platform, Kind: m.Kind, Intent: v.intent, Topic: v.topic, Lang: v.lang, First: first, Took: b.Now().Sub(began)}
	if answers == 0 {
		h.First, h.Silence = h.Took, v.silence
		switch {
		case ctx.Err() != nil:
			h.Silence = SilenceCancelled
		case h.Silence == "":
			h.Silence = SilenceUnsure
		}
	}
	b.observer().Handled(h)
	if b.Watchlist != nil && answers > 0 && v.conv.Provider != "" {
		b.Watchlist.asked(v.conv.Provider, b.Now())
	}
	level := slog.LevelInfo
	if answers == 0 {
		level = slog.LevelDebug // a busy channel is mostly none of the bot's business
	}
	if m.Platform == platformConsole || m.Platform == "" {
		return // the terminal is shown the answer itself
	}
	b.Log.Log(ctx, level, "handled", "platform", h.Platform, "kind", string(h.Kind), "user", b.Pseudonyms.User(m),
		"intent", h.Intent, "topic", h.Topic, "lang", string(h.Lang), "silence", string(h.Silence),
		"answers", answers, "took_ms", h.Took.Milliseconds())
}

// Fenced runs f and logs a panic in it without what it says, where otherwise
// the whole process would end. It reports whether f came to its end.
func Fenced(log *slog.Logger, f func()) bool {
	return fence.Do(func(v any) { LogPanic(log, v) }, f)
}

// Rounds does something behind a fence until ctx ends: every d, and whenever
// wake gives a sign (nil: never), which woken tells.
func Rounds(ctx context.Context, log *slog.Logger, d time.Duration, wake <-chan struct{}, do func(woken bool)) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		woken := false
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
			woken = true
		}
		Fenced(log, func() { do(woken) })
	}
}

// LogPanic logs a recovered panic: where it happened, and of what kind.
func LogPanic(log *slog.Logger, v any) {
	log.Error("a task panicked", "panic", PanicKind(v), "stack", string(debug.Stack()))
}

// PanicKind tells a recovered panic in a log: errors of the runtime in full,
// such as an index out of range, of all others the type alone, since their
// texts may quote what somebody wrote.
func PanicKind(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return typeName(v)
}
