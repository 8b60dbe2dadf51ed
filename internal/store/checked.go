package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Checked implements bot.Store.
func (s *Store) Checked(ctx context.Context, provider string) ([]bot.LiveCheck, error) {
	rows, err := s.reads.QueryContext(ctx,
		`SELECT provider, protocol, host, port, security, verdict, cause, at FROM checked
		 WHERE provider = ?1 OR ?1 = '' ORDER BY provider, protocol, host, port, security`, provider)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []bot.LiveCheck
	for rows.Next() {
		var c bot.LiveCheck
		var at int64
		if err := rows.Scan(&c.Provider, &c.Protocol, &c.Host, &c.Port, &c.Security, &c.Verdict, &c.Cause, &at); err != nil {
			return nil, err
		}
		c.At = time.Unix(at, 0)
		out = append(out, c)
	}
	return out, rows.Err()
}

// SaveChecked implements bot.Store. Rows of servers that no record lists any
// more are not looked at, and there are as many as servers were ever listed.
func (s *Store) SaveChecked(ctx context.Context, checks []bot.LiveCheck) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, c := range checks {
			if _, err := tx.ExecContext(ctx,
				`INSERT INTO checked (provider, protocol, host, port, security, verdict, cause, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
				 ON CONFLICT (provider, protocol, host, port, security) DO UPDATE SET verdict = excluded.verdict, cause = excluded.cause, at = excluded.at`,
				c.Provider, c.Protocol, c.Host, c.Port, c.Security, c.Verdict, c.Cause, c.At.Unix()); err != nil {
				return err
			}
		}
		return nil
	})
}
