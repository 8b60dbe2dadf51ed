package discord

import (
	"context"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// guilds are the languages of servers. Discord tells them when a session
// begins, not when it is resumed, so they are kept for the next process.
type guilds struct {
	known *recent[bot.Lang]
	mu    sync.Mutex
	fresh map[string]bot.Lang // to be kept
	wake  chan struct{}
}

// guildLives is how long the language of a server is kept; each new session
// tells it anew.
const guildLives = 30 * 24 * time.Hour

func newGuilds(size int) *guilds {
	return &guilds{known: newRecent[bot.Lang](size), fresh: map[string]bot.Lang{}, wake: make(chan struct{}, 1)}
}

// learn takes what Discord tells, without waiting for the Memory.
func (g *guilds) learn(id string, l bot.Lang) {
	if was, ok := g.known.get(id); ok && was == l {
		return
	}
	g.known.put(id, l)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fresh[id] = l
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// take returns what is to be kept, once.
func (g *guilds) take() map[string]bot.Lang {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := g.fresh
	g.fresh = map[string]bot.Lang{}
	return out
}

// keepGuilds keeps the languages of servers until ctx ends. Most servers have
// English, which is what is not kept.
func (a *Adapter) keepGuilds(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.guilds.wake:
		}
		for id, l := range a.guilds.take() {
			var was bot.Lang
			a.kept("guild/"+id, &was)
			if was != l && ctx.Err() == nil {
				a.keep("guild/"+id, l, guildLives)
			}
		}
	}
}

// guildLang is the language of a server, "" when it is not known.
func (a *Adapter) guildLang(id string) bot.Lang {
	l, ok := a.guilds.known.get(id)
	if !ok {
		a.kept("guild/"+id, &l)
		a.guilds.known.put(id, l)
	}
	return l
}
