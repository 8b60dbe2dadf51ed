package discord

import (
	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// testMenu is the command in the context menu of a message ("Apps"): it tests
// the mail servers that the message speaks of.
var testMenu = bot.CommandSpec{
	Name:      "Test mail settings",
	LocalName: map[bot.Lang]string{"de": "Mail-Einstellungen testen"},
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
	out := make([]appCommand, 0, len(specs)+1)
	for _, s := range specs {
		c := newCommand(commandSlash, s)
		c.Description, c.DescriptionLocalizations = s.Description["en"], german(s.Description)
		for _, o := range s.Options {
			c.Options = append(c.Options, newOption(o))
		}
		out = append(out, c)
	}
	return append(out, newCommand(commandMessage, testMenu))
}

func newCommand(kind int, s bot.CommandSpec) appCommand {
	return appCommand{
		Type: kind, Name: s.Name, NameLocalizations: german(s.LocalName),
		IntegrationTypes: []int{int(discordgo.ApplicationIntegrationGuildInstall)},
		Contexts:         []int{int(discordgo.InteractionContextGuild), int(discordgo.InteractionContextBotDM)},
	}
}

func newOption(o bot.OptionSpec) appOption {
	out := appOption{
		Type: int(discordgo.ApplicationCommandOptionString), Name: o.Name, NameLocalizations: german(o.LocalName),
		Description: o.Description["en"], DescriptionLocalizations: german(o.Description),
		Required: o.Required, Autocomplete: o.Suggest && len(o.Choices) == 0,
	}
	for _, c := range o.Choices {
		out.Choices = append(out.Choices, appChoice{Name: c, Value: c})
	}
	if len(o.Choices) == 0 {
		out.MaxLength = maxOptionLength
	}
	return out
}

func german(m map[bot.Lang]string) map[string]string {
	if m["de"] == "" {
		return nil
	}
	return map[string]string{string(discordgo.German): m["de"]}
}
