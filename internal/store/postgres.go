package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// maxConns is how many connections a process holds to PostgreSQL. Its default
// max_connections is 100, which leaves room for several processes.
const maxConns = 16

// openPostgres opens a PostgreSQL database and brings its schema up to date.
// The tables lie in the connection's current schema (search_path).
func openPostgres(ctx context.Context, address string) (*Store, error) {
	if cutShort(address) {
		return nil, fmt.Errorf("%w: %w", ErrSetting, errNoURL)
	}
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSetting, withoutPassword(err, address))
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = greetWithin
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "mailhelpbot"
	}
	db := sql.OpenDB(pgConnector{stdlib.GetConnector(*cfg)})
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	s := &Store{db: db, reads: db, path: Shown(address), postgres: true}
	if err := s.migratePostgres(patiently(ctx)); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.path, explain(err)), db.Close())
	}
	return s, nil
}

// Shown returns an address as it may be shown: a PostgreSQL URL without user,
// password and parameters.
func Shown(address string) string {
	switch {
	case foreignAddress(address) && !IsPostgres(address):
		return "…"
	case !IsPostgres(address):
		return address
	}
	u, err := url.Parse(address)
	if err != nil || cutShort(address) {
		return "postgres://…"
	}
	return "postgres://" + u.Host + u.Path
}

// cutShort reports a URL whose password has a sign that ends a part of it, so
// that the rest of the password is taken for the host, database or a parameter.
func cutShort(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	server, query, _ := strings.Cut(rest, "?")
	login, path, _ := strings.Cut(server, "/")
	at := strings.Count(login, "@")
	return strings.Contains(rest, "#") || strings.Contains(path, "@") || at > 1 || at == 0 && strings.Contains(login, ":") && strings.Contains(query, "@")
}

// withoutPassword keeps what a library says about a URL only if it says the
// same without the login in it: a password with a sign that a URL must not have
// is quoted in parts.
func withoutPassword(err error, address string) error {
	scheme, rest, _ := strings.Cut(address, "://")
	at := strings.LastIndex(rest, "@")
	if at < 0 || strings.Contains(rest[at:], "password=") || strings.Contains(rest[at:], "passfile=") {
		return errNoURL
	}
	if _, again := pgx.ParseConfig(scheme + "://" + rest[at+1:]); again != nil {
		return again
	}
	return errNoURL
}

var errNoURL = errors.New("the URL is not of the form postgres://user:password@host:5432/database; signs such as @ : / # ? % in the password are written as %40 %3A %2F %23 %3F %25")

// explain sorts what goes wrong with a server into [ErrSetting], which a person
// must mend, and [ErrUnreachable], which may pass. The codes are SQLSTATEs, see
// appendix A of PostgreSQL's manual.
func explain(err error) error {
	var server *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &server):
		switch server.Code {
		case "28P01", "28000", "3D000", "42501", "3F000": // password, authorization, database, privilege, schema
			return fmt.Errorf("%w: %s (%s)", ErrSetting, server.Message, server.Code)
		}
		if strings.HasPrefix(server.Code, "57P") || strings.HasPrefix(server.Code, "53") || strings.HasPrefix(server.Code, "08") {
			return fmt.Errorf("%w: %s (%s)", ErrUnreachable, server.Message, server.Code)
		}
	case errors.As(err, &connect), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// migrationLock is the key of the advisory lock that lets one process at a time
// migrate: "mhb1" in ASCII, as in a SQLite file.
const migrationLock = applicationID

func (s *Store) migratePostgres(ctx context.Context) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(?)`, int64(migrationLock)); err != nil {
			return err
		}
		version, err := s.postgresVersion(ctx, tx)
		if err != nil {
			return err
		}
		if version > len(migrations) {
			return newer(version)
		}
		if version == len(migrations) {
			return nil
		}
		for ; version < len(migrations); version++ {
			if _, err := tx.ExecContext(ctx, postgresSchema(migrations[version])); err != nil {
				return fmt.Errorf("migration %d: %w", version+1, err)
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE mailhelpbot_schema SET version = ?`, version)
		return err
	})
}

// postgresVersion returns how many migrations were applied. A schema without
// tables becomes ours; one with tables of others is [ErrForeign].
func (s *Store) postgresVersion(ctx context.Context, tx *sql.Tx) (version int, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`)
	if err != nil {
		return 0, err
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return 0, errors.Join(err, rows.Close())
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	switch {
	case slices.Contains(tables, "mailhelpbot_schema"):
		err = tx.QueryRowContext(ctx, `SELECT version FROM mailhelpbot_schema`).Scan(&version)
		return version, err
	case len(tables) > 0:
		return 0, fmt.Errorf("%w: it holds tables of another application, such as %q. Make a database or a schema for mailhelpbot alone", ErrForeign, tables[0])
	}
	_, err = tx.ExecContext(ctx, `CREATE TABLE mailhelpbot_schema (version INTEGER NOT NULL); INSERT INTO mailhelpbot_schema VALUES (0)`)
	return 0, err
}

// pgConnector opens connections that understand the statements of this package.
type pgConnector struct{ driver.Connector }

func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	pg := pgConn{conn.(*stdlib.Conn)}
	if _, err := pg.ExecContext(ctx, lastSession, nil); err != nil {
		return nil, errors.Join(err, pg.Close())
	}
	return pg, nil
}

// pgConn translates statements, which are written for SQLite, on their way.
type pgConn struct{ *stdlib.Conn }

func (c pgConn) Prepare(query string) (driver.Stmt, error) { return c.Conn.Prepare(numbered(query)) }

func (c pgConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.Conn.PrepareContext(ctx, numbered(query))
}

// CheckNamedValue turns values into the few types that drivers share, as
// database/sql does for SQLite; and takes out of texts what PostgreSQL refuses:
// zero bytes and broken UTF-8.
func (c pgConn) CheckNamedValue(v *driver.NamedValue) error {
	value, err := driver.DefaultParameterConverter.ConvertValue(v.Value)
	if err != nil {
		return err
	}
	if text, ok := value.(string); ok {
		value = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	}
	v.Value = value
	return nil
}
