package slack

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// once is a handler that says one thing.
func once(s string) bot.Handler {
	return func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) { yield(say("en", s)) }
	}
}

func TestOnePostForTwinsRetriesAndRedeliveries(t *testing.T) {
	r := newRig(t, setup{handle: once("hello"), conns: 2})
	said := r.s.Say(anna, support, "", fakeslack.Mention()+" hi")
	if len(said.Deliveries) != 2 {
		t.Fatalf("%d events for a mention", len(said.Deliveries))
	}
	r.settle(said.Deliveries...)
	for _, d := range said.Deliveries {
		r.s.Redeliver(d)
		r.s.Redeliver(d)
	}
	// The same message under another event_id and ts, as after a reconnect.
	for _, d := range said.Deliveries {
		r.await("the redeliveries", func() bool { return d.State().Attempts == 3 })
	}
	again := r.s.Deliver(fakeslack.KindEvent, map[string]any{
		"type": "event_callback", "team_id": fakeslack.TeamID, "event_id": "Ev-other",
		"event": map[string]any{"type": "message", "channel": support, "channel_type": "channel", "user": anna, "text": fakeslack.Mention() + " hi", "ts": "1767607200.999999", "client_msg_id": "client-" + said.TS},
	})
	r.settle(again)
	r.await("the duplicates", func() bool { return r.a.Status().Duplicates >= 6 })
	if n := len(r.s.Posts(support)); n != 1 {
		t.Errorf("%d posts\n%s", n, r.s.Transcript())
	}
}

func TestUndecodableEnvelopesAreAcknowledgedAndCounted(t *testing.T) {
	r := newRig(t, setup{handle: once("understood")})
	r.s.AddChannel(fakeslack.Channel{ID: "D0ANNA", IM: true, Members: []string{anna, fakeslack.BotUserID}})
	// slack-go cannot decode these; two are nothing to the bot, one is a message.
	junk := r.s.Deliver(fakeslack.KindEvent, map[string]any{"event": "not an object", "type": 7})
	strange := r.s.Deliver("brand_new_kind", map[string]any{"x": 1})
	readable := r.s.Deliver(fakeslack.KindEvent, map[string]any{
		"type": "event_callback", "event_id": "Ev1", "team_id": fakeslack.TeamID, "event_time": "not a number",
		"event": map[string]any{
			"type": "message", "channel_type": "im", "channel": "D0ANNA", "user": anna, "text": "hi", "ts": "1767607200.000100",
			"blocks": "not an array",
		},
	})
	r.settle(junk, strange, readable)
	if n := r.a.Status().Undecodable; n != 2 {
		t.Errorf("counted %d", n)
	}
	if got := r.last("D0ANNA").Text; got != "understood" {
		t.Errorf("posted %q", got)
	}
	r.s.SendRaw("{broken")
	r.s.SendRaw(`{"type":"events_api"}`)
	r.await("the broken frames", func() bool { return r.a.Status().Undecodable >= 3 })
	r.settle(r.s.Say(anna, anna, "", "still there?").Deliveries...)
}

// helloCount is a log handler that counts opened sockets.
type helloCount struct{ n atomic.Int64 }

func (h *helloCount) Enabled(context.Context, slog.Level) bool { return true }
func (h *helloCount) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *helloCount) WithGroup(string) slog.Handler            { return h }

func (h *helloCount) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "socket open" {
		h.n.Add(1)
	}
	return nil
}

func TestDisconnectLosesNothingWithTwoConnections(t *testing.T) {
	var hellos helloCount
	r := newRig(t, setup{handle: once("here"), conns: 2, log: slog.New(&hellos)})
	// A hello on its way is not one that came: the connection count alone may
	// still be the one from before the loss.
	await := func(n int64) {
		r.await("the hellos", func() bool { return r.s.Sockets() == 2 && hellos.n.Load() == n })
	}
	await(2)
	for i := range 20 {
		reason := "refresh_requested"
		if i%2 == 1 {
			r.s.Drop(i % 2)
		} else {
			r.s.Disconnect(i%2, reason)
		}
		d := r.s.Say(anna, anna, "", fmt.Sprintf("question %d", i)).Deliveries
		r.settle(d...)
		await(int64(3 + i))
	}
	if r.s.Lost() != 0 || len(r.s.Posts("D0ANNA")) != 20 {
		t.Errorf("lost %d, posted %d\n%s", r.s.Lost(), len(r.s.Posts("D0ANNA")), r.s.Transcript())
	}
}

func TestConnectionsAreStaggered(t *testing.T) {
	r := newRig(t, setup{conns: 2, still: true})
	if err := r.clock.AwaitTimers(r.ctx, 1); err != nil {
		t.Fatal(err)
	}
	if n := len(r.s.Calls("apps.connections.open")); n != 1 {
		t.Fatalf("%d connections at once", n)
	}
	r.clock.Advance(time.Minute)
	r.await("the second socket", func() bool { return r.s.Sockets() == 2 })
}

func TestTooManyConnectionsBackOff(t *testing.T) {
	r := newRig(t, setup{conns: 12, still: true})
	for r.s.Sockets() < 10 {
		if err := r.clock.AwaitTimers(r.ctx, 1); err != nil {
			t.Fatal(err)
		}
		r.clock.Advance(time.Minute)
	}
	// Two too many; each attempt is followed by a pause on the clock.
	r.await("the pauses", func() bool { return len(r.clock.Pending()) >= 2 })
	before := len(r.s.Calls("apps.connections.open"))
	if err := r.clock.AwaitTimers(r.ctx, 2); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(10 * time.Second)
	r.await("another attempt", func() bool { return len(r.s.Calls("apps.connections.open")) > before })
	if n := r.s.Sockets(); n != 10 {
		t.Errorf("%d sockets", n)
	}
	if n := len(r.s.Calls("apps.connections.open")); n > 60 {
		t.Errorf("%d attempts: no back-off", n)
	}
}

func TestPostIsNotRepeatedWhenItsOutcomeIsUnknown(t *testing.T) {
	for name, f := range map[string]fakeslack.Fault{
		"reset, posted":     {Reset: true, After: true},
		"reset, not posted": {Reset: true},
		"502, posted":       {Status: http.StatusBadGateway, After: true},
		"502, not posted":   {Status: http.StatusBadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, setup{})
			r.s.Fail("chat.postMessage", f)
			r.settle(r.s.Say(anna, support, "", fakeslack.Mention()+" hi").Deliveries...)
			if n := len(r.s.Calls("chat.postMessage")); n != 1 {
				t.Errorf("%d attempts\n%s", n, r.s.Transcript())
			}
			want := 0
			if f.After {
				want = 1
			}
			if n := len(r.s.Posts(support)); n != want || r.a.Status().Unknown != 1 {
				t.Errorf("%d posts, %d unknown", n, r.a.Status().Unknown)
			}
		})
	}
}

func TestResultFollowsAProgressOfUnknownOutcome(t *testing.T) {
	for _, after := range []bool{true, false} {
		t.Run(fmt.Sprint("posted ", after), func(t *testing.T) {
			r := newRig(t, setup{handle: func(ctx context.Context, m bot.Message) iter.Seq[bot.Answer] {
				return func(yield func(bot.Answer) bool) {
					p := say("en", "running")
					p.Partial = true
					yield(p)
					yield(say("en", "done"))
				}
			}})
			r.s.Fail("chat.postMessage", fakeslack.Fault{Reset: true, After: after})
			r.settle(r.s.Say(anna, support, "", fakeslack.Mention()+" test").Deliveries...)
			// If both states came at once, only the last was tried, and not again.
			ps := r.s.Posts(support)
			if len(ps) > 1 || after && (len(ps) != 1 || !strings.HasPrefix(ps[0].Text, "done\n")) {
				t.Errorf("posts: %+v\n%s", ps, r.s.Transcript())
			}
		})
	}
}

func TestRateLimitIsHonoured(t *testing.T) {
	r := newRig(t, setup{handle: once("hello"), still: true})
	r.s.Fail("chat.postMessage", fakeslack.Fault{Status: http.StatusTooManyRequests, RetryAfter: 7 * time.Second})
	at := r.clock.Now()
	ds := r.s.Say(anna, support, "", fakeslack.Mention()+" hi").Deliveries
	r.await("the first attempt", func() bool { return len(r.s.Calls("chat.postMessage")) == 1 })
	for _, d := range ds {
		if err := d.Wait(r.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.clock.AwaitTimers(r.ctx, 1); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(6 * time.Second)
	if n := len(r.s.Calls("chat.postMessage")); n != 1 {
		t.Errorf("%d attempts before the pause was over", n)
	}
	r.clock.Advance(time.Second)
	r.settle()
	cs := r.s.Calls("chat.postMessage")
	if len(cs) != 2 || cs[1].Time.Sub(at) < 7*time.Second || len(r.s.Posts(support)) != 1 {
		t.Errorf("%d attempts, the last after %s", len(cs), cs[len(cs)-1].Time.Sub(at))
	}
}

func TestProgressIsEditedOnceASecondAndTheLastStateShown(t *testing.T) {
	step := make(chan int)
	r := newRig(t, setup{still: true, handle: func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) {
			for i := range step {
				a := say("en", fmt.Sprintf("state %d", i))
				a.Partial = true
				if !yield(a) {
					return
				}
			}
			yield(say("en", "the end"))
		}
	}})
	r.s.Say(anna, anna, "", "test")
	step <- 0
	r.await("the first state", func() bool { return len(r.s.Posts("D0ANNA")) == 1 })
	for i := 1; i <= 50; i++ {
		step <- i
	}
	edits := func() int { return len(r.s.Calls("chat.update")) }
	if edits() != 0 {
		t.Errorf("%d edits while the clock stands still", edits())
	}
	r.advanceUntil("the edit", func() bool { return r.last("D0ANNA").Text == "state 50" })
	step <- 51
	close(step)
	r.advanceUntil("the end", func() bool { return r.a.Status().UnderWay == 0 })
	if got := r.last("D0ANNA").Text; got != "the end" {
		t.Errorf("last state %q after %d edits", got, edits())
	}
	calls := append(r.s.Calls("chat.postMessage"), r.s.Calls("chat.update")...)
	for i := 1; i < len(calls); i++ {
		if d := calls[i].Time.Sub(calls[i-1].Time); d < time.Second {
			t.Errorf("write %d came %s after the one before", i, d)
		}
	}
}

func TestLastStateSurvives429AndBrokenEdits(t *testing.T) {
	r := newRig(t, setup{})
	r.s.Fail("chat.update", fakeslack.Fault{Status: http.StatusTooManyRequests, RetryAfter: 3 * time.Second})
	r.s.Fail("chat.update", fakeslack.Fault{Status: http.StatusBadGateway})
	r.s.Fail("chat.update", fakeslack.Fault{Reset: true, After: true})
	r.settle(r.s.Say(anna, anna, "", "test gmx").Deliveries...)
	if got := r.last("D0ANNA").Text; !strings.Contains(got, "All well.") {
		t.Errorf("last state %q\n%s", got, r.s.Transcript())
	}
}

func TestDeletedAnswerStaysDeleted(t *testing.T) {
	r := newRig(t, setup{})
	r.s.Fail("chat.update", fakeslack.Fault{Error: "message_not_found"})
	r.settle(r.s.Say(anna, anna, "", "test gmx").Deliveries...)
	if n := len(r.s.Calls("chat.postMessage")); n != 1 {
		t.Errorf("%d posts", n)
	}
}

func TestMissingScopeIsNamed(t *testing.T) {
	r := newRig(t, setup{})
	r.s.Fail("chat.postMessage", fakeslack.Fault{Error: "missing_scope", Needed: "chat:write"})
	r.settle(r.s.Slash(anna, support, "/settings", "gmx"))
	ms := r.s.Messages(support)
	if len(ms) != 1 || ms[0].Ephemeral != anna || !strings.Contains(ms[0].Text, "chat:write") {
		t.Errorf("%+v\n%s", ms, r.s.Transcript())
	}
}

func TestAcknowledgedWhileAllWorkersAreBusy(t *testing.T) {
	release := make(chan struct{})
	var unlock sync.Once
	t.Cleanup(func() { unlock.Do(func() { close(release) }) })
	r := newRig(t, setup{still: true, handle: func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(func(bot.Answer) bool) { <-release }
	}})
	var ds []*fakeslack.Delivery
	for i := range 3 * workers {
		ds = append(ds, r.s.Say(anna, anna, "", fmt.Sprint("q", i)).Deliveries...)
	}
	for _, d := range ds {
		if err := d.Wait(r.ctx); err != nil {
			t.Fatal(err)
		}
		if st := d.State(); st.AckedIn != 0 || st.Attempts != 1 {
			t.Errorf("%+v", st)
		}
	}
	unlock.Do(func() { close(release) })
	r.settle()
}

func TestWhatHasNoRoomWaitsInTheInbox(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, setup{still: true, handle: func(context.Context, bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) { <-release; yield(say("en", "ok")) }
	}})
	var ds []*fakeslack.Delivery
	const n = workers + queueLength + 200
	for i := range n {
		ds = append(ds, r.s.Say(anna, anna, "", fmt.Sprint("q", i)).Deliveries...)
	}
	for _, d := range ds { // all are acknowledged, although nobody works on them
		if err := d.Wait(r.ctx); err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	r.await("all answers", func() bool { return len(r.s.Posts("D0ANNA")) >= n && r.a.Status().UnderWay == 0 })
	if got := len(r.s.Posts("D0ANNA")); got != n {
		t.Errorf("%d answers to %d questions", got, n)
	}
}

func TestWhatIsNotStoredIsNotAcknowledged(t *testing.T) {
	inbox := &faultyInbox{Inbox: bot.NewMemoryInbox(nil)}
	inbox.full.Store(true)
	r := newRig(t, setup{still: true, handle: once("ok"), inbox: inbox})
	d := r.s.Say(anna, anna, "", "one").Deliveries[0]
	r.await("the refusal", func() bool { return r.a.Status().Refused == 1 })
	if d.State().Acked {
		t.Error("acknowledged, and not stored")
	}
	inbox.full.Store(false)
	r.clock.Advance(3 * time.Second) // Slack gives up waiting and repeats
	r.settle(d)
	if n := len(r.s.Posts("D0ANNA")); n != 1 {
		t.Errorf("%d answers", n)
	}
}

func TestEndLetsTheAnswerComeToItsEnd(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, setup{still: true, handle: func(ctx context.Context, _ bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) {
			p := say("en", "running")
			p.Partial = true
			yield(p)
			<-release
			yield(say("en", "done"))
		}
	}})
	r.s.Say(anna, anna, "", "test")
	r.await("the progress", func() bool { return len(r.s.Posts("D0ANNA")) == 1 })
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	r.await("the end of intake", func() bool { return r.a.self.Load() == nil })
	close(release)
	r.advanceUntil("the end", func() bool { return len(ended) == 1 })
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := r.last("D0ANNA").Text; got != "done" {
		t.Errorf("%q", got)
	}
}

func TestEndCancelsWhatTakesTooLong(t *testing.T) {
	r := newRig(t, setup{still: true, handle: func(ctx context.Context, _ bot.Message) iter.Seq[bot.Answer] {
		return func(yield func(bot.Answer) bool) {
			p := say("en", "running")
			p.Partial = true
			yield(p)
			<-ctx.Done()
			yield(say("en", "aborted"))
		}
	}})
	r.s.Say(anna, anna, "", "test")
	r.await("the progress", func() bool { return len(r.s.Posts("D0ANNA")) == 1 })
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	r.await("the drain", func() bool { return slices.Contains(r.clock.Pending(), drainTime) })
	r.clock.Advance(drainTime)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := r.last("D0ANNA").Text; got != "aborted" {
		t.Errorf("%q", got)
	}
}

func TestNothingSecretIsLoggedOrPrinted(t *testing.T) {
	var buf bytes.Buffer
	old := os.Stderr
	rd, wr, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = wr
	defer func() { os.Stderr = old }()
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddUser(fakeslack.User{ID: anna, Name: "anna"})
	a, err := New(Config{
		BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.APIURL(), Connections: 1,
		Log: slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	run, end := context.WithCancel(ctx)
	go func() { done <- a.Run(run, once("canary-answer")) }()
	if err := s.Await(ctx, func() bool { return s.Sockets() == 1 }); err != nil {
		t.Fatal(err)
	}
	s.SendRaw(`{"type":"canary-kind","envelope_id":"e1","payload":{"text":"canary-raw"}}`)
	s.Say(anna, anna, "", "canary-question")
	if err := s.Await(ctx, func() bool { return len(s.Posts("D0ANNA")) == 1 }); err != nil {
		t.Fatal(err)
	}
	end()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	wr.Close()
	var printed bytes.Buffer
	if _, err := printed.ReadFrom(rd); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{buf.String(), printed.String()} {
		for _, c := range []string{"canary-question", "canary-answer", "canary-raw", "xoxb-", "xapp-", "ticket-"} {
			if strings.Contains(text, c) {
				t.Errorf("%q got out:\n%s", c, text)
			}
		}
	}
}

func TestStartErrorsNameTheSetting(t *testing.T) {
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	notSlack := httptest.NewServer(http.NotFoundHandler())
	defer notSlack.Close()
	ok := Config{BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.APIURL()}
	for name, c := range map[string]struct {
		change func(*Config)
		want   []string
	}{
		"no bot token":    {func(c *Config) { c.BotToken = "" }, []string{"SLACK_BOT_TOKEN", "OAuth"}},
		"user token":      {func(c *Config) { c.BotToken = "xoxp-1" }, []string{"SLACK_BOT_TOKEN", "xoxb-"}},
		"no app token":    {func(c *Config) { c.AppToken = "" }, []string{"SLACK_APP_TOKEN", "connections:write", "SLACK_SIGNING_SECRET"}},
		"bot token twice": {func(c *Config) { c.AppToken = c.BotToken }, []string{"SLACK_APP_TOKEN", "xapp-"}},
		"wrong bot token": {func(c *Config) { c.BotToken = "xoxb-wrong" }, []string{"SLACK_BOT_TOKEN", "invalid_auth", "copy it again"}},
		"wrong app token": {func(c *Config) { c.AppToken = "xapp-wrong" }, []string{"SLACK_APP_TOKEN", "invalid_auth"}},
		"bad URL":         {func(c *Config) { c.APIURL = "slack.com" }, []string{"SLACK_API_URL"}},
		"not Slack":       {func(c *Config) { c.APIURL = notSlack.URL + "/api" }, []string{"SLACK_API_URL"}},
		"nobody there":    {func(c *Config) { c.APIURL = "http://127.0.0.1:1/api/" }, []string{"SLACK_API_URL", "network"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := ok
			c.change(&cfg)
			a, err := New(cfg)
			if err == nil {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err = a.Run(ctx, once("x"))
			}
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
		})
	}
}
