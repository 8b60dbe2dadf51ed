package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

var _ bot.Store = (*Store)(nil)

// Claim implements bot.Store.
func (s *Store) Claim(ctx context.Context, platform, tenant, id string, at time.Time) (bool, error) {
	r, err := s.db.ExecContext(ctx,
		`INSERT INTO answered (platform, tenant, message, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		platform, tenant, id, at.Unix())
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// Conversation implements bot.Store.
func (s *Store) Conversation(ctx context.Context, k bot.ConversationKey) (bot.Conversation, error) {
	var c bot.Conversation
	var updated int64
	err := s.db.QueryRowContext(ctx,
		`SELECT provider, domain, host, client, protocol, topic, cause, lang, updated FROM conversation
		 WHERE platform = ? AND tenant = ? AND channel = ? AND thread = ?`,
		k.Platform, k.Tenant, k.Channel, k.Thread).
		Scan(&c.Provider, &c.Domain, &c.Host, &c.Client, &c.Protocol, &c.Topic, &c.Cause, &c.Lang, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return bot.Conversation{}, nil
	}
	c.Updated = time.Unix(updated, 0)
	return c, err
}

// SaveConversation implements bot.Store.
func (s *Store) SaveConversation(ctx context.Context, k bot.ConversationKey, c bot.Conversation) error {
	_, err := s.db.ExecContext(ctx,
		`INSERT INTO conversation (platform, tenant, channel, thread, provider, domain, host, client, protocol, topic, cause, lang, updated)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (platform, tenant, channel, thread) DO UPDATE SET provider = excluded.provider, domain = excluded.domain, host = excluded.host,
		 client = excluded.client, protocol = excluded.protocol, topic = excluded.topic, cause = excluded.cause,
		 lang = excluded.lang, updated = excluded.updated`,
		k.Platform, k.Tenant, k.Channel, k.Thread,
		c.Provider, c.Domain, c.Host, c.Client, c.Protocol, c.Topic, c.Cause, c.Lang, c.Updated.Unix())
	return err
}

// Prune forgets conversations that have not changed, and message ids that were
// claimed, before the given times. It returns how many rows went.
func (s *Store) Prune(ctx context.Context, conversations, answered time.Time) (int64, error) {
	var n int64
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, q := range []struct {
			sql    string
			before time.Time
		}{
			{`DELETE FROM conversation WHERE updated < ?`, conversations},
			{`DELETE FROM answered WHERE at < ?`, answered},
		} {
			r, err := tx.ExecContext(ctx, q.sql, q.before.Unix())
			if err != nil {
				return err
			}
			rows, err := r.RowsAffected()
			if err != nil {
				return err
			}
			n += rows
		}
		return nil
	})
	return n, err
}
