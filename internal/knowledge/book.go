package knowledge

// Facts are the records that a Book is made of, in any order.
type Facts struct {
	Providers []*Provider
	Clients   []*Client
	Causes    []*Cause
	Errors    []*ErrorPattern
	Articles  []*Article
}

// Book is an immutable snapshot of the knowledge, safe for concurrent use
// without locks. Its lookups by domain, alias, host and MX suffix take well
// under a microsecond and allocate nothing (see the benchmarks).
type Book struct {
	facts    Facts
	provider map[string]*Provider // by id
	names    nameIndex
	hosts    hostIndex
	mx       mxIndex
	suggest  suggestIndex
	client   map[string]*Client
	cause    map[string]*Cause
	article  map[articleKey]*Article
}

// articleKey names an article.
type articleKey struct {
	topic string
	lang  Lang
}

// NewBook indexes facts. Of several records with one id the most trusted and
// then the latest is taken, as Merge does it; the same holds for a domain, an
// alias, an MX pattern or a host that several providers claim.
func NewBook(f Facts) *Book {
	f = Merge(f)
	b := &Book{
		facts:    f,
		provider: make(map[string]*Provider, len(f.Providers)),
		client:   make(map[string]*Client, len(f.Clients)),
		cause:    make(map[string]*Cause, len(f.Causes)),
		article:  make(map[articleKey]*Article, len(f.Articles)),
	}
	for _, p := range f.Providers {
		b.provider[p.ID] = p
	}
	indexes := []func(){
		func() { b.suggest = newSuggestIndex(f.Providers) },
		func() { b.names = newNameIndex(f.Providers) },
		func() { b.hosts = newHostIndex(f.Providers) },
		func() { b.mx = newMXIndex(f.Providers) },
	}
	inParallel(len(indexes), func(i int) { indexes[i]() })
	for _, c := range f.Clients {
		b.client[c.ID] = c
	}
	for _, c := range f.Causes {
		b.cause[c.Code] = c
	}
	for _, a := range f.Articles {
		b.article[articleKey{a.Topic, a.Lang}] = a
	}
	return b
}

// Provider returns the provider with an id, or nil.
func (b *Book) Provider(id string) *Provider { return b.provider[id] }

// Client returns the mail program with an id, or nil.
func (b *Book) Client(id string) *Client { return b.client[id] }

// Cause returns the explanation of a cause, or nil.
func (b *Book) Cause(code string) *Cause { return b.cause[code] }

// Article returns the article on a topic in lang, else in the other language, or nil.
func (b *Book) Article(topic string, lang Lang) *Article {
	if a := b.article[articleKey{topic, lang}]; a != nil {
		return a
	}
	for _, l := range []Lang{"en", "de"} {
		if a := b.article[articleKey{topic, l}]; a != nil {
			return a
		}
	}
	return nil
}

// Facts returns all records that are in force; callers must not change them.
func (b *Book) Facts() Facts { return b.facts }
