package discord

import (
	"encoding/binary"
	"encoding/json"
	"sync"
	"time"
)

// trail follows a shard's session, so that the next process can resume it:
// Discord then sends again what came after the last event that is safe.
type trail struct {
	mu      sync.Mutex
	session session
	open    map[int64]bool // events that came and are not yet stored
	trip    int            // counts connections
	waiting []chan struct{}
}

// session is what a RESUME takes
// (discord.com/developers/docs/events/gateway#resuming).
type session struct {
	ID      string `json:"id"`
	URL     string `json:"url"`
	Seq     int64  `json:"seq"`
	Intents int    `json:"intents"`
	App     string `json:"app"`
}

// sessionLives is how long a session may be resumed after a process has ended.
// Discord forgets it after some minutes and then says so.
const sessionLives = 10 * time.Minute

// connect begins another connection and returns its number. What an earlier one
// still delivers comes once more after the RESUME, and is not counted.
func (t *trail) connect() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trip++
	return t.trip
}

// enter notes an event of a connection; the returned function says that it is safe.
func (t *trail) enter(trip int, seq int64) (done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if trip != t.trip {
		return func() {}
	}
	if t.open == nil {
		t.open = map[int64]bool{}
	}
	t.open[seq] = true
	t.session.Seq = max(t.session.Seq, seq)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.open, seq)
		t.wake()
	}
}

// begin notes that a new session has begun.
func (t *trail) begin(trip int, ready json.RawMessage, intents int, seq int64) {
	var r struct {
		ID  string `json:"session_id"`
		URL string `json:"resume_gateway_url"`
	}
	if json.Unmarshal(ready, &r) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if trip != t.trip {
		return
	}
	t.session = session{ID: r.ID, URL: r.URL, Intents: intents, Seq: seq}
	t.open = map[int64]bool{seq: true}
}

// restore goes on with an earlier process's session.
func (t *trail) restore(s session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.session, t.open = s, nil
	t.wake()
}

// lose forgets the session: Discord does not know it any more.
func (t *trail) lose() { t.restore(session{}) }

// safe is the session up to the last event before which all are safe.
func (t *trail) safe() session {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.session
	for seq := range t.open {
		s.Seq = min(s.Seq, seq-1)
	}
	return s
}

// latest is the session up to the last event that came.
func (t *trail) latest() session {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.session
}

// settled is closed once all that came is safe.
func (t *trail) settled() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := make(chan struct{})
	t.waiting = append(t.waiting, c)
	t.wake()
	return c
}

// wake tells those who wait for it that all is safe; t.mu is held.
func (t *trail) wake() {
	if len(t.open) > 0 {
		return
	}
	for _, c := range t.waiting {
		close(c)
	}
	t.waiting = nil
}

// instead turns an IDENTIFY into a RESUME while there is a session: discordgo
// knows none, as each connection is a new one to it. frame is what it writes, a
// masked text frame (RFC 6455 §5.2); other frames come back as they are. It
// says whether what comes back is an IDENTIFY.
func (t *trail) instead(frame []byte, token string) (_ []byte, identify bool) {
	s := t.latest()
	if len(frame) < 6 || frame[0] != 0x81 {
		return frame, false
	}
	size, at := int(frame[1]&0x7f), 2
	if size == 126 {
		size, at = int(binary.BigEndian.Uint16(frame[2:])), 4
	}
	if frame[1]&0x80 == 0 || size > 1<<15 || len(frame) != at+4+size {
		return frame, false
	}
	text := make([]byte, size)
	for i := range text {
		text[i] = frame[at+4+i] ^ frame[at+i%4]
	}
	var p struct {
		Op int `json:"op"`
	}
	if json.Unmarshal(text, &p) != nil || p.Op != 2 {
		return frame, false
	}
	if s.ID == "" {
		return frame, true
	}
	text, err := json.Marshal(map[string]any{"op": 6, "d": map[string]any{"token": token, "session_id": s.ID, "seq": s.Seq}})
	if err != nil {
		return frame, true
	}
	out := []byte{0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0} // the mask is 0
	binary.BigEndian.PutUint16(out[2:], uint16(len(text)))
	return append(out, text...), false
}
