package discord

import (
	"context"
	"errors"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestResumeLosesNothing(t *testing.T) {
	for name, cut := range map[string]func(*fakediscord.Server){
		"connection cut":    func(s *fakediscord.Server) { s.Drop() },
		"reconnect asked":   func(s *fakediscord.Server) { s.AskReconnect() },
		"resumable op 9":    func(s *fakediscord.Server) { s.InvalidateSessions(true) },
		"close code 4000":   func(s *fakediscord.Server) { s.CloseGateway(4000) },
		"close code 4008":   func(s *fakediscord.Server) { s.CloseGateway(4008) },
		"going away (1001)": func(s *fakediscord.Server) { s.CloseGateway(1001) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, echo)
			s.settle()
			dm := s.OpenDM(s.anna)
			cut(s.Server)
			s.Say(s.anna, dm, "während der Lücke") // comes too late for this connection: only a resume delivers it
			s.await("the answer", func() bool { return len(s.FromBot(dm)) == 1 })
			if s.Resumes() != 1 || s.Identifies() != 1 || len(s.messages()) != 1 {
				t.Errorf("%d resumes, %d identifies, %d messages", s.Resumes(), s.Identifies(), len(s.messages()))
			}
		})
	}
}

func TestANewSessionWhenTheOldOneIsGone(t *testing.T) {
	s := newStage(t, echo)
	s.clock.Advance(time.Minute)
	s.InvalidateSessions(false)
	s.await("a new session", func() bool { return s.Identifies() == 2 && s.Connected() })
	s.settle()
}

// A gateway that throws every session away at once, for a quarter of a day, is
// asked for less than a quarter of the thousand sessions that would cost the token.
func TestFlappingKeepsToTheBudget(t *testing.T) {
	s := newStage(t, echo)
	s.runClock(identifyEvery)
	end := s.clock.Now().Add(6 * time.Hour)
	n := 1
	for ; s.clock.Now().Before(end); n++ {
		s.InvalidateSessions(false)
		s.await("the next session", func() bool { return s.Identifies() > n && s.Connected() })
	}
	if n < 125 || n > 225 {
		t.Errorf("%d sessions in six hours", n)
	}
	s.settle()
}

func TestAllowanceOfSessionsIsRespected(t *testing.T) {
	s := newStage(t, echo)
	s.clock.Advance(identifyPause)
	s.SetRemainingIdentifies(3)
	s.InvalidateSessions(false)
	s.passing("the word in the log", func() bool { return strings.Contains(s.log.String(), "no more sessions today") })
	if err := s.adapter.Health(); err == nil || !strings.Contains(err.Error(), "3 are left") {
		t.Errorf("health: %v", err)
	}
	if n := s.Identifies(); n != 1 {
		t.Errorf("%d sessions", n)
	}
	s.SetRemainingIdentifies(1000)
	s.clock.Advance(24 * time.Hour)
	s.passing("the next session", func() bool { return s.Identifies() == 2 }) // it may have been about to wait
}

func TestFatalCloseCodesEndRun(t *testing.T) {
	t.Run("wrong token", func(t *testing.T) {
		err := runAlone(t, fakediscord.Options{}, func(c *Config) { c.Token = "wrong" })
		if err == nil || !strings.Contains(err.Error(), "DISCORD_TOKEN") || strings.Contains(err.Error(), "wrong") {
			t.Errorf("%v", err)
		}
	})
	for _, code := range []int{4004, 4010, 4012, 4013, 4014} {
		t.Run("while connected", func(t *testing.T) {
			s := newStage(t, echo)
			s.CloseGateway(code)
			var closed *closedError
			if err := s.stopped(); !errors.As(err, &closed) || closed.code != code {
				t.Errorf("%d: %v", code, err)
			}
		})
	}
	t.Run("token reset while connected", func(t *testing.T) {
		s := newStage(t, echo)
		s.SetToken("another")
		s.Drop()
		if err := s.stopped(); err == nil || !strings.Contains(err.Error(), "DISCORD_TOKEN") {
			t.Errorf("%v", err)
		}
	})
}

// Without the intent that is not allowed the bot goes on, and the log says
// what is missing and where to switch it on.
func TestRefusedContentIntent(t *testing.T) {
	s := newStage(t, echo, func(s *stage, c *Config, _ *fakediscord.Options) {
		c.Listen = always
		s.runClock(identifyPause)
	})
	s.settle()
	if n := s.Identifies(); n != 2 {
		t.Errorf("%d sessions", n)
	}
	if log := s.log.String(); !strings.Contains(log, "4014") || !strings.Contains(log, "Message Content Intent") || !strings.Contains(log, "unprompted replies") {
		t.Errorf("log: %s", log)
	}
	if s.adapter.wishes.listen(true) {
		t.Error("it would be asked for again")
	}
}

// The intent comes and goes with the channels that want it.
func TestListening(t *testing.T) {
	var on atomic.Bool
	s := newStage(t, echo, func(_ *stage, c *Config, o *fakediscord.Options) {
		c.Listen, o.MessageContent = func(context.Context) (bool, error) { return on.Load(), nil }, true
	})
	hears := func() bool {
		n := len(s.messages())
		s.Say(s.anna, s.channel, "mail geht nicht")
		s.settle()
		return len(s.messages()) > n
	}
	if hears() {
		t.Error("it listens from the start")
	}
	was := s.adapter.wishes.wanted()
	for i, want := range []bool{true, false} {
		on.Store(want)
		s.passing("the look at the channels", func() bool { return s.adapter.wishes.wanted() != was })
		was = s.adapter.wishes.wanted()
		s.await("the session", func() bool { return s.Identifies() == i+2 && s.Connected() })
		if hears() != want {
			t.Errorf("%d: listening is not %v", i, want)
		}
	}
}

// Who switches unprompted replies on learns at once when Discord does not let
// the bot read along.
func TestListeningThatIsRefused(t *testing.T) {
	var on atomic.Bool
	s := newStage(t, func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
		on.Store(m.Command != nil && m.Command.Args == "auto on")
		return echo(ctx, m)
	}, func(_ *stage, c *Config, _ *fakediscord.Options) {
		c.Listen = func(context.Context) (bool, error) { return on.Load(), nil }
	})
	s.runClock(identifyPause)
	call := s.Slash(s.anna, s.channel, "mailhelp auto", fakediscord.Opt("mode", "on"))
	s.await("the answer and the notice", func() bool { return len(call.Messages()) == 2 })
	if m := call.Messages()[1]; m.ForUser != s.anna.ID || !strings.Contains(m.Content, "Message Content Intent") {
		t.Errorf("%+v", m)
	}
}

// runAlone runs an adapter until it gives up.
func runAlone(t *testing.T, o fakediscord.Options, change func(*Config)) error {
	t.Helper()
	d := fakediscord.New(o)
	t.Cleanup(d.Close)
	cfg := Config{APIURL: d.URL, Token: d.Token, Surface: bot.Surface{Handle: echo}, Log: newDiscardLog()}
	change(&cfg)
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a.Run(t.Context(), nil)
}

func TestHealth(t *testing.T) {
	s := newStage(t, echo)
	if err := s.adapter.Health(); err != nil {
		t.Errorf("connected, but %v", err)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if s.adapter.Health() == nil {
		t.Error("stopped, but healthy")
	}
}

// An answer under way is still posted after the bot was told to stop.
func TestDrain(t *testing.T) {
	steps := make(chan bot.Answer, 1)
	s := newStage(t, stepped(steps))
	call := s.Slash(s.anna, s.channel, "test", fakediscord.Opt("target", "gmx"))
	s.await("the deferred response", func() bool { return call.ResponseType() == 5 })
	s.cancel()
	s.await("the goodbye", func() bool { return !s.Connected() })
	steps <- say("noch fertig")
	s.await("the answer", func() bool { return call.Message().Content == "noch fertig" })
	close(steps)
	if err := s.stopped(); err != nil {
		t.Error(err)
	}
}

// One that does not end is stopped, and says so.
func TestDrainHasAnEnd(t *testing.T) {
	steps := make(chan bot.Answer, 1)
	s := newStage(t, stepped(steps))
	steps <- say("läuft")
	call := s.Slash(s.anna, s.channel, "test", fakediscord.Opt("target", "gmx"))
	s.answered(call)
	s.cancel()
	if err := s.clock.AwaitTimer(s.ctx, drainFor); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(drainFor)
	s.await("the last word", func() bool { return call.Message().Content == "abgebrochen" })
	if err := s.stopped(); err != nil {
		t.Error(err)
	}
}

func TestConfigMistakesAreNamed(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, "DISCORD_TOKEN is empty"},
		{Config{Token: "  Bot  "}, "DISCORD_TOKEN"},
		{Config{Token: "xoxb-1-2"}, "Slack"},
		{Config{Token: "a b"}, "blanks"},
		{Config{Token: "t", APIURL: "discord"}, "DISCORD_API_URL"},
		{Config{Token: "t", APIURL: "ftp://x/"}, "DISCORD_API_URL"},
		{Config{Token: "t", PublicKey: "zz"}, "DISCORD_PUBLIC_KEY"},
		{Config{Token: "t", PublicKey: "abcd"}, "DISCORD_PUBLIC_KEY"},
	} {
		if _, err := New(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.cfg, err)
		}
	}
	a, err := New(Config{Token: " Bot abc.def.ghi ", Log: newDiscardLog()})
	if err != nil || a.rest.base != "https://discord.com/api/v9" || a.rest.token != "abc.def.ghi" {
		t.Errorf("%v %v", a, err)
	}
}
