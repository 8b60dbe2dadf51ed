package discord

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// trail follows a gateway session, so that the next process can resume it:
// Discord then sends again what came after the last event that is safe.
type trail struct {
	mu      sync.Mutex
	session session
	open    map[int64]bool // events that came and are not yet stored
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

// enter notes an event; the returned function says that it is safe.
func (t *trail) enter(seq int64) (done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[int64]bool{}
	}
	t.open[seq] = true
	t.session.Seq = max(t.session.Seq, seq)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.open, seq)
	}
}

// begin notes that a new session has begun.
func (t *trail) begin(ready json.RawMessage, intents int, seq int64) {
	var r struct {
		ID  string `json:"session_id"`
		URL string `json:"resume_gateway_url"`
	}
	if json.Unmarshal(ready, &r) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.session = session{ID: r.ID, URL: r.URL, Intents: intents, Seq: seq}
	t.open = map[int64]bool{seq: true}
}

// restore goes on with an earlier process's session.
func (t *trail) restore(s session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.session, t.open = s, nil
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

// instead turns an IDENTIFY into a RESUME while there is a session: discordgo
// knows none that another process began. frame is what it writes, a masked text
// frame (RFC 6455 §5.2); other frames come back as they are.
func (t *trail) instead(frame []byte, token string) []byte {
	s := t.latest()
	if s.ID == "" || len(frame) < 6 || frame[0] != 0x81 {
		return frame
	}
	size, at := int(frame[1]&0x7f), 2
	if size == 126 {
		size, at = int(binary.BigEndian.Uint16(frame[2:])), 4
	}
	if frame[1]&0x80 == 0 || size > 1<<15 || len(frame) != at+4+size {
		return frame
	}
	text := make([]byte, size)
	for i := range text {
		text[i] = frame[at+4+i] ^ frame[at+i%4]
	}
	var p struct {
		Op int `json:"op"`
	}
	if json.Unmarshal(text, &p) != nil || p.Op != 2 {
		return frame
	}
	text, err := json.Marshal(map[string]any{"op": 6, "d": map[string]any{"token": token, "session_id": s.ID, "seq": s.Seq}})
	if err != nil {
		return frame
	}
	out := []byte{0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0} // the mask is 0
	binary.BigEndian.PutUint16(out[2:], uint16(len(text)))
	return append(out, text...)
}

// saveEvery is how often the session is kept; what came since comes once more
// after a crash, and is known then.
const saveEvery = 250 * time.Millisecond

// resumeSession goes on with the session of an earlier process, if there is one.
func (a *Adapter) resumeSession() {
	var s session
	if !a.kept("session", &s) || s.ID == "" {
		return
	}
	a.gate.trail.restore(s)
	a.self.Store(&identity{user: a.self.Load().user, app: s.App})
	a.goJob(func(act activity) { a.register(act.life, s.App) })
}

// saveSession keeps the session at its beginning, since without its id what is
// said after a crash is lost, and from time to time until ctx ends.
func (a *Adapter) saveSession(ctx context.Context) {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	var last session
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.begun:
		case <-tick.C:
		}
		bot.Fenced(a.log, func() {
			if now := a.safeSession(); now != last {
				a.keep("session", now, sessionLives)
				last = now
			}
		})
	}
}

func (a *Adapter) safeSession() session {
	s := a.gate.trail.safe()
	s.App = a.self.Load().app
	return s
}
