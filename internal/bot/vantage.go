package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// codeOld is the age from which a report code is said to be old: networks and
// servers are other ones the next day.
const codeOld = 24 * time.Hour

// fromCode answers a message that holds a report code, which `mailhelpbot test`
// printed on the person's own computer: the same servers are probed from here
// and the two are held against each other. It reports whether there was a code.
func (v *view) fromCode(ctx context.Context, text string, yield func(Answer) bool) bool {
	s, found, err := diagnose.ReadCode(text)
	if !found {
		return false
	}
	v.lang = firstLang(v.lang, v.bot.understand(Message{Kind: KindDirect, Text: text}, v.conv, v.mind).Lang, "en")
	if err != nil {
		yield(v.answer(Paragraph{Spans(T(v.say("code.damaged")), Code("mailhelpbot test "+v.here()))}))
		return true
	}
	q := v.queryOf(s)
	v.note(q)
	t, _ := target(q)
	t.Endpoints = nil
	for _, e := range s.Endpoints {
		t.Endpoints = append(t.Endpoints, e.Endpoint)
	}
	v.sight = &s
	v.probe(ctx, q, t, yield)
	return true
}

// here is what the thread is about, as the argument of a test.
func (v *view) here() string {
	if q := v.recall(query{}); !q.empty() {
		return actionValue(q)
	}
	return "gmx"
}

// queryOf is whom the servers of a code belong to.
func (v *view) queryOf(s diagnose.Sight) query {
	q := query{Host: s.Endpoints[0].Host, Name: s.Endpoints[0].Host}
	for _, e := range s.Endpoints {
		if p, _, _ := v.book.ByHost(e.Host); p != nil {
			return query{Provider: p, Name: p.Name}
		}
	}
	return q
}

// pair is one endpoint as the person's computer and as the bot saw it.
type pair struct {
	there diagnose.Seen
	here  *diagnose.EndpointReport // nil: not probed from here
}

func (p pair) failsThereOnly() bool {
	return p.there.Verdict == diagnose.VerdictFail && p.here != nil && p.here.Verdict != diagnose.VerdictFail
}

// hereCause is what the bot found wrong, "" for nothing.
func (p pair) hereCause() diagnose.Cause {
	if p.here == nil || p.here.Cause == nil {
		return ""
	}
	return *p.here.Cause
}

// What a failure on the person's side alone means, by its cause.
var (
	causesOfWay = []diagnose.Cause{
		diagnose.CauseTimeout, diagnose.CauseConnectionRefused, diagnose.CauseConnectionDropped, diagnose.CauseHostUnreachable,
		diagnose.CauseGreetingTimeout, diagnose.CausePort25Blocked, diagnose.CauseTLSHandshake, diagnose.CauseBudgetExceeded,
	}
	causesOfNames = []diagnose.Cause{
		diagnose.CauseDNSFailure, diagnose.CauseDNSNoAddress, diagnose.CauseDNSTimeout, diagnose.CauseDNSServerFailure, diagnose.CauseDNSSECBogus,
	}
	causesOfIssuer = []diagnose.Cause{
		diagnose.CauseCertInterception, diagnose.CauseUnknownCA, diagnose.CauseSelfSigned, diagnose.CauseCertUntrusted,
		diagnose.CauseMissingIntermediate, diagnose.CauseCertHostnameMismatch,
	}
	causesOfClock = []diagnose.Cause{diagnose.CauseClockWrong, diagnose.CauseCertExpired, diagnose.CauseCertNotYetValid}
	causesOfStrip = []diagnose.Cause{diagnose.CauseSTARTTLSStripped, diagnose.CauseSTARTTLSMissing, diagnose.CauseSTARTTLSInjection, diagnose.CausePreauthBeforeTLS}
)

// vantageAnswer holds what the person's computer saw against what the bot saw.
func (v *view) vantageAnswer(q query, r *diagnose.Report) Answer {
	pairs := pairUp(*v.sight, r)
	a := v.answer(Heading{v.say("code.title", "name", clip(q.Name))})
	finding, args := judge(pairs)
	a.Blocks = append(a.Blocks, Paragraph{Spans(Strong(v.say("code."+finding, args...)))})
	var rows Checks
	for _, p := range pairs {
		rows.Rows = append(rows.Rows, v.pairRow(p))
	}
	a.Blocks = append(a.Blocks, rows)
	a.Blocks = append(a.Blocks, v.afterFinding(finding, pairs)...)
	made := v.say("code.made", "time", v.sight.At.Format("2006-01-02 15:04"))
	if age := v.bot.Now().Sub(v.sight.At); age > codeOld || age < -codeOld {
		made += " " + v.say("code.old")
	}
	a.Blocks = append(a.Blocks, Hint{Spans(T(made))})
	a.Actions = []Action{{ID: ActionTest, Label: v.say("button.again"), Value: actionValue(q)}}
	if q.Provider != nil {
		a.Actions = append(a.Actions, Action{ID: ActionSettings, Label: v.say("button.settings"), Value: actionValue(q)})
		a.Data = &Data{Provider: q.Provider.ID}
	}
	return a
}

func pairUp(s diagnose.Sight, r *diagnose.Report) []pair {
	var out []pair
	for _, seen := range s.Endpoints {
		p := pair{there: seen}
		for i, e := range r.Endpoints {
			if (mailconf.Endpoint{Protocol: e.Protocol, Host: e.Host, Port: e.Port, Security: e.Security}) == seen.Endpoint {
				p.here = &r.Endpoints[i]
			}
		}
		out = append(out, p)
	}
	return out
}

// judge names what the two vantage points tell together: the key of its text
// and what that takes. The most telling finding comes first.
func judge(pairs []pair) (finding string, args []string) {
	only := func(causes []diagnose.Cause) []pair {
		return where(pairs, func(p pair) bool { return p.failsThereOnly() && slices.Contains(causes, p.there.Cause) })
	}
	foreign := where(pairs, func(p pair) bool {
		return p.failsThereOnly() && slices.Contains(causesOfIssuer, p.there.Cause) || p.there.Cause == diagnose.CauseCertInterception
	})
	allFail := !slices.ContainsFunc(pairs, func(p pair) bool { return p.there.Verdict != diagnose.VerdictFail })
	names, way := only(causesOfNames), only(causesOfWay)
	switch {
	case len(foreign) > 0:
		return "intercepted", []string{"issuer", issuerOf(foreign)}
	case len(only(causesOfClock)) > 0:
		return "clock", nil
	case len(names) > 0:
		return "names", nil
	case len(way) > 0 && allFail && len(way) == len(pairs):
		return "blocked.all", nil
	case len(way) > 0:
		return "blocked", []string{"ports", portsOf(way)}
	case len(only(causesOfStrip)) > 0:
		return "stripped", nil
	case slices.ContainsFunc(pairs, func(p pair) bool { return p.there.Login == "refused" }):
		return "login", nil
	case len(where(pairs, pair.failsThereOnly)) > 0:
		return "thereonly", nil
	case slices.ContainsFunc(pairs, func(p pair) bool {
		return p.there.Verdict == diagnose.VerdictFail && p.hereCause() != ""
	}):
		return "server", nil
	case slices.ContainsFunc(pairs, func(p pair) bool {
		return p.there.Verdict != diagnose.VerdictFail && p.here != nil && p.here.Verdict == diagnose.VerdictFail
	}):
		return "hereonly", nil
	case slices.ContainsFunc(pairs, func(p pair) bool { return p.there.Login == "accepted" }):
		return "allwell.login", nil
	}
	return "allwell", nil
}

func where(pairs []pair, is func(pair) bool) (out []pair) {
	for _, p := range pairs {
		if is(p) {
			out = append(out, p)
		}
	}
	return out
}

func portsOf(pairs []pair) string {
	var out []string
	for _, p := range pairs {
		if s := portString(p.there.Port); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

func issuerOf(pairs []pair) string {
	for _, p := range pairs {
		if p.there.Issuer != "" {
			return clip(p.there.Issuer)
		}
	}
	return "?"
}

// pairRow shows one server from both sides.
func (v *view) pairRow(p pair) Check {
	side := func(verdict diagnose.Verdict, c diagnose.Cause) string {
		if c != "" {
			return v.causeTitle(c)
		}
		return v.say("state." + string(verdict))
	}
	there := side(p.there.Verdict, p.there.Cause)
	switch p.there.Login {
	case "accepted":
		there += ", " + v.say("code.accepted")
	case "refused":
		there += ", " + v.say("check.login.no")
	}
	here := v.say("code.notprobed")
	if p.here != nil {
		here = side(p.here.Verdict, p.hereCause())
	}
	return Check{
		State: CheckState(p.there.Verdict), Word: v.say("state." + string(p.there.Verdict)), Label: v.endpointLabel(p.there.Endpoint),
		Detail: Spans(T(v.say("code.sides", "there", there, "here", here))),
	}
}

// afterFinding is what to do now, in the finding's own words, with the cause's
// next step where that is the person's to take.
func (v *view) afterFinding(finding string, pairs []pair) []Block {
	var out []Block
	switch finding {
	case "login", "server", "thereonly":
		for _, p := range pairs {
			c := p.there.Cause
			if p.there.Verdict != diagnose.VerdictFail || finding == "login" && p.there.Login != "refused" {
				continue
			}
			if k := v.book.Cause(string(c)); k != nil {
				return append(out, v.nextStep(k))
			}
		}
	case "allwell":
		return append(out, Hint{Spans(T(v.say("code.allwell.next")), Code("mailhelpbot test --auth "+v.here()))})
	}
	out = append(out, Hint{Spans(T(v.say("code." + finding + ".next")))})
	if w := workingInstead(pairs); w != nil && finding == "blocked" {
		out = append(out, Paragraph{Spans(T(v.say("test.works")), Code(v.endpointLabel(*w)))})
	}
	return out
}

// workingInstead is a server that works from the person's side, of a protocol of
// which another does not.
func workingInstead(pairs []pair) *mailconf.Endpoint {
	for _, bad := range pairs {
		for _, good := range pairs {
			if bad.there.Verdict == diagnose.VerdictFail && good.there.Verdict == diagnose.VerdictOK && good.there.Protocol == bad.there.Protocol {
				return &good.there.Endpoint
			}
		}
	}
	return nil
}
