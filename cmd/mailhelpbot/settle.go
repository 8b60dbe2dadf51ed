package main

import (
	"context"
	"runtime/debug"
	"time"
)

// settleAfter is how long after the start a process gives back what only the
// start has needed: connecting to the platforms is over by then. A binary that
// was installed a moment ago is not on the disk yet, and its pages stay; so it
// is tried once more.
func settleAfter() []time.Duration { return []time.Duration{2 * time.Second, time.Minute} }

// settle waits until the start is over and gives its memory back: what was read
// and trained, pages that SQLite holds, and the parts of the binary, shipped
// knowledge included, that only the start has touched.
func (a *app) settle(ctx context.Context) {
	for _, d := range settleAfter() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(d):
		}
		if err := a.store.Shrink(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("memory of the database not given back", "err", err)
		}
		debug.FreeOSMemory()
		if err := pageOutBinary(); err != nil {
			a.log.Debug("pages of the binary not given back", "err", err)
		}
	}
}
