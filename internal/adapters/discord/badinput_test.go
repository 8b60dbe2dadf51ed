package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// askedBy is one way to ask, and where its answer has to stand.
type askedBy struct {
	name  string
	calls []fakediscord.Fault // the REST calls that it takes, as faults without an outcome
	ask   func(*stage) func() []fakediscord.Message
}

func everyRoute() []askedBy {
	call := func(method, path string) fakediscord.Fault { return fakediscord.Fault{Method: method, Path: path} }
	return []askedBy{
		{"mention", []fakediscord.Fault{
			call("GET", "/channels/*"), call("POST", "/channels/*/messages/*/threads"), call("POST", "/channels/*/messages"), call("PATCH", "/channels/*/messages/*"),
		}, func(s *stage) func() []fakediscord.Message {
			id := s.Say(s.anna, s.channel, s.Mention()+" gmx")
			return func() []fakediscord.Message { return append(s.FromBot(id), s.FromBot(s.channel)...) }
		}},
		{"direct message", []fakediscord.Fault{call("POST", "/channels/*/messages"), call("PATCH", "/channels/*/messages/*")}, func(s *stage) func() []fakediscord.Message {
			dm := s.OpenDM(s.anna)
			s.Say(s.anna, dm, "gmx")
			return func() []fakediscord.Message { return s.FromBot(dm) }
		}},
		{"slash command", []fakediscord.Fault{
			call("POST", "/interactions/*/*/callback"), call("PATCH", "/webhooks/*/*/messages/*"),
		}, func(s *stage) func() []fakediscord.Message {
			s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
			return func() []fakediscord.Message { return s.FromBot(s.channel) }
		}},
	}
}

// steps answers with two states of progress and a result.
func steps(_ context.Context, _ bot.Message) iter.Seq[bot.Answer] {
	one, two := say("eins"), say("zwei")
	one.Partial, two.Partial = true, true
	return saying(one, two, say("fertig"))(context.Background(), bot.Message{})
}

// Whatever call fails, and however: the result stands there once, and nothing
// stands there twice. Rate limits and what was certainly not done are
// repeated; what may have been done is repeated only where Discord can tell.
func TestEveryCallMayFail(t *testing.T) {
	for _, by := range everyRoute() {
		for _, at := range by.calls {
			for _, outcome := range []fakediscord.Fault{
				{Status: 429}, {Status: 429, Times: 3}, {Status: 500}, {Status: 502}, {Status: 503, Times: 2}, {Status: 504, After: true}, {Status: 0}, {Status: 0, After: true},
			} {
				f := outcome
				f.Method, f.Path = at.Method, at.Path
				t.Run(fmt.Sprintf("%s/%s %s/%d times %d after %v", by.name, f.Method, f.Path, f.Status, f.Times, f.After), func(t *testing.T) {
					s := newStage(t, steps)
					s.Fail(f)
					s.runClock(time.Minute)
					shown := by.ask(s)
					s.await("the result", func() bool {
						all := shown()
						return len(all) > 0 && all[len(all)-1].Content == "fertig"
					})
					s.adapter.jobs.Wait()
					left := 0
					for _, m := range shown() {
						if m.Flags&fakediscord.FlagLoading == 0 {
							left++
						}
					}
					if left != 1 {
						t.Errorf("%d messages: %+v", left, shown())
					}
				})
			}
		}
	}
}

// What is lost for good is said, if it is a definite no, and nothing loops.
func TestAnswersThatNothingTakes(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			s := newStage(t, steps)
			s.runClock(time.Minute)
			s.Fail(fakediscord.Fault{Method: "PATCH", Path: "/webhooks/*/*/messages/*", Status: status, Code: 50035, Times: 1000})
			s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
			s.await("the attempt", func() bool { return s.Count("PATCH", "/webhooks/") > 0 })
			s.settle()
			if n := len(s.Requests()); n > 60 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// Threads, channels and messages that go while their answer is made take
// nothing with them but the answer.
func TestPlacesThatGo(t *testing.T) {
	for name, gone := range map[string]func(s *stage, thread string, shown fakediscord.Message){
		"thread deleted":         func(s *stage, thread string, _ fakediscord.Message) { s.DeleteChannel(thread) },
		"answer deleted":         func(s *stage, _ string, m fakediscord.Message) { s.Delete(m.ID) },
		"thread archived":        func(s *stage, thread string, _ fakediscord.Message) { s.Archive(thread, false) },
		"thread locked":          func(s *stage, thread string, _ fakediscord.Message) { s.Archive(thread, true) },
		"thread open and locked": func(s *stage, thread string, _ fakediscord.Message) { s.Lock(thread) },
		"bot shut out":           func(s *stage, _ string, _ fakediscord.Message) { s.Deny(s.channel, fakediscord.PermViewChannel) },
	} {
		for _, how := range []string{"mention", "slash"} {
			t.Run(name+"/"+how, func(t *testing.T) {
				states := make(chan bot.Answer)
				s := newStage(t, func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
					if m.Kind == bot.KindDirect {
						return echo(ctx, m)
					}
					return stepped(states)(ctx, m)
				})
				thread := s.StartThread(s.anna, s.channel, "Hilfe")
				if how == "slash" {
					s.Slash(s.anna, thread, "test", fakediscord.Opt("target", "gmx"))
				} else {
					s.Say(s.anna, thread, s.Mention()+" test gmx")
				}
				states <- say("läuft")
				s.await("progress", func() bool { m := s.FromBot(thread); return len(m) == 1 && m[0].Content == "läuft" })
				gone(s, thread, s.FromBot(thread)[0])
				states <- say("fertig")
				close(states)
				s.settle()
				if n := len(s.Requests()); n > 20 {
					t.Errorf("%d requests", n)
				}
				m := s.FromBot(thread)
				if len(m) > 1 || name == "thread archived" && (len(m) != 1 || m[0].Content != "fertig") {
					t.Errorf("%+v", m)
				}
				if log := s.log.String(); strings.Contains(log, "level=WARN") || strings.Contains(log, "level=ERROR") {
					t.Errorf("not quiet: %s", log)
				}
				if dm := s.FromBot(s.OpenDM(s.anna)); len(dm) != 0 {
					t.Errorf("a direct message: %+v", dm)
				}
			})
		}
	}
}

// Buttons that nobody offered are answered privately and do nothing.
func TestForgedButtons(t *testing.T) {
	s := newStage(t, echo)
	first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
	foreign := s.Say(s.AddBot("anderer"), s.channel, "meine Knöpfe")
	told := len(s.messages())
	press := func(message, id string) {
		t.Helper()
		call := s.Press(s.anna, message, id)
		got := s.answered(call)
		if got.ForUser != s.anna.ID || !strings.Contains(got.Content, "zu alt") {
			t.Errorf("%q: %+v", id, got)
		}
	}
	for _, id := range []string{"x", "forged", "a||v", "k|test|AAAA", "K|note|", "s|", "a", strings.Repeat("|", 100), "a\x00|test|gmx"} {
		press(first.ID, id)
	}
	press(foreign, "a|test|gmx")
	if n := len(s.messages()); n != told {
		t.Errorf("the handler got %d of them", n-told)
	}
	// What has the right shape reaches the bot with its value as it is, and
	// nothing but the value.
	for _, id := range []string{"a|test|smtp <@1> @everyone `x` 169.254.169.254", "a|dismiss|../../etc", "a|save|", "a|human|' OR 1=1", "s|save|77"} {
		told++
		call := s.Press(s.anna, first.ID, id)
		s.answered(call)
		m := s.messages()[told-1]
		if m.Kind != bot.KindAction || m.Command != nil || m.Admin || m.Channel != s.channel {
			t.Errorf("%q: %+v", id, m)
		}
		for _, sent := range call.Messages() {
			if len(sent.Pings) > 0 {
				t.Errorf("%q pinged %v", id, sent.Pings)
			}
		}
	}
}

// A request that was recorded and is sent again after a restart is too old or
// known to the bot; within the five minutes it reaches the bot under the same
// id, which claims every id once.
func TestReplaysKeepTheirID(t *testing.T) {
	s := overHTTP(t, echo)
	call := s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
	s.answered(call)
	body, _ := json.Marshal(map[string]any{
		"id": call.ID, "application_id": s.AppID, "type": 2, "token": call.Token, "guild_id": s.guild, "channel_id": s.channel,
		"data": map[string]any{"type": 1, "name": "settings", "options": []any{map[string]any{"name": "provider", "type": 3, "value": "gmx"}}},
	})
	other := httptest.NewServer(s.adapter.Interactions())
	t.Cleanup(other.Close)
	if got := s.SendSigned(s.ctx, other.URL, body, s.clock.Now(), nil); got.Status == 200 {
		t.Errorf("the same process answered it again: %d", got.Status)
	}
	s.clock.Advance(maxSkew + time.Second)
	if got := s.SendSigned(s.ctx, other.URL, body, s.clock.Now().Add(-maxSkew-time.Second), nil); got.Status != 401 {
		t.Errorf("an old one: %d", got.Status)
	}
	if n := len(s.messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// The first response to an interaction waits for nothing: not for workers, not
// for rate limits, not for the Memory.
func TestTheFirstResponseWaitsForNoWorker(t *testing.T) {
	s := newStage(t, func(ctx context.Context, _ bot.Message) iter.Seq[bot.Answer] {
		return func(func(bot.Answer) bool) { <-ctx.Done() }
	}, func(_ *stage, c *Config, _ *fakediscord.Options) { c.Workers = 2 })
	s.LimitAll(time.Hour)
	var calls []*fakediscord.Interaction
	for range 40 {
		calls = append(calls, s.Slash(s.anna, s.channel, "test"))
	}
	for _, c := range calls {
		s.await("the response", func() bool { return c.ResponseType() == 5 })
	}
}

// Without the message-content intent everything works but replies to what
// nobody addressed to the bot.
func TestAllButUnpromptedRepliesWorkWithoutTheContentIntent(t *testing.T) {
	s := newStage(t, echo, withForms)
	ben := s.AddUser("ben", "de")
	forum := s.AddForum(s.guild, "hilfe")
	post := s.Post(s.anna, forum, "Mail", s.Mention()+" gmx im Forum")
	mention := s.Say(s.anna, s.channel, s.Mention()+" gmx")
	dm := s.OpenDM(s.anna)
	s.Say(s.anna, dm, "gmx direkt")
	for what, where := range map[string]string{"forum post": post, "mention": mention, "direct message": dm} {
		s.await("the answer to the "+what, func() bool { return len(s.FromBot(where)) == 1 })
	}
	s.Reply(s.anna, mention, s.FromBot(mention)[0].ID, "und pop3?", true)
	s.await("the answer to the reply", func() bool { return len(s.FromBot(mention)) == 2 })
	s.Edit(mention, s.Mention()+" web.de")
	s.await("the changed answer", func() bool { return s.FromBot(mention)[0].Content == "echo web.de" })
	for _, c := range []*fakediscord.Interaction{
		s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")),
		s.Slash(s.anna, mention, "mailhelp ask", fakediscord.Opt("question", "gmx im Thread")),
		s.ContextMenu(ben, "Test mail settings", s.Say(ben, s.channel, "gmx geht nicht")),
		s.Press(ben, s.FromBot(mention)[0].ID, s.FromBot(mention)[0].Buttons()[0].CustomID),
	} {
		s.answered(c)
	}
	menu := s.ContextMenu(ben, "Save as answer", s.Say(ben, s.channel, "so geht es"))
	s.await("the form", menu.Answered)
	s.answered(s.Submit(menu, "wrong", "so geht es", ""))
	auto := s.Autocomplete(s.anna, s.channel, "settings", "provider", "g")
	s.await("the suggestions", auto.Answered)
	stood := len(s.FromBot(mention))
	s.Delete(mention)
	s.await("the answer to be gone", func() bool { return len(s.FromBot(mention)) == stood-1 })
	before := len(s.messages())
	s.Say(s.anna, s.channel, "mail geht nicht") // arrives without text
	s.settle()
	if got := s.messages(); len(got) != before {
		t.Errorf("the handler got %+v", got[before])
	}
}

// FuzzInteraction reads whatever may come as an interaction or an event.
func FuzzInteraction(f *testing.F) {
	for _, s := range []string{
		`{"type":2,"id":"1","data":{"type":1,"name":"mailhelp","options":[{"name":"auto","type":1,"options":[{"name":"channel","type":7,"value":"5"}]}]}}`,
		`{"type":3,"id":"2","data":{"custom_id":"a|test|gmx"},"message":{"id":"3","components":[{"type":1,"components":[{"type":2,"custom_id":"a|test|gmx","label":"x"}]}]}}`,
		`{"type":5,"data":{"custom_id":"s|save|9","components":[{"type":18,"component":{"type":3,"custom_id":"reason","values":[]}}]}}`,
		`{"type":2,"data":{"type":3,"name":"Save as answer","target_id":"4","resolved":{"messages":{"4":{"content":"x"}}}}}`,
		`{"id":"99999999999999999999","channel_id":"1","author":{"id":"2"},"content":"<@1>","edited_timestamp":"2026-11-23T12:00:00Z"}`,
		`null`, `[]`, `{"data":null,"member":{"permissions":"-1","roles":null}}`,
	} {
		f.Add([]byte(s))
	}
	a, err := New(Config{Token: "t", Log: newDiscardLog(), Surface: bot.Surface{Commands: bot.Commands(), Form: reasons}})
	if err != nil {
		f.Fatal(err)
	}
	a.self.Store(&identity{user: "1", app: "1"})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range []string{"READY", "GUILD_CREATE", "CHANNEL_UPDATE", "INTERACTION_CREATE", "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE_BULK"} {
			a.event(kind, data, func() {}) // nothing runs: there is no activity
		}
		var in interaction
		if json.Unmarshal(data, &in) != nil {
			return
		}
		m, ok := a.interactionMessage(in)
		if !ok {
			return
		}
		if form, wants := a.form(activity{life: context.Background()}, in, m); wants {
			checkForm(t, form)
		}
		quiet(m)
	})
}

// checkForm holds a modal against Discord's limits, counted independently.
func checkForm(t *testing.T, r response) {
	t.Helper()
	size := func(what, s string, least, most int) {
		t.Helper()
		if n := len([]rune(s)); n < least || n > most {
			t.Errorf("%s has %d characters: %.60q", what, n, s)
		}
	}
	d := r.Data
	size("custom_id", d.CustomID, 1, 100)
	size("title", d.Title, 1, 45)
	if n := len(d.Components); n < 1 || n > 5 {
		t.Errorf("%d inputs", n)
	}
	for _, c := range d.Components {
		size("label", c.Label, 1, 45)
		switch c := c.Component.(type) {
		case input:
			size("id", c.CustomID, 1, 100)
			size("hint", c.Placeholder, 0, 100)
			size("value", c.Value, 0, min(c.MaxLength, 4000))
			if c.MaxLength < 1 || c.MaxLength > 4000 || c.Style != 1 && c.Style != 2 {
				t.Errorf("%+v", c)
			}
		case selection:
			size("id", c.CustomID, 1, 100)
			size("hint", c.Placeholder, 0, 150)
			if n := len(c.Options); n < 1 || n > 25 {
				t.Errorf("%d options", n)
			}
			seen := map[string]bool{}
			for _, o := range c.Options {
				size("label", o.Label, 1, 100)
				size("value", o.Value, 1, 100)
				if seen[o.Value] {
					t.Errorf("%q stands twice", o.Value)
				}
				seen[o.Value] = true
			}
		}
	}
}

// FuzzForm sets forms of any shape.
func FuzzForm(f *testing.F) {
	f.Add(uint64(1), "Was war falsch?", "kurz", "lang\nund breit")
	f.Add(uint64(2), "", "\x00", strings.Repeat("🙂", 5000))
	f.Fuzz(func(t *testing.T, seed uint64, a, b, c string) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		texts := []string{a, b, c, a + b, strings.Repeat(c, 9)}
		pick := func() string { return texts[rnd.IntN(len(texts))] }
		form := bot.Form{Title: pick()}
		for i := range 1 + rnd.IntN(7) {
			x := bot.Field{ID: fmt.Sprint("f", i), Label: pick(), Hint: pick(), Value: pick(), Long: rnd.IntN(2) == 0, Required: rnd.IntN(2) == 0, Max: rnd.IntN(9000) - 100}
			for range rnd.IntN(2) * rnd.IntN(40) {
				x.Choices = append(x.Choices, bot.Suggestion{Label: pick(), Value: pick()})
			}
			form.Fields = append(form.Fields, x)
		}
		checkForm(t, renderForm(form, "a|nothelped|r"))
	})
}
