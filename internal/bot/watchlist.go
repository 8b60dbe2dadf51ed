package bot

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Watchlist probes, without being asked, the providers that people ask about:
// each once in a while, one after the other. An incident then knows since when
// a provider fails, and the metrics tell an operator before people do. The
// outcome is kept as that of any probe. Fields are set before the first use.
type Watchlist struct {
	Memory Memory
	Every  time.Duration // each provider is probed once in this time
	Most   int           // how many providers; 0 is 20, those asked about last
	For    time.Duration // how long after the last question; 0 is a week

	mu   sync.Mutex
	list map[string]watchedProvider
}

// MinWatch is the least that Every may be: a mail server owes us nothing.
const MinWatch = 10 * time.Minute

// minWatchStep is the least time between two probes, of whatever provider.
const minWatchStep = time.Minute

// watchedProvider is what is known of one.
type watchedProvider struct {
	Asked   time.Time `json:"asked"`
	Probed  time.Time `json:"probed"`
	Failing time.Time `json:"failing"` // since when every probe has failed; zero when the last one did not
}

const keptWatchlist = "watchlist"

func (w *Watchlist) most() int           { return cmp.Or(w.Most, 20) }
func (w *Watchlist) life() time.Duration { return cmp.Or(w.For, 7*24*time.Hour) }

// asked notes that somebody asked about a provider.
func (w *Watchlist) asked(provider string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.init()
	e := w.list[provider]
	e.Asked = now
	w.list[provider] = e
	w.trim(now)
}

func (w *Watchlist) init() {
	if w.list == nil {
		w.list = map[string]watchedProvider{}
	}
}

// trim drops who was not asked about lately, and the oldest when there are too many.
func (w *Watchlist) trim(now time.Time) {
	for id, e := range w.list {
		if now.Sub(e.Asked) > w.life() {
			delete(w.list, id)
		}
	}
	for len(w.list) > w.most() {
		oldest := ""
		for id, e := range w.list {
			if o := w.list[oldest]; oldest == "" || e.Asked.Before(o.Asked) || e.Asked.Equal(o.Asked) && id < oldest {
				oldest = id
			}
		}
		delete(w.list, oldest)
	}
}

// next is whose turn it is: who was not probed for the longest time. It is ""
// while all were probed within Every.
func (w *Watchlist) next(now time.Time) (provider string, pause time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.init()
	w.trim(now)
	for id, e := range w.list {
		if now.Sub(e.Probed) < w.Every {
			continue
		}
		if o := w.list[provider]; provider == "" || e.Probed.Before(o.Probed) || e.Probed.Equal(o.Probed) && id < provider {
			provider = id
		}
	}
	return provider, max(w.Every/time.Duration(max(len(w.list), 1)), minWatchStep)
}

// found notes the outcome of a probe.
func (w *Watchlist) found(provider string, failed bool, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, ok := w.list[provider]
	if !ok {
		return
	}
	e.Probed = now
	switch {
	case !failed:
		e.Failing = time.Time{}
	case e.Failing.IsZero():
		e.Failing = now
	}
	w.list[provider] = e
}

// failingSince is since when every probe of a provider has failed, or zero.
func (w *Watchlist) failingSince(provider string) time.Time {
	if w == nil {
		return time.Time{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.list[provider].Failing
}

// restore takes in what an earlier process knew.
func (w *Watchlist) restore(ctx context.Context, now time.Time) error {
	kept, err := load[map[string]watchedProvider](ctx, w.Memory, keptWatchlist, now)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.init()
	for id, e := range kept {
		if have, ok := w.list[id]; ok {
			e.Asked = slices.MaxFunc([]time.Time{e.Asked, have.Asked}, time.Time.Compare)
		}
		w.list[id] = e
	}
	w.trim(now)
	return nil
}

func (w *Watchlist) save(ctx context.Context, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return keep(ctx, w.Memory, keptWatchlist, w.list, now, now.Add(w.life()))
}

// RunWatchlist probes until ctx ends. Of several processes one probes each provider.
func (b *Bot) RunWatchlist(ctx context.Context) {
	w := b.Watchlist
	if err := w.restore(ctx, b.Now()); err != nil {
		b.Log.Warn("watch list not read", "err", err)
	}
	for {
		id, pause := w.next(b.Now())
		select {
		case <-b.after(pause):
		case <-ctx.Done():
			return
		}
		if id == "" || !b.mine(ctx, "watch/"+id, w.Every) {
			continue
		}
		if r := b.examine(ctx, id); r != nil && ctx.Err() == nil {
			w.found(id, failing(r), b.Now())
		}
		if err := w.save(ctx, b.Now()); err != nil && ctx.Err() == nil {
			b.Log.Warn("watch list not kept", "err", err)
		}
	}
}
