package fakeslack

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// maxSockets is how many connections one app may have open
	// (docs.slack.dev/apis/events-api/using-socket-mode).
	maxSockets = 10
	// maxResponse is the size at which Slack silently drops what an app sends
	// through a socket; observed by the authors of slack-go and @slack/socket-mode.
	maxResponse = 20 * 1024
	// pingEvery keeps clients content that expect a sign of life; wall time.
	pingEvery = 5 * time.Second
)

// socket is one Socket Mode connection.
type socket struct {
	conn   *websocket.Conn
	mu     sync.Mutex // held while writing
	once   sync.Once
	done   chan struct{}
	frozen atomic.Bool // nothing goes out any more
}

func (c *socket) send(v any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen.Load() {
		return nil
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return c.conn.WriteJSON(v)
}

// drop closes the connection without a word.
func (c *socket) drop() {
	c.once.Do(func() { close(c.done) })
	_ = c.conn.Close()
}

func (s *Server) connectionsOpen(args) (map[string]any, *apiError) {
	ticket := "ticket-" + time.Now().Format("150405.000000000") // never in a transcript
	s.tickets[ticket] = true
	return map[string]any{"url": "ws" + s.base[len("http"):] + "/link?ticket=" + ticket + "&app_id=" + AppID}, nil
}

// serveSocket upgrades to a web socket, once for each ticket, and reads
// acknowledgements until the connection ends.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	ok := s.tickets[ticket]
	delete(s.tickets, ticket)
	s.mu.Unlock()
	if !ok {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	c := &socket{conn: conn, done: make(chan struct{})}
	defer c.drop()
	if !s.greet(c) {
		return
	}
	s.wg.Go(func() { c.keepAlive() })
	s.read(c)
}

// greet says hello, or that there are too many connections.
func (s *Server) greet(c *socket) bool {
	s.mu.Lock()
	s.greeting++ // counts until it is among the sockets
	n := len(s.sockets) + s.greeting
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.greeting--
	}()
	if n > maxSockets || s.closed.Err() != nil {
		_ = c.send(map[string]any{"type": "disconnect", "reason": "too_many_websockets", "debug_info": map[string]any{"host": "fake"}})
		return false
	}
	err := c.send(map[string]any{
		"type": "hello", "num_connections": n, "connection_info": map[string]any{"app_id": AppID},
		"debug_info": map[string]any{"host": "fake", "build_number": 1, "approximate_connection_time": 18060},
	})
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = append(s.sockets, c)
	s.greeted++
	s.note()
	return true
}

func (c *socket) keepAlive() {
	t := time.NewTicker(pingEvery)
	defer t.Stop()
	for {
		if !c.frozen.Load() && c.conn.WriteControl(websocket.PingMessage, []byte("Ping from fake"), time.Now().Add(time.Second)) != nil {
			return
		}
		select {
		case <-t.C:
		case <-c.done:
			return
		}
	}
}

// read takes acknowledgements until the connection ends.
func (s *Server) read(c *socket) {
	for {
		_, raw, err := c.conn.ReadMessage()
		if err != nil {
			break
		}
		if len(raw) >= maxResponse {
			continue
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(raw, &ack) == nil {
			s.acknowledge(ack.EnvelopeID, ack.Payload)
		}
	}
	s.forget(c)
}

func (s *Server) forget(c *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.sockets, c); i >= 0 {
		s.sockets = slices.Delete(s.sockets, i, i+1)
		s.note()
	}
}

// Sockets is the number of open Socket Mode connections that were greeted.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// Greeted is how many connections were greeted so far. Who waits for another
// one counts these: Sockets may still be the number from before a loss.
func (s *Server) Greeted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.greeted
}

// Disconnect asks the i-th connection, the oldest is 0, to go: a disconnect
// message with that reason ("warning", "refresh_requested", "link_disabled").
// The connection gets no more deliveries and is closed ten seconds later by
// the clock if the app has not closed it. It does nothing if there is none.
func (s *Server) Disconnect(i int, reason string) {
	c := s.nth(i)
	if c == nil {
		return
	}
	s.forget(c)
	s.Clock.AfterFunc(10*time.Second, func(time.Time) { c.drop() })
	_ = c.send(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "fake"}})
}

// Drop breaks the i-th connection off without a word, as a lost network does.
func (s *Server) Drop(i int) {
	if c := s.nth(i); c != nil {
		s.forget(c)
		c.drop()
	}
}

// Freeze lets nothing out on the i-th connection any more, pings included, and
// keeps it open: so a connection looks when a router on the way has forgotten it.
func (s *Server) Freeze(i int) {
	if c := s.nth(i); c != nil {
		c.frozen.Store(true)
	}
}

func (s *Server) nth(i int) *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i < 0 || i >= len(s.sockets) {
		return nil
	}
	return s.sockets[i]
}

// SendRaw sends text through a connection as it is, broken JSON included. It
// says whether there was a connection.
func (s *Server) SendRaw(text string) bool {
	c := s.turn()
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn.WriteMessage(websocket.TextMessage, []byte(text)) == nil
}

// turn is the connection that gets the next delivery: any one, here one after
// the other, or nil.
func (s *Server) turn() *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sockets) == 0 {
		return nil
	}
	s.next++
	return s.sockets[s.next%len(s.sockets)]
}
