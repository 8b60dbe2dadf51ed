package store

import (
	"context"
	"database/sql"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Teach implements bot.Records.
func (s *Store) Teach(ctx context.Context, docs []knowledge.Document) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, d := range docs {
			if _, err := tx.ExecContext(ctx,
				`INSERT INTO document (kind, id, origin, author, hash, body) VALUES (?, ?, ?, ?, ?, ?)
				 ON CONFLICT (kind, id, origin) DO UPDATE SET author = excluded.author, hash = excluded.hash, body = excluded.body`,
				string(d.Kind), d.ID, string(knowledge.OriginTaught), d.Author, d.Hash, d.Body); err != nil {
				return err
			}
		}
		return s.tellOthers(ctx, tx)
	})
}

// Unteach implements bot.Records.
func (s *Store) Unteach(ctx context.Context, topic string) (int, error) {
	var n int64
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `DELETE FROM document WHERE origin = ? AND kind = ? AND id IN (?, ?)`,
			string(knowledge.OriginTaught), string(knowledge.KindArticle), topic+".de", topic+".en")
		if err != nil {
			return err
		}
		if n, err = r.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.tellOthers(ctx, tx)
	})
	return int(n), err
}

// Taught implements bot.Records.
func (s *Store) Taught(ctx context.Context) ([]knowledge.Document, error) {
	rows, err := s.reads.QueryContext(ctx,
		`SELECT kind, id, origin, author, hash, body FROM document WHERE origin = ? ORDER BY kind, id`, string(knowledge.OriginTaught))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []knowledge.Document
	for rows.Next() {
		var d knowledge.Document
		if err := rows.Scan(&d.Kind, &d.ID, &d.Origin, &d.Author, &d.Hash, &d.Body); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}
