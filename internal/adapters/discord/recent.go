package discord

import "sync"

// recent remembers the last size keys that were put. Safe for concurrent use.
type recent[V any] struct {
	mu   sync.Mutex
	m    map[string]V
	ring []string
	next int
}

func newRecent[V any](size int) *recent[V] {
	return &recent[V]{m: make(map[string]V), ring: make([]string, size)}
}

// put remembers a value and says whether the key is new.
func (r *recent[V]) put(key string, v V) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.m[key]; ok {
		r.m[key] = v
		return false
	}
	r.insert(key, v)
	return true
}

// putNew remembers a value unless there is one, and returns what there is then.
func (r *recent[V]) putNew(key string, v V) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.m[key]; ok {
		return old
	}
	r.insert(key, v)
	return v
}

// insert takes the place of the oldest key; r.mu is held.
func (r *recent[V]) insert(key string, v V) {
	delete(r.m, r.ring[r.next])
	r.ring[r.next] = key
	r.next = (r.next + 1) % len(r.ring)
	r.m[key] = v
}

func (r *recent[V]) get(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.m[key]
	return v, ok
}

// drop forgets a key; its place in the ring stays taken until it is overwritten.
func (r *recent[V]) drop(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.m, key)
}
