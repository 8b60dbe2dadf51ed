package store

import (
	"context"
	"time"
)

// Unfinished is how many events wait or are worked on, by whatever process,
// and how long ago the oldest was stored; 0 when there is none.
func (s *Store) Unfinished(ctx context.Context) (n int, oldest time.Duration, err error) {
	var age int64
	err = s.reads.QueryRowContext(ctx, `SELECT count(*), coalesce(`+s.now()+` - min(received), 0) FROM inbox`).Scan(&n, &age)
	return n, max(0, time.Duration(age)*time.Millisecond), err
}
