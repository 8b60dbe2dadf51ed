package discord

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Types of the first response to an interaction.
const (
	respondPong       = 1
	respondMessage    = 4
	respondLater      = 5 // "thinking…", filled by an edit
	respondLaterQuiet = 6 // a button: nothing visible, messages follow
	respondChoices    = 8
	respondModal      = 9
)

const flagEphemeral = 1 << 6

// response is the first response to an interaction.
type response struct {
	Type int           `json:"type"`
	Data *responseData `json:"data,omitempty"`
}

type responseData struct {
	Flags           int                               `json:"flags,omitempty"`
	Content         string                            `json:"content,omitempty"`
	AllowedMentions *discordgo.MessageAllowedMentions `json:"allowed_mentions,omitempty"`
	Choices         *[]appChoice                      `json:"choices,omitempty"`
	CustomID        string                            `json:"custom_id,omitempty"`
	Title           string                            `json:"title,omitempty"`
	Components      []labelled                        `json:"components,omitempty"`
}

// respond sends the first response; over the gateway it is a call of its own,
// over HTTP it is the answer to the request.
type respond func(context.Context, response) error

// respondWithin is how long Discord waits for it
// (discord.com/developers/docs/interactions/receiving-and-responding).
const respondWithin = 3 * time.Second

// callback responds by a REST call that waits for no other one.
func (a *Adapter) callback(in interaction) respond {
	return func(ctx context.Context, r response) error {
		ctx, cancel := context.WithTimeout(ctx, respondWithin)
		defer cancel()
		return a.rest.do(ctx, call{
			method: "POST", path: "/interactions/" + in.ID + "/" + in.Token + "/callback", body: r, quick: true, open: true,
		})
	}
}

// interaction answers one. The first response goes out before anything else
// is done, because Discord waits for it three seconds only.
func (a *Adapter) interaction(act activity, in interaction, respond respond) {
	began := a.clock.now()
	first := func(ctx context.Context, r response) error {
		err := respond(ctx, r)
		if err == nil {
			a.watch.Acknowledged(platform, a.clock.now().Sub(began))
		}
		return err
	}
	if in.Type == interactionAutocomplete {
		a.suggest(act.life, in, first)
		return
	}
	if !a.seen.put(in.ID, struct{}{}) {
		a.watch.Received(platform, bot.ReceiptDuplicate)
		return
	}
	m, ok := a.interactionMessage(in)
	if !ok {
		a.stale(act, in, first)
		return
	}
	out := &interactionReply{adapter: a, in: in, fresh: true, expires: a.clock.now().Add(tokenLives)}
	if form, wants := a.form(act, in, m); wants {
		err := first(act.life, form)
		if err == nil || isCode(err, codeAlreadyAnswered) {
			return
		}
		a.log.Warn("a form was not opened", "error", err.Error())
		if m.Action.Ask { // nothing comes of it without the text
			return
		}
		out.handOver()
		a.answer(act, m, out)
		return
	}
	job, err := a.acceptOnce(act.life, bot.Event{Platform: platform, Tenant: in.GuildID, Keys: []string{in.ID}, Kind: kindInteraction, Payload: in.raw}, false)
	switch {
	case err != nil: // Discord tells nobody else, so nobody else answers
		a.log.Error("interaction not stored", "error", err.Error())
		a.unstored.put(in.ID, struct{}{})
		a.respondTo(act, in, first)
	case job != nil:
		a.errand(job).Attend(act.life, func(ctx context.Context) { a.respondTo(activity{act.handle, ctx}, in, first) })
	}
}

// respondTo answers an interaction that is no form.
func (a *Adapter) respondTo(act activity, in interaction, first respond) {
	m, ok := a.interactionMessage(in)
	if !ok {
		return
	}
	out := &interactionReply{adapter: a, in: in, fresh: true, expires: a.clock.now().Add(tokenLives)}
	if e := bot.ErrandOf(act.life); e != nil {
		out.expires = out.expires.Add(-e.Job.Received)
	}
	resp := response{Type: respondLater}
	switch {
	case in.Message != nil: // a button, or the modal that it opened
		resp.Type = respondLaterQuiet
	case quiet(m):
		resp.Data = &responseData{Flags: flagEphemeral}
		out.secret = true
	}
	out.deferred = resp.Type == respondLater
	switch err := first(act.life, resp); {
	case err == nil:
	case isCode(err, codeAlreadyAnswered): // another process of ours was faster
		return
	default:
		// Too late, or lost. The person asked nevertheless: answer as the bot user.
		a.log.Warn("the first response to an interaction failed; answering with a message", "error", err.Error())
		out.handOver()
	}
	a.answer(act, m, out)
	a.afterCommand(act, m, in)
}

// stale answers what means nothing here: a button of an older version or with a
// value that is gone, one on somebody else's message, a command of a kind that
// the bot does not have. Only the person sees it.
func (a *Adapter) stale(act activity, in interaction, first respond) {
	a.log.Warn("an interaction that means nothing here", "type", in.Type, "data_type", in.Data.Type)
	if in.Type != interactionCommand && in.Type != interactionComponent && in.Type != interactionModal {
		return
	}
	r := Render(bot.NoticeStale.Say(in.lang(), ""))
	err := first(act.life, response{Type: respondMessage, Data: &responseData{
		Flags: flagEphemeral, Content: r.Content, AllowedMentions: r.AllowedMentions,
	}})
	if err != nil {
		a.log.Warn("nor was that said", "error", err.Error())
	}
}

// quiet says which answers only the asker should see. It is settled before
// the answer is known: what the parts of /mailhelp say that are no question
// (help, status, administration) is of no interest to others. All else stands in the channel, where it
// belongs to the conversation; an Answer that turns out to be private is
// sent privately all the same, see interactionReply.
func quiet(m bot.Message) bool {
	switch {
	case m.Action != nil:
		return m.Action.ID == bot.ActionSave || m.Action.ID == bot.ActionLogin
	case m.Command == nil || m.Command.Name != "mailhelp":
		return false
	}
	word, _, _ := strings.Cut(strings.TrimSpace(m.Command.Args), " ")
	return word == "" || slices.ContainsFunc(find(bot.Commands(), "mailhelp").Subs, func(s bot.CommandSpec) bool {
		return s.Words != "" && s.Name == word
	})
}

// interactionMessage reads a command, a button or a form as a Message.
func (a *Adapter) interactionMessage(in interaction) (bot.Message, bool) {
	m := bot.Message{
		ID: in.ID, Platform: a.Name(), Tenant: in.GuildID, Channel: in.ChannelID, User: in.who(), Name: in.name(), Lang: in.lang(), Time: a.clock.now(),
		Direct: in.GuildID == "",
	}
	if l := langOf(in.Locale); l != "" {
		a.spoken.put(m.User, l)
	}
	if in.Member != nil {
		m.Admin, m.Groups = admin(in.Member.Permissions), in.Member.groups()
	}
	if in.Channel.thread() {
		m.Channel, m.Thread = in.Channel.ParentID, in.ChannelID
	}
	d := in.Data
	switch {
	case in.Type == interactionComponent || in.Type == interactionModal:
		return m, a.pressed(in, &m)
	case in.Type == interactionCommand && d.Type == commandMessage:
		said := plainText(d.Resolved.Messages[d.TargetID].Content, "")
		if action, ok := shortcut(d.Name); ok {
			m.Kind, m.Action, m.Text, m.On = bot.KindAction, &bot.Action{ID: action}, said, d.TargetID
		} else {
			m.Kind, m.Command = bot.KindCommand, &bot.Command{Name: "test", Args: said}
		}
	case in.Type == interactionCommand:
		m.Kind, m.Command = bot.KindCommand, a.command(d)
	default:
		return m, false
	}
	return m, true
}

// pressed reads a button, or the form that was sent.
func (a *Adapter) pressed(in interaction, m *bot.Message) bool {
	action, ok := a.readCustomID(in.Data.CustomID)
	if !ok || !a.ours(in.Message) {
		return false
	}
	m.Kind, m.Action = bot.KindAction, &action
	if in.Message != nil {
		m.On = in.Message.ID
	}
	if strings.HasPrefix(in.Data.CustomID, shortcutForm+"|") {
		m.On, action.Value = action.Value, ""
	}
	if in.Type == interactionModal {
		m.Text, m.Fields = filled(in.Data.Components)
		if action.Ask {
			m.Fields = nil
		} else {
			m.Text = ""
		}
	}
	return true
}

// ours says whether a button's message is one of the bot's. Discord sends no
// others; a modal that no button opened comes without a message.
func (a *Adapter) ours(m *message) bool {
	self := a.self.Load()
	return m == nil || self.user == "" || m.Author.ID == "" || m.Author.ID == self.user || m.Author.ID == self.app
}

// suggest completes what is being typed.
func (a *Adapter) suggest(ctx context.Context, in interaction, first respond) {
	choices := []appChoice{}
	i := slices.IndexFunc(in.Data.Options, func(o option) bool { return o.Focused })
	if i >= 0 && a.cfg.Surface.Suggest != nil {
		o := in.Data.Options[i]
		for _, s := range a.cfg.Surface.Suggest(ctx, in.Data.Name, o.Name, o.text(), in.lang()) {
			label, value := clip(oneLine(s.Label), maxChoice), oneLine(s.Value)
			if label == "" || value == "" || units(value) > maxChoice {
				continue // a shortened value would be another one
			}
			if choices = append(choices, appChoice{Name: label, Value: value}); len(choices) == maxChoices {
				break
			}
		}
	}
	if err := first(ctx, response{Type: respondChoices, Data: &responseData{Choices: &choices}}); err != nil {
		a.log.Info("suggestions came too late", "error", err.Error()) // the person has typed on
	}
}
