package store

import (
	"context"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// When the network breaks in the middle of a commit, nobody on this side knows
// whether it happened. An event may then be stored, and be this process's, of
// which this process knows nothing: the platform's repetition is taken for one,
// and nobody works on it. So a process knows which events it works on, and gives
// back what the database thinks that it does.

const (
	// orphanAfter is how long an event must be seen without anybody working on
	// it: longer than the call that stores it may still be under way.
	orphanAfter = 10 * time.Second
	// settleWithin is how long the end of an event may take to be noted: longer
	// than bot.Errand insists on it.
	settleWithin = 3 * time.Minute
	// doubtLasts is how long after an error orphans are looked for: a late
	// packet may carry a commit for as long as TCP repeats it.
	doubtLasts = eventLives
)

// doubts is what an Inbox knows of its own events.
type doubts struct {
	clock elapsed

	mu    sync.Mutex
	mine  map[int64]time.Duration // worked on: 0, or since when the end is being noted
	seen  map[int64]time.Duration // in the database ours, and here nobody's; since when
	until time.Duration           // no doubt after that
}

func newDoubts() *doubts { return &doubts{clock: newElapsed(), mine: map[int64]time.Duration{}} }

// hold notes that this process works on an event.
func (d *doubts) hold(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mine[id] = 0
}

// settling notes that the end of an event is being noted.
func (d *doubts) settling(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if since, ok := d.mine[id]; ok && since == 0 {
		d.mine[id] = d.clock.now()
	}
}

// settled notes that it was noted. The event may be this process's again by
// now, when it was put off.
func (d *doubts) settled(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mine[id] != 0 {
		delete(d.mine, id)
	}
}

// arise notes an error that leaves open what has happened; it returns err.
func (d *doubts) arise(err error) error {
	if err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.until = d.clock.now() + doubtLasts
	}
	return err
}

func (d *doubts) any() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clock.now() < d.until
}

// orphans are those of ids, which are all that the database thinks ours, that
// nobody has worked on here for a while.
func (d *doubts) orphans(ids []int64) (out []int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, seen := d.clock.now(), map[int64]time.Duration{}
	for _, id := range ids {
		if since, ok := d.mine[id]; ok && (since == 0 || now-since < settleWithin) {
			continue
		}
		first, ok := d.seen[id]
		switch {
		case !ok:
			seen[id] = now
		case now-first < orphanAfter:
			seen[id] = first
		default:
			out = append(out, id)
			delete(d.mine, id)
		}
	}
	d.seen = seen
	return out
}

// giveBack gives events to whoever takes them that are this process's without
// its knowledge.
func (in *Inbox) giveBack(ctx context.Context) error {
	if !in.doubts.any() {
		return nil
	}
	rows, err := in.s.db.QueryContext(ctx, `SELECT id FROM inbox WHERE platform = ? AND owner = ?`, in.platform, in.replica.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := rows.Close(); err != nil { // SQLite has one connection
		return err
	}
	for _, id := range in.doubts.orphans(ids) {
		in.replica.log.Warn("an event that was stored without a word is taken up", "platform", in.platform)
		if err := in.Later(ctx, &bot.Job{ID: id}, 0); err != nil {
			return err
		}
	}
	return nil
}
