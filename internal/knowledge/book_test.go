package knowledge

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// id returns the id of a provider, or "".
func id(p *Provider) string {
	if p == nil {
		return ""
	}
	return p.ID
}

func TestLookups(t *testing.T) {
	book := seedBook(t)
	cases := []struct {
		how  string
		by   func(string) *Provider
		in   string
		want string
	}{
		{"domain", book.ByDomain, "gmx.de", "gmx"},
		{"domain", book.ByDomain, "GMX.de.", "gmx"},
		{"domain", book.ByDomain, "nirgends.example", ""},
		{"domain", book.ByDomain, "kunde.gigahost.dk", "gigahost-dk"},
		{"domain", book.ByDomain, "kunde.gmx.de", ""},
		{"domain", book.ByDomain, "bücher.example", ""},
		{"domain", book.ByDomain, "vodafone.it", "vodafone"},
		{"domain", book.ByDomain, "", ""},
		{"domain", book.ByDomain, "de", ""},
		{"alias", book.ByAlias, "1 & 1", "1und1"},
		{"alias", book.ByAlias, "1&1", "1und1"},
		{"alias", book.ByAlias, "1&1 IONOS", "ionos"},
		{"alias", book.ByAlias, "Telekom", "t-online"},
		{"alias", book.ByAlias, "T Online", "t-online"},
		{"alias", book.ByAlias, "magenta", "t-online"},
		{"alias", book.ByAlias, "hotmail", "outlook"},
		{"alias", book.ByAlias, "MSN", "outlook"},
		{"alias", book.ByAlias, "Office 365", "microsoft365"},
		{"alias", book.ByAlias, "webde", "web-de"},
		{"alias", book.ByAlias, "WEB.DE", "web-de"},
		{"alias", book.ByAlias, "gmxde", "gmx"},
		{"alias", book.ByAlias, "Arcor", "vodafone-de"},
		{"alias", book.ByAlias, "vodafone", "vodafone-de"},
		{"alias", book.ByAlias, "kabelmail", "vodafone-de"},
		{"alias", book.ByAlias, "vodafone.it", "vodafone"},
		{"alias", book.ByAlias, "Googlemail", "gmail"},
		{"alias", book.ByAlias, "o2", "o2-de"},
		{"alias", book.ByAlias, "Alice", "o2-de"},
		{"alias", book.ByAlias, "UPC Osterreich", ""},
		{"alias", book.ByAlias, "UPC Oesterreich", "chello-at"},
		{"alias", book.ByAlias, "eigene Domain", "generic-hoster"},
		{"alias", book.ByAlias, "Яндекс", "yandex-ru"},
		{"alias", book.ByAlias, "", ""},
		{"alias", book.ByAlias, "...", ""},
		{"mx", book.ByMX, "mx00.ionos.de", "ionos"},
		{"mx", book.ByMX, "MX01.kundenserver.de.", "ionos"},
		{"mx", book.ByMX, "mx00.gmx.net", "gmx-com"},
		{"mx", book.ByMX, "mx00.emig.gmx.net", "gmx"},
		{"mx", book.ByMX, "example-org.mail.protection.outlook.com", "microsoft365"},
		{"mx", book.ByMX, "hotmail-com.olc.protection.outlook.com", "outlook"},
		{"mx", book.ByMX, "mx-aol.mail.gm0.yahoodns.net", "aol"},
		{"mx", book.ByMX, "mta5.am0.yahoodns.net", "yahoo"},
		{"mx", book.ByMX, "smtpin.rzone.de", "strato"},
		{"mx", book.ByMX, "w0123456.kasserver.com", "all-inkl"},
		{"mx", book.ByMX, "mx.example.org", ""},
		{"mx", book.ByMX, "notrzone.de", ""},
		{"owner", book.OwnerOf, "foo.1und1.de", "1und1"},
		{"owner", book.OwnerOf, "smtp.gmx.de", "gmx"},
		{"owner", book.OwnerOf, "mail.example.org", ""},
		{"find", book.Find, "anna@gmx.de", "gmx"},
		{"find", book.Find, " Hotmail ", "outlook"},
		{"find", book.Find, "livemail", ""},
		{"find", book.Find, "outlook.de", "outlook"},
		{"find", book.Find, "securesmtp.t-online.de", "t-online"},
		{"find", book.Find, "live", "outlook"},
		{"find", book.Find, "ewetel", "ewe"},
		{"find", book.Find, "", ""},
	}
	for _, c := range cases {
		if got := id(c.by(c.in)); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.how, c.in, got, c.want)
		}
	}
}

func TestByHost(t *testing.T) {
	book := seedBook(t)
	cases := []struct {
		host, want string
		outdated   bool
	}{
		{"imap.gmx.net", "gmx", false},
		{"imap-mail.outlook.com", "outlook", true},
		{"smtp.gmx.net", "gmx", true},
		{"SMTP.office365.com", "microsoft365", false}, // current there, outdated for Outlook.com
		{"w0123456.kasserver.com", "all-inkl", false},
		{"mail.inbox.lv", "inbox-lv", false},
		{"imap.example.org", "", false},
	}
	for _, c := range cases {
		p, _, outdated := book.ByHost(c.host)
		if id(p) != c.want || outdated != c.outdated {
			t.Errorf("%s: got %q outdated=%v, want %q outdated=%v", c.host, id(p), outdated, c.want, c.outdated)
		}
	}
	if uses := book.HostUses("outlook.office365.com"); len(uses) < 2 {
		t.Errorf("outlook.office365.com: got %d uses, want those of Outlook.com and Microsoft 365", len(uses))
	}
}

func TestNearest(t *testing.T) {
	book := seedBook(t)
	for typo, want := range map[string]string{
		"impa.gmx.net":          "imap.gmx.net",
		"imap.gmx.nte":          "imap.gmx.net",
		"imap.gmx.net":          "imap.gmx.net",
		"secureimap.tonline.de": "secureimap.t-online.de",
		"smpt.web.de":           "smtp.web.de",
		"outlok.office365.com":  "outlook.office365.com",
		"imap.example.org":      "",
		"x":                     "",
		"":                      "",
	} {
		if got, _ := book.Nearest(typo); got != want {
			t.Errorf("%q: got %q, want %q", typo, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	book := seedBook(t)
	for prefix, want := range map[string]string{
		"gm": "gmx", "gma": "gmail", "tel": "t-online", "hot": "outlook", "web": "web-de", "web.d": "web-de",
		"voda": "vodafone-de", "Östr": "", "upc ö": "chello-at", "teleokm": "t-online", "frenet": "freenet", "iclod": "icloud",
		"arcor.d": "vodafone-de", "zzzz": "",
	} {
		got := book.Suggest(prefix, 5)
		first := ""
		if len(got) > 0 {
			first = got[0].ID
		}
		if first != want {
			t.Errorf("%q: got %q, want %q", prefix, first, want)
		}
	}
	if got := book.Suggest("", 25); len(got) != 25 {
		t.Errorf("empty prefix: got %d suggestions", len(got))
	}
	if got := book.Suggest("g", 0); got != nil {
		t.Errorf("n = 0: got %v", got)
	}
}

func TestServersFillsPlaceholders(t *testing.T) {
	p := seedBook(t).Provider("generic-hoster")
	addr := mailconf.Address{Local: "anna", Domain: "example.org"}
	got := Servers(p, addr, mailconf.SMTP)
	if len(got) != 2 || got[0].Host != "smtp.example.org" || got[0].Username.Username(addr) != "anna@example.org" {
		t.Errorf("got %+v", got)
	}
	if p.Servers[0].Host != "imap.{domain}" {
		t.Error("the provider itself was changed")
	}
	if got := Servers(nil, addr); got != nil {
		t.Errorf("nil provider: got %v", got)
	}
	if got := Servers(p, mailconf.Address{}, mailconf.IMAP); got[0].Host != "imap.{domain}" {
		t.Errorf("without an address: got %s", got[0].Host)
	}
}

func TestSecurityWords(t *testing.T) {
	c := &Client{Words: Words{TLS: Text{"de": "SSL/TLS (Outlook)", "en": "SSL/TLS"}}}
	for _, x := range []struct {
		c    *Client
		lang Lang
		sec  mailconf.Security
		want string
	}{
		{c, "de", mailconf.TLS, "SSL/TLS (Outlook)"},
		{c, "de", mailconf.STARTTLS, "STARTTLS"},
		{nil, "de", mailconf.Plain, "keine Verschlüsselung"},
		{nil, "en", mailconf.Plain, "no encryption"},
		{nil, "en", "quantum", ""},
	} {
		if got := SecurityWords(x.c, x.lang, x.sec); got != x.want {
			t.Errorf("%v %s: got %q, want %q", x.lang, x.sec, got, x.want)
		}
	}
}

// TestOperatorWins checks that an operator's record replaces a shipped one with
// all its names, and takes domains and aliases from others.
func TestOperatorWins(t *testing.T) {
	shipped := Facts{Providers: []*Provider{
		{ID: "a", Name: "A", Domains: []string{"a.example", "shared.example"}, Aliases: []string{"Nick"}, Origin: OriginShipped},
		{ID: "b", Name: "B", Domains: []string{"b.example"}, MX: []string{"mx.example"}, Origin: OriginShipped},
	}}
	own := Facts{Providers: []*Provider{
		{ID: "a", Name: "Our A", Domains: []string{"a.example"}, Origin: OriginOperator},
		{ID: "c", Name: "B", Domains: []string{"b.example"}, MX: []string{"mx.example"}, Origin: OriginOperator},
	}}
	for _, book := range []*Book{NewBook(Merge(shipped, own)), NewBook(Merge(own, shipped))} {
		if got := book.ByDomain("a.example").Name; got != "Our A" {
			t.Errorf("a.example: got %q", got)
		}
		if p := book.ByDomain("shared.example"); p != nil {
			t.Errorf("a domain of a replaced record is still found: %s", p.Name)
		}
		if p := book.ByAlias("nick"); p != nil {
			t.Errorf("an alias of a replaced record is still found: %s", p.Name)
		}
		if id(book.ByDomain("b.example")) != "c" || id(book.ByMX("mx.example")) != "c" || id(book.ByAlias("B")) != "c" {
			t.Error("the operator's record does not win its domain, MX and name")
		}
		if n := len(book.Facts().Providers); n != 3 {
			t.Errorf("got %d providers in force", n)
		}
	}
}

func FuzzLookups(f *testing.F) {
	book := seedBook(f)
	for _, s := range []string{"gmx.de", "1 & 1", "impa.gmx.net", "bücher.example", "\xff.", "…", strings.Repeat("a.", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		book.ByDomain(s)
		book.ByAlias(s)
		book.ByMX(s)
		book.OwnerOf(s)
		book.Find(s)
		if known, d := book.Nearest(s); known == "" && d != 0 || d > nearestLimit {
			t.Errorf("Nearest(%q) = %q, %d", s, known, d)
		}
		if got := book.Suggest(s, 3); len(got) > 3 {
			t.Errorf("Suggest(%q) returned %d", s, len(got))
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	book := seedBook(b)
	for _, c := range []struct {
		name string
		by   func()
	}{
		{"domain", func() { book.ByDomain("t-online.de") }},
		{"domain-miss", func() { book.ByDomain("mail.example.org") }},
		{"alias", func() { book.ByAlias("UPC Österreich") }},
		{"host", func() { book.ByHost("securesmtp.t-online.de") }},
		{"mx-suffix", func() { book.ByMX("mx00.kundenserver.de") }},
		{"mx-regexp", func() { book.ByMX("mx00.gmx.net") }},
		{"nearest", func() { book.Nearest("impa.gmx.net") }},
		{"suggest-prefix", func() { book.Suggest("te", 25) }},
		{"suggest-typo", func() { book.Suggest("teleokm", 25) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.by()
			}
		})
	}
}

func BenchmarkNewBook(b *testing.B) {
	facts, _ := Load(Seed(), OriginShipped)
	for b.Loop() {
		NewBook(facts)
	}
}

// operatorFolder makes a folder with n customer domains spread over files.
func operatorFolder(n, files int) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := range files {
		var s strings.Builder
		fmt.Fprintf(&s, "id: hoster-%d\nname: Hoster %d\nkind: hosting\nservers:\n", i, i)
		s.WriteString("  - {protocol: imap, host: 'imap.{domain}', port: 993, security: tls, username: address}\ndomains:\n")
		for j := range n / files {
			fmt.Fprintf(&s, "  - kunde-%d-%d.example\n", i, j)
		}
		fsys[fmt.Sprintf("providers/hoster-%d.yaml", i)] = file(s.String())
	}
	return fsys
}

// BenchmarkOperatorDomains loads 100,000 domains on top of the seed and looks
// one up; MB/book is the memory that the larger book keeps.
func BenchmarkOperatorDomains(b *testing.B) {
	shipped, _ := Load(Seed(), OriginShipped)
	for _, files := range []int{1, 100} {
		folder := operatorFolder(100_000, files)
		b.Run(fmt.Sprintf("load/files=%d", files), func(b *testing.B) {
			for b.Loop() {
				own, ps := Load(folder, OriginOperator, shipped)
				if len(ps) > 0 {
					b.Fatal(ps[0])
				}
				NewBook(Merge(shipped, own))
			}
		})
	}
	folder := operatorFolder(100_000, 100)
	before := heap()
	own, _ := Load(folder, OriginOperator, shipped)
	book := NewBook(Merge(shipped, own))
	grown := heap() - before
	b.Run("lookup", func(b *testing.B) {
		b.ReportAllocs()
		b.ReportMetric(float64(grown)/1e6, "MB/book")
		for b.Loop() {
			if book.ByDomain("kunde-42-500.example") == nil {
				b.Fatal("not found")
			}
		}
		b.ReportMetric(float64(grown)/1e6, "MB/book")
	})
	b.Run("suggest", func(b *testing.B) {
		for b.Loop() {
			book.Suggest("kunde", 25)
		}
	})
	runtime.KeepAlive(slices.Clip(book.Facts().Providers))
}

// heap returns the bytes in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
