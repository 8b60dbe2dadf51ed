package bot

import (
	"sync"
	"time"
)

// Backlog knows what was taken in and waits for its turn. The zero value is
// ready, and all methods may be called concurrently.
type Backlog struct {
	mu      sync.Mutex
	next    uint64
	waiting map[uint64]time.Time
}

// Enter notes that something waits since now; the returned function is called
// when its turn has come.
func (b *Backlog) Enter(now time.Time) (leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting == nil {
		b.waiting = map[uint64]time.Time{}
	}
	id := b.next
	b.next++
	b.waiting[id] = now
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiting, id)
	}
}

// Waiting is how much waits, and since when the oldest does; the zero time when
// nothing waits.
func (b *Backlog) Waiting() (n int, oldest time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.waiting {
		if oldest.IsZero() || t.Before(oldest) {
			oldest = t
		}
	}
	return len(b.waiting), oldest
}
