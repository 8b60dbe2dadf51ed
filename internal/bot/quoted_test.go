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

// TestUserNameOfTheProvider: a step says the user name's form at the provider
// named, and what is usual where none is named.
func TestUserNameOfTheProvider(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	m := match.New(book)
	for text, want := range map[string]string{
		"535 5.7.8 authentication failed":                                                         "user name (usually the full address)",
		"535 5.7.8 authentication failed at smtp.web.de":                                          "user name (the part before the @)",
		"Anmeldung fehlgeschlagen 535 5.7.8 bei smtp.gmx.de":                                      "Benutzername (deine ganze E-Mail-Adresse)",
		"MailKit.Security.AuthenticationException: 535: 5.7.8 Authentication failed smtp.gmx.net": "user name (your full e-mail address)",
	} {
		v := &view{mind: &mind{book: book, matcher: m}, book: book}
		in := m.Match(text, match.Context{})
		v.lang = in.Lang
		if got := PlainText(v.explain(in, v.learn(in))); !strings.Contains(got, want) {
			t.Errorf("%q: no %q in %s", text, want, got)
		}
	}
}
