package knowledge

import (
	"fmt"
	"maps"
	"slices"
)

// claim is a name that one record of a kind owns, with its place.
type claim struct {
	r  *record
	at []any
}

// isID reports whether the name is the record's id and no alias of it.
func (c claim) isID() bool { return len(c.at) == 1 && c.at[0] == "id" }

// checkUnique reports names that two records of the folder claim. The later
// file, in alphabetical order, is the one that is broken.
func (l *loader) checkUnique() {
	claims := map[string]claim{}
	take := func(r *record, kind, key, shown string, at ...any) {
		first, taken := claims[kind+"\x00"+key]
		if !taken {
			claims[kind+"\x00"+key] = claim{r, at}
			return
		}
		if first.r == r {
			claims[kind+"\x00"+key] = claim{r, at} // an alias that repeats the id is more than the id
			return
		}
		l.report(r, SeverityError, at, fmt.Sprintf("%s %q is already taken", kind, shown),
			fmt.Sprintf("remove it here or at %s:%d", first.r.src.name, first.r.line(first.at...)))
	}
	// Ids come first, so that an alias cannot shadow the id of a later file. A
	// record whose own name is another's id means it, though: people who say
	// "Vodafone" mean the provider of that name, whatever ids the files have.
	for r := range l.all {
		switch v := r.value.(type) {
		case *Provider:
			take(r, "provider alias", Fold(v.ID), v.ID, "id")
		case *Client:
			take(r, "client alias", Fold(v.ID), v.ID, "id")
		case *Cause:
			take(r, "cause", v.Code, v.Code, "code")
		case *ErrorPattern:
			take(r, "error pattern", v.ID, v.ID, "id")
		}
	}
	for r := range l.all {
		switch v := r.value.(type) {
		case *Provider:
			for i, a := range v.Aliases {
				key := "provider alias\x00" + Fold(a)
				if first := claims[key]; first.isID() && first.r != r && Fold(a) == Fold(v.Name) {
					delete(claims, key)
				}
				take(r, "provider alias", Fold(a), a, "aliases", i)
			}
			for i, d := range v.Domains {
				take(r, "domain", d, d, "domains", i)
			}
			for i, m := range v.MX {
				take(r, "MX", m, m, "mx", i)
			}
		case *Client:
			for i, a := range v.Aliases {
				take(r, "client alias", Fold(a), a, "aliases", i)
			}
		}
	}
	l.checkUtterances()
}

// checkUtterances warns of the same utterance under two topics: the matcher
// could not tell them apart.
func (l *loader) checkUtterances() {
	seen := map[string]*Article{}
	for r := range l.all {
		a, ok := r.value.(*Article)
		if !ok {
			continue
		}
		for i, u := range a.Utterances {
			key := a.Lang + "\x00" + Fold(u)
			if first := seen[key]; first != nil && first.Topic != a.Topic {
				l.report(r, SeverityWarning, at("utterances", i), fmt.Sprintf("utterance %q also stands under topic %s", u, first.Topic),
					"keep it where it fits better")
				continue
			}
			seen[key] = a
		}
	}
}

// known are the names that references may point to.
type known struct {
	topics, clients, causes, providers map[string]bool
	alias                              map[string]string // provider id by folded alias
}

// collect gathers the names of facts.
func (k *known) collect(f Facts) {
	for _, a := range f.Articles {
		k.topics[a.Topic] = true
	}
	for _, c := range f.Clients {
		k.clients[c.ID] = true
	}
	for _, c := range f.Causes {
		k.causes[c.Code] = true
	}
	for _, p := range f.Providers {
		k.providers[p.ID] = true
		for _, a := range p.Aliases {
			k.alias[Fold(a)] = p.ID
		}
	}
}

// provider returns the id of a provider named by id or alias; ok is false when
// nobody is called so.
func (k *known) provider(name string) (id string, ok bool) {
	if k.providers[name] {
		return name, true
	}
	id, ok = k.alias[Fold(name)]
	return id, ok
}

// checkReferences warns of names that no record has. The record works without
// the reference, so it stays. An error pattern may name its provider by an
// alias, which is replaced by the id.
func (l *loader) checkReferences(against []Facts) {
	k := known{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]string{}}
	k.collect(l.facts())
	for _, f := range against {
		k.collect(f)
	}
	for r := range l.all {
		l.references(r, &k)
	}
}

// references checks the references of one record.
func (l *loader) references(r *record, k *known) {
	ref := func(set map[string]bool, kind, name string, at ...any) {
		if name != "" && !set[name] {
			l.report(r, SeverityWarning, at, fmt.Sprintf("unknown %s %q", kind, name), nearestRemedy(set, name))
		}
	}
	switch v := r.value.(type) {
	case *Client:
		for i, id := range v.Use {
			ref(k.clients, "client", id, "use_instead", i)
		}
	case *Cause:
		ref(k.topics, "topic", v.Topic, "topic")
		for _, id := range slices.Sorted(maps.Keys(v.Clients)) {
			ref(k.clients, "client", id, "clients", id)
		}
	case *ErrorPattern:
		if id, ok := k.provider(v.Provider); ok {
			v.Provider = id
		}
		ref(k.causes, "cause", v.Cause, "cause")
		ref(k.topics, "topic", v.Topic, "topic")
		ref(k.clients, "client", v.Client, "client")
		ref(k.providers, "provider", v.Provider, "provider")
	case *Article:
		for i, t := range v.Related {
			ref(k.topics, "topic", t, "related", i)
		}
		for h := range headings(v.Body) {
			for _, id := range h.ids {
				other, isAlias := k.provider(id)
				switch {
				case h.kind == "client":
					ref(k.clients, h.kind, id)
				case h.kind == "provider" && isAlias && other != id:
					l.report(r, SeverityWarning, nil, fmt.Sprintf("a section is for provider %q, which is an alias", id), "write the id "+other)
				case h.kind == "provider":
					ref(k.providers, h.kind, id)
				}
			}
		}
	}
}

// nearestRemedy suggests the known name that is nearest to a misspelt one.
func nearestRemedy(set map[string]bool, name string) string {
	best, dist := "", 4
	for _, n := range slices.Sorted(maps.Keys(set)) {
		if d := editDistance(n, name, dist); d < dist {
			best, dist = n, d
		}
	}
	if best == "" {
		return "correct the name or remove it"
	}
	return "did you mean " + best + "?"
}
