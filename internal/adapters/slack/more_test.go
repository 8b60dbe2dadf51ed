package slack

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/bot/answertest"
)

func TestCutAnswerComesWithTheFullReport(t *testing.T) {
	var huge bot.Answer
	for _, s := range answertest.Samples() {
		if s.Name == "huge-de" {
			huge = s.Answer
		}
	}
	r := newRig(t, setup{handle: func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) { yield(huge) }
	}})
	r.settle(r.s.Slash(anna, support, "/settings", "x"))
	ps := r.s.Posts(support)
	if len(ps) != 2 || len(ps[1].Files) != 1 || ps[1].ThreadTS != ps[0].TS {
		t.Fatalf("%d posts\n%s", len(ps), r.s.Transcript())
	}
	text := string(ps[1].Files[0].Content)
	if !strings.Contains(text, "Schritt 300") || !strings.Contains(text, "SMTP 120") {
		t.Errorf("the report of %d bytes is not complete", len(text))
	}
}

func TestSamplesArriveAsSlackTakesThem(t *testing.T) {
	var ans bot.Answer
	r := newRig(t, setup{handle: func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) { yield(ans) }
	}})
	for _, s := range answertest.Samples() {
		ans = s.Answer
		r.settle(r.s.Slash(anna, support, "/settings", "x"), r.s.Slash(anna, foreign, "/test", "x"))
	}
	for _, c := range r.s.Calls("") {
		if strings.Contains(c.Error, "invalid") || c.Error == "no_text" || c.Error == "msg_too_long" {
			t.Errorf("%s: %s", c.Method, c.Error)
		}
	}
}

func TestThreadIsRememberedAfterARestart(t *testing.T) {
	inbox := &faultyInbox{Inbox: bot.NewMemoryInbox(nil)}
	r := newRig(t, setup{inbox: inbox})
	root := r.s.Say(anna, support, "", fakeslack.Mention()+" hallo")
	r.settle(root.Deliveries...)
	r.a.threads = newRecent(10, time.Hour) // what a restart forgets
	r.settle(r.s.Say(ben, support, root.TS, "test smtp").Deliveries...)
	if n := len(r.s.Posts(support)); n != 2 {
		t.Errorf("%d posts\n%s", n, r.s.Transcript())
	}
	if n := len(r.s.Calls("conversations.replies")); n != 0 {
		t.Errorf("%d look-ups", n)
	}
	r.a.threads = newRecent(10, time.Hour) // what the loss of the database forgets
	inbox.lost.Store(true)
	r.settle(r.s.Say(ben, support, root.TS, "test smtp").Deliveries...)
	if n, looked := len(r.s.Posts(support)), len(r.s.Calls("conversations.replies")); n != 3 || looked != 1 {
		t.Errorf("%d posts after %d look-ups\n%s", n, looked, r.s.Transcript())
	}
}

func TestStrangersThreadIsJoinedByAMention(t *testing.T) {
	r := newRig(t, setup{})
	root := r.s.Say(anna, support, "", "SMTP geht nicht")
	r.settle(root.Deliveries...)
	r.settle(r.s.Say(ben, support, root.TS, "test smtp").Deliveries...)
	if n := len(r.s.Posts(support)); n != 0 {
		t.Fatalf("%d posts before the mention", n)
	}
	r.settle(r.s.Say(ben, support, root.TS, fakeslack.Mention()+" hallo").Deliveries...)
	r.settle(r.s.Say(ben, support, root.TS, "test smtp").Deliveries...)
	if n := len(r.s.Posts(support)); n != 2 {
		t.Errorf("%d posts\n%s", n, r.s.Transcript())
	}
}

func TestThreadOnASlashAnswerBelongsToTheCommand(t *testing.T) {
	var keys []string
	r := newRig(t, setup{handle: func(_ context.Context, m bot.Message) iter.Seq[bot.Answer] {
		keys = append(keys, m.Thread)
		return func(yield func(bot.Answer) bool) { yield(say("en", "ok")) }
	}})
	r.settle(r.s.Slash(anna, support, "/settings", "gmx"))
	post := r.last(support)
	r.settle(r.s.Say(anna, support, post.TS, "test smtp").Deliveries...)
	r.settle(r.s.Slash(anna, support, "/settings", "web.de"))
	if len(keys) != 3 || keys[0] == "" || keys[0] != keys[1] || keys[0] == keys[2] {
		t.Errorf("%q", keys)
	}
}

func TestButtonsOfOtherAppsAreIgnored(t *testing.T) {
	r := newRig(t, setup{handle: once("pressed")})
	r.settle(r.s.Deliver(fakeslack.KindInteraction, map[string]any{
		"type": "block_actions", "team": map[string]any{"id": fakeslack.TeamID}, "user": map[string]any{"id": anna},
		"channel": map[string]any{"id": support}, "container": map[string]any{"type": "message", "message_ts": "1767607200.000009"},
		"message": map[string]any{"user": "U0OTHER", "bot_id": "B0OTHER", "ts": "1767607200.000009"},
		"actions": []any{map[string]any{"action_id": "test#0", "value": "gmx"}},
	}))
	if n := len(r.s.Posts(support)); n != 0 {
		t.Errorf("%d posts", n)
	}
}

func TestAnswerInADeletedThreadTellsTheAsker(t *testing.T) {
	r := newRig(t, setup{faulty: true})
	r.settle(r.s.Say(anna, support, "", fakeslack.Mention()+" test gmx").Deliveries...)
	post := r.last(support)
	r.s.Delete(support, post.ThreadTS)
	r.settle(r.press(anna, support, post.TS, "Test again"))
	ms := r.s.Messages(support)
	m := ms[len(ms)-1]
	if m.Ephemeral != anna || !strings.Contains(m.Text, "thread_not_found") {
		t.Errorf("%+v\n%s", m, r.s.Transcript())
	}
}

// TestEveryCallMayFail lets each call of a conversation fail in each way: the
// adapter goes on, posts nothing twice, and answers the next question.
func TestEveryCallMayFail(t *testing.T) {
	faults := map[string]fakeslack.Fault{
		"429":           {Status: http.StatusTooManyRequests, RetryAfter: 2 * time.Second},
		"503":           {Status: http.StatusServiceUnavailable},
		"503 after":     {Status: http.StatusServiceUnavailable, After: true},
		"reset":         {Reset: true},
		"reset after":   {Reset: true, After: true},
		"missing_scope": {Error: "missing_scope", Needed: "x:y"},
		"fatal_error":   {Error: "fatal_error"},
		"not_authed":    {Error: "token_revoked"},
	}
	methods := []string{
		"chat.postMessage", "chat.update", "chat.postEphemeral", "chat.delete", "users.info", "conversations.info",
		"conversations.replies", "views.open", "views.publish", "response_url",
	}
	for _, m := range methods {
		for name, f := range faults {
			t.Run(m+"/"+name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, setup{faulty: true})
				f.Times = 2
				r.s.Fail(m, f)
				root := r.s.Say(anna, support, "", "SMTP geht nicht")
				r.settle(root.Deliveries...)
				r.settle(r.s.Say(ben, support, root.TS, "test?").Deliveries...)
				r.settle(r.s.Slash(anna, support, "/test", "gmx"), r.s.Slash(anna, support, "/test", "gmx passwort"))
				r.settle(r.s.Shortcut(anna, support, root.TS, testShortcut), r.s.OpenHome(anna))
				r.settle(r.s.Slash(anna, support, "/settings", "gmx "+fakeslack.Permalink(root.Message)))
				r.settle(r.s.Slash(anna, support, "/mailhelp", "last question"))
				checkOnce(t, r)
			})
		}
	}
}

// checkOnce: no text stands twice in the same place, and the last question was answered.
func checkOnce(t *testing.T, r *rig) {
	t.Helper()
	seen := map[string]int{}
	for _, p := range r.s.Posts(support) {
		if p.Ephemeral == "" {
			seen[p.ThreadTS+" "+p.Text]++
		}
	}
	for text, n := range seen {
		if n > 1 && !strings.Contains(text, "/test") {
			t.Errorf("%d times %q\n%s", n, text, r.s.Transcript())
		}
	}
	if !strings.Contains(r.last(support).Text, "last question") {
		t.Errorf("no answer any more\n%s", r.s.Transcript())
	}
}

func TestCheckFindsWhatIsMissing(t *testing.T) {
	var some []string
	for _, s := range scopes() {
		if s.name != "users:read" && s.name != "files:write" {
			some = append(some, s.name)
		}
	}
	s, err := fakeslack.Start(fakeslack.Options{Scopes: some})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	check := func(app string) (Checked, error) {
		a, err := New(Config{BotToken: s.BotToken(), AppToken: app, APIURL: s.APIURL()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		return a.Check(ctx)
	}
	c, err := check(s.AppToken())
	if err != nil || c.Team != "Fake" || c.Bot != fakeslack.BotName {
		t.Errorf("%+v, %v", c, err)
	}
	if len(c.Missing) != 2 || !slices.ContainsFunc(c.Missing, func(m string) bool { return strings.HasPrefix(m, "users:read (") }) {
		t.Errorf("%q", c.Missing)
	}
	if _, err := check("xapp-wrong"); err == nil || !strings.Contains(err.Error(), "SLACK_APP_TOKEN") {
		t.Errorf("%v", err)
	}
}

func TestEditsThatAreNoCorrectionChangeNothing(t *testing.T) {
	r := newRig(t, setup{still: true, handle: once("answer")})
	said := r.s.Say(anna, support, "", fakeslack.Mention()+" hi")
	r.settle(said.Deliveries...)
	changed := func(user, text, edited string) *fakeslack.Delivery {
		return r.s.Deliver(fakeslack.KindEvent, map[string]any{
			"type": "event_callback", "team_id": fakeslack.TeamID, "event_id": "Ev" + user + text + edited,
			"event": map[string]any{
				"type": "message", "subtype": "message_changed", "hidden": true, "channel": support, "channel_type": "channel", "ts": "1767607300.000001",
				"message":          map[string]any{"user": anna, "ts": said.TS, "text": text, "edited": map[string]any{"user": user, "ts": edited}},
				"previous_message": map[string]any{"user": anna, "ts": said.TS, "text": said.Text},
			},
		})
	}
	r.settle(
		changed(anna, said.Text, "1767607300.000001"),                      // a preview was added
		changed(ben, fakeslack.Mention()+" forged", "1767607300.000001"),   // not by the author
		changed(anna, fakeslack.Mention()+" without the edited field", ""), // not by a person
	)
	r.clock.Advance(followEdit + time.Minute)
	r.settle(r.s.Edit(support, said.TS, fakeslack.Mention()+" too late"))
	if n := len(r.s.Calls("chat.update")); n != 0 {
		t.Errorf("%d edits\n%s", n, r.s.Transcript())
	}
}
