package knowledge

import (
	"cmp"
	"slices"
)

// trustRank orders origins: a record of a higher rank replaces one of a lower
// rank with the same id, and its names and domains win.
func trustRank(o Origin) int {
	switch o {
	case OriginOperator:
		return 3
	case OriginTaught:
		return 2
	case OriginFound:
		return 0
	}
	return 1 // shipped, and records made in code
}

// Merge joins layers of facts. Of records with the same id (articles: the same
// topic and language) the more trusted origin wins, and the later layer among
// equals. Replacing is whole, fields are not mixed, with one exception: an
// article without utterances takes them and the intent from the one it
// replaces, so that it is found as well as that one was. The result is sorted
// by trust, least first, and stable otherwise.
func Merge(layers ...Facts) Facts {
	var all Facts
	for _, f := range layers {
		all.Providers = append(all.Providers, f.Providers...)
		all.Clients = append(all.Clients, f.Clients...)
		all.Causes = append(all.Causes, f.Causes...)
		all.Errors = append(all.Errors, f.Errors...)
		all.Articles = append(all.Articles, f.Articles...)
	}
	return Facts{
		Providers: mergeBy(all.Providers, func(p *Provider) string { return p.ID }, func(p *Provider) Origin { return p.Origin }),
		Clients:   mergeBy(all.Clients, func(c *Client) string { return c.ID }, func(c *Client) Origin { return c.Origin }),
		Causes:    mergeBy(all.Causes, func(c *Cause) string { return c.Code }, func(c *Cause) Origin { return c.Origin }),
		Errors:    mergeBy(all.Errors, func(e *ErrorPattern) string { return e.ID }, func(e *ErrorPattern) Origin { return e.Origin }),
		Articles:  mergeArticles(all.Articles),
	}
}

// Merge returns f with o laid over it; see the function Merge.
func (f Facts) Merge(o Facts) Facts { return Merge(f, o) }

// mergeArticles merges articles and hands on utterances.
func mergeArticles(list []*Article) []*Article {
	key := func(a *Article) articleKey { return articleKey{a.Topic, a.Lang} }
	kept := mergeBy(list, key, func(a *Article) Origin { return a.Origin })
	if len(kept) == len(list) {
		return kept
	}
	replaced := make(map[articleKey]*Article) // the last one with utterances; mergeBy has sorted list by trust
	for _, a := range list {
		if len(a.Utterances) > 0 {
			replaced[key(a)] = a
		}
	}
	for i, a := range kept {
		if old := replaced[key(a)]; old != nil && len(a.Utterances) == 0 {
			b := *a
			b.Utterances = old.Utterances
			if b.Intent == "" {
				b.Intent = old.Intent
			}
			kept[i] = &b
		}
	}
	return kept
}

// mergeBy keeps the last record per key after sorting by trust.
func mergeBy[T any, K comparable](list []*T, key func(*T) K, origin func(*T) Origin) []*T {
	slices.SortStableFunc(list, func(a, b *T) int { return cmp.Compare(trustRank(origin(a)), trustRank(origin(b))) })
	last := make(map[K]int, len(list))
	for i, v := range list {
		last[key(v)] = i
	}
	if len(last) == len(list) {
		return list
	}
	kept := make([]*T, 0, len(last))
	for i, v := range list {
		if last[key(v)] == i {
			kept = append(kept, v)
		}
	}
	return kept
}
