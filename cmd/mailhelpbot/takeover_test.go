package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

// TestTakeover kills the process that has Discord's gateway. The other one
// takes gateway and work over within thirty seconds, resumes the session and
// answers what was said meanwhile, once.
func TestTakeover(t *testing.T) {
	d := fakediscord.New(fakediscord.Options{})
	defer d.Close()
	guild := d.AddGuild("Support", "de")
	anna := d.AddUser("anna", "de")
	f := newFleet(t, 2, "DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token, "MAILHELPBOT_DB="+pgtest.Start(t, false).Database(t))
	f.start(0)
	await(t, "the gateway", d.Connected)
	f.start(1)
	var asked []string
	ask := func() {
		c := d.AddChannel(guild, fmt.Sprint("c", len(asked)))
		asked = append(asked, d.Say(anna, c, d.Mention()+" Welche Einstellungen hat GMX für IMAP?"))
	}
	answered := func() bool {
		for _, id := range asked {
			if len(d.FromBot(id)) == 0 {
				return false
			}
		}
		return true
	}
	ask()
	await(t, "an answer", answered)
	if n := d.Identifies(); n != 1 {
		t.Errorf("%d sessions, want the one of the process that has the gateway", n)
	}
	for range 5 {
		ask() // under way when the process dies
	}
	f.kill(0)
	for range 5 {
		ask() // said while nobody listens
	}
	began := time.Now()
	await(t, "the take-over", answered)
	t.Logf("%d questions answered %s after the death of the process that had the gateway; %d sessions begun, %d resumed",
		len(asked), time.Since(began).Round(100*time.Millisecond), d.Identifies(), d.Resumes())
	for _, id := range asked {
		if n := len(d.FromBot(id)); n != 1 {
			t.Errorf("%d answers to one question", n)
		}
	}
	if d.Identifies() != 1 || d.Resumes() != 1 {
		t.Error("the session was not taken over")
	}
}
