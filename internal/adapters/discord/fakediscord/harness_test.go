package fakediscord

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

type world struct {
	*Server
	t       *testing.T
	ctx     context.Context
	clock   *Clock
	guild   string
	channel string
	anna    User
}

func newWorld(t *testing.T, o Options) *world {
	t.Helper()
	w := &world{t: t, clock: NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))}
	o.Clock = w.clock
	w.Server = New(o)
	t.Cleanup(w.Close)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	w.ctx = ctx
	w.guild = w.AddGuild("Support", "de")
	w.channel = w.AddChannel(w.guild, "mail")
	w.anna = w.AddUser("anna", "de")
	return w
}

// call makes a REST call and returns status, error code and body.
func (w *world) call(method, path, body string) (int, int, map[string]any) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, method, w.URL+"api/v10"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot "+w.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, 0, nil
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	out := map[string]any{}
	json.Unmarshal(data, &out)
	code, _ := out["code"].(float64)
	return resp.StatusCode, int(code), out
}

// socket is a gateway client that does nothing by itself.
type socket struct {
	w  *world
	ws *websocket.Conn
}

func (w *world) dial() *socket {
	w.t.Helper()
	ws, _, err := websocket.DefaultDialer.DialContext(w.ctx, w.gatewayURL()+"?v=10&encoding=json", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { ws.Close() })
	return &socket{w, ws}
}

func (s *socket) send(v string) {
	s.w.t.Helper()
	if err := s.ws.WriteMessage(websocket.TextMessage, []byte(v)); err != nil {
		s.w.t.Fatal(err)
	}
}

// next is the next payload, or the close code.
func (s *socket) next() (p packet, code int) {
	s.w.t.Helper()
	s.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, data, err := s.ws.ReadMessage()
	if c, ok := err.(*websocket.CloseError); ok {
		return packet{}, c.Code
	}
	if err != nil {
		s.w.t.Fatal(err)
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
		s.w.t.Fatal(err)
	}
	return p, 0
}

// until reads up to the event with the given name.
func (s *socket) until(name string) packet {
	s.w.t.Helper()
	for {
		p, code := s.next()
		if code != 0 {
			s.w.t.Fatalf("closed with %d before %s", code, name)
		}
		if p.T != nil && *p.T == name {
			return p
		}
	}
}

func identifyAs(token, intents string) string {
	return `{"op":2,"d":{"token":"` + token + `","intents":` + intents + `,"properties":{}}}`
}
