package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
)

// What a workspace or guild teaches holds there alone: whoever administers one
// guild must not put words into the bot's mouth in all others. So each that has
// taught something has a mind of its own, made of the common knowledge and its
// articles.

// maxTeaching is how many workspaces may teach one process: each has a model
// of its own in memory.
const maxTeaching = 50

// ownMind is the mind of a workspace that has taught something.
type ownMind struct {
	mind
	base   *mind  // what it was made from
	taught string // hashes of its articles
}

// tenantMark names a workspace in the topics of its articles.
func tenantMark(at Place) string {
	h := sha256.Sum256([]byte(at.Platform + "\x00" + at.Tenant))
	return hex.EncodeToString(h[:5])
}

// markOf is the workspace that an article belongs to.
func markOf(topic string) string {
	mark, _, _ := strings.Cut(strings.TrimPrefix(topic, taughtPrefix), "-")
	return mark
}

// mindOf is the knowledge in force in a workspace.
func (b *Bot) mindOf(at Place) *mind {
	if own := b.own.Load(); own != nil && at.Tenant != "" {
		if m := (*own)[tenantMark(at)]; m != nil {
			return &m.mind
		}
	}
	return b.mind.Load()
}

// roomToTeach says that a workspace may teach: it does already, or not too many do.
func (b *Bot) roomToTeach(at Place) bool {
	own := b.own.Load()
	return at.Tenant != "" && (own == nil || len(*own) < maxTeaching || (*own)[tenantMark(at)] != nil)
}

// Refresh puts what is taught in chat in force as the store has it now, also
// when another process has changed it, and after Learn. What has not changed
// costs nothing.
func (b *Bot) Refresh(ctx context.Context) error {
	b.learning.Lock()
	defer b.learning.Unlock()
	docs, err := b.Store.Taught(ctx)
	if err != nil {
		return err
	}
	byMark := map[string][]knowledge.Document{}
	for _, d := range docs {
		byMark[markOf(d.ID)] = append(byMark[markOf(d.ID)], d)
	}
	base, old := b.mind.Load(), b.own.Load()
	next := map[string]*ownMind{}
	for mark, docs := range byMark {
		if old != nil && (*old)[mark].holds(base, docs) {
			next[mark] = (*old)[mark]
			continue
		}
		taught, err := knowledge.FactsFromDocuments(docs)
		if err != nil {
			return err
		}
		m := &ownMind{base: base, taught: hashes(docs)}
		m.book = knowledge.NewBook(base.book.Facts().Merge(taught))
		m.matcher = match.New(m.book)
		m.matcher.Model() // trained before it answers
		next[mark] = m
	}
	b.own.Store(&next)
	return nil
}

// holds says that m is made of these.
func (m *ownMind) holds(base *mind, docs []knowledge.Document) bool {
	return m != nil && m.base == base && m.taught == hashes(docs)
}

func hashes(docs []knowledge.Document) string {
	var out []string
	for _, d := range docs {
		out = append(out, d.ID+" "+d.Hash)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func isTaught(a *knowledge.Article) bool { return a.Origin == knowledge.OriginTaught }

func taughtIn(as []*knowledge.Article) []*knowledge.Article {
	return slices.DeleteFunc(slices.Clone(as), func(a *knowledge.Article) bool { return !isTaught(a) })
}
