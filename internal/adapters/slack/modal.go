package slack

import (
	"context"
	"encoding/json"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// testShortcut is the message shortcut, and the modal that it opens.
const testShortcut = "mailhelp_test"

// origin is what the modal remembers of the message that it was opened on.
type origin struct {
	Channel     string   `json:"channel"`
	Thread      string   `json:"thread"`
	ResponseURL string   `json:"response_url"`
	Lang        bot.Lang `json:"lang"`
}

// openTestModal answers the message shortcut: a modal that asks what to test,
// filled with what the message names. Its trigger ends after three seconds.
func (a *Adapter) openTestModal(ctx context.Context, p interactionPayload) {
	spec, ok := a.spec("test")
	if p.CallbackID != testShortcut || !ok || p.Channel.ID == "" {
		return
	}
	ts := p.Message.TS
	if ts == "" {
		ts = p.MessageTS
	}
	lang := a.language(ctx, p.User.ID)
	o := origin{
		Channel: p.Channel.ID, ResponseURL: p.ResponseURL, Lang: lang,
		Thread: threadOf(isDirect(p.Channel.ID, ""), p.Message.ThreadTS, ts),
	}
	if lang == "" {
		lang = "en"
	}
	meta, err := json.Marshal(o)
	if err != nil {
		return
	}
	view := testModal(spec, lang, a.guess(ctx, plain(p.Message.Text, a.me()), lang))
	view.PrivateMetadata = string(meta)
	err = a.calmly(ctx, func() error {
		_, err := a.api.OpenViewContext(ctx, p.TriggerID, view)
		return err
	})
	if err != nil {
		a.log.Warn("modal not opened", "code", errorCode(err))
	}
}

func (a *Adapter) me() string {
	if id := a.self.Load(); id != nil {
		return id.user
	}
	return ""
}

func (a *Adapter) spec(name string) (bot.CommandSpec, bool) {
	for _, c := range a.cfg.Surface.Commands {
		if c.Name == name {
			return c, true
		}
	}
	return bot.CommandSpec{}, false
}

// testModal builds the modal out of the command's table: an input for each
// option, free text or a choice.
func testModal(spec bot.CommandSpec, lang bot.Lang, guess string) slack.ModalViewRequest {
	title := spec.LocalName[lang]
	if title == "" {
		title = spec.Name
	}
	title = cut(capital(title), maxModalTitle)
	v := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: testShortcut, Title: plainText(title), Submit: plainText(title),
	}
	for i, o := range spec.Options {
		var in slack.BlockElement
		if len(o.Choices) > 0 {
			var opts []*slack.OptionBlockObject
			for _, c := range o.Choices {
				opts = append(opts, slack.NewOptionBlockObject(c, plainText(c), nil))
			}
			in = slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, o.Name, opts...)
		} else {
			t := slack.NewPlainTextInputBlockElement(nil, o.Name)
			t.MaxLength = 300
			if i == 0 {
				t.InitialValue = guess
			}
			in = t
		}
		b := slack.NewInputBlock(o.Name, plainText(o.Description[lang]), nil, in)
		b.Optional = !o.Required
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, b)
	}
	return v
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// receiveModal takes the sent modal and runs the test in the message's thread.
func (a *Adapter) receiveModal(ar *arrival, p interactionPayload) verdict {
	if in, ok := a.formMessage(p); ok {
		return a.queue(ar, in.msg.Tenant, in.keys, func(ctx context.Context) { a.answer(ctx, in) })
	}
	var o origin
	if p.View.CallbackID != testShortcut || json.Unmarshal([]byte(p.View.PrivateMetadata), &o) != nil || o.Channel == "" {
		return taken
	}
	spec, _ := a.spec("test")
	var args []string
	for _, opt := range spec.Options {
		v := p.View.State.Values[opt.Name][opt.Name]
		args = append(args, strings.TrimSpace(v.Value+v.Selected.Value))
	}
	in := inbound{
		msg: bot.Message{
			ID: "modal/" + p.View.ID, Platform: "slack", Tenant: p.Team.ID, Channel: o.Channel, User: p.User.ID, Kind: bot.KindCommand,
			Command: &bot.Command{Name: spec.Name, Args: strings.TrimSpace(strings.Join(args, " "))}, Lang: o.Lang, Time: a.cfg.Now(),
		},
		to: target{channel: o.Channel, thread: o.Thread, user: p.User.ID, direct: isDirect(o.Channel, ""), responseURL: o.ResponseURL},
	}
	return a.queue(ar, in.msg.Tenant, []string{in.msg.ID}, func(ctx context.Context) { a.answer(ctx, in) })
}

// maxGuessWords bounds the search for a provider in a message.
const maxGuessWords = 60

// guess is the provider, domain or server that a message names, or "": the
// domain of an address, a host name, or a word that is a provider's name. The
// part of an address before the @ is not repeated.
func (a *Adapter) guess(ctx context.Context, text string, lang bot.Lang) string {
	words := strings.FieldsFunc(fitting(text), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(`,;:!?()<>"'„“”`, r)
	})
	words = words[:min(len(words), maxGuessWords)]
	for _, w := range words {
		if ad, err := mail.ParseAddress(w); err == nil {
			return ad.Address[strings.LastIndexByte(ad.Address, '@')+1:]
		}
	}
	for _, w := range words {
		if h := hostInText.FindString(w); h != "" && h == strings.TrimRight(w, ".") {
			return h
		}
	}
	if a.cfg.Surface.Suggest == nil {
		return ""
	}
	for _, w := range words {
		if utf8.RuneCountInString(w) < 3 {
			continue
		}
		for _, s := range a.cfg.Surface.Suggest(ctx, "test", "target", w, lang) {
			if strings.EqualFold(s.Value, w) || strings.EqualFold(s.Label, w) {
				return s.Value
			}
		}
	}
	return ""
}
