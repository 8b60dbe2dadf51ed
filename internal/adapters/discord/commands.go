package discord

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// testMenu is the command in the context menu of a message ("Apps"): it tests
// the mail servers that the message speaks of.
var testMenu = bot.CommandSpec{
	Name:      "Test mail settings",
	LocalName: map[bot.Lang]string{"de": "Mail-Einstellungen testen"},
}

// shortcut finds the action of a command in the context menu of a message.
func shortcut(name string) (action string, ok bool) {
	for _, s := range bot.Shortcuts() {
		if s.Name["en"] == name {
			return s.Action, true
		}
	}
	return "", false
}

// command reads what was typed into a slash command. Its arguments are joined
// by blanks in the order of the command's table, whatever order they were
// typed in.
func (a *Adapter) command(d interactionData) *bot.Command {
	cmd := &bot.Command{Name: d.Name}
	spec := find(a.cfg.Surface.Commands, d.Name)
	given := d.Options
	var args []string
	if len(given) == 1 && given[0].Type == optionSub {
		spec = find(spec.Subs, given[0].Name)
		if given = given[0].Options; spec.Words != "" {
			args = append(args, spec.Words)
		}
	}
	for _, s := range spec.Options {
		for _, o := range given {
			v := strings.TrimSpace(o.text())
			switch {
			case o.Name != s.Name || v == "":
			case s.Kind == bot.OptionChannel:
				cmd.Channels = append(cmd.Channels, v)
			case s.Kind == bot.OptionRole:
				cmd.Roles = append(cmd.Roles, v)
			default:
				args = append(args, strings.TrimSpace(s.Word+" "+v))
			}
		}
	}
	cmd.Args = strings.Join(args, " ")
	return cmd
}

func find(specs []bot.CommandSpec, name string) bot.CommandSpec {
	for _, s := range specs {
		if s.Name == name {
			return s
		}
	}
	return bot.CommandSpec{}
}

// appCommand is a command as Discord registers it
// (discord.com/developers/docs/interactions/application-commands).
type appCommand struct {
	Type                     int               `json:"type"`
	Name                     string            `json:"name"`
	NameLocalizations        map[string]string `json:"name_localizations,omitempty"`
	Description              string            `json:"description,omitempty"`
	DescriptionLocalizations map[string]string `json:"description_localizations,omitempty"`
	Options                  []appOption       `json:"options,omitempty"`
	IntegrationTypes         []int             `json:"integration_types"`
	Contexts                 []int             `json:"contexts"`
}

type appOption struct {
	Type                     int               `json:"type"`
	Name                     string            `json:"name"`
	NameLocalizations        map[string]string `json:"name_localizations,omitempty"`
	Description              string            `json:"description"`
	DescriptionLocalizations map[string]string `json:"description_localizations,omitempty"`
	Required                 bool              `json:"required,omitempty"`
	Autocomplete             bool              `json:"autocomplete,omitempty"`
	Choices                  []appChoice       `json:"choices,omitempty"`
	MaxLength                int               `json:"max_length,omitempty"`
	ChannelTypes             []int             `json:"channel_types,omitempty"`
	Options                  []appOption       `json:"options,omitempty"`
}

type appChoice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// maxOptionLength is the longest argument that a person may type; more is no
// address and no question.
const maxOptionLength = 1000

// commandList is the whole list for registration: English names and texts,
// German ones for people whose client is German.
func commandList(specs []bot.CommandSpec) []appCommand {
	out := make([]appCommand, 0, len(specs)+2)
	for _, s := range specs {
		c := newCommand(commandSlash, s)
		c.Description, c.DescriptionLocalizations = s.Description["en"], german(s.Description)
		c.Options = newOptions(s)
		out = append(out, c)
	}
	out = append(out, newCommand(commandMessage, testMenu))
	for _, s := range bot.Shortcuts() {
		out = append(out, newCommand(commandMessage, bot.CommandSpec{Name: s.Name["en"], LocalName: s.Name}))
	}
	return out
}

// newOptions are a command's options, or its parts, which Discord has as
// options, too; a command with parts cannot be run without one.
func newOptions(s bot.CommandSpec) []appOption {
	var out []appOption
	for _, sub := range s.Subs {
		out = append(out, appOption{
			Type: optionSub, Name: sub.Name, NameLocalizations: german(sub.LocalName),
			Description: sub.Description["en"], DescriptionLocalizations: german(sub.Description), Options: newOptions(sub),
		})
	}
	if len(s.Subs) > 0 {
		return out
	}
	for _, o := range s.Options {
		out = append(out, newOption(o))
	}
	return out
}

func newCommand(kind int, s bot.CommandSpec) appCommand {
	return appCommand{
		Type: kind, Name: s.Name, NameLocalizations: german(s.LocalName),
		IntegrationTypes: []int{int(discordgo.ApplicationIntegrationGuildInstall)},
		Contexts:         []int{int(discordgo.InteractionContextGuild), int(discordgo.InteractionContextBotDM)},
	}
}

// Option types (discord.com/developers/docs/interactions/application-commands).
const (
	optionSub     = 1
	optionString  = 3
	optionChannel = 7
	optionRole    = 8
)

func newOption(o bot.OptionSpec) appOption {
	out := appOption{
		Type: optionString, Name: o.Name, NameLocalizations: german(o.LocalName),
		Description: o.Description["en"], DescriptionLocalizations: german(o.Description), Required: o.Required,
	}
	switch {
	case o.Kind == bot.OptionChannel: // where people write, threads aside
		out.Type, out.ChannelTypes = optionChannel, []int{channelText, channelAnnouncement, channelForum}
	case o.Kind == bot.OptionRole:
		out.Type = optionRole
	case len(o.Choices) > 0:
		for _, c := range o.Choices {
			out.Choices = append(out.Choices, appChoice{Name: c, Value: c})
		}
	default:
		out.MaxLength, out.Autocomplete = maxOptionLength, o.Suggest
	}
	return out
}

func german(m map[bot.Lang]string) map[string]string {
	if m["de"] == "" {
		return nil
	}
	return map[string]string{string(discordgo.German): m["de"]}
}
