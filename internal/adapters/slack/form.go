package slack

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// formView is the modal of an action's form.
const formView = "mailhelp_form"

// shortcutPrefix begins the callback id of a message shortcut; the action follows.
const shortcutPrefix = "mailhelp_"

// formOrigin is what a form remembers of where it was opened.
type formOrigin struct {
	origin
	Action string `json:"action"`
	Value  string `json:"value,omitempty"`
	On     string `json:"on,omitempty"`
}

// openForm shows the form of an action. Where there is none for this person,
// or Slack no longer opens one, the action is handed over as it is.
func (a *Adapter) openForm(ctx context.Context, in inbound, trigger string) {
	in.msg.Lang = a.language(ctx, in.to.user)
	m := in.msg
	m.Thread, _ = a.conversation(ctx, in.to.channel, in.to.thread)
	f := a.cfg.Surface.Form(ctx, m)
	if f == nil || !a.showForm(ctx, in, *f, trigger) {
		a.answer(ctx, in)
	}
}

func (a *Adapter) showForm(ctx context.Context, in inbound, f bot.Form, trigger string) bool {
	meta, err := json.Marshal(formOrigin{
		origin: origin{Channel: in.to.channel, Thread: in.to.thread, ResponseURL: in.to.responseURL, Lang: in.msg.Lang},
		Action: in.msg.Action.ID, Value: in.msg.Action.Value, On: in.msg.On,
	})
	if err != nil {
		return false
	}
	view := formModal(f)
	view.PrivateMetadata = string(meta)
	err = a.calmly(ctx, func() error {
		_, err := a.api.OpenViewContext(ctx, trigger, view)
		return err
	})
	if err != nil {
		a.log.Warn("form not opened", "code", errorCode(err))
	}
	return err == nil
}

// formModal is a form as Block Kit.
func formModal(f bot.Form) slack.ModalViewRequest {
	v := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formView,
		Title: plainText(cut(f.Title, maxModalTitle)), Submit: plainText(cut(f.Submit, maxModalTitle)),
	}
	for _, fd := range f.Fields {
		b := slack.NewInputBlock(fd.ID, plainText(fd.Label), nil, formInput(fd))
		b.Optional = !fd.Required
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, b)
	}
	return v
}

func formInput(fd bot.Field) slack.BlockElement {
	var hint *slack.TextBlockObject
	if fd.Hint != "" {
		hint = plainText(cut(fd.Hint, maxPlaceholder))
	}
	if len(fd.Choices) == 0 {
		t := slack.NewPlainTextInputBlockElement(hint, fd.ID)
		if t.MaxLength = min(fd.Max, maxInput); t.MaxLength <= 0 {
			t.MaxLength = 300
		}
		t.Multiline, t.InitialValue = fd.Long, cut(fd.Value, t.MaxLength)
		return t
	}
	var opts []*slack.OptionBlockObject
	var first *slack.OptionBlockObject
	for _, c := range fd.Choices[:min(len(fd.Choices), maxOptions)] {
		o := slack.NewOptionBlockObject(c.Value, plainText(cut(c.Label, maxButtonText)), nil)
		if c.Value == fd.Value {
			first = o
		}
		opts = append(opts, o)
	}
	s := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, hint, fd.ID, opts...)
	s.InitialOption = first
	return s
}

// formMessage is the action of a form that was sent; false means that the
// modal is another one.
func (a *Adapter) formMessage(p interactionPayload) (inbound, bool) {
	var o formOrigin
	if p.View.CallbackID != formView || json.Unmarshal([]byte(p.View.PrivateMetadata), &o) != nil || o.Channel == "" || o.Action == "" {
		return inbound{}, false
	}
	fields := map[string]string{}
	for _, block := range p.View.State.Values {
		for id, v := range block {
			fields[id] = strings.TrimSpace(v.Value + v.Selected.Value)
		}
	}
	direct := isDirect(o.Channel, "")
	in := inbound{
		msg: bot.Message{
			ID: "modal/" + p.View.ID, Platform: "slack", Tenant: p.Team.ID, Channel: o.Channel, User: p.User.ID, Name: p.User.Username, Kind: bot.KindAction,
			Action: &bot.Action{ID: o.Action, Value: o.Value}, On: o.On, Fields: fields, Direct: direct, Lang: o.Lang, Time: a.cfg.Now(),
		},
		to: target{channel: o.Channel, thread: o.Thread, user: p.User.ID, direct: direct, responseURL: o.ResponseURL, inThread: o.Thread != ""},
	}
	in.keys = []string{in.msg.ID}
	return in, true
}

// fromShortcut is the action of a message shortcut other than the test; false
// means that the bot has none by that name.
func (a *Adapter) fromShortcut(p interactionPayload) (inbound, bool) {
	id, ok := strings.CutPrefix(p.CallbackID, shortcutPrefix)
	if !ok || p.Channel.ID == "" {
		return inbound{}, false
	}
	for _, s := range bot.Shortcuts() {
		if s.Action != id {
			continue
		}
		ts := p.Message.TS
		if ts == "" {
			ts = p.MessageTS
		}
		direct := isDirect(p.Channel.ID, "")
		root := threadOf(direct, p.Message.ThreadTS, ts)
		in := inbound{
			msg: bot.Message{
				ID: "shortcut/" + p.TriggerID, Platform: "slack", Tenant: p.Team.ID, Channel: p.Channel.ID, User: p.User.ID, Name: p.User.Username, Kind: bot.KindAction,
				Action: &bot.Action{ID: id}, On: ts, Text: plain(p.Message.Text, a.me()), Direct: direct, Time: a.cfg.Now(),
			},
			to: target{channel: p.Channel.ID, thread: root, user: p.User.ID, direct: direct, responseURL: p.ResponseURL, inThread: root != ""},
		}
		in.keys = []string{in.msg.ID}
		return in, true
	}
	return inbound{}, false
}
