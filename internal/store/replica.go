package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// A replica that was silent for silentAfter counts as dead, and its work is
// taken over. With the pause between two looks for work that is within 30
// seconds. All times are those of the database's clock: replicas' own clocks
// may be hours apart.
const (
	beatEvery   = 4 * time.Second
	silentAfter = 18 * time.Second
)

// now is the time in Unix milliseconds by the clock of the database.
func (s *Store) now() string {
	if s.postgres {
		return `(extract(epoch FROM clock_timestamp()) * 1000)::bigint`
	}
	return `CAST(unixepoch('subsec') * 1000 AS INTEGER)`
}

// Replica is this process among those that share the work.
type Replica struct {
	s    *Store
	id   string
	log  *slog.Logger
	stop context.CancelFunc
	done sync.WaitGroup
}

// Join makes this process one of those that share the work, until Leave. After
// [Store.Serve] of a file it is the only one.
func (s *Store) Join(ctx context.Context, log *slog.Logger) (*Replica, error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	r := &Replica{s: s, id: rand.Text(), log: log, stop: stop}
	if !s.postgres {
		// Nobody else can be alive: Serve is exclusive.
		if _, err := s.exec(ctx, `DELETE FROM replica`); err != nil {
			stop()
			return nil, err
		}
	}
	if err := r.beat(ctx); err != nil {
		stop()
		return nil, err
	}
	r.done.Go(func() { r.keepBeating(ctx) })
	return r, nil
}

func (r *Replica) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, silentAfter/2)
	defer cancel()
	_, err := r.s.exec(ctx, `INSERT INTO replica (id, beat) VALUES (?, `+r.s.now()+`) ON CONFLICT (id) DO UPDATE SET beat = excluded.beat`, r.id)
	return err
}

func (r *Replica) keepBeating(ctx context.Context) {
	bot.Rounds(ctx, r.log, beatEvery, nil, func(bool) {
		if err := r.beat(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("sign of life not written", "err", err)
		}
	})
}

// Leave gives back what this process has not finished, for others or for the
// next start.
func (r *Replica) Leave(ctx context.Context) error {
	r.stop()
	r.done.Wait()
	return r.s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE inbox SET owner = '' WHERE owner = ?`, r.id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM replica WHERE id = ? OR beat < `+r.s.now()+` - ?`, r.id, (24 * time.Hour).Milliseconds())
		return err
	})
}
