package discord

import (
	"context"
	"sync"

	"github.com/bwmarrin/discordgo"
)

// wishes are the intents that this process wants its sessions to have. They
// are settled when a session begins, so one that has others is begun anew.
type wishes struct {
	mu      sync.Mutex
	intents discordgo.Intent
	refused bool // Discord does not allow the message-content intent
	open    map[*gateway]connection
	changed chan struct{} // closed when any of these changes
}

// connection is one that is open, and the intents of its session.
type connection struct {
	tap     *tap
	intents discordgo.Intent
}

func newWishes(i discordgo.Intent) *wishes {
	return &wishes{intents: i, open: map[*gateway]connection{}, changed: make(chan struct{})}
}

// disallowedIntents is the close code for a privileged intent that is not
// switched on or not approved.
const disallowedIntents = 4014

// contentRefused is what the operator reads then; the bot goes on without.
const contentRefused = "Discord refuses the message-content intent (gateway close code 4014); going on without it, so only unprompted replies are missing. " +
	"To have them, switch \"Message Content Intent\" on in the developer portal (Bot, Privileged Gateway Intents) and the replies on again with /mailhelp auto"

// listen asks for the message-content intent from now on, or no longer.
// Sessions under way are ended and begun anew. It says whether Discord allows
// the intent, as far as is known.
func (w *wishes) listen(on bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	want := w.intents &^ discordgo.IntentMessageContent
	if on && !w.refused {
		want |= discordgo.IntentMessageContent
	}
	if want != w.intents {
		w.intents = want
		for _, c := range w.open {
			if c.intents != want {
				c.tap.goodbye()
			}
		}
	}
	return !w.refused
}

// forgive lets a refused intent be asked for once more.
func (w *wishes) forgive() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = false
}

// wanted are the intents for the next session.
func (w *wishes) wanted() discordgo.Intent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.intents
}

// without gives the message-content intent up after Discord refused a session
// with the intents asked, and says whether it was among them: all but
// unprompted replies works without.
func (w *wishes) without(asked discordgo.Intent) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	content := asked&discordgo.IntentMessageContent != 0
	w.intents &^= discordgo.IntentMessageContent
	w.refused = w.refused || content
	w.touch()
	return content
}

// touch wakes those who wait for a change; w.mu is held.
func (w *wishes) touch() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// allowed waits for a session with the intents that are wanted and returns
// false when Discord refuses the message-content intent.
func (w *wishes) allowed(ctx context.Context) bool {
	for {
		w.mu.Lock()
		refused, settled, changed := w.refused, false, w.changed
		for _, c := range w.open {
			settled = settled || c.intents == w.intents
		}
		w.mu.Unlock()
		if refused || settled {
			return !refused
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return true // not known
		}
	}
}

// connected notes the connection of a gateway. One whose session has not the
// intents that are wanted is ended.
func (w *wishes) connected(g *gateway, c connection) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[g] = c
	if c.intents != w.intents {
		c.tap.goodbye()
	}
	w.touch()
}

// lost notes that a gateway has no connection.
func (w *wishes) lost(g *gateway) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, g)
	w.touch()
}
