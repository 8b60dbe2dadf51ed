package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Keep puts a value under a name until a time: what an adapter must know
// after a restart, such as where an answer stands. It also drops what expired
// before now.
func (s *Store) Keep(ctx context.Context, name string, value []byte, now, until time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM kept WHERE expires < ?`, now.Unix()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx,
			`INSERT INTO kept (name, value, expires) VALUES (?, ?, ?)
			 ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires = excluded.expires`,
			name, value, until.Unix())
		return err
	})
}

// Kept returns the value under a name, nil when there is none or it expired
// before now.
func (s *Store) Kept(ctx context.Context, name string, now time.Time) ([]byte, error) {
	var value []byte
	err := s.reads.QueryRowContext(ctx, `SELECT value FROM kept WHERE name = ? AND expires > ?`, name, now.Unix()).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, err
}
