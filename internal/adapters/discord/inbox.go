package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// What is to be answered is stored before anything else is done with it, and
// stays stored until it is answered: a process that is killed leaves it to the
// next one.

// Kinds of stored events, as the gateway names them.
const (
	kindMessage     = "MESSAGE_CREATE"
	kindEdit        = "MESSAGE_UPDATE"
	kindInteraction = "INTERACTION_CREATE"
)

const (
	// acceptWithin is less than the three seconds that Discord waits for the
	// first response to an interaction.
	acceptWithin = 2 * time.Second
	// takeEvery is how often events are looked for that nobody works on.
	takeEvery = 2 * time.Second
	// nonceLives is how long a nonce surely keeps a message from being made
	// twice: Discord says "the past few minutes"
	// (discord.com/developers/docs/resources/message#create-message).
	nonceLives = 2 * time.Minute
)

var errUnknown = errors.New("discord: a post of unknown outcome is not repeated")

// arrival is an event on its way: just delivered, or taken out of the inbox
// after an earlier attempt.
type arrival struct {
	kind string
	data json.RawMessage
	job  *bot.Job // nil when it was just delivered
	done func()   // called once the event is stored, or needs not to be
}

// stored has an event stored and then done, unless one of its keys is known.
// When too much waits already, the event waits in the inbox alone. False means
// that the adapter does not run.
func (a *Adapter) stored(ar arrival, tenant string, keys []string, do func(activity)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.active == nil {
		return false
	}
	act := *a.active
	full := a.queued >= maxQueued && ar.job == nil
	if !full {
		a.queued++
	}
	a.jobs.Go(func() {
		if !full {
			defer a.left()
		}
		job := ar.job
		if job == nil {
			var err error
			bot.Fenced(a.log, func() {
				job, err = a.accept(act.life, bot.Event{Platform: platform, Tenant: tenant, Keys: keys, Kind: ar.kind, Payload: ar.data}, full)
			})
			if err != nil { // whoever resumes the session gets it once more
				return
			}
			ar.done()
		}
		if job == nil || full {
			return
		}
		a.errand(job).Attend(act.life, func(ctx context.Context) { do(activity{act.handle, ctx}) })
	})
	return true
}

// left counts a job that has ended.
func (a *Adapter) left() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queued--
}

func (a *Adapter) errand(j *bot.Job) *bot.Errand {
	return bot.NewErrand(a.cfg.Inbox, j, a.log, a.clock.after)
}

// accept stores an event; nil is one that is known. The gateway does not repeat
// by itself, so a database that is away is waited for until the bot ends.
func (a *Adapter) accept(ctx context.Context, e bot.Event, wait bool) (*bot.Job, error) {
	for try := 0; ; try++ {
		job, err := a.acceptOnce(ctx, e, wait)
		if err == nil {
			return job, nil
		}
		a.watch.Received(platform, bot.ReceiptRefused)
		a.log.Error("event not stored", "error", err.Error())
		if a.clock.sleep(ctx, time.Second<<min(try, 4)) != nil {
			return nil, err
		}
	}
}

// acceptOnce does so without waiting.
func (a *Adapter) acceptOnce(ctx context.Context, e bot.Event, wait bool) (*bot.Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), acceptWithin)
	defer cancel()
	job, err := a.cfg.Inbox.Accept(ctx, e, wait)
	switch {
	case err != nil:
	case job == nil:
		a.watch.Received(platform, bot.ReceiptDuplicate)
	default:
		a.watch.Received(platform, bot.ReceiptAccepted)
	}
	return job, err
}

// workOff takes up what others left, what was put off, and what there was no
// room for, until ctx ends.
func (a *Adapter) workOff(ctx context.Context) {
	bot.Rounds(ctx, a.log, takeEvery, nil, func(bool) {
		for a.takeUp(ctx) {
		}
	})
}

// takeUp takes events out of the inbox; true says that there may be more.
func (a *Adapter) takeUp(ctx context.Context) bool {
	a.mu.Lock()
	room := min(maxQueued-a.queued, 200)
	a.mu.Unlock()
	if room <= 0 || ctx.Err() != nil {
		return false
	}
	jobs, err := a.cfg.Inbox.Take(ctx, platform, room)
	if err != nil && ctx.Err() == nil {
		a.log.Warn("events not taken up", "error", err.Error())
	}
	for _, j := range jobs {
		if !a.again(arrival{kind: j.Kind, data: j.Payload, job: j, done: func() {}}) {
			e := a.errand(j)
			e.PutOff(0)
			e.Settle(context.Background())
		}
	}
	return len(jobs) == room
}

// again does what an earlier attempt did not finish.
func (a *Adapter) again(ar arrival) bool {
	if ar.kind == kindInteraction {
		var in interaction
		if json.Unmarshal(ar.data, &in) != nil {
			return true
		}
		in.raw = ar.data
		if _, ok := a.unstored.get(in.ID); ok { // it was stored after all, and is answered
			a.errand(ar.job).Settle(context.Background())
			return true
		}
		return a.stored(ar, in.GuildID, nil, func(act activity) {
			// Whether the first response was made is not known; if not, the token
			// is void by now, and the answer becomes a message.
			a.respondTo(act, in, func(context.Context, response) error { return nil })
		})
	}
	var m message
	if json.Unmarshal(ar.data, &m) != nil {
		return true
	}
	return a.stored(ar, m.GuildID, nil, func(act activity) { a.said(act, ar.kind, m) })
}

// resume looks at what an earlier attempt has left. True says that nothing is
// left to do; otherwise the outlet goes on where that one ended.
func (a *Adapter) resume(ctx context.Context, m bot.Message, out outlet) bool {
	e := bot.ErrandOf(ctx)
	if e == nil || e.Job.Again == 0 || m.Replaces != "" {
		return false
	}
	p, err := a.cfg.Inbox.Posted(ctx, platform, out.name())
	switch {
	case err != nil:
		e.PutOff(bot.RetryAfter(e.Job.Again))
		return true
	case p == nil:
		return false
	case p.State == bot.PostUnknown, p.State == bot.PostSent && p.Final:
		return true
	case p.State != bot.PostSent:
		return false // the nonce, or a look, tells
	}
	out.restore(*p)
	ans, ok := bot.Interrupted(m)
	if ok {
		a.mustShow(ctx, out, ans)
	}
	return ok
}

// mustShow shows the last state; if nobody knows whether it arrived, the event
// is looked at again later.
func (a *Adapter) mustShow(ctx context.Context, out outlet, ans bot.Answer) {
	if err := a.show(ctx, out, ans); err != nil {
		a.unsettled(ctx, err)
	}
}

// unsettled puts an event off whose answer may or may not have arrived. It says
// whether that is so.
func (a *Adapter) unsettled(ctx context.Context, err error) bool {
	var refused *apiError
	e := bot.ErrandOf(ctx)
	if e == nil || errors.Is(err, errUnknown) || errors.Is(err, bot.ErrLostJob) ||
		errors.As(err, &refused) && refused.Status < 500 && !tokenGone(refused) {
		return false
	}
	e.PutOff(bot.RetryAfter(e.Job.Again))
	return true
}

// tokenGone says that Discord does not take the bot's token; an interaction's
// own token is another matter.
func tokenGone(refused *apiError) bool {
	return refused.Status == http.StatusUnauthorized && refused.Code != codeInvalidToken
}

// enter puts a post into the outbox, or finds it there.
func (a *Adapter) enter(ctx context.Context, p bot.Post) (bot.Post, error) {
	if e := bot.ErrandOf(ctx); e != nil {
		return e.Announce(ctx, p)
	}
	return p, nil
}

func (a *Adapter) record(ctx context.Context, p bot.Post) {
	if e := bot.ErrandOf(ctx); e != nil {
		e.Record(ctx, p)
	}
}

// begin announces the first post, and finds out about one that an earlier
// attempt made, or may have made.
func (c *channelReply) begin(ctx context.Context) error {
	if c.begun || c.nonce == "" {
		return nil
	}
	p, err := c.adapter.enter(ctx, bot.Post{ID: c.name(), Channel: c.channel})
	if err != nil {
		return err
	}
	c.begun = true
	switch p.State {
	case bot.PostSent:
		c.restore(p)
	case bot.PostUnknown:
		return errUnknown
	case bot.PostUnsure:
		if p.Channel != c.channel { // the nonce holds in one channel
			c.channel, c.to = p.Channel, ""
		}
		if c.nonceFor = nonceLives - p.Age; c.nonceFor > 0 {
			c.repeated = true // the nonce makes it one message
			return nil
		}
		c.shown, err = c.lookUp(ctx)
		return err
	case bot.PostNew:
	}
	return nil
}

// lookUp finds the message that an earlier attempt posted: in a thread of its
// own, or as a reply. In a direct message there is nothing to tell it by. Who
// may not read the history is told of no message at all, not even the question.
func (c *channelReply) lookUp(ctx context.Context) (id string, err error) {
	inThread := c.to == "" && c.question != nil && c.channel == c.question.id
	if c.to == "" && !inThread {
		return "", c.unknown(ctx)
	}
	var ms []message
	err = c.adapter.rest.do(ctx, call{
		method: "GET", path: fmt.Sprintf("/channels/%s/messages?limit=100&after=%s", c.channel, before(c.question.id)),
		route: "GET/messages/" + c.channel, out: &ms, again: true,
	})
	switch {
	case definite(err) && !isStatus(err, http.StatusUnauthorized), err == nil && len(ms) == 0:
		return "", c.unknown(ctx)
	case err != nil:
		return "", err
	}
	self := c.adapter.self.Load().user
	for _, m := range ms {
		if m.Author.ID == self && (inThread || m.Referenced != nil && m.Referenced.ID == c.to) {
			return m.ID, nil
		}
	}
	return "", nil
}

// unknown notes that nobody will know whether the answer was posted.
func (c *channelReply) unknown(ctx context.Context) error {
	c.adapter.record(ctx, bot.Post{ID: c.name(), State: bot.PostUnknown, Channel: c.channel})
	return errUnknown
}

// before is the id that comes right before another.
func before(id string) string {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil || n == 0 {
		return id
	}
	return strconv.FormatUint(n-1, 10)
}

// name is the outbox's name of the answer.
func (c *channelReply) name() string { return c.nonce }

// restore goes on with the message that an earlier attempt posted.
func (c *channelReply) restore(p bot.Post) {
	c.begun, c.opens, c.shown, c.channel, c.to = true, false, p.Message, p.Channel, ""
	c.private = p.Alias == aliasPrivate
}

// aliasPrivate marks an answer that went into a direct message instead.
const aliasPrivate = "private"

// posted notes where the answer stands.
func (c *channelReply) posted(ctx context.Context, final bool) {
	p := bot.Post{ID: c.name(), State: bot.PostSent, Channel: c.channel, Message: c.shown, Final: final}
	if c.place.thread() {
		p.Thread = c.channel
	}
	if c.private {
		p.Alias = aliasPrivate
	}
	if c.nonce != "" {
		c.adapter.record(ctx, p)
	}
}

// name is the outbox's name of the answer.
func (i *interactionReply) name() string { return "interaction/" + i.in.ID + i.which }

// restore goes on with the message that an earlier attempt posted.
func (i *interactionReply) restore(p bot.Post) {
	i.begun, i.shown, i.deferred = true, p.Message, false
	if p.Alias == aliasPrivate {
		i.secret = true
	}
}

// begin announces the first message. A follow-up knows no nonce and cannot be
// looked for, so it is never repeated; filling "thinking…" twice does no harm.
func (i *interactionReply) begin(ctx context.Context) error {
	if i.begun {
		return nil
	}
	p, err := i.adapter.enter(ctx, bot.Post{ID: i.name(), Channel: i.in.ChannelID})
	if err != nil {
		return err
	}
	i.begun = true
	switch {
	case p.State == bot.PostSent:
		i.restore(p)
	case p.State == bot.PostUnknown, p.State == bot.PostUnsure && !i.deferred && i.shown == "":
		return errUnknown
	}
	return nil
}

func (i *interactionReply) posted(ctx context.Context, final bool) {
	p := bot.Post{ID: i.name(), State: bot.PostSent, Channel: i.in.ChannelID, Message: i.shown, Final: final}
	if i.secret {
		p.Alias = aliasPrivate
	}
	i.adapter.record(ctx, p)
}
