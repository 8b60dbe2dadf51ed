package diagnose

import (
	"context"
	"net/netip"
	"testing"
)

// Waiting connections get their turn by urgency, and in order among equals.
func TestSlotsByUrgency(t *testing.T) {
	var s slots
	addr := netip.MustParseAddr("192.0.2.1")
	var held []func()
	for range maxConnsPerHost {
		release, ok := s.take(t.Context(), addr, urgentMain)
		if !ok {
			t.Fatal("no slot although there are some")
		}
		held = append(held, release)
	}
	if release, ok := s.take(t.Context(), netip.MustParseAddr("192.0.2.2"), urgentTLS); !ok {
		t.Error("another address has to wait")
	} else {
		release()
	}
	got := make(chan string)
	waiting := func(n int) {
		for { // until the waiter has queued up
			s.mu.Lock()
			queued := len(s.wait[addr]) == n
			s.mu.Unlock()
			if queued {
				return
			}
		}
	}
	for i, w := range []struct {
		name string
		u    urgency
	}{{"tls", urgentTLS}, {"starttls 1", urgentSTARTTLS}, {"starttls 2", urgentSTARTTLS}, {"main", urgentMain}} {
		go func() {
			if _, ok := s.take(t.Context(), addr, w.u); ok {
				got <- w.name
			}
		}()
		waiting(i + 1)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan bool)
	go func() {
		_, ok := s.take(ctx, addr, urgentMain)
		gone <- ok
	}()
	waiting(5)
	cancel()
	if <-gone {
		t.Error("a cancelled one got a slot")
	}
	for i, want := range []string{"main", "starttls 1", "starttls 2", "tls"} {
		held[i]()
		held[i]() // giving back twice gives back once
		if name := <-got; name != want {
			t.Errorf("turn %d: %s, want %s", i, name, want)
		}
	}
	for _, release := range held[4:] {
		release()
	}
	if n := s.used[addr]; n != 4 { // those of the four above
		t.Errorf("%d in use, want 4", n)
	}
}
