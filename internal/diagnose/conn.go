package diagnose

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

// Errors that a session makes itself; faults of the network stay what they are.
var (
	errBudget  = errors.New("the run's time is over")
	errGarbage = errors.New("the server breaks the protocol")
)

// wire is a TCP connection that keeps limits whatever is stacked on it: one
// deadline per stage that reads cannot push back, a cap on bytes received, and
// the first bytes kept for judging a failed TLS handshake.
type wire struct {
	net.Conn
	left int // bytes that may still be received

	mu    sync.Mutex
	first []byte // up to 256 bytes as they came since the last mark
}

func newWire(c net.Conn) *wire { return &wire{Conn: c, left: maxWire} }

// mark forgets the first bytes, so that the next ones are kept.
func (w *wire) mark() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.first = w.first[:0]
}

// peek returns the first bytes since the last mark.
func (w *wire) peek() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.first)
}

func (w *wire) Read(b []byte) (int, error) {
	if w.left <= 0 {
		return 0, errGarbage
	}
	if len(b) > w.left {
		b = b[:w.left]
	}
	n, err := w.Conn.Read(b)
	w.left -= n
	w.mu.Lock()
	defer w.mu.Unlock()
	if room := 256 - len(w.first); room > 0 {
		w.first = append(w.first, b[:min(n, room)]...)
	}
	return n, err
}

func (w *wire) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	quickACK(w.Conn)
	return n, err
}

// SetDeadline and its kin are for the session alone; what is stacked on top
// (crypto/tls) must not move the deadline of a stage.
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// session is a line-based conversation with one server.
type session struct {
	ctx   context.Context
	wire  *wire
	conn  io.ReadWriter // the wire, later the TLS connection on it
	r     *bufio.Reader
	left  int       // bytes of protocol text that may still be received
	until time.Time // deadline of the running stage
	stop  func() bool
}

// newSession wraps c. When ctx ends, the connection is cut.
func newSession(ctx context.Context, c net.Conn) *session {
	w := newWire(c)
	s := &session{ctx: ctx, wire: w, conn: w, r: bufio.NewReaderSize(w, maxLine), left: maxSession}
	s.stop = context.AfterFunc(ctx, func() { fence.Do(nil, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) })
	return s
}

// close ends the connection without a word.
func (s *session) close() {
	s.stop()
	_ = s.wire.Conn.Close()
}

// leave says goodbye. The returned function, nil when there is nobody left to
// greet, is for the background: it closes the connection once the server has
// answered or quitWait has passed. A server that is left without an answer read
// (RFC 5321 section 4.1.1.10) logs a broken session.
func (s *session) leave(line string) (closeLater func()) {
	if s.ctx.Err() != nil {
		return nil
	}
	_ = s.wire.Conn.SetDeadline(time.Now().Add(quitWait))
	if err := s.send(line); err != nil {
		return nil
	}
	s.stop()
	c := s.wire.Conn
	s.wire.Conn = nopConn{c}
	return func() {
		defer c.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<12))
	}
}

// nopConn is a connection whose end somebody else sees to.
type nopConn struct{ net.Conn }

func (nopConn) Close() error { return nil }

// deadline starts a stage that may last d.
func (s *session) deadline(d time.Duration) {
	s.until = time.Now().Add(d)
	_ = s.wire.Conn.SetDeadline(s.until)
	if s.ctx.Err() != nil { // the cut of AfterFunc must not be undone
		_ = s.wire.Conn.SetDeadline(time.Unix(1, 0))
	}
}

// startTLS puts TLS on the connection; c has shaken hands already.
func (s *session) startTLS(c *tls.Conn) {
	s.conn = c
	s.r = bufio.NewReaderSize(c, maxLine)
}

// buffered reports whether the server sent more than it was asked for.
func (s *session) buffered() bool { return s.r.Buffered() > 0 }

// send writes one or more lines, each without its line end.
func (s *session) send(lines ...string) error {
	_, err := io.WriteString(s.conn, strings.Join(lines, "\r\n")+"\r\n")
	return s.blame(err)
}

// sendSecret writes one line, given without its line end, and wipes it.
// crypto/tls encrypts in place in the buffer that it copies the line to.
func (s *session) sendSecret(line []byte) error {
	line = append(line, '\r', '\n')
	defer clear(line)
	_, err := s.conn.Write(line)
	return s.blame(err)
}

// joined makes one line of its parts, with room for the line end: a slice that
// grows would leave a copy of a secret behind.
func joined(parts ...[]byte) []byte {
	n := len("\r\n")
	for _, p := range parts {
		n += len(p)
	}
	line := make([]byte, 0, n)
	for _, p := range parts {
		line = append(line, p...)
	}
	return line
}

// line reads one line without its line end. A line that is too long, holds a
// NUL, or comes after too much text is errGarbage.
func (s *session) line() (string, error) {
	b, err := s.r.ReadSlice('\n')
	s.left -= len(b)
	switch {
	case errors.Is(err, bufio.ErrBufferFull), s.left < 0:
		return "", errGarbage
	case err != nil:
		if len(b) > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return string(b), s.blame(err)
	}
	text := strings.TrimRight(string(b), "\r\n")
	if strings.IndexByte(text, 0) >= 0 {
		return "", errGarbage
	}
	return text, nil
}

// skip reads past n bytes of an IMAP literal.
func (s *session) skip(n int) error {
	if s.left -= n; n < 0 || s.left < 0 {
		return errGarbage
	}
	_, err := s.r.Discard(n)
	return s.blame(err)
}

// blame says why reading or writing ended: the run's end, if it is that, and
// not the timeout by which it shows.
func (s *session) blame(err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(s.ctx); cause != nil {
		return cause
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return os.ErrDeadlineExceeded
	}
	return err
}
