package bot

import (
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
)

// TestOwnWordsGetTheArticle: what somebody says in words of their own is
// answered by the article on all that it can be; only an error text or code is
// explained as such. "My mailbox is full" is not about the recipient's.
func TestOwnWordsGetTheArticle(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	m := match.New(book)
	for text, title := range map[string]string{
		"my mailbox is full":                        "The mailbox is full",
		"two sent folders":                          "Wrong or doubled Sent folder",
		"cannot send email":                         "Mail cannot be sent",
		"552 5.2.2 mailbox full":                    "The recipient's mailbox is full",
		"das Postfach des Empfängers ist voll":      "Postfach des Empfängers ist voll",
		"The server responded: 550 relaying denied": "The server will not relay",
	} {
		v := &view{mind: &mind{book: book, matcher: m}, book: book}
		in := m.Match(text, match.Context{})
		v.lang = in.Lang
		got, _, _ := strings.Cut(PlainText(v.explain(in, v.learn(in))), "\n")
		if got != title {
			t.Errorf("%q: %q, want %q", text, got, title)
		}
	}
}
