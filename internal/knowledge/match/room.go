package match

import "sync"

// room is the memory in which one example after the other is read.
type room struct {
	reading reading
	pulls   []pull
	stems   []feature

	features shelf[feature]
	offsets  shelf[pull]
	classes  shelf[int32]
}

// newRooms are rooms for those who read side by side.
func newRooms() *sync.Pool { return &sync.Pool{New: func() any { return new(room) }} }

// sample keeps what is in the room as an example of classes.
func (r *room) sample(classes ...int32) sample {
	return sample{r.features.keep(r.reading.features), r.offsets.keep(r.pulls), r.classes.keep(classes), r.features.keep(r.stems)}
}

// shelf keeps slices side by side. Each in a place of its own would lie between
// things that are soon gone, whose memory could not be given back then.
type shelf[T any] struct{ free []T }

// shelfSize is how many values are made room for at once.
const shelfSize = 4096

// keep returns a copy of s.
func (s *shelf[T]) keep(values []T) []T {
	n := len(values)
	if len(s.free) < n {
		s.free = make([]T, max(n, shelfSize))
	}
	kept := s.free[:n:n]
	s.free = s.free[n:]
	copy(kept, values)
	return kept
}
