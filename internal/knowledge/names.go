package knowledge

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// nameIndex finds providers by what people call them.
type nameIndex struct {
	domain map[string]*Provider
	alias  map[string]*Provider // by folded id, alias or name
}

// maxFoldedDomains bounds how many domains of one provider are also found
// without their dots ("gmxde"); a hoster's thousands of domains are not.
const maxFoldedDomains = 500

// nameRanks is how many kinds of names there are: domain, name, id, alias.
const nameRanks = 4

// newNameIndex indexes providers, which come sorted by trust, least first.
// An alias beats an id, that a display name and that a domain without its dots:
// aliases are what people say, ids what files call each other. A more trusted
// record beats all names of the others.
func newNameIndex(providers []*Provider) nameIndex {
	n := 0
	for _, p := range providers {
		n += len(p.Domains)
	}
	x := nameIndex{domain: make(map[string]*Provider, n), alias: make(map[string]*Provider, 3*len(providers))}
	weight := make(map[string]int, 3*len(providers))
	claim := func(name string, w int, p *Provider) {
		if key := Fold(name); key != "" && (x.alias[key] == nil || w > weight[key] || w == weight[key] && w%nameRanks >= 2) {
			x.alias[key], weight[key] = p, w
		}
	}
	for _, p := range providers {
		for _, d := range p.Domains {
			x.domain[d] = p
		}
		rank := nameRanks * trustRank(p.Origin)
		for _, d := range p.Domains[:min(len(p.Domains), maxFoldedDomains)] {
			claim(d, rank, p)
		}
		claim(p.Name, rank+1, p)
		claim(p.ID, rank+2, p)
		for _, a := range p.Aliases {
			claim(a, rank+3, p)
		}
	}
	return x
}

// ByDomain returns the provider of addresses in a domain, or nil. The domain
// may be in any case, with a trailing dot or in Unicode. A subdomain of a
// hoster's domain belongs to the hoster.
func (b *Book) ByDomain(domain string) *Provider {
	domain = asciiDomain(domain)
	if p := b.names.domain[domain]; p != nil {
		return p
	}
	for _, parent, more := strings.Cut(domain, "."); more; _, parent, more = strings.Cut(parent, ".") {
		if p := b.names.domain[parent]; p != nil && p.Kind == "hosting" {
			if d, ok := registrable(domain); ok && d == parent {
				return p
			}
		}
	}
	return nil
}

// asciiDomain returns a domain in lower-case ASCII without a trailing dot. A
// domain that is plain already comes back as it is, without allocation.
func asciiDomain(domain string) string {
	domain = strings.TrimSuffix(domain, ".")
	if !isASCII(domain) {
		if a, err := idna.Lookup.ToASCII(domain); err == nil {
			return a
		}
	}
	return strings.ToLower(domain)
}

// registrable returns the part of a domain that is registered (Public Suffix
// List, ICANN and private section); ok is false for a public suffix and for a
// name without a dot.
func registrable(domain string) (string, bool) {
	suffix, _ := publicsuffix.PublicSuffix(domain)
	rest := len(domain) - len(suffix) - 1
	if rest <= 0 || domain[rest] != '.' {
		return "", false
	}
	return domain[1+strings.LastIndexByte(domain[:rest], '.'):], true
}

// ByAlias returns the provider that people call so, or nil: an alias, its id or
// its name, or one of its domains, whatever the case, spaces and punctuation
// ("1 & 1" is "1und1", "gmxde" is gmx.de).
func (b *Book) ByAlias(name string) *Provider {
	var buf [64]byte
	return b.names.alias[string(appendFold(buf[:0], name))]
}

// commonSuffixes are tried for a name that lacks one, in this order.
var commonSuffixes = []string{".de", ".com", ".net", ".at", ".ch", ".org"}

// Find returns the provider that a command's argument means, or nil: an
// address, a domain, an alias, a server's host name, or a domain without its
// ending ("hotmail" for hotmail.com). It does not guess at typing errors; see
// Suggest and Nearest for those.
func (b *Book) Find(text string) *Provider {
	text = strings.TrimSpace(text)
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = text[i+1:]
	}
	if p := b.ByDomain(text); p != nil {
		return p
	}
	if p := b.ByAlias(text); p != nil {
		return p
	}
	if p, _, _ := b.ByHost(text); p != nil {
		return p
	}
	if text == "" || strings.ContainsAny(text, ". ") {
		return nil
	}
	for _, suffix := range commonSuffixes {
		if p := b.ByDomain(text + suffix); p != nil {
			return p
		}
	}
	return nil
}
