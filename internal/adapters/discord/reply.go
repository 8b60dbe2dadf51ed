package discord

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// outlet is a place where one answer appears and is then edited.
type outlet interface {
	// show posts the answer, or replaces what it showed before.
	show(ctx context.Context, p post) error
	// refused says why Discord would not have the answer where it was asked
	// for, and what is missing; "" when that is nothing to tell.
	refused(err error) (why bot.Notice, detail string)
	// retract takes back what the answer is about.
	retract(ctx context.Context)
	// silence ends an answer of which nothing came.
	silence(ctx context.Context)
	// name is what the outbox calls the answer, the same at every attempt.
	name() string
	// restore goes on with what an earlier attempt has posted.
	restore(p bot.Post)
}

// post is one state of an answer, ready to be sent.
type post struct {
	Rendered
	private bool
	final   bool   // no other state follows
	title   string // for a thread that is opened
	report  *attachment
}

// editEvery is the least pause between two states of progress.
const editEvery = time.Second

// sendWithin bounds one post or edit with all its repetitions; a rate limit
// may be part of it.
const sendWithin = 90 * time.Second

// answer runs the handler and shows its answers. Progress is shown at most
// once a second, always in its latest state; what is final is shown at once.
func (a *Adapter) answer(act activity, m bot.Message, out outlet) {
	leave := a.backlog.Enter(a.clock.now())
	select {
	case a.work <- struct{}{}:
		leave()
		defer func() { <-a.work }()
	case <-act.life.Done():
		leave()
		return
	}
	ctx, cancel := context.WithCancel(act.life)
	defer cancel()
	if a.resume(ctx, m, out) {
		return
	}
	m.Once = bot.ErrandOf(ctx) != nil // the inbox has seen to it
	answers := latest(act.handle(ctx, m), func(v any) {
		a.log.Error("the handler panicked", "panic", bot.PanicKind(v))
	})
	var last time.Time
	for ans := range answers {
		if !last.IsZero() {
			ans = a.pace(ans, answers, last.Add(editEvery))
		}
		if context.Cause(act.life) == errSuperseded {
			return
		}
		if err := a.show(act.life, out, ans); err != nil {
			a.log.Warn("an answer was not posted", "error", err.Error())
			if (!ans.Partial || last.IsZero()) && a.unsettled(act.life, err) {
				return
			}
			if errors.Is(err, errUnknown) || errors.Is(err, bot.ErrLostJob) {
				return // there may be an answer, or there will be
			}
			if last.IsZero() {
				a.excuse(act.life, out, ans.Lang, err)
				return // nobody would see the rest either
			}
		}
		last = a.clock.now()
	}
	if last.IsZero() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(act.life), sendWithin)
		defer cancel()
		out.silence(ctx)
	}
}

// excuse tells the person alone why there is no answer.
func (a *Adapter) excuse(ctx context.Context, out outlet, lang bot.Lang, err error) {
	why, detail := out.refused(err)
	if why == "" {
		return
	}
	if err := a.show(ctx, out, why.Say(lang, detail)); err != nil {
		a.log.Warn("nor was the reason", "error", err.Error())
	}
}

// latest runs a sequence and hands over its newest element, dropping those
// that nobody had time for.
func latest(seq iter.Seq[bot.Answer], panicked func(any)) chan bot.Answer {
	ch := make(chan bot.Answer, 1)
	go func() {
		defer close(ch)
		defer func() {
			if v := recover(); v != nil {
				panicked(v)
			}
		}()
		for ans := range seq {
			select {
			case <-ch:
			default:
			}
			ch <- ans
		}
	}()
	return ch
}

// pace waits with a state of progress until its time has come, and returns
// what is to be shown then.
func (a *Adapter) pace(ans bot.Answer, answers <-chan bot.Answer, until time.Time) bot.Answer {
	wait := until.Sub(a.clock.now())
	if !ans.Partial || wait <= 0 {
		return ans
	}
	timer := a.clock.after(wait)
	for ans.Partial {
		select {
		case next, ok := <-answers:
			if !ok {
				return ans
			}
			ans = next
		case <-timer:
			select {
			case next, ok := <-answers:
				if ok {
					return next
				}
			default:
			}
			return ans
		}
	}
	return ans
}

func (a *Adapter) show(ctx context.Context, out outlet, ans bot.Answer) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	if ans.Retract {
		out.retract(ctx)
		return nil
	}
	p := post{Rendered: Render(ans), private: ans.Private, final: !ans.Partial, title: title(ans)}
	a.keepKeys(p.Keys)
	if p.Cut && !ans.Partial {
		p.report = report(ans)
	}
	err := out.show(ctx, p)
	if p.report != nil && isCode(err, codeMissingPermission) { // files may be forbidden where messages are not
		p.report = nil
		err = out.show(ctx, p)
	}
	a.sent(err)
	return err
}

// sent counts a post or an edit by its outcome.
func (a *Adapter) sent(err error) {
	var refused *apiError
	switch {
	case err == nil:
		a.watch.Sent(platform, bot.DeliveryOK)
	case errors.As(err, &refused) && refused.Status < http.StatusInternalServerError:
		a.watch.Sent(platform, bot.DeliveryRefused)
	default:
		a.watch.Sent(platform, bot.DeliveryUnknown)
	}
}

// title names a thread after the answer: the person's own words stay theirs
// to edit and to delete.
func title(ans bot.Answer) string {
	for _, b := range ans.Blocks {
		text := ""
		switch b := b.(type) {
		case bot.Heading:
			text = b.Text
		case bot.Paragraph:
			for _, s := range b.Spans {
				text += s.Text
			}
		}
		if text = oneLine(text[:min(len(text), maxRead)]); text != "" {
			return clip(text, maxThreadName)
		}
	}
	return "E-Mail"
}

// nonce names the answer to a message: Discord creates only one message with
// it, however often it is asked to.
func nonce(id string) string { return hash("answer to " + id)[:maxNonce] }

// report is the whole of an answer that was cut, as a file.
func report(ans bot.Answer) *attachment {
	return &attachment{name: "mailhelp.txt", data: []byte(bot.PlainText(ans))}
}

// body is a message as it is sent.
type body struct {
	Rendered
	Flags        int          `json:"flags,omitempty"`
	Nonce        string       `json:"nonce,omitempty"`
	EnforceNonce bool         `json:"enforce_nonce,omitempty"`
	Reference    *reference   `json:"message_reference,omitempty"`
	Attachments  []attachedAs `json:"attachments"`
}

type attachedAs struct {
	ID       string `json:"id"`
	Filename string `json:"filename"`
}

type reference struct {
	MessageID       string `json:"message_id"`
	FailIfNotExists bool   `json:"fail_if_not_exists"`
}

func (p post) body() body {
	b := body{Rendered: p.Rendered, Attachments: []attachedAs{}}
	if p.report != nil {
		b.Attachments = []attachedAs{{"0", p.report.name}}
	}
	return b
}
