package bot

import (
	"context"
	"sync"
	"time"
)

// MemoryInbox is an Inbox of this process alone, for a bot without a database
// or with one that takes no writes. What waits in it is lost with the process.
type MemoryInbox struct {
	now func() time.Time

	mu     sync.Mutex
	next   int64 // ids count down, so that they are none of a database's
	keys   map[string]bool
	order  []string // of keys, the oldest first
	jobs   map[int64]*waiting
	posts  map[string]*announced
	posted []string // ids of posts, the oldest first
}

// announced is a post with the time that it was announced at.
type announced struct {
	Post
	at time.Time
}

// aged is the post as it is given out.
func (a *announced) aged(now time.Time) Post {
	p := a.Post
	p.Age = now.Sub(a.at)
	return p
}

type waiting struct {
	job  *Job
	busy bool
	at   time.Time // stored
	due  time.Time
}

// How many keys and posts are remembered, and how long an event is tried for.
const (
	memoryKeys  = 100_000
	memoryPosts = 20_000
	memoryTries = time.Hour
)

var _ Inbox = (*MemoryInbox)(nil)

// NewMemoryInbox makes an empty one; nil for now is the real clock.
func NewMemoryInbox(now func() time.Time) *MemoryInbox {
	if now == nil {
		now = time.Now
	}
	return &MemoryInbox{now: now, keys: map[string]bool{}, jobs: map[int64]*waiting{}, posts: map[string]*announced{}}
}

// Accept implements Inbox.
func (m *MemoryInbox) Accept(_ context.Context, e Event, wait bool) (*Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if !m.learn(e) {
		return nil, nil
	}
	m.next--
	j := &Job{ID: m.next, Event: e}
	m.jobs[j.ID] = &waiting{job: j, busy: !wait, at: now, due: now}
	return j, nil
}

// knows says whether an event was accepted under any of its names; if so, it
// is known by the others from now on.
func (m *MemoryInbox) knows(e Event) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range e.Keys {
		if k != "" && m.keys[keyName(e, k)] {
			m.learn(e)
			return true
		}
	}
	return false
}

func keyName(e Event, key string) string { return e.Platform + "\x00" + e.Tenant + "\x00" + key }

// learn remembers the names of an event and says whether all were new; m.mu is held.
func (m *MemoryInbox) learn(e Event) (fresh bool) {
	fresh = true
	for _, k := range e.Keys {
		if k == "" {
			continue
		}
		name := keyName(e, k)
		if m.keys[name] {
			fresh = false
			continue
		}
		m.keys[name] = true
		m.order = append(m.order, name)
	}
	for len(m.order) > memoryKeys {
		delete(m.keys, m.order[0])
		m.order = m.order[1:]
	}
	return fresh
}

// Take implements Inbox.
func (m *MemoryInbox) Take(_ context.Context, platform string, n int) ([]*Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*Job
	for id, w := range m.jobs {
		if len(out) == n {
			break
		}
		if w.busy || w.job.Platform != platform || w.due.After(m.now()) {
			continue
		}
		age := m.now().Sub(w.at)
		if age > memoryTries {
			delete(m.jobs, id)
			continue
		}
		w.busy = true
		again := *w.job
		again.Again++
		again.Received = age
		w.job = &again
		out = append(out, &again)
	}
	return out, nil
}

// adopt takes on a job of a database that takes no writes.
func (m *MemoryInbox) adopt(j *Job) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.jobs[j.ID] == nil {
		m.jobs[j.ID] = &waiting{job: j, busy: true, at: m.now(), due: m.now()}
	}
}

// Begin implements Inbox.
func (m *MemoryInbox) Begin(_ context.Context, j *Job, p Post) (Post, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.jobs[j.ID] == nil {
		return p, ErrLostJob
	}
	if have := m.posts[postName(j.Platform, p.ID)]; have != nil {
		return have.aged(m.now()), nil
	}
	stored := p
	stored.State = PostUnsure
	m.keep(j.Platform, stored)
	p.State = PostNew
	return p, nil
}

func postName(platform, id string) string { return platform + "\x00" + id }

func (m *MemoryInbox) keep(platform string, p Post) {
	name := postName(platform, p.ID)
	at := m.now()
	if have := m.posts[name]; have != nil {
		at = have.at
	} else {
		m.posted = append(m.posted, name)
	}
	m.posts[name] = &announced{Post: p, at: at}
	for len(m.posted) > memoryPosts {
		delete(m.posts, m.posted[0])
		m.posted = m.posted[1:]
	}
}

// Record implements Inbox.
func (m *MemoryInbox) Record(_ context.Context, j *Job, p Post) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.State == PostNew {
		delete(m.posts, postName(j.Platform, p.ID))
		return nil
	}
	m.keep(j.Platform, p)
	return nil
}

// Done implements Inbox.
func (m *MemoryInbox) Done(_ context.Context, j *Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.jobs, j.ID)
	return nil
}

// Later implements Inbox.
func (m *MemoryInbox) Later(_ context.Context, j *Job, after time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.jobs[j.ID]; w != nil {
		w.busy, w.due = false, m.now().Add(after)
	}
	return nil
}

// Posted implements Inbox.
func (m *MemoryInbox) Posted(_ context.Context, platform, id string) (*Post, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.posts[postName(platform, id)]
	if p == nil {
		return nil, nil
	}
	found := p.aged(m.now())
	return &found, nil
}

// InThread implements Inbox. It looks through all that is remembered: adapters
// ask for threads that they do not know, which is seldom.
func (m *MemoryInbox) InThread(_ context.Context, platform, channel, thread string) (*Post, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range m.posted {
		p := m.posts[name]
		if p != nil && p.Channel == channel && p.Message != "" && (p.Message == thread || p.Thread == thread) &&
			name == postName(platform, p.ID) {
			found := p.aged(m.now())
			return &found, nil
		}
	}
	return nil, nil
}
