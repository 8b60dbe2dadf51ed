package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Backup writes a copy of the database to a new file, also while it is served:
// of a file with SQLite's online backup (sqlite.org/backup.html), of PostgreSQL
// with [Store.CopyTo]. The copy is a whole database that can be served itself.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	if s.postgres {
		to, err := openSQLite(ctx, path)
		if err != nil {
			return err
		}
		_, err = s.CopyTo(ctx, to)
		return errors.Join(err, to.Close())
	}
	return s.backupFile(ctx, path)
}

func (s *Store) backupFile(ctx context.Context, path string) error {
	to, err := sql.Open("sqlite3", "file:"+escaped(path)+"?_journal_mode=DELETE&_synchronous=FULL")
	if err != nil {
		return err
	}
	err = rawConn(ctx, to, func(dst *sqlite3.SQLiteConn) error {
		return rawConn(ctx, s.db, func(src *sqlite3.SQLiteConn) error {
			b, err := dst.Backup("main", src, "main")
			if err != nil {
				return err
			}
			done, err := b.Step(-1) // all pages: readers do not disturb writers in WAL mode
			if err == nil && !done {
				err = errors.New("the backup did not come to its end; try again")
			}
			return errors.Join(err, b.Finish())
		})
	})
	return errors.Join(err, to.Close())
}

func rawConn(ctx context.Context, db *sql.DB, f func(*sqlite3.SQLiteConn) error) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	err = c.Raw(func(driver any) error { return f(driver.(*sqlite3.SQLiteConn)) })
	return errors.Join(err, c.Close())
}

// Restore puts a backup in the place of a database. A file that is there is
// renamed, to the name that is returned, and not deleted; it must not be
// served. A PostgreSQL database must be empty.
func Restore(ctx context.Context, backup, address string, now time.Time) (aside string, err error) {
	if !IsPostgres(address) && foreignAddress(address) {
		return "", errForeignAddress
	}
	from, err := openSQLite(ctx, backup)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if _, err := from.Check(ctx); err != nil {
		return "", fmt.Errorf("%s: %w", backup, err)
	}
	if IsPostgres(address) {
		to, err := openPostgres(ctx, address)
		if err != nil {
			return "", err
		}
		_, err = from.CopyTo(ctx, to)
		return "", errors.Join(err, to.Close())
	}
	lock := &Store{path: address}
	if err := lock.Serve(); err != nil {
		return "", err
	}
	defer lock.lock.Close()
	fresh := address + ".restoring"
	if err := from.Backup(ctx, fresh); err != nil {
		return "", err
	}
	if _, err := os.Stat(address); err == nil {
		aside = address + ".replaced-" + now.UTC().Format("20060102T150405")
		if err := setAside(address, aside); err != nil {
			return "", errors.Join(err, os.Remove(fresh))
		}
	}
	return aside, os.Rename(fresh, address)
}

// Check looks whether the database is whole, and returns what is in it. The
// error says what is broken.
func (s *Store) Check(ctx context.Context) ([]TableSum, error) {
	if !s.postgres {
		faults, err := s.strings(ctx, `PRAGMA integrity_check(10)`)
		if err != nil {
			return nil, err
		}
		if len(faults) != 1 || faults[0] != "ok" {
			return nil, fmt.Errorf("the database is damaged: %q", faults)
		}
	}
	return s.Sums(ctx)
}

// OpenAsIs opens a database without setting a damaged one aside, for looking at
// it. A file that is not there is an error.
func OpenAsIs(ctx context.Context, address string) (*Store, error) {
	if IsPostgres(address) {
		return openPostgres(ctx, address)
	}
	if foreignAddress(address) {
		return nil, errForeignAddress
	}
	if _, err := os.Stat(address); err != nil {
		return nil, err
	}
	return openSQLite(ctx, address)
}
