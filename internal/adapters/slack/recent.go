package slack

import (
	"container/list"
	"sync"
	"time"
)

// recent remembers values by key for a time, at most a number of them; the
// oldest go first. Safe for concurrent use.
type recent struct {
	limit int
	life  time.Duration

	mu    sync.Mutex
	items map[string]*list.Element
	order *list.List // of entry, the newest at the back
}

type entry struct {
	key, value string
	end        time.Time
}

func newRecent(limit int, life time.Duration) *recent {
	return &recent{limit: limit, life: life, items: map[string]*list.Element{}, order: list.New()}
}

// get is the value of key, if it is still known.
func (r *recent) get(key string, now time.Time) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	if e := r.items[key]; e != nil {
		return e.Value.(entry).value, true
	}
	return "", false
}

// put sets the value of key.
func (r *recent) put(key, value string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set(key, value, now)
}

// claim sets all keys and says true if none was known; otherwise it sets
// the missing ones too and says false. Empty keys do not count.
func (r *recent) claim(now time.Time, keys ...string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	fresh := true
	for _, k := range keys {
		if k == "" {
			continue
		}
		if r.items[k] != nil {
			fresh = false
			continue
		}
		r.set(k, "", now)
	}
	return fresh
}

// forget removes keys.
func (r *recent) forget(keys ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		if e := r.items[k]; e != nil {
			r.order.Remove(e)
			delete(r.items, k)
		}
	}
}

func (r *recent) set(key, value string, now time.Time) {
	if e := r.items[key]; e != nil {
		r.order.Remove(e)
	}
	r.items[key] = r.order.PushBack(entry{key, value, now.Add(r.life)})
	for len(r.items) > r.limit {
		r.drop(r.order.Front())
	}
}

// expire removes what is over; entries lie in the order of their end.
func (r *recent) expire(now time.Time) {
	for e := r.order.Front(); e != nil && !now.Before(e.Value.(entry).end); e = r.order.Front() {
		r.drop(e)
	}
}

func (r *recent) drop(e *list.Element) {
	r.order.Remove(e)
	delete(r.items, e.Value.(entry).key)
}
