package bot

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// StoredInbox is an Inbox in a database, which can be read even when it takes
// no writes: Known says whether an event was accepted before.
type StoredInbox interface {
	Inbox
	Known(ctx context.Context, e Event) (bool, error)
}

// FallbackInbox goes on in memory while a database takes no writes (disk full,
// read-only, locked), and says so. It is for a process that is alone: several
// would answer the same event.
type FallbackInbox struct {
	first  StoredInbox
	memory *MemoryInbox
	log    *slog.Logger

	mu     sync.Mutex
	broken error
	undone []*Job // done, and still in the database
}

var _ Inbox = (*FallbackInbox)(nil)

// NewFallbackInbox makes one in front of a database's.
func NewFallbackInbox(first StoredInbox, log *slog.Logger) *FallbackInbox {
	return &FallbackInbox{first: first, memory: NewMemoryInbox(nil), log: log}
}

// Health is nil while the database takes writes, else why not.
func (f *FallbackInbox) Health() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.broken
}

// note remembers whether a write succeeded, and passes its error on.
func (f *FallbackInbox) note(err error) error {
	if errors.Is(err, ErrLostJob) {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil && f.broken == nil:
		f.log.Error("the database takes no writes; answering from memory, nothing is remembered over a restart", "err", err)
	case err == nil && f.broken != nil:
		f.log.Info("the database takes writes again")
	}
	f.broken = err
	return err
}

// Accept implements Inbox. What was accepted in memory is still known when the
// database takes writes again: the twin of an event may come just then.
func (f *FallbackInbox) Accept(ctx context.Context, e Event, wait bool) (*Job, error) {
	if f.memory.knows(e) {
		return nil, nil
	}
	j, err := f.first.Accept(ctx, e, wait)
	if f.note(err) == nil {
		return j, f.clearUp(ctx)
	}
	if known, err := f.first.Known(context.WithoutCancel(ctx), e); err == nil && known {
		return nil, nil
	}
	return f.memory.Accept(ctx, e, wait)
}

// clearUp ends in the database what was done while it took no writes.
func (f *FallbackInbox) clearUp(ctx context.Context) error {
	f.mu.Lock()
	undone := f.undone
	f.undone = nil
	f.mu.Unlock()
	for i, j := range undone {
		if f.note(f.first.Done(ctx, j)) != nil {
			f.mu.Lock()
			f.undone = append(f.undone, undone[i:]...)
			f.mu.Unlock()
			break
		}
	}
	return nil
}

// Take implements Inbox.
func (f *FallbackInbox) Take(ctx context.Context, platform string, n int) ([]*Job, error) {
	jobs, err := f.memory.Take(ctx, platform, n)
	if err != nil || len(jobs) == n {
		return jobs, err
	}
	more, err := f.first.Take(ctx, platform, n-len(jobs))
	if f.Health() != nil {
		err = nil // it was said
	}
	return append(jobs, more...), err
}

// Begin implements Inbox. No other process can have taken the job over, so an
// announcement in memory will do.
func (f *FallbackInbox) Begin(ctx context.Context, j *Job, p Post) (Post, error) {
	if j.ID > 0 {
		out, err := f.first.Begin(ctx, j, p)
		if f.note(err) == nil || errors.Is(err, ErrLostJob) {
			return out, err
		}
		f.memory.adopt(j)
	}
	return f.memory.Begin(ctx, j, p)
}

// Record implements Inbox.
func (f *FallbackInbox) Record(ctx context.Context, j *Job, p Post) error {
	if j.ID > 0 && f.note(f.first.Record(ctx, j, p)) == nil {
		return nil
	}
	return f.memory.Record(ctx, j, p)
}

// Done implements Inbox.
func (f *FallbackInbox) Done(ctx context.Context, j *Job) error {
	if err := f.memory.Done(ctx, j); err != nil || j.ID < 0 {
		return err
	}
	if f.note(f.first.Done(ctx, j)) != nil {
		f.mu.Lock()
		f.undone = append(f.undone, j)
		f.mu.Unlock()
	}
	return nil
}

// Later implements Inbox.
func (f *FallbackInbox) Later(ctx context.Context, j *Job, after time.Duration) error {
	if j.ID > 0 && f.note(f.first.Later(ctx, j, after)) == nil {
		return nil
	}
	f.memory.adopt(j)
	return f.memory.Later(ctx, j, after)
}

// Posted implements Inbox.
func (f *FallbackInbox) Posted(ctx context.Context, platform, id string) (*Post, error) {
	if p, err := f.memory.Posted(ctx, platform, id); p != nil || err != nil {
		return p, err
	}
	return f.first.Posted(ctx, platform, id)
}

// InThread implements Inbox.
func (f *FallbackInbox) InThread(ctx context.Context, platform, channel, thread string) (*Post, error) {
	if p, err := f.memory.InThread(ctx, platform, channel, thread); p != nil || err != nil {
		return p, err
	}
	return f.first.InThread(ctx, platform, channel, thread)
}
