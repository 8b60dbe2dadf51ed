package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// How long an event is tried for, and how often: one that crashes each process
// that reads it must come to an end.
const (
	eventLives = time.Hour
	maxAgain   = 30
)

// takeWithin is how long the search for work may take.
const takeWithin = 10 * time.Second

// Inbox implements bot.Inbox for the events of one platform.
type Inbox struct {
	s        *Store
	replica  *Replica
	platform string
	seal     sealer
	doubts   *doubts
}

var _ bot.StoredInbox = (*Inbox)(nil)

// Inbox opens the inbox of a platform. Events are sealed under the secret,
// which is the platform's token; another token cannot read what waits.
func (r *Replica) Inbox(platform, secret string) (*Inbox, error) {
	seal, err := newSealer(platform, secret)
	if err != nil {
		return nil, err
	}
	return &Inbox{s: r.s, replica: r, platform: platform, seal: seal, doubts: newDoubts()}, nil
}

func about(platform, tenant, kind string) string {
	return platform + "\x00" + tenant + "\x00" + kind
}

// hashes are the keys of an event as they are stored, in an order that is the
// same for every process: so two that store the same event wait, and do not lock.
func hashes(e bot.Event) [][]byte {
	var out [][]byte
	for _, k := range e.Keys {
		if k != "" {
			h := sha256.Sum256([]byte(e.Platform + "\x00" + e.Tenant + "\x00" + k))
			out = append(out, h[:16])
		}
	}
	slices.SortFunc(out, bytes.Compare)
	return slices.CompactFunc(out, bytes.Equal)
}

// Accept implements bot.Inbox.
func (in *Inbox) Accept(ctx context.Context, e bot.Event, wait bool) (*bot.Job, error) {
	keys := hashes(e)
	owner := in.replica.id
	if wait {
		owner = ""
	}
	payload := in.seal.seal(e.Payload, about(e.Platform, e.Tenant, e.Kind))
	ctx, cancel := context.WithTimeout(ctx, orphanAfter/2)
	defer cancel()
	job, err := in.insert(ctx, e, keys, payload, owner)
	if err != nil {
		return nil, in.doubts.arise(err)
	}
	if job != nil && !wait {
		in.doubts.hold(job.ID)
	}
	return job, nil
}

// insert stores an event unless one of its keys is known; nil is one that was.
func (in *Inbox) insert(ctx context.Context, e bot.Event, keys [][]byte, payload []byte, owner string) (job *bot.Job, err error) {
	if in.s.postgres && len(keys) > 0 {
		return in.acceptAtOnce(ctx, e, keys, payload, owner)
	}
	args := make([]any, 0, len(keys))
	for _, k := range keys {
		args = append(args, k)
	}
	err = in.s.inTx(ctx, func(tx *sql.Tx) error {
		job = nil
		if len(keys) > 0 {
			known, err := touched(tx.ExecContext(ctx, `INSERT INTO inbox_key (key, at) VALUES (?, `+in.s.now()+`)`+
				strings.Repeat(`, (?, `+in.s.now()+`)`, len(keys)-1)+` ON CONFLICT DO NOTHING`, args...))
			if err != nil {
				return err
			}
			if known < int64(len(keys)) {
				return nil // the keys that were not known are from now on
			}
		}
		job = &bot.Job{Event: e}
		return tx.QueryRowContext(ctx,
			`INSERT INTO inbox (platform, tenant, kind, payload, owner, again, received, due)
			 VALUES (?, ?, ?, ?, ?, 0, `+in.s.now()+`, `+in.s.now()+`) RETURNING id`,
			e.Platform, e.Tenant, e.Kind, payload, owner).Scan(&job.ID)
	})
	return job, err
}

// Known implements bot.StoredInbox.
func (in *Inbox) Known(ctx context.Context, e bot.Event) (bool, error) {
	for _, k := range hashes(e) {
		var n int
		if err := in.s.reads.QueryRowContext(ctx, `SELECT count(*) FROM inbox_key WHERE key = ?`, k).Scan(&n); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// Take implements bot.Inbox. What cannot be opened, and what was tried too
// often or for too long, is given up.
func (in *Inbox) Take(ctx context.Context, platform string, n int) ([]*bot.Job, error) {
	lock := ""
	if in.s.postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	if err := in.giveBack(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, takeWithin)
	defer cancel()
	var jobs []*bot.Job
	err := in.s.inTx(ctx, func(tx *sql.Tx) error {
		jobs = nil
		rows, err := tx.QueryContext(ctx,
			`WITH free AS MATERIALIZED (
				SELECT id FROM inbox WHERE platform = ?1 AND due <= `+in.s.now()+`
				AND owner <> ?2 AND owner NOT IN (SELECT id FROM replica WHERE beat > `+in.s.now()+` - ?3)
				ORDER BY due, id LIMIT ?4`+lock+`)
			 UPDATE inbox SET owner = ?2, again = inbox.again + 1 FROM free WHERE inbox.id = free.id
			 RETURNING inbox.id, inbox.tenant, inbox.kind, inbox.payload, inbox.again, `+in.s.now()+` - inbox.received`,
			platform, in.replica.id, silentAfter.Milliseconds(), n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			j := &bot.Job{Event: bot.Event{Platform: platform}}
			var age int64
			if err := rows.Scan(&j.ID, &j.Tenant, &j.Kind, &j.Payload, &j.Again, &age); err != nil {
				return err
			}
			j.Received = time.Duration(age) * time.Millisecond
			jobs = append(jobs, j)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, in.doubts.arise(err)
	}
	for _, j := range jobs {
		in.doubts.hold(j.ID)
	}
	slices.SortFunc(jobs, func(a, b *bot.Job) int { return int(a.ID - b.ID) })
	return in.opened(ctx, jobs)
}

// opened decrypts jobs and gives up what has no future. What another token
// sealed is left to whoever has that, until its time is over.
func (in *Inbox) opened(ctx context.Context, jobs []*bot.Job) ([]*bot.Job, error) {
	var out []*bot.Job
	var lost error
	for _, j := range jobs {
		var err error
		j.Payload, err = in.seal.open(j.Payload, about(j.Platform, j.Tenant, j.Kind))
		switch {
		case j.Received > eventLives || err == nil && j.Again > maxAgain:
			err = fmt.Errorf("event given up after %d attempts in %s", j.Again, j.Received.Round(time.Second))
			lost = errors.Join(lost, err, in.Done(ctx, j))
		case err != nil:
			lost = errors.Join(lost, in.settle(ctx, j, `UPDATE inbox SET owner = '', again = again - 1, due = `+in.s.now()+` + ? WHERE id = ? AND owner = ?`,
				leftFor.Milliseconds(), j.ID, in.replica.id))
		default:
			out = append(out, j)
		}
	}
	return out, lost
}

// leftFor is how long a replica leaves an event alone that it cannot open.
const leftFor = 30 * time.Second

// Sealed is how many of the newest 10 000 events another token has sealed.
func (in *Inbox) Sealed(ctx context.Context) (n int, err error) {
	rows, err := in.s.db.QueryContext(ctx, `SELECT tenant, kind, payload FROM inbox WHERE platform = ? ORDER BY id DESC LIMIT 10000`, in.platform)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var tenant, kind string
		var payload []byte
		if err := rows.Scan(&tenant, &kind, &payload); err != nil {
			return 0, err
		}
		if _, err := in.seal.open(payload, about(in.platform, tenant, kind)); err != nil {
			n++
		}
	}
	return n, rows.Err()
}

// Begin implements bot.Inbox.
func (in *Inbox) Begin(ctx context.Context, j *bot.Job, p bot.Post) (bot.Post, error) {
	out := p
	if in.s.postgres {
		if fresh, err := in.beginAtOnce(ctx, j, p); fresh || err != nil {
			out.State = bot.PostNew
			return out, err
		}
	}
	err := in.s.inTx(ctx, func(tx *sql.Tx) error {
		out = p
		// The row is touched, so that nobody takes the job over meanwhile.
		mine, err := touched(tx.ExecContext(ctx, `UPDATE inbox SET owner = owner WHERE id = ? AND owner = ?`, j.ID, in.replica.id))
		if err != nil {
			return err
		}
		if mine == 0 {
			return bot.ErrLostJob
		}
		fresh, err := touched(tx.ExecContext(ctx,
			`INSERT INTO outbox (platform, id, inbox, again, state, channel, thread, message, alias, final, at)
			 VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, 0, `+in.s.now()+`) ON CONFLICT DO NOTHING`,
			in.platform, p.ID, j.ID, j.Again, bot.PostUnsure, p.Channel, p.Thread, p.Alias))
		if err != nil || fresh == 1 {
			out.State = bot.PostNew
			return err
		}
		have, err := in.post(ctx, tx, byID, p.ID)
		if err != nil {
			return err
		}
		if have == nil {
			return fmt.Errorf("post %s is gone", p.ID)
		}
		out = *have
		return tx.QueryRowContext(ctx, `SELECT count(*) > 0 FROM outbox WHERE `+byID+` AND inbox = ? AND again = ?`,
			in.platform, p.ID, j.ID, j.Again).Scan(&out.Ours)
	})
	return out, err
}

// Record implements bot.Inbox. It takes PostNew back: nothing was posted.
func (in *Inbox) Record(ctx context.Context, j *bot.Job, p bot.Post) error {
	if p.State == bot.PostNew {
		_, err := in.s.exec(ctx, `DELETE FROM outbox WHERE platform = ? AND id = ?`, in.platform, p.ID)
		return err
	}
	final := 0
	if p.Final {
		final = 1
	}
	_, err := in.s.exec(ctx,
		`UPDATE outbox SET state = ?, channel = ?, thread = ?, message = ?, alias = ?, final = ? WHERE platform = ? AND id = ?`,
		p.State, p.Channel, p.Thread, p.Message, p.Alias, final, in.platform, p.ID)
	return err
}

// Done implements bot.Inbox.
func (in *Inbox) Done(ctx context.Context, j *bot.Job) error {
	return in.settle(ctx, j, `DELETE FROM inbox WHERE id = ? AND owner = ?`, j.ID, in.replica.id)
}

// Later implements bot.Inbox.
func (in *Inbox) Later(ctx context.Context, j *bot.Job, after time.Duration) error {
	return in.settle(ctx, j, `UPDATE inbox SET owner = '', due = `+in.s.now()+` + ? WHERE id = ? AND owner = ?`,
		after.Milliseconds(), j.ID, in.replica.id)
}

// settle ends this process's work on a job.
func (in *Inbox) settle(ctx context.Context, j *bot.Job, query string, args ...any) error {
	in.doubts.settling(j.ID)
	if _, err := in.s.exec(ctx, query, args...); err != nil {
		return in.doubts.arise(err)
	}
	in.doubts.settled(j.ID)
	return nil
}

// Posted implements bot.Inbox.
func (in *Inbox) Posted(ctx context.Context, platform, id string) (*bot.Post, error) {
	return in.post(ctx, in.s.reads, byID, id)
}

// InThread implements bot.Inbox.
func (in *Inbox) InThread(ctx context.Context, platform, channel, thread string) (*bot.Post, error) {
	return in.read(in.s.reads.QueryRowContext(ctx, in.inThread(), in.platform, channel, thread, in.platform, channel, thread))
}

// inPlace finds posts by their place. Nothing is appended to the platform: it
// keeps SQLite's planner, which knows no statistics, from reading all posts of
// the platform by the primary key instead of the few by the index.
const (
	inPlace = `platform || '' = ? AND channel = ? AND `
	byID    = `platform = ? AND id = ?`
)

// rowReader is a database or a transaction.
type rowReader interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (in *Inbox) post(ctx context.Context, db rowReader, where string, args ...any) (*bot.Post, error) {
	return in.read(db.QueryRowContext(ctx,
		`SELECT `+in.postColumns("0")+` FROM outbox WHERE `+where, append([]any{in.platform}, args...)...))
}

// postColumns are what read reads; rank only orders.
func (in *Inbox) postColumns(rank string) string {
	return `id, state, channel, thread, message, alias, final <> 0, ` + in.s.now() + ` - at, ` + rank
}

// inThread finds what a thread is known by: the post that it hangs on, or else
// the first one in it.
func (in *Inbox) inThread() string {
	return `SELECT * FROM (SELECT ` + in.postColumns("0") + ` FROM outbox WHERE ` + inPlace + `message = ? ORDER BY at LIMIT 1) AS root
	 UNION ALL
	 SELECT * FROM (SELECT ` + in.postColumns("1") + ` FROM outbox WHERE ` + inPlace + `thread = ? AND message <> '' ORDER BY at LIMIT 1) AS inside ORDER BY 9 LIMIT 1`
}

func (in *Inbox) read(row *sql.Row) (*bot.Post, error) {
	var p bot.Post
	var age, rank int64
	err := row.Scan(&p.ID, &p.State, &p.Channel, &p.Thread, &p.Message, &p.Alias, &p.Final, &age, &rank)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	p.Age = time.Duration(age) * time.Millisecond
	return &p, err
}
