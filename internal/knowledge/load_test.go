package knowledge

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
)

// TestSeedLoads holds the shipped facts free of errors.
func TestSeedLoads(t *testing.T) {
	book, problems := loadSeed()
	facts := book.Facts()
	for _, p := range Errors(problems) {
		t.Error(p)
	}
	if facts.Len() == 0 {
		t.Fatal("the seed holds no records")
	}
	back, err := FactsFromDocuments(facts.Documents())
	if err != nil {
		t.Fatal(err)
	}
	if facts.Hash() != back.Hash() {
		t.Error("facts differ after a round trip through documents")
	}
	a, _ := json.Marshal(facts)
	b, _ := json.Marshal(back)
	if string(a) != string(b) {
		t.Error("facts differ as JSON after a round trip through documents")
	}
}

const goodProvider = `id: example
name: Example Mail
kind: mailbox
country: DE
aliases: [Beispielmail]
domains: [example.org]
mx: [mx.example.org]
servers:
  - protocol: imap
    host: imap.example.org
    port: 993
    security: tls
    username: address
    auth: [password]
    sources: [official]
    trust: high
  - protocol: smtp
    host: smtp.{domain}
    port: 587
    security: starttls
    username: "{localpart}.{domain}"
    sources: [official]
notes:
  - de: Schalte IMAP zuerst frei.
    en: Switch IMAP on first.
docs: [https://example.org/help]
sources: [official]
checked: 2026-11-22
`

const goodArticle = `---
topic: greeting
lang: en
title: Hello
intent: faq
utterances: [hello there, "error: it says hello"]
checked: 2026-11-22
---
Text with {imap.host}.

## protocol: imap

More.
`

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestLoadGoodFolder(t *testing.T) {
	facts, problems := Load(fstest.MapFS{
		"providers/example.yaml":  file(goodProvider),
		"articles/greeting.en.md": file(goodArticle),
		"README.md":               file("Not a record."),
	}, OriginOperator)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(facts.Providers) != 1 || len(facts.Articles) != 1 {
		t.Fatalf("got %d providers and %d articles", len(facts.Providers), len(facts.Articles))
	}
	p, a := facts.Providers[0], facts.Articles[0]
	if p.Servers[0].Host != "imap.example.org" || p.Servers[1].Username != "{localpart}.{domain}" || p.Origin != OriginOperator {
		t.Errorf("provider read wrongly: %+v", p)
	}
	if !strings.HasPrefix(a.Body, "Text with") || a.Origin != OriginOperator || a.Utterances[1] != "error: it says hello" {
		t.Errorf("article read wrongly: %+v", a)
	}
}

// TestLoadNamesMistakes plants one mistake at a time into a good folder.
func TestLoadNamesMistakes(t *testing.T) {
	provider := func(old, new string) fstest.MapFS {
		if !strings.Contains(goodProvider, old) {
			t.Fatalf("the good provider does not hold %q", old)
		}
		return fstest.MapFS{"providers/example.yaml": file(strings.Replace(goodProvider, old, new, 1))}
	}
	article := func(old, new string) fstest.MapFS {
		if !strings.Contains(goodArticle, old) {
			t.Fatalf("the good article does not hold %q", old)
		}
		return fstest.MapFS{"articles/greeting.en.md": file(strings.Replace(goodArticle, old, new, 1))}
	}
	one := func(name, text string) fstest.MapFS { return fstest.MapFS{name: file(text)} }
	const both = "{de: x, en: x}"
	cases := []struct {
		name string
		fsys fstest.MapFS
		want string // String() of the only problem, cut at want's length
	}{
		{"unknown field", provider("country:", "contry:"), `providers/example.yaml:4: error: unknown field "contry"; check the spelling; did you mean country?`},
		{"syntax", provider("name: Example Mail", "name: [x"), `providers/example.yaml:`},
		{"shape", provider("port: 993", "port: imaps"), `providers/example.yaml:11: error: "imaps" does not fit here; expected a port number from 1 to 65535`},
		{"port range", provider("port: 993", "port: 70000"), `providers/example.yaml:11: error: "70000" does not fit here; expected a port number`},
		{"port zero", provider("port: 993", "port: 0"), `providers/example.yaml:11: error: port is missing or 0`},
		{"unknown security", provider("security: tls", "security: ssl"), `providers/example.yaml:12: error: unknown security "ssl"; use tls, starttls or none`},
		{"unknown protocol", provider("protocol: imap", "protocol: imaps"), `providers/example.yaml:9: error: unknown protocol "imaps"; use imap, pop3`},
		{"port against security", provider("port: 587", "port: 465"), `providers/example.yaml:19: warning: port 465 usually means tls, not starttls`},
		{"port against protocol", provider("port: 587", "port: 143"), `providers/example.yaml:19: warning: port 143 belongs to imap, not to smtp`},
		{"placeholder", provider("smtp.{domain}", "smtp.{kunde}"), `providers/example.yaml:18: error: unknown placeholder in host "smtp.{kunde}"; known are {domain}`},
		{"host", provider("imap.example.org", "https://imap.example.org"), `providers/example.yaml:10: error: host "https://imap.example.org" is malformed`},
		{"user form", provider("username: address", "username: email"), `providers/example.yaml:13: error: unknown username "email"; use address, localpart or domain-user`},
		{"auth", provider("[password]", "[plain]"), `providers/example.yaml:14: error: unknown auth "plain"`},
		{"language", provider("en: Switch", "fr: x\n    en: Switch"), `providers/example.yaml:25: error: unknown language "fr"; use de or en`},
		{"missing language", provider("    en: Switch IMAP on first.\n", ""), `providers/example.yaml:24: warning: note has no text in language "en"`},
		{"http", provider("https://example", "http://example"), `providers/example.yaml:26: warning: docs "http://example.org/help" is not encrypted`},
		{"no url", provider("https://example.org/help", "example.org"), `providers/example.yaml:26: error: docs "example.org" is no web address`},
		{"date", provider("2026-11-22", "22.11.2026"), `providers/example.yaml:28: error: checked "22.11.2026" is no date; write it as 2026-11-22`},
		{"file name", provider("id: example", "id: beispiel"), `providers/example.yaml:1: error: id "beispiel" differs from the file name "example"`},
		{"domain case", provider("[example.org]", "[Example.org]"), `providers/example.yaml:6: error: domain "Example.org" has capital letters`},
		{"domain twice", provider("[example.org]", "[example.org, example.org]"), `providers/example.yaml:6: error: "example.org" stands twice in domains`},
		{"mx", provider("[mx.example.org]", `['mx(.example.org']`), `providers/example.yaml:7: error: MX pattern "mx(.example.org"`},
		{"kind", provider("kind: mailbox", "kind: freemail"), `providers/example.yaml:3: error: unknown kind "freemail"; use mailbox, hosting or relay`},
		{"empty file", one("providers/example.yaml", ""), `providers/example.yaml: error: the file is empty`},
		{"front matter", one("articles/greeting.en.md", "Hello"), `articles/greeting.en.md:1: error: no front matter`},
		{"article name", article("lang: en", "lang: de"), `articles/greeting.en.md:2: error: topic and lang give "greeting.de", the file is named "greeting.en"`},
		{"article section", article("## protocol: imap", "## Imap"), `articles/greeting.en.md:11: error: heading "Imap" opens no section`},
		{"article protocol", article("## protocol: imap", "## protocol: smpt"), `articles/greeting.en.md:11: error: unknown protocol "smpt"`},
		{"article intent", article("intent: faq", "intent: help"), `articles/greeting.en.md:5: error: unknown intent "help"`},
		{"related", article("intent: faq", "related: [greting]"), `articles/greeting.en.md:5: warning: unknown topic "greting"; did you mean greeting?`},
		{"extension", fstest.MapFS{"articles/greeting.en.md": file(goodArticle), "providers/example.yml": file(goodProvider)}, `providers/example.yml: warning: not read; records in providers are files that end in .yaml`},
		{"folder", fstest.MapFS{"articles/greeting.en.md": file(goodArticle), "provider/example.yaml": file(goodProvider)}, `provider: warning: the folder provider is not read; rename it to providers`},
		{"empty folder", fstest.MapFS{}, `.: warning: no records found`},
		{"client", one("clients/x.yaml", "id: x\nname: X\nstatus: ended\nwhy: "+both+"\nuse_instead: [y]\n"), `clients/x.yaml:5: warning: unknown client "y"`},
		{"cause", one("causes/a.yaml", "- code: x\n  title: "+both+"\n  means: "+both+"\n  user: "+both+"\n"), `causes/a.yaml:1: error: operator is missing`},
		{"regexp", one("errors/a.yaml", "- id: x\n  regexps: ['(']\n  cause: x\n"), `errors/a.yaml:2: error: regular expression "("`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, problems := Load(c.fsys, OriginOperator)
			if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), c.want) {
				t.Errorf("got  %v\nwant [%s…]", problems, c.want)
			}
		})
	}
}

// TestLoadKeepsTheRest checks that a broken record does not take others along,
// and that names taken twice are reported with both places.
func TestLoadKeepsTheRest(t *testing.T) {
	second := strings.NewReplacer("id: example", "id: other", "Beispielmail", "beispiel-mail", "example.org", "example.com").Replace(goodProvider)
	facts, problems := Load(fstest.MapFS{
		"providers/example.yaml": file(goodProvider),
		"providers/other.yaml":   file(second),
		"providers/third.yaml":   file("id: third"),
	}, OriginOperator)
	if len(facts.Providers) != 1 || facts.Providers[0].ID != "example" {
		t.Errorf("got %d providers", len(facts.Providers))
	}
	var all []string
	for _, p := range problems {
		all = append(all, p.String())
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		`providers/other.yaml:5: error: provider alias "beispiel-mail" is already taken; remove it here or at providers/example.yaml:5`,
		`providers/third.yaml:1: error: name is missing`,
		`providers/third.yaml:1: error: kind is missing`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
}

// TestNameOutranksID checks that a provider may be called by the id of another
// when that is its own name, and by no other alias.
func TestNameOutranksID(t *testing.T) {
	other := strings.NewReplacer("id: example", "id: other", "name: Example Mail", "name: Beispiel", "[Beispielmail]", "[Example]", "example.org", "example.com").Replace(goodProvider)
	load := func(example, other string) (Facts, []Problem) {
		return Load(fstest.MapFS{"providers/example.yaml": file(example), "providers/other.yaml": file(other)}, OriginOperator)
	}
	if _, ps := load(goodProvider, other); len(ps) != 1 || !strings.Contains(ps[0].String(), `provider alias "Example" is already taken`) {
		t.Errorf("an alias that is another's id: %v", ps)
	}
	named := strings.Replace(other, "name: Beispiel", "name: Example", 1)
	facts, ps := load(goodProvider, named)
	if len(ps) != 0 {
		t.Fatalf("a name that is another's id: %v", ps)
	}
	b := NewBook(facts)
	if id(b.ByAlias("example")) != "other" || id(b.Provider("example")) != "example" || id(b.ByDomain("example.org")) != "example" {
		t.Errorf("by alias %q, by id %q, by domain %q", id(b.ByAlias("example")), id(b.Provider("example")), id(b.ByDomain("example.org")))
	}
	both := strings.Replace(goodProvider, "[Beispielmail]", "[Example]", 1)
	if _, ps := load(both, named); len(ps) != 1 || !strings.Contains(ps[0].String(), "already taken") {
		t.Errorf("a name that two claim: %v", ps)
	}
}

func TestLoadResolvesProviderAlias(t *testing.T) {
	facts, problems := Load(fstest.MapFS{
		"providers/example.yaml": file(goodProvider),
		"causes/a.yaml":          file("- {code: x, title: &t {de: x, en: x}, means: *t, user: *t, operator: *t}\n"),
		"errors/a.yaml":          file("- {id: x, codes: [E1], cause: x, provider: Beispiel-Mail}\n"),
	}, OriginOperator)
	if len(problems) > 0 || facts.Errors[0].Provider != "example" {
		t.Errorf("got %q, %v", facts.Errors[0].Provider, problems)
	}
}

func TestHashFS(t *testing.T) {
	a := fstest.MapFS{"providers/example.yaml": file(goodProvider), "README.md": file("a")}
	b := fstest.MapFS{"providers/example.yaml": file(goodProvider), "README.md": file("b")}
	c := fstest.MapFS{"providers/example.yaml": file(goodProvider + "\n")}
	hash := func(m fstest.MapFS) string {
		h, err := HashFS(m)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if hash(a) != hash(b) {
		t.Error("a file that is no record changes the hash")
	}
	if hash(a) == hash(c) {
		t.Error("a changed record leaves the hash as it was")
	}
	d := fstest.MapFS{"providers/example.yaml": file(goodProvider), "offtopic.yaml": file("de: {}\n")}
	if hash(a) == hash(d) {
		t.Error("the sentences that deserve silence do not count for the hash")
	}
}

func BenchmarkLoadSeed(b *testing.B) {
	for b.Loop() {
		Load(Seed(), OriginShipped)
	}
}

func BenchmarkHashSeed(b *testing.B) {
	for b.Loop() {
		if _, err := HashFS(Seed()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFactsFromDocuments(b *testing.B) {
	facts, _ := Load(Seed(), OriginShipped)
	docs := facts.Documents()
	for b.Loop() {
		if _, err := FactsFromDocuments(docs); err != nil {
			b.Fatal(err)
		}
	}
}
