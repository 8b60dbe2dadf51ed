package slack

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// pool runs tasks on a fixed number of workers. A full queue refuses tasks, so
// that what was accepted is never dropped.
type pool struct {
	log     *slog.Logger
	workers int
	queue   chan func(context.Context)
	wg      sync.WaitGroup
	open    atomic.Int64 // accepted and not done

	mu     sync.RWMutex // held for writing to close
	closed bool
}

func newPool(workers, length int, log *slog.Logger) *pool {
	return &pool{log: log, workers: workers, queue: make(chan func(context.Context), length)}
}

func (p *pool) start(ctx context.Context) {
	for range p.workers {
		p.wg.Go(func() {
			for task := range p.queue {
				p.run(ctx, task)
			}
		})
	}
}

// run keeps one broken conversation from ending all others.
func (p *pool) run(ctx context.Context, task func(context.Context)) {
	defer p.open.Add(-1)
	defer func() {
		if r := recover(); r != nil {
			p.log.Error("answering failed", "panic", bot.PanicKind(r), "stack", string(debug.Stack()))
		}
	}()
	task(ctx)
}

// offer queues a task; false means that there is no room or the pool is closed.
func (p *pool) offer(task func(context.Context)) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return false
	}
	p.open.Add(1)
	select {
	case p.queue <- task:
		return true
	default:
		p.open.Add(-1)
		return false
	}
}

// room is how many more tasks can wait.
func (p *pool) room() int { return cap(p.queue) - len(p.queue) }

func (p *pool) full() bool { return p.room() == 0 }

// idle says that a worker waits for a task, or soon will.
func (p *pool) idle() bool { return len(p.queue) < p.workers }

// close refuses further tasks and returns when the accepted ones are done.
func (p *pool) close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.queue)
	}
	p.mu.Unlock()
	p.wg.Wait()
}
