package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
)

// keepExpired is how long found settings outlive their expiry: they are shown,
// with their date, when the network is down.
const keepExpired = 30 * 24 * time.Hour

// Found implements bot.Store. What an older version of the program has written
// and this one cannot read counts as nothing.
func (s *Store) Found(ctx context.Context, domain string) (*discover.Result, error) {
	var body []byte
	err := s.reads.QueryRowContext(ctx, `SELECT body FROM found WHERE domain = ?`, domain).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r discover.Result
	if err := json.Unmarshal(body, &r); err != nil || r.Domain != domain {
		return nil, nil
	}
	r.Final = true
	return &r, nil
}

// SaveFound implements bot.Store. It also drops what has long expired, so the
// table holds no more than what a month's questions were about.
func (s *Store) SaveFound(ctx context.Context, r discover.Result) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM found WHERE expires < ?`, r.Checked.Add(-keepExpired).Unix()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx,
			`INSERT INTO found (domain, body, expires) VALUES (?, ?, ?)
			 ON CONFLICT (domain) DO UPDATE SET body = excluded.body, expires = excluded.expires`,
			r.Domain, body, r.Expires.Unix())
		return err
	})
}
