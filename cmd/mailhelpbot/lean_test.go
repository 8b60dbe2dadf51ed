package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// lean is as much of Slack as a load needs: it counts the answers to each event
// and forgets what they say, in memory that is taken before the load begins.
type lean struct {
	*httptest.Server
	mu      sync.Mutex
	answers []uint8 // by event
	total   int
	twice   int
}

func newLean(events int) *lean {
	l := &lean{answers: make([]uint8, events)}
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
		l.answered(r.FormValue("thread_ts"))
		reply(w, map[string]any{"channel": r.FormValue("channel"), "ts": fmt.Sprintf("1700000000.%06d", ts.Add(1))})
	})
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]any{}) })
	l.Server = httptest.NewServer(mux)
	return l
}

// eventTS is the ts of a load's event: its number in microseconds.
func eventTS(i int) string { return fmt.Sprintf("%d.%06d", eventBase+i/1000000, i%1000000) }

const eventBase = 1700000000

// eventOf is the number of the event with a ts.
func eventOf(ts string) int {
	sec, frac, _ := strings.Cut(ts, ".")
	s, err1 := strconv.Atoi(sec)
	us, err2 := strconv.Atoi(frac)
	if err1 != nil || err2 != nil {
		return -1
	}
	return (s-eventBase)*1000000 + us
}

// answered counts an answer; one to nothing that was asked counts as a second one.
func (l *lean) answered(thread string) {
	i := eventOf(thread)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	if i < 0 || i >= len(l.answers) || l.answers[i] > 0 {
		l.twice++
		return
	}
	l.answers[i]++
}

func (l *lean) counts() (total, twice int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total, l.twice
}

// countAnew forgets what counts has counted.
func (l *lean) countAnew() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total, l.twice = 0, 0
}

// has says that event i was answered.
func (l *lean) has(i int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers[i] > 0
}
