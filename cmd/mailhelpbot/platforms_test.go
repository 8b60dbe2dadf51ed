package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

var update = flag.Bool("update", false, "write the golden files anew")

// serve runs `mailhelpbot serve` until the test ends, and then expects a clean stop.
func serve(t *testing.T, env ...string) {
	t.Helper()
	serveIn(t, t.TempDir(), env...)
}

// serveIn does so with bot.db in dir, and returns what the program logs.
func serveIn(t *testing.T, dir string, env ...string) *lockedBuffer {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var out, errs lockedBuffer
	done := make(chan int, 1)
	db := filepath.Join(dir, "bot.db")
	if _, err := os.Stat(db); err != nil {
		preparedDB(t, dir)
	}
	env = append(env, "LANG=C", "MAILHELPBOT_PROBE_ALLOW=127.0.0.0/8", "MAILHELPBOT_DB="+db)
	go func() { done <- run(ctx, []string{"serve"}, env, stdio{strings.NewReader(""), &out, &errs}) }()
	t.Cleanup(func() {
		cancel()
		select {
		case st := <-done:
			if st != exitOK {
				t.Errorf("serve ended with status %d", st)
			}
		case <-time.After(2 * time.Minute):
			t.Error("serve does not stop")
		}
		if t.Failed() {
			t.Logf("the program logged:\n%s", errs.String())
		}
	})
	return &errs
}

type lockedBuffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{} // closed by the next write; nil when nobody waits
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more != nil {
		close(b.more)
		b.more = nil
	}
	return b.b.Write(p)
}

// await waits until what was written holds text; false means that ctx ended first.
func (b *lockedBuffer) await(ctx context.Context, text string) bool {
	for {
		b.mu.Lock()
		found := strings.Contains(b.b.String(), text)
		if b.more == nil {
			b.more = make(chan struct{})
		}
		more := b.more
		b.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-more:
		case <-ctx.Done():
			return false
		}
	}
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// within bounds every wait for something that has to happen.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // far more than anything takes
	t.Cleanup(cancel)
	return ctx
}

// TestSlackConversation records a conversation with the whole program over
// Socket Mode: slash commands, a mention, a follow-up in its thread, a live
// test of a host where nothing listens, and a direct message.
func TestSlackConversation(t *testing.T) {
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
	serve(t, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken())
	ctx := within(t)
	await := func(what string, cond func() bool) {
		t.Helper()
		if err := s.Await(ctx, cond); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, s.Transcript())
		}
	}
	await("connected", func() bool { return s.Sockets() > 0 })
	s.Slash("U1", "C1", "/settings", "gmx smtp")
	await("settings", func() bool { return strings.Contains(s.Transcript(), "mail.gmx.net") })
	asked := s.Say("U1", "C1", "", fakeslack.Mention()+" warum will smtp eine anmeldung?")
	await("article", func() bool { return strings.Contains(s.Transcript(), "Authentifizierung") })
	s.Say("U1", "C1", asked.TS, fakeslack.Mention()+" /test 127.0.0.1 smtp")
	await("test", func() bool { return strings.Contains(s.Transcript(), "Ursache") })
	var b strings.Builder
	b.WriteString(s.Transcript())
	for _, m := range s.Posts("C1") {
		b.WriteString("\n" + m.Text + "\n")
	}
	golden(t, "slack-conversation", b.String())
}

// TestWrongTokenEndsServe holds that a service with a wrong token does not hang about.
func TestWrongTokenEndsServe(t *testing.T) {
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d := fakediscord.New(fakediscord.Options{})
	defer d.Close()
	for name, env := range map[string][]string{
		"SLACK_BOT_TOKEN": {"SLACK_API_URL=" + s.APIURL(), "SLACK_BOT_TOKEN=xoxb-wrong", "SLACK_APP_TOKEN=" + s.AppToken()},
		"DISCORD_TOKEN":   {"DISCORD_API_URL=" + d.URL, "DISCORD_TOKEN=wrong-token"},
	} {
		r := cli(t, "", append(env, "MAILHELPBOT_DB="+filepath.Join(t.TempDir(), "bot.db")), "serve")
		if r.status != exitUsage || !strings.Contains(r.err, name) || strings.Contains(r.err, "wrong-token") || strings.Contains(r.err, "xoxb-wrong") {
			t.Errorf("%s: status %d\n%s", name, r.status, r.err)
		}
	}
}

// TestDiscordConversation does the same over Discord's gateway.
func TestDiscordConversation(t *testing.T) {
	d := fakediscord.New(fakediscord.Options{})
	defer d.Close()
	channel := d.AddChannel(d.AddGuild("Support", "de"), "mail")
	anna := d.AddUser("anna", "de")
	serve(t, "DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token)
	ctx := within(t)
	await := func(what string, cond func() bool) {
		t.Helper()
		if err := d.Await(ctx, cond); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	await("connected", func() bool { return d.Connected() && len(d.Commands()) > 0 })
	var b strings.Builder
	call := d.Slash(anna, channel, "settings", fakediscord.Opt("provider", "gmx"), fakediscord.Opt("protocol", "smtp"))
	await("settings", func() bool { return strings.Contains(discordText(call.Message()), "mail.gmx.net") })
	b.WriteString("/settings gmx smtp\n" + discordText(call.Message()) + "\n\n")
	test := d.Slash(anna, channel, "test", fakediscord.Opt("target", "127.0.0.1"), fakediscord.Opt("protocol", "imap"))
	await("test", func() bool { return strings.Contains(discordText(test.Message()), "Nochmal testen") })
	b.WriteString("/test 127.0.0.1 imap\n" + discordText(test.Message()) + "\n")
	golden(t, "discord-conversation", b.String())
	if m := call.Message(); len(m.Pings) > 0 {
		t.Errorf("somebody was pinged: %v", m.Pings)
	}
	auto := d.Autocomplete(anna, channel, "settings", "provider", "gmial")
	await("suggestions", auto.Answered)
	if c := auto.Choices(); len(c) == 0 || !strings.Contains(c[0].Name, "Gmail") {
		t.Errorf("suggestions for a typo: %+v", c)
	}
}

// progress is a line that shows a test under way: how far it is when it is
// shown, and how often it is shown, is a matter of timing. The verdict ends it.
var progress = regexp.MustCompile(`(?m)^.*(?:chat\.postMessage|chat\.update).*(?:⏳|Test: 127\.0\.0\.1 [^U]).*\n`)

// verdict is how the line with the verdict begins: it is an edit, or the first
// post when the test was over before progress could be shown.
var verdict = regexp.MustCompile(`chat\.(?:update #support|postMessage #support \(thread "[^"]*"\)): Test: `)

// golden compares with testdata/NAME.golden; durations and progress are not compared.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = progress.ReplaceAllString(got, "")
	got = verdict.ReplaceAllString(got, "chat.update #support: Test: ")
	got = regexp.MustCompile(` \(\d+([.,]\d)? m?s\)`).ReplaceAllString(got, "") // not shown below a millisecond
	got = regexp.MustCompile(`\d+([.,]\d)? m?s\b`).ReplaceAllString(got, "0 ms")
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// discordText is what a person reads of a message: content, embeds, buttons.
func discordText(m fakediscord.Message) string {
	parts := []string{m.Content}
	for _, e := range m.Embeds {
		parts = append(parts, e.Title, e.Description)
		for _, f := range e.Fields {
			parts = append(parts, f.Name, f.Value)
		}
	}
	for _, row := range m.Components {
		for _, c := range row.Components {
			parts = append(parts, "["+c.Label+"]")
		}
	}
	return strings.TrimSpace(strings.Join(parts, "\n"))
}

// TestServeWiresTheDesk holds that the whole program knows admins, answers
// unasked where one switched it on, and calls the team into the thread.
func TestServeWiresTheDesk(t *testing.T) {
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
	s.AddUser(fakeslack.User{ID: "U2", Name: "chef", Locale: "de-DE", Owner: true})
	s.AddGroup(fakeslack.Group{ID: "S0TEAM", Handle: "team", Members: []string{"U2"}})
	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", "U2", fakeslack.BotUserID}})
	serve(t, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken())
	ctx := within(t)
	await := func(what string) {
		t.Helper()
		if err := s.Await(ctx, func() bool { return strings.Contains(s.Transcript(), what) }); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, s.Transcript())
		}
	}
	if err := s.Await(ctx, func() bool { return s.Sockets() > 0 }); err != nil {
		t.Fatal(err)
	}
	s.Slash("U1", "C1", "/mailhelp", "auto an")
	await("Das dürfen nur Admins")
	s.Slash("U2", "C1", "/mailhelp", "gruppe <!subteam^S0TEAM|@team>")
	await("Dieses Team rufe ich")
	s.Slash("U2", "C1", "/mailhelp", "limits delay 0")
	await("Gemerkt.")
	s.Slash("U2", "C1", "/mailhelp", "auto an")
	await("Eingeschaltet")
	s.Say("U1", "C1", "", "Wie lautet der IMAP-Server von GMX?")
	await("imap.gmx.net")
	posts := s.Posts("C1")
	if _, err := s.Press("U1", "C1", posts[len(posts)-1].TS, "Mit einem Menschen sprechen"); err != nil {
		t.Fatal(err)
	}
	await("<!subteam^S0TEAM> Hier wird ein Mensch gebraucht")
}
