package discord

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// permit waits until an IDENTIFY of a shard is within what Discord allows all
// processes together.
func (k *keeper) permit(ctx context.Context, p shardID) (*permission, error) {
	defer k.starve(p, false, 0)
	for {
		before, wait, why, err := k.begin(ctx, p)
		end := k.spent(p)
		switch {
		case ctx.Err() != nil:
			if err == nil && why == hinderedNot {
				end(false)
			}
			return nil, ctx.Err()
		case err != nil:
			k.a.log.Warn("whether a session may be begun is not known", "shard", p.String(), "error", err.Error())
			wait = lookEvery
		case why == hinderedNot:
			return &permission{until: before.Add(identifyWithin), end: end}, nil
		default:
			k.starve(p, why == hinderedBudget, wait)
		}
		if err := k.a.clock.sleep(ctx, min(wait, time.Minute)); err != nil {
			return nil, err
		}
	}
}

// begin asks Discord how many sessions are left, and the board for one of them.
// It returns the own time from before the board was asked.
func (k *keeper) begin(ctx context.Context, p shardID) (before time.Time, wait time.Duration, why hindrance, err error) {
	said, _ := k.ask(ctx) // without an answer what was known before must do
	before = k.a.clock.now()
	err = k.agree(ctx, func(b *board, now time.Time) error {
		b.Starts.told(now, said.Limit, said.answered)
		if s := b.Seats[p]; s == nil || s.Owner != k.me {
			return fmt.Errorf("the shard %s is another's", p)
		}
		wait, why = b.begin(now, p)
		return nil
	})
	return before, wait, why, err
}

// spent tells the board, once, what became of a permission.
func (k *keeper) spent(p shardID) func(bool) {
	var once sync.Once
	return func(sent bool) {
		once.Do(func() {
			err := k.agree(context.Background(), func(b *board, now time.Time) error {
				b.begun(now, p, sent)
				return nil
			})
			if err != nil {
				k.a.log.Warn("a session that was begun is not noted", "shard", p.String(), "error", err.Error())
			}
		})
	}
}

// starve notes whether a shard's session is held back for lack of allowance, and
// says so when that begins.
func (k *keeper) starve(p shardID, on bool, wait time.Duration) {
	k.mu.Lock()
	first, left := on && len(k.starved) == 0, k.board.Starts.Left
	if on {
		k.starved[p] = true
	} else {
		delete(k.starved, p)
	}
	k.mu.Unlock()
	if first {
		k.a.log.Error("discord allows no more sessions today; waiting", "shard", p.String(), "remaining", left, "wait", wait.Round(time.Second))
	}
}
