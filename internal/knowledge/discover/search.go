package discover

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// search is one run of a Finder.
type search struct {
	target
	finder *Finder
	budget time.Duration
	book   *knowledge.Book
	dns    *resolver
	web    *web
	specs  []sourceSpec

	events chan event
	work   sync.WaitGroup
	mayAsk chan struct{} // closed when guesses may be probed

	// Of the listener alone:
	found   map[Source]finding
	pending map[Source]bool
	gate    bool // mayAsk is closed
}

// finding is what one source says, so far.
type finding struct {
	servers    []Server // without Trust and Doubts: those of the table of sources
	signed     bool     // by DNSSEC: as good as TLS
	notOffered []mailconf.Protocol
	provider   *knowledge.Provider
	mx         []string
	status     Status // what the MX look-up says about the domain, or ""
	fault      Fault
}

// event is a finding on its way to the listener; done: the source's last word.
type event struct {
	source Source
	finding
	done bool
}

func newSearch(f *Finder, t target, budget time.Duration) *search {
	s := &search{
		target: t, finder: f, budget: budget, specs: sources(), dns: newResolver(f.Resolver),
		events: make(chan event, 64), mayAsk: make(chan struct{}),
		found: make(map[Source]finding), pending: make(map[Source]bool),
	}
	s.web = newWeb(f, s.dns)
	if f.Book != nil {
		s.book = f.Book()
	}
	return s
}

// start asks all sources.
func (s *search) start(ctx context.Context) {
	for _, spec := range s.specs {
		s.pending[spec.name] = true
		s.work.Go(func() {
			f := finding{fault: FaultMalformed}
			fence.Do(s.finder.Panicked, func() { f = spec.run(ctx, s) })
			s.send(ctx, event{source: spec.name, finding: f, done: true})
		})
	}
}

// wait returns when all sources have ended.
func (s *search) wait() { s.work.Wait() }

// progress tells what a source has so far.
func (s *search) progress(ctx context.Context, src Source, f finding) {
	s.send(ctx, event{source: src, finding: f})
}

func (s *search) send(ctx context.Context, e event) {
	select {
	case s.events <- e:
	case <-ctx.Done():
	}
}

// Shares of the budget: how long a source that has not answered yet is waited
// for once there is a whole answer, and how long guesses wait for DNS.
const (
	patienceCertain = 0.15 // the answer is certain, and the missing source could only stand above it
	patienceDoubt   = 0.30 // the missing source could make a doubtful answer certain
	patienceGuess   = 0.10
)

func (s *search) share(x float64) time.Duration { return time.Duration(float64(s.budget) * x) }

// listen takes in events until no source that is still asked could improve the
// answer, or its time is over.
func (s *search) listen(ctx context.Context, cancel context.CancelFunc, yield func(Result) bool) {
	guesses := time.NewTimer(s.share(patienceGuess))
	defer guesses.Stop()
	p := patience{certainty: -1}
	last := s.result(false)
	for !s.over() {
		p.grow(s)
		select {
		case e := <-s.events:
			s.take(e)
		case <-guesses.C:
			s.openGate()
		case <-p.over:
			p.ended = true
		case <-ctx.Done():
			p.ended = true
		}
		if p.ended {
			break
		}
		if r := s.result(false); better(last, r) {
			if !yield(r) {
				return
			}
			last = r
		}
	}
	cancel()
	yield(s.result(true))
}

// patience is how long missing sources are still waited for.
type patience struct {
	certainty int // trust rank of the whole answer that it was measured for, -1: none
	over      <-chan time.Time
	ended     bool
}

// grow starts to run out when there is a whole answer, and anew when that has
// become more certain.
func (p *patience) grow(s *search) {
	certainty := s.complete()
	if certainty <= p.certainty {
		return
	}
	p.certainty = certainty
	share := patienceDoubt
	if certainty == trustRank(TrustHigh) {
		share = patienceCertain
	}
	p.over = time.After(s.share(share))
}

// better reports whether a later result is worth showing.
func better(old, r Result) bool {
	return len(r.Servers) > 0 && (r.Provider != old.Provider || !slices.EqualFunc(old.Servers, r.Servers, func(a, b Server) bool {
		return a.Endpoint == b.Endpoint && a.Trust == b.Trust && a.Verified == b.Verified && slices.Equal(a.Sources, b.Sources)
	}))
}

// take takes in one event.
func (s *search) take(e event) {
	s.found[e.source] = e.finding
	if e.done {
		delete(s.pending, e.source)
	}
	if !s.gate && !s.pending[SourceMX] && !s.pending[SourceSRV] {
		s.openGate()
	}
}

// openGate lets the guesses be probed, unless better servers are known: a
// domain's web server is not to be knocked at without need.
func (s *search) openGate() {
	if s.gate {
		return
	}
	s.gate = true
	if s.complete() >= 0 {
		delete(s.pending, SourceGuess) // it would not count
		return
	}
	close(s.mayAsk)
}

// over reports whether no source could improve the answer any more. The sources
// in DNS are quick, and what they say otherwise is worth knowing.
func (s *search) over() bool {
	switch s.found[SourceMX].status {
	case StatusNoDomain, StatusNullMX:
		return true
	}
	trust := s.complete()
	if trust < 0 {
		return len(s.pending) == 0
	}
	if s.pending[SourceSRV] || s.pending[SourceMX] {
		return false
	}
	worst := s.worstRank()
	for i, spec := range s.specs {
		if s.pending[spec.name] && spec.trust != TrustLow && (i < worst || trustRank(spec.trust) > trust) {
			return false
		}
	}
	return true
}

// complete returns the trust rank of the answer when it has a server to read
// mail from and one to send by, else -1.
func (s *search) complete() int {
	m := s.merge()
	in := slices.IndexFunc(m.servers, func(r ranked) bool { return r.Protocol == mailconf.IMAP || r.Protocol == mailconf.POP3 })
	out := slices.IndexFunc(m.servers, func(r ranked) bool { return r.Protocol == mailconf.SMTP })
	if in < 0 || out < 0 {
		return -1
	}
	return min(trustRank(m.servers[in].Trust), trustRank(m.servers[out].Trust))
}

// worstRank is the place in the table of the least believed source that a
// protocol's best server rests on.
func (s *search) worstRank() int {
	worst, m := 0, s.merge()
	for _, p := range mailProtocols {
		if i := slices.IndexFunc(m.servers, func(r ranked) bool { return r.Protocol == p }); i >= 0 {
			worst = max(worst, m.servers[i].rank)
		}
	}
	return worst
}
