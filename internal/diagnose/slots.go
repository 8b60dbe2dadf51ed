package diagnose

import (
	"context"
	"net/netip"
	"slices"
	"sync"
)

// slots hand out the connections that one server address gets at a time. When
// they are short, the main conversations come first and then the side
// connections that take longest.
type slots struct {
	mu   sync.Mutex
	used map[netip.Addr]int
	wait map[netip.Addr][]*slotWaiter // most urgent first
}

// urgency is the order in which waiting connections get theirs.
type urgency uint8

const (
	urgentMain     urgency = iota // a conversation that the run ends with
	urgentSTARTTLS                // a side connection of four or five round trips
	urgentSMTP                    // one of two to the protocol whose servers keep old versions longest, and so are asked most
	urgentTLS                     // any other of two
)

type slotWaiter struct {
	urgency
	ready chan struct{} // closed when the slot is there
}

// take waits for a slot; the returned function gives it back. ok is false when
// ctx ended before.
func (s *slots) take(ctx context.Context, a netip.Addr, u urgency) (release func(), ok bool) {
	release = sync.OnceFunc(func() { s.release(a) })
	s.mu.Lock()
	if s.used == nil {
		s.used, s.wait = map[netip.Addr]int{}, map[netip.Addr][]*slotWaiter{}
	}
	if s.used[a] < maxConnsPerHost {
		s.used[a]++
		s.mu.Unlock()
		return release, true
	}
	w := &slotWaiter{u, make(chan struct{})}
	at, _ := slices.BinarySearchFunc(s.wait[a], u+1, func(w *slotWaiter, u urgency) int { return int(w.urgency) - int(u) })
	s.wait[a] = slices.Insert(s.wait[a], at, w)
	s.mu.Unlock()
	select {
	case <-w.ready:
		return release, true
	case <-ctx.Done():
	}
	s.mu.Lock()
	at = slices.Index(s.wait[a], w)
	if at >= 0 {
		s.wait[a] = slices.Delete(s.wait[a], at, at+1)
	}
	s.mu.Unlock()
	if at < 0 {
		release() // it came at the same moment
	}
	return func() {}, false
}

func (s *slots) release(a netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.wait[a]; len(w) > 0 {
		s.wait[a] = w[1:]
		close(w[0].ready)
		return
	}
	s.used[a]--
}
