package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// spread counts durations in steps of a tenth of a millisecond, so that a
// million of them take no more memory than a thousand.
type spread struct {
	n     int
	steps [100001]int32 // the last for all from ten seconds on
}

const spreadStep = 100 * time.Microsecond

func (s *spread) add(d time.Duration) {
	s.n++
	s.steps[min(int(d/spreadStep), len(s.steps)-1)]++
}

// quantile is at most one step more than the exact one.
func (s *spread) quantile(q float64) time.Duration {
	left := max(1, int(q*float64(s.n)))
	for i, n := range s.steps {
		if left -= int(n); left <= 0 {
			return time.Duration(i+1) * spreadStep
		}
	}
	return 0
}

// memory is what a process holds, in MB (10⁶ bytes, as in all our figures).
type memory struct{ now, own, peak float64 }

// resident reads it: all of it, what is not pages of files, and the most there was.
func resident(pid int) (m memory) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m
	}
	for l := range strings.Lines(string(b)) {
		f := strings.Fields(l)
		if len(f) < 2 {
			continue
		}
		kib, _ := strconv.ParseFloat(f[1], 64) // the lines that count are numbers
		switch mb := kib * 1024 / 1e6; f[0] {
		case "VmRSS:":
			m.now = mb
		case "RssAnon:":
			m.own = mb
		case "VmHWM:":
			m.peak = mb
		}
	}
	return m
}

// gauges reads values out of a process's metrics.
func gauges(target string) map[string]float64 {
	out := map[string]float64{}
	resp, err := http.Get(target + "/metrics")
	if err != nil {
		return out
	}
	defer resp.Body.Close()
	for sc := bufio.NewScanner(resp.Body); sc.Scan(); {
		name, value, _ := strings.Cut(sc.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			out[name] = v
		}
	}
	return out
}

// table logs a line every minute until ctx ends, and one then.
func (r *loadRun) table(ctx context.Context) {
	r.t.Logf("%6s %8s %8s %8s %8s %8s %8s %8s %10s %8s %8s %8s %8s", "minute", "events", "answers", "p50 ms", "p99 ms", "RSS MB", "own MB", "heap MB", "goroutines", "queued", "oldest s", "file MB", "test MB")
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for began := time.Now(); ; {
		select {
		case <-ctx.Done():
			r.line(time.Since(began))
			return
		case <-tick.C:
			r.line(time.Since(began))
		}
	}
}

// line is one line of the table. Memory, goroutines and queue are those of the
// first process; the last column is this test with the fake platform.
func (r *loadRun) line(since time.Duration) {
	r.mu.Lock()
	sent, p50, p99 := r.sent, r.minute.quantile(0.5), r.minute.quantile(0.99)
	r.minute = spread{}
	r.mu.Unlock()
	answers, _ := r.slack.counts()
	m, own := resident(r.fleet.procs[0].Process.Pid), gauges(r.targets[0])
	var file int64
	for _, suffix := range []string{"", "-wal"} {
		if st, err := os.Stat(r.db + suffix); err == nil {
			file += st.Size()
		}
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	r.t.Logf("%6.1f %8d %8d %8.1f %8.1f %8.1f %8.1f %8.1f %10.0f %8.0f %8.1f %8.1f %8.1f", since.Minutes(), sent, answers, ms(p50), ms(p99), m.now, m.own,
		own["go_memstats_heap_inuse_bytes"]/1e6, own["go_goroutines"], own["mailhelpbot_inbox_events"], own["mailhelpbot_inbox_oldest_age_seconds"], float64(file)/1e6, resident(os.Getpid()).now)
}
