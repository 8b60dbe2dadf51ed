package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// canaryUser is a person's id: it may stand in no log and no metric.
const canaryUser = "U0KANARI777"

// TestCanaryInTrouble talks in every way that Slack and Discord know while
// their servers fail in every way that these know: errors are what tells more
// than it should. Afterwards it searches log, metrics, health page and files.
func TestCanaryInTrouble(t *testing.T) {
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddUser(fakeslack.User{ID: canaryUser, Name: "anna", Locale: "de-DE"})
	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{canaryUser, fakeslack.BotUserID}})
	s.AddChannel(fakeslack.Channel{ID: "C2", Name: "elsewhere", Members: []string{canaryUser}})
	d := fakediscord.New(fakediscord.Options{})
	defer d.Close()
	channel := d.AddChannel(d.AddGuild("Support", "de"), "mail")
	ben := d.AddUser("ben", "de")

	dir, sinks := t.TempDir(), map[string]string{}
	t.Run("trouble", func(t *testing.T) { // at its end everything has been looked at, and the service has stopped
		var log *lockedBuffer
		t.Cleanup(func() { sinks["log"] = log.String() }) // runs after the one that stops the service
		log = serveIn(t, dir, "MAILHELPBOT_LOG=json", "MAILHELPBOT_HTTP=127.0.0.1:0",
			"SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken(),
			"DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token)
		ctx := within(t)
		ready := func() bool { return s.Sockets() > 0 && d.Connected() && len(d.Commands()) > 0 }
		if err := s.Await(ctx, func() bool { return s.Sockets() > 0 }); err != nil {
			t.Fatal(err)
		}
		if err := d.Await(ctx, ready); err != nil {
			t.Fatal(err)
		}
		said := "smtp.gmx.net 587 mein passwort ist " + canaryPassword + " und " + canaryWord
		asked := "warum will smtp eine anmeldung " + canaryWord + "?"
		for _, f := range []fakeslack.Fault{{}, {Status: 503}, {Reset: true}, {Error: "fatal_error"}, {Error: "channel_not_found"}} {
			if f != (fakeslack.Fault{}) {
				for _, method := range []string{"chat.postMessage", "chat.update", "chat.postEphemeral", "users.info", "views.open"} {
					s.Fail(method, f)
				}
			}
			troubleSlack(t, s, said, asked)
		}
		for _, f := range []fakediscord.Fault{{}, {Status: http.StatusBadGateway}, {Status: 403, Code: 50013}, {Times: 3}} {
			if f != (fakediscord.Fault{}) {
				d.Fail(f)
			}
			d.Say(ben, channel, d.Mention()+" "+said)
			d.Edit(d.Say(ben, channel, d.Mention()+" "+asked), d.Mention()+" "+asked+" noch mal")
			d.Say(ben, d.OpenDM(ben), said)
			d.Slash(ben, channel, "test", fakediscord.Opt("target", canaryWord+"@127.0.0.1"))
			d.Slash(ben, channel, "settings", fakediscord.Opt("provider", canaryWord))
			d.Autocomplete(ben, channel, "settings", "provider", canaryWord)
		}
		any := func(int, string) bool { return true }
		sinks["readyz"], sinks["metrics"] = get(t, log, "/readyz", any), get(t, log, "/metrics", any)
	})
	if !strings.Contains(sinks["log"], "WARN") || !strings.Contains(sinks["log"], `"handled"`) {
		t.Errorf("nothing went wrong, or nothing was handled: the test tests nothing\n%s", sinks["log"])
	}
	for _, user := range []string{canaryUser, ben.ID} {
		for _, l := range leaks(user, sinks) {
			t.Error("a person's id:", l)
		}
	}
	files(t, dir, sinks)
	for _, canary := range []string{canaryPassword, canaryWord, s.BotToken(), s.AppToken(), d.Token, "/response/"} {
		for _, l := range leaks(canary, sinks) {
			t.Error(l)
		}
	}
}

// troubleSlack does once what people do.
func troubleSlack(t *testing.T, s *fakeslack.Server, said, asked string) {
	t.Helper()
	ctx := within(t)
	all := s.Say(canaryUser, "C1", "", fakeslack.Mention()+" "+said).Deliveries
	m := s.Say(canaryUser, "C1", "", fakeslack.Mention()+" "+asked)
	all = append(append(all, m.Deliveries...), s.Edit("C1", m.TS, asked+" noch mal"))
	all = append(all, s.Say(canaryUser, canaryUser, "", said).Deliveries...)
	for _, c := range []string{"C1", "C2"} {
		all = append(all, s.Slash(canaryUser, c, "/settings", canaryWord), s.Slash(canaryUser, c, "/test", canaryWord+"@127.0.0.1"))
	}
	all = append(all, s.OpenHome(canaryUser), s.Shortcut(canaryUser, "C1", m.TS, "mailhelp_test"))
	s.SendRaw(`{"type":"events_api","payload":{"text":"` + canaryWord + `"}}`)
	for _, d := range all {
		if d == nil {
			continue
		}
		if err := d.Wait(ctx); err != nil {
			t.Fatalf("%v\n%s", err, s.Transcript())
		}
	}
}
