package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// linkKey is by what a link is found: a hash, since who has the token has the link.
func linkKey(token string) string {
	sum := sha256.Sum256([]byte("link " + token))
	return hex.EncodeToString(sum[:])
}

// OfferLink implements bot.Links.
func (s *Store) OfferLink(ctx context.Context, token string, l bot.OneTimeLink, mine, all int) error {
	seal, err := newSealer("link", token)
	if err != nil {
		return err
	}
	key := linkKey(token)
	value := seal.seal(l.Value, key)
	// SQLite has no OFFSET without a LIMIT.
	const beyond = ` ORDER BY rowid DESC LIMIT 1000000 OFFSET ?)`
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{`DELETE FROM link WHERE until <= ?`, []any{l.Made.UnixMilli()}},
			{
				`DELETE FROM link WHERE key IN (SELECT key FROM link WHERE platform = ? AND tenant = ? AND person = ? AND kind = ?` + beyond,
				[]any{l.For.Platform, l.For.Tenant, l.For.User, l.Kind, mine - 1},
			},
			{`DELETE FROM link WHERE key IN (SELECT key FROM link` + beyond, []any{all - 1}},
			{
				`INSERT INTO link (key, kind, platform, tenant, person, value, mistakes, at, until) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)`,
				[]any{key, l.Kind, l.For.Platform, l.For.Tenant, l.For.User, value, l.Made.Unix(), l.Ends.UnixMilli()},
			},
		} {
			if _, err := tx.ExecContext(ctx, q.sql, q.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Link implements bot.Links.
func (s *Store) Link(ctx context.Context, token string, max int, now time.Time) ([]byte, error) {
	key := linkKey(token)
	var value []byte
	err := s.reads.QueryRowContext(ctx, `SELECT value FROM link WHERE key = ? AND until > ? AND mistakes < ?`, key, now.UnixMilli(), max).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	seal, err := newSealer("link", token)
	if err != nil {
		return nil, err
	}
	return seal.open(value, key)
}

// CountLink implements bot.Links.
func (s *Store) CountLink(ctx context.Context, token string, n, max int) (bool, error) {
	return changed(s.exec(ctx, `UPDATE link SET mistakes = mistakes + ? WHERE key = ? AND mistakes + ? <= ?`, n, linkKey(token), n, max))
}

// TakeLink implements bot.Links.
func (s *Store) TakeLink(ctx context.Context, token string, now time.Time) (bool, error) {
	return changed(s.exec(ctx, `DELETE FROM link WHERE key = ? AND until > ?`, linkKey(token), now.UnixMilli()))
}
