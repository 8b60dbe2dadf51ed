package fakediscord

import (
	"slices"
	"strconv"
	"time"
)

// Numbers of the session start limit and of sharding
// (discord.com/developers/docs/events/gateway#session-start-limit-object and #sharding).
const (
	identifiesPerDay = 1000
	guildsPerShard   = 2500
	// identifyEvery is the pause between two IDENTIFYs with one rate-limit key.
	identifyEvery = 5 * time.Second
	startPeriod   = 24 * time.Hour
)

// shard is the part of the guilds that a session is for: its number and how
// many there are. A session without one has all.
type shard [2]int

// shardOf reads the shard of an IDENTIFY.
func shardOf(list []int) (shard, bool) {
	switch {
	case list == nil:
		return shard{0, 1}, true
	case len(list) != 2 || list[0] < 0 || list[0] >= list[1]:
		return shard{}, false
	}
	return shard{list[0], list[1]}, true
}

// has says whether events of a guild, or of none, belong to the shard.
func (p shard) has(guild string) bool {
	if guild == "" {
		return p[0] == 0
	}
	id, _ := strconv.ParseUint(guild, 10, 64) // ids are ours
	return int(id>>22%uint64(p[1])) == p[0]
}

// Identify is one IDENTIFY that came in, whatever became of it.
type Identify struct {
	At            time.Time
	Shard, Shards int
	// Early says that the rate-limit key had been used within five seconds.
	Early bool
}

// startLimit is what is left of the day's IDENTIFYs. The day begins with the
// first one.
type startLimit struct {
	left  int
	until time.Time
}

// note records an IDENTIFY and says whether it came too early for its key.
func (s *Server) note(p shard) (early bool) {
	now, g := s.now(), &s.gateway
	for _, earlier := range slices.Backward(g.identified) {
		if now.Sub(earlier.At) >= identifyEvery {
			break
		}
		early = early || earlier.Shard%s.opts.MaxConcurrency == p[0]%s.opts.MaxConcurrency
	}
	g.identified = append(g.identified, Identify{now, p[0], p[1], early})
	return early
}

// spend takes one from the day's IDENTIFYs and returns what is left.
func (s *Server) spend() int {
	l := &s.gateway.starts
	if now := s.now(); !l.until.After(now) {
		if !l.until.IsZero() {
			l.left = s.opts.Identifies
		}
		l.until = now.Add(startPeriod)
	}
	l.left--
	return l.left
}

// resetToken is what Discord does when the day's IDENTIFYs are used up: all
// sessions end, and the owner must fetch a new token.
func (s *Server) resetToken() {
	s.Token += "x"
	for id, x := range s.gateway.sessions {
		if x.conn != nil {
			x.conn.end(closeBadToken)
		}
		delete(s.gateway.sessions, id)
	}
}

// guildsOf is how many guilds a shard has.
func (s *Server) guildsOf(p shard) (n int) {
	for id := range s.guilds {
		if p.has(id) {
			n++
		}
	}
	return n
}

func (s *Server) startLimitJSON() map[string]any {
	l, after := s.gateway.starts, startPeriod
	if !l.until.IsZero() {
		after = max(0, l.until.Sub(s.now()))
	}
	if after == 0 {
		l.left, after = s.opts.Identifies, startPeriod
	}
	return map[string]any{
		"total": s.opts.Identifies, "remaining": max(0, l.left), "reset_after": after.Milliseconds(), "max_concurrency": s.opts.MaxConcurrency,
	}
}

// nextGuildID makes a snowflake of another millisecond than all before, so that
// guilds spread over shards though time stands still.
func (s *Server) nextGuildID() string {
	s.nextID()
	s.lastID = (s.lastID>>22 + 1) << 22
	return strconv.FormatUint(s.lastID, 10)
}

// SetShards sets how many shards GET /gateway/bot recommends.
func (s *Server) SetShards(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.shards = n
}

// SetRemainingIdentifies sets what is left of the session start limit.
func (s *Server) SetRemainingIdentifies(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.starts.left = n
}

// RemainingIdentifies is what is left of the session start limit.
func (s *Server) RemainingIdentifies() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.starts.left
}

// IdentifyLog are all IDENTIFYs so far, in order.
func (s *Server) IdentifyLog() []Identify {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.gateway.identified)
}

// Doubled is how often a session began for a shard that another one was
// connected for.
func (s *Server) Doubled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.doubled
}

// Live are the shards of n that a session is connected for, in order.
func (s *Server) Live(n int) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []int
	for _, x := range s.gateway.sessions {
		if x.conn != nil && x.shard[1] == n {
			out = append(out, x.shard[0])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ShardOf is the shard of n that a guild belongs to; "" stands for direct
// messages.
func ShardOf(guild string, n int) int {
	for i := range n {
		if (shard{i, n}).has(guild) {
			return i
		}
	}
	return 0
}

// CloseShard closes the connections of a shard of n with a code; -1 cuts them.
func (s *Server) CloseShard(i, n, code int) {
	s.each(func(c *conn) {
		if c.sess.shard == (shard{i, n}) {
			c.end(code)
		}
	})
}
