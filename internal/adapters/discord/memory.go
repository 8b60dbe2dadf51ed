package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"time"
)

// Memory keeps what the adapter must know after a restart: the values of
// buttons that do not fit into a custom_id, and where answers stand. Names
// begin with "discord/". No value holds a text of a message or who wrote it.
// Safe for concurrent use.
type Memory interface {
	// Keep puts a value under a name, in the place of an older one, until a
	// time; what expired before now may go.
	Keep(ctx context.Context, name string, value []byte, now, until time.Time) error
	// Kept returns the value under a name, nil when there is none that is
	// good at the time now.
	Kept(ctx context.Context, name string, now time.Time) ([]byte, error)
}

// process is a Memory that ends with the process, for an adapter without a store.
type process struct{ items *recent[item] }

type item struct {
	value []byte
	until time.Time
}

// keepItems is how much a Memory without a store holds.
const keepItems = 8192

func newProcess() *process { return &process{newRecent[item](keepItems)} }

func (p *process) Keep(_ context.Context, name string, value []byte, _, until time.Time) error {
	p.items.put(name, item{value, until})
	return nil
}

func (p *process) Kept(_ context.Context, name string, now time.Time) ([]byte, error) {
	it, ok := p.items.get(name)
	if !ok || !it.until.After(now) {
		return nil, nil
	}
	return it.value, nil
}

// memoryWithin bounds a look into the Memory.
const memoryWithin = 2 * time.Second

// keep puts a value into the Memory. That it was not kept shows only after a
// restart, so it is no reason to hold an answer back.
func (a *Adapter) keep(name string, v any, lives time.Duration) {
	data, err := json.Marshal(v)
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), memoryWithin)
		defer cancel()
		now := a.clock.now()
		err = a.cfg.Memory.Keep(ctx, "discord/"+name, data, now, now.Add(lives))
	}
	if err != nil {
		a.log.Error("not kept for the time after a restart", "error", err.Error())
	}
}

// kept reads a value out of the Memory and says whether it was there.
func (a *Adapter) kept(name string, v any) bool {
	ctx, cancel := context.WithTimeout(context.Background(), memoryWithin)
	defer cancel()
	data, err := a.cfg.Memory.Kept(ctx, "discord/"+name, a.clock.now())
	if err != nil {
		a.log.Error("the memory cannot be read", "error", err.Error())
	}
	return data != nil && json.Unmarshal(data, v) == nil
}

// boardLives is how long the board of a process that is alone outlives it: its
// IDENTIFYs count for a day.
const boardLives = 48 * time.Hour

// single is what a process agrees with itself on. It outlives a restart as far
// as the Memory does.
type single struct {
	a      *Adapter
	mu     sync.Mutex
	loaded bool
	value  json.RawMessage
}

// shared is Config.Agree under the adapter's own names.
func (a *Adapter) shared(ctx context.Context, name string, change func(old []byte, now time.Time) []byte) error {
	return a.cfg.Agree(ctx, "discord/"+name, change)
}

func (l *single) agree(_ context.Context, name string, change func(old []byte, now time.Time) []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.loaded {
		l.loaded = true
		l.a.kept(name, &l.value)
	}
	if value := change(l.value, l.a.clock.now()); value != nil && !bytes.Equal(value, l.value) {
		l.value = value
		l.a.keep(name, l.value, boardLives)
	}
	return nil
}
