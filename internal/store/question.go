package store

import (
	"context"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// SaveQuestion implements bot.Records.
func (s *Store) SaveQuestion(ctx context.Context, q bot.Question) error {
	_, err := s.exec(ctx,
		`INSERT INTO question (platform, tenant, channel, message, thread, person, topic, state, ticket, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (platform, tenant, channel, message) DO UPDATE SET thread = excluded.thread, person = excluded.person,
		 topic = excluded.topic, state = excluded.state, ticket = excluded.ticket, at = excluded.at`,
		q.Platform, q.Tenant, q.Channel, q.Message, q.Thread, q.User, q.Topic, string(q.State), q.Ticket, q.At.Unix())
	return err
}

// Question implements bot.Records.
func (s *Store) Question(ctx context.Context, p bot.Place, message string) (bot.Question, bool, error) {
	q := bot.Question{Place: bot.Place{Platform: p.Platform, Tenant: p.Tenant, Channel: p.Channel}, Message: message}
	var at int64
	ok, err := found(s.reads.QueryRowContext(ctx,
		`SELECT thread, person, topic, state, ticket, at FROM question WHERE platform = ? AND tenant = ? AND channel = ? AND message = ?`,
		p.Platform, p.Tenant, p.Channel, message).Scan(&q.Thread, &q.User, &q.Topic, &q.State, &q.Ticket, &at))
	q.At = time.Unix(at, 0)
	return q, ok, err
}

// Settle implements bot.Records.
func (s *Store) Settle(ctx context.Context, p bot.Place, message, ticket string, state bot.QuestionState) (bool, error) {
	return changed(s.exec(ctx,
		`UPDATE question SET state = ? WHERE platform = ? AND tenant = ? AND channel = ? AND message = ? AND state = ? AND (ticket = ? OR ? = '')`,
		string(state), p.Platform, p.Tenant, p.Channel, message, string(bot.QuestionWaiting), ticket, ticket))
}

// Interrupt implements bot.Records.
func (s *Store) Interrupt(ctx context.Context, p bot.Place, user string, state bot.QuestionState) error {
	const waits = ` platform = ? AND tenant = ? AND channel = ? AND thread = ? AND state = ? AND person <> ?`
	those := []any{p.Platform, p.Tenant, p.Channel, p.Thread, string(bot.QuestionWaiting), user}
	// Every message asks for this, and hardly ever something waits: looking first
	// spares a wait for the disk.
	var n int
	if err := s.reads.QueryRowContext(ctx, `SELECT count(*) FROM question WHERE`+waits, those...).Scan(&n); err != nil || n == 0 {
		return err
	}
	_, err := s.exec(ctx, `UPDATE question SET state = ? WHERE`+waits, append([]any{string(state)}, those...)...)
	return err
}

// Replied implements bot.Records.
func (s *Store) Replied(ctx context.Context, p bot.Place, user, topic string, since time.Time) (all, same int, err error) {
	err = s.reads.QueryRowContext(ctx,
		`SELECT COUNT(*), COALESCE(SUM(CASE WHEN person = ? AND topic = ? THEN 1 ELSE 0 END), 0) FROM question
		 WHERE platform = ? AND tenant = ? AND channel = ? AND state = ? AND at >= ?`,
		user, topic, p.Platform, p.Tenant, p.Channel, string(bot.QuestionAnswered), since.Unix()).Scan(&all, &same)
	return all, same, err
}

// Run implements bot.Records.
func (s *Store) Run(ctx context.Context, p bot.Place, target string) (bot.TestRun, bool, error) {
	r := bot.TestRun{Target: target}
	var at int64
	ok, err := found(s.reads.QueryRowContext(ctx,
		`SELECT verdict, cause, at FROM run WHERE platform = ? AND tenant = ? AND channel = ? AND thread = ? AND target = ?`,
		p.Platform, p.Tenant, p.Channel, p.Thread, target).Scan(&r.Verdict, &r.Cause, &at))
	r.At = time.Unix(at, 0)
	return r, ok, err
}

// Runs implements bot.Records.
func (s *Store) Runs(ctx context.Context, p bot.Place) ([]bot.TestRun, error) {
	rows, err := s.reads.QueryContext(ctx,
		`SELECT target, verdict, cause, at FROM run WHERE platform = ? AND tenant = ? AND channel = ? AND thread = ? ORDER BY at DESC, target`,
		p.Platform, p.Tenant, p.Channel, p.Thread)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []bot.TestRun
	for rows.Next() {
		var r bot.TestRun
		var at int64
		if err := rows.Scan(&r.Target, &r.Verdict, &r.Cause, &at); err != nil {
			return nil, err
		}
		r.At = time.Unix(at, 0)
		out = append(out, r)
	}
	return out, rows.Err()
}

// SaveRun implements bot.Records.
func (s *Store) SaveRun(ctx context.Context, p bot.Place, r bot.TestRun) error {
	_, err := s.exec(ctx,
		`INSERT INTO run (platform, tenant, channel, thread, target, verdict, cause, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (platform, tenant, channel, thread, target)
		 DO UPDATE SET verdict = excluded.verdict, cause = excluded.cause, at = excluded.at`,
		p.Platform, p.Tenant, p.Channel, p.Thread, r.Target, r.Verdict, r.Cause, r.At.Unix())
	return err
}
