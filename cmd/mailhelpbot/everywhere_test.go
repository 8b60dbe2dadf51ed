package main

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
)

// room is a direct conversation with the bot on a chat platform.
type room interface {
	say(text string)
	heard() []string // what the bot has said so far, as a person reads it
	await(ctx context.Context, cond func() bool) error
}

type discordRoom struct {
	s    *fakediscord.Server
	user fakediscord.User
	dm   string
}

func (r discordRoom) say(text string) { r.s.Say(r.user, r.dm, text) }

func (r discordRoom) await(ctx context.Context, cond func() bool) error { return r.s.Await(ctx, cond) }

func (r discordRoom) heard() []string {
	var out []string
	for _, m := range r.s.FromBot(r.dm) {
		text := m.Text()
		for _, f := range m.Attachments {
			text += "\n" + string(f.Data)
		}
		out = append(out, readMarkdown(text))
	}
	return out
}

// readMarkdown is what remains of Discord's Markdown on the screen.
func readMarkdown(s string) string {
	s = regexp.MustCompile(`\]\(<[^>]*>\)`).ReplaceAllString(s, "]")
	s = regexp.MustCompile("\\*\\*|`|\u200b|(?m)^(?:-#|###|>) ").ReplaceAllString(s, "")
	return regexp.MustCompile(`\\([\\*_~|\[\]>#<:.+()-])`).ReplaceAllString(s, "$1")
}

type slackRoom struct {
	s        *fakeslack.Server
	user, im string
}

func (r slackRoom) say(text string) {
	r.s.Say(r.user, r.im, "", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text))
}

func (r slackRoom) await(ctx context.Context, cond func() bool) error { return r.s.Await(ctx, cond) }

func (r slackRoom) heard() []string {
	var out []string
	for _, m := range r.s.Posts(r.im) {
		out = append(out, strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(m.Text))
	}
	return out
}

// TestConversationsOnEveryPlatform plays the conversations of the terminal
// over Slack and Discord as well: what a support agent has noted down holds
// there, too. Silence is left out: nobody says "nothing" in a chat.
func TestConversationsOnEveryPlatform(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	resolver := "MAILHELPBOT_RESOLVER=" + realtest.DNS(t) // nothing outside exists
	d := fakediscord.New(fakediscord.Options{Buckets: []fakediscord.Bucket{}, GlobalPerSecond: -1})
	t.Cleanup(d.Close)
	d.AddChannel(d.AddGuild("Support", "de"), "mail")
	serve(t, resolver, "DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token)
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	serve(t, resolver, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken())
	ready := within(t)
	if d.Await(ready, func() bool { return d.Connected() && len(d.Commands()) > 0 }) != nil || s.Await(ready, func() bool { return s.Sockets() > 0 }) != nil {
		t.Fatal("not connected")
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		lang := map[string]string{".de": "de-DE", ".en": "en-US"}[filepath.Ext(name)]
		id := "U" + strings.ToUpper(strings.NewReplacer(".", "", "-", "").Replace(name))
		s.AddUser(fakeslack.User{ID: id, Name: name, Locale: lang})
		u := d.AddUser(name, strings.TrimSuffix(lang, "-DE"))
		known := d.Slash(u, d.OpenDM(u), "mailhelp status") // messages on Discord do not tell the language of somebody's client, commands do
		if d.Await(within(t), known.Answered) != nil {
			t.Fatal("no status")
		}
		for platform, r := range map[string]room{"discord": discordRoom{d, u, d.OpenDM(u)}, "slack": slackRoom{s, id, s.OpenIM(id)}} {
			t.Run(platform+"/"+name, func(t *testing.T) { playIn(t, r, readConversation(t, file)) })
		}
	}
}

// playIn says each line, waits until all that is noted stands there, as an
// answer may still show progress, and then holds the answer against the rest.
func playIn(t *testing.T, r room, turns []turn) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, turn := range turns {
		if turn.silence {
			continue
		}
		before := len(r.heard())
		r.say(turn.said)
		var answer string
		_ = r.await(ctx, func() bool { // what is missing then, check says
			all := r.heard()
			answer = strings.Join(all[min(before, len(all)):], "\n")
			return len(all) > before && !strings.Contains(answer, "⏳") && turn.holds(answer)
		})
		turn.check(t, answer)
	}
}

// holds says whether all that is wanted is in an answer.
func (u turn) holds(answer string) bool {
	flat := strings.Join(strings.Fields(answer), " ")
	return !slices.ContainsFunc(u.want, func(w string) bool { return !strings.Contains(flat, strings.Join(strings.Fields(w), " ")) })
}
