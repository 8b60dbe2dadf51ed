package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNotEmpty says that a database to copy into holds something.
var ErrNotEmpty = errors.New("the database to copy into is not empty")

// passing are the tables that are not copied: they speak of processes, or of
// what is over within the hour.
var passing = []string{"link", "quota", "replica", "agreed", "mailhelpbot_schema"}

// table is one table and its columns, without PostgreSQL's rowid, which stands
// for the order of the rows and is made anew.
type table struct {
	name    string
	columns []string
	ordered bool // by rowid
}

// TableSum is how many rows a table has, and a sum over what is in them. The
// same content has the same sum in either kind of database.
type TableSum struct {
	Table string
	Rows  int64
	Sum   uint64
}

// CopyTo copies everything into another database of the same schema, which
// must be empty, reads both again and compares. Neither should be served
// meanwhile: what is written to the source during the copy may be left out.
func (s *Store) CopyTo(ctx context.Context, to *Store) ([]TableSum, error) {
	ctx = patiently(ctx)
	tables, err := s.tables(ctx)
	if err != nil {
		return nil, err
	}
	before, err := to.Sums(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range before {
		if t.Rows > 0 {
			return nil, fmt.Errorf("%s: %w: table %s has %d rows", to.path, ErrNotEmpty, t.Table, t.Rows)
		}
	}
	err = inTx(ctx, to.db, func(tx *sql.Tx) error {
		if to.postgres { // the source may let it wait
			if _, err := tx.ExecContext(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
				return err
			}
		}
		for _, t := range tables {
			if err := s.copyTable(ctx, tx, t); err != nil {
				return fmt.Errorf("table %s: %w", t.name, err)
			}
		}
		if to.postgres {
			return settleIdentities(ctx, tx)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	want, err := s.Sums(ctx)
	if err != nil {
		return nil, err
	}
	got, err := to.Sums(ctx)
	if err == nil && !slices.Equal(got, want) {
		err = fmt.Errorf("the copy differs from the original: %v, want %v", got, want)
	}
	return got, err
}

func (s *Store) copyTable(ctx context.Context, tx *sql.Tx, t table) error {
	rows, err := s.db.QueryContext(ctx, t.query())
	if err != nil {
		return err
	}
	defer rows.Close()
	ins, err := tx.PrepareContext(ctx, `INSERT INTO `+t.name+` (`+strings.Join(t.columns, ", ")+`) VALUES (?`+strings.Repeat(`, ?`, len(t.columns)-1)+`)`)
	if err != nil {
		return err
	}
	defer ins.Close()
	for rows.Next() {
		values, err := t.scan(rows)
		if err != nil {
			return err
		}
		if _, err := ins.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t table) query() string {
	q := `SELECT ` + strings.Join(t.columns, ", ") + ` FROM ` + t.name
	if t.ordered {
		q += ` ORDER BY rowid`
	}
	return q
}

func (t table) scan(rows *sql.Rows) ([]any, error) {
	values := make([]any, len(t.columns))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	err := rows.Scan(into...)
	return values, err
}

// Sums reads every table. Rows are summed up in any order, except where a table
// has one of its own.
func (s *Store) Sums(ctx context.Context) ([]TableSum, error) {
	ctx = patiently(ctx)
	tables, err := s.tables(ctx)
	if err != nil {
		return nil, err
	}
	var out []TableSum
	for _, t := range tables {
		sum, err := s.sum(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.name, err)
		}
		out = append(out, sum)
	}
	return out, nil
}

func (s *Store) sum(ctx context.Context, t table) (TableSum, error) {
	out := TableSum{Table: t.name}
	rows, err := s.db.QueryContext(ctx, t.query())
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		values, err := t.scan(rows)
		if err != nil {
			return out, err
		}
		h := sha256.New()
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b) // a BLOB and a TEXT of the same bytes are told apart by their column
			}
			text := fmt.Sprint(v)
			fmt.Fprintf(h, "%d:%s,", len(text), text)
		}
		if t.ordered {
			fmt.Fprint(h, out.Rows)
		}
		out.Rows++
		out.Sum += binary.BigEndian.Uint64(h.Sum(nil))
	}
	return out, rows.Err()
}

// tables lists what is copied, sorted by name.
func (s *Store) tables(ctx context.Context) ([]table, error) {
	query := `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if s.postgres {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	names, err := s.strings(ctx, query)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []table
	for _, name := range names {
		if slices.Contains(passing, name) {
			continue
		}
		t, err := s.describe(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// describe reads a table's columns, in the order that both kinds of database
// have in common.
func (s *Store) describe(ctx context.Context, name string) (table, error) {
	t := table{name: name}
	query := `SELECT name FROM pragma_table_info(?) ORDER BY cid`
	if s.postgres {
		query = `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position`
	} else {
		var without int
		if err := s.db.QueryRowContext(ctx, `SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?`, name).Scan(&without); err != nil {
			return t, err
		}
		var ids int
		if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_info(?) WHERE pk = 1 AND type = 'INTEGER' AND NOT EXISTS
			(SELECT 1 FROM pragma_table_info(?1) WHERE pk = 2)`, name).Scan(&ids); err != nil {
			return t, err
		}
		t.ordered = without == 0 && ids == 0
	}
	columns, err := s.strings(ctx, query, name)
	for _, c := range columns {
		if c == "rowid" {
			t.ordered = true
			continue
		}
		t.columns = append(t.columns, c)
	}
	return t, err
}

func (s *Store) strings(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// settleIdentities lets PostgreSQL count on after the ids that were copied.
func settleIdentities(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND is_identity = 'YES'`)
	if err != nil {
		return err
	}
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			return errors.Join(err, rows.Close())
		}
		columns = append(columns, c)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, c := range columns {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%s', '%s'), max(%[2]s)) FROM %[1]s HAVING max(%[2]s) > 0`, c[0], c[1])); err != nil {
			return err
		}
	}
	return nil
}
