package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNewer       = errors.New("the database was made by a newer version of mailhelpbot")
	ErrForeign     = errors.New("this is not a mailhelpbot database")
	ErrServed      = errors.New("another mailhelpbot process already serves with this database")
	ErrSetting     = errors.New("the database's address, user or password is wrong")
	ErrUnreachable = errors.New("the database server cannot be reached")
)

// Store is an open database.
type Store struct {
	db       *sql.DB
	reads    *sql.DB // for what an event looks up; see openReads
	path     string  // as it is shown: without a password
	postgres bool
	writes   *writer // nil with PostgreSQL
	setAside string
	lock     *os.File
}

// Memory is the path of a database that lives in memory only.
const Memory = ":memory:"

// Open opens or makes the database and migrates it. address is the path of a
// SQLite file, or the URL of a PostgreSQL database (postgres://…). A damaged
// file is renamed to path.damaged-TIME first, which [Store.SetAside] tells.
// Errors wrap [ErrNewer], [ErrForeign], [ErrSetting], [ErrUnreachable] or the
// operating system's error, and never show a password.
func Open(ctx context.Context, address string, now time.Time) (*Store, error) {
	if IsPostgres(address) {
		return openPostgres(ctx, address)
	}
	if foreignAddress(address) {
		return nil, errForeignAddress
	}
	return openFile(ctx, address, now)
}

// IsPostgres says that an address names a PostgreSQL database, not a file.
func IsPostgres(address string) bool {
	scheme, _, ok := strings.Cut(address, "://")
	return ok && (scheme == "postgres" || scheme == "postgresql")
}

// foreignAddress reports what is neither: it would make a file whose name,
// password and all, stands in errors and logs.
func foreignAddress(address string) bool {
	lower := strings.ToLower(address)
	return strings.Contains(address, "://") || strings.HasPrefix(lower, "postgres:") || strings.HasPrefix(lower, "postgresql:") ||
		strings.Contains(lower, "password=")
}

var errForeignAddress = fmt.Errorf("%w: it is a file, or a URL of the form postgres://user:password@host:5432/database", ErrSetting)

// Shared says that several processes may serve with this database at once.
func (s *Store) Shared() bool { return s.postgres }

// SetAside returns where a damaged database was moved when this one was opened, or "".
func (s *Store) SetAside() string { return s.setAside }

// Path returns the database's path, or its URL without the password.
func (s *Store) Path() string { return s.path }

// Ping reports whether the database answers.
func (s *Store) Ping() error { return s.db.Ping() }

// Close checkpoints and closes the database and gives up [Store.Serve].
func (s *Store) Close() error {
	if s.writes != nil {
		s.writes.close()
	}
	var err error
	if s.reads != s.db {
		err = s.reads.Close() // first: who closes last writes the log back
	}
	err = errors.Join(err, s.db.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}
