package discord

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// A custom_id tells what a button stands for. It has one of two forms:
//
//	a|ID|VALUE   the action itself, whenever that fits into 100 bytes; it
//	             works for ever and after any number of restarts
//	k|ID|KEY     the value is too long: KEY is a hash of it, and the value
//	             lies in the Memory for keepButtons. A later press is told
//	             that the button is too old; nothing is guessed.
//
//	s|ID|TARGET  an action out of a message's menu, whose form is open; TARGET
//	             is that message
//
// In capitals they stand for an action that asks for a text first.
const (
	selfContained = "a"
	keyed         = "k"
	shortcutForm  = "s"
)

// buttons renders actions as rows of buttons, at most 25, and returns the
// actions that are only keys.
func buttons(actions []bot.Action) ([]discordgo.MessageComponent, map[string]bot.Action) {
	rows := []discordgo.MessageComponent{}
	keys := map[string]bot.Action{}
	seen := map[string]bool{}
	var row []discordgo.MessageComponent
	flush := func() {
		if len(row) > 0 {
			rows = append(rows, discordgo.ActionsRow{Components: row})
			row = nil
		}
	}
	for _, a := range actions {
		id := customID(a)
		if seen[id] { // Discord refuses a message in which two components share an id
			continue
		}
		if len(seen) == maxRows*maxRowButtons {
			break
		}
		seen[id] = true
		if strings.EqualFold(id[:1], keyed) {
			keys[id] = bot.Action{ID: a.ID, Value: a.Value, Ask: a.Ask}
		}
		row = append(row, discordgo.Button{Label: buttonLabel(a), Style: buttonStyle(a.Style), CustomID: id})
		if len(row) == maxRowButtons {
			flush()
		}
	}
	flush()
	return rows, keys
}

func buttonLabel(a bot.Action) string {
	for _, s := range []string{a.Label, a.ID} {
		if s = clip(oneLine(s), maxLabel); s != "" {
			return s
		}
	}
	return "…"
}

func buttonStyle(style string) discordgo.ButtonStyle {
	switch style {
	case "primary":
		return discordgo.PrimaryButton
	case "danger":
		return discordgo.DangerButton
	}
	return discordgo.SecondaryButton
}

// customID is the id of an action's button.
func customID(a bot.Action) string {
	id := form(selfContained, a) + "|" + a.ID + "|" + a.Value
	if len(id) <= maxCustomID && utf8.ValidString(id) && !strings.Contains(a.ID, "|") {
		return id
	}
	sum := sha256.Sum256([]byte(a.ID + "\x00" + a.Value))
	name := a.ID
	if len(name) > 40 || strings.Contains(name, "|") || !utf8.ValidString(name) {
		name = ""
	}
	return form(keyed, a) + "|" + name + "|" + base64.RawURLEncoding.EncodeToString(sum[:18])
}

func form(letter string, a bot.Action) string {
	if a.Ask {
		return strings.ToUpper(letter)
	}
	return letter
}

// keepButtons is how long a button whose value is long works.
const keepButtons = 30 * 24 * time.Hour

// keepKeys puts the values of buttons into the Memory.
func (a *Adapter) keepKeys(keys map[string]bot.Action) {
	for id, action := range keys {
		a.keep("button/"+id, action, keepButtons)
	}
}

// readCustomID is the action behind a custom_id; ok is false when it is none
// of ours, or one whose value is gone.
func (a *Adapter) readCustomID(id string) (action bot.Action, ok bool) {
	form, rest, _ := strings.Cut(id, "|")
	name, value, ok := strings.Cut(rest, "|")
	letter := strings.ToLower(form)
	switch {
	case !ok || !utf8.ValidString(id):
		return bot.Action{}, false
	case (letter == selfContained || form == shortcutForm) && name != "":
		return bot.Action{ID: name, Value: value, Ask: form != letter}, true
	case letter == keyed:
		ok = a.kept("button/"+id, &action)
		return action, ok && action.ID != ""
	}
	return bot.Action{}, false
}
