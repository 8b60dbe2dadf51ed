// Package conformance plays a scenario with a bot written with discord.js, the
// library that most bots use, against the fake. It runs where Node and the
// library are installed (npm install --no-package-lock in this folder), and is
// skipped elsewhere.
package conformance

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
)

// missing skips the test, or fails it where everything has to be there.
func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("MAILHELPBOT_CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func TestDiscordJS(t *testing.T) {
	if _, err := os.Stat("node_modules/discord.js"); err != nil {
		missing(t, "discord.js is not installed here: npm install --no-package-lock")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "there is no node")
	}
	d := fakediscord.New(fakediscord.Options{})
	t.Cleanup(d.Close)
	guild := d.AddGuild("Support", "de")
	channel := d.AddChannel(guild, "mail")
	anna := d.AddUser("anna", "de")

	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, node, "bot.mjs")
	cmd.Env = append(os.Environ(), "DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); cancel() }()
	t.Cleanup(func() { cmd.Process.Kill(); <-ended })
	await := func(what string, cond func() bool) {
		t.Helper()
		if err := d.Await(ctx, cond); err != nil {
			cmd.Process.Kill()
			ended <- <-ended // the output is complete now
			t.Fatalf("%s did not come: %v\n%s", what, err, out.String())
		}
	}

	await("the commands", func() bool { return len(d.Commands()) == 2 })
	auto := d.Autocomplete(anna, channel, "settings", "provider", "g")
	await("the choices", auto.Answered)
	call := d.Slash(anna, channel, "settings", fakediscord.Opt("provider", "gmx"))
	await("the follow-up", func() bool { return len(call.Messages()) == 2 })
	answer := call.Messages()[0]
	if answer.Content != "für gmx auf de" || call.Messages()[1].ForUser != anna.ID || call.ResponseType() != 5 {
		t.Errorf("%+v", call.Messages())
	}
	button, ok := answer.Button("Warum?")
	if !ok {
		t.Fatalf("no button in %+v", answer)
	}
	press := d.Press(anna, answer.ID, button.CustomID)
	await("the modal", press.Answered)
	d.Submit(press, "darum")
	await("the update", func() bool { m, _ := d.Message(answer.ID); return m.Content == "weil darum" })

	menu := d.ContextMenu(anna, "Test mail settings", d.Say(anna, d.OpenDM(anna), "geht nicht"))
	await("the context menu's answer", menu.Answered)
	if got := menu.Message(); got.Content != "zu: geht nicht" {
		t.Errorf("%+v", got)
	}
	dm := d.OpenDM(anna)
	await("the direct answer", func() bool { return len(d.FromBot(dm)) >= 2 })
	for _, m := range d.FromBot(dm) {
		if len(m.Pings) > 0 {
			t.Errorf("it pinged %v", m.Pings)
		}
	}

	id := d.Say(anna, channel, d.Mention()+" hallo")
	await("the edited answer in a thread", func() bool { m := d.FromBot(id); return len(m) == 1 && m[0].Content == "gehört: @mailhelp hallo" })
	if got := d.FromBot(id)[0].History; len(got) != 1 || got[0] != "läuft" {
		t.Errorf("history %v", got)
	}

	d.AskReconnect()
	await("the resume", func() bool { return d.Resumes() == 1 && d.Connected() })
	silent := d.Say(anna, channel, "ohne Erwähnung")
	await("an answer after the resume", func() bool { m := d.FromBot(silent); return len(m) == 1 && m[0].Content == "gehört: nichts" })
	if n := d.Identifies(); n != 1 {
		t.Errorf("%d identifies", n)
	}
}
