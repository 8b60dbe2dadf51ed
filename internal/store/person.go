package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// personal is the table of what is kept about persons: which rows are theirs,
// what an export shows of each, and what becomes of them. A test holds that no
// other column names a person.
var personal = []struct {
	kind   string
	fields []string // columns that an export shows
	table  string
	whose  string // condition; takes platform, tenant and the person's id
	at     string // column, Unix seconds
	keep   string // an assignment that takes the name out of a row that stays; "" removes the row
}{
	{kind: "setting", table: "setting", fields: []string{"name", "value"}, at: "at", whose: "platform = ? AND tenant = ? AND scope = 'person' AND owner = ?"},
	{kind: "made", table: "setting", fields: []string{"scope", "owner", "name", "value"}, at: "at", whose: "platform = ? AND tenant = ? AND author = ?", keep: "author = ''"},
	{kind: "question", table: "question", fields: []string{"channel", "message", "topic", "state"}, at: "at", whose: "platform = ? AND tenant = ? AND person = ?"},
	{kind: "reply", table: "reply", fields: []string{"channel", "thread", "topic", "provider"}, at: "at", whose: "platform = ? AND tenant = ? AND asker = ?"},
	{kind: "link", table: "link", fields: []string{"kind"}, at: "at", whose: "platform = ? AND tenant = ? AND person = ?"},
	{kind: "feedback", table: "feedback", fields: []string{"reply", "verdict", "reason"}, at: "at", whose: "platform = ? AND tenant = ? AND person = ?"},
}

// spoken are the tables of what a direct conversation was about; the condition
// takes platform, tenant and channel.
var spoken = []struct {
	kind, table, at string
	fields          []string
}{
	{"conversation", "conversation", "updated", []string{"provider", "domain", "host", "client", "protocol", "topic", "cause", "tries", "lang"}},
	{"test", "run", "at", []string{"target", "verdict", "cause"}},
}

const whoseChannel = "platform = ? AND tenant = ? AND channel = ?"

// Held implements bot.People.
func (s *Store) Held(ctx context.Context, p bot.Person) ([]bot.Held, error) {
	var out []bot.Held
	for _, t := range personal {
		held, err := s.held(ctx, t.kind, t.table, t.at, t.whose, t.fields, p.Platform, p.Tenant, p.User)
		if err != nil {
			return nil, err
		}
		out = append(out, held...)
	}
	for _, t := range spoken {
		if p.Direct == "" {
			break
		}
		held, err := s.held(ctx, t.kind, t.table, t.at, whoseChannel, t.fields, p.Platform, p.Tenant, p.Direct)
		if err != nil {
			return nil, err
		}
		out = append(out, held...)
	}
	return out, nil
}

func (s *Store) held(ctx context.Context, kind, table, at, whose string, fields []string, args ...any) ([]bot.Held, error) {
	query := "SELECT " + at
	for _, f := range fields {
		query += ", " + f
	}
	rows, err := s.reads.QueryContext(ctx, query+" FROM "+table+" WHERE "+whose+" ORDER BY "+at, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []bot.Held
	for rows.Next() {
		var unix int64
		values := make([]string, len(fields))
		into := []any{&unix}
		for i := range values {
			into = append(into, &values[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		h := bot.Held{Kind: kind, At: time.Unix(unix, 0).UTC(), Data: map[string]string{}}
		for i, f := range fields {
			h.Data[f] = values[i]
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

// Forget implements bot.People.
func (s *Store) Forget(ctx context.Context, p bot.Person) (int, error) {
	type change struct {
		sql  string
		args []any
	}
	var all []change
	for _, t := range personal {
		what := "DELETE FROM " + t.table
		if t.keep != "" {
			what = "UPDATE " + t.table + " SET " + t.keep
		}
		all = append(all, change{what + " WHERE " + t.whose, []any{p.Platform, p.Tenant, p.User}})
	}
	for _, t := range spoken {
		if p.Direct != "" {
			all = append(all, change{"DELETE FROM " + t.table + " WHERE " + whoseChannel, []any{p.Platform, p.Tenant, p.Direct}})
		}
	}
	n := 0
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		n = 0
		for _, c := range all {
			r, err := tx.ExecContext(ctx, c.sql, c.args...)
			if err != nil {
				return err
			}
			rows, err := r.RowsAffected()
			if err != nil {
				return err
			}
			n += int(rows)
		}
		return nil
	})
	return n, err
}
