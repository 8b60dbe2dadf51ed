package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

const keyKnowledgeHash = "knowledge-hash"

// Knowledge returns the stored knowledge, or only records of the given kinds,
// when it was made from files with the given hash; ok is false when it was not,
// and the files must be read.
func (s *Store) Knowledge(ctx context.Context, hash string, kinds ...knowledge.Kind) (ok bool, docs []knowledge.Document, err error) {
	have, err := s.meta(ctx, keyKnowledgeHash)
	if err != nil || string(have) != hash {
		return false, nil, err
	}
	query, args := `SELECT kind, id, origin, author, hash, body FROM document`, []any{}
	if len(kinds) > 0 {
		query += ` WHERE kind IN (?` + strings.Repeat(`, ?`, len(kinds)-1) + `)`
		for _, k := range kinds {
			args = append(args, k)
		}
	}
	rows, err := s.db.QueryContext(ctx, query+` ORDER BY rowid`, args...)
	if err != nil {
		return false, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d knowledge.Document
		if err := rows.Scan(&d.Kind, &d.ID, &d.Origin, &d.Author, &d.Hash, &d.Body); err != nil {
			return false, nil, err
		}
		docs = append(docs, d)
	}
	return true, docs, rows.Err()
}

// SaveKnowledge replaces the knowledge that came from files. What agents
// taught in chat stays.
func (s *Store) SaveKnowledge(ctx context.Context, hash string, docs []knowledge.Document) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM document WHERE origin <> ?`, knowledge.OriginTaught); err != nil {
			return err
		}
		// What was made from the old knowledge no longer fits.
		if _, err := tx.ExecContext(ctx, `DELETE FROM meta WHERE key LIKE 'cache:%'`); err != nil {
			return err
		}
		ins, err := tx.PrepareContext(ctx, `INSERT INTO document (kind, id, origin, author, hash, body) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (kind, id, origin) DO UPDATE SET author = excluded.author, hash = excluded.hash, body = excluded.body`)
		if err != nil {
			return err
		}
		defer ins.Close()
		for _, d := range docs {
			if _, err := ins.ExecContext(ctx, d.Kind, d.ID, d.Origin, d.Author, d.Hash, d.Body); err != nil {
				return err
			}
		}
		return setMeta(ctx, tx, keyKnowledgeHash, []byte(hash))
	})
}

// Cached returns what [Store.Cache] kept under key, nil when there is nothing.
func (s *Store) Cached(ctx context.Context, key string) ([]byte, error) {
	return s.meta(ctx, "cache:"+key)
}

// Cache keeps a value that was made from the knowledge and can be made again,
// such as a trained model; it goes when the knowledge changes.
func (s *Store) Cache(ctx context.Context, key string, value []byte) error {
	return s.inTx(ctx, func(tx *sql.Tx) error { return setMeta(ctx, tx, "cache:"+key, value) })
}

func (s *Store) meta(ctx context.Context, key string) ([]byte, error) {
	var v []byte
	err := s.db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return v, err
}

func setMeta(ctx context.Context, tx *sql.Tx, key string, value []byte) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}
