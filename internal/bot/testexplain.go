package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// refinements are causes that say more exactly what another one is.
var refinements = map[diagnose.Cause][]diagnose.Cause{
	diagnose.CauseCertUntrusted: {
		diagnose.CauseSelfSigned, diagnose.CauseMissingIntermediate, diagnose.CauseCertInterception,
		diagnose.CauseCertWrongPurpose, diagnose.CauseUnknownCA,
	},
}

// refined is the most exact name of a cause that an endpoint shows.
func refined(c diagnose.Cause, also []diagnose.Cause) diagnose.Cause {
	for _, r := range refinements[c] {
		if slices.Contains(also, r) {
			return r
		}
	}
	return c
}

// explained is the cause that an answer explains: that of the run, as exactly
// as an endpoint that shows it tells.
func explained(r *diagnose.Report) diagnose.Cause {
	for _, e := range r.Endpoints {
		if e.Cause != nil && *e.Cause == *r.Cause {
			return refined(*r.Cause, e.Also)
		}
	}
	return *r.Cause
}

// verdict is the verdict line, and what the cause means.
func (v *view) verdict(r *diagnose.Report) []Block {
	if r.Cause == nil {
		return []Block{Paragraph{Spans(Strong(v.say("test.ok", "works", v.working(r))))}}
	}
	cause := explained(r)
	key := "test.fail"
	if r.Verdict == diagnose.VerdictWarn {
		key = "test.warn"
		if slices.ContainsFunc(r.Endpoints, func(e diagnose.EndpointReport) bool { return e.Verdict == diagnose.VerdictFail }) {
			key = "test.warn.part"
		}
	}
	line := v.say(key, "cause", v.causeTitle(cause))
	if where := v.where(r); where != "" {
		line += " " + v.say("test.fail.where", "where", where)
	}
	out := []Block{Paragraph{Spans(Strong(line))}}
	if means := v.means(cause); means != "" {
		out = append(out, Paragraph{Spans(T(means))})
	}
	return out
}

// where lists the endpoints that show the run's cause, "" when all do. A login
// is refused by one endpoint for all, since the others are not tried.
func (v *view) where(r *diagnose.Report) string {
	var names []string
	if slices.ContainsFunc(r.Endpoints, func(e diagnose.EndpointReport) bool {
		return e.Cause != nil && *e.Cause == *r.Cause && e.Auth != nil && e.Auth.Attempted
	}) {
		return ""
	}
	for _, e := range r.Endpoints {
		if e.Cause != nil && *e.Cause == *r.Cause {
			names = append(names, protocolName(e.Protocol)+" "+portString(e.Port))
		}
	}
	if len(names) == len(r.Endpoints) {
		return ""
	}
	return strings.Join(names, ", ")
}

// means says what a cause is, as seen by a test.
func (v *view) means(c diagnose.Cause) string {
	if t, ok := seenTexts[c]; ok && t.means != (text{}) {
		return t.means.in(v.lang)
	}
	if k := v.book.Cause(string(c)); k != nil {
		return k.Means.In(v.lang)
	}
	return ""
}

// endpointRow is the line of one endpoint.
func (v *view) endpointRow(r *diagnose.Report, e diagnose.EndpointReport) Check {
	row := Check{
		State: CheckState(e.Verdict), Word: v.say("state." + string(e.Verdict)),
		Label: v.endpointLabel(endpointOf(e)), Took: took(e),
	}
	facts := v.faults(e)
	if e.TLS != nil && e.TLS.Version != "" && !has(e, diagnose.CauseTLSVersionTooOld) {
		facts = append(facts, e.TLS.Version)
		if c := e.TLS.Certificate; c != nil && e.Verdict != diagnose.VerdictFail {
			facts = append(facts, v.say("check.cert.until", "date", c.NotAfter.Format(time.DateOnly)))
		}
	}
	facts = append(facts, v.authFacts(r, e)...)
	row.Detail = Spans(T(strings.Join(facts, ", ")))
	if e.ServerText != nil && e.Verdict == diagnose.VerdictFail {
		row.Detail = append(row.Detail, T(". "+v.say("test.serversaid")), Code(*e.ServerText))
	}
	return row
}

// has reports whether an endpoint shows a fault.
func has(e diagnose.EndpointReport, c diagnose.Cause) bool {
	return e.Cause != nil && *e.Cause == c || slices.Contains(e.Also, c)
}

func endpointOf(e diagnose.EndpointReport) mailconf.Endpoint {
	return mailconf.Endpoint{Protocol: e.Protocol, Host: e.Host, Port: e.Port, Security: e.Security}
}

// took is how long the conversation of an endpoint was.
func took(e diagnose.EndpointReport) time.Duration {
	var ms int64
	for _, s := range e.Steps {
		if s.Kind != diagnose.StepVersions && s.Kind != diagnose.StepFamily {
			ms += s.MS
		}
	}
	return time.Duration(ms) * time.Millisecond
}

// faults names all that is wrong with an endpoint, its cause first.
func (v *view) faults(e diagnose.EndpointReport) []string {
	if e.Cause == nil {
		return nil
	}
	cause := refined(*e.Cause, e.Also)
	out := []string{v.fault(cause, e, true)}
	for _, c := range e.Also {
		if c != cause && c != *e.Cause && !slices.Contains(refinements[*e.Cause], c) {
			out = append(out, v.fault(c, e, false))
		}
	}
	return out
}

// fault is one fault in a few words, with the facts that belong to it.
func (v *view) fault(c diagnose.Cause, e diagnose.EndpointReport, main bool) string {
	if c == diagnose.CauseTLSVersionTooOld && e.TLS != nil {
		return v.say("fault.oldtls", "version", e.TLS.Version)
	}
	if e.TLS != nil && e.TLS.Certificate != nil {
		if s := v.certFault(c, e.Host, e.TLS.Certificate); s != "" {
			return s
		}
	}
	title := v.causeTitle(c)
	if main && e.Detail != nil && *e.Detail != "" {
		return title + " (" + *e.Detail + ")"
	}
	return title
}

// shownNames are how many names of a certificate a line has room for.
const shownNames = 4

// certFault is a fault of a certificate with the facts of that certificate, ""
// for other faults.
func (v *view) certFault(c diagnose.Cause, host string, cert *diagnose.CertInfo) string {
	switch c {
	case diagnose.CauseCertExpired:
		if !cert.TimeOK {
			return v.say("fault.expired", "date", cert.NotAfter.Format(time.DateOnly))
		}
	case diagnose.CauseCertNotYetValid:
		return v.say("fault.notyet", "date", cert.NotBefore.Format(time.DateOnly))
	case diagnose.CauseCertHostnameMismatch:
		names := strings.Join(cert.Names[:min(len(cert.Names), shownNames)], ", ")
		switch more := len(cert.Names) - shownNames; {
		case names == "":
			return v.say("fault.nonames")
		case more > 0:
			names = v.say("fault.morenames", "names", names, "n", fmt.Sprint(more))
		}
		return v.say("fault.name", "names", names, "host", host)
	case diagnose.CauseCertUntrusted, diagnose.CauseUnknownCA, diagnose.CauseCertInterception, diagnose.CauseMissingIntermediate:
		return v.say("fault.issuer", "cause", v.causeTitle(c), "issuer", cert.Issuer)
	case diagnose.CauseSelfSigned:
		return v.causeTitle(c)
	}
	return ""
}

// authFacts say what came of a login, or how one could log in.
func (v *view) authFacts(r *diagnose.Report, e diagnose.EndpointReport) []string {
	a := e.Auth
	switch {
	case a == nil:
		return nil
	case a.Result != nil && *a.Result == "accepted" && a.Mechanism != nil:
		return []string{v.say("check.login.ok", "mechanism", *a.Mechanism)}
	case a.Result != nil:
		return []string{v.say("check.login.no")}
	case loginTried(r):
		return []string{v.say("check.login.skipped")}
	case len(a.Mechanisms) > 0:
		return []string{v.say("check.mechanisms", "list", strings.Join(a.Mechanisms, " "))}
	}
	return nil
}

// loginTried reports whether a run has sent a password anywhere.
func loginTried(r *diagnose.Report) bool {
	return slices.ContainsFunc(r.Endpoints, func(e diagnose.EndpointReport) bool { return e.Auth != nil && e.Auth.Attempted })
}

// nextSteps say what works instead, and what to do about the run's cause.
func (v *view) nextSteps(q query, t diagnose.Target, r *diagnose.Report) []Block {
	if r.Cause == nil {
		if loginTried(r) {
			return []Block{Hint{Spans(T(v.say("test.ok.login")))}}
		}
		return []Block{Hint{Spans(T(v.say("test.ok.next")))}, v.loginQuestion(t), Hint{Spans(T(v.say("login.way.local")), Code(localCommand(q)))}}
	}
	var out []Block
	if w := v.replacements(r); w != nil {
		out = append(out, Paragraph{w})
	}
	cause := explained(r)
	c := v.book.Cause(string(cause))
	if t, ok := seenTexts[cause]; ok && t.user != (text{}) {
		step := t.user.in(v.lang)
		if c != nil && c.Clients[v.conv.Client].In(v.lang) != "" {
			step += " " + c.Clients[v.conv.Client].In(v.lang)
		}
		out = append(out, Hint{Spans(T(step))})
	} else if c != nil {
		out = append(out, v.nextStep(c))
	}
	return out
}

// forOperator is what the run's cause asks of whoever runs the server. It is
// said where that may be the asker: of a public provider's servers it is not.
func (v *view) forOperator(q query, r *diagnose.Report) []Block {
	if r.Cause == nil || q.Provider != nil || q.Behind != nil {
		return nil
	}
	c := v.book.Cause(string(explained(r)))
	if c == nil || c.Operator.In(v.lang) == "" {
		return nil
	}
	return []Block{Paragraph{Spans(Strong(v.say("test.operator")), T(c.Operator.In(v.lang)))}}
}

// replacements offer what works in the place of endpoints that failed, one for
// each protocol. The probe has found them: a sibling, or another port or mode
// of the same host.
func (v *view) replacements(r *diagnose.Report) []Span {
	var found []mailconf.Endpoint
	for _, e := range r.Endpoints {
		i := e.Instead
		if i != nil && !slices.ContainsFunc(found, func(o mailconf.Endpoint) bool { return o.Protocol == i.Protocol }) {
			found = append(found, *i)
		}
	}
	if len(found) == 0 {
		return nil
	}
	spans := Spans(T(v.say("test.works")))
	for i, e := range found {
		if i > 0 {
			spans = append(spans, T(", "))
		}
		spans = append(spans, Code(v.endpointLabel(e)))
	}
	return spans
}

// times are the steps of each endpoint with their durations.
func (v *view) times(r *diagnose.Report) []Block {
	var s Steps
	for _, e := range r.Endpoints {
		var parts []string
		for _, st := range e.Steps {
			if st.Status != diagnose.StatusSkipped && st.Kind != diagnose.StepInstead {
				parts = append(parts, fmt.Sprintf("%s %d ms", v.say("step."+string(st.Kind)), st.MS))
			}
		}
		s.Items = append(s.Items, Spans(T(protocolName(e.Protocol)+" "+portString(e.Port)+": "+strings.Join(parts, ", "))))
	}
	return []Block{Paragraph{Spans(T(v.say("test.times", "all", Took(time.Duration(r.ElapsedMS)*time.Millisecond))))}, s}
}

// aborted says that a test was cancelled, and how to run it again.
func (v *view) aborted(command string) Answer {
	return v.answer(Paragraph{Spans(T(v.say("test.aborted")), Code(command))})
}

// AbortedTest is the Answer to a test that its user has cancelled, as
// `mailhelpbot test` prints it. What was found until then would read as if the
// server had been too slow.
func AbortedTest(lang Lang, args string) Answer {
	return (&view{lang: firstLang(lang, "en")}).aborted("mailhelpbot test " + clip(args))
}
