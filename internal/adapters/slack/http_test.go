package slack

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

func TestChallenge(t *testing.T) {
	r := newRig(t, setup{http: true})
	srv := httptest.NewServer(r.a.Handler())
	defer srv.Close()
	if err := r.s.VerifyURL(r.ctx, srv.URL); err != nil {
		t.Error(err)
	}
}

func TestSignatures(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	body := []byte(`{"type":"event_callback"}`)
	change := func(f func(http.Header)) http.Header {
		h := fakeslack.Sign("secret", now, body)
		f(h)
		return h
	}
	for name, c := range map[string]struct {
		header http.Header
		body   []byte
		secret string
		now    time.Time
		ok     bool
	}{
		"good":             {fakeslack.Sign("secret", now, body), body, "secret", now, true},
		"four minutes old": {fakeslack.Sign("secret", now, body), body, "secret", now.Add(4 * time.Minute), true},
		"old":              {fakeslack.Sign("secret", now, body), body, "secret", now.Add(5*time.Minute + time.Second), false},
		"from the future":  {fakeslack.Sign("secret", now, body), body, "secret", now.Add(-6 * time.Minute), false},
		"other body":       {fakeslack.Sign("secret", now, body), append([]byte(" "), body...), "secret", now, false},
		"other secret":     {fakeslack.Sign("guess", now, body), body, "secret", now, false},
		"empty secret":     {fakeslack.Sign("", now, body), body, "", now, false},
		"no headers":       {http.Header{}, body, "secret", now, false},
		"no signature":     {change(func(h http.Header) { h.Del("X-Slack-Signature") }), body, "secret", now, false},
		"other timestamp":  {change(func(h http.Header) { h.Set("X-Slack-Request-Timestamp", "1767607201") }), body, "secret", now, false},
		"bad timestamp":    {change(func(h http.Header) { h.Set("X-Slack-Request-Timestamp", "now") }), body, "secret", now, false},
		"truncated":        {change(func(h http.Header) { h.Set("X-Slack-Signature", h.Get("X-Slack-Signature")[:20]) }), body, "secret", now, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := verify(c.header, c.body, c.secret, c.now); (err == nil) != c.ok {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestUnsignedRequestsAreNotRead(t *testing.T) {
	r := newRig(t, setup{http: true})
	srv := httptest.NewServer(r.a.Handler())
	defer srv.Close()
	for _, path := range []string{"/slack/events", "/slack/commands", "/slack/actions"} {
		resp, err := http.Post(srv.URL+path, "application/json", strings.NewReader(`{"type":"url_verification","challenge":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized || bytes.Contains(body, []byte("x\n")) {
			t.Errorf("%s: %d %q", path, resp.StatusCode, body)
		}
	}
	if n := r.a.Status().Accepted; n != 0 {
		t.Errorf("%d accepted", n)
	}
}

func TestReplayedRequestIsAnsweredOnce(t *testing.T) {
	r := newRig(t, setup{http: true, handle: once("hello")})
	d := r.s.Slash(anna, support, "/settings", "gmx")
	r.settle(d)
	r.s.Redeliver(d)
	r.await("the replay", func() bool { return r.a.Status().Duplicates == 1 })
	if n := len(r.s.Posts(support)); n != 1 {
		t.Errorf("%d posts", n)
	}
}

func TestNotReadyAnswers503(t *testing.T) {
	a, err := New(Config{BotToken: "xoxb-x", SigningSecret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"event_callback"}`)
	req := httptest.NewRequest(http.MethodPost, "/slack/events", bytes.NewReader(body))
	req.Header = fakeslack.Sign("secret", time.Now(), body)
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, req)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d", w.Code)
	}
}
