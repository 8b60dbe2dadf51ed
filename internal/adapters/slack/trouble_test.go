package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// without are all scopes of the manifest but one.
func without(name string) []string {
	var out []string
	for _, s := range scopes() {
		if s.name != name {
			out = append(out, s.name)
		}
	}
	return out
}

func TestMissingScopeIsNamedToTheAskerAlone(t *testing.T) {
	for _, scope := range []string{"usergroups:read", "users:read"} {
		t.Run(scope, func(t *testing.T) {
			r := newDesk(t, setup{fake: fakeslack.Options{Scopes: without(scope)}})
			if scope == "usergroups:read" {
				r.slash(chef, "gruppe <!subteam^"+team+"|@team>")
			}
			r.slash(tom, "auto an")
			if got := r.s.Transcript(); !strings.Contains(got[strings.LastIndex(got, "response_url"):], scope) {
				t.Errorf("the scope is not named:\n%s", got)
			}
			if n := len(r.s.Posts(support)); n != 0 {
				for _, p := range r.s.Posts(support) {
					if p.Ephemeral == "" {
						t.Errorf("said in public: %s", p.Text)
					}
				}
			}
		})
	}
}

// TestExpiredTriggerLosesNothing holds that a form that Slack no longer opens
// still takes the feedback, and that saving says what happened.
func TestExpiredTriggerLosesNothing(t *testing.T) {
	r := newDesk(t, setup{})
	said := r.mention(anna, question)
	r.s.Fail("views.open", fakeslack.Fault{Error: "expired_trigger_id", Times: -1})
	r.settle(r.press(anna, support, r.last(support).TS, "Hat nicht geholfen"))
	r.settle(r.s.Shortcut(chef, support, said.TS, "mailhelp_save"))
	got := r.s.Transcript()
	for _, want := range []string{"user=@anna: Danke für den Hinweis", "user=@chef: Das Formular ließ sich nicht öffnen"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestForgedActionsDoNothing presses buttons that nobody was shown.
func TestForgedActionsDoNothing(t *testing.T) {
	r := newDesk(t, setup{})
	said := r.mention(anna, question)
	answer := r.last(support)
	other := r.s.Say(ben, support, "", "Wer kommt mit essen?")
	r.settle(other.Deliveries...)
	press := func(user, ts, action, value string) {
		t.Helper()
		r.settle(r.s.Deliver(fakeslack.KindInteraction, map[string]any{
			"type": "block_actions", "trigger_id": "forged", "team": map[string]any{"id": fakeslack.TeamID}, "user": map[string]any{"id": user},
			"channel": map[string]any{"id": support}, "container": map[string]any{"type": "message", "message_ts": ts, "channel_id": support},
			"message": map[string]any{"ts": ts, "user": fakeslack.BotUserID, "bot_id": fakeslack.BotID, "thread_ts": said.TS},
			"actions": []any{map[string]any{"action_id": action, "value": value, "action_ts": "1." + action + value + user, "type": "button"}},
		}))
	}
	press(ben, answer.TS, "dismiss#0", "AAAAAAAAAAAAAAAA")
	press(ben, answer.TS, "helped#0", strings.Repeat("x", 5000))
	press(ben, answer.TS, "rm -rf#0", "/")
	press(ben, answer.TS, "", "")
	press(ben, answer.TS, "guide#0", "<!channel>")
	// A dismissal that its own asker sends for somebody else's message.
	press(anna, other.TS, "dismiss#0", valueOf(t, answer, "helped"))
	if m, ok := r.s.Message(support, answer.TS); !ok || m.Deleted {
		t.Error("a forged button took the answer back")
	}
	if m, ok := r.s.Message(support, other.TS); !ok || m.Deleted {
		t.Error("a person's message was deleted")
	}
	for _, m := range r.s.Messages("") {
		if got := fakeslack.Mentions(m.Text, m.Blocks); m.BotID == fakeslack.BotID && len(got) > 0 {
			t.Errorf("a mention came alive: %q", got)
		}
	}
}

// valueOf is the value of the button with an action in a message.
func valueOf(t *testing.T, m fakeslack.Message, action string) string {
	t.Helper()
	var blocks []struct {
		Elements []struct {
			ActionID string `json:"action_id"`
			Value    string `json:"value"`
		} `json:"elements"`
	}
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		for _, e := range b.Elements {
			if parseActionID(e.ActionID) == action {
				return e.Value
			}
		}
	}
	t.Fatalf("no button %s in %s", action, m.Blocks)
	return ""
}

// TestDeskCallsMayFail lets each call fail that rights, forms and hand-overs
// rest on: who cannot be shown to have a right has none, the team is called at
// most once, and the bot goes on.
func TestDeskCallsMayFail(t *testing.T) {
	faults := map[string]fakeslack.Fault{
		"429": {Status: 429, RetryAfter: time.Second, Times: -1}, "503": {Status: 503, Times: -1}, "503 after": {Status: 503, After: true, Times: -1},
		"reset": {Reset: true, Times: -1}, "missing_scope": {Error: "missing_scope", Needed: "x:y", Times: -1}, "fatal_error": {Error: "fatal_error", Times: -1},
	}
	for _, method := range []string{"users.info", "usergroups.users.list", "views.open", "chat.postMessage", "chat.postEphemeral", "chat.delete"} {
		for name, f := range faults {
			t.Run(method+"/"+name, func(t *testing.T) {
				t.Parallel()
				r := newDesk(t, setup{faulty: true})
				r.slash(chef, "gruppe <!subteam^"+team+"|@team>")
				said := r.mention(anna, question)
				answer := r.last(support).TS
				r.clock.Advance(10 * time.Minute) // what is known of people is asked anew
				r.s.Fail(method, f)
				r.slash(tom, "auto an")
				r.slash(anna, "auto an")
				r.settle(r.press(anna, support, answer, "Mit einem Menschen sprechen"), r.press(ben, support, answer, "Mit einem Menschen sprechen"))
				r.settle(r.press(anna, support, answer, "Hat nicht geholfen"), r.s.Shortcut(tom, support, said.TS, "mailhelp_save"))
				r.settle(r.s.Slash(ben, ben, "/mailhelp", "status"))
				calls := 0
				for _, m := range r.s.Messages(support) {
					if slices.Contains(fakeslack.Mentions(m.Text, m.Blocks), "usergroup") {
						calls++
					}
				}
				if calls > 1 {
					t.Errorf("the team was called %d times\n%s", calls, r.s.Transcript())
				}
				if got := r.s.Transcript(); strings.Contains(got, "user=@anna: Eingeschaltet") || strings.Count(got, "Eingeschaltet") > 1 {
					t.Errorf("somebody without the right switched it on\n%s", got)
				}
			})
		}
	}
}

// TestScenariosNeedNoMoreThanTheManifestAtTheDesk plays those too.
func TestScenariosNeedNoMoreThanTheManifestAtTheDesk(t *testing.T) {
	for name, play := range deskScenarios {
		t.Run(name, func(t *testing.T) {
			r := newDesk(t, setup{fake: fakeslack.Options{Scopes: without(""), Events: events()}})
			play(r)
			if slices.ContainsFunc(r.s.Calls(""), func(c fakeslack.Call) bool { return c.Error == "missing_scope" }) {
				t.Errorf("missing scope\n%s", r.s.Transcript())
			}
		})
	}
}
