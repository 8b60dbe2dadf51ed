package knowledge

import (
	"cmp"
	"slices"
	"strings"
)

// HostUse is one place where a provider uses a host name.
type HostUse struct {
	Provider *Provider
	Server   *Server
	Outdated bool // the server stands under Provider.Outdated
}

// hostIndex finds providers by the host names of their servers.
type hostIndex struct {
	exact    map[string][]HostUse
	account  map[string][]HostUse // by what follows "{account}." in a host
	owner    map[string]*Provider // by registrable domain of a host
	template []*Provider          // with a host that holds {domain}
	sorted   []string             // keys of exact
}

// newHostIndex indexes providers, which come sorted by trust, least first.
func newHostIndex(providers []*Provider) hostIndex {
	x := hostIndex{exact: map[string][]HostUse{}, account: map[string][]HostUse{}, owner: map[string]*Provider{}}
	add := func(use HostUse) {
		host := strings.ToLower(use.Server.Host)
		if rest, ok := strings.CutPrefix(host, "{account}."); ok {
			x.account[rest] = append(x.account[rest], use)
			host = rest
		}
		if strings.Contains(host, "{") {
			return
		}
		if host == strings.ToLower(use.Server.Host) {
			x.exact[host] = append(x.exact[host], use)
		}
		if d, ok := registrable(host); ok {
			if old := x.owner[d]; old == nil || !use.Outdated && trustRank(use.Provider.Origin) > trustRank(old.Origin) {
				x.owner[d] = use.Provider
			}
		}
	}
	for _, outdated := range []bool{false, true} { // current uses come first
		for _, p := range providers {
			list := p.Servers
			if outdated {
				list = p.Outdated
			}
			for i := range list {
				add(HostUse{p, &list[i], outdated})
			}
		}
	}
	for _, p := range providers {
		if slices.ContainsFunc(p.Servers, func(s Server) bool { return strings.Contains(s.Host, "{domain}") }) && len(p.Domains) > 0 {
			x.template = append(x.template, p)
		}
	}
	for host, uses := range x.exact {
		x.sorted = append(x.sorted, host)
		slices.SortStableFunc(uses, func(a, b HostUse) int {
			if a.Outdated != b.Outdated {
				return map[bool]int{true: 1, false: -1}[a.Outdated]
			}
			return cmp.Compare(trustRank(b.Provider.Origin), trustRank(a.Provider.Origin))
		})
	}
	slices.Sort(x.sorted)
	return x
}

// ByHost returns the provider that has or had a server with this host name,
// with that server; outdated says which. p is nil for an unknown host. Where
// several providers share a host it is the first of HostUses.
func (b *Book) ByHost(host string) (p *Provider, s *Server, outdated bool) {
	uses := b.HostUses(host)
	if len(uses) == 0 {
		return nil, nil, false
	}
	return uses[0].Provider, uses[0].Server, uses[0].Outdated
}

// HostUses returns where a host name is used, current uses before outdated ones
// and more trusted records first; nil for an unknown host. Hosts made from the
// customer's domain or account are recognised. Callers must not change the result.
func (b *Book) HostUses(host string) []HostUse {
	host = asciiDomain(host)
	if uses := b.hosts.exact[host]; uses != nil {
		return uses
	}
	if i := strings.IndexByte(host, '.'); i > 0 {
		if uses := b.hosts.account[host[i+1:]]; uses != nil {
			return uses
		}
	}
	if len(b.hosts.template) == 0 {
		return nil
	}
	for rest, more := host, true; more; _, rest, more = strings.Cut(rest, ".") {
		if p := b.names.domain[rest]; p != nil {
			if uses := templateUses(p, host[:len(host)-len(rest)], rest); uses != nil {
				return uses
			}
		}
	}
	return nil
}

// templateUses returns the servers of p whose host is made of prefix and domain.
func templateUses(p *Provider, prefix, domain string) []HostUse {
	var uses []HostUse
	collect := func(list []Server, outdated bool) {
		for i := range list {
			if before, after, ok := strings.Cut(list[i].Host, "{domain}"); ok && before == prefix && after == "" && domain != "" {
				uses = append(uses, HostUse{p, &list[i], outdated})
			}
		}
	}
	collect(p.Servers, false)
	collect(p.Outdated, true)
	return uses
}

// OwnerOf returns the provider that a host name points to, or nil: by a known
// server, by an address domain above it, by an MX pattern, or by a known server
// in the same registered domain ("foo.1und1.de").
func (b *Book) OwnerOf(host string) *Provider {
	host = asciiDomain(host)
	if p, _, _ := b.ByHost(host); p != nil {
		return p
	}
	for rest, more := host, true; more; _, rest, more = strings.Cut(rest, ".") {
		if p := b.names.domain[rest]; p != nil {
			return p
		}
	}
	if p := b.ByMX(host); p != nil {
		return p
	}
	if d, ok := registrable(host); ok {
		return b.hosts.owner[d]
	}
	return nil
}

// nearestLimit is the largest edit distance that Nearest bridges, and
// nearestShare the number of characters per edit that a name must have: two
// edits in a short name make any name of any other.
const (
	nearestLimit = 2
	nearestShare = 5
)

// Nearest returns the known server host that a mistyped one most likely means
// ("impa.gmx.net" → "imap.gmx.net") and the number of edits between them, or
// "" when none is near. A known host is its own nearest, at distance 0.
func (b *Book) Nearest(host string) (known string, distance int) {
	host = asciiDomain(host)
	if _, ok := b.hosts.exact[host]; ok {
		return host, 0
	}
	best, bestDist := "", min(nearestLimit, len(host)/nearestShare)+1
	bestOutdated, bestPrefix := true, -1
	for _, h := range b.hosts.sorted {
		d := editDistance(host, h, bestDist+1)
		if d > bestDist || d > nearestLimit || d*nearestShare > len(host) {
			continue
		}
		outdated, prefix := b.hosts.exact[h][0].Outdated, commonPrefix(host, h)
		if d < bestDist || best == "" || (bestOutdated && !outdated) || (bestOutdated == outdated && prefix > bestPrefix) {
			best, bestDist, bestOutdated, bestPrefix = h, d, outdated, prefix
		}
	}
	if best == "" {
		return "", 0
	}
	return best, bestDist
}

// commonPrefix returns the number of bytes that a and b begin with alike.
func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
