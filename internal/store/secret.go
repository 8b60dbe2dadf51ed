package store

import (
	"context"
	"database/sql"
)

// Secret returns the secret of this database that has that name, the same one
// for every process that shares it. Where there is none yet it keeps fresh and
// returns that; fresh comes from a source of secure randomness. A secret stays
// in the database and its backups, and nowhere else.
func (s *Store) Secret(ctx context.Context, name string, fresh []byte) (secret []byte, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		key := "secret:" + name
		if _, err := tx.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING`, key, fresh); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, key).Scan(&secret)
	})
	return secret, err
}
