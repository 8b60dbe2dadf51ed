package bot

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// How often live tests may be asked for over a chat platform. Each is a bucket
// that begins full and refills evenly: 3 a minute are 3 at once, then one every
// 20 s. They keep a chat from being used to scan ports, to guess at servers or
// to flood somebody's mail server in the bot's name; a person who sets up a
// mail program stays far below.
const (
	userPerMinute    = 3
	userPerHour      = 20
	channelPerMinute = 10
	hostPerMinute    = 2
	networkPerMinute = 10 // an IPv4 /24 or an IPv6 /48: what one customer is commonly given

	maxProbes   = 20               // endpoints probed at once, over all runs
	maxWait     = 30 * time.Second // how long a run waits for its turn; a run takes 20 s at most
	resultAge   = time.Minute      // how long a result is given again
	maxResults  = 256              // results kept for that
	sweepEvery  = time.Minute
	networkKept = time.Hour // how long the network of a host is remembered
)

// limits are the rates of live tests, with the runs that several may share.
// The zero value is ready, and lives in memory only; what all processes count
// together is in Bot.Rates. What has refilled or expired is dropped every
// minute, so the size follows the tests of the last hour.
type limits struct {
	mu       sync.Mutex
	buckets  map[string]*rate.Limiter
	networks map[string]hostNetwork   // by host
	runs     map[string]*probeRun     // by runKey: under way, or ended a short while ago
	turns    map[string]chan struct{} // by runKey: somebody may be about to begin one; closed then
	busy     map[string]bool          // hosts that a run is at
	probes   int                      // endpoints that are being probed
	searches int                      // domains that are being searched for
	freed    chan struct{}            // closed when a run ends
	swept    time.Time
}

// hostNetwork are the networks that a host was last seen in: of its first
// address of each IP version.
type hostNetwork struct {
	prefixes []netip.Prefix
	seen     time.Time
}

// limited says which limit stands against a test or a search, and for how long.
type limited struct {
	kind string // "user", "channel", "host", "network", "search" or "busy"
	name string // the host or network
	wait time.Duration
}

// allowance is one bucket that a run takes a token of.
type allowance struct {
	kind, name string
	tokens     int
	per        time.Duration
}

func (a allowance) key() string { return fmt.Sprintf("%s %s %s", a.kind, a.per, a.name) }

// allowances are the buckets that a run for m against t takes from. What a
// platform does not tell (a user, a channel) has no bucket.
func (l *limits) allowances(m Message, t diagnose.Target) []allowance {
	var out []allowance
	where := m.Platform + "\x00" + m.Tenant + "\x00"
	if m.User != "" {
		out = append(out, allowance{"user", where + m.User, userPerMinute, time.Minute}, allowance{"user", where + m.User, userPerHour, time.Hour})
	}
	if m.Channel != "" {
		out = append(out, allowance{"channel", where + m.Channel, channelPerMinute, time.Minute})
	}
	seen := map[netip.Prefix]bool{}
	for _, h := range hostsOf(t.Endpoints) {
		out = append(out, allowance{"host", h, hostPerMinute, time.Minute})
		for _, p := range l.network(h) {
			if !seen[p] {
				seen[p] = true
				out = append(out, networkAllowance(p))
			}
		}
	}
	return out
}

func networkAllowance(p netip.Prefix) allowance {
	return allowance{"network", p.String(), networkPerMinute, time.Minute}
}

// network are the networks of a host, as far as they are known before a run.
func (l *limits) network(host string) []netip.Prefix {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Prefix{networkOf(a)}
	}
	return l.networks[host].prefixes
}

// located remembers the networks of a host.
func (l *limits) located(now time.Time, host string, addrs []netip.Addr) {
	n := hostNetwork{seen: now}
	for _, a := range addrs {
		p := networkOf(a)
		if !slices.ContainsFunc(n.prefixes, func(o netip.Prefix) bool { return o.Addr().Is4() == p.Addr().Is4() }) {
			n.prefixes = append(n.prefixes, p)
		}
	}
	if len(n.prefixes) == 0 {
		return
	}
	if l.networks == nil {
		l.networks = map[string]hostNetwork{}
	}
	l.networks[host] = n
}

func networkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// take takes a token of each bucket, or none and says which one is empty for
// the longest.
func (l *limits) take(now time.Time, want []allowance) *limited {
	if lim := l.lacking(now, want); lim != nil {
		return lim
	}
	for _, a := range want {
		l.bucket(a).ReserveN(now, 1)
	}
	return nil
}

// lacking says which bucket is empty for the longest; nil when none is.
func (l *limits) lacking(now time.Time, want []allowance) *limited {
	var worst *limited
	for _, a := range want {
		b := l.bucket(a)
		if missing := 1 - b.TokensAt(now); missing > 0 {
			wait := time.Duration(missing / float64(b.Limit()) * float64(time.Second))
			if worst == nil || wait > worst.wait {
				worst = &limited{a.kind, a.name, wait}
			}
		}
	}
	return worst
}

func (l *limits) bucket(a allowance) *rate.Limiter {
	b := l.buckets[a.key()]
	if b == nil {
		if l.buckets == nil {
			l.buckets = map[string]*rate.Limiter{}
		}
		b = rate.NewLimiter(rate.Every(a.per/time.Duration(a.tokens)), a.tokens)
		l.buckets[a.key()] = b
	}
	return b
}

// saw charges the network of an address to the run that dials it, once. A name
// that did not resolve before the run, or differently, has its network charged
// late, even below zero: the next run there waits for it.
func (l *limits) saw(now time.Time, r *probeRun, host string, addr netip.Addr) *allowance {
	p := networkOf(addr)
	if len(l.networks[host].prefixes) == 0 {
		l.located(now, host, []netip.Addr{addr})
	}
	if r.charged[p] {
		return nil
	}
	r.charged[p] = true
	a := networkAllowance(p)
	l.bucket(a).ReserveN(now, 1)
	return &a
}

// sweep drops what no longer matters: buckets that are full again, results and
// networks past their time, and the oldest results when there are too many.
func (l *limits) sweep(now time.Time) {
	if d := now.Sub(l.swept); d >= 0 && d < sweepEvery && len(l.runs) <= maxResults {
		return
	}
	l.swept = now
	for k, b := range l.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(l.buckets, k)
		}
	}
	for h, n := range l.networks {
		if now.Sub(n.seen) > networkKept {
			delete(l.networks, h)
		}
	}
	var oldest *probeRun
	for k, r := range l.runs {
		switch {
		case !r.over:
		case now.Sub(r.ended) >= resultAge:
			delete(l.runs, k)
		case oldest == nil || r.ended.Before(oldest.ended):
			oldest = r
		}
	}
	if len(l.runs) > maxResults && oldest != nil {
		delete(l.runs, oldest.key)
	}
}

// hostsOf are the hosts of endpoints, each once, lower case.
func hostsOf(eps []mailconf.Endpoint) []string {
	var out []string
	seen := map[string]bool{}
	for _, e := range eps {
		if h := hostKey(e.Host); !seen[h] {
			seen[h] = true
			out = append(out, h)
		}
	}
	return out
}

func hostKey(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// limitedAnswer tells the asker alone why command is not carried out now, and
// when it will be.
func (v *view) limitedAnswer(l limited, command string, q query) Answer {
	name := ""
	if l.kind == "host" || l.kind == "network" {
		name = clip(l.name)
	}
	a := v.answer(Paragraph{Spans(T(v.say("limit."+l.kind, "name", name, "wait", roughly(l.wait))), Code(command+" "+actionValue(q)))})
	a.Private = true
	return a
}

// roughly is a time to wait, rounded up: "20 s", "3 min". Both languages write it so.
func roughly(d time.Duration) string {
	if s := math.Ceil(d.Seconds()); s < 100 {
		return fmt.Sprintf("%.0f s", max(s, 1))
	}
	return fmt.Sprintf("%.0f min", math.Ceil(d.Minutes()))
}

// ago is how long something is past, or has lasted, rounded down: "20 s", "3 min".
func ago(d time.Duration) string {
	if s := math.Floor(d.Seconds()); s < 100 {
		return fmt.Sprintf("%.0f s", max(s, 0))
	}
	return fmt.Sprintf("%.0f min", math.Floor(d.Minutes()))
}
