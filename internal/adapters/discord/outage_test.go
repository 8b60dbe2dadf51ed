package discord

import (
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// remembering gives the adapter an inbox in memory by the stage's clock.
func remembering(s *stage, c *Config, _ *fakediscord.Options) {
	c.Inbox = bot.NewMemoryInbox(s.clock.Now)
}

// later lets d go by in steps; in each one what waits is looked for.
func (s *stage) later(d time.Duration) {
	s.t.Helper()
	for range int(d / (10 * time.Second)) {
		s.clock.Advance(10 * time.Second)
		s.adapter.takeUp(s.ctx)
		s.idle()
	}
}

// idle waits until nothing is under way; the pauses between two attempts of
// one call come to their end.
func (s *stage) idle() {
	s.t.Helper()
	s.passing("the end of what is under way", func() bool {
		s.adapter.mu.Lock()
		defer s.adapter.mu.Unlock()
		return s.adapter.queued == 0
	})
}

// passing lets time pass until cond holds.
func (s *stage) passing(what string, cond func() bool) {
	s.t.Helper()
	for !cond() {
		if s.ctx.Err() != nil {
			s.t.Fatalf("waited in vain for %s\nlog:\n%s\nrequests:\n%s", what, s.log, s.transcript())
		}
		if !s.identifying() {
			s.clock.Advance(100 * time.Millisecond)
		}
		<-time.After(50 * time.Microsecond) // leaves the processor to what is waited for
	}
}

// TestDiscordAnswers500ForTenMinutes holds that what was asked meanwhile waits
// and is answered once, whatever became of the attempts. Past the life of the
// nonce the bot looks before it posts again.
func TestDiscordAnswers500ForTenMinutes(t *testing.T) {
	for name, f := range map[string]fakediscord.Fault{
		"500":                       {Status: 500, Times: -1},
		"502 and done all the same": {Status: 502, After: true, Times: -1},
		"cut":                       {Status: 0, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, echo, remembering)
			s.Fail(f)
			var said []string
			for range 5 {
				said = append(said, s.Say(s.anna, s.channel, s.Mention()+" gmx"))
				n := len(said)
				s.passing("the question", func() bool { return len(s.messages()) >= n })
				s.later(2 * time.Minute)
			}
			s.Heal()
			s.later(6 * time.Minute) // the longest pause between two attempts is five
			for i, id := range said {
				if n := len(s.FromBot(id)); n != 1 {
					t.Errorf("question %d: %d answers", i, n)
				}
			}
		})
	}
}

// TestTokenResetWhileRunning holds that a bot whose token Discord no longer
// takes ends with the name of the setting, and keeps what it has not answered.
func TestTokenResetWhileRunning(t *testing.T) {
	s := newStage(t, echo, remembering)
	s.SetToken("another")
	s.Say(s.anna, s.channel, s.Mention()+" gmx")
	err := s.stopped()
	if err == nil || !strings.Contains(err.Error(), "DISCORD_TOKEN") {
		t.Errorf("Run ended with %v", err)
	}
	s.clock.Advance(time.Minute)
	if jobs, err := s.cfg.Inbox.Take(t.Context(), platform, 10); err != nil || len(jobs) != 1 {
		t.Errorf("kept %d events, %v; want the unanswered one", len(jobs), err)
	}
}

// TestQuestionIsGoneAfterARestart holds that what was removed before it could
// be answered stays unanswered, although the process that heard of the removal
// is gone.
func TestQuestionIsGoneAfterARestart(t *testing.T) {
	s := newStage(t, echo, remembering)
	s.Fail(fakediscord.Fault{Method: "POST", Status: 500, Times: -1})
	thread := s.StartThread(s.anna, s.channel, "post")
	places := []string{s.channel, thread, s.OpenDM(s.anna)}
	var gone []string
	for _, c := range places {
		gone = append(gone, s.Say(s.anna, c, s.Mention()+" gmx"))
	}
	stays := s.Say(s.anna, s.channel, s.Mention()+" web.de")
	s.passing("the attempts", func() bool { return s.Count("POST", "/channels/") >= 4 })
	s.idle()
	for _, id := range gone {
		s.Delete(id)
	}
	s.idle()
	s.adapter.overtaken, s.adapter.asked = newRecent[string](keepAsked), newRecent[*question](keepAsked)
	s.Heal()
	s.later(5 * time.Minute)
	if n := len(s.FromBot(stays)); n != 1 {
		t.Errorf("%d answers to the question that stays", n)
	}
	for i, c := range append(places, gone...) {
		if m := s.FromBot(c); len(m) != 0 {
			t.Errorf("place %d: %q answers nothing", i, m[0].Content)
		}
	}
	if n := s.Count("DELETE", "/channels/"); n != 0 {
		t.Errorf("%d answers stood there and were taken back", n)
	}
}

// TestPostedBeforeTheNonceEnded holds that an answer whose word got lost is
// looked for when the nonce tells nothing any more: it is not posted again,
// neither where the bot may not look, and nobody is told that it failed.
func TestPostedBeforeTheNonceEnded(t *testing.T) {
	for name, deny := range map[string]uint64{"seen": 0, "not to be seen": fakediscord.PermReadHistory} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, echo, remembering)
			s.Deny(s.channel, deny)
			s.Fail(fakediscord.Fault{Method: "POST", Path: "/channels/*/messages", Status: 502, After: true, Times: maxTries})
			places := []string{s.channel, s.StartThread(s.anna, s.channel, "post"), s.OpenDM(s.anna)}
			for i, c := range places {
				asked := s.Say(s.anna, c, s.Mention()+" gmx")
				s.passing("the answer whose word gets lost", func() bool { return s.Count("POST", "/channels/"+[]string{asked, c, c}[i]+"/messages") == maxTries })
				s.idle()
				s.clock.Advance(7 * time.Minute)
				s.adapter.takeUp(s.ctx)
				s.later(time.Minute)
				where := c
				if i == 0 {
					where = asked
					if s.Count("GET", "/channels/"+asked+"/messages") == 0 {
						t.Error("it was not looked for")
					}
				}
				if n := len(s.FromBot(where)); n != 1 {
					t.Errorf("place %d: %d answers\n%s", i, n, s.transcript())
				}
				s.Fail(fakediscord.Fault{Method: "POST", Path: "/channels/*/messages", Status: 502, After: true, Times: maxTries})
			}
			if n := len(s.FromBot(places[2])); n != 1 {
				t.Errorf("%d messages to the person", n)
			}
		})
	}
}
