package main

import (
	"database/sql"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

// TestKilledWhileProbing kills the program while tests of a silent server run
// on both platforms, asked for by a typed mention and by a command. The next
// process edits what stands there, in the language of the place: aborted, with
// a button that runs the test again.
func TestKilledWhileProbing(t *testing.T) {
	silent := silentServer(t)
	silentHost, _, _ := strings.Cut(silent, ":")
	s := workspace(t, 2)
	d := fakediscord.New(fakediscord.Options{})
	defer d.Close()
	guild := d.AddGuild("Support", "de")
	anna, ben := d.AddUser("anna", "en-US"), d.AddUser("ben", "de")
	db := filepath.Join(t.TempDir(), "bot.db")
	f := newFleet(t, 1, append(slackEnv(s, db), "DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token)...)
	f.connect(s, 0)
	await(t, "the commands of Discord", func() bool { return len(d.Commands()) > 0 })

	s.Say("U00000", "C00000", "", fakeslack.Mention()+" /test "+silent)
	s.Slash("U00001", "C00001", "/test", silent)
	said := d.Say(anna, d.AddChannel(guild, "typed"), d.Mention()+" /test "+silent)
	slash := d.Slash(ben, d.AddChannel(guild, "command"), "test", fakediscord.Opt("target", silent))

	// What shows the progress of each: its text and its place, once it stands.
	inSlack := func(channel string) func() (string, string) {
		return func() (string, string) {
			for _, m := range s.Posts(channel) {
				if strings.Contains(m.Text, silentHost) && m.ThreadTS != "" {
					return m.Text, m.TS
				}
			}
			return "", ""
		}
	}
	shown := map[string]func() (text, place string){
		"Slack, typed": inSlack("C00000"), "Slack, command": inSlack("C00001"),
		"Discord, typed": func() (string, string) {
			if m := d.FromBot(said); len(m) == 1 {
				return m[0].Content, m[0].ID
			}
			return "", ""
		},
		"Discord, command": func() (string, string) { m := slash.Message(); return m.Content, m.ID },
	}
	places := map[string]string{}
	for name, show := range shown {
		await(t, "the progress: "+name, func() bool {
			text, place := show()
			places[name] = place
			return strings.Contains(text, silentHost)
		})
	}
	await(t, "that the progress is noted", func() bool { return postsNoted(t, db) >= 5 }) // and a line above a thread
	posts, messages := len(s.Posts("")), len(d.FromBot(said))+len(slash.Messages())
	f.kill(0)
	f.start(0)
	const want = "Der Test wurde abgebrochen"
	text := func(name string) string {
		if ch, ok := map[string]string{"Slack, typed": "C00000", "Slack, command": "C00001"}[name]; ok {
			m, _ := s.Message(ch, places[name])
			return m.Text
		}
		m, _ := d.Message(places[name])
		return m.Content
	}
	for name := range shown {
		await(t, "the last word: "+name+"; it is "+text(name), func() bool { return strings.Contains(text(name), want) })
	}
	if n, m := len(s.Posts("")), len(d.FromBot(said))+len(slash.Messages()); n != posts || m != messages {
		t.Errorf("%d posts on Slack and %d on Discord, want the %d and %d that were edited", n, m, posts, messages)
	}

	if _, err := s.Press("U00000", "C00000", places["Slack, typed"], "Nochmal testen"); err != nil {
		t.Fatal(err)
	}
	m, _ := d.Message(places["Discord, typed"])
	if len(m.Buttons()) != 1 {
		t.Fatalf("buttons on Discord: %+v", m.Buttons())
	}
	again := d.Press(anna, m.ID, m.Buttons()[0].CustomID)
	await(t, "the next tests", func() bool {
		return strings.Contains(again.Message().Content, silentHost) && len(s.Posts("C00000")) > 1
	})
}

// postsNoted counts the posts that the outbox knows to stand.
func postsNoted(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM outbox WHERE message <> ''").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// silentServer takes connections, at an address of its own, and says nothing.
func silentServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", testaddr.Host(t)+":2525")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	}()
	return l.Addr().String()
}
