package bot

import (
	"context"
	"time"
)

// Rates keeps the limits of tests and searches over all processes that share a
// database. All methods may be called concurrently.
type Rates interface {
	// Take takes a token of each bucket, or none: then lacking is the one that
	// is empty for the longest, and wait for how long; else lacking is -1.
	Take(ctx context.Context, want []Bucket) (lacking int, wait time.Duration, err error)
	// Charge takes a token of a bucket, also below zero.
	Charge(ctx context.Context, b Bucket) error
}

// Bucket holds tokens. It begins full and refills evenly.
type Bucket struct {
	Name   string
	Tokens int
	Per    time.Duration // an empty one is full again after that
}

func (a allowance) bucket() Bucket { return Bucket{a.key(), a.tokens, a.per} }

// take takes a token of each bucket, or none and says which one is empty for
// the longest: of this process's, then of those that all processes share. Where
// these cannot be asked the own ones must do; so they are charged in any case.
// limits.mu is held, and let go meanwhile.
func (b *Bot) take(ctx context.Context, now time.Time, want []allowance) *limited {
	l := &b.limits
	if lim := l.lacking(now, want); lim != nil {
		return lim
	}
	if b.Rates != nil {
		l.mu.Unlock()
		lim := b.takeShared(ctx, want)
		l.mu.Lock()
		if lim != nil {
			return lim
		}
	}
	return l.take(now, want)
}

func (b *Bot) takeShared(ctx context.Context, want []allowance) *limited {
	var buckets []Bucket
	for _, a := range want {
		buckets = append(buckets, a.bucket())
	}
	lacking, wait, err := b.Rates.Take(ctx, buckets)
	switch {
	case err != nil:
		b.Log.Warn("the limits of all processes cannot be asked; going by this one's own", "err", err)
		return nil
	case lacking < 0:
		return nil
	}
	return &limited{want[lacking].kind, want[lacking].name, wait}
}

// charge notes with all processes what a run has cost late.
func (b *Bot) charge(a allowance) {
	if b.Rates == nil {
		return
	}
	if err := b.Rates.Charge(context.Background(), a.bucket()); err != nil {
		b.Log.Warn("a network was not charged with all processes", "err", err)
	}
}
