package slack

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"go.yaml.in/yaml/v3"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestManifestIsWhatSlackTakes(t *testing.T) {
	raw, err := Manifest(bot.Commands())
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	var m slack.Manifest
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	// Limits: docs.slack.dev/reference/app-manifest.
	limit := func(what, s string, n int) {
		if s == "" || units(s) > n {
			t.Errorf("%s %q: %d of %d characters", what, s, units(s), n)
		}
	}
	limit("name", m.Display.Name, 35)
	limit("description", m.Display.Description, 140)
	limit("bot name", m.Features.BotUser.DisplayName, 80)
	for _, s := range m.Features.Shortcuts {
		limit("shortcut", s.Name, 24)
		limit("shortcut description", s.Description, 150)
		limit("callback id", s.CallbackID, 255)
	}
	var names []string
	for _, c := range m.Features.SlashCommands {
		limit("command", c.Command, 32)
		limit("command description", c.Description, 2000)
		limit("usage hint", c.UsageHint, 1000)
		names = append(names, c.Command)
	}
	for _, want := range []string{"/settings", "/test", "/mailhelp", "/einstellungen", "/testen", "/mailhilfe"} {
		if !slices.Contains(names, want) {
			t.Errorf("no command %s in %v", want, names)
		}
	}
	if !m.Settings.SocketModeEnabled || !m.Settings.Interactivity.IsEnabled || !slices.Equal(m.Settings.EventSubscriptions.BotEvents, events()) {
		t.Errorf("settings: %+v", m.Settings)
	}
}

// TestManifestAsksForWhatIsUsed compares the permissions with the methods that
// the adapter calls and the events that it takes.
func TestManifestAsksForWhatIsUsed(t *testing.T) {
	need := map[string]string{
		"PostMessageContext": "chat:write", "UpdateMessageContext": "chat:write", "PostEphemeralContext": "chat:write", "DeleteMessageContext": "chat:write",
		"GetUserInfoContext": "users:read", "GetUserGroupMembersContext": "usergroups:read", "GetConversationInfoContext": "channels:read",
		"GetConversationRepliesContext": "channels:history", "GetConversationHistoryContext": "channels:history",
		"AuthTestContext": "", "OpenViewContext": "", "PublishViewContext": "", "StartSocketModeContext": "",
		"UploadFileContext": "files:write",
	}
	forEvents := map[string]string{
		"app_mention": "app_mentions:read", "message.channels": "channels:history", "message.groups": "groups:history", "message.im": "im:history", "app_home_opened": "",
	}
	used := []string{"commands"}
	files, _ := filepath.Glob("*.go")
	call := regexp.MustCompile(`\.api\.([A-Z]\w+)\(`)
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, g := range call.FindAllStringSubmatch(string(src), -1) {
			s, known := need[g[1]]
			if !known {
				t.Errorf("%s calls %s: which scope does it need?", f, g[1])
			}
			used = append(used, s)
		}
	}
	for _, e := range events() {
		s, known := forEvents[e]
		if !known {
			t.Errorf("event %s: which scope does it need?", e)
		}
		used = append(used, s)
	}
	for _, s := range scopes() {
		if !slices.Contains(used, s.name) {
			t.Errorf("scope %s is asked for and not used", s.name)
		}
		if s.why == "" {
			t.Errorf("scope %s: why?", s.name)
		}
	}
	for _, u := range used {
		if u != "" && !slices.ContainsFunc(scopes(), func(s scope) bool { return s.name == u }) {
			t.Errorf("scope %s is used and not asked for", u)
		}
	}
}

// TestScenariosNeedNoMoreThanTheManifest plays all conversations with the
// manifest's permissions and events alone.
func TestScenariosNeedNoMoreThanTheManifest(t *testing.T) {
	var granted []string
	for _, s := range scopes() {
		granted = append(granted, s.name)
	}
	for name, play := range scenarios {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, setup{fake: fakeslack.Options{Scopes: granted, Events: events()}})
			play(r)
			for _, c := range r.s.Calls("") {
				if c.Error == "missing_scope" {
					t.Errorf("%s: missing scope", c.Method)
				}
			}
		})
	}
}
