package bot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Person names somebody on a platform. Direct is the channel of their direct
// messages with the bot, where it is known: what was spoken of there is theirs.
type Person struct{ Platform, Tenant, User, Direct string }

// Held is one thing that the store keeps about a person.
type Held struct {
	Kind string            `json:"kind"` // setting, question, reply, feedback, link, taught, conversation, test, made
	At   time.Time         `json:"at"`
	Data map[string]string `json:"data"` // what is kept, by name
}

// People is what the store does for a person who asks what is kept, or wants
// it gone. Both methods may be called concurrently.
type People interface {
	// Held returns all that is kept about a person, the oldest first.
	Held(ctx context.Context, p Person) ([]Held, error)
	// Forget removes it, and the person's name from what stays (settings of a
	// channel that they made). It returns how many entries were touched.
	Forget(ctx context.Context, p Person) (int, error)
}

// Forget removes what is kept about a person, also their name from articles
// that they taught. It returns how many entries were touched.
func (b *Bot) Forget(ctx context.Context, p Person) (int, error) {
	n, err := b.Store.Forget(ctx, p)
	if err != nil {
		return n, err
	}
	taught, err := b.Store.Taught(ctx)
	if err != nil {
		return n, err
	}
	var nameless []knowledge.Document
	for _, d := range taught {
		if d.Author != p.User {
			continue
		}
		facts, err := knowledge.FactsFromDocuments([]knowledge.Document{d})
		if err != nil || len(facts.Articles) != 1 {
			return n, errors.Join(err, errors.New("a taught article cannot be read"))
		}
		a := *facts.Articles[0]
		a.Author = ""
		nameless = append(nameless, knowledge.NewDocument(d.Kind, d.ID, d.Origin, "", &a))
	}
	if len(nameless) == 0 {
		return n, nil
	}
	return n + len(nameless), b.Store.Teach(ctx, nameless)
}

// Held returns all that is kept about a person.
func (b *Bot) Held(ctx context.Context, p Person) ([]Held, error) {
	out, err := b.Store.Held(ctx, p)
	if err != nil {
		return nil, err
	}
	taught, err := b.Store.Taught(ctx)
	for _, d := range taught {
		if d.Author == p.User {
			out = append(out, Held{Kind: "taught", Data: map[string]string{"article": d.ID}})
		}
	}
	return out, err
}

func personOf(m Message) Person {
	p := Person{Platform: m.Platform, Tenant: m.Tenant, User: m.User}
	if m.alone() {
		p.Direct = m.Channel
	}
	return p
}

func (v *view) forgetCommand(ctx context.Context, m Message, args []string) Answer {
	if len(args) == 0 {
		return v.private("forget.how")
	}
	n, err := v.bot.Forget(ctx, personOf(m))
	if err != nil {
		v.bot.Log.Error("person not forgotten", "platform", m.Platform, "err", err)
		return v.private("forget.failed")
	}
	if v.from.alone() {
		v.conv, v.forgotten = Conversation{}, true
	}
	return v.private("forget.done", "n", strconv.Itoa(n))
}

func (v *view) exportCommand(ctx context.Context, m Message, _ []string) Answer {
	held, err := v.bot.Held(ctx, personOf(m))
	if err != nil {
		v.bot.Log.Error("what is kept about a person was not read", "platform", m.Platform, "err", err)
		return v.private("forget.failed")
	}
	if len(held) == 0 {
		return v.private("export.none")
	}
	list := Steps{}
	for _, h := range held {
		list.Items = append(list.Items, v.heldLine(h))
	}
	a := v.answer(Heading{v.say("export.title")}, list, Hint{Spans(T(v.say("export.forget")), Code("/mailhelp forget me"))})
	a.Private = true
	return a
}

// heldLine shows one entry: what it is, when, and its fields by name.
func (v *view) heldLine(h Held) []Span {
	line := Spans(Strong(v.say("export." + h.Kind)))
	if !h.At.IsZero() {
		line = append(line, T(" "+h.At.UTC().Format("2006-01-02 15:04")+" UTC"))
	}
	for _, name := range slices.Sorted(maps.Keys(h.Data)) {
		if h.Data[name] != "" {
			line = append(line, T(" "+name+"="), Code(clip(h.Data[name])))
		}
	}
	return line
}
