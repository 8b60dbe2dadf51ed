package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// maxRequest is far above what Slack sends.
	maxRequest = 1 << 20
	// maxSkew is how old or young a signed request may be
	// (docs.slack.dev/authentication/verifying-requests-from-slack).
	maxSkew = 5 * time.Minute
)

// Handler receives events, commands and interactions over HTTP, at
// /slack/events, /slack/commands and /slack/actions. It does what the Socket
// Mode connections do with the same payloads. Requests that are not signed
// with the signing secret, or not within five minutes of now, get 401 and are
// not read further. While Run does not run it answers 503.
func (a *Adapter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /slack/events", a.signed(a.serveEvents))
	mux.Handle("POST /slack/commands", a.signed(a.serveCommands))
	mux.Handle("POST /slack/actions", a.signed(a.serveActions))
	return mux
}

// signed passes on what Slack has signed.
func (a *Adapter) signed(next func(http.ResponseWriter, []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			http.Error(w, "request too large or broken", http.StatusRequestEntityTooLarge)
			return
		}
		if err := verify(r.Header, body, a.cfg.SigningSecret, a.cfg.Now()); err != nil {
			a.log.Warn("request refused", "err", err)
			http.Error(w, "not signed by Slack", http.StatusUnauthorized)
			return
		}
		next(w, body)
	})
}

// verify checks Slack's signature of the raw body, version v0. Unlike
// slack-go's verifier it takes the time from its caller.
func verify(h http.Header, body []byte, secret string, now time.Time) error {
	if secret == "" {
		return errors.New("SLACK_SIGNING_SECRET is not set")
	}
	stamp := h.Get("X-Slack-Request-Timestamp")
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return errors.New("no timestamp")
	}
	if skew := now.Sub(time.Unix(sec, 0)).Abs(); skew > maxSkew {
		return fmt.Errorf("timestamp is %s off", skew.Round(time.Second))
	}
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte("v0:" + stamp + ":")) // a hash never fails to write
	m.Write(body)
	want := "v0=" + hex.EncodeToString(m.Sum(nil))
	if !hmac.Equal([]byte(h.Get("X-Slack-Signature")), []byte(want)) {
		return errors.New("signature does not match")
	}
	return nil
}

func (a *Adapter) serveEvents(w http.ResponseWriter, body []byte) {
	var p eventPayload
	if json.Unmarshal(body, &p) == nil && p.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, p.Challenge) // Slack will ask again
		return
	}
	a.acknowledge(w, kindEvent, body)
}

func (a *Adapter) serveCommands(w http.ResponseWriter, body []byte) {
	v, err := url.ParseQuery(string(body))
	if err != nil || v.Get("ssl_check") == "1" {
		return // 200: nothing to do
	}
	flat := make(map[string]string, len(v))
	for k := range v {
		flat[k] = v.Get(k)
	}
	raw, err := json.Marshal(flat)
	if err != nil {
		return
	}
	a.acknowledge(w, kindCommand, raw)
}

func (a *Adapter) serveActions(w http.ResponseWriter, body []byte) {
	v, err := url.ParseQuery(string(body))
	if err != nil {
		return
	}
	a.acknowledge(w, kindInteraction, []byte(v.Get("payload")))
}

// acknowledge queues a payload and answers at once: 200 for what was taken or
// is not understood, 503 for what there is no room for, so that Slack repeats it.
func (a *Adapter) acknowledge(w http.ResponseWriter, kind string, payload []byte) {
	began := a.cfg.Now()
	defer func() { a.watch.Acknowledged(platform, a.cfg.Now().Sub(began)) }()
	switch a.receive(kind, payload) {
	case refused:
		http.Error(w, "busy", http.StatusServiceUnavailable)
	case garbled:
		a.garbled()
		a.log.Warn("request not understood", "kind", kind, "bytes", len(payload))
	case taken: // an empty 200 says all
	}
}
