package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// busy are metrics in which everything has happened once.
func busy(t *testing.T) *metrics {
	t.Helper()
	a := openApp(t)
	m := newMetrics()
	a.metrics = m
	a.bot.Incidents = &bot.Incidents{Memory: a.store}
	m.watchApp(a)
	var backlog bot.Backlog
	began := time.Unix(1_800_000_000, 0)
	backlog.Enter(began)
	m.watchPlatform(platform{
		adapter: named("slack"), ready: func() error { return nil }, backlog: &backlog,
		lastEvent: func() time.Time { return began },
		shards:    func() discord.Shards { return discord.Shards{Count: 5, Held: 2, Live: 1, Left: 990} },
	}, func() time.Time { return began.Add(90 * time.Second) })
	m.Acknowledged("slack", 40*time.Millisecond)
	m.Received("slack", bot.ReceiptDuplicate)
	m.Sent("slack", bot.DeliveryUnknown)
	m.Handled(bot.Handled{Platform: "slack", Kind: bot.KindMention, Intent: "faq", Topic: "app-password", Lang: "de", First: time.Millisecond})
	m.Handled(bot.Handled{Platform: "slack", Kind: bot.KindChannel, Silence: bot.SilenceUnsure})
	cause := diagnose.CauseCertExpired
	m.Probed(diagnose.EndpointReport{Protocol: mailconf.IMAP, Verdict: diagnose.VerdictFail, Cause: &cause})
	m.Probed(diagnose.EndpointReport{Protocol: mailconf.SMTP, Verdict: diagnose.VerdictOK})
	m.Feedback("slack", "helped")
	return m
}

// openApp is the program's parts over a database in memory.
func openApp(t *testing.T) *app {
	t.Helper()
	in := &invocation{stdio: stdio{strings.NewReader(""), io.Discard, io.Discard}, env: settings{DB: store.Memory}}
	a, err := in.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// named is an adapter that has a name and nothing else.
type named string

func (n named) Name() string { return string(n) }

func (n named) Run(context.Context, bot.Handler) error { return nil }

func TestMetricsArePrometheusLike(t *testing.T) {
	m := busy(t)
	problems, err := testutil.GatherAndLint(m.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	text := scrape(t, m.handler())
	fromText, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(fromText) > 0 {
		t.Errorf("as text: %v %v", fromText, err)
	}
	for _, want := range []string{
		`mailhelpbot_ack_duration_seconds_bucket{platform="slack",le="0.05"} 1`,
		`mailhelpbot_received_total{outcome="duplicate",platform="slack"} 1`,
		`mailhelpbot_sent_total{outcome="unknown",platform="slack"} 1`,
		`mailhelpbot_answers_total{intent="faq",kind="mention",lang="de",platform="slack"} 1`,
		`mailhelpbot_topics_total{lang="de",topic="app-password"} 1`,
		`mailhelpbot_silences_total{kind="channel",platform="slack",reason="unsure"} 1`,
		`mailhelpbot_probe_results_total{cause="cert-expired",protocol="imap",verdict="fail"} 1`,
		`mailhelpbot_probe_results_total{cause="none",protocol="smtp",verdict="ok"} 1`,
		`mailhelpbot_feedback_total{platform="slack",verdict="helped"} 1`,
		`mailhelpbot_connected{platform="slack"} 1`,
		`mailhelpbot_queue_length{platform="slack"} 1`,
		`mailhelpbot_queue_oldest_age_seconds{platform="slack"} 90`,
		`mailhelpbot_last_event_timestamp_seconds{platform="slack"} 1.8e+09`,
		`mailhelpbot_inbox_events 0`, `mailhelpbot_inbox_oldest_age_seconds 0`, `mailhelpbot_incidents_open 0`, `mailhelpbot_store_up 1`, `mailhelpbot_store_persistent 0`,
		`version="devel"} 1`, `process_resident_memory_bytes`, `go_goroutines`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

// TestLabelsAreBounded holds that a knowledge full of topics, or a platform
// full of strange buttons, cannot fill Prometheus.
func TestLabelsAreBounded(t *testing.T) {
	m := newMetrics()
	for i := range 5000 {
		s := fmt.Sprint("x", i)
		m.Handled(bot.Handled{Platform: "slack", Kind: bot.KindDirect, Intent: s, Topic: s, Lang: "de"})
		m.Feedback("slack", s)
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if n := len(f.GetMetric()); n > maxTopics+1 && strings.HasPrefix(f.GetName(), "mailhelpbot_") {
			t.Errorf("%s has %d series", f.GetName(), n)
		}
		if f.GetName() == "mailhelpbot_topics_total" && (len(f.GetMetric()) != maxTopics+1 || total(f) != 5000) {
			t.Errorf("%d series count %v of 5000", len(f.GetMetric()), total(f))
		}
	}
}

func total(f *dto.MetricFamily) (sum float64) {
	for _, m := range f.GetMetric() {
		sum += m.GetCounter().GetValue()
	}
	return sum
}

func scrape(t *testing.T, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	return w.Body.String()
}

// listening finds the port in the log, text or JSON, of a service with MAILHELPBOT_HTTP=127.0.0.1:0.
var listening = regexp.MustCompile(`listening"?[, ]"?addr"?[=:]"?(127\.0\.0\.1:\d+)`)

// get asks a service until the answer pleases, and returns it.
func get(t *testing.T, log *lockedBuffer, path string, pleases func(status int, body string) bool) string {
	t.Helper()
	ctx := within(t)
	for {
		if at := listening.FindStringSubmatch(log.String()); at != nil {
			resp, err := http.Get("http://" + at[1] + path)
			if err == nil {
				b, _ := io.ReadAll(resp.Body) // a broken body pleases nobody
				resp.Body.Close()
				if pleases(resp.StatusCode, string(b)) {
					return string(b)
				}
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s\n%s", path, log)
		case <-time.After(10 * time.Millisecond): // leaves the processor to what is waited for
		}
	}
}

// TestHealthOfAService watches /livez, /readyz and /metrics of the whole
// program while Slack comes, talks and goes.
func TestHealthOfAService(t *testing.T) {
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
	log := serveIn(t, t.TempDir(), "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken(), "MAILHELPBOT_HTTP=127.0.0.1:0")
	status := func(want int) func(int, string) bool { return func(got int, _ string) bool { return got == want } }
	get(t, log, "/livez", status(http.StatusOK))
	ready := get(t, log, "/readyz", status(http.StatusOK))
	for _, line := range []string{`(?m)^ok    slack  last event \d+s ago$`, `(?m)^ok    database$`, `(?m)^ok    knowledge  \d+ records$`} {
		if !regexp.MustCompile(line).MatchString(ready) {
			t.Errorf("%s is not in\n%s", line, ready)
		}
	}
	at := "MAILHELPBOT_HTTP=" + listening.FindStringSubmatch(log.String())[1]
	if r := cli(t, "", []string{at}, "doctor", "--ready"); r.status != exitOK || !strings.Contains(r.out, "ok    slack") {
		t.Errorf("doctor --ready: status %d\n%s%s", r.status, r.out, r.err)
	}
	s.Say("U1", "C1", "", fakeslack.Mention()+" /settings gmx")
	get(t, log, "/metrics", func(_ int, body string) bool {
		return strings.Contains(body, `mailhelpbot_answers_total{intent="settings",kind="mention",lang="de",platform="slack"} 1`) &&
			strings.Contains(body, `mailhelpbot_sent_total{outcome="ok",platform="slack"}`) &&
			regexp.MustCompile(`mailhelpbot_ack_duration_seconds_count\{platform="slack"\} [1-9]`).MatchString(body)
	})
	s.Fail("apps.connections.open", fakeslack.Fault{Status: 503, Times: -1})
	s.Drop(0)
	down := get(t, log, "/readyz", status(http.StatusServiceUnavailable))
	if !strings.Contains(down, "FAIL  slack  slack: not connected") || !strings.Contains(down, "ok    database") {
		t.Errorf("with Slack gone:\n%s", down)
	}
	get(t, log, "/livez", status(http.StatusOK))
	if r := cli(t, "", []string{at}, "doctor", "--ready"); r.status != exitFailure || r.out != down {
		t.Errorf("doctor --ready: status %d\n%s%s", r.status, r.out, r.err)
	}
	get(t, log, "/metrics", func(_ int, body string) bool {
		return strings.Contains(body, `mailhelpbot_connected{platform="slack"} 0`)
	})
}
