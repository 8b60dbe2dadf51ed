package knowledge

import "strings"

// Facts are the records that a Book is made of, in any order.
type Facts struct {
	Providers []*Provider
	Clients   []*Client
	Causes    []*Cause
	Errors    []*ErrorPattern
	Articles  []*Article
}

// Book is an immutable snapshot of the knowledge, safe for concurrent use
// without locks.
type Book struct {
	facts    Facts
	provider map[string]*Provider // by id
	domain   map[string]*Provider
	client   map[string]*Client
	cause    map[string]*Cause
	article  map[[2]string]*Article // topic, language
}

// NewBook indexes facts. Later records win over earlier ones with the same id.
func NewBook(f Facts) *Book {
	b := &Book{
		facts:    f,
		provider: make(map[string]*Provider, len(f.Providers)),
		domain:   make(map[string]*Provider, 4*len(f.Providers)),
		client:   make(map[string]*Client, len(f.Clients)),
		cause:    make(map[string]*Cause, len(f.Causes)),
		article:  make(map[[2]string]*Article, len(f.Articles)),
	}
	for _, p := range f.Providers {
		b.provider[p.ID] = p
		for _, d := range p.Domains {
			b.domain[strings.ToLower(d)] = p
		}
	}
	for _, c := range f.Clients {
		b.client[c.ID] = c
	}
	for _, c := range f.Causes {
		b.cause[c.Code] = c
	}
	for _, a := range f.Articles {
		b.article[[2]string{a.Topic, a.Lang}] = a
	}
	return b
}

// Provider returns the provider with an id, or nil.
func (b *Book) Provider(id string) *Provider { return b.provider[id] }

// ByDomain returns the provider of addresses in a domain (lower case), or nil.
func (b *Book) ByDomain(domain string) *Provider { return b.domain[domain] }

// Client returns the mail program with an id, or nil.
func (b *Book) Client(id string) *Client { return b.client[id] }

// Cause returns the explanation of a cause, or nil.
func (b *Book) Cause(code string) *Cause { return b.cause[code] }

// Article returns the article on a topic in lang, else in the other language, or nil.
func (b *Book) Article(topic string, lang Lang) *Article {
	if a := b.article[[2]string{topic, lang}]; a != nil {
		return a
	}
	for _, l := range []Lang{"en", "de"} {
		if a := b.article[[2]string{topic, l}]; a != nil {
			return a
		}
	}
	return nil
}

// Facts returns all records; callers must not change them.
func (b *Book) Facts() Facts { return b.facts }
