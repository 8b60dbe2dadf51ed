package bot

import (
	"cmp"
	"context"
	"slices"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// sinceLast says what has changed since the same test in this thread, and
// keeps this one for the next. It is nil where nothing is remembered.
func (v *view) sinceLast(ctx context.Context, q query, r *diagnose.Report) Block {
	m := v.from
	if m.Channel == "" {
		return nil
	}
	now := TestRun{Target: actionValue(q), Verdict: string(r.Verdict), At: v.bot.Now()}
	if r.Cause != nil {
		now.Cause = string(*r.Cause)
	}
	ctx = context.WithoutCancel(ctx)
	before, ok, err := v.bot.Store.Run(ctx, m.Place(), now.Target)
	if err != nil {
		v.bot.Log.Error("test not read", "platform", m.Platform, "err", err)
	}
	if err := v.bot.Store.SaveRun(ctx, m.Place(), now); err != nil {
		v.bot.Log.Error("test not kept", "platform", m.Platform, "err", err)
	}
	if !ok {
		return nil
	}
	age := ago(now.At.Sub(before.At))
	if before.Verdict == now.Verdict && before.Cause == now.Cause {
		return Paragraph{Spans(T(v.say("test.before.same", "age", age)))}
	}
	return Paragraph{Spans(T(v.say("test.before", "age", age, "cause", v.outcome(before))))}
}

// outcome is the outcome of a test in a few words.
func (v *view) outcome(r TestRun) string {
	if r.Cause == "" {
		return v.say("test.before.ok")
	}
	return v.causeTitle(diagnose.Cause(r.Cause))
}

// runLine is a test for people who take over.
func (v *view) runLine(r TestRun) string {
	return "/test " + r.Target + ": " + v.outcome(r)
}

// otherProtocol offers the test of a protocol that was left out, when the
// provider has a server for it.
func (v *view) otherProtocol(q query, r *diagnose.Report) *Action {
	if q.Provider == nil || q.Host != "" || len(q.Protocols) == 0 {
		return nil
	}
	for _, p := range []mailconf.Protocol{mailconf.IMAP, mailconf.SMTP, mailconf.POP3} {
		tested := slices.ContainsFunc(r.Endpoints, func(e diagnose.EndpointReport) bool { return e.Protocol == p })
		has := slices.ContainsFunc(q.Provider.Servers, func(s knowledge.Server) bool { return s.Protocol == p })
		if tested || !has {
			continue
		}
		q.Protocols = []mailconf.Protocol{p}
		return &Action{ID: ActionTest, Label: v.say("button.other", "protocol", protocolName(p)), Value: actionValue(q)}
	}
	return nil
}

// guideButton offers the way to the settings in the asker's mail program, or
// to choose that program, when the test found something to change.
func (v *view) guideButton(r *diagnose.Report) *Action {
	if r.Cause == nil {
		return nil
	}
	if c := v.book.Client(v.conv.Client); c != nil && len(c.Guides) > 0 {
		return &Action{ID: ActionGuide, Label: v.say("button.guide", "name", c.NameIn(v.lang)), Value: c.ID}
	}
	return &Action{ID: ActionGuide, Label: v.say("button.guide.any")}
}

// offeredClients are the mail programs to choose from: the ones most asked about.
var offeredClients = []string{"outlook", "new-outlook", "thunderbird", "apple-mail", "ios-mail", "android-gmail", "samsung-mail"}

// guideAnswer is the way to the settings in a mail program; an unknown one asks which.
func (v *view) guideAnswer(_ context.Context, client string) Answer {
	c := v.book.Client(client)
	if c == nil {
		a := v.answer(Paragraph{Spans(T(v.say("guide.which")))})
		for _, id := range offeredClients {
			if c := v.book.Client(id); c != nil && len(c.Guides) > 0 {
				a.Actions = append(a.Actions, Action{ID: ActionGuide, Label: c.NameIn(v.lang), Value: c.ID})
			}
		}
		return a
	}
	v.conv.Client = c.ID
	if guideTasks[v.conv.Topic] == "" {
		if own, ok := v.section(v.conv.Topic, c.ID); ok {
			return own
		}
	}
	in := knowledge.Intent{Topic: guideTopic(v.conv)}
	blocks := append(v.clientStatus(c.ID), v.guideFor(in, c.ID, v.recall(query{}))...)
	if len(blocks) == 0 {
		in.Topic = "manual-server-settings"
		blocks = v.guideFor(in, c.ID, v.recall(query{}))
	}
	if len(blocks) == 0 {
		return v.answer(Paragraph{Spans(T(v.say("guide.none", "name", c.NameIn(v.lang))))})
	}
	v.ratable(cmp.Or(v.conv.Topic, in.Topic))
	return v.answer(blocks...)
}

// guideTopic is which of a mail program's ways the thread asks for: the
// outgoing server where it is about sending, the certificate where that is
// what was found, else the incoming one.
func guideTopic(c Conversation) string {
	if guideTasks[c.Topic] != "" {
		return c.Topic
	}
	switch {
	case c.Cause == string(diagnose.CauseCertHostnameMismatch):
		return "hostname-mismatch"
	case c.Protocol == mailconf.SMTP:
		return "smtp-auth-required"
	}
	return "which-port"
}
