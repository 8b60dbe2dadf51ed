package discord

import (
	"context"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// restart ends the adapter and starts another one with the same Memory, as
// after a new start of the process.
func (s *stage) restart(h bot.Handler) {
	s.t.Helper()
	s.adapter.jobs.Wait()
	if err := s.stop(); err != nil {
		s.t.Fatal(err)
	}
	var err error
	if s.adapter, err = New(s.cfg); err != nil {
		s.t.Fatal(err)
	}
	s.clock.Advance(10 * time.Second)
	s.start(h)
	s.await("the session", func() bool { return s.Identifies()+s.Resumes() == 2 && s.Connected() })
	s.await("the commands", func() bool { return s.Count("PUT", "/applications/") == 2 })
}

func withMemory(_ *stage, c *Config, _ *fakediscord.Options) { c.Memory = newProcess() }

// longButton answers with a button whose value does not fit into a custom_id.
func longButton(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
	if m.Action != nil {
		return echo(ctx, m)
	}
	a := say("bereit")
	a.Actions = []bot.Action{{ID: "test", Label: "Los", Value: "smtp " + strings.Repeat("lang.", 40) + "example"}}
	return saying(a)(ctx, m)
}

func TestButtonsOutliveARestart(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes []script
		after   time.Duration
		want    string
	}{
		{"kept", []script{withMemory}, 0, "echo test:smtp " + strings.Repeat("lang.", 40) + "example"},
		{"too old", []script{withMemory}, keepButtons, "zu alt"},
		{"nothing is kept", []script{func(_ *stage, c *Config, _ *fakediscord.Options) { c.Memory = nil }}, 0, "zu alt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, longButton, c.changes...)
			first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
			s.restart(longButton)
			s.clock.Advance(c.after)
			got := s.answered(s.Press(s.anna, first.ID, first.Buttons()[0].CustomID))
			if !strings.Contains(got.Content, c.want) {
				t.Errorf("%q, want %q", got.Content, c.want)
			}
			if stale := c.want == "zu alt"; stale != (got.ForUser == s.anna.ID) {
				t.Errorf("seen by %q", got.ForUser)
			}
		})
	}
}

func TestAQuestionIsFollowedAfterARestart(t *testing.T) {
	t.Run("edited", func(t *testing.T) {
		s := newStage(t, echo, withMemory)
		id := s.Say(s.anna, s.channel, s.Mention()+" gmy")
		s.await("the answer", func() bool { return len(s.FromBot(id)) == 1 })
		s.restart(echo)
		s.Edit(id, s.Mention()+" gmx")
		s.await("the changed answer", func() bool { return s.FromBot(id)[0].Content == "echo gmx" })
		s.Unfurl(id)
		s.settle()
		if n := len(s.messages()); n != 2 || len(s.FromBot(id)) != 1 {
			t.Errorf("%d messages, %d answers", n, len(s.FromBot(id)))
		}
	})
	t.Run("edited long ago", func(t *testing.T) {
		s := newStage(t, echo, withMemory)
		id := s.Say(s.anna, s.channel, s.Mention()+" gmy")
		s.await("the answer", func() bool { return len(s.FromBot(id)) == 1 })
		s.restart(echo)
		s.clock.Advance(editWithin)
		s.Edit(id, s.Mention()+" gmx")
		s.settle()
		if got := s.FromBot(id)[0].Content; got != "echo gmy" {
			t.Errorf("%q", got)
		}
	})
	t.Run("deleted", func(t *testing.T) {
		s := newStage(t, echo, withMemory)
		one, two := s.Say(s.anna, s.channel, s.Mention()+" gmx"), s.Say(s.anna, s.channel, s.Mention()+" web.de")
		s.await("the answers", func() bool { return len(s.FromBot(one)) == 1 && len(s.FromBot(two)) == 1 })
		s.restart(echo)
		s.DeleteBulk(s.channel, one, two)
		s.await("the answers to be gone", func() bool { return len(s.FromBot(one)) == 0 && len(s.FromBot(two)) == 0 })
	})
}

// An edit or a removal does not wait for the answer that is being made.
func TestAnAnswerUnderWayIsInterrupted(t *testing.T) {
	begin := func(t *testing.T) (*stage, string) {
		began := make(chan struct{}, 1)
		s := newStage(t, func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
			if !strings.Contains(m.Text, "warte") {
				return echo(ctx, m)
			}
			return func(yield func(bot.Answer) bool) {
				began <- struct{}{}
				<-ctx.Done()
				yield(say("abgebrochen"))
			}
		})
		id := s.Say(s.anna, s.channel, s.Mention()+" warte")
		select {
		case <-began:
		case <-s.ctx.Done():
			t.Fatal("the question did not come")
		}
		return s, id
	}
	t.Run("edit", func(t *testing.T) {
		s, id := begin(t)
		s.Edit(id, s.Mention()+" gmx")
		s.await("the answer", func() bool { return len(s.FromBot(id)) == 1 })
		s.settle()
		if got := s.FromBot(id); got[0].Content != "echo gmx" || len(got[0].History) != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("removal", func(t *testing.T) {
		s, id := begin(t)
		s.Delete(id)
		s.settle()
		if n := len(s.FromBot(s.channel)) + len(s.Threads(s.channel)); n != 0 {
			t.Errorf("%d traces", n)
		}
	})
}

// A question that became none loses its answer, and one that became one gets it.
func TestAnEditIsDecidedAnew(t *testing.T) {
	h := func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
		switch {
		case strings.Contains(m.Text, "danke"):
			return saying(bot.Answer{Retract: true})(ctx, m)
		case strings.Contains(m.Text, "essen"):
			return saying()(ctx, m)
		}
		return echo(ctx, m)
	}
	s := newStage(t, h, withContent)
	id := s.Say(s.anna, s.channel, "outlook geht nicht")
	s.await("the answer", func() bool { return len(s.FromBot(id)) == 1 })
	s.Edit(id, "geht wieder, danke")
	s.await("the answer to be gone", func() bool { return len(s.FromBot(id)) == 0 })
	other := s.Say(s.anna, s.channel, "wer geht essen?")
	s.settle()
	s.Edit(other, "outlook geht nicht")
	s.await("the answer", func() bool { return len(s.FromBot(other)) == 1 })
	if m := s.messages()[3]; m.Replaces != other || m.ID == other || m.Kind != bot.KindChannel || m.Thread != other {
		t.Errorf("%+v", m)
	}
}
