package bot

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"
)

// Eraser deletes what a person has written, on platforms where a bot may do
// that. The error is a [*Refused] when the platform said no.
type Eraser interface {
	Erase(ctx context.Context, p Place, messageID string) error
}

// How long, and how many, messages can be deleted by the button under the warning.
const (
	eraseWithin = time.Hour
	maxErasable = 500
)

// erasables are the messages that their writers can have deleted. They live in
// memory only, by names that say nothing: what a button carries is believed no
// more than that. The zero value is ready.
type erasables struct {
	mu   sync.Mutex
	list map[string]erasable
}

type erasable struct {
	place     Place
	id, owner string
	until     time.Time
}

func (e *erasables) add(x erasable, now time.Time) (name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for k, old := range e.list {
		if !now.Before(old.until) || len(e.list) >= maxErasable {
			delete(e.list, k)
		}
	}
	if e.list == nil {
		e.list = map[string]erasable{}
	}
	name = rand.Text()
	e.list[name] = x
	return name
}

// take gives a message to its owner, once.
func (e *erasables) take(name, owner string, now time.Time) (erasable, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, ok := e.list[name]
	if !ok || x.owner != owner || !now.Before(x.until) {
		return erasable{}, false
	}
	delete(e.list, name)
	return x, true
}

// secretAnswer warns the writer of a message that gives a password away, and
// offers to delete it where that can be done for them.
func (v *view) secretAnswer(m Message) Answer {
	a := v.answer(Paragraph{Spans(T(v.say("secret")))})
	a.Private = true
	id := m.ID
	if m.Replaces != "" {
		id = m.Replaces
	}
	if _, ok := v.bot.Posters[m.Platform].(Eraser); ok && id != "" && m.User != "" && (m.Kind == KindMention || m.Kind == KindThread) {
		now := v.bot.Now()
		name := v.bot.erasables.add(erasable{m.Place(), id, m.User, now.Add(eraseWithin)}, now)
		a.Actions = append(a.Actions, Action{ID: ActionErase, Label: v.say("button.erase"), Value: name, Style: "danger"})
	}
	return a
}

// erase deletes the message that a pressed button stands for.
func (v *view) erase(ctx context.Context, m Message) Answer {
	x, ok := v.bot.erasables.take(m.Action.Value, m.User, v.bot.Now())
	e, can := v.bot.Posters[m.Platform].(Eraser)
	if !ok || !can {
		return v.private("action.unknown")
	}
	err := e.Erase(ctx, x.place, x.id)
	var refused *Refused
	switch {
	case err == nil:
		return v.private("secret.erased")
	case errors.As(err, &refused):
		return v.private("secret.noterased")
	}
	v.bot.Log.Warn("a message was not deleted", "platform", m.Platform, "err", err)
	return v.private("secret.noterased")
}
