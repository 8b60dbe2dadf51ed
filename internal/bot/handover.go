package bot

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
)

// handOverAgain is how long after a hand-over that ended, because somebody
// spoke to the bot again, the group may be called again.
const handOverAgain = time.Hour

// forHuman is how people ask for a person: short, and about nothing else.
var forHuman = regexp.MustCompile(`(?i)^(?:(?:ich )?(?:möchte|moechte|will|würde gern|kann ich|bitte)(?: gern| bitte)? )?(?:mit )?(?:einem |einen )?(?:echten |richtigen )?(?:menschen?|mitarbeiter|kollegen|support-?mitarbeiter)(?: (?:sprechen|reden|schreiben|bitte|holen))?(?: bitte)?$` +
	`|^(?:i (?:want|would like|need)(?: to)? |can i |may i |please )?(?:(?:talk|speak) (?:to|with) )?(?:a |an )?(?:real |live )?(?:human|person|agent)(?: (?:please|now))?$`)

// wantsHuman reports whether a message asks for a person and for nothing else.
func wantsHuman(text string) bool {
	return len(text) < 100 && forHuman.MatchString(strings.Trim(strings.Join(strings.Fields(text), " "), " .!?"))
}

// handOver calls people: the configured group is told once, in the thread,
// with what is known; from then on the bot is silent there until it is
// spoken to.
func (v *view) handOver(ctx context.Context, m Message, yield func(Answer) bool) {
	b, place := v.bot, m.Place()
	group := b.group(ctx, place)
	switch {
	case m.alone() || m.Channel == "":
		yield(v.private("human.alone"))
		return
	case group == "":
		yield(v.private("human.nogroup"))
		return
	}
	now := b.Now()
	began, err := b.Store.BeginQuiet(ctx, place, quietHuman, now, now.Add(-handOverAgain))
	if err != nil {
		b.Log.Error("hand-over not kept", "platform", m.Platform, "err", err)
		yield(v.private("human.failed"))
		return
	}
	if !began {
		yield(v.private("human.again"))
		return
	}
	err = b.post(context.WithoutCancel(ctx), Announcement{
		To: place, Answer: v.summary(ctx, m), Notify: group,
		Key: "human/" + replyName(Message{Platform: m.Platform, Tenant: m.Tenant, ID: m.Channel + "/" + m.Thread + "/" + now.UTC().Format(time.RFC3339)}),
	})
	var no *Refused
	if !errors.As(err, &no) {
		yield(v.private("human.done"))
		return
	}
	if err := b.Store.EndQuiet(ctx, place); err != nil {
		b.Log.Error("silence not ended", "platform", m.Platform, "err", err)
	}
	yield(no.Notice.Say(v.lang, no.Detail))
}

// summary is what people need who take over: who it is about is in the thread.
func (v *view) summary(ctx context.Context, m Message) Answer {
	var list Steps
	add := func(key, value string) {
		if value != "" {
			list.Items = append(list.Items, Spans(Strong(v.say(key)+" "), T(value)))
		}
	}
	if p := v.book.Provider(v.conv.Provider); p != nil {
		add("human.provider", p.Name)
	} else {
		add("human.provider", clip(v.conv.Host+v.conv.Domain))
	}
	if c := v.book.Client(v.conv.Client); c != nil {
		add("human.client", c.NameIn(v.lang))
	}
	if a := v.book.Article(v.conv.Topic, v.lang); a != nil {
		add("human.topic", a.Title)
	}
	runs, err := v.bot.Store.Runs(ctx, m.Place())
	if err != nil {
		v.bot.Log.Error("tests not read", "platform", m.Platform, "err", err)
	}
	for _, r := range runs[:min(len(runs), 5)] {
		add("human.test", v.runLine(r))
	}
	if len(runs) == 0 {
		add("human.test", v.say("human.notests"))
	}
	return v.answer(Heading{v.say("human.title")}, list, Hint{Spans(T(v.say("human.quiet")))})
}
