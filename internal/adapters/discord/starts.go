package discord

import "time"

// starts is what is left of the day's IDENTIFYs, for all processes together
// (discord.com/developers/docs/events/gateway#session-start-limit-object). Who
// spends more than are allowed has the token reset by Discord. A RESUME costs
// nothing.
type starts struct {
	Total       int               `json:"total"` // 0 while Discord has not said
	Left        int               `json:"left"`
	Concurrency int               `json:"concurrency"`
	Reset       time.Time         `json:"reset"`
	Keys        map[int]time.Time `json:"keys"`     // when the next IDENTIFY of a rate-limit key may be sent
	Pace        time.Time         `json:"pace"`     // how far ahead of an even spending they are
	Answered    int               `json:"answered"` // how many were sent and answered, ever
}

// startLimit is the session start limit as Discord tells it.
type startLimit struct {
	Total       int   `json:"total"`
	Remaining   int   `json:"remaining"`
	ResetAfter  int64 `json:"reset_after"` // milliseconds
	Concurrency int   `json:"max_concurrency"`
}

// told notes what Discord says is left. It was asked when answered of the
// IDENTIFYs were known to have arrived: of those that were answered since, and
// of those on their way, it may not have known yet.
func (s *starts) told(now time.Time, l startLimit, answered int) {
	if l.Total <= 0 {
		return
	}
	unknown := s.Answered - answered
	for _, until := range s.Keys {
		if until.Sub(now) > identifyPause {
			unknown++
		}
	}
	s.Total, s.Left, s.Concurrency = l.Total, l.Remaining-unknown, max(l.Concurrency, 1)
	s.Reset = now.Add(time.Duration(l.ResetAfter) * time.Millisecond)
}

const (
	// identifyPause is the least time between two IDENTIFYs of one rate-limit
	// key, from the answer to the first on (ibid., #rate-limiting).
	identifyPause = 5 * time.Second
	// identifyHold is how long a key is another's who does not say that the
	// IDENTIFY was answered; identifyWithin, how long a permission is used.
	identifyHold   = 20 * time.Second
	identifyWithin = 15 * time.Second
	// minIdentifies of the day's allowance are left to whoever else uses the token.
	minIdentifies = 10
	// identifyEvery spends 720 of the usual 1000 in a day, besides
	// identifyBurst at once: a gateway that ends every session does not use
	// the allowance up, though Discord does not say what is left.
	identifyEvery = 2 * time.Minute
	identifyBurst = 20
)

// hindrance is why an IDENTIFY has to wait.
type hindrance int

const (
	hinderedNot    hindrance = iota
	hinderedOrder            // shards of lower buckets have not begun
	hinderedKey              // another of the same key has just been sent
	hinderedPace             // too many lately
	hinderedBudget           // too few are left today
)

// begin takes the permission for a shard's IDENTIFY; where it cannot be had
// yet, it says why, and when to ask again.
func (b *board) begin(now time.Time, p shardID) (time.Duration, hindrance) {
	s := &b.Starts
	if s.Total > 0 && !s.Reset.After(now) {
		s.Left, s.Reset = s.Total, now.Add(24*time.Hour)
	}
	width := max(s.Concurrency, 1)
	key := p.I % width
	for i := range p.I / width * width {
		if low := b.Seats[shardID{i, p.N}]; low != nil && !low.Begun && low.Refused == 0 {
			return time.Second, hinderedOrder
		}
	}
	if s.Total > 0 && s.Left <= minIdentifies {
		return s.Reset.Sub(now), hinderedBudget
	}
	if wait := s.Keys[key].Sub(now); wait > 0 && wait <= identifyHold {
		if wait > identifyPause {
			wait = time.Second // the other one is on its way, and will be answered soon
		}
		return wait, hinderedKey
	}
	every, pace := s.every(), s.Pace
	if pace.Before(now) {
		pace = now
	}
	burst := time.Duration(max(identifyBurst, 2*(b.Count+b.Next)))
	if wait := pace.Add(every).Sub(now) - burst*every; wait > 0 {
		return wait, hinderedPace
	}
	if s.Keys == nil {
		s.Keys = map[int]time.Time{}
	}
	s.Pace, s.Keys[key] = pace.Add(every), now.Add(identifyHold)
	s.Left--
	if seat := b.Seats[p]; seat != nil {
		seat.Begun = true
	}
	return 0, hinderedNot
}

// begun ends a permission: the IDENTIFY was answered, or it was not sent and
// the permission is given back.
func (b *board) begun(now time.Time, p shardID, sent bool) {
	s := &b.Starts
	key := p.I % max(s.Concurrency, 1)
	if sent {
		s.Answered++
		s.Keys[key] = now.Add(identifyPause)
		return
	}
	s.Left++
	s.Pace = s.Pace.Add(-s.every())
	s.Keys[key] = now
	if seat := b.Seats[p]; seat != nil {
		seat.Begun = seat.Live
	}
}

// every is the time between two IDENTIFYs that are spent evenly.
func (s *starts) every() time.Duration {
	return identifyEvery * 1000 / time.Duration(max(s.Total, 1000))
}
