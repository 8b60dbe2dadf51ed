package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// TestKnowledgeReloadsWhileServing changes the operator's folder under a bot
// that serves Slack: the next answer has the new value, and a broken file
// leaves the old ones in force.
func TestKnowledgeReloadsWhileServing(t *testing.T) {
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
	folder := filepath.Join(t.TempDir(), "knowledge")
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("..", "..", "examples", "hoster"))); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "providers", "nordlicht.yaml")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log := serveIn(t, t.TempDir(), "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken(), "MAILHELPBOT_KNOWLEDGE="+folder)
	ctx := within(t)
	ask := func(want string) {
		t.Helper()
		s.Slash("U1", "C1", "/settings", "nordlicht imap")
		if err := s.Await(ctx, func() bool {
			posts := s.Posts("C1")
			return len(posts) > 0 && strings.Contains(posts[len(posts)-1].Text, want)
		}); err != nil {
			t.Fatalf("no %q: %v\n%s", want, err, s.Transcript())
		}
	}
	logged := func(what string) {
		t.Helper()
		if !log.await(ctx, what) {
			t.Fatalf("%q is not logged:\n%s", what, log.String())
		}
	}
	if err := s.Await(ctx, func() bool { return s.Sockets() > 0 }); err != nil {
		t.Fatal(err)
	}
	ask("mail.nordlicht.example")
	write(strings.ReplaceAll(string(old), "mail.nordlicht.example", "neu.nordlicht.example"))
	logged("knowledge reloaded")
	ask("neu.nordlicht.example")
	write("id: [nordlicht\n")
	logged("the old one stays in force")
	ask("neu.nordlicht.example")
}
