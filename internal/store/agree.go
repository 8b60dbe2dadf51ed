package store

import (
	"bytes"
	"context"
	"database/sql"
	"time"
)

// Agree changes a value that all processes share, one process at a time.
// change gets the value under a name, nil when there is none, and the time by
// the clock of the database, and returns what it is to be; nil leaves it.
// change must not block, and may run more than once.
func (s *Store) Agree(ctx context.Context, name string, change func(old []byte, now time.Time) []byte) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		var old []byte
		var at int64
		// The update that changes nothing holds the row until the end; the time
		// is that from which on it is held.
		err := tx.QueryRowContext(ctx, `INSERT INTO agreed (name, value) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING value, `+s.now(), name, []byte{}).Scan(&old, &at)
		if err != nil {
			return err
		}
		if len(old) == 0 {
			old = nil
		}
		value := change(old, time.UnixMilli(at))
		if value == nil || bytes.Equal(value, old) {
			return nil
		}
		_, err = tx.ExecContext(ctx, `UPDATE agreed SET value = ? WHERE name = ?`, value, name)
		return err
	})
}
