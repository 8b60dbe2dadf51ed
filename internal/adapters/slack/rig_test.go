package slack

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// rig is a workspace with the adapter connected to it by the real slack-go.
type rig struct {
	t      *testing.T
	ctx    context.Context
	s      *fakeslack.Server
	a      *Adapter
	clock  *fakeslack.Clock // the adapter's
	faulty bool
	stop   func() error // ends the adapter and returns Run's error
}

// setup is what a test may change.
type setup struct {
	fake     fakeslack.Options
	handle   bot.Handler
	form     bot.FormFunc
	ready    func(*rig) // called when there is an adapter, before it runs
	http     bool       // events over HTTP instead of Socket Mode
	still    bool       // the adapter shares the fake's clock, and only the test moves it
	conns    int
	observer bot.Observer
	log      *slog.Logger
	inbox    bot.Inbox
	faulty   bool // calls will fail, so that not all may come about
}

const (
	anna    = "U0ANNA"
	ben     = "U0BEN"
	support = "C0SUPPORT"
	foreign = "C0FOREIGN" // public, without the bot
	closed  = "C0CLOSED"  // archived
	secret  = "G0SECRET"  // private, with the bot
)

func newRig(t *testing.T, o setup) *rig {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // far more than anything takes
	s, err := fakeslack.Start(o.fake)
	if err != nil {
		t.Fatal(err)
	}
	s.AddUser(fakeslack.User{ID: anna, Name: "anna", Locale: "de-DE"})
	s.AddUser(fakeslack.User{ID: ben, Name: "ben", Locale: "fr-FR"})
	all := []string{anna, ben, fakeslack.BotUserID}
	s.AddChannel(fakeslack.Channel{ID: support, Name: "support", Members: all})
	s.AddChannel(fakeslack.Channel{ID: foreign, Name: "foreign", Members: []string{anna, ben}})
	s.AddChannel(fakeslack.Channel{ID: closed, Name: "closed", Archived: true, Members: all})
	s.AddChannel(fakeslack.Channel{ID: secret, Name: "secret", Private: true, Members: []string{ben, fakeslack.BotUserID}})
	r := &rig{t: t, ctx: ctx, s: s, clock: s.Clock, faulty: o.faulty}
	if !o.still {
		r.clock = fakeslack.NewClock(s.Clock.Now())
		go r.pump(ctx)
	}
	cfg := Config{
		BotToken: s.BotToken(), AppToken: s.AppToken(), SigningSecret: s.SigningSecret(), APIURL: s.APIURL(),
		Surface: bot.Surface{Commands: bot.Commands(), Suggest: suggestGMX, Form: o.form, Observer: o.observer},
		Inbox:   o.inbox, Log: o.log, Now: r.clock.Now, After: r.clock.After, Connections: max(1, o.conns),
	}
	if o.http {
		cfg.AppToken = ""
	}
	if r.a, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	if o.handle == nil {
		o.handle = r.script
	}
	if o.ready != nil {
		o.ready(r)
	}
	r.start(ctx, cancel, o.handle)
	if o.http {
		srv := httptest.NewServer(r.a.Handler())
		t.Cleanup(srv.Close)
		s.PushTo(srv.URL)
	} else {
		r.await("the first socket", func() bool { return s.Sockets() >= 1 })
	}
	return r
}

// faultyInbox stores nothing while it is full, and knows no threads once they are lost.
type faultyInbox struct {
	bot.Inbox
	full, lost atomic.Bool
}

func (f *faultyInbox) Accept(ctx context.Context, e bot.Event, wait bool) (*bot.Job, error) {
	if f.full.Load() {
		return nil, errors.New("disk full")
	}
	return f.Inbox.Accept(ctx, e, wait)
}

func (f *faultyInbox) InThread(ctx context.Context, platform, channel, thread string) (*bot.Post, error) {
	if f.lost.Load() {
		return nil, nil
	}
	return f.Inbox.InThread(ctx, platform, channel, thread)
}

func (r *rig) start(ctx context.Context, cancel context.CancelFunc, h bot.Handler) {
	run, end := context.WithCancel(ctx)
	result := make(chan error, 1)
	go func() { result <- r.a.Run(run, h) }()
	ended := false
	r.stop = func() error {
		end()
		if ended {
			return nil
		}
		ended = true
		select {
		case err := <-result:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.t.Cleanup(func() {
		if err := r.stop(); err != nil {
			r.t.Errorf("Run: %v", err)
		}
		r.s.Close()
		cancel()
	})
	r.await("the adapter", func() bool { return r.a.self.Load() != nil })
}

// pump lets the adapter's time run as fast as anybody waits for it.
func (r *rig) pump(ctx context.Context) {
	for r.clock.AwaitTimers(ctx, 1) == nil {
		r.clock.Advance(100 * time.Millisecond)
		runtime.Gosched()
	}
}

// advanceUntil ends each pause between two edits until cond holds; longer
// waits are left alone.
func (r *rig) advanceUntil(what string, cond func() bool) {
	r.t.Helper()
	r.await(what, func() bool {
		if cond() {
			return true
		}
		if w := r.clock.Pending(); len(w) > 0 && w[0] <= editEvery {
			r.clock.Advance(w[0])
		}
		return false
	})
}

// await looks until cond holds.
func (r *rig) await(what string, cond func() bool) {
	r.t.Helper()
	for !cond() {
		if r.ctx.Err() != nil {
			r.t.Fatalf("waited in vain for %s\n%s", what, r.s.Transcript())
		}
		<-time.After(50 * time.Microsecond) // leaves the processor to what is waited for
	}
}

// settle waits until what was delivered is acknowledged and answered.
func (r *rig) settle(ds ...*fakeslack.Delivery) {
	r.t.Helper()
	for _, d := range ds {
		if err := d.Wait(r.ctx); err != nil {
			r.t.Fatalf("not acknowledged: %v\n%s", err, r.s.Transcript())
		}
	}
	r.await("the answers", func() bool { return r.a.Status().UnderWay == 0 })
}

func (r *rig) press(user, channel, ts, button string) *fakeslack.Delivery {
	r.t.Helper()
	d, err := r.s.Press(user, channel, ts, button)
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

func (r *rig) last(channel string) fakeslack.Message {
	r.t.Helper()
	ps := r.s.Posts(channel)
	if len(ps) == 0 {
		r.t.Fatalf("nothing posted\n%s", r.s.Transcript())
	}
	return ps[len(ps)-1]
}

func suggestGMX(_ context.Context, _, _, typed string, _ bot.Lang) []bot.Suggestion {
	if strings.HasPrefix("gmx", strings.ToLower(typed)) {
		return []bot.Suggestion{{Label: "GMX", Value: "gmx"}}
	}
	return nil
}

func say(lang bot.Lang, s string) bot.Answer {
	return bot.Answer{Lang: lang, Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(bot.T(s))}}}
}

// script is a small bot: it answers tests with progress, settings and the
// rest at once, keeps silent about chatter, and shows what it was asked.
func (r *rig) script(_ context.Context, m bot.Message) iter.Seq[bot.Answer] {
	return func(yield func(bot.Answer) bool) {
		text := m.Text
		if m.Command != nil {
			text = strings.TrimSpace(m.Command.Name + " " + m.Command.Args)
		}
		if m.Action != nil {
			text = strings.TrimSpace(m.Action.ID + " " + m.Action.Value)
		}
		lang := m.Lang
		if lang == "" {
			lang = "en"
		}
		switch {
		case m.Kind == bot.KindReply || m.Kind == bot.KindDeleted: // never answered
		case m.Kind == bot.KindChannel || strings.Contains(text, "danke"):
		case strings.Contains(text, "passwort"):
			a := say(lang, "That looks like a password.")
			a.Private = true
			yield(a)
		case strings.HasPrefix(text, "test"):
			r.runTest(lang, text, m, yield)
		default:
			yield(say(lang, string(lang)+": "+text))
		}
	}
}

func (r *rig) runTest(lang bot.Lang, text string, m bot.Message, yield func(bot.Answer) bool) {
	head := bot.Heading{Text: "Test: GMX"}
	if !yield(bot.Answer{Lang: lang, Partial: true, Blocks: []bot.Block{head, bot.Checks{Rows: []bot.Check{{State: bot.CheckRunning, Word: "running", Label: "IMAP 993"}}}}}) {
		return
	}
	r.await("the progress", func() bool {
		for _, c := range r.s.Calls("") {
			if c.Error != "" && r.faulty {
				return true // the progress may never be seen
			}
		}
		for _, p := range r.s.Messages("") {
			if p.BotID != "" && strings.Contains(p.Text, "running") {
				return true
			}
		}
		return false
	})
	yield(bot.Answer{
		Lang: lang,
		Blocks: []bot.Block{
			head,
			bot.Paragraph{Spans: bot.Spans(bot.Strong("All well."), bot.T(" Asked: "+text+"."))},
			bot.Checks{Rows: []bot.Check{{State: bot.CheckOK, Word: "ok", Label: "IMAP 993"}}},
		},
		Actions: []bot.Action{{ID: "test", Label: "Test again", Value: "gmx smtp"}, {ID: "test", Label: "POP3", Value: "gmx pop3"}},
	})
}
