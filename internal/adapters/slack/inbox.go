package slack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// What is to be answered is stored before it is acknowledged, and stays stored
// until it is answered: a process that is killed leaves it to the next one.

const (
	// acceptWithin is less than the three seconds that Slack waits.
	acceptWithin = 2500 * time.Millisecond
	// takeEvery is how often events are looked for that nobody works on.
	takeEvery = 2 * time.Second
	// settled is how old a post must be before its absence means something:
	// the request of a process that was killed may still be on its way.
	settled = 3 * time.Second
)

// arrival is an event on its way to the pool: just delivered, or taken out of
// the inbox after an earlier attempt.
type arrival struct {
	kind    string
	payload []byte
	job     *bot.Job // nil when it was just delivered
	queued  bool     // something is to be done
}

// queue stores an event and has it answered, unless one of its keys is known.
// When all workers are busy and many wait, the event waits in the inbox alone.
func (a *Adapter) queue(ar *arrival, tenant string, keys []string, task func(context.Context)) verdict {
	ar.queued = true
	job := ar.job
	if job == nil {
		full := a.work.full()
		ctx, cancel := context.WithTimeout(context.Background(), acceptWithin)
		defer cancel()
		var err error
		job, err = a.cfg.Inbox.Accept(ctx, bot.Event{Platform: platform, Tenant: tenant, Keys: keys, Kind: ar.kind, Payload: ar.payload}, full)
		switch {
		case err != nil:
			a.stats.refused.Add(1)
			a.watch.Received(platform, bot.ReceiptRefused)
			a.log.Error("event not stored, it is left to Slack", "err", err)
			return refused
		case job == nil:
			a.duplicate()
			return taken
		}
		a.stats.accepted.Add(1)
		a.watch.Received(platform, bot.ReceiptAccepted)
		if full {
			a.overflow.Store(true)
			return taken
		}
	}
	leave := a.backlog.Enter(a.cfg.Now())
	offered := a.work.offer(func(ctx context.Context) {
		leave()
		a.errand(job).Attend(ctx, task)
		if a.overflow.Load() {
			a.more()
		}
	})
	if !offered { // the bot ends, or others were faster
		leave()
		e := a.errand(job)
		e.PutOff(0)
		e.Settle(context.Background())
	}
	return taken
}

func (a *Adapter) duplicate() {
	a.stats.duplicates.Add(1)
	a.watch.Received(platform, bot.ReceiptDuplicate)
}

// soon does what makes sense at once or never, such as opening a modal: it is
// not stored.
func (a *Adapter) soon(keys []string, task func(context.Context)) verdict {
	if !a.seen.claim(a.cfg.Now(), keys...) {
		a.duplicate()
		return taken
	}
	if !a.quick.offer(task) {
		a.seen.forget(keys...)
		a.stats.refused.Add(1)
		a.watch.Received(platform, bot.ReceiptRefused)
		a.log.Warn("queue full, an event was left to Slack")
		return refused
	}
	a.stats.accepted.Add(1)
	a.watch.Received(platform, bot.ReceiptAccepted)
	return taken
}

func (a *Adapter) errand(j *bot.Job) *bot.Errand {
	return bot.NewErrand(a.cfg.Inbox, j, a.log, a.cfg.After)
}

// more says that there may be room for what waits in the inbox.
func (a *Adapter) more() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// workOff takes up what others left, what was put off, and what there was no
// room for.
func (a *Adapter) workOff(ctx context.Context) {
	bot.Rounds(ctx, a.log, takeEvery, a.wake, func(woken bool) {
		if room := a.work.room(); room > 0 && (!woken || a.work.idle()) {
			a.overflow.Store(a.takeUp(ctx, room))
		}
	})
}

// takeUp takes up to n events out of the inbox; true says that there may be more.
func (a *Adapter) takeUp(ctx context.Context, n int) bool {
	jobs, err := a.cfg.Inbox.Take(ctx, platform, n)
	if err != nil && ctx.Err() == nil {
		a.log.Warn("events not taken up", "err", err)
	}
	for _, j := range jobs {
		ar := &arrival{kind: j.Kind, payload: j.Payload, job: j}
		if v := a.read(ar); v != taken || !ar.queued {
			a.errand(j).Settle(ctx) // nothing is to be said to it any more
		}
	}
	return len(jobs) == n
}

var (
	errUnsure  = errors.New("nobody knows whether the message was posted")
	errUnknown = errors.New("a post of unknown outcome is not repeated")
	errAway    = errors.New("the database is away")
)

// postOnce posts a message that has a name of its own, key, at most once over
// all attempts and processes. It returns the message's ts, and whether it was
// posted now. errUnsure says that it may be found out later.
func (a *Adapter) postOnce(ctx context.Context, to target, m Message, p bot.Post) (ts string, fresh bool, err error) {
	p, err = a.announce(ctx, to, p)
	if err != nil {
		return "", false, err
	}
	switch p.State {
	case bot.PostSent:
		return p.Message, false, nil
	case bot.PostUnknown:
		return "", false, errUnknown
	case bot.PostUnsure:
		if ts, err := a.lookUp(ctx, to, p); ts != "" || err != nil {
			return ts, false, err
		}
	case bot.PostNew:
	}
	ts, err = a.post(ctx, to, m, p.ID)
	switch {
	case ambiguous(err):
		a.stats.unknown.Add(1)
		ts, lost := a.lookUp(ctx, to, p)
		a.log.Warn("post of unknown outcome, not repeated", "found", ts != "", "err", err)
		if ts == "" && lost == nil {
			lost = errUnsure
		}
		return ts, ts != "", lost
	case err != nil:
		p.State = bot.PostNew
		a.record(ctx, p)
		return "", false, err
	}
	p.State, p.Message = bot.PostSent, ts
	a.record(ctx, p)
	return ts, true, nil
}

// announce puts a post into the outbox, or finds it there.
func (a *Adapter) announce(ctx context.Context, to target, p bot.Post) (bot.Post, error) {
	p.Channel, p.Thread = to.channel, to.thread
	e := bot.ErrandOf(ctx)
	if e == nil {
		return p, nil
	}
	p, err := e.Announce(ctx, p)
	if err != nil && !errors.Is(err, bot.ErrLostJob) {
		err = fmt.Errorf("%w: %w", errAway, err)
	}
	return p, err
}

// lookUp finds out what became of a post. Without a result it was not posted;
// an error says that this cannot be found out now (errUnsure) or ever (errUnknown).
func (a *Adapter) lookUp(ctx context.Context, to target, p bot.Post) (ts string, err error) {
	ts, err = a.find(ctx, to, p.ID)
	switch {
	case ts != "":
		p.State, p.Message = bot.PostSent, ts
	case err != nil && (ambiguous(err) || tokenGone(err)):
		return "", fmt.Errorf("%w: %w", errUnsure, err)
	case errorCode(err) != "":
		p.State, err = bot.PostUnknown, fmt.Errorf("%w: %w", errUnknown, err)
	case err != nil:
		return "", fmt.Errorf("%w: %w", errUnsure, err)
	default:
		return "", nil
	}
	a.record(ctx, p)
	return ts, err
}

// record notes how a post stands.
func (a *Adapter) record(ctx context.Context, p bot.Post) {
	if e := bot.ErrandOf(ctx); e != nil {
		e.Record(ctx, p)
	}
}

// resume looks at what an earlier attempt has left. It returns true when
// nothing is left to do; otherwise the delivery goes on where that one ended.
func (d *delivery) resume(ctx context.Context, in inbound) bool {
	e := bot.ErrandOf(ctx)
	if e == nil || e.Job.Again == 0 || d.ts != "" || in.msg.Replaces != "" {
		return false
	}
	p, err := d.a.cfg.Inbox.Posted(ctx, platform, d.key)
	switch {
	case err != nil:
		e.PutOff(bot.RetryAfter(e.Job.Again))
		return true
	case p == nil:
		return false
	case p.State == bot.PostUnknown, p.State == bot.PostSent && p.Final:
		return true
	case p.State == bot.PostUnsure:
		if p.Age < settled {
			e.PutOff(settled)
			return true
		}
		if p.Message, err = d.a.lookUp(ctx, d.to, *p); err != nil {
			d.unsettled(ctx, err)
			return true
		}
		if p.Message == "" {
			return false
		}
	}
	d.ts = p.Message
	ans, ok := bot.Interrupted(in.msg)
	if ok {
		d.show(ctx, ans, true)
	}
	return ok
}

// putOff leaves an event to a later attempt; false when it cannot be.
func (d *delivery) putOff(ctx context.Context) bool {
	e := bot.ErrandOf(ctx)
	if e != nil {
		e.PutOff(bot.RetryAfter(e.Job.Again))
	}
	return e != nil
}

// unsettled puts an event off whose answer may have been posted or not, or
// could not be announced.
func (d *delivery) unsettled(ctx context.Context, err error) {
	d.end()
	if (errors.Is(err, errUnsure) || errors.Is(err, errAway)) && d.putOff(ctx) {
		return
	}
	d.a.log.Warn("answer of unknown outcome, not repeated", "err", err)
}
