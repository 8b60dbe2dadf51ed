package slack

import (
	"fmt"

	"github.com/slack-go/slack"
	"go.yaml.in/yaml/v3"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// botName is the bot's name in a new workspace.
const botName = "mailhelp"

// scopes are the permissions of the bot token, each with what needs it.
func scopes() []scope {
	return []scope{
		{"app_mentions:read", "answer mentions"},
		{"channels:history", "read on in threads of public channels that the bot takes part in"},
		{"channels:read", "find out whether a linked thread is public"},
		{"chat:write", "answer"},
		{"commands", "slash commands and the message shortcut"},
		{"files:write", "attach the full report when it does not fit into a message"},
		{"groups:history", "read on in threads of private channels that the bot was invited to"},
		{"im:history", "answer direct messages"},
		{"usergroups:read", "know who belongs to the team that may administer the bot"},
		{"users:read", "answer in the asker's language; know who is an admin"},
	}
}

type scope struct{ name, why string }

// events are the subscriptions of the Events API.
func events() []string {
	return []string{"app_home_opened", "app_mention", "message.channels", "message.groups", "message.im"}
}

// Manifest is the app's manifest in YAML, to be pasted where Slack offers “From
// a manifest” for a new app. It has the commands with their German names, the
// events and the permissions that the adapter uses, and Socket Mode on.
func Manifest(commands []bot.CommandSpec) ([]byte, error) {
	m := slack.Manifest{
		Metadata: slack.ManifestMetadata{MajorVersion: 1, MinorVersion: 1},
		Display: slack.Display{
			Name:            botName,
			Description:     "E-Mail einrichten und testen · set up and test e-mail",
			BackgroundColor: "#1d3557",
		},
		Features: slack.Features{
			AppHome:       slack.AppHome{HomeTabEnabled: true, MessagesTabEnabled: true},
			BotUser:       slack.BotUser{DisplayName: botName, AlwaysOnline: true},
			Shortcuts:     manifestShortcuts(),
			SlashCommands: manifestCommands(commands),
		},
		Settings: slack.Settings{
			EventSubscriptions: &slack.EventSubscriptions{BotEvents: events()},
			Interactivity:      &slack.Interactivity{IsEnabled: true},
			SocketModeEnabled:  true,
		},
	}
	for _, s := range scopes() {
		m.OAuthConfig.Scopes.Bot = append(m.OAuthConfig.Scopes.Bot, s.name)
	}
	out, err := yaml.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("slack manifest: %w", err)
	}
	return out, nil
}

// manifestShortcuts are the entries in a message's menu. Slack has one name for
// all languages; the short German one fits with an English word beside it.
func manifestShortcuts() []slack.Shortcut {
	out := []slack.Shortcut{{Name: "Mailserver testen / test", CallbackID: testShortcut, Description: "Mailserver testen · test mail servers", Type: slack.MessageShortcut}}
	for _, s := range bot.Shortcuts() {
		out = append(out, slack.Shortcut{
			Name: s.Name["de"], CallbackID: shortcutPrefix + s.Action, Type: slack.MessageShortcut,
			Description: s.Description["de"] + " · " + s.Description["en"],
		})
	}
	return out
}

// manifestCommands lists each command in English and under its German names.
// The arguments of /mailhelp mention channels and groups, whose ids come only
// where escaping is asked for.
func manifestCommands(specs []bot.CommandSpec) []slack.ManifestSlashCommand {
	var out []slack.ManifestSlashCommand
	for _, c := range specs {
		out = append(out, manifestCommand(c, c.Name, "en"))
		for _, alias := range c.Aliases {
			out = append(out, manifestCommand(c, alias, "de"))
		}
	}
	return out
}

func manifestCommand(c bot.CommandSpec, name string, lang bot.Lang) slack.ManifestSlashCommand {
	return slack.ManifestSlashCommand{Command: "/" + name, Description: c.Description[lang], UsageHint: c.Usage[lang], ShouldEscape: c.Name == "mailhelp"}
}
