package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

var (
	loadFor  = flag.Duration("load", 0, "how long TestLoad… send events; 0 skips them")
	loadRate = flag.Int("rate", 500, "events per second of TestLoadSQLite; 0 sends as many as are taken")
	loadDir  = flag.String("loaddir", "", "folder of bot.db under load, on the disk that is to be measured")
)

// lean is as much of Slack as a load needs: it counts answers and forgets them.
type lean struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]int8 // by thread
	total   int
	twice   int
}

func newLean() *lean {
	l := &lean{answers: map[string]int8{}}
	var ts atomic.Int64
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, v map[string]any) {
		v["ok"] = true
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v) // the client is gone then
	}
	mux.HandleFunc("/api/auth.test", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"user_id": fakeslack.BotUserID, "bot_id": fakeslack.BotID, "team_id": fakeslack.TeamID, "user": "mailhelp"})
	})
	mux.HandleFunc("/api/users.info", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"user": map[string]any{"id": "U", "locale": "de-DE"}})
	})
	mux.HandleFunc("/api/chat.postMessage", func(w http.ResponseWriter, r *http.Request) {
		l.answered(r.FormValue("channel") + "/" + r.FormValue("thread_ts"))
		reply(w, map[string]any{"channel": r.FormValue("channel"), "ts": fmt.Sprintf("1700000000.%06d", ts.Add(1))})
	})
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]any{}) })
	l.Server = httptest.NewServer(mux)
	return l
}

func (l *lean) answered(thread string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	if l.answers[thread]++; l.answers[thread] > 1 {
		l.twice++
	}
}

func (l *lean) counts() (total, twice int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total, l.twice
}

// drive sends events to targets in turn, rate a second or as fast as they are
// taken, and returns how long each acknowledgement took.
func drive(t *testing.T, targets []string, rate int, until time.Time) (took []time.Duration, refused int) {
	t.Helper()
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	const senders = 64
	work := make(chan int, senders)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for i := range work {
				began := time.Now()
				ok := send(client, targets[i%len(targets)], i)
				d := time.Since(began)
				mu.Lock()
				took = append(took, d)
				if !ok {
					refused++
				}
				mu.Unlock()
			}
		})
	}
	began := time.Now()
	for i := 0; time.Now().Before(until); i++ {
		if rate > 0 {
			if ahead := time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(rate))); ahead > 0 {
				time.Sleep(ahead)
			}
		}
		work <- i
	}
	close(work)
	wg.Wait()
	return took, refused
}

// send delivers one mention over HTTP, signed as Slack does.
func send(client *http.Client, target string, i int) bool {
	ts := fmt.Sprintf("%d.%06d", 1700000000+i/1000000, i%1000000)
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

func quantile(d []time.Duration, q float64) time.Duration {
	return d[min(len(d)-1, int(q*float64(len(d))))].Round(100 * time.Microsecond)
}

// resident is the memory of a process in MB, now and at its peak.
func resident(pid int) (now, peak string) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "?", "?"
	}
	for l := range strings.Lines(string(b)) {
		f := strings.Fields(l)
		if len(f) > 1 && f[0] == "VmRSS:" {
			now = f[1]
		}
		if len(f) > 1 && f[0] == "VmHWM:" {
			peak = f[1]
		}
	}
	return now, peak
}

// load runs n processes on a database and reports.
func load(t *testing.T, n int, db string, rate int) {
	t.Helper()
	if *loadFor == 0 {
		t.Skip("a measurement; run with -load 1m")
	}
	l := newLean()
	defer l.Close()
	f := newFleet(t, n)
	var targets []string
	for i := range n {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := ln.Addr().String()
		ln.Close()
		targets = append(targets, "http://"+addr)
		f.env = []string{
			"SLACK_BOT_TOKEN=xoxb-load", "SLACK_SIGNING_SECRET=fake-signing-secret", "SLACK_API_URL=" + l.URL + "/api/",
			"MAILHELPBOT_DB=" + db, "MAILHELPBOT_HTTP=" + addr,
		}
		f.start(i)
	}
	for _, u := range targets {
		await(t, "a ready process", func() bool {
			resp, err := http.Get(u + "/readyz")
			if err == nil {
				resp.Body.Close()
			}
			return err == nil && resp.StatusCode == http.StatusOK
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { watchMemory(ctx, t, f, l) })
	began := time.Now()
	took, refused := drive(t, targets, rate, began.Add(*loadFor))
	sent := time.Since(began)
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if total, _ := l.counts(); total >= len(took)-refused {
			break
		}
	}
	answered := time.Since(began)
	stop()
	wg.Wait()
	total, twice := l.counts()
	slices.Sort(took)
	t.Logf("%d processes, %d events in %s (%.0f/s), %d not taken; acknowledged p50 %s p99 %s max %s; %d answers, %d twice, %.0f/s until the last",
		n, len(took), sent.Round(time.Second), float64(len(took))/sent.Seconds(), refused,
		quantile(took, 0.5), quantile(took, 0.99), took[len(took)-1].Round(time.Millisecond), total, twice, float64(total)/answered.Seconds())
	for i := range n {
		now, peak := resident(f.procs[i].Process.Pid)
		t.Logf("process %d: %s kB resident, at most %s kB", i, now, peak)
	}
	if total != len(took)-refused || twice > 0 {
		t.Errorf("%d answers to %d events, %d twice", total, len(took)-refused, twice)
	}
	for i := range n {
		cmd := f.procs[i]
		if err := f.end(i, syscall.SIGTERM); err != nil {
			t.Errorf("SIGTERM: %v", err)
		}
		cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		t.Logf("process %d: %s of a core, %s for an event", i, cpu.Round(time.Second), (cpu * time.Duration(n) / time.Duration(len(took))).Round(10*time.Microsecond))
	}
}

// watchMemory logs every half minute.
func watchMemory(ctx context.Context, t *testing.T, f *fleet, l *lean) {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, _ := resident(f.procs[0].Process.Pid)
		total, _ := l.counts()
		t.Logf("%7d answers, %s kB", total, now)
	}
}

func TestLoadSQLite(t *testing.T) {
	dir := *loadDir
	if dir == "" {
		dir = t.TempDir()
	}
	load(t, 1, filepath.Join(dir, "load.db"), *loadRate)
}

func TestLoadPostgres(t *testing.T) {
	for _, n := range []int{1, 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			if *loadFor == 0 {
				t.Skip("a measurement; run with -load 1m")
			}
			load(t, n, pgtest.Start(t, true).Database(t), 0)
		})
	}
}
