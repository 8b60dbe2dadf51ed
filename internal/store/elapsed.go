package store

import "time"

// elapsed measures how long something takes in this process, on the monotonic
// clock. It is no time of day: nothing of it is stored or compared with others.
type elapsed struct{ from time.Time }

func newElapsed() elapsed { return elapsed{time.Now()} }

// now is the time since the beginning; it is never 0.
func (e elapsed) now() time.Duration { return max(1, time.Since(e.from)) }
