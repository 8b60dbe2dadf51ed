package bot

import (
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// A test may be asked for with a whole message: what it speaks of is tested.
func TestTestQueryReadsSentences(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	b := &Bot{}
	b.Learn(book, match.New(book))
	for _, c := range []struct{ args, provider, protocol string }{
		{"gmx smtp", "gmx", "smtp"},
		{"hallo zusammen, bei gmx kann ich seit heute keine mails verschicken, smtp sagt zeitüberschreitung", "gmx", "smtp"},
		{"outlook cannot fetch my mail from web.de over imap any more", "web-de", "imap"},
	} {
		v := &view{bot: b, mind: b.mind.Load(), book: book}
		q := v.testQuery(Message{Kind: KindCommand}, c.args)
		if q.Provider == nil || q.Provider.ID != c.provider || len(q.Protocols) != 1 || q.Protocols[0] != mailconf.Protocol(c.protocol) {
			t.Errorf("%q: %+v", c.args, q)
		}
	}
}
