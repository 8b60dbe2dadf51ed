package main

import (
	"context"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// metrics are what the service counts of itself, as Prometheus reads it at
// /metrics. It is the bot's Observer. No label holds anything that people
// write or are called, and none has more values than its [few] lets through.
type metrics struct {
	registry *prometheus.Registry

	acknowledged            *prometheus.HistogramVec
	received, sent          *prometheus.CounterVec
	answers, topics, silent *prometheus.CounterVec
	first                   *prometheus.HistogramVec
	probes, feedback        *prometheus.CounterVec
	topic, intent, verdict  few
}

var _ bot.Observer = (*metrics)(nil)

// How many values of a label are told apart. The shipped knowledge has about
// 80 topics; an operator's own may double that.
const (
	maxTopics   = 200
	maxIntents  = 30
	maxVerdicts = 20
)

// ackBuckets reach beyond the three seconds that Slack and Discord wait; a
// quarter of a second is what the service means to keep.
func ackBuckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5}
}

// answerBuckets reach from an answer out of the knowledge to a whole probe.
func answerBuckets() []float64 {
	return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
}

func newMetrics() *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "mailhelpbot", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "mailhelpbot", Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &metrics{
		registry:     prometheus.NewRegistry(),
		acknowledged: histogram("ack_duration_seconds", "Time from the arrival of a delivery to its acknowledgement.", ackBuckets(), "platform"),
		received:     counter("received_total", "Deliveries from the platforms by what became of them; duplicate is a dedupe hit.", "platform", "outcome"),
		sent:         counter("sent_total", "Posts and edits by outcome.", "platform", "outcome"),
		answers:      counter("answers_total", "Messages answered, by how they came, what they were taken for and the language of the answer.", "platform", "kind", "intent", "lang"),
		topics:       counter("topics_total", "Messages answered, by the topic of the knowledge and the language of the answer.", "topic", "lang"),
		silent:       counter("silences_total", "Messages passed over, by how they came and why.", "platform", "kind", "reason"),
		first:        histogram("first_answer_duration_seconds", "Time from a message to the first state of its answer.", answerBuckets(), "platform"),
		probes:       counter("probe_results_total", "Servers tested, by protocol, verdict and cause.", "protocol", "verdict", "cause"),
		feedback:     counter("feedback_total", "What people said about answers.", "platform", "verdict"),
		topic:        few{max: maxTopics}, intent: few{max: maxIntents}, verdict: few{max: maxVerdicts},
	}
	m.registry.MustRegister(
		m.acknowledged, m.received, m.sent, m.answers, m.topics, m.silent, m.first, m.probes, m.feedback,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), buildInfo(readBuild()),
	)
	return m
}

// gauge adds a value that is read when Prometheus asks for it.
func (m *metrics) gauge(name, help, platform string, read func() float64) {
	opts := prometheus.GaugeOpts{Namespace: "mailhelpbot", Name: name, Help: help}
	if platform != "" {
		opts.ConstLabels = prometheus.Labels{"platform": platform}
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(opts, read))
}

// watchPlatform adds the state of one platform.
func (m *metrics) watchPlatform(p platform, now func() time.Time) {
	name := p.adapter.Name()
	m.gauge("connected", "1 while the platform is connected and alive.", name, func() float64 { return truth(p.ready() == nil) })
	m.gauge("last_event_timestamp_seconds", "When something last came from the platform; 0 before the first.", name, func() float64 { return unixSeconds(p.lastEvent()) })
	m.gauge("queue_length", "Messages taken in that wait for their turn.", name, func() float64 {
		n, _ := p.backlog.Waiting()
		return float64(n)
	})
	m.gauge("queue_oldest_age_seconds", "How long the oldest of them waits; 0 when none does.", name, func() float64 {
		_, oldest := p.backlog.Waiting()
		if oldest.IsZero() {
			return 0
		}
		return max(0, now().Sub(oldest).Seconds())
	})
	if p.shards != nil {
		m.gauge("shards", "Shards of the gateway, of all replicas together.", name, func() float64 { return float64(p.shards().Count) })
		m.gauge("shards_held", "Shards that this replica has.", name, func() float64 { return float64(p.shards().Held) })
		m.gauge("shards_live", "Shards of this replica that are connected.", name, func() float64 { return float64(p.shards().Live) })
		m.gauge("sessions_left", "Sessions that may still be begun before the platform's daily reset, for all replicas; -1 while that is not known.", name,
			func() float64 { return float64(p.shards().Left) })
	}
}

// watchApp adds the state of what all platforms share.
func (m *metrics) watchApp(a *app) {
	m.gauge("store_up", "1 while the database answers.", "", func() float64 { return truth(a.pingStore() == nil) })
	m.gauge("store_persistent", "0 while nothing is remembered, since the database cannot be used.", "", func() float64 { return truth(!a.forgetful()) })
	unfinished := func(read func(n int, oldest time.Duration) float64) func() float64 {
		return func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), storePatience)
			defer cancel()
			n, oldest, err := a.store.Unfinished(ctx)
			if err != nil {
				return math.NaN()
			}
			return read(n, oldest)
		}
	}
	m.gauge("inbox_events", "Events stored and not finished, of all replicas that share the database.", "",
		unfinished(func(n int, _ time.Duration) float64 { return float64(n) }))
	m.gauge("inbox_oldest_age_seconds", "How long ago the oldest of them was stored; 0 when there is none.", "",
		unfinished(func(_ int, oldest time.Duration) float64 { return oldest.Seconds() }))
	m.gauge("incidents_open", "Providers with a notice about trouble, by channel.", "", func() float64 {
		n, err := a.bot.Incidents.Open(context.Background(), time.Now())
		if err != nil {
			return math.NaN()
		}
		return float64(n)
	})
	m.gauge("knowledge_records", "Records of the knowledge in force.", "", func() float64 { return float64(a.bot.Book().Facts().Len()) })
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unixSeconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

func buildInfo(b build) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "mailhelpbot", Name: "build_info", Help: "1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": b.Version, "commit": b.short(), "go": b.Go},
	}, func() float64 { return 1 })
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Acknowledged implements [bot.Observer].
func (m *metrics) Acknowledged(platform string, took time.Duration) {
	m.acknowledged.WithLabelValues(platform).Observe(took.Seconds())
}

// Received implements [bot.Observer].
func (m *metrics) Received(platform string, r bot.Receipt) {
	m.received.WithLabelValues(platform, string(r)).Inc()
}

// Sent implements [bot.Observer].
func (m *metrics) Sent(platform string, d bot.Delivery) {
	m.sent.WithLabelValues(platform, string(d)).Inc()
}

// Handled implements [bot.Observer].
func (m *metrics) Handled(h bot.Handled) {
	if h.Silence != "" {
		m.silent.WithLabelValues(h.Platform, string(h.Kind), string(h.Silence)).Inc()
		return
	}
	m.answers.WithLabelValues(h.Platform, string(h.Kind), m.intent.of(h.Intent), orNone(string(h.Lang))).Inc()
	m.topics.WithLabelValues(m.topic.of(h.Topic), orNone(string(h.Lang))).Inc()
	m.first.WithLabelValues(h.Platform).Observe(h.First.Seconds())
}

// Probed implements [bot.Observer]. Causes are a vocabulary of the program.
func (m *metrics) Probed(e diagnose.EndpointReport) {
	cause := ""
	if e.Cause != nil {
		cause = string(*e.Cause)
	}
	m.probes.WithLabelValues(string(e.Protocol), string(e.Verdict), orNone(cause)).Inc()
}

// Feedback implements [bot.Observer].
func (m *metrics) Feedback(platform, verdict string) {
	m.feedback.WithLabelValues(platform, m.verdict.of(verdict)).Inc()
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// few bounds the values of a label: the first max are kept, all others are
// "other". Each value of a label is memory here and in Prometheus for good.
type few struct {
	max int

	mu   sync.Mutex
	seen map[string]bool
}

func (f *few) of(s string) string {
	if s == "" {
		return "none"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.seen[s]:
	case len(f.seen) >= f.max:
		return "other"
	case f.seen == nil:
		f.seen = map[string]bool{s: true}
	default:
		f.seen[s] = true
	}
	return s
}
