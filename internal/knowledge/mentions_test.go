package knowledge_test

import (
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Whatever the Book finds, the names mention.
func TestNamesMentionWhatIsKnown(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	names := book.Names()
	var asked, known int
	check := func(s string) {
		if strings.Contains(s, "@") {
			return // an address, of which the domain alone is looked for
		}
		asked++
		p, _, _ := book.ByHost(s)
		if p == nil && book.ByDomain(s) == nil && book.ByAlias(s) == nil && book.Find(s) == nil {
			return
		}
		if known++; !knowledge.Mentions(names, s) {
			t.Errorf("%s is known and not mentioned", s)
		}
	}
	for _, p := range facts.Providers {
		for _, s := range append([]string{p.Name, p.ID}, append(p.Domains, p.Aliases...)...) {
			check(s)
			check(strings.ToUpper(s))
			check("kunde." + s)
			check("mail.kunde." + s + ".")
		}
		for _, s := range append(p.Servers, p.Outdated...) {
			host := strings.NewReplacer("{account}", "w0123456", "{domain}", "example.org").Replace(s.Host)
			check(host)
			check(host + ".")
			for _, d := range p.Domains[:min(3, len(p.Domains))] {
				check(strings.ReplaceAll(s.Host, "{domain}", d))
			}
		}
	}
	if known < 1000 {
		t.Errorf("%d of %d names are known: the test asks for the wrong ones", known, asked)
	}
	for _, s := range []string{"mail.nobody.example", "imap.unknown-hoster.test", "192.0.2.1"} {
		if knowledge.Mentions(names, s) {
			t.Errorf("%s is mentioned", s)
		}
	}
}
