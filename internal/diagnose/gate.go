package diagnose

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// gateGrace is how long the first endpoint that could log in waits for a
// better one that is still busy.
const gateGrace = 2 * time.Second

// gate lets one endpoint try the password first and the others after it
// succeeded, so that a wrong password is refused once and not by every
// endpoint. An incoming server goes first: only then can a refusal by SMTP be
// told from a wrong password. When it has let us in, the other incoming ones
// follow and one of SMTP; the rest of SMTP waits for that one. A nil gate is one
// without a login.
type gate struct {
	grace time.Duration

	mu     sync.Mutex
	cands  []*candidate // best first
	timer  *time.Timer
	late   bool
	passed bool // an incoming login, or when there is none any, succeeded
	failed bool // the first login failed
}

type candidate struct {
	ep    mailconf.Endpoint
	state candState
	turn  chan bool // gets one value: go, or do not
	tried bool      // had its turn
}

type candState uint8

const (
	candBusy   candState = iota // not at its login yet
	candReady                   // waiting for its turn
	candTrying                  // at it
	candGood                    // let in
	candOut                     // refused, failed before, or not let try
)

// newGate orders the endpoints: incoming before SMTP, implicit TLS before STARTTLS.
func newGate(eps []mailconf.Endpoint, grace time.Duration) *gate {
	g := &gate{grace: grace}
	for _, e := range eps {
		g.cands = append(g.cands, &candidate{ep: e, turn: make(chan bool, 1)})
	}
	slices.SortStableFunc(g.cands, func(a, b *candidate) int { return gateRank(a.ep) - gateRank(b.ep) })
	return g
}

func gateRank(e mailconf.Endpoint) int {
	rank := map[mailconf.Protocol]int{mailconf.IMAP: 0, mailconf.POP3: 1, mailconf.SMTP: 4}[e.Protocol]
	if e.Security != mailconf.TLS {
		rank += 2
	}
	return rank
}

// wait blocks until it is e's turn and reports whether e may log in.
func (g *gate) wait(ctx context.Context, e mailconf.Endpoint) bool {
	g.mu.Lock()
	c := g.find(e)
	c.state = candReady
	if g.timer == nil {
		g.timer = time.AfterFunc(g.grace, func() { fence.Do(nil, g.hurry) })
	}
	g.turns()
	g.mu.Unlock()
	select {
	case ok := <-c.turn:
		return ok
	case <-ctx.Done():
		g.set(e, candOut)
		return false
	}
}

// hurry lets whoever is ready go first.
func (g *gate) hurry() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.late = true
	g.turns()
}

// result says how e's login ended.
func (g *gate) result(e mailconf.Endpoint, ok bool) {
	if ok {
		g.set(e, candGood)
	} else {
		g.set(e, candOut)
	}
}

// out says that e will not log in; after a result it changes nothing.
func (g *gate) out(e mailconf.Endpoint) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.find(e); c.state == candBusy || c.state == candReady {
		c.state = candOut
		g.turns()
	}
}

// lost says that e's attempt has broken off: at its login that counts as
// refused, as nobody knows what the server made of it.
func (g *gate) lost(e mailconf.Endpoint) {
	if g == nil {
		return
	}
	g.mu.Lock()
	trying := g.find(e).state == candTrying
	g.mu.Unlock()
	if trying {
		g.set(e, candOut)
	} else {
		g.out(e)
	}
}

func (g *gate) set(e mailconf.Endpoint, s candState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.find(e)
	if c.state == candTrying {
		g.passed = g.passed || s == candGood
		g.failed = g.failed || s == candOut && !g.passed
	}
	c.state = s
	g.turns()
}

func (g *gate) find(e mailconf.Endpoint) *candidate {
	return g.cands[slices.IndexFunc(g.cands, func(c *candidate) bool { return c.ep == e })]
}

// turns hands out what the state allows; g.mu is held.
func (g *gate) turns() {
	switch {
	case g.failed:
		g.each(candReady, func(c *candidate) { g.give(c, false) })
	case g.passed:
		g.each(candReady, func(c *candidate) {
			if c.ep.Protocol != mailconf.SMTP {
				g.give(c, true)
			}
		})
		g.smtpTurns()
	case !g.any(candTrying):
		for _, c := range g.cands {
			if c.state == candReady {
				g.give(c, true)
				return
			}
			if c.state == candBusy && !g.late {
				return
			}
		}
	}
}

// smtpTurns lets one SMTP endpoint prove that sending accepts the login.
func (g *gate) smtpTurns() {
	var ready []*candidate
	trying, good, refused := false, false, false
	for _, c := range g.cands {
		if c.ep.Protocol != mailconf.SMTP {
			continue
		}
		switch c.state {
		case candReady:
			ready = append(ready, c)
		case candTrying:
			trying = true
		case candGood:
			good = true
		case candOut:
			refused = refused || c.tried
		}
	}
	for i, c := range ready {
		switch {
		case good:
			g.give(c, true)
		case refused:
			g.give(c, false)
		case !trying && i == 0:
			g.give(c, true)
		}
	}
}

// give tells a waiting candidate whether it may go.
func (g *gate) give(c *candidate, ok bool) {
	c.state, c.tried = candOut, ok
	if ok {
		c.state = candTrying
	}
	c.turn <- ok
}

// incomingPassed reports whether a login has been accepted already.
func (g *gate) incomingPassed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passed
}

func (g *gate) each(s candState, do func(*candidate)) {
	for _, c := range g.cands {
		if c.state == s {
			do(c)
		}
	}
}

func (g *gate) any(s candState) bool {
	return slices.ContainsFunc(g.cands, func(c *candidate) bool { return c.state == s })
}
