package discord

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serverFrame is a websocket frame as a server sends it.
func serverFrame(opcode byte, payload string) []byte {
	out := []byte{0x80 | opcode}
	switch n := len(payload); {
	case n < 126:
		out = append(out, byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 127), uint64(n))
	}
	return append(out, payload...)
}

const upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

// pieces is a connection that delivers what it holds in pieces of the given size.
type pieces struct {
	net.Conn
	data []byte
	size int
	sent bytes.Buffer
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := min(len(b), len(p.data), p.size)
	copy(b, p.data[:n])
	p.data = p.data[n:]
	return n, nil
}
func (p *pieces) Write(b []byte) (int, error)      { return p.sent.Write(b) }
func (p *pieces) SetReadDeadline(time.Time) error  { return nil }
func (p *pieces) SetWriteDeadline(time.Time) error { return nil }
func (p *pieces) Close() error                     { return nil }
func tapOf(data []byte, size int) (*tap, *pieces) {
	p := &pieces{data: data, size: size}
	return newTap(p, new(atomic.Int64)), p
}

func TestTapReadsAlong(t *testing.T) {
	hello := serverFrame(1, `{"op":10,"d":{"heartbeat_interval":1000}}`)
	event := serverFrame(1, `{"op":0,"t":"X","d":{"op":9,"pad":"`+strings.Repeat("x", 70000)+`"}}`)
	small := serverFrame(1, `{"op":0,"t":"X","d":{"op":9}}`)
	for _, c := range []struct {
		name    string
		last    []byte
		through bool // the last frame reaches the reader
		want    ending
	}{
		{"close code", serverFrame(8, "\x0f\xaeDisallowed intent(s)."), true, ending{code: 4014}},
		{"no close code", serverFrame(8, ""), true, ending{}},
		{"reconnect", serverFrame(1, `{"op":7,"d":null}`), false, ending{reconnect: true}},
		{"session gone", serverFrame(1, `{"t":null,"s":null,"op":9,"d":false}`), false, ending{invalid: true}},
		{"session resumable", serverFrame(1, `{"op":9,"d":true}`), false, ending{reconnect: true}},
		{"a ping", serverFrame(9, "x"), true, ending{}},
		{"an acknowledgement", serverFrame(1, `{"op":11}`), true, ending{}},
		{"no JSON", serverFrame(1, `{"op":9`), true, ending{}},
	} {
		before := slices.Concat([]byte(upgrade), hello, event, small)
		for _, size := range []int{1, 7, 1 << 20} {
			tap, _ := tapOf(slices.Concat(before, c.last), size)
			got, err := io.ReadAll(tap)
			want := before
			if c.through {
				want = slices.Concat(before, c.last)
			}
			// Of a frame that is held back some bytes may have passed, never all.
			if !bytes.HasPrefix(got, want) || len(got) >= len(before)+len(c.last) != c.through || errors.Is(err, errEnded) == c.through {
				t.Errorf("%s in pieces of %d: %d of %d bytes, %v", c.name, size, len(got), len(before)+len(c.last), err)
			}
			if tap.ending() != c.want {
				t.Errorf("%s: %+v, want %+v", c.name, tap.ending(), c.want)
			}
			if d := time.Duration(tap.idle.Load()); d != 12*time.Second {
				t.Errorf("dead after %v", d)
			}
			if tap.last.Load() == 0 {
				t.Error("no sign of life was noted")
			}
		}
	}
}

func TestTapHoldsBackGoodbyes(t *testing.T) {
	tap, p := tapOf(nil, 1)
	for _, frame := range []string{"\x81\x80mask", "\x88\x82mask\x03\xe8"} {
		if n, err := tap.Write([]byte(frame)); n != len(frame) || err != nil {
			t.Errorf("%d %v", n, err)
		}
	}
	if got := p.sent.String(); got != "\x81\x80mask" {
		t.Errorf("%q went out", got)
	}
	tap.goodbye()
	if got := p.sent.String(); got != "\x81\x80mask\x88\x82\x00\x00\x00\x00\x03\xe8" {
		t.Errorf("%q went out", got)
	}
	select {
	case <-tap.done:
	default:
		t.Error("the connection is still open after the goodbye")
	}
}

// Whatever a server sends, the tap passes it on unchanged up to where it stops.
func FuzzTap(f *testing.F) {
	f.Add([]byte(upgrade), 3)
	f.Add(slices.Concat([]byte(upgrade), serverFrame(1, `{"op":7}`), serverFrame(8, "")), 5)
	f.Add(slices.Concat([]byte(upgrade), []byte{0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255, 1}), 2)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		tap, _ := tapOf(data, max(size, 1))
		got, err := io.ReadAll(tap)
		if !bytes.HasPrefix(data, got) || err == nil && len(got) != len(data) {
			t.Errorf("%q became %q, %v", data, got, err)
		}
	})
}
