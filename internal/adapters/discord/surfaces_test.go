package discord

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// The parts of /mailhelp reach the bot as the words that are typed elsewhere.
func TestPartsOfMailhelp(t *testing.T) {
	s := newStage(t, echo)
	role, review := s.AddRole(s.guild, "Support", 0), s.AddChannel(s.guild, "moderation")
	opt := fakediscord.Opt
	for _, c := range []struct {
		part    string
		options []fakediscord.Option
		want    bot.Command
		quiet   bool
	}{
		{"ask", []fakediscord.Option{opt("question", "outlook geht nicht")}, bot.Command{Args: "outlook geht nicht"}, false},
		{"help", nil, bot.Command{Args: "help"}, true},
		{"status", nil, bot.Command{Args: "status"}, true},
		{"lang", []fakediscord.Option{opt("language", "de")}, bot.Command{Args: "lang de"}, true},
		{"auto", nil, bot.Command{Args: "auto"}, true},
		{"auto", []fakediscord.Option{opt("channel", review), opt("mode", "on")}, bot.Command{Args: "auto on", Channels: []string{review}}, true},
		{"shadow", []fakediscord.Option{opt("review", review)}, bot.Command{Args: "auto shadow", Channels: []string{review}}, true},
		{"limits", []fakediscord.Option{opt("value", "60"), opt("which", "delay")}, bot.Command{Args: "limits delay 60"}, true},
		{"group", []fakediscord.Option{opt("role", role)}, bot.Command{Args: "group", Roles: []string{role}}, true},
		{"group", []fakediscord.Option{opt("state", "off")}, bot.Command{Args: "group off"}, true},
		{"digest", []fakediscord.Option{opt("state", "off")}, bot.Command{Args: "digest off"}, true},
		{"answers", []fakediscord.Option{opt("remove", "taught-x")}, bot.Command{Args: "answers remove taught-x"}, true},
		{"export", nil, bot.Command{Args: "export"}, true},
		{"forget", []fakediscord.Option{opt("what", "me")}, bot.Command{Args: "forget me"}, true},
		{"forget", nil, bot.Command{Args: "forget"}, true},
	} {
		before := len(s.messages())
		call := s.Slash(s.anna, s.channel, "mailhelp "+c.part, c.options...)
		got := s.answered(call)
		m := s.messages()[before]
		c.want.Name = "mailhelp"
		if !reflect.DeepEqual(*m.Command, c.want) {
			t.Errorf("%s: %+v, want %+v", c.part, *m.Command, c.want)
		}
		if (got.ForUser != "") != c.quiet {
			t.Errorf("%s: seen by %q", c.part, got.ForUser)
		}
	}
}

// Who may administer a place is told with everything that people do there.
func TestStandingComesWithInteractions(t *testing.T) {
	for name, permissions := range map[string]uint64{
		"manage server": fakediscord.PermManageGuild, "manage channels": fakediscord.PermManageChannels, "administrator": fakediscord.PermAdministrator, "": 0,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, echo)
			role := s.AddRole(s.guild, "Rolle", permissions)
			s.GiveRole(s.anna, s.guild, role)
			s.answered(s.Slash(s.anna, s.channel, "mailhelp status"))
			if m := s.only(); m.Admin != (permissions != 0) || !slices.Equal(m.Groups, []string{role}) {
				t.Errorf("%+v", m)
			}
			s.Say(s.anna, s.channel, s.Mention()+" hallo")
			s.settle()
			if m := s.messages()[1]; m.Admin || !slices.Equal(m.Groups, []string{role}) {
				t.Errorf("typed: %+v", m)
			}
			// What is typed does not say it, so it is looked up.
			got, err := s.adapter.Standing(s.ctx, s.guild, s.anna.ID, []string{role, "77"})
			server := permissions&(fakediscord.PermManageGuild|fakediscord.PermAdministrator) != 0
			if err != nil || got.Admin != server || !slices.Equal(got.Groups, []string{role}) {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	t.Run("owner", func(t *testing.T) {
		s := newStage(t, echo)
		s.SetOwner(s.anna, s.guild)
		if got, err := s.adapter.Standing(s.ctx, s.guild, s.anna.ID, nil); err != nil || !got.Admin {
			t.Errorf("%+v %v", got, err)
		}
		n := s.Count("GET", "/guilds/")
		s.adapter.Standing(s.ctx, s.guild, s.anna.ID, nil)
		if s.Count("GET", "/guilds/") != n {
			t.Error("it is asked again within minutes")
		}
		s.clock.Advance(standingLives)
		s.SetOwner(fakediscord.User{}, s.guild)
		if got, err := s.adapter.Standing(s.ctx, s.guild, s.anna.ID, nil); err != nil || got.Admin {
			t.Errorf("no longer: %+v %v", got, err)
		}
		if _, err := s.adapter.Standing(s.ctx, s.guild, "77", nil); err == nil {
			t.Error("a stranger has a standing")
		}
	})
}

// reasons is a form with a choice and two texts.
func reasons(_ context.Context, m bot.Message) *bot.Form {
	if m.Action.Value == "none" {
		return nil
	}
	return &bot.Form{Lang: "de", Title: "Was war falsch?", Submit: "Senden", Fields: []bot.Field{
		{ID: "reason", Label: "Grund", Required: true, Choices: []bot.Suggestion{{Label: "Stimmt nicht", Value: "wrong"}, {Label: "Hab ich schon", Value: "tried"}}},
		{ID: "text", Label: "Text", Long: true, Max: 3000, Value: m.Text},
		{ID: "note", Label: "Notiz", Hint: "kurz"},
	}}
}

func withForms(_ *stage, c *Config, _ *fakediscord.Options) { c.Surface.Form = reasons }

// nothelped answers with a button that opens a form.
func nothelped(value string) bot.Handler {
	return func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
		a := say("bitte")
		if m.Action != nil {
			a.Private = true
		}
		a.Actions = []bot.Action{{ID: bot.ActionNotHelped, Label: "Nein", Value: value}}
		return saying(a)(ctx, m)
	}
}

func TestForms(t *testing.T) {
	t.Run("button", func(t *testing.T) {
		s := newStage(t, nothelped("r1"), withForms)
		first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
		press := s.Press(s.anna, first.ID, first.Buttons()[0].CustomID)
		s.await("the form", press.Answered)
		form, ok := press.Modal()
		if in := form.Inputs(); !ok || form.Title != "Was war falsch?" || len(in) != 3 || in[0].Type != fakediscord.ComponentSelect || in[1].Style != 2 || in[2].Style != 1 {
			t.Fatalf("%+v", form)
		}
		got := s.answered(s.Submit(press, "tried", "lang und\nbreit", ""))
		m := s.messages()[1]
		want := map[string]string{"reason": "tried", "text": "lang und\nbreit", "note": ""}
		if m.Action.ID != bot.ActionNotHelped || m.Action.Value != "r1" || m.On != first.ID || !reflect.DeepEqual(m.Fields, want) || m.Text != "" {
			t.Errorf("%+v %+v", m, m.Action)
		}
		if got.ForUser != s.anna.ID {
			t.Errorf("seen by %q", got.ForUser)
		}
	})
	t.Run("none for this person", func(t *testing.T) {
		s := newStage(t, nothelped("none"), withForms)
		first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
		s.answered(s.Press(s.anna, first.ID, first.Buttons()[0].CustomID))
		if m := s.messages()[1]; m.Fields != nil || m.Action.Value != "none" {
			t.Errorf("%+v", m)
		}
	})
	t.Run("not opened", func(t *testing.T) {
		s := newStage(t, nothelped("r1"), withForms)
		first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
		s.Fail(fakediscord.Fault{Method: "POST", Path: "/interactions/*/*/callback", Status: 404, Code: 10062})
		s.Press(s.anna, first.ID, first.Buttons()[0].CustomID)
		dm := s.OpenDM(s.anna)
		s.await("the answer in a direct message", func() bool { return len(s.FromBot(dm)) == 1 })
		if m := s.messages()[1]; m.Fields != nil {
			t.Errorf("%+v", m)
		}
	})
}

func TestSaveAsAnswerOutOfTheMenu(t *testing.T) {
	s := newStage(t, nothelped("r1"), withForms)
	id := s.Say(s.anna, s.channel, "so **geht** es: Port 465")
	menu := s.ContextMenu(s.anna, "Save as answer", id)
	s.await("the form", menu.Answered)
	form, ok := menu.Modal()
	if in := form.Inputs(); !ok || in[1].Value != "so **geht** es: Port 465" {
		t.Fatalf("%+v", form)
	}
	got := s.answered(s.Submit(menu, "wrong", "Port 465", "x"))
	m := s.only()
	if m.Kind != bot.KindAction || m.Action.ID != bot.ActionSave || m.Action.Value != "" || m.On != id || m.Fields["text"] != "Port 465" {
		t.Errorf("%+v %+v", m, m.Action)
	}
	if got.ForUser != s.anna.ID {
		t.Errorf("seen by %q", got.ForUser)
	}
}

// retracting takes its answers back by the button "weg".
func retracting(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
	if m.Action != nil {
		return saying(bot.Answer{Retract: true})(ctx, m)
	}
	a := say("antwort")
	a.Actions = []bot.Action{{ID: bot.ActionDismiss, Label: "weg", Value: "r1"}}
	a.Private = strings.Contains(m.Text, "geheim") || m.Command != nil && m.Command.Name == "mailhelp"
	return saying(a)(ctx, m)
}

func TestDismiss(t *testing.T) {
	dismiss := func(s *stage, m fakediscord.Message) {
		s.t.Helper()
		press := s.Press(s.anna, m.ID, m.Buttons()[0].CustomID)
		s.await("the message to be gone", func() bool { _, there := s.Message(m.ID); return !there })
		s.settle()
		if n := len(press.Messages()); n != 0 {
			s.t.Errorf("%d messages followed", n)
		}
	}
	t.Run("command", func(t *testing.T) {
		s := newStage(t, retracting)
		dismiss(s, s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))))
	})
	t.Run("for the asker alone", func(t *testing.T) {
		s := newStage(t, retracting)
		dismiss(s, s.answered(s.Slash(s.anna, s.channel, "mailhelp help")))
	})
	t.Run("mention", func(t *testing.T) {
		s := newStage(t, retracting)
		id := s.Say(s.anna, s.channel, s.Mention()+" gmx")
		s.await("the answer", func() bool { return len(s.FromBot(id)) == 1 })
		dismiss(s, s.FromBot(id)[0])
	})
	t.Run("token refused", func(t *testing.T) {
		s := newStage(t, retracting)
		m := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
		s.Fail(fakediscord.Fault{Method: "DELETE", Path: "/webhooks/*/*/messages/*", Status: 401, Code: 50027})
		dismiss(s, m)
	})
}

// What people say to each other is not answered, but the bot is told that
// they spoke, so that it does not come in between.
func TestPeopleAmongThemselves(t *testing.T) {
	s := newStage(t, func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
		if m.Kind == bot.KindDirect {
			return echo(ctx, m)
		}
		return saying()(ctx, m)
	}, withContent)
	ben := s.AddUser("ben", "de")
	root := s.Say(s.anna, s.channel, "mail geht nicht")
	s.settle()
	s.Reply(ben, s.channel, root, "bei mir schon", true)
	thread := s.StartThread(ben, s.channel, "anderes")
	s.Say(ben, thread, "hallo")
	s.settle()
	got := s.heard()
	if len(got) != 2 || len(s.messages()) != 1 {
		t.Fatalf("%+v", got)
	}
	slices.SortFunc(got, func(a, b bot.Message) int { return strings.Compare(a.ID, b.ID) })
	if m := got[0]; m.Kind != bot.KindReply || m.Replaces != root || m.Channel != s.channel || m.Thread != root || m.User != ben.ID || m.Text != "" {
		t.Errorf("the reply: %+v", m)
	}
	if m := got[1]; m.Kind != bot.KindReply || m.Channel != s.channel || m.Thread != thread || m.Replaces != "" {
		t.Errorf("in the thread: %+v", m)
	}
	s.Delete(root)
	if got = s.heard(); len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	if m := got[2]; m.Kind != bot.KindDeleted || m.Replaces != root || m.Channel != s.channel || m.Thread != root || m.ID == root {
		t.Errorf("the removal: %+v", m)
	}
}

func (s *stage) announcement(text, notify, key string) bot.Announcement {
	return bot.Announcement{
		To:     bot.Place{Platform: "discord", Tenant: s.guild, Channel: s.channel},
		Answer: say(text), Notify: notify, Key: key,
	}
}

func TestPost(t *testing.T) {
	t.Run("wakes one role and nobody else", func(t *testing.T) {
		s := newStage(t, echo)
		role, other := s.AddRole(s.guild, "Support", 0), s.AddRole(s.guild, "Alle", 0)
		n := s.announcement("Hilfe <@&"+other+"> @everyone <@"+s.anna.ID+">", role, "k1")
		id, err := s.adapter.Post(s.ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := s.Message(id)
		if !slices.Equal(m.Pings, []string{"&" + role}) || !strings.HasPrefix(m.Content, "<@&"+role+">\n") {
			t.Errorf("pings %v: %q", m.Pings, m.Content)
		}
		again, err := s.adapter.Post(s.ctx, n)
		if err != nil || again != id || len(s.FromBot(s.channel)) != 1 {
			t.Errorf("again: %s %v", again, err)
		}
	})
	t.Run("no id, no mention", func(t *testing.T) {
		s := newStage(t, echo)
		s.runClock(5 * time.Second)
		for _, bad := range []string{"", "0", "everyone", "5> @everyone <@&6", "-1", "007", strings.Repeat("9", 30)} {
			id, err := s.adapter.Post(s.ctx, s.announcement("x", bad, "k"+bad))
			if m, _ := s.Message(id); err != nil || len(m.Pings) > 0 || m.Content != "x" {
				t.Errorf("%q: %v %+v", bad, err, m)
			}
		}
	})
	t.Run("a lost answer", func(t *testing.T) {
		s := newStage(t, echo)
		s.runClock(4 * time.Second)
		s.Fail(fakediscord.Fault{Method: "POST", Path: "/channels/*/messages", Status: 0, After: true})
		if id, err := s.adapter.Post(s.ctx, s.announcement("x", "", "k1")); err != nil || id == "" || len(s.FromBot(s.channel)) != 1 {
			t.Errorf("%q %v, %d messages", id, err, len(s.FromBot(s.channel)))
		}
	})
	t.Run("nobody knows", func(t *testing.T) {
		s := newStage(t, echo)
		s.runClock(4 * time.Second)
		s.Fail(fakediscord.Fault{Method: "POST", Path: "/channels/*/messages", Status: 502, Times: maxTries})
		var no *bot.Refused
		if _, err := s.adapter.Post(s.ctx, s.announcement("x", "", "k1")); err == nil || errors.As(err, &no) {
			t.Errorf("%v", err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		s := newStage(t, echo)
		s.Deny(s.channel, fakediscord.PermSendMessages)
		_, err := s.adapter.Post(s.ctx, s.announcement("x", "", "k1"))
		if no := (*bot.Refused)(nil); !errors.As(err, &no) || no.Notice != bot.NoticeRole || no.Detail != "Send Messages" {
			t.Errorf("%v", err)
		}
	})
	t.Run("in a thread, after a restart, to a person", func(t *testing.T) {
		s := newStage(t, echo, withMemory)
		n := s.announcement("x", "", "k1")
		n.To.Thread = s.StartThread(s.anna, s.channel, "Hilfe")
		id, err := s.adapter.Post(s.ctx, n)
		if m, _ := s.Message(id); err != nil || m.ChannelID != n.To.Thread {
			t.Errorf("%v %+v", err, m)
		}
		s.restart(echo)
		s.clock.Advance(time.Hour) // no nonce lives that long
		if again, err := s.adapter.Post(s.ctx, n); err != nil || again != id {
			t.Errorf("again: %q %v", again, err)
		}
		n.To = bot.Place{Platform: "discord", Channel: s.anna.ID}
		if _, err := s.adapter.Post(s.ctx, n); err != nil || len(s.FromBot(s.OpenDM(s.anna))) != 1 {
			t.Errorf("%v", err)
		}
	})
	t.Run("long", func(t *testing.T) {
		s := newStage(t, echo)
		role := s.AddRole(s.guild, "Support", 0)
		n := s.announcement("", role, "k1")
		n.Answer.Blocks = nil
		for range 9 {
			n.Answer.Blocks = append(n.Answer.Blocks, bot.Paragraph{Spans: bot.Spans(bot.T(strings.Repeat("x", maxChunk)))})
		}
		id, err := s.adapter.Post(s.ctx, n)
		if m, _ := s.Message(id); err != nil || len(m.Attachments) != 1 || len(m.Pings) != 1 {
			t.Errorf("%v %+v", err, m)
		}
	})
}
