package bot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
)

// Reasons are why an answer did not help, as codes; their words are the texts
// "reason.CODE".
func Reasons() []string { return []string{"wrong", "tried", "program", "unclear", "other"} }

// replyName names the answer to m in buttons: the same message always gives
// the same name, and the name tells nothing.
func replyName(m Message) string {
	h := sha256.Sum256([]byte(m.Platform + "\x00" + m.Tenant + "\x00" + m.original()))
	return base64.RawURLEncoding.EncodeToString(h[:12])
}

// finish adds to an answer what people can do with it, and keeps what it was about.
func (v *view) finish(ctx context.Context, a Answer) Answer {
	m := v.from
	if !v.rated || a.Partial || a.Private || a.Retract || m.Platform == platformConsole || m.Channel == "" || m.ID == "" {
		return a
	}
	r := Reply{
		Place: m.Place(), Name: replyName(m), Asker: m.User, Unasked: v.unasked,
		Topic: v.about, Provider: v.conv.Provider, At: v.bot.Now(),
	}
	if err := v.bot.Store.SaveReply(context.WithoutCancel(ctx), r); err != nil {
		v.bot.Log.Error("answer not kept", "platform", m.Platform, "err", err)
		return a // its buttons would lead nowhere
	}
	actions := slices.Clone(a.Actions)
	actions = append(actions,
		Action{ID: ActionHelped, Label: v.say("button.helped"), Value: r.Name},
		Action{ID: ActionNotHelped, Label: v.say("button.nothelped"), Value: r.Name})
	if !m.alone() && v.bot.group(ctx, r.Place) != "" {
		actions = append(actions, Action{ID: ActionHuman, Label: v.say("button.human"), Value: r.Name})
	}
	if v.unasked || m.Kind == KindAction && !m.alone() {
		actions = append(actions, Action{ID: ActionDismiss, Label: v.say("button.dismiss"), Value: r.Name})
	}
	a.Actions = actions
	return a
}

// pressed answers the buttons that answers carry besides those that ask
// something; false means that the action is another one.
func (v *view) pressed(ctx context.Context, m Message, yield func(Answer) bool) bool {
	v.lang = firstLang(v.conv.Lang, m.Lang, "en")
	switch m.Action.ID {
	case ActionHelped, ActionNotHelped, ActionDismiss:
		v.rate(ctx, m, yield)
	case ActionHuman:
		v.handOver(ctx, m, yield)
	case ActionSave:
		yield(v.saveTaught(ctx, m))
	case ActionErase:
		yield(v.erase(ctx, m))
	case ActionGuide:
		yield(v.guideAnswer(ctx, m.Action.Value))
	case ActionTest, ActionLogin, ActionSettings, ActionAsk, ActionLocal:
		return false
	default:
		yield(v.private("action.unknown"))
	}
	v.intent = cmp.Or(v.intent, "button")
	return true
}

// knownReply is the answer that a button belongs to, if there is one in this place.
func (v *view) knownReply(ctx context.Context, m Message) (Reply, bool) {
	r, ok, err := v.bot.Store.Reply(ctx, m.Platform, m.Tenant, m.Action.Value)
	if err != nil {
		v.bot.Log.Error("answer not read", "platform", m.Platform, "err", err)
	}
	return r, ok && r.Channel == m.Channel
}

func (v *view) rate(ctx context.Context, m Message, yield func(Answer) bool) {
	r, ok := v.knownReply(ctx, m)
	if !ok {
		yield(v.private("action.unknown"))
		return
	}
	f := Feedback{Platform: m.Platform, Tenant: m.Tenant, Reply: r.Name, User: m.User, At: v.bot.Now()}
	switch m.Action.ID {
	case ActionHelped:
		f.Verdict = FeedbackHelped
	case ActionNotHelped:
		f.Verdict, f.Reason = FeedbackNotHelped, v.reasonOf(m)
	case ActionDismiss:
		if m.User != r.Asker {
			if no := v.refuse(ctx, m, rankAgent, "refuse.dismiss"); no != nil {
				yield(*no)
				return
			}
		}
		f.Verdict = FeedbackDismissed
	}
	v.bot.observer().Feedback(m.Platform, string(f.Verdict))
	if err := v.bot.Store.SaveFeedback(ctx, f); err != nil {
		v.bot.Log.Error("feedback not kept", "platform", m.Platform, "err", err)
	}
	if f.Verdict == FeedbackDismissed {
		yield(Answer{Retract: true})
		return
	}
	a := v.private("feedback." + string(f.Verdict))
	if f.Verdict == FeedbackNotHelped {
		if !m.alone() && v.bot.group(ctx, m.Place()) != "" {
			a.Actions = append(a.Actions, Action{ID: ActionHuman, Label: v.say("button.human"), Value: r.Name, Style: "primary"})
		}
		a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("feedback.next")))})
	}
	yield(a)
}

// reasonOf is the reason that a form or a person's own words give.
func (v *view) reasonOf(m Message) string {
	said := strings.TrimSpace(m.Fields["reason"])
	for _, code := range Reasons() {
		if said == code || strings.EqualFold(said, say("de", "reason."+code)) || strings.EqualFold(said, say("en", "reason."+code)) {
			return code
		}
	}
	if said != "" {
		return "other"
	}
	return ""
}

// Form is the FormFunc.
func (b *Bot) Form(ctx context.Context, m Message) *Form {
	if m.Action == nil {
		return nil
	}
	m = b.withLang(ctx, m)
	conv := b.recall(ctx, m)
	v := &view{bot: b, mind: b.mindOf(m.Place()), conv: conv, from: m, lang: firstLang(conv.Lang, m.Lang, "en")}
	v.book = v.mind.book
	switch m.Action.ID {
	case ActionNotHelped:
		if _, ok := v.knownReply(ctx, m); !ok {
			return nil
		}
		return v.reasonForm()
	case ActionSave:
		if v.refuse(ctx, m, rankAgent, "refuse.agent") != nil {
			return nil
		}
		return v.teachForm(m)
	}
	return nil
}

func (v *view) reasonForm() *Form {
	var choices []Suggestion
	for _, code := range Reasons() {
		choices = append(choices, Suggestion{Label: v.say("reason." + code), Value: code})
	}
	return &Form{
		Lang: v.lang, Title: v.say("reason.title"), Submit: v.say("reason.send"),
		Fields: []Field{{ID: "reason", Label: v.say("reason.label"), Required: true, Choices: choices}},
	}
}
