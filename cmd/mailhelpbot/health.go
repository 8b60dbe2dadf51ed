package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
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
		if p.shards != nil {
			detail += "; " + p.shards().String()
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

// askReady asks a running service, by MAILHELPBOT_HTTP, whether it is ready:
// the health check of an image that has no other program in it.
func askReady(ctx context.Context, in *invocation) error {
	host, port, err := net.SplitHostPort(in.env.HTTP)
	if err != nil {
		return usagef("doctor --ready asks the service at MAILHELPBOT_HTTP, which is not set")
	}
	if a, err := netip.ParseAddr(host); host == "" || err == nil && a.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, networkPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(in.out, io.LimitReader(resp.Body, 64<<10)); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return statusError(exitFailure)
	}
	return nil
}

// pingStore asks the database for a sign of life, and does not wait for long.
func (a *app) pingStore() error {
	answered := make(chan error, 1)
	go func() {
		err := errors.New("looking for the database failed")
		bot.Fenced(a.log, func() { err = errors.Join(a.store.Ping(), a.boxes.healthy()) })
		answered <- err
	}()
	select {
	case err := <-answered:
		return err
	case <-time.After(storePatience):
		return fmt.Errorf("no answer within %s", storePatience)
	}
}

// forgetful says that the database of the settings could not be used.
func (a *app) forgetful() bool { return a.store.Path() == store.Memory }
