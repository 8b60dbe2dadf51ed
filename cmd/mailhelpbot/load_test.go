package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

var (
	loadFor  = flag.Duration("load", time.Second, "how long TestLoad… send events")
	loadRate = flag.Int("rate", 500, "events per second of TestLoadSQLite; 0 sends as many as are taken")
	loadFlow = flag.Int("pgrate", 0, "events per second of TestLoadPostgres; 0 sends as many as are taken")
	loadDir  = flag.String("loaddir", "", "folder of bot.db under load, on the disk that is to be measured")
)

// flood is how many events a second are sent at most where as many are sent as
// are taken: so every run ends.
const flood = 2000

// loadRun is events sent to some processes of the program, and what became of them.
type loadRun struct {
	t       *testing.T
	fleet   *fleet
	slack   *lean
	targets []string
	db      string // its file, or ""

	mu      sync.Mutex
	taken   []bool // by event: acknowledged
	sent    int
	refused int
	all     spread // of the acknowledgements
	minute  spread // of those since the last line of the table
}

// startLoad runs n processes on a database, ready to take events.
func startLoad(t *testing.T, n, events int, db string) *loadRun {
	t.Helper()
	r := &loadRun{t: t, slack: newLean(events + n), taken: make([]bool, events), fleet: newFleet(t, n)}
	t.Cleanup(r.slack.Close)
	for i := range n {
		addr := testaddr.HostPort(t)
		r.targets = append(r.targets, "http://"+addr)
		r.fleet.env = []string{
			"SLACK_BOT_TOKEN=xoxb-load", "SLACK_SIGNING_SECRET=fake-signing-secret", "SLACK_API_URL=" + r.slack.URL + "/api/",
			"MAILHELPBOT_DB=" + db, "MAILHELPBOT_HTTP=" + addr,
		}
		r.fleet.start(i)
	}
	for _, u := range r.targets {
		await(t, "a ready process", func() bool {
			resp, err := http.Get(u + "/readyz")
			if err == nil {
				resp.Body.Close()
			}
			return err == nil && resp.StatusCode == http.StatusOK
		})
	}
	// The first question waits for the model. These are numbered after the load's.
	for i, u := range r.targets {
		if !send(http.DefaultClient, u, events+i) {
			t.Fatal("the first event was not taken")
		}
		await(t, "the first answer", func() bool { return r.slack.has(events + i) })
	}
	r.slack.countAnew()
	return r
}

// drive sends events to the processes in turn, rate a second or as fast as they
// are taken, and returns when all were acknowledged or refused.
func (r *loadRun) drive(events, rate int, atMost time.Duration) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	const senders = 64
	work := make(chan int, senders)
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for i := range work {
				began := time.Now()
				ok := send(client, r.targets[i%len(r.targets)], i)
				r.acknowledged(i, time.Since(began), ok)
			}
		})
	}
	began := time.Now()
	for i := range events {
		if rate == 0 && time.Since(began) > atMost {
			break
		}
		if rate > 0 {
			if ahead := time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(rate))); ahead > 0 {
				time.Sleep(ahead)
			}
		}
		work <- i
	}
	close(work)
	wg.Wait()
}

func (r *loadRun) acknowledged(i int, took time.Duration, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent++
	r.all.add(took)
	r.minute.add(took)
	if r.taken[i] = ok; !ok {
		r.refused++
	}
}

// unanswered is how many events were acknowledged and have no answer. One that
// was refused may have one: the refusal came too late.
func (r *loadRun) unanswered() (missing int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, taken := range r.taken {
		if taken && !r.slack.has(i) {
			missing++
		}
	}
	return missing
}

// send delivers one mention over HTTP, signed as Slack does.
func send(client *http.Client, target string, i int) bool {
	ts := eventTS(i)
	body, _ := json.Marshal(map[string]any{ // made of maps and strings
		"type": "event_callback", "team_id": fakeslack.TeamID, "event_id": fmt.Sprint("Ev", i),
		"event": map[string]any{
			"type": "app_mention", "user": fmt.Sprint("U", i%500), "channel": fmt.Sprint("C", i%500), "ts": ts,
			"client_msg_id": fmt.Sprint("m", i), "text": fakeslack.Mention() + " Welche Einstellungen hat GMX für IMAP?",
		},
	})
	req, err := http.NewRequest(http.MethodPost, target+"/slack/events", bytes.NewReader(body))
	if err != nil {
		return false
	}
	for k, v := range fakeslack.Sign("fake-signing-secret", time.Now(), body) {
		req.Header[k] = v
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // so that the connection can be used again
	return resp.StatusCode == http.StatusOK
}

// load sends events to n processes on a database, reports, and demands that
// every event that was taken is answered once.
func load(t *testing.T, n int, db, file string, rate int) {
	t.Helper()
	perSecond := rate
	if rate == 0 {
		perSecond = flood
	}
	events := int(loadFor.Seconds() * float64(perSecond))
	r := startLoad(t, n, events, db)
	r.db = file
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { r.table(ctx) })
	began := time.Now()
	r.drive(events, rate, *loadFor)
	took := time.Since(began)
	for end := time.Now().Add(5 * time.Minute); r.unanswered() > 0 && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	answered := time.Since(began)
	stop()
	wg.Wait()
	total, twice := r.slack.counts()
	t.Logf("%d processes, %d events in %s (%.0f/s), %d not taken; acknowledged p50 %s p99 %s max %s; %d answers, %d twice, %.0f/s until the last",
		n, r.sent, took.Round(100*time.Millisecond), float64(r.sent)/took.Seconds(), r.refused,
		r.all.quantile(0.5), r.all.quantile(0.99), r.all.quantile(1), total, twice, float64(total)/answered.Seconds())
	if missing := r.unanswered(); r.sent == r.refused || missing > 0 || twice > 0 {
		t.Errorf("%d events, %d refused, %d of the others without an answer, %d answers too many", r.sent, r.refused, missing, twice)
	}
	r.end(n)
}

// end ends the processes and tells what they used.
func (r *loadRun) end(n int) {
	for i := range n {
		m := resident(r.fleet.procs[i].Process.Pid)
		cmd := r.fleet.procs[i]
		if err := r.fleet.end(i, syscall.SIGTERM); err != nil {
			r.t.Errorf("SIGTERM: %v", err)
		}
		cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		r.t.Logf("process %d: %.1f MB resident, at most %.1f MB; %s of a core, %s for an event", i, m.now, m.peak,
			cpu.Round(10*time.Millisecond), (cpu * time.Duration(n) / time.Duration(r.sent)).Round(10*time.Microsecond))
	}
}

func TestLoadSQLite(t *testing.T) {
	dir := *loadDir
	if dir == "" {
		dir = t.TempDir()
	}
	file := filepath.Join(dir, "load.db")
	load(t, 1, file, file, *loadRate)
}

func TestLoadPostgres(t *testing.T) {
	for _, n := range []int{1, 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			load(t, n, pgtest.Start(t, true).Database(t), "", *loadFlow)
		})
	}
}
