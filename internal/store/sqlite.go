package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
)

// openFile opens or makes a SQLite file, and sets a damaged one aside.
func openFile(ctx context.Context, path string, now time.Time) (*Store, error) {
	s, err := openSQLite(ctx, path)
	for try := 0; locked(err) && try < 20; try++ { // another process makes or closes it just now
		time.Sleep(100 * time.Millisecond)
		s, err = openSQLite(ctx, path)
	}
	if !damaged(err) || path == Memory {
		return s, err
	}
	aside := path + ".damaged-" + now.UTC().Format("20060102T150405")
	if rerr := setAside(path, aside); rerr != nil {
		return nil, errors.Join(err, rerr)
	}
	if s, err = openSQLite(ctx, path); err != nil {
		return nil, err
	}
	s.setAside = aside
	return s, nil
}

func openSQLite(ctx context.Context, path string) (*Store, error) {
	if path != Memory {
		if err := prepareFile(path); err != nil {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite3", dsn(path))
	if err != nil {
		return nil, err
	}
	// One writer at a time is all that SQLite has; one connection avoids
	// SQLITE_BUSY between our own goroutines, and the work is microseconds.
	db.SetMaxOpenConns(1)
	s := &Store{db: db, reads: db, path: path}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	s.writes = newWriter(db)
	if path == Memory { // which belongs to its connection
		return s, nil
	}
	s.reads, err = openReads(path)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openReads opens connections for reading beside the one that writes, which
// waits for the disk most of the time. In the write-ahead log readers and the
// writer do not wait for each other; what was committed when a read begins is
// seen by it.
func openReads(path string) (*sql.DB, error) {
	reads, err := sql.Open("sqlite3", "file:"+escaped(path)+"?_query_only=on&_busy_timeout=2000&_cache_size=-500&_stmt_cache_size=100")
	if err != nil {
		return nil, err
	}
	reads.SetMaxOpenConns(maxReads)
	reads.SetMaxIdleConns(maxReads)
	return reads, nil
}

// maxReads is how many reads run at the same time: they take microseconds, and
// each connection half a megabyte.
const maxReads = 2

// escaped is a path as it stands in a DSN.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// dsn is the driver's address of a file. Statements are kept compiled, which
// takes longer than most of them run; there are fewer than a hundred.
func dsn(path string) string {
	if path == Memory {
		return "file::memory:?_foreign_keys=on"
	}
	return "file:" + escaped(path) + "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=2000&_foreign_keys=on&_txlock=immediate&_stmt_cache_size=100"
}

// prepareFile makes an empty file that only its owner can read, and refuses
// what cannot be a database before SQLite touches it.
func prepareFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if st.IsDir() {
		return fmt.Errorf("%s: %w: it is a directory", path, ErrForeign)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return nil // the header may be behind the write-ahead log; migrate asks SQLite
	}
	header := make([]byte, 100)
	n, err := io.ReadFull(f, header)
	if n == 0 {
		return nil
	}
	// The database header (https://www.sqlite.org/fileformat2.html, section
	// 1.3) has the application id at offset 68. It is 0 in a database of one
	// page that was cut off before its first migration.
	app := binary.BigEndian.Uint32(header[68:])
	if err != nil || string(header[:16]) != "SQLite format 3\x00" || app != applicationID && (app != 0 || st.Size() > 4096) {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	return nil
}

func (s *Store) migrate(ctx context.Context) error {
	// In this order, as another process may be making the tables just now.
	var tables, app, version int
	for _, q := range []struct {
		query string
		into  *int
	}{{"SELECT count(*) FROM sqlite_schema", &tables}, {"PRAGMA application_id", &app}, {"PRAGMA user_version", &version}} {
		if err := s.db.QueryRowContext(ctx, q.query).Scan(q.into); err != nil {
			return err
		}
	}
	if app != applicationID && (app != 0 || tables != 0) {
		return ErrForeign
	}
	if version > len(migrations) {
		return newer(version)
	}
	if version == len(migrations) {
		return nil
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		// Another process may have migrated while we waited for the lock.
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		for ; version < len(migrations); version++ {
			if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
				return fmt.Errorf("migration %d: %w", version+1, err)
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", applicationID, version))
		return err
	})
}

// damaged reports whether SQLite found our own file broken. A file that is no
// database at all is ErrForeign and stays where it is: the path may be a mistake.
func damaged(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB)
}

func locked(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

func setAside(path, aside string) error {
	if err := os.Rename(path, aside); err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Serve claims a SQLite database for serving chat platforms until Close or the
// end of the process. It returns ErrServed when another process has it.
// Processes with PostgreSQL share the work instead.
func (s *Store) Serve() error {
	if s.path == Memory || s.postgres {
		return nil
	}
	name := strings.TrimSuffix(s.path, filepath.Ext(s.path)) + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := lockFile(f); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", s.path, ErrServed), f.Close())
	}
	s.lock = f
	return nil
}
