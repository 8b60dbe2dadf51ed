package discord

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
)

// tap is a gateway connection that reads along below discordgo, which keeps to
// itself why a connection ended: it drops close codes, answers INVALID SESSION
// with an IDENTIFY at once and without end (1000 a day cost an app its token),
// notices a dead connection only after minutes, and says goodbye with code
// 1000, after which Discord forgets the session and all that was missed.
//
// A tap notes the close code, breaks the connection when the server asks to
// reconnect or calls the session invalid, lets reads time out after two missed
// heartbeats, and holds back discordgo's goodbyes; goodbye says the real one.
type tap struct {
	net.Conn
	done    chan struct{} // closed at the end of the connection
	once    sync.Once
	last    *atomic.Int64
	rewrite func([]byte) ([]byte, error) // of what is sent; nil changes nothing

	idle   atomic.Int64 // nanoseconds without a byte after which the connection is dead
	frames frames       // touched by the one reader only

	mu  sync.Mutex
	why ending
	err error
}

// ending is why a connection ended.
type ending struct {
	code      int  // close code, 0 when there was none
	invalid   bool // the session is gone
	reconnect bool // the server asked to come again and resume

	intents discordgo.Intent // those of the IDENTIFY, if there was one
}

var errEnded = errors.New("discord: the gateway ended the session")

// firstIdle is how long HELLO may take.
const firstIdle = 30 * time.Second

func newTap(c net.Conn, last *atomic.Int64) *tap {
	t := &tap{Conn: c, done: make(chan struct{}), last: last}
	t.idle.Store(int64(firstIdle))
	return t
}

// dialer returns a websocket dialer whose connections are taps; each is handed to opened.
func dialer(ctx context.Context, last *atomic.Int64, opened func(*tap)) *websocket.Dialer {
	wrap := func(c net.Conn, err error) (net.Conn, error) {
		if err != nil {
			return nil, err
		}
		t := newTap(c, last)
		opened(t)
		return t, nil
	}
	d := net.Dialer{Timeout: 15 * time.Second}
	return &websocket.Dialer{
		HandshakeTimeout: 20 * time.Second,
		NetDialContext: func(_ context.Context, network, addr string) (net.Conn, error) {
			return wrap(d.DialContext(ctx, network, addr))
		},
		NetDialTLSContext: func(_ context.Context, network, addr string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			td := tls.Dialer{NetDialer: &d, Config: &tls.Config{ServerName: host, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}}
			return wrap(td.DialContext(ctx, network, addr))
		},
	}
}

// ending returns why the connection ended, as far as the server said so.
func (t *tap) ending() ending {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.why
}

func (t *tap) Close() error {
	t.over()
	return t.Conn.Close()
}

// over tells that the connection has ended. discordgo takes a second more to
// close it, for which nobody waits.
func (t *tap) over() { t.once.Do(func() { close(t.done) }) }

func (t *tap) Read(p []byte) (int, error) {
	t.mu.Lock()
	err := t.err
	t.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if err := t.SetReadDeadline(time.Now().Add(time.Duration(t.idle.Load()))); err != nil {
		return 0, err
	}
	n, err := t.Conn.Read(p)
	if err != nil {
		t.over()
	}
	if n > 0 {
		t.last.Store(time.Now().UnixNano())
	}
	for rest, at := p[:n], 0; len(rest) > 0; {
		used, f := t.frames.next(rest)
		if f != nil && !t.look(f) {
			if start := at + used - f.size; start > 0 {
				return min(start, n), nil // what came before is still good
			}
			return 0, errEnded
		}
		at, rest = at+used, rest[used:]
	}
	return n, err
}

// look acts on a frame; false ends the connection before it.
func (t *tap) look(f *frame) bool {
	var p struct {
		Op int             `json:"op"`
		D  json.RawMessage `json:"d"`
	}
	switch {
	case f.opcode == websocket.CloseMessage && len(f.head) >= 2:
		t.end(ending{code: int(binary.BigEndian.Uint16(f.head))}, nil)
		t.over()
	case f.opcode != websocket.TextMessage || !f.whole || json.Unmarshal(f.head, &p) != nil:
	case p.Op == 7:
		t.end(ending{reconnect: true}, errEnded)
		t.over()
		return false
	case p.Op == 9:
		again := string(p.D) == "true"
		t.end(ending{invalid: !again, reconnect: again}, errEnded)
		t.over()
		return false
	case p.Op == 10:
		var hello struct {
			Interval int64 `json:"heartbeat_interval"`
		}
		if json.Unmarshal(p.D, &hello) == nil && hello.Interval > 0 {
			t.idle.Store(int64(2*time.Duration(hello.Interval)*time.Millisecond + 10*time.Second))
		}
	}
	return true
}

func (t *tap) end(why ending, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.why, t.err = why, err
}

// Write passes everything but a close frame. The websocket library writes one
// by itself, in one call; 0x88 is its first byte (RFC 6455 §5.2).
func (t *tap) Write(p []byte) (int, error) {
	if len(p) > 0 && p[0] == 0x88 {
		return len(p), nil
	}
	if t.rewrite != nil {
		other, err := t.rewrite(p)
		if err != nil {
			return 0, err
		}
		if &other[0] != &p[0] {
			if _, err := t.Conn.Write(other); err != nil {
				return 0, err
			}
			return len(p), nil
		}
	}
	return t.Conn.Write(p)
}

// Close codes: after 1000 Discord forgets the session; after most others it can
// be resumed (discord.com/developers/docs/events/gateway#disconnecting).
const (
	closeForGood   = 1000
	closeResumable = 4900
)

// goodbye ends the session for good.
func (t *tap) goodbye() { t.leave(closeForGood) }

// leave closes the connection with a code, under the mask 0 (RFC 6455 §5.3 and §7.4.1).
func (t *tap) leave(code uint16) {
	t.SetWriteDeadline(time.Now().Add(time.Second))
	t.Conn.Write([]byte{0x88, 0x82, 0, 0, 0, 0, byte(code >> 8), byte(code)})
	t.Close()
}

// frames cuts what a server sends into websocket frames, after the HTTP
// response that opens the connection.
type frames struct {
	opened bool
	tail   []byte // the last bytes of the HTTP response, then the frame's header as far as it has come
	cur    *frame
	left   int // of cur's payload
}

// frame is the start of one frame.
type frame struct {
	opcode int
	head   []byte // at most headSize bytes of the payload
	whole  bool   // head is all of it, and the message is one frame
	size   int    // header and payload
}

// headSize is enough for every payload that matters here; events are longer
// or do not matter.
const headSize = 512

// next takes bytes up to the end of the current frame and returns how many,
// and the frame if it is complete.
func (s *frames) next(p []byte) (int, *frame) {
	if !s.opened {
		return s.open(p), nil
	}
	used := 0
	for s.cur == nil {
		if used == len(p) {
			return used, nil
		}
		s.tail = append(s.tail, p[used])
		used++
		s.header()
	}
	n := min(s.left, len(p)-used)
	if room := headSize - len(s.cur.head); room > 0 {
		s.cur.head = append(s.cur.head, p[used:used+min(n, room)]...)
	}
	s.left -= n
	used += n
	if s.left > 0 {
		return used, nil
	}
	f := s.cur
	s.cur = nil
	return used, f
}

func (s *frames) open(p []byte) int {
	from := len(s.tail)
	s.tail = append(s.tail, p...)
	end := bytes.Index(s.tail, []byte("\r\n\r\n"))
	if end < 0 {
		s.tail = append([]byte(nil), s.tail[max(0, len(s.tail)-3):]...)
		return len(p)
	}
	s.opened, s.tail = true, nil
	return end + 4 - from
}

// header starts a frame once its header is complete (RFC 6455 §5.2; what a
// server sends is not masked).
func (s *frames) header() {
	h := s.tail
	if len(h) < 2 {
		return
	}
	size, more := int(h[1]&0x7f), 0
	switch size {
	case 126:
		more = 2
	case 127:
		more = 8
	}
	if len(h) < 2+more {
		return
	}
	switch more {
	case 2:
		size = int(binary.BigEndian.Uint16(h[2:]))
	case 8:
		size = int(binary.BigEndian.Uint64(h[2:]) & (1<<62 - 1))
	}
	s.cur = &frame{opcode: int(h[0] & 0x0f), whole: h[0]&0x80 != 0 && size <= headSize, size: len(h) + size}
	s.left, s.tail = size, nil
}
