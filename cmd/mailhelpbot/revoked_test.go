package main

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// TestRevokedTokenEndsServe revokes a token while the program serves: it ends
// with status 2 and names the variable, and the question that it could not
// answer stays in bot.db.
func TestRevokedTokenEndsServe(t *testing.T) {
	type service struct {
		env    []string
		up     func() bool
		revoke func()
		want   string
	}
	for name, start := range map[string]func(*testing.T) service{
		"slack": func(t *testing.T) service {
			s, err := fakeslack.Start(fakeslack.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
			s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
			return service{
				env: []string{"SLACK_API_URL=" + s.APIURL(), "SLACK_BOT_TOKEN=" + s.BotToken(), "SLACK_APP_TOKEN=" + s.AppToken()},
				up:  func() bool { return s.Sockets() > 0 },
				revoke: func() {
					s.Fail("", fakeslack.Fault{Error: "token_revoked", Times: -1})
					s.Say("U1", "C1", "", fakeslack.Mention()+" Welche Einstellungen hat GMX für IMAP?")
				},
				want: "SLACK_BOT_TOKEN",
			}
		},
		"discord": func(t *testing.T) service {
			d := fakediscord.New(fakediscord.Options{})
			t.Cleanup(d.Close)
			channel, anna := d.AddChannel(d.AddGuild("Support", "de"), "mail"), d.AddUser("anna", "de")
			return service{
				env: []string{"DISCORD_API_URL=" + d.URL, "DISCORD_TOKEN=" + d.Token},
				up:  func() bool { return d.Connected() && len(d.Commands()) > 0 },
				revoke: func() {
					d.SetToken("another")
					d.Say(anna, channel, d.Mention()+" Welche Einstellungen hat GMX für IMAP?")
				},
				want: "DISCORD_TOKEN",
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			svc, db := start(t), preparedDB(t, t.TempDir())
			var out, errs lockedBuffer
			done := make(chan int, 1)
			ctx, cancel := context.WithCancel(within(t))
			defer cancel()
			go func() {
				done <- run(ctx, []string{"serve"}, append(svc.env, "LANG=C", "MAILHELPBOT_DB="+db), stdio{strings.NewReader(""), &out, &errs})
			}()
			await(t, "the connection", svc.up)
			svc.revoke()
			if st := <-done; st != exitUsage || ctx.Err() != nil {
				t.Errorf("serve ended with status %d, %v, want %d", st, ctx.Err(), exitUsage)
			}
			if !strings.Contains(errs.String(), svc.want) {
				t.Errorf("%s is not named:\n%s", svc.want, errs.String())
			}
			bot, err := sql.Open("sqlite3", db)
			if err != nil {
				t.Fatal(err)
			}
			defer bot.Close()
			var waiting int
			if err := bot.QueryRow("SELECT count(*) FROM inbox WHERE owner = ''").Scan(&waiting); err != nil || waiting != 1 {
				t.Errorf("%d events wait in bot.db, %v; want the unanswered one\n%s", waiting, err, errs.String())
			}
		})
	}
}
