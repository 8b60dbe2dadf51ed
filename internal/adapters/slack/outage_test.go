package slack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// later lets d go by in steps; in each one what waits is looked for.
func (r *rig) later(d time.Duration) {
	r.t.Helper()
	for range int(d / (10 * time.Second)) {
		r.clock.Advance(10 * time.Second)
		r.settleAll()
		r.takeUpNow()
	}
	r.settleAll()
}

// settleAll waits until nothing is under way; the pauses between two attempts
// of one call come to their end.
func (r *rig) settleAll() {
	r.t.Helper()
	r.await("the end of what is under way", func() bool {
		if r.a.Status().UnderWay == 0 {
			return true
		}
		if w := r.clock.Pending(); len(w) > 0 && w[0] <= 10*time.Second {
			r.clock.Advance(w[0])
		}
		return false
	})
}

// takeUpNow looks into the inbox without waiting for the next look.
func (r *rig) takeUpNow() { r.a.takeUp(r.ctx, 100) }

// TestSlackAnswers500ForTenMinutes holds that what was asked meanwhile waits and is
// answered once, whatever became of the attempts.
func TestSlackAnswers500ForTenMinutes(t *testing.T) {
	for name, f := range map[string]fakeslack.Fault{
		"500":                       {Status: 500, Times: -1},
		"500 and done all the same": {Status: 500, After: true, Times: -1},
		"reset":                     {Reset: true, Times: -1},
		"internal_error":            {Error: "internal_error", Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			clock := fakeslack.NewClock(time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC))
			r := newRig(t, setup{still: true, handle: once("hello"), fake: fakeslack.Options{Clock: clock}, inbox: bot.NewMemoryInbox(clock.Now)})
			r.s.Fail("", f)
			var said []fakeslack.Said
			for i := range 5 {
				q := r.s.Say(anna, support, "", fmt.Sprint(fakeslack.Mention(), " question ", i))
				for _, d := range q.Deliveries {
					if err := d.Wait(r.ctx); err != nil {
						t.Fatal(err)
					}
				}
				said = append(said, q)
				r.later(2 * time.Minute)
			}
			if !f.After && len(r.s.Posts(support)) != 0 {
				t.Fatal("the fault has no effect")
			}
			r.s.Heal()
			r.later(6 * time.Minute) // the longest pause between two attempts is five
			answers := map[string]int{}
			for _, p := range r.s.Posts(support) {
				answers[p.ThreadTS]++
			}
			for i, q := range said {
				if answers[q.TS] != 1 {
					t.Errorf("question %d: %d answers", i, answers[q.TS])
				}
			}
		})
	}
}

// TestTokenRevokedWhileRunning holds that a bot whose token Slack no longer
// takes ends with the name of the setting, and keeps what it has not answered.
func TestTokenRevokedWhileRunning(t *testing.T) {
	for _, code := range []string{"invalid_auth", "token_revoked", "account_inactive"} {
		for _, http := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/http %v", code, http), func(t *testing.T) {
				clock := fakeslack.NewClock(time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC))
				inbox := bot.NewMemoryInbox(clock.Now)
				r := newRig(t, setup{still: true, http: http, handle: once("hello"), fake: fakeslack.Options{Clock: clock}, inbox: inbox})
				r.s.Fail("", fakeslack.Fault{Error: code, Times: -1})
				r.s.Say(anna, support, "", fakeslack.Mention()+" hi")
				wantEnd(t, r, "SLACK_BOT_TOKEN", code)
				clock.Advance(time.Minute)
				if jobs, err := inbox.Take(t.Context(), platform, 10); err != nil || len(jobs) != 1 {
					t.Errorf("kept %d events, %v; want the unanswered one", len(jobs), err)
				}
			})
		}
		t.Run(code+"/on reconnect", func(t *testing.T) {
			r := newRig(t, setup{still: true, handle: once("hello")})
			r.await("the hello", func() bool { return r.a.Status().Connections == 1 })
			r.s.Fail("apps.connections.open", fakeslack.Fault{Error: code, Times: -1})
			r.s.Drop(0)
			wantEnd(t, r, "SLACK_APP_TOKEN", code)
		})
	}
}

// wantEnd waits until Run ends by itself with an error that says all of want.
func wantEnd(t *testing.T, r *rig, want ...string) {
	t.Helper()
	r.await("the end", func() bool { return r.a.self.Load() == nil })
	err := r.stop()
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("Run ended with %v, which does not say %s", err, w)
		}
	}
}
