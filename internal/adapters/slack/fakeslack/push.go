package fakeslack

import (
	"bytes"
	"context"
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

// PushTo switches from Socket Mode to signed HTTP requests: events are sent to
// base + "/slack/events", commands to "/slack/commands" and interactions to
// "/slack/actions". An empty base switches back.
func (s *Server) PushTo(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushTo = base
}

// Sign is the header that Slack signs a request body with
// (docs.slack.dev/authentication/verifying-requests-from-slack).
func Sign(secret string, at time.Time, body []byte) http.Header {
	ts := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(m, "v0:%s:%s", ts, body)
	return http.Header{
		"X-Slack-Request-Timestamp": {ts},
		"X-Slack-Signature":         {"v0=" + hex.EncodeToString(m.Sum(nil))},
	}
}

// VerifyURL does what Slack does when a request URL is entered: it sends a
// challenge and expects it back.
func (s *Server) VerifyURL(ctx context.Context, base string) error {
	body, _ := json.Marshal(map[string]any{"type": "url_verification", "token": "fake", "challenge": "fake-challenge"})
	status, answer, _, err := s.postSigned(ctx, base+"/slack/events", "application/json", body, nil)
	if err != nil {
		return err
	}
	var got struct{ Challenge string }
	_ = json.Unmarshal(answer, &got)
	if status != http.StatusOK || got.Challenge != "fake-challenge" && string(answer) != "fake-challenge" {
		return fmt.Errorf("fakeslack: the challenge came back as %d %q", status, answer)
	}
	return nil
}

// pushHTTP makes one attempt of a delivery.
func (s *Server) pushHTTP(base string, d *Delivery, attempt int, reason string) {
	path, kind, body := httpForm(d)
	h := http.Header{}
	if attempt > 0 && d.Kind == KindEvent {
		h.Set("X-Slack-Retry-Num", strconv.Itoa(attempt))
		h.Set("X-Slack-Retry-Reason", reason)
	}
	status, answer, header, err := s.postSigned(s.closed, base+path, kind, body, h)
	if errors.Is(err, context.Canceled) {
		return
	}
	d.update(func(st *DeliveryState) { st.Status = status })
	if err == nil && status/100 == 2 {
		s.acknowledge(d.ID, answer)
		return
	}
	d.mu.Lock()
	stop := d.stopping
	d.noRetry = d.noRetry || header.Get("X-Slack-No-Retry") == "1"
	d.mu.Unlock()
	if stop != nil {
		stop()
	}
	s.retry(d, attempt, "http_error")
}

// httpForm is a delivery as the body of a request.
func httpForm(d *Delivery) (path, contentType string, body []byte) {
	raw, _ := json.Marshal(d.payload) // built from maps and strings
	const form = "application/x-www-form-urlencoded"
	switch d.Kind {
	case KindCommand:
		var m map[string]any
		_ = json.Unmarshal(raw, &m)
		v := url.Values{}
		for k, e := range m {
			v.Set(k, fmt.Sprint(e))
		}
		return "/slack/commands", form, []byte(v.Encode())
	case KindInteraction:
		return "/slack/actions", form, []byte(url.Values{"payload": {string(raw)}}.Encode())
	}
	return "/slack/events", "application/json", raw
}

func (s *Server) postSigned(ctx context.Context, target, kind string, body []byte, h http.Header) (int, []byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, http.Header{}, err
	}
	for k, v := range h {
		req.Header[k] = v
	}
	for k, v := range Sign(s.opts.SigningSecret, s.Clock.Now(), body) {
		req.Header[k] = v
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, http.Header{}, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return resp.StatusCode, answer, resp.Header, err
}
