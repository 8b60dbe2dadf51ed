package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// health is nil while all shards of this process are connected and alive, and
// those that it has not are others'.
func (k *keeper) health(now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.troubled != nil && len(k.shards) == 0:
		return fmt.Errorf("discord: who has which shard is not known: %w", k.troubled)
	case len(k.starved) > 0:
		return fmt.Errorf("discord: no more sessions may be begun before %s: %d are left today, and kept in reserve",
			k.board.Starts.Reset.UTC().Format("15:04 MST"), k.board.Starts.Left)
	case !k.seen, k.board.Count == 0:
		return errors.New("discord: not connected")
	}
	free := 0
	for p, s := range k.board.Seats {
		if s.Ending || p.N != k.board.Count {
			continue // others have its guilds, or nobody depends on it yet
		}
		own := k.shards[p]
		switch {
		case s.Owner == "":
			free++
		case own != nil:
			if err := own.health(now); err != nil {
				return err
			}
		case s.Owner == k.me:
			return errors.New("discord: not connected")
		}
	}
	if free == k.board.Count {
		return errors.New("discord: not connected")
	}
	return nil
}

// maxQuiet is more than a heartbeat, which comes every 41 seconds.
const maxQuiet = 55 * time.Second

// health is nil while the shard is connected and alive.
func (s *shard) health(now time.Time) error {
	name := ""
	if s.id.N > 1 {
		name = " shard " + s.id.String()
	}
	if !s.gate.up.Load() {
		return fmt.Errorf("discord:%s not connected", name)
	}
	if quiet := now.Sub(time.Unix(0, s.gate.last.Load())); quiet > maxQuiet {
		return fmt.Errorf("discord:%s nothing came from the gateway for %v", name, quiet.Round(time.Second))
	}
	return nil
}

// lastEvent is when something last came, of any shard.
func (k *keeper) lastEvent() (last time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.shards {
		if n := s.gate.last.Load(); n != 0 && time.Unix(0, n).After(last) {
			last = time.Unix(0, n)
		}
	}
	return last
}

// state is that of the shards, as far as it is known.
func (k *keeper) state() Shards {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.board.state(k.me)
	s.Live = 0
	for _, own := range k.shards {
		if own.gate.up.Load() {
			s.Live++
		}
	}
	return s
}

// others reads the board without changing it. A process that is alone looks at
// it seldom, so it counts as running for longer.
func (k *keeper) others(ctx context.Context) (s Shards, err error) {
	var b board
	err = k.a.agree(ctx, boardName, func(old []byte, now time.Time) []byte {
		if b = (board{}); old == nil || json.Unmarshal(old, &b) != nil {
			b = board{}
		}
		if k.alone {
			b.bury(now, askEvery+time.Minute)
		} else {
			b.bury(now, silentAfter)
		}
		return nil
	})
	return b.state(k.me), err
}
