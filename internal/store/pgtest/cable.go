package pgtest

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"testing"
)

// Cable is a network between a Server and who speaks to it, that can break.
type Cable struct {
	l  net.Listener
	to string

	mu     sync.Mutex
	fault  Fault
	after  []byte        // packets vanish after the server was told this
	healed chan struct{} // closed when the fault is over
	ends   map[net.Conn]bool
	lost   map[net.Conn]bool // ends of which nothing comes any more
}

// Fault is what is wrong with a Cable.
type Fault int

// Faults. What a test leaves out is whole.
const (
	Whole    Fault = iota
	Refusing       // connections break, new ones too
	Losing         // packets vanish; connections of before never come back
	Stalling       // packets vanish, and are repeated when the network is back
)

// NewCable lays a cable to a server, until the test ends.
func NewCable(t testing.TB, s *Server) *Cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cable{l: l, to: s.Addr, ends: map[net.Conn]bool{}, lost: map[net.Conn]bool{}, healed: make(chan struct{})}
	close(c.healed)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { c.carry(in) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		c.breakAll()
		c.Mend()
		wg.Wait()
	})
	return c
}

// Through is the address of a database, by the cable.
func (c *Cable) Through(url string) string {
	return strings.Replace(url, c.to, c.l.Addr().String(), 1)
}

// LoseAfter has packets vanish on the next connection on which the server is
// told words: what they ask for is done, and nobody hears of it.
func (c *Cable) LoseAfter(words string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after = []byte(words)
}

// carry connects a connection through.
func (c *Cable) carry(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer out.Close()
	c.mu.Lock()
	c.ends[in], c.ends[out] = true, true
	refused := c.fault == Refusing
	if c.fault == Losing {
		c.lost[in], c.lost[out] = true, true
	}
	c.mu.Unlock()
	if refused {
		return
	}
	var wg sync.WaitGroup
	for _, ends := range [][2]net.Conn{{in, out}, {out, in}} {
		wg.Go(func() { c.pump(ends[0], ends[1], ends[0] == in) })
	}
	wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ends, in)
	delete(c.ends, out)
}

// pump carries what one end says to the other, and its end. Of a lost
// connection neither arrives.
func (c *Cable) pump(from, to net.Conn, asks bool) {
	buf := make([]byte, 32<<10)
	var lost net.Conn
	for {
		n, err := from.Read(buf)
		if c.passes(from) {
			if n > 0 {
				if asks && c.hears(buf[:n]) {
					c.lose(to) // before the answer
					lost = from
				}
				if _, werr := to.Write(buf[:n]); werr != nil {
					err = werr
				}
				if lost != nil {
					c.lose(lost)
				}
			}
			if err != nil {
				to.Close()
			}
		}
		if err != nil {
			from.Close()
			return
		}
	}
}

// hears says whether the words of LoseAfter are said.
func (c *Cable) hears(said []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	heard := len(c.after) > 0 && bytes.Contains(said, c.after)
	if heard {
		c.after = nil
	}
	return heard
}

func (c *Cable) lose(end net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost[end] = true
}

// passes waits while packets vanish and says whether they are repeated.
func (c *Cable) passes(from net.Conn) bool {
	c.mu.Lock()
	healed, lost := c.healed, c.lost[from]
	c.mu.Unlock()
	if lost {
		return false
	}
	<-healed
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.lost[from]
}

// Cut breaks the cable.
func (c *Cable) Cut(f Fault) {
	c.mu.Lock()
	c.fault, c.healed = f, make(chan struct{})
	if f == Losing {
		for end := range c.ends {
			c.lost[end] = true
		}
	}
	c.mu.Unlock()
	if f == Refusing {
		c.breakAll()
	}
}

// breakAll ends all connections.
func (c *Cable) breakAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for end := range c.ends {
		end.Close()
	}
}

// Mend ends the fault.
func (c *Cable) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = Whole
	select {
	case <-c.healed:
	default:
		close(c.healed)
	}
}
