package store

import (
	"context"
	"database/sql"
	"time"
)

// taughtChannel is PostgreSQL's channel on which processes tell each other that
// the knowledge has changed.
const taughtChannel = "mailhelpbot_knowledge"

// tellOthers has PostgreSQL tell the other processes when tx is committed.
func (s *Store) tellOthers(ctx context.Context, tx *sql.Tx) error {
	if !s.postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, `SELECT pg_notify(?, '')`, taughtChannel)
	return err
}

// Changes calls changed whenever another process may have taught something: when
// PostgreSQL says so, and every interval, in case it could not. It returns when
// ctx ends.
func (s *Store) Changes(ctx context.Context, interval time.Duration, changed func()) {
	for ctx.Err() == nil {
		if s.postgres && s.listen(ctx, interval, changed) == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
			changed()
		}
	}
}

// listen waits for notifications on a connection of its own until that breaks.
func (s *Store) listen(ctx context.Context, interval time.Duration, changed func()) error {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(driver any) error {
		conn := driver.(pgConn).Conn.Conn()
		for first := true; ctx.Err() == nil; first = false {
			// Again each time: nothing else shows that the connection is dead.
			p := newPatience(ctx, answerWithin)
			_, err := conn.Exec(p.ctx, "LISTEN "+taughtChannel)
			if err = p.done(err); err != nil {
				return err
			}
			if first {
				changed() // what came while nobody listened
			}
			wait, cancel := context.WithTimeout(ctx, interval)
			_, err = conn.WaitForNotification(wait)
			timeout := wait.Err() != nil
			cancel()
			if err != nil && !timeout {
				return err
			}
			changed()
		}
		return nil
	})
}
