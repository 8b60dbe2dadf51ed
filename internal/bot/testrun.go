package bot

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// runTest probes what q names, showing progress, and ends in the report.
func (v *view) runTest(ctx context.Context, q query, yield func(Answer) bool) {
	v.lang = firstLang(v.lang, "en")
	if q.empty() {
		yield(v.answer(Paragraph{Spans(T(v.say("test.which")), Code("/test gmx"), T(", "), Code("/test imap.example.org"))}))
		return
	}
	if v.bot.unknownDomain(q) {
		found, lim, ok := v.bot.search(ctx, v.from, v.book, q, func(q query) bool { return yield(v.searchingAnswer(q)) })
		switch {
		case lim != nil:
			yield(v.limitedAnswer(*lim, "/test", q))
			return
		case !ok:
			return
		}
		q = found
	}
	t, bad := target(q)
	switch {
	case q.BadPort != "":
		yield(v.answer(Paragraph{Spans(T(v.say("test.badport", "port", clip(bad))))}))
		return
	case bad != "":
		yield(v.unknownAnswer(q))
		return
	case len(t.Endpoints) == 0 && q.Found != nil:
		yield(v.foundAnswer(q))
		return
	case len(t.Endpoints) == 0:
		a := v.answer(Paragraph{Spans(T(v.say("test.noservers", "name", clip(t.Name))))})
		a.Blocks = append(a.Blocks, v.conditions(q.Provider, nil, q.Protocols)...)
		yield(a)
		return
	}
	v.probe(ctx, q, t, yield)
}

// probe runs the test of t. Over a chat platform it keeps to the limits and
// shares runs; the terminal belongs to the one who sits at it.
func (v *view) probe(ctx context.Context, q query, t diagnose.Target, yield func(Answer) bool) {
	if v.from.Platform == platformConsole {
		r, ok := v.follow(ctx, t, v.bot.Prober.Probe(ctx, t), yield)
		v.conclude(ctx, q, t, r, ok, yield)
		return
	}
	run, kept, lim := v.bot.watch(ctx, v.from, t)
	if lim != nil {
		yield(v.limitedAnswer(*lim, "/test", q))
		return
	}
	l := &v.bot.limits
	defer l.leave(run)
	if kept {
		r, ended := l.outcome(run)
		yield(v.repeated(q, t, r, v.bot.Now().Sub(ended)))
		v.foundFailing(ctx, q, r)
		return
	}
	_, ok := v.follow(ctx, t, l.watching(ctx, run), yield)
	r, _ := l.outcome(run)
	if ok && r == nil && ctx.Err() == nil {
		yield(v.limitedAnswer(limited{kind: "busy", wait: maxWait}, "/test", q))
		return
	}
	v.conclude(ctx, q, t, r, ok, yield)
}

// follow shows the progress of a run and returns its report, if that is among
// the steps. ok is false when nobody listens any more.
func (v *view) follow(ctx context.Context, t diagnose.Target, steps iter.Seq[diagnose.Step], yield func(Answer) bool) (r *diagnose.Report, ok bool) {
	p := newProgress(t.Endpoints)
	if !yield(v.progressAnswer(t, p)) {
		return nil, false
	}
	for step := range steps {
		if r = step.Report; r != nil || ctx.Err() != nil {
			continue
		}
		if p.apply(step) && !yield(v.progressAnswer(t, p)) {
			return nil, false
		}
	}
	return r, true
}

// conclude ends in the report of a run, or says that it was cancelled.
func (v *view) conclude(ctx context.Context, q query, t diagnose.Target, r *diagnose.Report, ok bool, yield func(Answer) bool) {
	switch {
	case !ok:
	case ctx.Err() != nil || r == nil:
		yield(v.aborted("/test " + actionValue(q)))
	default:
		v.bot.doubt(ctx, q, r)
		v.bot.Record(ctx, r)
		a := v.reportAnswer(q, t, r)
		if since := v.sinceLast(ctx, q, r); since != nil {
			a.Blocks = slices.Insert(a.Blocks, min(2, len(a.Blocks)), since)
		}
		yield(a)
		v.foundFailing(ctx, q, r)
	}
}

// repeated is the report of a run that ended age ago, and says so.
func (v *view) repeated(q query, t diagnose.Target, r *diagnose.Report, age time.Duration) Answer {
	a := v.reportAnswer(q, t, r)
	a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("test.repeated", "age", ago(age), "wait", roughly(resultAge-age))))})
	return a
}

// progress is what is known of each endpoint while a run is under way.
type progress struct {
	endpoints []mailconf.Endpoint
	last      map[mailconf.Endpoint]diagnose.Step
}

func newProgress(eps []mailconf.Endpoint) *progress {
	return &progress{endpoints: eps, last: make(map[mailconf.Endpoint]diagnose.Step)}
}

// apply takes in a step and reports whether it shows.
func (p *progress) apply(s diagnose.Step) bool {
	if s.Kind == diagnose.StepVersions || !slices.Contains(p.endpoints, s.Endpoint) {
		return false
	}
	if old, ok := p.last[s.Endpoint]; ok && old.Status == diagnose.StatusFail {
		return false
	}
	p.last[s.Endpoint] = s
	return true
}

func (v *view) progressAnswer(t diagnose.Target, p *progress) Answer {
	var c Checks
	for _, e := range p.endpoints {
		row := Check{State: CheckRunning, Word: v.say("state.running"), Label: v.endpointLabel(e)}
		if s, ok := p.last[e]; ok {
			row.Detail = Spans(T(v.say("step." + string(s.Kind))))
			if s.Status == diagnose.StatusFail || s.Kind == diagnose.StepVerdict {
				row.State = CheckState(s.Status)
				row.Word = v.say("state." + string(s.Status))
				row.Detail = v.causeDetail(s.Cause)
			}
		}
		c.Rows = append(c.Rows, row)
	}
	a := v.answer(Heading{v.say("test.title", "name", clip(t.Name))}, c)
	a.Partial = true
	return a
}

func (v *view) causeDetail(c diagnose.Cause) []Span {
	if c == "" {
		return nil
	}
	return Spans(T(v.causeTitle(c)))
}

func (v *view) causeTitle(c diagnose.Cause) string {
	if t, ok := seenTexts[c]; ok && t.title != (text{}) {
		return t.title.in(v.lang)
	}
	if k := v.book.Cause(string(c)); k != nil {
		return k.Title.In(v.lang)
	}
	return v.say("test.unknowncause", "code", string(c))
}

func (v *view) endpointLabel(e mailconf.Endpoint) string {
	return protocolName(e.Protocol) + " " + portString(e.Port) + " " + v.security(e.Security) + " · " + clip(e.Host)
}

// reportAnswer explains a finished run: the verdict first, then the endpoints,
// then the one next step.
func (v *view) reportAnswer(q query, t diagnose.Target, r *diagnose.Report) Answer {
	if v.sight != nil {
		return v.vantageAnswer(q, r)
	}
	a := v.answer(Heading{v.say("test.title", "name", clip(t.Name))})
	a.Blocks = append(a.Blocks, v.verdict(r)...)
	var rows Checks
	for _, e := range r.Endpoints {
		rows.Rows = append(rows.Rows, v.endpointRow(r, e))
	}
	a.Blocks = append(a.Blocks, rows)
	meant := v.meantHost(q, r)
	if meant.Host != "" {
		a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("test.meant")), Code(meant.Host), T("?"))})
		a.Actions = append(a.Actions, Action{ID: ActionTest, Label: v.say("button.testhost", "host", clip(meant.Host)), Value: actionValue(meant), Style: "primary"})
	}
	a.Blocks = append(a.Blocks, v.nextSteps(q, t, r)...)
	a.Blocks = append(a.Blocks, v.notes(r)...)
	a.Blocks = append(a.Blocks, v.forOperator(q, r)...)
	again := Action{ID: ActionTest, Label: v.say("button.again"), Value: actionValue(q)}
	if meant.Host == "" {
		again.Style = "primary"
	}
	a.Actions = append(a.Actions, again)
	if _, ok := v.bot.pageTarget(v.book, q, t); ok && r.Verdict != diagnose.VerdictFail && t.Login == nil {
		a.Actions = append(a.Actions, Action{ID: ActionLogin, Label: v.say("button.login"), Value: actionValue(q)})
	}
	if other := v.otherProtocol(q, r); other != nil {
		a.Actions = append(a.Actions, *other)
	}
	if guide := v.guideButton(r); guide != nil {
		a.Actions = append(a.Actions, *guide)
	}
	if q.Provider != nil {
		a.Data = &Data{Provider: q.Provider.ID}
		a.Actions = append(a.Actions, Action{ID: ActionSettings, Label: v.say("button.settings"), Value: actionValue(q)})
	}
	a.Actions = append(a.Actions, Action{ID: ActionLocal, Label: v.say("button.local"), Value: actionValue(q)})
	if r.Cause != nil {
		v.conv.Cause = string(*r.Cause)
	}
	return a
}

// meantHost asks for the known server that a name without an address most
// likely stands for; its Host is "" when none is near.
func (v *view) meantHost(q query, r *diagnose.Report) query {
	if r.Cause == nil || *r.Cause != diagnose.CauseDNSFailure && *r.Cause != diagnose.CauseDNSNoAddress {
		return query{}
	}
	for _, e := range r.Endpoints {
		if e.Cause == nil || *e.Cause != *r.Cause {
			continue
		}
		if known, edits := v.book.Nearest(e.Host); edits > 0 {
			return query{Host: known, Port: q.Port, Protocols: q.Protocols}
		}
	}
	return query{}
}

// working lists the protocols that have a sound endpoint.
func (v *view) working(r *diagnose.Report) string {
	var out []string
	for _, p := range protocolOrder {
		if slices.ContainsFunc(r.Endpoints, func(e diagnose.EndpointReport) bool {
			return e.Protocol == p && e.Verdict != diagnose.VerdictFail
		}) {
			out = append(out, protocolName(p))
		}
	}
	return strings.Join(out, ", ")
}

// ExplainReport is the Answer to a finished run outside a conversation, as
// `mailhelpbot test` prints it at the time at. It ends in the report's code.
func ExplainReport(book *knowledge.Book, lang Lang, t diagnose.Target, args string, r *diagnose.Report, at time.Time) Answer {
	v := &view{book: book, lang: firstLang(lang, "en")}
	a := v.reportAnswer(parseQuery(book, args), t, r)
	a.Blocks = append(a.Blocks, v.times(r)...)
	if code := r.Sight(at).Code(); code != "" && tellsOfServers(r) {
		a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("code.paste")), Code(code))})
	}
	return a
}

// tellsOfServers reports whether a run has looked at a server at all.
func tellsOfServers(r *diagnose.Report) bool {
	return slices.ContainsFunc(r.Endpoints, func(e diagnose.EndpointReport) bool {
		return e.Cause == nil || *e.Cause != diagnose.CauseBadInput && *e.Cause != diagnose.CauseTargetBlocked && *e.Cause != diagnose.CauseNotMailPort
	})
}
