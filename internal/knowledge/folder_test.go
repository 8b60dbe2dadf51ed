package knowledge

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

func TestMergeHandsOnUtterances(t *testing.T) {
	shipped := Facts{Articles: []*Article{{Topic: "outage", Lang: "en", Intent: "test", Utterances: []string{"is it down"}, Origin: OriginShipped}}}
	own := Facts{Articles: []*Article{{Topic: "outage", Lang: "en", Body: "Ours.", Origin: OriginOperator}}}
	a := NewBook(Merge(own, shipped)).Article("outage", "en")
	if a.Body != "Ours." || a.Intent != "test" || !slices.Equal(a.Utterances, []string{"is it down"}) {
		t.Errorf("got %+v", a)
	}
	if own.Articles[0].Utterances != nil {
		t.Error("Merge changed its input")
	}
}

// TestFolderKeepsOldState goes through a good, a broken and a repaired folder.
func TestFolderKeepsOldState(t *testing.T) {
	fsys := fstest.MapFS{"providers/example.yaml": file(goodProvider)}
	f := NewFolder(fsys)
	u, changed := f.Reload()
	if !changed || !u.Taken || len(u.Facts.Providers) != 1 {
		t.Fatalf("first load: %+v", u)
	}
	if _, changed = f.Reload(); changed {
		t.Error("changed without a change")
	}
	fsys["providers/example.yaml"] = file(strings.Replace(goodProvider, "port: 993", "port: 0", 1))
	u, changed = f.Reload()
	if !changed || u.Taken || len(u.Facts.Providers) != 1 || u.Facts.Providers[0].Servers[0].Port != 993 {
		t.Errorf("a broken file: %+v", u)
	}
	if len(Errors(u.Problems)) != 1 || u.Problems[0].File != "providers/example.yaml" {
		t.Errorf("problems: %v", u.Problems)
	}
	if facts, ps := f.State(); len(facts.Providers) != 1 || len(ps) != 1 {
		t.Errorf("state: %d providers, %v", len(facts.Providers), ps)
	}
	fsys["providers/example.yaml"] = file(strings.Replace(goodProvider, "Example Mail", "Renamed", 1))
	if u, changed = f.Reload(); !changed || !u.Taken || u.Facts.Providers[0].Name != "Renamed" {
		t.Errorf("repaired: %+v", u)
	}
}

func TestFolderMissing(t *testing.T) {
	f := NewFolder(os.DirFS(t.TempDir() + "/missing"))
	u, changed := f.Reload()
	if !changed || u.Taken || len(Errors(u.Problems)) == 0 {
		t.Errorf("got %+v", u)
	}
	if _, changed := f.Reload(); changed {
		t.Error("a missing folder is reported twice")
	}
}

func TestFolderWatch(t *testing.T) {
	fsys := fstest.MapFS{"providers/example.yaml": file(goodProvider)}
	ticks := make(chan time.Time)
	ctx, cancel := context.WithCancel(t.Context())
	updates := make(chan Update)
	// The watcher reads the files only between taking a tick and asking for the
	// next one, so sending a tick after each change orders the two.
	go func() {
		defer close(updates)
		for u := range NewFolder(fsys).Watch(ctx, ticks) {
			updates <- u
		}
	}()
	ticks <- time.Time{}
	ticks <- time.Time{} // the same files twice: they are taken
	if u := <-updates; !u.Taken || len(u.Facts.Providers) != 1 {
		t.Errorf("first: %+v", u)
	}
	fsys["providers/other.yaml"] = file("id: other")
	ticks <- time.Time{}
	ticks <- time.Time{}
	if u := <-updates; u.Taken || len(u.Facts.Providers) != 1 || len(Errors(u.Problems)) == 0 {
		t.Errorf("broken: %+v", u)
	}
	cancel()
	if _, open := <-updates; open {
		t.Error("an update after the end")
	}
}

// TestExampleHoster holds the worked example: it loads without a warning and
// does what its README says.
func TestExampleHoster(t *testing.T) {
	shipped := seedBook(t).Facts()
	dir := os.DirFS("../../examples/hoster")
	own, problems := Load(dir, OriginOperator, shipped)
	for _, p := range problems {
		t.Error(p)
	}
	book := NewBook(Merge(shipped, own))
	for how, p := range map[string]*Provider{
		"MX":     book.ByMX("mx.nordlicht.example"),
		"domain": book.ByDomain("nordlicht.example"),
		"alias":  book.ByAlias("Nordlicht Mail"),
		"host":   book.OwnerOf("mail.nordlicht.example"),
	} {
		if id(p) != "nordlicht" {
			t.Errorf("by %s: got %q", how, id(p))
		}
	}
	if p := book.ByDomain("nordlicht.example"); p.Contact["de"] == "" || p.Contact["en"] == "" || p.Origin != OriginOperator {
		t.Errorf("contact or origin missing: %+v", p)
	}
	addr, _ := mailconf.ParseAddress("anna@kunde-eins.example")
	classic := Servers(book.ByDomain(addr.Domain), addr, mailconf.IMAP)
	if len(classic) != 1 || classic[0].Host != "imap.kunde-eins.example" || classic[0].Username != "anna-kunde-eins.example" {
		t.Errorf("customer's server: %+v", classic)
	}
	if p, _, outdated := book.ByHost("smtp-alt.nordlicht.example"); id(p) != "nordlicht" || !outdated {
		t.Errorf("outdated host: %q %v", id(p), outdated)
	}
	for _, lang := range []Lang{"de", "en"} {
		if a := book.Article("nordlicht-password", lang); a == nil || a.Lang != lang || len(a.Utterances) == 0 {
			t.Errorf("own article in %s: %+v", lang, a)
		}
		outage := book.Article("provider-outage", lang)
		if outage.Origin != OriginOperator || !strings.Contains(outage.Body, "status.nordlicht.example") || len(outage.Utterances) == 0 {
			t.Errorf("replaced article in %s: %+v", lang, outage)
		}
	}
}

func TestStats(t *testing.T) {
	book := seedBook(t)
	s := Stats(book, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	if s.Providers < 311 || s.Domains < 1310 || s.Servers < 784 || s.ProvidersByAge[AgeQuarter] != s.Providers || s.ServersBySource["ispdb"] < 490 {
		t.Errorf("got %+v", s)
	}
	sum := 0
	for _, n := range s.ServersByTrust {
		sum += n
	}
	if sum != s.Servers {
		t.Errorf("servers by trust add up to %d of %d", sum, s.Servers)
	}
	for item, want := range map[ReviewItem]bool{
		{"nifty", "plaintext-only"}: true, {"o2-de", "low-trust"}: true, {"o2-de", "no-smtp"}: true,
		{"gmx", "low-trust"}: false, {"tutanota", "no-servers"}: false, {"runbox", "no-servers"}: true,
	} {
		if got := slices.Contains(s.Review, item); got != want {
			t.Errorf("%v: got %v, want %v", item, got, want)
		}
	}
	later := Stats(book, time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC))
	if later.ProvidersByAge[AgeOlder] != later.Providers {
		t.Errorf("ages: %v", later.ProvidersByAge)
	}
}
