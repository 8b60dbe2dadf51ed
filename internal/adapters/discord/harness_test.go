package discord

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// stage is a Discord with a server, a channel and a person, and the adapter on
// it. Time stands still unless the test moves it.
type stage struct {
	*fakediscord.Server
	t       *testing.T
	ctx     context.Context
	clock   *fakediscord.Clock
	adapter *Adapter
	cfg     Config
	guild   string
	channel string
	anna    fakediscord.User
	log     *logBuffer
	cancel  context.CancelFunc // ends Run's context
	done    <-chan error       // Run's error
	stop    func() error       // ends Run at once and returns its error

	mu     sync.Mutex
	keeper *keeper       // of the adapter that runs
	told   []bot.Message // what the handler was to answer
	noted  []bot.Message // what it was only told of
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestMain lets many tests run at once: they spend their time waiting for
// discordgo, which takes a second to close a connection.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "32")
	m.Run()
}

type script func(*stage, *Config, *fakediscord.Options)

// patience is far more than anything takes; it is only met by a failing test.
const patience = 2 * time.Minute

func newStage(t *testing.T, h bot.Handler, changes ...script) *stage {
	t.Helper()
	t.Parallel()
	s := &stage{t: t, clock: fakediscord.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)), log: &logBuffer{}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	s.ctx = ctx
	opts := fakediscord.Options{Clock: s.clock}
	cfg := Config{
		Now: s.clock.Now, After: s.clock.After, Log: slog.New(slog.NewTextHandler(s.log, nil)),
		Surface: bot.Surface{Commands: bot.Commands(), Handle: h},
	}
	for _, c := range changes {
		c(s, &cfg, &opts)
	}
	s.Server = fakediscord.New(opts)
	t.Cleanup(s.Close)
	s.guild = s.AddGuild("Support", "de")
	s.channel = s.AddChannel(s.guild, "mail")
	s.anna = s.AddUser("anna", "de")
	cfg.APIURL, cfg.Token = s.URL, s.Token
	s.cfg = cfg
	var err error
	if s.adapter, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	s.start(h)
	s.await("the commands", func() bool { return len(s.Commands()) > 0 })
	return s
}

// start runs the adapter; the handler's messages are kept in told.
func (s *stage) start(h bot.Handler) {
	s.mu.Lock()
	s.keeper = s.adapter.keeper
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	s.done = done
	go func() {
		done <- s.adapter.Run(ctx, func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
			s.mu.Lock()
			defer s.mu.Unlock()
			if m.Kind == bot.KindReply || m.Kind == bot.KindDeleted {
				s.noted = append(s.noted, m)
				return saying()(ctx, m)
			}
			s.told = append(s.told, m)
			return h(ctx, m)
		})
	}()
	s.cancel = cancel
	s.stop = sync.OnceValue(func() error {
		cancel()
		go func() { // answers that still wait for something are not waited for
			for _, d := range []time.Duration{drainFor, lastWord} {
				if s.clock.AwaitTimer(s.ctx, d) == nil {
					s.clock.Advance(d)
				}
			}
		}()
		select {
		case err := <-done:
			return err
		case <-s.ctx.Done():
			return fmt.Errorf("Run did not return: %w", s.ctx.Err())
		}
	})
	s.t.Cleanup(func() {
		if err := s.stop(); err != nil && !s.t.Failed() {
			s.t.Errorf("Run: %v", err)
		}
	})
}

func (s *stage) await(what string, cond func() bool) {
	s.t.Helper()
	if err := s.Await(s.ctx, cond); err != nil {
		s.t.Fatalf("%s did not come: %v\nlog:\n%s\nrequests:\n%s", what, err, s.log, s.transcript())
	}
}

// transcript lists the REST calls, for failing tests.
func (s *stage) transcript() string {
	var b strings.Builder
	for _, r := range s.Requests() {
		fmt.Fprintf(&b, "%s %s -> %d/%d %s\n", r.Method, r.Path, r.Status, r.Code, clip(string(r.Body), 300))
	}
	return b.String()
}

func (s *stage) messages() []bot.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]bot.Message(nil), s.told...)
}

// heard waits until everything is worked off and returns what the handler was
// only told of.
func (s *stage) heard() []bot.Message {
	s.t.Helper()
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]bot.Message(nil), s.noted...)
}

// only is the one message that the handler got.
func (s *stage) only() bot.Message {
	s.t.Helper()
	all := s.messages()
	if len(all) != 1 {
		s.t.Fatalf("the handler got %d messages: %+v", len(all), all)
	}
	return all[0]
}

// answered waits for a call's answer and returns it.
func (s *stage) answered(i *fakediscord.Interaction) fakediscord.Message {
	s.t.Helper()
	s.await("the answer", i.Answered)
	return i.Message()
}

// settle lets everything that was said before be worked off: it says something
// in a direct message and waits for the answer to that.
func (s *stage) settle() {
	s.t.Helper()
	u := s.AddUser("settle", "en-US")
	dm := s.OpenDM(u)
	s.Say(u, dm, "settle")
	s.await("the answer to settle", func() bool { return len(s.FromBot(dm)) == 1 })
	s.adapter.jobs.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.told[:0]
	for _, m := range s.told {
		if m.User != u.ID {
			kept = append(kept, m)
		}
	}
	s.told = kept
}

// say is an answer of one paragraph.
func say(text string) bot.Answer {
	return bot.Answer{Lang: "de", Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(bot.T(text))}}}
}

// echo answers everything with what it was told.
func echo(_ context.Context, m bot.Message) iter.Seq[bot.Answer] {
	return func(yield func(bot.Answer) bool) {
		text := m.Text
		if m.Command != nil {
			text = "/" + m.Command.Name + " " + m.Command.Args
		}
		if m.Action != nil {
			text = m.Action.ID + ":" + m.Action.Value
		}
		a := say("echo " + text)
		a.Actions = []bot.Action{{ID: "test", Label: "Nochmal", Value: "gmx smtp"}}
		yield(a)
	}
}

// saying answers with a fixed sequence.
func saying(answers ...bot.Answer) bot.Handler {
	return func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) {
			for _, a := range answers {
				if !yield(a) {
					return
				}
			}
		}
	}
}

// stepped answers with what the test sends, one at a time.
func stepped(steps <-chan bot.Answer) bot.Handler {
	return func(ctx context.Context, _ bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) {
			for {
				select {
				case a, ok := <-steps:
					if !ok || !yield(a) {
						return
					}
				case <-ctx.Done():
					yield(say("abgebrochen"))
					return
				}
			}
		}
	}
}

// stopped waits until Run returns by itself.
func (s *stage) stopped() error {
	s.t.Helper()
	select {
	case err := <-s.done:
		s.stop = func() error { return nil }
		return err
	case <-s.ctx.Done():
		s.t.Fatalf("Run did not return\n%s", s.log)
		return nil
	}
}

// runClock moves the clock whenever somebody waits for it for at most d, but
// not under an IDENTIFY.
func (s *stage) runClock(d time.Duration) {
	ctx, cancel := context.WithCancel(s.ctx)
	s.t.Cleanup(cancel)
	go func() {
		for s.clock.AwaitTimer(ctx, d) == nil {
			if s.identifying() {
				<-time.After(time.Millisecond) // leaves the processor to it
				continue
			}
			s.clock.Advance(d)
		}
	}()
}

// identifying says that an IDENTIFY is on its way. It takes time of the real
// clock, and its permission ends by the stage's: where that ran on, a machine
// with much to do would never begin a session.
func (s *stage) identifying() bool {
	s.mu.Lock()
	k := s.keeper
	s.mu.Unlock()
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, until := range k.board.Starts.Keys {
		if until.Sub(s.clock.Now()) > identifyPause {
			return true
		}
	}
	return false
}

func newDiscardLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

type iterSeq = iter.Seq[bot.Answer]
