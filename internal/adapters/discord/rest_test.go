package discord

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
)

// A create whose answer is lost is sent again under the same nonce, and stands
// there once.
func TestALostAnswerDoublesNothing(t *testing.T) {
	for _, status := range []int{0, 502} { // 0 cuts the connection
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			s := newStage(t, echo)
			s.Fail(fakediscord.Fault{Method: "POST", Path: "/channels/*/messages", Status: status, After: true})
			dm := s.OpenDM(s.anna)
			s.Say(s.anna, dm, "gmx")
			s.runClock(time.Second)
			s.await("the repetition", func() bool { return s.Count("POST", "/channels/"+dm+"/messages") == 2 })
			s.settle()
			if n := len(s.FromBot(dm)); n != 1 {
				t.Errorf("%d messages", n)
			}
		})
	}
}

// A follow-up has no nonce: it is not sent again when it is unknown what became of it.
func TestAFollowUpIsNotRepeated(t *testing.T) {
	s := newStage(t, echo)
	first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
	s.Fail(fakediscord.Fault{Method: "POST", Path: "/webhooks/*/*", Status: 502, After: true})
	press := s.Press(s.anna, first.ID, first.Buttons()[0].CustomID)
	s.await("the follow-up", func() bool { return len(press.Messages()) == 1 })
	s.settle()
	if n := len(press.Messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestAnEditIsRepeatedAfterAFailure(t *testing.T) {
	s := newStage(t, echo)
	s.Fail(fakediscord.Fault{Method: "PATCH", Path: "/webhooks/*/*/messages/*", Status: 503, Times: 2})
	call := s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
	s.runClock(2 * time.Second)
	s.answered(call)
}

func TestRateLimits(t *testing.T) {
	t.Run("bucket", func(t *testing.T) {
		s := newStage(t, echo)
		dm := s.OpenDM(s.anna)
		s.runClock(5 * time.Second)
		for range 8 {
			s.Say(s.anna, dm, "gmx")
		}
		s.await("all answers", func() bool { return len(s.FromBot(dm)) == 8 })
	})
	t.Run("all", func(t *testing.T) {
		s := newStage(t, echo)
		s.LimitAll(3 * time.Second)
		dm := s.OpenDM(s.anna)
		s.Say(s.anna, dm, "gmx")
		s.await("a refusal", func() bool { return s.Count("POST", "/channels/"+dm) == 1 })
		// Interactions do not count; their first response must not wait.
		s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
		if n := len(s.FromBot(dm)); n != 0 {
			t.Fatalf("%d messages under the limit", n)
		}
		s.runClock(3 * time.Second)
		s.await("the answer", func() bool { return len(s.FromBot(dm)) == 1 })
	})
}

func TestErrorsShowNoSecrets(t *testing.T) {
	s := newStage(t, echo)
	s.Fail(fakediscord.Fault{Method: "POST", Path: "/interactions/*/*/callback", Status: 0})
	s.Fail(fakediscord.Fault{Method: "PATCH", Status: 403, Code: 50013, Times: 9})
	s.Fail(fakediscord.Fault{Method: "POST", Path: "/channels/*/messages", Status: 400, Code: 50035, Times: 1})
	call := s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "geheimer-anbieter"))
	s.await("the refused message", func() bool { return s.Count("POST", "/channels/"+s.channel) == 1 })
	s.settle()
	for _, secret := range []string{call.Token, s.Token, "geheimer-anbieter"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log shows %q:\n%s", secret, s.log)
		}
	}
	if e := (&apiError{Status: 403, Code: 50013, Message: "Missing Permissions"}); !isCode(errors.Join(errors.New("x"), e), 50013) || isCode(e, 1) || !isStatus(e, 403) {
		t.Error("codes are not recognised")
	}
}
