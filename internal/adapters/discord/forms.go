package discord

import (
	"context"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// labelled is a Label with an input in it
// (discord.com/developers/docs/components/reference#label).
type labelled struct {
	Type      int    `json:"type"`
	Label     string `json:"label"`
	Component any    `json:"component"`
}

type input struct {
	Type        int    `json:"type"`
	CustomID    string `json:"custom_id"`
	Style       int    `json:"style"`
	MaxLength   int    `json:"max_length"`
	Required    bool   `json:"required"`
	Value       string `json:"value,omitempty"`
	Placeholder string `json:"placeholder,omitempty"`
}

// selection is a choice of one value.
type selection struct {
	Type        int            `json:"type"`
	CustomID    string         `json:"custom_id"`
	Options     []selectOption `json:"options"`
	Required    bool           `json:"required"`
	Placeholder string         `json:"placeholder,omitempty"`
}

type selectOption struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// Component types, and the styles of a text input.
const (
	componentSelect = 3
	componentInput  = 4
	componentLabel  = 18
	styleShort      = 1
	styleParagraph  = 2
)

// formWithin is how long a form may take to make: the response that opens it
// is due within three seconds.
const formWithin = 2 * time.Second

// form is the response that opens a form, and whether the action wants one
// and gets one here.
func (a *Adapter) form(act activity, in interaction, m bot.Message) (response, bool) {
	if m.Action == nil || in.Type == interactionModal {
		return response{}, false
	}
	if m.Action.Ask {
		return askForm(in), true
	}
	if !bot.HasForm(m.Action.ID) || a.cfg.Surface.Form == nil {
		return response{}, false
	}
	ctx, cancel := context.WithTimeout(act.life, formWithin)
	defer cancel()
	f := a.cfg.Surface.Form(ctx, m)
	if f == nil {
		return response{}, false
	}
	id := in.Data.CustomID
	if id == "" { // out of the menu of a message, which is not sent along with the form
		id = shortcutForm + "|" + m.Action.ID + "|" + m.On
	}
	return renderForm(*f, id), true
}

// renderForm sets a Form as a modal.
func renderForm(f bot.Form, id string) response {
	d := &responseData{CustomID: id, Title: label(f.Title, maxModalTitle)}
	for _, x := range f.Fields[:min(len(f.Fields), maxInputs)] {
		d.Components = append(d.Components, labelled{componentLabel, label(x.Label, maxInputLabel), renderField(x)})
	}
	return response{Type: respondModal, Data: d}
}

func renderField(x bot.Field) any {
	id := clip(x.ID, maxCustomID)
	hint := clip(oneLine(x.Hint), maxPlaceholder)
	if options := renderChoices(x); len(options) > 0 {
		return selection{componentSelect, id, options, x.Required, hint}
	}
	most := x.Max
	if most <= 0 {
		most = 300
	}
	most = min(most, maxInput)
	in := input{componentInput, id, styleShort, most, x.Required, clip(tidy(x.Value), most), hint}
	if x.Long {
		in.Style = styleParagraph
	} else {
		in.Value = clip(oneLine(x.Value), most)
	}
	return in
}

func renderChoices(x bot.Field) []selectOption {
	var out []selectOption
	seen := map[string]bool{}
	for _, c := range x.Choices {
		if c.Value == "" || seen[c.Value] || units(c.Value) > maxChoice || len(out) == maxChoices {
			continue
		}
		seen[c.Value] = true
		out = append(out, selectOption{label(c.Label, maxChoice), c.Value, c.Value == x.Value})
	}
	return out
}

// label is text where Discord wants at least one character.
func label(s string, most int) string {
	if s = clip(oneLine(s), most); s == "" {
		return "…"
	}
	return s
}

// askForm asks for the text that an action wants. Title and label are those of
// the button, which Discord sends along with the message.
func askForm(in interaction) response {
	title := ""
	if in.Message != nil {
		for _, row := range in.Message.Components {
			row.walk(func(c component) {
				if c.CustomID == in.Data.CustomID && c.Label != "" {
					title = c.Label
				}
			})
		}
	}
	return renderForm(bot.Form{Title: title, Fields: []bot.Field{{
		ID: "text", Label: title, Long: true, Required: true, Max: maxOptionLength,
	}}}, in.Data.CustomID)
}

// filled is what a sent form holds: all of it as one text, and by field.
func filled(components []component) (text string, fields map[string]string) {
	fields = map[string]string{}
	for _, c := range components {
		c.walk(func(c component) {
			v := c.Value
			if len(c.Values) > 0 {
				v = c.Values[0]
			}
			if text += v; c.CustomID != "" {
				fields[c.CustomID] = v
			}
		})
	}
	return text, fields
}
