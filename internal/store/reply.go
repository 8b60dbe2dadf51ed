package store

import (
	"context"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// SaveReply implements bot.Records.
func (s *Store) SaveReply(ctx context.Context, r bot.Reply) error {
	unasked := 0
	if r.Unasked {
		unasked = 1
	}
	_, err := s.exec(ctx,
		`INSERT INTO reply (platform, tenant, name, channel, thread, asker, unasked, topic, provider, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (platform, tenant, name) DO UPDATE SET topic = excluded.topic, provider = excluded.provider`,
		r.Platform, r.Tenant, r.Name, r.Channel, r.Thread, r.Asker, unasked, r.Topic, r.Provider, r.At.Unix())
	return err
}

// Reply implements bot.Records.
func (s *Store) Reply(ctx context.Context, platform, tenant, name string) (bot.Reply, bool, error) {
	r := bot.Reply{Place: bot.Place{Platform: platform, Tenant: tenant}, Name: name}
	var at int64
	var unasked int
	ok, err := found(s.reads.QueryRowContext(ctx,
		`SELECT channel, thread, asker, unasked, topic, provider, at FROM reply WHERE platform = ? AND tenant = ? AND name = ?`,
		platform, tenant, name).Scan(&r.Channel, &r.Thread, &r.Asker, &unasked, &r.Topic, &r.Provider, &at))
	r.Unasked, r.At = unasked == 1, time.Unix(at, 0)
	return r, ok, err
}

// SaveFeedback implements bot.Records.
func (s *Store) SaveFeedback(ctx context.Context, f bot.Feedback) error {
	_, err := s.exec(ctx,
		`INSERT INTO feedback (platform, tenant, reply, person, verdict, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (platform, tenant, reply, person)
		 DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason, at = excluded.at`,
		f.Platform, f.Tenant, f.Reply, f.User, string(f.Verdict), f.Reason, f.At.Unix())
	return err
}

const daySeconds = 24 * 60 * 60

// Count implements bot.Records.
func (s *Store) Count(ctx context.Context, p bot.Place, kind bot.CountKind, label string, at time.Time) error {
	_, err := s.exec(ctx,
		`INSERT INTO tally (platform, tenant, channel, day, kind, label, n) VALUES (?, ?, ?, ?, ?, ?, 1)
		 ON CONFLICT (platform, tenant, channel, day, kind, label) DO UPDATE SET n = tally.n + 1`,
		p.Platform, p.Tenant, p.Channel, at.Unix()/daySeconds, string(kind), label)
	return err
}

// Digest implements bot.Records. Counts are kept by day: silence and topics
// are those of the days from the first to the one before the last.
func (s *Store) Digest(ctx context.Context, p bot.Place, from, to time.Time) (bot.Digest, error) {
	var d bot.Digest
	for _, q := range []struct {
		into *int
		sql  string
		args []any
	}{
		{&d.Answered, `SELECT COUNT(*) FROM question WHERE platform = ? AND tenant = ? AND channel = ? AND state = 'answered' AND at >= ? AND at < ?`, nil},
		{&d.Human, `SELECT COUNT(*) FROM quiet WHERE platform = ? AND tenant = ? AND channel = ? AND reason = 'human' AND at >= ? AND at < ?`, nil},
		{&d.Helped, ratedSQL, []any{"helped", "helped"}},
		{&d.Corrected, ratedSQL, []any{"nothelped", "dismissed"}},
	} {
		args := append([]any{p.Platform, p.Tenant, p.Channel, from.Unix(), to.Unix()}, q.args...)
		if err := s.reads.QueryRowContext(ctx, q.sql, args...).Scan(q.into); err != nil {
			return d, err
		}
	}
	rows, err := s.reads.QueryContext(ctx,
		`SELECT kind, label, CAST(SUM(n) AS INTEGER) AS total FROM tally WHERE platform = ? AND tenant = ? AND channel = ? AND day >= ? AND day < ?
		 GROUP BY kind, label ORDER BY total DESC, label`,
		p.Platform, p.Tenant, p.Channel, from.Unix()/daySeconds, to.Unix()/daySeconds)
	if err != nil {
		return d, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind bot.CountKind
		var c bot.TopicCount
		if err := rows.Scan(&kind, &c.Topic, &c.N); err != nil {
			return d, err
		}
		switch {
		case kind == bot.CountSilent:
			d.Silent += c.N
		case kind == bot.CountUnanswered && len(d.Top) < topTopics:
			d.Top = append(d.Top, c)
		}
	}
	return d, rows.Err()
}

// topTopics is how many unanswered topics a Digest names.
const topTopics = 5

// ratedSQL counts the answers of a channel that at least one person rated so.
const ratedSQL = `SELECT COUNT(DISTINCT f.reply) FROM feedback f
	JOIN reply r ON r.platform = f.platform AND r.tenant = f.tenant AND r.name = f.reply
	WHERE r.platform = ? AND r.tenant = ? AND r.channel = ? AND f.at >= ? AND f.at < ? AND f.verdict IN (?, ?)`
