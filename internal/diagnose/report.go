package diagnose

import (
	"slices"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// reporter gathers the steps of a run into its Report. It is used by one goroutine.
type reporter struct {
	target  Target
	started time.Time // on the real clock, for the elapsed time
	steps   map[mailconf.Endpoint][]Step
	hosts   map[string][]Step // StepResolve
	domain  *DomainInfo
	clock   *time.Duration // of the servers that told the time, the one nearest to ours
	now     time.Time      // on the prober's clock
}

func newReporter(t Target, now time.Time) *reporter {
	return &reporter{
		target: t, started: time.Now(), now: now,
		steps: map[mailconf.Endpoint][]Step{}, hosts: map[string][]Step{},
	}
}

// add takes a step in; those that only say that something has begun are left out.
func (r *reporter) add(s Step) {
	switch {
	case s.Status == StatusRunning:
	case s.Kind == StepClock:
		// Ours is called wrong only when no server agrees with it.
		if r.clock == nil || s.Clock.Abs() < r.clock.Abs() {
			r.clock = &s.Clock
		}
	case s.Kind == StepDomain:
		r.domain = s.Domain
	case s.Kind == StepResolve:
		r.hosts[s.Endpoint.Host] = []Step{s} // a second look replaces the first
	default:
		r.steps[s.Endpoint] = append(r.steps[s.Endpoint], s)
	}
}

// finish makes the report and the last step.
func (r *reporter) finish() Step {
	took := time.Since(r.started)
	rep := &Report{Target: r.target.Name, ElapsedMS: took.Milliseconds(), Endpoints: []EndpointReport{}}
	if r.target.Provider != "" {
		rep.Provider = &r.target.Provider
	}
	rep.Domain = r.domain
	if r.clock != nil {
		rep.ClockS = new(int64)
		*rep.ClockS = int64(r.clock.Seconds())
	}
	var results []result
	for _, e := range r.target.Endpoints {
		res := r.endpoint(e)
		r.judgeClock(&res)
		results = append(results, res)
	}
	verdict, cause := conclude(results, r.target)
	for i := range results {
		if results[i].cause != "" {
			results[i].rep.Cause = &results[i].cause
		}
		rep.Endpoints = append(rep.Endpoints, results[i].rep)
	}
	rep.Verdict = verdict
	st := Step{Kind: StepVerdict, Status: Status(verdict), Took: took, Cause: cause, Report: rep}
	if cause != "" {
		rep.Cause = &cause
	}
	return st
}

// result is an endpoint's report with what the verdict of the run needs besides.
type result struct {
	rep    EndpointReport
	cause  Cause
	failed StepKind // the stage that decided, "" when none failed
	answer bool     // the server greeted
}

// endpoint sums up the steps of one endpoint: the first failure is its cause,
// what else was found stands in Also.
func (r *reporter) endpoint(e mailconf.Endpoint) result {
	steps := slices.Concat(r.hosts[e.Host], r.steps[e])
	res := result{rep: EndpointReport{
		Protocol: e.Protocol, Host: e.Host, Port: e.Port, Security: e.Security,
		Verdict: VerdictOK, Steps: []StepReport{},
	}}
	decider := decisiveStep(steps)
	for i := range steps {
		s := &steps[i]
		res.rep.Steps = append(res.rep.Steps, StepReport{s.Kind, s.Status, s.Took.Milliseconds()})
		if s.Kind != StepFamily && s.Address.IsValid() {
			addr := s.Address.Addr().String()
			res.rep.Address = &addr
		}
		if s.TLS != nil {
			res.rep.TLS = s.TLS
		}
		if s.Auth != nil {
			res.rep.Auth = s.Auth
		}
		if s.Instead != nil {
			res.rep.Instead = s.Instead
		}
		res.answer = res.answer || s.Kind == StepGreeting && s.Status == StatusOK
		for _, c := range append([]Cause{s.Cause}, s.Also...) {
			if c != "" && (decider == nil || c != decider.Cause) && !slices.Contains(res.rep.Also, c) {
				res.rep.Also = append(res.rep.Also, c)
			}
		}
	}
	if decider == nil && len(r.steps[e]) == 0 {
		decider = &Step{Status: StatusFail, Cause: CauseBudgetExceeded, Kind: StepConnect}
	}
	res.decide(decider)
	return res
}

// decide takes verdict and cause from the step that decided.
func (res *result) decide(s *Step) {
	if s == nil {
		return
	}
	res.rep.Verdict, res.cause = VerdictWarn, s.Cause
	if s.Status == StatusFail {
		res.rep.Verdict, res.failed = VerdictFail, s.Kind
	}
	if s.Detail != "" {
		res.rep.Detail = &s.Detail
	}
	if s.ServerText != "" {
		res.rep.ServerText = &s.ServerText
	}
}

// judgeClock looks whether a certificate is out of date by our clock alone. A
// server that tells another time proves it; without one, a certificate of a
// trusted issuer that is not valid yet is a hint, since those are dated back.
func (r *reporter) judgeClock(res *result) {
	if res.rep.TLS == nil || res.rep.TLS.Certificate == nil || res.rep.TLS.Certificate.TimeOK {
		return
	}
	c := res.rep.TLS.Certificate
	switch {
	case r.clock == nil:
		if c.ChainOK && r.now.Before(c.NotBefore) {
			res.rep.Also = append(res.rep.Also, CauseClockWrong)
		}
		return
	case r.clock.Abs() < clockTolerance:
		return
	}
	theirs := r.now.Add(*r.clock)
	if theirs.Before(c.NotBefore) || theirs.After(c.NotAfter) {
		return
	}
	if res.cause != "" {
		res.rep.Also = append([]Cause{res.cause}, res.rep.Also...)
	}
	res.rep.Also = slices.DeleteFunc(res.rep.Also, func(x Cause) bool { return x == CauseClockWrong })
	day := theirs.UTC().Format(time.DateOnly)
	res.cause, res.rep.Verdict, res.rep.Detail = CauseClockWrong, VerdictFail, &day
}

// decisiveStep is the first failure, or the first warning when nothing failed.
func decisiveStep(steps []Step) *Step {
	var warn, fail *Step
	for i := range steps {
		s := &steps[i]
		switch {
		case s.Status == StatusFail && fail == nil:
			fail = s
		case s.Status == StatusWarn && warn == nil:
			warn = s
		}
	}
	if fail != nil {
		return fail
	}
	return warn
}
