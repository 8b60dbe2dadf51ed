package knowledge

import (
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Statistics count what a book holds. Servers are current ones; a server or
// provider with several sources counts under each of them.
type Statistics struct {
	Providers, Domains, MX, Servers, Outdated   int
	Clients, Causes, Errors, Articles           int
	Utterances                                  int
	ProvidersByKind, ProvidersByOrigin          map[string]int
	ProvidersByAge                              map[Age]int
	ServersBySource, ServersByTrust             map[string]int
	ServersByProtocol, ServersBySecurity        map[string]int
	ArticlesByLang                              map[string]int
	DomainsBySource                             map[string]int // of the provider's sources
	ProvidersWithNotes, ProvidersWithoutServers int
	Review                                      []ReviewItem // sorted by provider
}

// Age is how long ago a record was checked.
type Age string

// The ages.
const (
	AgeQuarter Age = "under 3 months"
	AgeYear    Age = "under 1 year"
	AgeOlder   Age = "older"
	AgeUnknown Age = "unknown"
)

// ReviewItem is a provider that somebody should look at.
type ReviewItem struct {
	Provider string `json:"provider"`
	Reason   string `json:"reason"` // stale, no-servers, plaintext-only, low-trust, no-smtp, no-incoming
}

// Stats counts what a book holds, with ages as of now.
func Stats(b *Book, now time.Time) Statistics {
	f := b.Facts()
	s := Statistics{
		Providers: len(f.Providers), Clients: len(f.Clients), Causes: len(f.Causes), Errors: len(f.Errors), Articles: len(f.Articles),
		ProvidersByKind: map[string]int{}, ProvidersByOrigin: map[string]int{}, ProvidersByAge: map[Age]int{},
		ServersBySource: map[string]int{}, ServersByTrust: map[string]int{},
		ServersByProtocol: map[string]int{}, ServersBySecurity: map[string]int{},
		ArticlesByLang: map[string]int{}, DomainsBySource: map[string]int{},
	}
	for _, p := range f.Providers {
		s.provider(p, now)
	}
	for _, a := range f.Articles {
		s.ArticlesByLang[a.Lang]++
		s.Utterances += len(a.Utterances)
	}
	slices.SortStableFunc(s.Review, func(a, b ReviewItem) int { return strings.Compare(a.Provider, b.Provider) })
	return s
}

// provider counts one provider.
func (s *Statistics) provider(p *Provider, now time.Time) {
	s.Domains += len(p.Domains)
	s.MX += len(p.MX)
	s.Servers += len(p.Servers)
	s.Outdated += len(p.Outdated)
	s.ProvidersByKind[p.Kind]++
	s.ProvidersByOrigin[string(p.Origin)]++
	age := ageOf(p.Checked, now)
	s.ProvidersByAge[age]++
	if len(p.Notes) > 0 {
		s.ProvidersWithNotes++
	}
	if len(p.Servers) == 0 {
		s.ProvidersWithoutServers++
	}
	for _, src := range p.Sources {
		s.DomainsBySource[src] += len(p.Domains)
	}
	for _, srv := range p.Servers {
		for _, src := range srv.Sources {
			s.ServersBySource[src]++
		}
		trust := srv.Trust
		if trust == "" {
			trust = "none"
		}
		s.ServersByTrust[trust]++
		s.ServersByProtocol[string(srv.Protocol)]++
		s.ServersBySecurity[string(srv.Security)]++
	}
	for _, reason := range reviewReasons(p, age) {
		s.Review = append(s.Review, ReviewItem{p.ID, reason})
	}
}

// ageOf sorts a date YYYY-MM-DD into an age.
func ageOf(date string, now time.Time) Age {
	t, err := time.Parse(time.DateOnly, date)
	switch {
	case err != nil:
		return AgeUnknown
	case t.After(now.AddDate(0, -3, 0)):
		return AgeQuarter
	case t.After(now.AddDate(-1, 0, 0)):
		return AgeYear
	}
	return AgeOlder
}

// reviewReasons says why a provider should be looked at, if at all.
func reviewReasons(p *Provider, age Age) []string {
	var reasons []string
	if age == AgeOlder || age == AgeUnknown {
		reasons = append(reasons, "stale")
	}
	if len(p.Servers) == 0 {
		if !p.Requires.NoIMAP {
			reasons = append(reasons, "no-servers")
		}
		return reasons
	}
	all := func(ok func(Server) bool) bool {
		return !slices.ContainsFunc(p.Servers, func(s Server) bool { return !ok(s) })
	}
	if all(func(s Server) bool { return s.Security == mailconf.Plain }) {
		reasons = append(reasons, "plaintext-only")
	}
	if all(func(s Server) bool { return s.Trust == "low" }) {
		reasons = append(reasons, "low-trust")
	}
	if p.Kind == "relay" {
		return reasons
	}
	if all(func(s Server) bool { return s.Protocol != mailconf.SMTP }) {
		reasons = append(reasons, "no-smtp")
	}
	if all(func(s Server) bool { return s.Protocol == mailconf.SMTP }) {
		reasons = append(reasons, "no-incoming")
	}
	return reasons
}
