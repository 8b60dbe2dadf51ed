package discord

import (
	"context"
	"iter"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestSlashIsDeferredThenEdited(t *testing.T) {
	s := newStage(t, echo)
	call := s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("protocol", "imap"), fakediscord.Opt("provider", "GMX"))
	got := s.answered(call)
	if call.ResponseType() != 5 || got.Content != "echo /settings GMX imap" || got.ForUser != "" || len(call.Messages()) != 1 {
		t.Errorf("type %d: %+v", call.ResponseType(), got)
	}
	m := s.only()
	want := bot.Message{
		ID: call.ID, Platform: "discord", Tenant: s.guild, Channel: s.channel, User: s.anna.ID, Name: "anna", Kind: bot.KindCommand, Lang: "de", Time: s.clock.Now(), Once: true,
	}
	cmd := m.Command
	m.Command = nil
	if !reflect.DeepEqual(m, want) || !reflect.DeepEqual(*cmd, bot.Command{Name: "settings", Args: "GMX imap"}) {
		t.Errorf("the handler got %+v %+v", m, cmd)
	}
	if len(got.Pings) > 0 {
		t.Errorf("it pinged %v", got.Pings)
	}
}

func TestSlashInAThreadStaysThere(t *testing.T) {
	s := newStage(t, echo)
	thread := s.StartThread(s.anna, s.channel, "Hilfe")
	call := s.Slash(s.anna, thread, "test", fakediscord.Opt("target", "gmx"))
	if got := s.answered(call); got.ChannelID != thread {
		t.Errorf("answered in %s", got.ChannelID)
	}
	if m := s.only(); m.Channel != s.channel || m.Thread != thread {
		t.Errorf("conversation %s/%s", m.Channel, m.Thread)
	}
}

func TestMentionOpensAThread(t *testing.T) {
	s := newStage(t, saying(bot.Answer{Lang: "de", Blocks: []bot.Block{bot.Heading{Text: "GMX: Einstellungen"}, bot.Paragraph{Spans: bot.Spans(bot.T("imap.gmx.net"))}}}))
	id := s.Say(s.anna, s.channel, s.Mention()+" imap daten für gmx?")
	s.await("the answer", func() bool { return len(s.FromBot(id)) == 1 })
	threads := s.Threads(s.channel)
	if len(threads) != 1 || threads[0].ID != id || threads[0].Name != "GMX: Einstellungen" || len(s.FromBot(s.channel)) != 0 {
		t.Errorf("threads %+v, in the channel %+v", threads, s.FromBot(s.channel))
	}
	m := s.only()
	if m.Kind != bot.KindMention || m.Text != "imap daten für gmx?" || m.Channel != s.channel || m.Thread != id || m.ID != id || m.Lang != "de" {
		t.Errorf("the handler got %+v", m)
	}
	if got := s.FromBot(id)[0]; len(got.Pings) != 0 || got.Nonce == nil {
		t.Errorf("pings %v, nonce %v", got.Pings, got.Nonce)
	}
}

func TestMentionWithoutThreadPermissionIsAReply(t *testing.T) {
	s := newStage(t, echo)
	s.Deny(s.channel, fakediscord.PermCreatePublicThreads)
	id := s.Say(s.anna, s.channel, s.Mention()+" hallo")
	s.await("the answer", func() bool { return len(s.FromBot(s.channel)) == 1 })
	got := s.FromBot(s.channel)[0]
	if got.Reference == nil || got.Reference.MessageID != id || len(got.Pings) > 0 || len(s.Threads(s.channel)) > 0 {
		t.Errorf("%+v", got)
	}
}

func TestFollowUpsInThreads(t *testing.T) {
	s := newStage(t, echo, withContent)
	id := s.Say(s.anna, s.channel, s.Mention()+" gmx")
	s.await("the first answer", func() bool { return len(s.FromBot(id)) == 1 })
	s.Say(s.anna, id, "und smtp?")
	s.await("the second answer", func() bool { return len(s.FromBot(id)) == 2 })
	m := s.messages()[1]
	if m.Kind != bot.KindThread || m.Thread != id || m.Channel != s.channel {
		t.Errorf("the handler got %+v", m)
	}
}

func TestMentionInAnotherThread(t *testing.T) {
	s := newStage(t, echo)
	thread := s.StartThread(s.anna, s.channel, "Mail geht nicht")
	s.Say(s.anna, thread, s.Mention()+" test smtp")
	s.await("the answer", func() bool { return len(s.FromBot(thread)) == 1 })
	if m := s.only(); m.Thread != thread || m.Channel != s.channel || m.Kind != bot.KindMention || m.Text != "test smtp" {
		t.Errorf("the handler got %+v", m)
	}
}

func TestReplyToTheBot(t *testing.T) {
	s := newStage(t, echo)
	s.Deny(s.channel, fakediscord.PermCreatePublicThreads)
	s.Say(s.anna, s.channel, s.Mention()+" gmx")
	s.await("the answer", func() bool { return len(s.FromBot(s.channel)) == 1 })
	s.Reply(s.anna, s.channel, s.FromBot(s.channel)[0].ID, "und pop3?", true)
	s.await("the second answer", func() bool { return len(s.FromBot(s.channel)) == 2 })
	if m := s.messages()[1]; m.Kind != bot.KindMention || m.Text != "und pop3?" {
		t.Errorf("the handler got %+v", m)
	}
}

func TestDirectMessage(t *testing.T) {
	s := newStage(t, echo)
	dm := s.OpenDM(s.anna)
	s.Say(s.anna, dm, "imap für web.de?")
	s.await("the answer", func() bool { return len(s.FromBot(dm)) == 1 })
	if m := s.only(); m.Kind != bot.KindDirect || m.Tenant != "" || m.Thread != "" || m.Channel != dm {
		t.Errorf("the handler got %+v", m)
	}
	if got := s.FromBot(dm)[0]; got.Reference != nil || got.Content != "echo imap für web.de?" {
		t.Errorf("%+v", got)
	}
}

func TestForumPost(t *testing.T) {
	s := newStage(t, echo, withContent)
	forum := s.AddForum(s.guild, "hilfe")
	post := s.Post(s.anna, forum, "Outlook", "outlook fragt nach dem passwort")
	s.await("the answer", func() bool { return len(s.FromBot(post)) == 1 })
	if m := s.only(); m.Kind != bot.KindChannel || m.Thread != post || m.Channel != forum {
		t.Errorf("the handler got %+v", m)
	}
}

// The handler is silent about what it overhears; no thread is opened then.
func TestSilenceLeavesNoTrace(t *testing.T) {
	quiet := func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
		if m.Kind == bot.KindDirect {
			return echo(ctx, m)
		}
		return saying()(ctx, m)
	}
	s := newStage(t, quiet, withContent)
	s.Say(s.anna, s.channel, "wer kommt mit essen?")
	s.settle()
	if m := s.only(); m.Kind != bot.KindChannel {
		t.Errorf("the handler got %+v", m)
	}
	if n := len(s.Threads(s.channel)) + len(s.FromBot(s.channel)); n != 0 {
		t.Errorf("%d traces", n)
	}
	call := s.Slash(s.anna, s.channel, "test")
	s.await("the end of the deferred response", func() bool { return call.ResponseType() == 5 && len(call.Messages()) == 0 })
}

func TestWhatIsNotLookedAt(t *testing.T) {
	s := newStage(t, echo, withContent)
	other := s.AddBot("otherbot")
	s.Say(other, s.channel, s.Mention()+" gmx")
	s.Webhook(s.channel, "news", s.Mention()+" gmx")
	s.System(s.anna, s.channel, 7)
	first := s.Say(s.anna, s.channel, "mail geht nicht")
	s.await("the answer", func() bool { return len(s.FromBot(first)) == 1 })
	ben := s.AddUser("ben", "de")
	s.Reply(ben, s.channel, first, "bei mir schon", true)
	thread := s.StartThread(ben, s.channel, "anderes")
	s.Say(ben, thread, "hallo zusammen")
	s.settle()
	if m := s.only(); m.ID != first {
		t.Errorf("the handler got %+v", m)
	}
}

func TestWithoutTheContentIntent(t *testing.T) {
	s := newStage(t, echo)
	s.Say(s.anna, s.channel, "mail geht nicht") // arrives without text
	s.settle()
	if got := s.messages(); len(got) != 0 {
		t.Errorf("the handler got %+v", got)
	}
}

func TestDuplicatesAreAnsweredOnce(t *testing.T) {
	s := newStage(t, echo)
	id := s.Say(s.anna, s.channel, s.Mention()+" gmx")
	s.Resend(id)
	call := s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
	call.Resend()
	s.answered(call)
	s.settle()
	if got := s.messages(); len(got) != 2 || len(s.FromBot(id)) != 1 || len(call.Messages()) != 1 {
		t.Errorf("%d messages, %d answers", len(got), len(s.FromBot(id)))
	}
}

func TestEditChangesTheAnswer(t *testing.T) {
	s := newStage(t, echo)
	id := s.Say(s.anna, s.channel, s.Mention()+" gmy")
	s.await("the answer", func() bool { return len(s.FromBot(id)) == 1 })
	s.Unfurl(id)
	s.Edit(id, s.Mention()+" gmx")
	s.await("the changed answer", func() bool { return s.FromBot(id)[0].Content == "echo gmx" })
	if len(s.FromBot(id)) != 1 || len(s.messages()) != 2 {
		t.Errorf("%d answers to %d messages", len(s.FromBot(id)), len(s.messages()))
	}
	s.clock.Advance(6 * time.Minute)
	s.Edit(id, s.Mention()+" web.de")
	s.settle()
	if len(s.messages()) != 2 {
		t.Error("an old question was answered again")
	}
}

func TestDeleteTakesTheAnswerBack(t *testing.T) {
	s := newStage(t, echo)
	id := s.Say(s.anna, s.channel, s.Mention()+" gmx")
	s.await("the answer", func() bool { return len(s.FromBot(id)) == 1 })
	s.Delete(id)
	s.await("the answer to be gone", func() bool { return len(s.FromBot(id)) == 0 })
}

func TestProgressIsEditedOnceASecond(t *testing.T) {
	steps := make(chan bot.Answer)
	s := newStage(t, stepped(steps))
	partial := func(text string) bot.Answer {
		a := say(text)
		a.Partial = true
		return a
	}
	call := s.Slash(s.anna, s.channel, "test", fakediscord.Opt("target", "gmx"))
	steps <- partial("0")
	s.answered(call)
	for _, n := range []string{"1", "2", "3", "3"} { // the second 3 is taken when the first is under way
		steps <- partial(n)
	}
	if err := s.clock.AwaitTimer(s.ctx, time.Second); err != nil {
		t.Fatal(err)
	}
	// The three states came within the same second: nothing is shown before it is over.
	if got := call.Message().Content; got != "0" {
		t.Fatalf("shown too early: %q", got)
	}
	s.clock.Advance(time.Second)
	s.await("the newest state", func() bool { return call.Message().Content == "3" })
	steps <- partial("4")
	if err := s.clock.AwaitTimer(s.ctx, time.Second); err != nil {
		t.Fatal(err)
	}
	steps <- say("fertig") // what is final does not wait
	s.await("the end", func() bool { return call.Message().Content == "fertig" })
	close(steps)
	if got := call.Message().History; strings.Join(got, ",") != "0,3" {
		t.Errorf("states shown: %v", got)
	}
}

func TestAnswerAfterTheTokenIsAMessageOfTheBot(t *testing.T) {
	steps := make(chan bot.Answer)
	s := newStage(t, stepped(steps))
	call := s.Slash(s.anna, s.channel, "test", fakediscord.Opt("target", "gmx"))
	s.await("the deferred response", func() bool { return call.ResponseType() == 5 })
	s.clock.Advance(16 * time.Minute)
	steps <- say("spät")
	s.await("the message", func() bool { return len(s.FromBot(s.channel)) == 2 })
	if got := s.FromBot(s.channel)[1]; got.Content != "spät" || got.Interaction != nil {
		t.Errorf("%+v", got)
	}
	steps <- say("später")
	s.await("the edit", func() bool { return s.FromBot(s.channel)[1].Content == "später" })
}

func TestLateProgressGoesOnInTheSameMessage(t *testing.T) {
	steps := make(chan bot.Answer)
	s := newStage(t, stepped(steps))
	call := s.Slash(s.anna, s.channel, "test", fakediscord.Opt("target", "gmx"))
	steps <- say("früh")
	s.answered(call)
	s.clock.Advance(16 * time.Minute)
	steps <- say("spät")
	s.await("the edit", func() bool { return call.Message().Content == "spät" })
	if n := len(s.FromBot(s.channel)); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestDeferThatComesTooLate(t *testing.T) {
	s := newStage(t, echo)
	s.Fail(fakediscord.Fault{Method: "POST", Path: "/interactions/*/*/callback", Status: 404, Code: 10062})
	s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
	s.await("the message", func() bool { return len(s.FromBot(s.channel)) == 1 })
	if got := s.FromBot(s.channel)[0]; got.Content != "echo /settings gmx" {
		t.Errorf("%+v", got)
	}
}

func TestDeferAnsweredByAnotherProcess(t *testing.T) {
	s := newStage(t, echo)
	s.Fail(fakediscord.Fault{Method: "POST", Path: "/interactions/*/*/callback", Status: 400, Code: 40060})
	s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
	s.await("the refusal", func() bool { return s.Count("POST", "/interactions/") == 1 })
	s.settle()
	if n := len(s.messages()) + len(s.FromBot(s.channel)); n != 0 {
		t.Errorf("%d answers", n)
	}
}

func TestPrivateAnswers(t *testing.T) {
	secret := say("nur für dich")
	secret.Private = true
	for _, c := range []struct {
		name string
		run  func(s *stage) fakediscord.Message
	}{
		{"public command", func(s *stage) fakediscord.Message {
			return s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
		}},
		{"quiet command", func(s *stage) fakediscord.Message { return s.answered(s.Slash(s.anna, s.channel, "mailhelp help")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, saying(secret))
			got := c.run(s)
			if got.ForUser != s.anna.ID || got.Content != "nur für dich" {
				t.Errorf("%+v", got)
			}
			for _, m := range s.FromBot(s.channel) {
				if m.ForUser == "" {
					t.Errorf("all see %+v", m)
				}
			}
		})
	}
	t.Run("mention", func(t *testing.T) {
		s := newStage(t, saying(secret))
		s.Say(s.anna, s.channel, s.Mention()+" gmx")
		dm := s.OpenDM(s.anna)
		s.await("the direct message", func() bool { return len(s.FromBot(dm)) == 1 })
		if n := len(s.FromBot(s.channel)) + len(s.Threads(s.channel)); n != 0 {
			t.Errorf("%d traces in the channel", n)
		}
	})
	t.Run("after public progress", func(t *testing.T) {
		s := newStage(t, saying(say("läuft"), secret))
		call := s.Slash(s.anna, s.channel, "test", fakediscord.Opt("target", "gmx"))
		s.await("the private answer", func() bool { m := call.Message(); return m.ForUser == s.anna.ID && m.Content == "nur für dich" })
		if all := call.Messages(); len(all) != 1 {
			t.Errorf("%+v", all)
		}
	})
	t.Run("after the token", func(t *testing.T) {
		steps := make(chan bot.Answer, 1)
		s := newStage(t, stepped(steps))
		call := s.Slash(s.anna, s.channel, "mailhelp help")
		s.await("the deferred response", func() bool { return call.ResponseType() == 5 })
		s.clock.Advance(16 * time.Minute)
		steps <- say("hilfe")
		dm := s.OpenDM(s.anna)
		s.await("the direct message", func() bool { return len(s.FromBot(dm)) == 1 })
	})
}

func TestButtons(t *testing.T) {
	s := newStage(t, echo)
	first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
	b, ok := first.Button("Nochmal")
	if !ok {
		t.Fatalf("no button in %+v", first)
	}
	ben := s.AddUser("ben", "en-GB")
	press := s.Press(ben, first.ID, b.CustomID)
	got := s.answered(press)
	if press.ResponseType() != 6 || got.Content != "echo test:gmx smtp" || got.ID == first.ID {
		t.Errorf("type %d, %+v", press.ResponseType(), got)
	}
	m := s.messages()[1]
	if m.Kind != bot.KindAction || *m.Action != (bot.Action{ID: "test", Value: "gmx smtp"}) || m.Lang != "en" || m.User != ben.ID {
		t.Errorf("the handler got %+v", m)
	}
	s.Press(ben, first.ID, "forged")
	s.settle()
	if n := len(s.messages()); n != 2 {
		t.Errorf("a foreign custom_id reached the handler")
	}
}

func TestAutocomplete(t *testing.T) {
	var asked []string
	s := newStage(t, echo, func(_ *stage, c *Config, _ *fakediscord.Options) {
		c.Surface.Suggest = func(_ context.Context, command, option, typed string, lang bot.Lang) []bot.Suggestion {
			asked = append(asked, command, option, typed, string(lang))
			out := []bot.Suggestion{{Label: "zu lang", Value: strings.Repeat("x", 101)}, {Label: strings.Repeat("ü", 120), Value: "lang"}}
			for range 40 {
				out = append(out, bot.Suggestion{Label: "GMX", Value: "gmx"})
			}
			return out
		}
	})
	call := s.Autocomplete(s.anna, s.channel, "settings", "provider", "gm")
	s.await("the choices", call.Answered)
	if got := call.Choices(); len(got) != 25 || got[0].Value != "lang" || got[1].Name != "GMX" {
		t.Errorf("%d choices: %+v", len(got), got)
	}
	if strings.Join(asked, ",") != "settings,provider,gm,de" {
		t.Errorf("asked for %v", asked)
	}
}

func TestContextMenu(t *testing.T) {
	s := newStage(t, echo)
	id := s.Say(s.anna, s.channel, "mein \\*gmx\\* <@"+s.anna.ID+"> smtp geht nicht")
	got := s.answered(s.ContextMenu(s.anna, "Test mail settings", id))
	if want := "echo /test mein \\*gmx\\* @ smtp geht nicht"; got.Content != want {
		t.Errorf("%q, want %q", got.Content, want)
	}
}

func TestCommandsAreRegisteredInBothLanguages(t *testing.T) {
	s := newStage(t, echo)
	cmds := s.Commands()
	if len(cmds) != len(bot.Commands())+1+len(bot.Shortcuts()) {
		t.Fatalf("%d commands", len(cmds))
	}
	for _, c := range cmds {
		if c.NameLocalizations["de"] == "" || c.Type == 1 && (c.Description == "" || c.DescriptionLocalizations["de"] == "") {
			t.Errorf("%+v", c)
		}
		for _, o := range c.Options {
			for _, o := range append(o.Options, o) {
				if o.NameLocalizations["de"] == "" || o.DescriptionLocalizations["de"] == "" {
					t.Errorf("/%s: %+v", c.Name, o)
				}
			}
		}
	}
	if p := cmds[0].Options[0]; cmds[0].Name != "settings" || !p.Autocomplete || !p.Required || len(cmds[0].Options[1].Choices) != 3 {
		t.Errorf("%+v", cmds[0])
	}
}

func TestACutAnswerCarriesTheWholeAsAFile(t *testing.T) {
	var long bot.Answer
	for range 8 {
		long.Blocks = append(long.Blocks, bot.Paragraph{Spans: bot.Spans(bot.T(strings.Repeat("wort ", 300)))})
	}
	s := newStage(t, saying(long))
	got := s.answered(s.Slash(s.anna, s.channel, "mailhelp ask", fakediscord.Opt("question", "alles")))
	if len(got.Attachments) != 1 || got.Attachments[0].Filename != "mailhelp.txt" || len(got.Attachments[0].Data) < 8*1400 {
		t.Errorf("%d attachments", len(got.Attachments))
	}
}

func TestAPanicInTheHandlerIsNoEnd(t *testing.T) {
	s := newStage(t, func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) {
			if strings.Contains(m.Text, "bad") {
				panic("boom")
			}
			yield(say("ok"))
		}
	})
	dm := s.OpenDM(s.anna)
	s.Say(s.anna, dm, "bad")
	s.settle()
}

func always(context.Context) (bool, error) { return true, nil }

func withContent(_ *stage, c *Config, o *fakediscord.Options) {
	c.Listen, o.MessageContent = always, true
}
