package match

import (
	"sync"
	"sync/atomic"
)

// meeting is where workers wait for each other, again and again.
type meeting struct {
	of    int32
	here  atomic.Int32
	round atomic.Int32
	mu    sync.Mutex
	next  *sync.Cond // round has changed; its lock is mu
}

// patience is how often a worker looks before it sleeps. That is some tens of
// microseconds: the usual wait is shorter, and to be woken takes as long.
const patience = 100_000

func newMeeting(of int) *meeting {
	m := &meeting{of: int32(of)}
	m.next = sync.NewCond(&m.mu)
	return m
}

// wait returns when all have come.
func (m *meeting) wait() {
	round := m.round.Load()
	if m.here.Add(1) == m.of {
		m.here.Store(0)
		m.mu.Lock()
		m.round.Add(1)
		m.mu.Unlock()
		m.next.Broadcast()
		return
	}
	for range patience {
		if m.round.Load() != round {
			return
		}
	}
	m.mu.Lock()
	for m.round.Load() == round {
		m.next.Wait()
	}
	m.mu.Unlock()
}
