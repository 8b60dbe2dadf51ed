package bot

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// probeRun is one probe of a target that all who ask for it at the same time
// look on at. It ends when it is done, or when nobody looks on any more. Its
// fields belong to limits.mu, but for those that never change.
type probeRun struct {
	key    string
	hosts  []string
	probes int // how many of maxProbes it takes
	cancel context.CancelFunc

	steps    []diagnose.Step
	more     chan struct{} // closed when there is more to see
	watchers int
	charged  map[netip.Prefix]bool
	over     bool
	report   *diagnose.Report // nil when it got no turn or was cancelled
	ended    time.Time        // on Bot.Now
}

// runKey is equal for targets that a probe finds the same about.
func runKey(t diagnose.Target) string {
	return fmt.Sprintf("%s %v %v", t.Provider, t.Facts, t.Endpoints)
}

// watch returns the run for a target: one that is under way, one that ended
// less than resultAge ago, which is then kept, or a new one if the limits let m
// have it. The caller ends with leave.
func (b *Bot) watch(ctx context.Context, m Message, t diagnose.Target) (r *probeRun, kept bool, lim *limited) {
	l, now := &b.limits, b.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	key := runKey(t)
	end := l.turn(ctx, key)
	if end == nil {
		return nil, false, &limited{kind: "busy", wait: time.Second} // nobody hears of it
	}
	defer end()
	if r, kept = l.join(now, key); r != nil {
		return r, kept, nil
	}
	if lim := l.lacking(now, l.allowances(m, t)); lim != nil {
		return nil, false, lim
	}
	b.locate(ctx, now, hostsOf(t.Endpoints))
	if lim := b.take(ctx, now, l.allowances(m, t)); lim != nil {
		return nil, false, lim
	}
	return b.begin(t), false, nil
}

// turn waits until nobody else is about to begin a run of the same key: who
// asks at the same moment is to join it, and not to be told that its host was
// tested just now. It returns what ends the turn, or nil at the end of ctx.
// l.mu is held for both, and let go while it waits.
func (l *limits) turn(ctx context.Context, key string) (end func()) {
	for other := l.turns[key]; other != nil; other = l.turns[key] {
		l.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
		}
		l.mu.Lock()
		if ctx.Err() != nil {
			return nil
		}
	}
	mine := make(chan struct{})
	if l.turns == nil {
		l.turns = map[string]chan struct{}{}
	}
	l.turns[key] = mine
	return func() {
		delete(l.turns, key)
		close(mine)
	}
}

// join adds a watcher to a run that is under way or ended a short while ago.
func (l *limits) join(now time.Time, key string) (r *probeRun, kept bool) {
	r = l.runs[key]
	if r == nil || r.over && now.Sub(r.ended) >= resultAge {
		return nil, false
	}
	r.watchers++
	return r, r.over
}

// locateTime is how long the networks of unknown hosts are looked for before a
// run. Without them they are charged when the run meets them.
const locateTime = time.Second

// locate finds out the networks of hosts that are not known yet, side by side;
// l.mu is held, and let go meanwhile.
func (b *Bot) locate(ctx context.Context, now time.Time, hosts []string) {
	l := &b.limits
	hosts = slices.DeleteFunc(hosts, func(h string) bool { return len(l.network(h)) > 0 })
	if len(hosts) == 0 {
		return
	}
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, locateTime)
	defer cancel()
	found := make([][]netip.Addr, len(hosts))
	var wg sync.WaitGroup
	for i, h := range hosts {
		wg.Go(func() { Fenced(b.Log, func() { found[i] = b.Prober.Addresses(ctx, h) }) })
	}
	wg.Wait()
	l.mu.Lock()
	for i, h := range hosts {
		l.located(now, h, found[i])
	}
}

// begin starts a run that has one watcher; limits.mu is held.
func (b *Bot) begin(t diagnose.Target) *probeRun {
	l, key := &b.limits, runKey(t)
	// The run belongs to all who watch it, so no single asker's context ends it.
	ctx, cancel := context.WithCancel(context.Background())
	r := &probeRun{
		key: key, hosts: hostsOf(t.Endpoints), probes: min(len(t.Endpoints), maxProbes), cancel: cancel,
		more: make(chan struct{}), watchers: 1, charged: map[netip.Prefix]bool{},
	}
	for _, h := range r.hosts {
		for _, p := range l.network(h) {
			r.charged[p] = true
		}
	}
	if l.runs == nil {
		l.runs = map[string]*probeRun{}
	}
	l.runs[key] = r
	go b.work(ctx, r, t)
	return r
}

// leave is called once by everybody who watched. The last to leave a run that
// is under way ends it.
func (l *limits) leave(r *probeRun) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.watchers--; r.watchers == 0 && !r.over {
		r.cancel()
		l.forget(r)
	}
}

func (l *limits) forget(r *probeRun) {
	if l.runs[r.key] == r {
		delete(l.runs, r.key)
	}
}

// work waits for the run's turn and probes.
func (b *Bot) work(ctx context.Context, r *probeRun, t diagnose.Target) {
	l := &b.limits
	defer r.cancel()
	var report *diagnose.Report
	defer func() { l.end(r, report, b.Now()) }()
	if !l.occupy(ctx, r) {
		return
	}
	defer l.release(r)
	Fenced(b.Log, func() {
		for s := range b.Prober.Probe(ctx, t) {
			if s.Report != nil && ctx.Err() == nil {
				report = s.Report
			}
			if late := l.publish(b.Now(), r, s); late != nil {
				go Fenced(b.Log, func() { b.charge(*late) })
			}
		}
		b.observe(report)
	})
}

// exclusively probes t, with its login, once it is t's turn, and returns the
// report; nil when it got no turn. Nobody else looks on, and no result is kept.
func (b *Bot) exclusively(ctx context.Context, t diagnose.Target) (report *diagnose.Report) {
	r := &probeRun{hosts: hostsOf(t.Endpoints), probes: min(len(t.Endpoints), maxProbes)}
	if !b.limits.occupy(ctx, r) {
		return nil
	}
	defer b.limits.release(r)
	for s := range b.Prober.Probe(ctx, t) {
		report = s.Report
	}
	b.observe(report)
	return report
}

// observe tells who counts probes of a run's outcome.
func (b *Bot) observe(report *diagnose.Report) {
	if report != nil {
		for _, e := range report.Endpoints {
			b.observer().Probed(e)
		}
	}
}

// release gives back what occupy took.
func (l *limits) release(r *probeRun) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range r.hosts {
		delete(l.busy, h)
	}
	l.probes -= r.probes
	if l.freed != nil {
		close(l.freed)
		l.freed = nil
	}
}

// occupy waits until no other run is at one of r's hosts and enough of
// maxProbes are free, and takes both. All at once or none, so that two runs
// never wait for each other.
func (l *limits) occupy(ctx context.Context, r *probeRun) bool {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	for ctx.Err() == nil {
		freed, ok := l.tryOccupy(r)
		if ok {
			return true
		}
		select {
		case <-freed:
		case <-ctx.Done():
		}
	}
	return false
}

func (l *limits) tryOccupy(r *probeRun) (freed <-chan struct{}, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	free := l.probes+r.probes <= maxProbes
	for _, h := range r.hosts {
		free = free && !l.busy[h]
	}
	if !free {
		if l.freed == nil {
			l.freed = make(chan struct{})
		}
		return l.freed, false
	}
	if l.busy == nil {
		l.busy = map[string]bool{}
	}
	for _, h := range r.hosts {
		l.busy[h] = true
	}
	l.probes += r.probes
	return nil, true
}

// publish shows a step to all who watch. The last one waits for end. late is
// what the run was charged for only now.
func (l *limits) publish(now time.Time, r *probeRun, s diagnose.Step) (late *allowance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.Kind == diagnose.StepConnect && s.Address.IsValid() {
		late = l.saw(now, r, hostKey(s.Endpoint.Host), s.Address.Addr())
	}
	if s.Report == nil {
		r.steps = append(r.steps, s)
		close(r.more)
		r.more = make(chan struct{})
	}
	return late
}

// end closes a run. Without a report there is nothing to give again.
func (l *limits) end(r *probeRun, report *diagnose.Report, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.over, r.report, r.ended = true, report, now
	if report == nil {
		l.forget(r)
	}
	close(r.more)
}

// outcome is the report of a run that is over, and since when it is.
func (l *limits) outcome(r *probeRun) (report *diagnose.Report, ended time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return r.report, r.ended
}

// watching yields the steps of a run from its beginning until it is over or
// ctx ends. The report is in outcome afterwards.
func (l *limits) watching(ctx context.Context, r *probeRun) iter.Seq[diagnose.Step] {
	return func(yield func(diagnose.Step) bool) {
		for seen := 0; ; {
			l.mu.Lock()
			steps, more, over := r.steps[seen:], r.more, r.over
			l.mu.Unlock()
			for _, s := range steps {
				if !yield(s) {
					return
				}
			}
			if seen += len(steps); over {
				return
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}
}
