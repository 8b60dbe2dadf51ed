package discord

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// question is a message that was answered, so that an edit can change the
// answer, and a removal take it back.
type question struct {
	id        string
	overheard string     // who asked, if nobody was asked in particular
	run       sync.Mutex // one answer at a time
	reply     *channelReply

	mu     sync.Mutex
	edited time.Time // of the latest state that was looked at
	cancel context.CancelCauseFunc
}

// editWithin is how long an edit of the question changes the answer;
// traceLives is how long its removal takes the answer back after a restart.
const (
	editWithin = 5 * time.Minute
	traceLives = 7 * 24 * time.Hour
)

// errSuperseded ends an answer whose question is another one by now, or gone.
var errSuperseded = errors.New("discord: the question was edited or removed")

// trace is where an answer stands, for the time after a restart.
type trace struct {
	Channel string    `json:"channel"`
	Shown   string    `json:"shown"`
	Private bool      `json:"private,omitempty"`
	Edited  time.Time `json:"edited,omitzero"`
}

func (a *Adapter) keepTrace(q *question, c *channelReply) {
	if q == nil || c.shown == "" {
		return
	}
	q.mu.Lock()
	t := trace{Channel: c.channel, Shown: c.shown, Private: c.private, Edited: q.edited}
	q.mu.Unlock()
	a.keep("asked/"+q.id, t, traceLives)
}

// asking returns the question with a message's id, also one that an earlier
// process answered; nil when the message was not answered.
func (a *Adapter) asking(m message) *question {
	if q, ok := a.asked.get(m.ID); ok {
		return q
	}
	var t trace
	if !a.kept("asked/"+m.ID, &t) || t.Shown == "" {
		return nil
	}
	q := &question{id: m.ID, edited: t.Edited}
	q.reply = &channelReply{
		adapter: a, question: q, guild: m.GuildID, channel: t.Channel, place: channel{ID: t.Channel}, user: m.Author.ID, private: t.Private, shown: t.Shown,
	}
	return a.asked.putNew(m.ID, q)
}

// begin starts an answer to the newest state of the question: it interrupts
// the one that is being made and waits until that has ended. The context ends
// when the question changes once more; done says that the answer has ended.
func (q *question) begin(life context.Context) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancelCause(life)
	q.mu.Lock()
	if q.cancel != nil {
		q.cancel(errSuperseded)
	}
	q.cancel = cancel
	q.mu.Unlock()
	q.run.Lock()
	return ctx, func() {
		cancel(nil)
		q.run.Unlock()
	}
}

// ask answers a new message, if it is one that the bot should look at.
func (a *Adapter) ask(act activity, m message) {
	msg, out, ok := a.read(act.life, m)
	if !ok {
		if msg.Kind == bot.KindReply {
			a.overtake(msg)
			tell(act, msg)
		}
		return
	}
	q := &question{id: m.ID, reply: out}
	if msg.Kind == bot.KindChannel {
		q.overheard = m.Author.ID
	}
	out.question = q
	if have := a.asked.putNew(m.ID, q); have != q {
		if e := bot.ErrandOf(act.life); e == nil || e.Job.Again == 0 {
			return // seen before
		}
		if q, out = have, have.reply; out.shown == "" {
			out.begun, out.repeated = false, false // whether it stands there is to be asked again
		}
	}
	ctx, done := q.begin(act.life)
	defer done()
	if who, ok := a.overtaken.get(m.ID); ok && (who == "" || who != msg.User && msg.Kind == bot.KindChannel) {
		return // removed, or answered by a person, before it was looked at
	}
	a.answer(activity{act.handle, ctx}, msg, out)
}

// overtake notes that a person was quicker than the bot with a question that
// nobody was asked in particular, and ends the answer that waits for that. The
// bot is told as well, but may not know the question yet.
func (a *Adapter) overtake(reply bot.Message) {
	a.overtaken.put(reply.Thread, reply.User)
	q, ok := a.asked.get(reply.Thread)
	if !ok || q.overheard == "" || q.overheard == reply.User {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.cancel != nil {
		q.cancel(errSuperseded)
	}
}

// edited hands an edited question over; what is said replaces the answer, or
// is the first one. Discord also sends an update when only a preview was
// added; the time of the last edit is the same then.
func (a *Adapter) edited(act activity, m message) {
	if m.Edited == nil || m.Edited.Sub(born(m.ID)) > editWithin {
		return
	}
	msg, out, ok := a.read(act.life, m)
	if !ok {
		return
	}
	q := a.asking(m)
	if q == nil {
		q = &question{id: m.ID, reply: out}
		out.question = q
		q = a.asked.putNew(m.ID, q)
	}
	if !q.news(*m.Edited) {
		return
	}
	ctx, done := q.begin(act.life)
	defer done()
	q.reply.asked = out.asked
	msg.ID, msg.Replaces, msg.Time = m.ID+"@"+m.Edited.UTC().Format(time.RFC3339Nano), m.ID, a.clock.now()
	a.answer(activity{act.handle, ctx}, msg, q.reply)
	a.keepTrace(q, q.reply)
}

// news says whether a state is newer than all that were looked at.
func (q *question) news(at time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !at.After(q.edited) {
		return false
	}
	q.edited = at
	return true
}

// removed takes the answer to a removed question back, and tells the bot, which
// may be waiting for people to be first.
func (a *Adapter) removed(act activity, m message) {
	a.overtaken.put(m.ID, "")
	if place, ok := a.places.get(m.ChannelID); ok && m.GuildID != "" {
		msg := a.at(place, bot.Message{
			ID: m.ID + "/deleted", Platform: a.Name(), Tenant: m.GuildID, Channel: m.ChannelID, Kind: bot.KindDeleted, Replaces: m.ID, Time: a.clock.now(),
		})
		tell(act, msg)
	}
	q := a.asking(m)
	if q == nil {
		return
	}
	q.news(endOfTime)
	_, done := q.begin(act.life)
	defer done()
	q.reply.remove(act.life)
	a.asked.drop(m.ID)
	a.keep("asked/"+m.ID, trace{}, time.Minute)
}

// tell hands over what is never answered.
func tell(act activity, m bot.Message) {
	for range act.handle(act.life, m) { // there is nothing to show
	}
}

// endOfTime is later than any edit, and can be written as JSON.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// discordEpoch is the first second of 2015, from which ids count milliseconds
// (discord.com/developers/docs/reference#snowflakes).
const discordEpoch = 1420070400000

// born is when the thing with an id was made; the zero time for what is no id.
func born(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(n>>22) + discordEpoch)
}
