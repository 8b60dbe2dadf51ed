package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// storePatience is how long the database may take to answer a health check.
const storePatience = 2 * time.Second

// livez says that the process runs and answers. It looks at nothing else: what
// a restart does not heal must not cause one.
func livez(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readyz answers 200 when every platform is connected and alive, the database
// answers and there is knowledge to answer from, else 503; one line for each.
func (a *app) readyz(w http.ResponseWriter, platforms []platform) {
	var lines []string
	ready := true
	check := func(what, detail string, err error) {
		word := "ok"
		if err != nil {
			word, detail, ready = "FAIL", err.Error(), false
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%-4s  %s  %s", word, what, detail), " "))
	}
	for _, p := range platforms {
		detail := "no event yet"
		if last := p.lastEvent(); !last.IsZero() {
			detail = fmt.Sprintf("last event %s ago", time.Since(last).Round(time.Second))
		}
		check(p.adapter.Name(), detail, p.ready())
	}
	detail := ""
	if a.forgetful() {
		detail = "in memory only: nothing is remembered"
	}
	check("database", detail, a.pingStore())
	n := a.bot.Book().Facts().Len()
	var err error
	if n == 0 {
		err = errors.New("there is none")
	}
	check("knowledge", fmt.Sprintf("%d records", n), err)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintln(w, strings.Join(lines, "\n"))
}

// pingStore asks the database for a sign of life, and does not wait for long.
func (a *app) pingStore() error {
	answered := make(chan error, 1)
	go func() { answered <- errors.Join(a.store.Ping(), a.boxes.healthy()) }()
	select {
	case err := <-answered:
		return err
	case <-time.After(storePatience):
		return fmt.Errorf("no answer within %s", storePatience)
	}
}

// forgetful says that the database of the settings could not be used.
func (a *app) forgetful() bool { return a.store.Path() == store.Memory }
