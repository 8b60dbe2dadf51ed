package fakediscord

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Receipt is what the bot's HTTP endpoint answered to a delivery.
type Receipt struct {
	Interaction string // its id; "" for pings and probes
	Status      int    // 0 when the request failed
	Body        []byte
}

// SetEndpoint makes interactions go to url as signed HTTP requests instead of
// over the gateway, as the Interactions Endpoint URL of an app does. As
// Discord does, it first checks that the endpoint answers a PING and refuses
// a wrong signature; it returns false, and changes nothing, if not. An empty
// url goes back to the gateway.
func (s *Server) SetEndpoint(ctx context.Context, url string) bool {
	if url != "" {
		ping := []byte(`{"type":1,"id":"1","application_id":"` + s.AppID + `","token":"ping","version":1}`)
		bad := s.SendSigned(ctx, url, ping, s.now(), func(sig []byte) { sig[0] ^= 1 })
		good := s.SendSigned(ctx, url, ping, s.now(), nil)
		var pong struct{ Type int }
		if bad.Status != http.StatusUnauthorized || good.Status != http.StatusOK || json.Unmarshal(good.Body, &pong) != nil || pong.Type != 1 {
			return false
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoint = url
	return true
}

// SendSigned posts a body as Discord does; alter, if given, spoils the signature.
func (s *Server) SendSigned(ctx context.Context, url string, body []byte, at time.Time, alter func(sig []byte)) Receipt {
	stamp := strconv.FormatInt(at.Unix(), 10)
	sig := ed25519.Sign(s.private, append([]byte(stamp), body...))
	if alter != nil {
		alter(sig)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return Receipt{}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Discord-Interactions/1.0 (+https://discord.com)")
	req.Header.Set("X-Signature-Ed25519", hex.EncodeToString(sig))
	req.Header.Set("X-Signature-Timestamp", stamp)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Receipt{}
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	return Receipt{Status: resp.StatusCode, Body: data}
}

// pushInteraction delivers over HTTP; the answer to the request is the first
// response. 202 means that it comes by a callback.
func (s *Server) pushInteraction(i *Interaction, payload map[string]any) {
	s.mu.Lock()
	body, err := json.Marshal(payload)
	url := s.endpoint
	s.mu.Unlock()
	if err != nil {
		panic("fakediscord: " + err.Error())
	}
	got := s.SendSigned(context.Background(), url, body, s.now(), nil)
	got.Interaction = i.ID
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receipts = append(s.receipts, got)
	var resp response
	if got.Status == http.StatusOK && json.Unmarshal(got.Body, &resp) == nil {
		s.respond(i, &resp, nil)
	}
	s.touch()
}

// Receipts are the answers of the bot's HTTP endpoint so far.
func (s *Server) Receipts() []Receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Receipt(nil), s.receipts...)
}
