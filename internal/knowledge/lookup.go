package knowledge

import "strings"

// ByAlias returns the provider that people call s, in any case, with or without blanks, dots and hyphens, or nil.
func (b *Book) ByAlias(s string) *Provider {
	k := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(strings.ToLower(s))
	for _, p := range b.facts.Providers {
		for _, a := range append([]string{p.ID, p.Name}, append(p.Aliases, p.Domains...)...) {
			if strings.NewReplacer(" ", "", ".", "", "-", "").Replace(strings.ToLower(a)) == k {
				return p
			}
		}
	}
	return nil
}

// ByHost returns the provider that has or had a server named h (lower case), with that server; outdated says which.
func (b *Book) ByHost(h string) (p *Provider, s *Server, outdated bool) {
	for _, p := range b.facts.Providers {
		for i := range p.Servers {
			if p.Servers[i].Host == h {
				return p, &p.Servers[i], false
			}
		}
		for i := range p.Outdated {
			if p.Outdated[i].Host == h {
				return p, &p.Outdated[i], true
			}
		}
	}
	return nil, nil, false
}

// Suggest returns at most n providers that s may be the beginning of, best first.
func (b *Book) Suggest(s string, n int) (out []*Provider) {
	for _, p := range b.facts.Providers {
		if len(out) < n && strings.HasPrefix(p.ID, s) {
			out = append(out, p)
		}
	}
	return out
}

// Merge returns f with the records of o behind its own; a later record wins in [NewBook].
func (f Facts) Merge(o Facts) Facts {
	return Facts{append(f.Providers, o.Providers...), append(f.Clients, o.Clients...), append(f.Causes, o.Causes...), append(f.Errors, o.Errors...), append(f.Articles, o.Articles...)}
}
