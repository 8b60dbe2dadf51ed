package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/web"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// listen serves HTTP until ctx ends: what the platforms send, the page for
// login tests unless that is nil, and the health pages.
func (a *app) listen(ctx context.Context, addr string, platforms []platform, login http.Handler) error {
	mux := http.NewServeMux()
	for _, p := range platforms {
		for pattern, h := range p.routes {
			mux.Handle(pattern, h)
		}
	}
	if login != nil {
		mux.Handle(web.Path, login)
	}
	mux.HandleFunc("GET /livez", livez)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { a.readyz(w, platforms) })
	mux.Handle("GET /metrics", a.metrics.handler())
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return usagef("MAILHELPBOT_HTTP: %v", err)
	}
	// The platforms answer within seconds; a client that dribbles its request is none of them.
	srv := &http.Server{Handler: a.fenced(mux), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute}
	a.log.Info("listening", "addr", l.Addr().String())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err = <-served:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = srv.Shutdown(stop)
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// fenced keeps a panic from ending in net/http's log, which would print its
// value: that may quote a message, or a secret.
func (a *app) fenced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !bot.Fenced(a.log, func() { next.ServeHTTP(w, r) }) {
			panic(http.ErrAbortHandler) // the answer may have begun: the connection is cut, and nothing printed
		}
	})
}
