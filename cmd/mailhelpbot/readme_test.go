package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// TestReadmeTranscripts plays the README's ```chat blocks: each "> " line is
// typed, and what follows must be the answer, or its beginning when the last
// line is "…".
func TestReadmeTranscripts(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```chat (de|en)\n(.*?)```").FindAllStringSubmatch(string(b), -1)
	if len(blocks) < 2 {
		t.Fatal("the README has no transcripts")
	}
	for _, bl := range blocks {
		t.Run(bl[1], func(t *testing.T) {
			var turns []turn
			var want []string
			for _, l := range strings.Split(bl[2], "\n") {
				if said, ok := strings.CutPrefix(l, "> "); ok {
					turns, want = append(turns, turn{said: said}), append(want, "")
					continue
				}
				want[len(want)-1] += l + "\n"
			}
			for i, got := range converse(t, preparedDB(t, t.TempDir()), []string{"LANG=" + bl[1]}, turns) {
				w, open := strings.CutSuffix(strings.TrimSpace(want[i]), "…")
				w, got = strings.TrimSpace(w), strings.TrimSpace(got)
				if open && !strings.HasPrefix(got, w) || !open && got != w {
					t.Errorf("> %s\nthe program says:\n%s\nthe README says:\n%s", turns[i].said, got, w)
				}
			}
		})
	}
}

// TestReadmeListsEverySetting holds the README's table against the program's.
func TestReadmeListsEverySetting(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settingTable() {
		row := regexp.MustCompile("(?m)^\\| `" + s.name + "` \\| (yes)? ?\\|").FindStringSubmatch(string(b))
		if row == nil {
			t.Errorf("the README's table lacks %s", s.name)
		} else if (row[1] == "yes") != s.secret {
			t.Errorf("%s: secret is %v in the program", s.name, s.secret)
		}
	}
}

// TestReadmeInviteAndScopes holds the links and scopes of the README against what the adapters ask for.
func TestReadmeInviteAndScopes(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if link := discord.InviteURL("APPLICATION_ID"); !strings.Contains(string(b), link) {
		t.Errorf("the README lacks the invite link %s", link)
	}
	for _, p := range discord.Permissions() {
		if !strings.Contains(string(b), p.Name) {
			t.Errorf("the README does not explain the permission %q", p.Name)
		}
	}
	manifest, err := slack.Manifest(bot.Commands())
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range regexp.MustCompile(`(?m)^\s+- ([a-z_]+:[a-z]+|commands)$`).FindAllStringSubmatch(string(manifest), -1) {
		if !strings.Contains(string(b), "`"+scope[1]+"`") {
			t.Errorf("the README does not explain the scope %s", scope[1])
		}
	}
}
