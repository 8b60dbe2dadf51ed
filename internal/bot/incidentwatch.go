package bot

import (
	"context"
	"strconv"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// WatchIncidents looks after open incidents until ctx ends. Of several
// processes one at a time does.
func (b *Bot) WatchIncidents(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-b.after(b.Incidents.recheck()):
		case <-ctx.Done():
			return
		}
		b.ReviewIncidents(ctx)
	}
}

// ReviewIncidents probes what is open, and changes or ends notices.
func (b *Bot) ReviewIncidents(ctx context.Context) {
	f := b.Incidents
	open, err := f.open(ctx, b.Now())
	if err != nil {
		b.Log.Error("incidents not read", "err", err)
		return
	}
	for _, inc := range open {
		// Half the time between two looks, so that the clocks of processes and
		// a late timer do not make one of them skip a turn.
		if ctx.Err() != nil || !b.mine(ctx, "review/"+f.name(inc.Place, inc.Provider), f.recheck()/2) {
			continue
		}
		b.review(ctx, inc, b.examine(ctx, inc.Provider))
	}
}

// review decides what a look at an incident changes.
func (b *Bot) review(ctx context.Context, inc incident, rep *diagnose.Report) {
	now, f := b.Now(), b.Incidents
	var shown *Answer
	say := func(a Answer) { shown = &a }
	_, err := f.change(ctx, inc, now, func(was incident) *incident {
		inc = was
		switch {
		case rep == nil:
		case failing(rep):
			if inc.Good = 0; !inc.Failing {
				inc.Failing = true
				say(b.notice(inc, rep))
			}
		default:
			inc.Good++
		}
		switch {
		case inc.Failing && inc.Good >= goodEnough, !inc.Failing && now.Sub(inc.Reported) >= f.quiet():
			say(b.allClear(inc, rep))
			return nil
		case now.Sub(inc.Since) >= f.longest():
			say(b.givenUp(inc))
			return nil
		}
		return &inc
	})
	if err != nil {
		b.Log.Error("incident not changed", "platform", inc.Place.Platform, "provider", inc.Provider, "err", err)
		return
	}
	if r, ok := b.Posters[inc.Place.Platform].(Reviser); ok && shown != nil {
		if err := r.Revise(ctx, inc.Place, inc.Post, *shown); err != nil {
			b.Log.Warn("notice not changed", "platform", inc.Place.Platform, "provider", inc.Provider, "err", err)
		}
	}
}

// notice is what the channel reads.
func (b *Bot) notice(inc incident, rep *diagnose.Report) Answer {
	v, p := b.speaker(inc)
	key := "incident.reports"
	if inc.Failing {
		key = "incident.fails"
	}
	a := v.answer(
		Heading{v.say("incident.title", "name", p)},
		Paragraph{Spans(T(v.say(key, "name", p, "since", v.clock(inc.Since), "people", strconv.Itoa(inc.People))))},
	)
	a.Blocks = append(a.Blocks, v.evidence(rep)...)
	a.Blocks = append(a.Blocks, v.statusPage(inc)...)
	a.Blocks = append(a.Blocks, Hint{Spans(T(v.say(key+".next", "checked", v.clock(b.Now()))))})
	a.Actions = []Action{{ID: ActionTest, Label: v.say("button.test"), Value: inc.Provider}}
	return a
}

// pointer is the answer to who reports what the notice says already.
func (v *view) pointer(inc *incident) Answer {
	p := v.book.Provider(inc.Provider)
	a := v.answer(Paragraph{Spans(T(v.say("incident.known", "name", p.Name, "since", v.clock(inc.Since))))})
	a.Blocks = append(a.Blocks, v.statusPage(*inc)...)
	a.Actions = []Action{
		{ID: ActionTest, Label: v.say("button.test"), Value: inc.Provider},
		{ID: ActionSettings, Label: v.say("button.settings"), Value: inc.Provider},
	}
	return a
}

// allClear ends an incident.
func (b *Bot) allClear(inc incident, rep *diagnose.Report) Answer {
	v, p := b.speaker(inc)
	key := "incident.quiet"
	if inc.Failing {
		key = "incident.over"
	}
	now := b.Now()
	a := v.answer(
		Heading{v.say("incident.clear", "name", p)},
		Paragraph{Spans(T(v.say(key, "name", p, "since", v.clock(inc.Since), "now", v.clock(now), "took", ago(now.Sub(inc.Since)))))},
	)
	a.Blocks = append(a.Blocks, v.evidence(rep)...)
	return a
}

// givenUp says that nobody looks any more.
func (b *Bot) givenUp(inc incident) Answer {
	v, p := b.speaker(inc)
	a := v.answer(
		Heading{v.say("incident.title", "name", p)},
		Paragraph{Spans(T(v.say("incident.givenup", "name", p, "since", inc.Since.In(b.Now().Location()).Format("2006-01-02 15:04 MST"))), Code("/test "+inc.Provider))},
	)
	a.Blocks = append(a.Blocks, v.statusPage(inc)...)
	return a
}

// speaker speaks the language of the incident, and knows the provider's name.
func (b *Bot) speaker(inc incident) (v *view, name string) {
	v = &view{bot: b, book: b.Book(), lang: firstLang(inc.Lang, "en")}
	name = inc.Provider
	if p := v.book.Provider(inc.Provider); p != nil {
		name = p.Name
	}
	return v, clip(name)
}

// evidence is what the probe has found.
func (v *view) evidence(rep *diagnose.Report) []Block {
	if rep == nil {
		return nil
	}
	var c Checks
	for _, e := range rep.Endpoints {
		c.Rows = append(c.Rows, v.endpointRow(rep, e))
	}
	return []Block{c}
}

// statusPage links the provider's own page, when it is known.
func (v *view) statusPage(inc incident) []Block {
	p := v.book.Provider(inc.Provider)
	if p == nil || p.Status == "" {
		return nil
	}
	return []Block{Paragraph{Spans(T(v.say("incident.page")), Link(p.Status, p.Status))}}
}

// clock is a time of day as both languages write it, in the zone of this
// machine, which it names: people may live in another one.
func (v *view) clock(t time.Time) string {
	return t.In(v.bot.Now().Location()).Format("15:04 MST")
}
