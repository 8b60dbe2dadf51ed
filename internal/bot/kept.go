package bot

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/parser"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// maxKept bounds how many texts a mind knows the demands of. The shipped
// knowledge has about 2,000 notes, paragraphs and steps in two languages; texts
// with somebody's own values in them fill the rest. What there is no room for
// is found out anew each time.
const maxKept = 8192

// kept is what a mind has found out about the texts that answer after answer is
// made of, and what it needs to read them. The zero value is ready; it may be
// used concurrently.
type kept struct {
	once    sync.Once
	seed    maphash.Seed
	md      parser.Parser
	demands sync.Map // hash of a text → demands; the texts themselves are not kept
	n       atomic.Int64
	sited   sync.Once
	sites   map[string][]string // site of a provider's help → ids of the providers that have theirs there
}

func (k *kept) ready() *kept {
	k.once.Do(func() { k.seed, k.md = maphash.MakeSeed(), goldmark.DefaultParser() })
	return k
}

// demandsOf is [demandsOf], which takes a tenth of a millisecond, remembered.
func (k *kept) demandsOf(s string) demands {
	hash := maphash.String(k.ready().seed, s)
	if d, ok := k.demands.Load(hash); ok {
		return d.(demands)
	}
	d := demandsOf(s)
	if k.n.Add(1) <= maxKept {
		k.demands.Store(hash, d)
	}
	return d
}

// helpers are the ids of the providers whose help lies on a site.
func (k *kept) helpers(book *knowledge.Book, site string) []string {
	k.sited.Do(func() {
		k.sites = map[string][]string{}
		for _, p := range book.Facts().Providers {
			for _, u := range p.Docs {
				s := siteOf(u)
				k.sites[s] = append(k.sites[s], p.ID)
			}
		}
	})
	return k.sites[site]
}

// markdown reads Markdown; making its reader takes as long as reading.
func (k *kept) markdown() parser.Parser { return k.ready().md }
