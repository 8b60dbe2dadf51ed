package bot

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"
)

// Errand is a Job under way: what becomes of it, and what is posted for it. It
// belongs to one goroutine at a time, and travels in that one's context.
type Errand struct {
	Job   *Job
	inbox Inbox
	log   *slog.Logger
	after func(time.Duration) <-chan time.Time

	put   bool // to be tried again
	pause time.Duration
	told  map[string]bool // the posts that were announced, as far as is known here
}

const (
	// insistFor is how long a database that is away is waited for.
	insistFor = 2 * time.Minute
	// lastWord is how long it may take at the end of the bot.
	lastWord = 5 * time.Second
	// perTry is how long it may take otherwise.
	perTry = 20 * time.Second
)

// NewErrand begins a job. after is the clock of the pauses between attempts to
// reach the database.
func NewErrand(inbox Inbox, j *Job, log *slog.Logger, after func(time.Duration) <-chan time.Time) *Errand {
	return &Errand{Job: j, inbox: inbox, log: log, after: after}
}

type errandKey struct{}

// ErrandOf is the errand that ctx belongs to, or nil.
func ErrandOf(ctx context.Context) *Errand {
	e, _ := ctx.Value(errandKey{}).(*Errand)
	return e
}

// PutOff has the event tried again after a pause; 0 gives it to whoever is there.
func (e *Errand) PutOff(pause time.Duration) { e.put, e.pause = true, pause }

// Attend does what an event asks for, and settles the job: it is done, or put
// off. A bot that ends before its turn leaves it to the next; a task that
// panics is tried once more.
func (e *Errand) Attend(ctx context.Context, do func(context.Context)) {
	defer e.Settle(ctx)
	if ctx.Err() != nil {
		e.PutOff(0)
		return
	}
	defer func() {
		if r := recover(); r != nil {
			e.log.Error("answering failed", "panic", PanicKind(r), "stack", string(debug.Stack()))
			if e.Job.Again == 0 {
				e.PutOff(time.Second)
			}
		}
	}()
	do(context.WithValue(ctx, errandKey{}, e))
}

// Settle ends the job, or puts it off.
func (e *Errand) Settle(ctx context.Context) {
	err := e.insist(ctx, func(ctx context.Context) error {
		if e.put {
			return e.inbox.Later(ctx, e.Job, e.pause)
		}
		return e.inbox.Done(ctx, e.Job)
	})
	if err != nil {
		e.log.Error("event not settled; it may be looked at again after a restart", "err", err)
	}
}

// Announce puts a post into the outbox, or finds it there, see [Inbox.Begin].
// One that stands there because the word of its announcement got lost on its
// way back is new: nobody has posted it.
func (e *Errand) Announce(ctx context.Context, p Post) (Post, error) {
	out := p
	err := e.insist(ctx, func(ctx context.Context) (err error) {
		out, err = e.inbox.Begin(ctx, e.Job, p)
		return err
	})
	if err == nil {
		if out.State == PostUnsure && out.Ours && !e.told[p.ID] {
			out.State = PostNew
		}
		if e.told == nil {
			e.told = map[string]bool{}
		}
		e.told[p.ID] = true
	}
	if out.State == PostNew || out.State == PostUnsure {
		out.Final = p.Final
	}
	return out, err
}

// Record notes how a post stands.
func (e *Errand) Record(ctx context.Context, p Post) {
	if err := e.insist(ctx, func(ctx context.Context) error { return e.inbox.Record(ctx, e.Job, p) }); err != nil {
		e.log.Error("post not noted", "err", err)
	}
}

// insist repeats f while the database is away, for two minutes; at the end of
// the bot only once.
func (e *Errand) insist(ctx context.Context, f func(context.Context) error) error {
	pause := time.Second
	for waited := time.Duration(0); ; waited += pause {
		limit := perTry
		if ctx.Err() != nil {
			limit = lastWord
		}
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		err := f(try)
		cancel()
		if err == nil || errors.Is(err, ErrLostJob) || waited >= insistFor {
			return err
		}
		e.log.Warn("the database does not answer; trying again", "err", err)
		pause = min(2*pause, 15*time.Second)
		select {
		case <-e.after(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// RetryAfter is the pause before attempt n at something that a platform does
// not answer: from ten seconds to five minutes.
func RetryAfter(n int) time.Duration { return min(10*time.Second<<min(n, 8), 5*time.Minute) }
