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

var _ bot.Store = (*Store)(nil)

// Claim implements bot.Store. Ids go in as hashes: some name a person.
func (s *Store) Claim(ctx context.Context, platform, tenant, id string, at time.Time) (bool, error) {
	sum := sha256.Sum256([]byte(id))
	n, err := s.exec(ctx,
		`INSERT INTO answered (platform, tenant, message, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		platform, tenant, hex.EncodeToString(sum[:16]), at.Unix())
	return n == 1, err
}

// Conversation implements bot.Store.
func (s *Store) Conversation(ctx context.Context, k bot.ConversationKey) (bot.Conversation, error) {
	var c bot.Conversation
	var updated int64
	err := s.reads.QueryRowContext(ctx,
		`SELECT provider, domain, host, client, protocol, topic, cause, tries, lang, updated FROM conversation
		 WHERE platform = ? AND tenant = ? AND channel = ? AND thread = ?`,
		k.Platform, k.Tenant, k.Channel, k.Thread).
		Scan(&c.Provider, &c.Domain, &c.Host, &c.Client, &c.Protocol, &c.Topic, &c.Cause, &c.Tries, &c.Lang, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return bot.Conversation{}, nil
	}
	c.Updated = time.Unix(updated, 0)
	return c, err
}

// SaveConversation implements bot.Store.
func (s *Store) SaveConversation(ctx context.Context, k bot.ConversationKey, c bot.Conversation) error {
	_, err := s.exec(ctx,
		`INSERT INTO conversation (platform, tenant, channel, thread, provider, domain, host, client, protocol, topic, cause, tries, lang, updated)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (platform, tenant, channel, thread) DO UPDATE SET provider = excluded.provider, domain = excluded.domain, host = excluded.host,
		 client = excluded.client, protocol = excluded.protocol, topic = excluded.topic, cause = excluded.cause, tries = excluded.tries,
		 lang = excluded.lang, updated = excluded.updated`,
		k.Platform, k.Tenant, k.Channel, k.Thread,
		c.Provider, c.Domain, c.Host, c.Client, c.Protocol, c.Topic, c.Cause, c.Tries, c.Lang, c.Updated.Unix())
	return err
}

// How long the outbox remembers what was posted, for edits and threads; and an
// event's keys: Slack repeats for six minutes, Discord for as long as a session
// can be resumed.
//
// A one-time link goes with the next one that is made after its end, at the
// latest an hour after that: clocks of processes may differ.
const (
	keepLinks = time.Hour
	keepPosts = 30 * 24 * time.Hour
	keepKeys  = 24 * time.Hour
)

// Prune forgets conversations that have not changed, with the tests and answers
// of that time, and message ids that were claimed, before the given times; and
// what inbox and outbox need no more. It returns how many rows went.
func (s *Store) Prune(ctx context.Context, conversations, answered time.Time) (int64, error) {
	ctx = patiently(ctx)
	var n int64
	for _, q := range []struct {
		sql    string
		before int64
	}{
		{`DELETE FROM conversation WHERE updated < ?`, conversations.Unix()},
		{`DELETE FROM run WHERE at < ?`, conversations.Unix()},
		{`DELETE FROM question WHERE at < ?`, conversations.Unix()},
		{`DELETE FROM reply WHERE at < ?`, conversations.Unix()},
		{`DELETE FROM feedback WHERE at < ?`, conversations.Unix()},
		{`DELETE FROM quiet WHERE at < ?`, conversations.Unix()},
		{`DELETE FROM tally WHERE (day + 1) * 86400 < ?`, conversations.Unix()},
		{`DELETE FROM answered WHERE at < ?`, answered.Unix()},
		{`DELETE FROM link WHERE ` + s.now() + ` > until + ?`, keepLinks.Milliseconds()},
		{`DELETE FROM quota WHERE until + ? < ` + s.now(), 0},
		{`DELETE FROM outbox WHERE at < ` + s.now() + ` - ?`, keepPosts.Milliseconds()},
		{`DELETE FROM inbox_key WHERE at < ` + s.now() + ` - ?`, keepKeys.Milliseconds()},
	} {
		rows, err := s.exec(ctx, q.sql, q.before)
		if err != nil {
			return n, err
		}
		n += rows
	}
	return n, nil
}
