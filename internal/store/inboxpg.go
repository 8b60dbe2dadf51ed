package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// What is done for every event is one statement with PostgreSQL: a transaction
// of several takes a round trip for each, and one to begin and to end. SQLite
// is in this process and does not change data in a WITH.

// acceptAtOnce stores an event unless one of its keys is known; nil is one that was.
func (in *Inbox) acceptAtOnce(ctx context.Context, e bot.Event, keys [][]byte, payload []byte, owner string) (*bot.Job, error) {
	args := make([]any, 0, len(keys)+6)
	for _, k := range keys {
		args = append(args, k)
	}
	args = append(args, e.Platform, e.Tenant, e.Kind, payload, owner, len(keys))
	job := &bot.Job{Event: e}
	err := in.s.db.QueryRowContext(ctx,
		`WITH fresh AS (
			INSERT INTO inbox_key (key, at) VALUES (?, `+in.s.now()+`)`+strings.Repeat(`, (?, `+in.s.now()+`)`, len(keys)-1)+`
			ON CONFLICT DO NOTHING RETURNING key)
		 INSERT INTO inbox (platform, tenant, kind, payload, owner, again, received, due)
		 SELECT ?::text, ?::text, ?::text, ?::bytea, ?::text, 0, `+in.s.now()+`, `+in.s.now()+`
		 WHERE (SELECT count(*) FROM fresh) = ?::bigint RETURNING id`, args...).Scan(&job.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // the keys that were not known are from now on
	}
	if err != nil {
		return nil, err
	}
	return job, nil
}

// beginAtOnce announces a post that is new; false is one that may be known. The
// row of the event is locked, so that nobody takes the job over meanwhile.
func (in *Inbox) beginAtOnce(ctx context.Context, j *bot.Job, p bot.Post) (bool, error) {
	var mine, fresh int
	err := in.s.db.QueryRowContext(ctx,
		`WITH mine AS (SELECT id FROM inbox WHERE id = ? AND owner = ? FOR UPDATE),
		 fresh AS (
			INSERT INTO outbox (platform, id, inbox, again, state, channel, thread, message, alias, final, at)
			SELECT ?::text, ?::text, id, ?::bigint, ?::bigint, ?::text, ?::text, '', ?::text, 0, `+in.s.now()+` FROM mine
			ON CONFLICT DO NOTHING RETURNING id)
		 SELECT (SELECT count(*) FROM mine), (SELECT count(*) FROM fresh)`,
		j.ID, in.replica.id, in.platform, p.ID, j.Again, bot.PostUnsure, p.Channel, p.Thread, p.Alias).Scan(&mine, &fresh)
	if err == nil && mine == 0 {
		err = bot.ErrLostJob
	}
	return fresh == 1, err
}
