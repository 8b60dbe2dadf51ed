package knowledge

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Suggestion is one completion of what somebody has begun to type.
type Suggestion struct {
	Text     string // to complete to: a name, an alias or a domain
	Provider *Provider
}

// suggestIndex holds everything that can be completed, sorted by key.
type suggestIndex struct {
	entries []suggestEntry
	domains []suggestEntry // apart, as there may be very many
	popular []*Provider
}

type suggestEntry struct {
	key  string // folded
	text string
	p    *Provider
	own  bool // text is the provider's name or id, not an alias
}

// newSuggestIndex indexes providers.
func newSuggestIndex(providers []*Provider) suggestIndex {
	var x suggestIndex
	for _, p := range providers {
		x.popular = append(x.popular, p)
		add := func(name, text string, own bool) {
			x.entries = append(x.entries, suggestEntry{Fold(name), text, p, own})
		}
		add(p.Name, p.Name, true)
		add(p.ID, p.Name, true)
		for _, a := range p.Aliases {
			add(a, a, false)
		}
		for _, d := range p.Domains {
			x.domains = append(x.domains, suggestEntry{Fold(d), d, p, false})
		}
	}
	slices.SortFunc(x.popular, byPopularity)
	for _, list := range [][]suggestEntry{x.entries, x.domains} {
		slices.SortFunc(list, func(a, b suggestEntry) int {
			return cmp.Or(strings.Compare(a.key, b.key), byPopularity(a.p, b.p), strings.Compare(a.text, b.text))
		})
	}
	return x
}

// maxCountedSources bounds the weight of being listed: beyond five lists all
// are well known.
const maxCountedSources = 5

// popularity guesses how many people ask for a provider: an operator's own
// first, then by how many sources list it, with a lead for German-speaking
// countries, where most askers are.
func popularity(p *Provider) int {
	n := min(len(p.Sources), maxCountedSources)
	switch p.Country {
	case "DE":
		n += 4
	case "AT", "CH":
		n += 2
	}
	if p.Kind == "relay" {
		n -= 5
	}
	if p.Origin == OriginOperator {
		n += 100
	}
	return n
}

// byPopularity sorts the more popular provider first, then by name.
func byPopularity(a, b *Provider) int {
	return cmp.Or(cmp.Compare(popularity(b), popularity(a)), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
}

// suggestScan bounds how many entries of one prefix are ranked.
const suggestScan = 400

// Suggest returns the providers of Complete, best first.
func (b *Book) Suggest(prefix string, n int) []*Provider {
	var out []*Provider
	for _, s := range b.Complete(prefix, n) {
		out = append(out, s.Provider)
	}
	return out
}

// Complete returns up to n completions of what somebody has begun to type, best
// first and one per provider: names and aliases that begin so, then domains,
// then names with a typing error. Case, umlauts, spaces and punctuation do not
// matter. For an empty prefix it returns the most asked-for providers.
func (b *Book) Complete(prefix string, n int) []Suggestion {
	if n <= 0 {
		return nil
	}
	key := Fold(prefix)
	s := suggester{n: n, seen: make(map[*Provider]bool, n)}
	if key == "" {
		for _, p := range b.suggest.popular {
			if !s.add(p.Name, p) {
				break
			}
		}
		return s.out
	}
	s.addPrefix(b.suggest.entries, key)
	s.addPrefix(b.suggest.domains, key)
	if len(s.out) < n {
		s.addTypos(b.suggest.entries, key)
	}
	return s.out
}

// suggester collects suggestions.
type suggester struct {
	n    int
	seen map[*Provider]bool
	out  []Suggestion
}

// add appends a suggestion unless its provider is there already; it returns
// false when the list is full.
func (s *suggester) add(text string, p *Provider) bool {
	if !s.seen[p] && len(s.out) < s.n {
		s.seen[p] = true
		s.out = append(s.out, Suggestion{text, p})
	}
	return len(s.out) < s.n
}

// addPrefix adds the entries whose key begins with key: exact ones first, then
// providers' own names, then the more popular.
func (s *suggester) addPrefix(list []suggestEntry, key string) {
	i := sort.Search(len(list), func(i int) bool { return list[i].key >= key })
	var hits []suggestEntry
	for ; i < len(list) && len(hits) < suggestScan && strings.HasPrefix(list[i].key, key); i++ {
		hits = append(hits, list[i])
	}
	slices.SortStableFunc(hits, func(a, b suggestEntry) int {
		if x, y := a.key == key, b.key == key; x != y {
			return map[bool]int{true: -1, false: 1}[x]
		}
		if c := byPopularity(a.p, b.p); c != 0 {
			return c
		}
		if a.own != b.own {
			return map[bool]int{true: -1, false: 1}[a.own]
		}
		return cmp.Compare(len(a.key), len(b.key))
	})
	for _, h := range hits {
		if !s.add(h.text, h.p) {
			return
		}
	}
}

// addTypos adds names that begin with something one edit away from key, two
// edits for seven characters and more. Three characters have no typos.
func (s *suggester) addTypos(list []suggestEntry, key string) {
	limit := 0
	switch {
	case len(key) >= 7:
		limit = 2
	case len(key) >= 4:
		limit = 1
	default:
		return
	}
	type hit struct {
		suggestEntry
		dist int
	}
	var hits []hit
	for _, e := range list {
		if d := prefixDistance(key, e.key, limit+1); d <= limit {
			hits = append(hits, hit{e, d})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.dist, b.dist), byPopularity(a.p, b.p), cmp.Compare(len(a.key), len(b.key)))
	})
	for _, h := range hits {
		if !s.add(h.text, h.p) {
			return
		}
	}
}

// prefixDistance returns the smallest edit distance between key and a beginning
// of text of about its length, or limit.
func prefixDistance(key, text string, limit int) int {
	best := limit
	for n := len(key) - limit + 1; n < len(key)+limit; n++ {
		best = min(best, editDistance(key, text[:min(max(n, 0), len(text))], best))
		if n >= len(text) {
			break
		}
	}
	return best
}
