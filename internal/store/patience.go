package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// A network that swallows packets leaves a statement without an answer for as
// long as TCP goes on repeating, a quarter of an hour or more, and one behind a
// proxy that hangs for ever. A pool of such connections serves nobody. So each
// word from the server is waited for only so long.
const (
	answerWithin  = 15 * time.Second
	greetWithin   = 5 * time.Second // TCP, TLS and the log-in of a new connection
	recheckWithin = 3 * time.Second // the ping of a connection that was idle

	wholeTables = 15 * time.Minute // what goes through all rows, see patiently
)

type patientKey struct{}

// patiently is ctx for what goes through whole tables, which may take long:
// migrations, copies, the removal of what is past its time.
func patiently(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

// lastSession has the server end a session that holds locks and whose other
// end is silent, before its replica counts as dead (silentAfter): whoever takes
// over would wait for them. The kernel of the server notices sooner, by
// keepalives, when the machine at the other end is gone.
const lastSession = `SET idle_in_transaction_session_timeout = '12s';
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3`

// errSilent says that the server took too long. To its caller it is a deadline.
var errSilent = fmt.Errorf("the database does not answer: %w", context.DeadlineExceeded)

// patience bounds how long a server is waited for. Its context belongs to what
// was asked for and ends with done, or when wait was not followed by rest in time.
type patience struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	within time.Duration
}

func newPatience(ctx context.Context, within time.Duration) *patience {
	if ctx.Value(patientKey{}) != nil {
		within = wholeTables
	}
	ctx, cancel := context.WithCancelCause(ctx)
	return &patience{ctx: ctx, cancel: cancel, within: within, timer: time.AfterFunc(within, func() { cancel(errSilent) })}
}

// wait counts from now on, rest no longer.
func (p *patience) wait() { p.timer.Reset(p.within) }
func (p *patience) rest() { p.timer.Stop() }

// told is err, or what it came from.
func (p *patience) told(err error) error {
	if err != nil && errors.Is(context.Cause(p.ctx), errSilent) {
		return errSilent
	}
	return err
}

// done ends it, and tells what came out.
func (p *patience) done(err error) error {
	err = p.told(err)
	p.rest()
	p.cancel(nil)
	return err
}

func (c pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	p := newPatience(ctx, answerWithin)
	r, err := c.Conn.ExecContext(p.ctx, numbered(query), args)
	return r, p.done(err)
}

func (c pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	p := newPatience(ctx, answerWithin)
	rows, err := c.Conn.QueryContext(p.ctx, numbered(query), args)
	if err != nil {
		return nil, p.done(err)
	}
	p.rest()
	return pgRows{rows.(*stdlib.Rows), p}, nil
}

// BeginTx implements driver.ConnBeginTx. The transaction's context is what its
// end is waited for with.
func (c pgConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	p := newPatience(ctx, answerWithin)
	tx, err := c.Conn.BeginTx(p.ctx, opts)
	if err != nil {
		return nil, p.done(err)
	}
	p.rest()
	return pgTx{tx, p}, nil
}

// Ping implements driver.Pinger.
func (c pgConn) Ping(ctx context.Context) error {
	p := newPatience(ctx, answerWithin)
	return p.done(c.Conn.Ping(p.ctx))
}

// ResetSession implements driver.SessionResetter: it pings what was idle.
func (c pgConn) ResetSession(ctx context.Context) error {
	p := newPatience(ctx, recheckWithin)
	defer p.done(nil)
	return c.Conn.ResetSession(p.ctx) // driver.ErrBadConn must stay what it is
}

type pgTx struct {
	driver.Tx
	p *patience
}

func (t pgTx) Commit() error {
	t.p.wait()
	return t.p.done(t.Tx.Commit())
}

func (t pgTx) Rollback() error {
	t.p.wait()
	return t.p.done(t.Tx.Rollback())
}

type pgRows struct {
	*stdlib.Rows
	p *patience
}

func (r pgRows) Next(dest []driver.Value) error {
	r.p.wait()
	defer r.p.rest()
	return r.p.told(r.Rows.Next(dest))
}

func (r pgRows) Close() error {
	r.p.wait()
	return r.p.done(r.Rows.Close())
}
