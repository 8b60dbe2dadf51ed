package discord

import (
	"net/url"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Where the bot may not answer, the asker is told privately what is missing.
func TestMissingPermissionsAreNamedPrivately(t *testing.T) {
	for _, c := range []struct {
		name   string
		denied uint64
		thread bool
		want   string
	}{
		{"send", fakediscord.PermSendMessages | fakediscord.PermCreatePublicThreads, false, "Send Messages`"},
		{"threads", fakediscord.PermSendMessagesInThreads, true, "Send Messages in Threads`"},
		{"view", fakediscord.PermViewChannel, false, "View Channels`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, echo)
			s.Deny(s.channel, c.denied)
			where := s.channel
			if c.thread {
				where = s.StartThread(s.anna, s.channel, "Hilfe")
			}
			s.Say(s.anna, where, s.Mention()+" gmx")
			dm := s.OpenDM(s.anna)
			s.await("the direct message", func() bool { return len(s.FromBot(dm)) == 1 })
			if got := s.FromBot(dm)[0].Content; !strings.Contains(got, c.want) || !strings.Contains(got, "Berechtigung") {
				t.Errorf("%q", got)
			}
		})
	}
	t.Run("archived and locked", func(t *testing.T) {
		steps := make(chan bot.Answer)
		s := newStage(t, stepped(steps))
		thread := s.StartThread(s.anna, s.channel, "Altes Thema")
		s.Say(s.anna, thread, s.Mention()+" gmx")
		s.await("a look at the thread", func() bool { return s.Count("GET", "/channels/"+thread) == 1 })
		s.Archive(thread, true)
		steps <- say("zu spät")
		dm := s.OpenDM(s.anna)
		s.await("the direct message", func() bool { return len(s.FromBot(dm)) == 1 })
		if got := s.FromBot(dm)[0].Content; !strings.Contains(got, "Altes Thema") {
			t.Errorf("%q", got)
		}
	})
	t.Run("nor direct messages", func(t *testing.T) {
		s := newStage(t, echo)
		s.Deny(s.channel, fakediscord.PermViewChannel)
		s.CloseDMs(s.anna)
		s.Say(s.anna, s.channel, s.Mention()+" gmx")
		s.settle()
		if !strings.Contains(s.log.String(), "nor was the reason") {
			t.Errorf("log: %s", s.log)
		}
	})
}

func TestFilesMayBeForbidden(t *testing.T) {
	var long bot.Answer
	for range 8 {
		long.Blocks = append(long.Blocks, bot.Paragraph{Spans: bot.Spans(bot.T(strings.Repeat("wort ", 300)))})
	}
	s := newStage(t, saying(long))
	dm := s.OpenDM(s.anna)
	s.Fail(fakediscord.Fault{Method: "POST", Path: "/channels/*/messages", Status: 403, Code: 50013})
	s.Say(s.anna, dm, "alles")
	s.await("the answer", func() bool { return len(s.FromBot(dm)) == 1 })
	if got := s.FromBot(dm)[0]; len(got.Attachments) != 0 || !strings.HasSuffix(got.Embeds[0].Description, "…") {
		t.Errorf("%+v", got)
	}
}

// An action that asks for a text opens a modal first.
func TestModal(t *testing.T) {
	ans := say("Hat das geholfen?")
	ans.Actions = []bot.Action{{ID: "note", Label: "Nein, weil …", Value: "gmx", Ask: true}}
	s := newStage(t, saying(ans))
	first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx")))
	press := s.Press(s.anna, first.ID, first.Buttons()[0].CustomID)
	s.await("the modal", press.Answered)
	m, ok := press.Modal()
	if !ok || m.Title != "Nein, weil …" || len(m.Inputs()) != 1 || m.Inputs()[0].Label != "Nein, weil …" {
		t.Fatalf("%+v", m)
	}
	if n := len(s.messages()); n != 1 {
		t.Fatalf("%d messages before the modal was sent", n)
	}
	got := s.answered(s.Submit(press, "smtp fehlt"))
	if got.Content != "Hat das geholfen?" || got.ID == first.ID {
		t.Errorf("%+v", got)
	}
	last := s.messages()[1]
	if last.Kind != bot.KindAction || last.Text != "smtp fehlt" || last.Action.ID != "note" || last.Action.Value != "gmx" {
		t.Errorf("the handler got %+v %+v", last, last.Action)
	}
}

func TestInviteURL(t *testing.T) {
	u, err := url.Parse(InviteURL("123"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Host != "discord.com" || q.Get("client_id") != "123" || q.Get("scope") != "bot applications.commands" || q.Get("permissions") != "309237763072" {
		t.Errorf("%s", u)
	}
	for _, p := range Permissions() {
		if p.Name == "" || p.Why == "" {
			t.Errorf("%+v", p)
		}
	}
}

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"<@42> imap für gmx?":               "imap für gmx?",
		"<@!42>  test smtp":                 "test smtp",
		"frag <@7> oder <@&9> in <#3>":      "frag @ oder @ in @",
		"<https://gmx.net> <a:hm:5> ok":     "https://gmx.net :hm: ok",
		`\*gmx\* und 3 < 4`:                 "*gmx* und 3 < 4",
		"</settings:12> seit <t:1700:R>":    "@ seit @",
		"smtp.gmx.net 587 `STARTTLS`":       "smtp.gmx.net 587 `STARTTLS`",
		"<anna@gmx.de> und <mailto:a@b.de>": "<anna@gmx.de> und mailto:a@b.de",
	} {
		if got := plainText(in, "42"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
