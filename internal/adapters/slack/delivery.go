package slack

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// editEvery is the least time between two edits of a message: more often
// nobody can read, and chat.update allows about fifty a minute.
const editEvery = time.Second

// delivery shows one answer: the first state is posted, later ones replace it
// by editing that message, at most once a second and the last one always. The
// bot is never kept waiting: states that nobody would see are skipped.
type delivery struct {
	a        *Adapter
	to       target
	on       string   // the message whose button was pressed, or ""
	key      string   // names the answer in the message's metadata
	lang     bot.Lang // of the asker, for notices
	question string   // the message that is answered, while it may be edited or deleted
	alias    string   // what a thread on this answer belongs to, or ""

	mu       sync.Mutex
	latest   *bot.Answer
	finished bool
	gone     bool // nothing more can be shown
	wake     chan struct{}
	done     chan struct{}

	// The rest belongs to the goroutine that delivers.
	ts      string    // the message that is edited; "" before it is posted
	wrote   time.Time // of the last write
	parent  string    // the public line above a test's thread, or ""
	command string    // of the parent
	line    string    // what the parent shows
	url     *urlPoster
	unsure  bool // the first post may or may not have arrived
	told    bool // the asker alone was told something
	outside bool // the bot may not post in the channel
	fresh   bool // the bot has not written in the thread before
}

// newDelivery makes one; news says that the bot has not written in the thread before.
func newDelivery(a *Adapter, in inbound, news bool) *delivery {
	return &delivery{a: a, on: in.msg.On, fresh: news && in.to.thread != "" && !in.to.direct, to: in.to, key: in.msg.ID, lang: in.msg.Lang, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// start begins to deliver in the background.
func (d *delivery) start(ctx context.Context) {
	go func() {
		defer close(d.done)
		if !bot.Fenced(d.a.log, func() { d.loop(ctx) }) {
			d.end()
		}
	}()
}

// offer replaces what is to be shown; false means that nothing more can be.
func (d *delivery) offer(ans bot.Answer) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return false
	}
	d.latest = &ans
	d.signal()
	return true
}

// end notes that nothing more can be shown.
func (d *delivery) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = true
}

// ended says that nothing more can be shown.
func (d *delivery) ended() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gone
}

// finish says that no more comes, and returns when the last state is shown.
func (d *delivery) finish() {
	d.mu.Lock()
	d.finished = true
	d.mu.Unlock()
	d.signal()
	<-d.done
}

func (d *delivery) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *delivery) loop(ctx context.Context) {
	for range d.wake {
		if d.waits() {
			d.pause(ctx)
		}
		d.mu.Lock()
		ans, last := d.latest, d.finished
		d.latest = nil
		d.mu.Unlock()
		if ans != nil {
			d.show(ctx, *ans, last)
		}
		if last {
			d.closeParent(ctx)
			return
		}
	}
}

// waits says that there is something to show.
func (d *delivery) waits() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.latest != nil
}

// pause waits until the next edit is due, or ctx ends: then the last state
// goes out at once.
func (d *delivery) pause(ctx context.Context) {
	left := d.wrote.Add(editEvery).Sub(d.a.cfg.Now())
	if d.wrote.IsZero() || left <= 0 {
		return
	}
	select {
	case <-d.a.cfg.After(left):
	case <-ctx.Done():
	}
}

// outliving is a context for a write that shall happen although the bot ends.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() != nil {
		return context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	}
	return context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
}

// show brings one state to the screen.
func (d *delivery) show(ctx context.Context, ans bot.Answer, last bool) {
	ctx, cancel := outliving(ctx)
	defer cancel()
	if ans.Lang != "" {
		d.lang = ans.Lang
	}
	if d.ended() || ans.Private && ans.Partial && !last {
		return
	}
	if ans.Private && !d.to.direct {
		if d.mayRepeat(ctx, "private", &d.told) {
			d.a.tell(ctx, d.to, ans)
		}
		return
	}
	if ans.Retract {
		d.retract(ctx)
		return
	}
	m := Render(d.hinted(ans))
	switch {
	case m.Empty():
		return
	case d.url != nil:
		d.showByURL(ctx, ans, last)
	case d.ts == "":
		d.first(ctx, ans, m, last)
	case last || !ans.Partial:
		d.lastEdit(ctx, ans, m)
	default:
		d.edit(ctx, ans, m)
	}
	d.wrote = laterOf(d.wrote, d.a.cfg.Now())
	if d.ts == "" || d.ended() {
		return
	}
	if d.line == "" || last {
		d.updateParent(ctx, ans)
	}
	if m.Cut && !ans.Partial {
		d.attach(ctx, ans)
	}
}

// hinted adds to the bot's first answer in a thread how to go on there.
func (d *delivery) hinted(ans bot.Answer) bot.Answer {
	if d.fresh && !ans.Partial && len(ans.Blocks) > 0 {
		ans.Blocks = append(ans.Blocks[:len(ans.Blocks):len(ans.Blocks)], bot.ThreadHint(d.lang, "@"+d.a.name()+" test smtp"))
	}
	return ans
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// first posts the message that later states edit.
func (d *delivery) first(ctx context.Context, ans bot.Answer, m Message, last bool) {
	p := bot.Post{ID: d.key, Alias: d.alias, Final: last || !ans.Partial}
	if d.to.thread != "" { // before the post: what is said while it is under way follows it
		d.a.takePart(d.to.channel, d.to.thread)
	}
	ts, fresh, err := d.a.postOnce(ctx, d.to, m, p)
	d.unsure = errors.Is(err, errUnsure)
	switch {
	case err == nil && fresh:
		d.posted(ts)
	case err == nil: // an earlier attempt has posted it
		d.posted(ts)
		d.lastEdit(ctx, ans, m)
	case d.unsure && !last:
	case d.unsure, errors.Is(err, errUnknown), errors.Is(err, errAway):
		d.unsettled(ctx, err)
	case errors.Is(err, bot.ErrLostJob):
		d.end()
		d.a.log.Warn("answer left to another process")
	case outside(err) && d.to.responseURL != "":
		d.outside, d.url = !d.to.direct, &urlPoster{a: d.a, url: d.to.responseURL}
		d.showByURL(ctx, ans, last)
	default:
		d.giveUp(ctx, err)
	}
}

// mayRepeat says whether something may be sent that cannot be looked for
// afterwards: not when an earlier attempt may have sent it. begun is for further
// words of this attempt.
func (d *delivery) mayRepeat(ctx context.Context, what string, begun *bool) bool {
	if *begun {
		return true
	}
	p, err := d.a.announce(ctx, d.to, bot.Post{ID: d.key + "/" + what})
	*begun = err == nil && p.State == bot.PostNew
	if errors.Is(err, errAway) {
		d.unsettled(ctx, err)
	}
	return *begun
}

// outside says that the bot may not post there.
func outside(err error) bool {
	switch errorCode(err) {
	case "not_in_channel", "channel_not_found":
		return true
	}
	return false
}

// posted notes the message and the thread that it opens.
func (d *delivery) posted(ts string) {
	d.ts = ts
	if d.question != "" {
		d.a.answers.put(d.question, ts, d.a.cfg.Now())
	}
	if d.to.thread != "" {
		d.a.takePart(d.to.channel, d.to.thread)
	} else if !d.to.direct {
		d.a.threads.put(place(d.to.channel, ts), d.alias, d.a.cfg.Now())
		if d.alias != "" {
			d.a.threads.put("of "+place(d.to.channel, d.alias), ts, d.a.cfg.Now())
		}
	}
}

// edit replaces a state that is not the last one; it may be lost.
func (d *delivery) edit(ctx context.Context, ans bot.Answer, m Message) {
	err := d.a.update(ctx, d.to.channel, d.ts, m)
	var limited *slack.RateLimitedError
	switch {
	case errors.As(err, &limited):
		// The next edit waits as long as Slack wants; this state is shown then
		// if no newer one has come.
		d.a.stats.limited.Add(1)
		d.a.watch.Sent(platform, bot.DeliveryLimited)
		d.wrote = d.a.cfg.Now().Add(limited.RetryAfter - editEvery)
		d.mu.Lock()
		if d.latest == nil {
			d.latest = &ans
			d.signal()
		}
		d.mu.Unlock()
	case err != nil && !ambiguous(err):
		d.editRefused(ctx, err)
	}
}

// lastEdit shows the state that stays. Unlike a post an edit may be repeated
// when nobody knows whether it arrived: doing it twice changes nothing.
func (d *delivery) lastEdit(ctx context.Context, ans bot.Answer, m Message) {
	wait := time.Second
	for range 4 {
		err := d.a.calmly(ctx, func() error { return d.a.update(ctx, d.to.channel, d.ts, m) })
		switch {
		case err == nil:
			return
		case !ambiguous(err):
			d.editRefused(ctx, err)
			return
		}
		select {
		case <-d.a.cfg.After(wait):
			wait *= 2
		case <-ctx.Done():
			return
		}
	}
	d.a.log.Warn("result not shown", "lang", string(ans.Lang))
	d.putOff(ctx)
}

// editRefused ends a delivery whose message cannot be edited. Somebody who
// deleted it does not want it back.
func (d *delivery) editRefused(ctx context.Context, err error) {
	if errorCode(err) == "message_not_found" {
		d.end()
		return
	}
	d.giveUp(ctx, err)
}

// giveUp tells the asker alone why there is no answer.
func (d *delivery) giveUp(ctx context.Context, err error) {
	d.end()
	if tokenGone(err) && d.putOff(ctx) {
		return // answered once there is a token that Slack takes
	}
	d.a.log.Warn("answer refused", "code", errorCode(err))
	d.a.tell(ctx, d.to, d.a.noticeFor(err, d.lang))
}
