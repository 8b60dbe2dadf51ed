package store

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// Quotas implements bot.Rates and diagnose.Logins for all processes that share
// a database, by its clock. Who and what is counted stands there as a keyed
// hash, under a key that only the environment knows. Safe for concurrent use.
type Quotas struct {
	s   *Store
	key []byte

	clock elapsed
	mu    sync.Mutex
	swept time.Duration // 0: never
}

var (
	_ bot.Rates       = (*Quotas)(nil)
	_ diagnose.Logins = (*Quotas)(nil)
)

// Quotas opens what is counted. All processes have the same secret.
func (s *Store) Quotas(secret string) (*Quotas, error) {
	if secret == "" {
		return nil, errors.New("no secret to hash names with")
	}
	key, err := hkdf.Key(sha256.New, []byte(secret), []byte("mailhelpbot quota 1"), "", 32)
	return &Quotas{s: s, key: key, clock: newElapsed()}, err
}

// quotaWithin is how long the database may take: somebody waits for a test.
const quotaWithin = 3 * time.Second

// quota is the state of one counter. Times are Unix milliseconds by the clock
// of the database.
type quota struct {
	Full    int64   `json:"full,omitempty"`    // a bucket: when it is full again
	Tried   []int64 `json:"tried,omitempty"`   // an account: logins of late
	Refused int64   `json:"refused,omitempty"` // the last one that was refused
	Busy    int64   `json:"busy,omitempty"`    // until when one is under way at most
}

// until is when a state says nothing any more, if an account's matters for keep.
func (q quota) until(keep time.Duration) int64 {
	last := max(q.Full, q.Busy)
	for _, at := range append(q.Tried, q.Refused) {
		last = max(last, at+keep.Milliseconds())
	}
	return last
}

func (q *Quotas) hash(name string) []byte {
	m := hmac.New(sha256.New, q.key)
	m.Write([]byte(name)) // a hash never fails to write
	return m.Sum(nil)[:16]
}

// Take implements bot.Rates.
func (q *Quotas) Take(ctx context.Context, want []bot.Bucket) (lacking int, wait time.Duration, err error) {
	err = q.change(ctx, keysOf(want, q.hash), 0, func(now int64, all []quota) bool {
		lacking, wait = -1, 0
		for i, b := range want {
			// The bucket holds what has refilled since it was empty, which is
			// as long before it is full as filling it takes.
			if missing := time.Duration(max(all[i].Full, now)-now)*time.Millisecond + b.Per/time.Duration(b.Tokens) - b.Per; missing > wait {
				lacking, wait = i, missing
			}
		}
		if lacking >= 0 {
			return false
		}
		fill(now, all, want)
		return true
	})
	return lacking, wait, err
}

// Charge implements bot.Rates.
func (q *Quotas) Charge(ctx context.Context, b bot.Bucket) error {
	want := []bot.Bucket{b}
	return q.change(ctx, keysOf(want, q.hash), 0, func(now int64, all []quota) bool {
		fill(now, all, want)
		return true
	})
}

// fill takes a token of each bucket.
func fill(now int64, all []quota, want []bot.Bucket) {
	for i, b := range want {
		all[i].Full = max(all[i].Full, now) + (b.Per / time.Duration(b.Tokens)).Milliseconds()
	}
}

func keysOf(want []bot.Bucket, hash func(string) []byte) (out [][]byte) {
	for _, b := range want {
		out = append(out, hash(b.Name))
	}
	return out
}

// BeginLogin implements diagnose.Logins.
func (q *Quotas) BeginLogin(ctx context.Context, account string, r diagnose.LoginRates) (ok bool, err error) {
	err = q.change(ctx, [][]byte{q.hash("login " + account)}, max(r.Within, r.HoldBack), func(now int64, all []quota) bool {
		a := &all[0]
		a.Tried = slices.DeleteFunc(a.Tried, func(at int64) bool { return now-at >= r.Within.Milliseconds() })
		ok = a.Busy <= now && len(a.Tried) < r.Max && (a.Refused == 0 || now-a.Refused >= r.HoldBack.Milliseconds())
		if ok {
			a.Tried, a.Busy = append(a.Tried, now), now+r.Takes.Milliseconds()
		}
		return ok
	})
	return ok && err == nil, err
}

// EndLogin implements diagnose.Logins.
func (q *Quotas) EndLogin(ctx context.Context, account string, r diagnose.LoginRates, refused bool) error {
	return q.change(ctx, [][]byte{q.hash("login " + account)}, max(r.Within, r.HoldBack), func(now int64, all []quota) bool {
		all[0].Busy = 0
		if refused {
			all[0].Refused = now
		}
		return true
	})
}

// change reads states, and writes what f makes of them if it says so. No other
// process sees or changes them meanwhile. f may run more than once.
func (q *Quotas) change(ctx context.Context, keys [][]byte, keep time.Duration, f func(now int64, all []quota) bool) error {
	ctx, cancel := context.WithTimeout(ctx, quotaWithin)
	defer cancel()
	if err := q.sweep(ctx); err != nil {
		return err
	}
	return q.s.inTx(ctx, func(tx *sql.Tx) error {
		now, all, err := q.read(ctx, tx, keys)
		if err != nil || !f(now, all) {
			return err
		}
		for i, k := range keys {
			value, err := json.Marshal(all[i])
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE quota SET value = ?, until = ? WHERE key = ?`, value, all[i].until(keep), k); err != nil {
				return err
			}
		}
		return nil
	})
}

// read makes rows for keys that have none, and locks them all in an order that
// is the same for every process, so that no two wait for each other.
func (q *Quotas) read(ctx context.Context, tx *sql.Tx, keys [][]byte) (now int64, all []quota, err error) {
	sorted := slices.SortedFunc(slices.Values(keys), bytes.Compare)
	sorted = slices.CompactFunc(sorted, bytes.Equal)
	args := make([]any, 0, 2*len(sorted))
	for _, k := range sorted {
		args = append(args, k, []byte("{}"))
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO quota (key, value, until) VALUES (?, ?, 0)`+strings.Repeat(`, (?, ?, 0)`, len(sorted)-1)+
		` ON CONFLICT (key) DO UPDATE SET key = excluded.key`, args...)
	if err != nil {
		return 0, nil, err
	}
	all = make([]quota, len(keys))
	for i, k := range keys {
		var value []byte
		if err := tx.QueryRowContext(ctx, `SELECT value, `+q.s.now()+` FROM quota WHERE key = ?`, k).Scan(&value, &now); err != nil {
			return 0, nil, err
		}
		if err := json.Unmarshal(value, &all[i]); err != nil {
			return 0, nil, err
		}
	}
	return now, all, nil
}

// quotaSwept is how often what says nothing any more is removed.
const quotaSwept = time.Minute

// sweep does so, if it is time. It waits for nobody.
func (q *Quotas) sweep(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.now()
	if q.swept != 0 && now-q.swept < quotaSwept {
		return nil
	}
	lock := ""
	if q.s.postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	_, err := q.s.exec(ctx, `DELETE FROM quota WHERE key IN (SELECT key FROM quota WHERE until < `+q.s.now()+lock+`)`)
	if err == nil {
		q.swept = now
	}
	return err
}
