package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

// SQLite has one writer, and with synchronous=FULL every commit waits for the
// disk. Writes that come at the same time therefore share a commit. PostgreSQL
// does the same by itself.

// maxBatch bounds how many writes share a commit, so that none waits long.
const maxBatch = 256

// writer commits writes in batches.
type writer struct {
	db    *sql.DB
	queue chan write
	end   chan struct{} // closed to stop
	ended chan struct{}
	once  sync.Once
}

type write struct {
	do   func(*sql.Tx) error
	done chan error
}

var errClosed = errors.New("the database is closed")

func newWriter(db *sql.DB) *writer {
	w := &writer{db: db, queue: make(chan write, maxBatch), end: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

// submit returns when f's writes are on the disk, or failed. f may run more
// than once, each time on a transaction in which nothing of it has happened. It
// runs on the writer's goroutine; a panic in it goes on in the caller's.
func (w *writer) submit(f func(*sql.Tx) error) error {
	job := write{f, make(chan error, 1)}
	select {
	case w.queue <- job:
	case <-w.end:
		return errClosed
	}
	select {
	case err := <-job.done:
		return passOn(err)
	case <-w.ended:
		select {
		case err := <-job.done:
			return passOn(err)
		default:
			return errClosed
		}
	}
}

// panicked carries a panic from the writer's goroutine to the caller's.
type panicked struct{ value any }

func (panicked) Error() string { return "a write panicked" }

func passOn(err error) error {
	if p := (panicked{}); errors.As(err, &p) {
		panic(p.value)
	}
	return err
}

// attempt is inTx with a panic as an error.
func (w *writer) attempt(f func(*sql.Tx) error) (err error) {
	fence.Do(func(v any) { err = panicked{v} }, func() { err = inTx(context.Background(), w.db, f) })
	return err
}

func (w *writer) close() {
	w.once.Do(func() { close(w.end) })
	<-w.ended
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case first := <-w.queue:
			w.commit(w.collect(first))
		case <-w.end:
			return
		}
	}
}

// collect takes what waits already; it does not wait for more.
func (w *writer) collect(first write) []write {
	batch := []write{first}
	for len(batch) < maxBatch {
		select {
		case next := <-w.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch. When one write in it fails the others are done apart.
func (w *writer) commit(batch []write) {
	err := w.attempt(func(tx *sql.Tx) error {
		for _, b := range batch {
			if err := b.do(tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, b := range batch {
		if err != nil && len(batch) > 1 {
			b.done <- w.attempt(b.do)
		} else {
			b.done <- err
		}
	}
}

// inTx runs f in a transaction: it is committed when f succeeds. f may run
// more than once, each time on a transaction in which nothing of it has happened.
func (s *Store) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	if s.writes != nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		return s.writes.submit(f)
	}
	return inTx(ctx, s.db, f)
}

// exec is inTx of one statement; it returns how many rows it touched.
func (s *Store) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	if s.writes == nil {
		return touched(s.db.ExecContext(ctx, query, args...))
	}
	err = s.inTx(ctx, func(tx *sql.Tx) (err error) {
		n, err = touched(tx.ExecContext(context.WithoutCancel(ctx), query, args...))
		return err
	})
	return n, err
}

// touched is how many rows a statement touched.
func touched(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func inTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	settled := false
	defer func() {
		if !settled { // f panicked; without this the connection would be lost
			_ = tx.Rollback()
		}
	}()
	err = f(tx)
	settled = true
	if err != nil {
		if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
			err = errors.Join(err, rerr)
		}
		return err
	}
	return tx.Commit()
}
