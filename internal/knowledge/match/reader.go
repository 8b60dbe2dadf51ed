package match

import (
	"slices"
	"sync"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// reader turns messages into readings. It is made of the book's names and the
// lexicon, is cheap to make, and needs no training.
type reader struct {
	book  *knowledge.Book
	names *names

	once          sync.Once // guards what follows; commands need none of it
	lex           *lexicon
	spelling      *spelling
	stems         phraseStems // of the error phrases
	patterns      *patterns
	isFrame       []bool
	clientConcept map[string]int
	derived       []int // concepts that others or the provider give, sorted
	id            conceptIDs
}

// conceptIDs are the concepts that the program itself sets.
type conceptIDs struct {
	provider, client, host, address, code, url, port, short, bare, question int
	oauth, google, microsoft, business, separate, apppw, enable             int
	gone, proton, noIMAP, unknown, refused                                  int
	protocol                                                                map[string]int
	line                                                                    map[string]int // a server's answer in that protocol
	strange                                                                 [4]int         // by number of strange words
}

func newReader(book *knowledge.Book) *reader {
	return &reader{book: book, names: newNames(book)}
}

// prepare compiles the lexicon and the error patterns, once. The stems of the
// error phrases may come from a model of the same book.
func (r *reader) prepare(stems phraseStems) {
	r.once.Do(func() {
		r.stems = stems
		r.compile()
	})
}

func (r *reader) compile() {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		if !r.stems.fits(r.book) {
			r.stems = newPhraseStems(r.book)
		}
		r.patterns = newPatterns(r.book, r.stems)
	})
	lex, err := newLexicon(conceptData, ruleData)
	if err != nil {
		panic(err) // the data is part of the program and a test reads it
	}
	r.lex, r.isFrame = lex, make([]bool, maxConcepts)
	id := lex.concept
	r.id = conceptIDs{
		provider: id("p_any"), client: id("c_any"), host: id("t_host"), address: id("t_addr"), code: id("t_code"), url: id("t_url"),
		port: id("t_port"), short: id("short"), bare: id("bare"), question: id("question"),
		oauth: id("p_oauth"), google: id("p_google"), microsoft: id("p_microsoft"), business: id("p_business"), separate: id("p_separate"),
		apppw: id("p_apppw"), enable: id("p_enable"), gone: id("p_gone"), proton: id("proton"), noIMAP: id("p_noimap"), unknown: id("p_unknown"),
		refused:  id("t_535"),
		strange:  [4]int{id("strange0"), id("strange1"), id("strange2"), id("strange3")},
		protocol: map[string]int{"imap": id("imap"), "pop3": id("pop"), "smtp": id("smtp")},
		line:     map[string]int{"imap": id("line_imap"), "pop3": id("line_pop"), "smtp": id("line_smtp")},
	}
	for _, n := range [...]string{"greet", "thanks", "bye"} {
		r.isFrame[id(n)] = true
	}
	r.clientConcept = map[string]int{
		"new-outlook": id("c_new"), "ios-mail": id("c_phone"), "android-gmail": id("c_phone"), "samsung-mail": id("c_phone"),
		"thunderbird-android": id("c_phone"), "fairemail": id("c_phone"), "outlook-mobile": id("c_phone"),
	}
	for _, c := range r.book.Facts().Clients {
		if c.Status == "ended" || c.Status == "limited" {
			r.clientConcept[c.ID] = id("c_legacy")
		}
	}
	r.derived = []int{r.id.oauth, r.id.google, r.id.microsoft, r.id.business, r.id.separate, r.id.apppw, r.id.enable, r.id.gone}
	for i := range lex.derive {
		r.derived = append(r.derived, lex.derive[i].target)
	}
	slices.Sort(r.derived)
	r.derived = slices.Compact(r.derived)
	lex.indexRules() // after the concepts that the program sets
	r.spelling = newSpelling(lex.vocab, r.book.Facts().Errors)
}

// providerConcepts are the conditions of a provider, as concepts: they decide
// what a refused login most likely means there.
func (r *reader) providerConcepts(id string) []int {
	p := r.book.Provider(id)
	if p == nil {
		p = r.book.ByDomain(r.names.homeOf(id)) // "cox" is at Yahoo today
	}
	if p == nil {
		return []int{r.id.unknown}
	}
	var out []int
	q := p.Requires
	add := func(on bool, c int) {
		if on {
			out = append(out, c)
		}
	}
	google := p.OAuth == "accounts.google.com" || p.ID == "gmail"
	add(q.OAuth2Only, r.id.oauth)
	add(google, r.id.google)
	add(p.ID == "outlook" || p.ID == "microsoft365", r.id.microsoft)
	add(p.ID == "microsoft365", r.id.business)
	add(p.ID == "t-online", r.id.separate)
	add(p.ID == "protonmail", r.id.proton) // its name is an entity, no longer a word
	add(q.NoIMAP, r.id.noIMAP)
	add(q.AppPassword && !google && !q.SeparateMailPassword && !q.OAuth2Only, r.id.apppw)
	add(q.EnableIMAPPOP && !q.OAuth2Only && !google, r.id.enable)
	add(slices.Contains(movedProviders, p.ID), r.id.gone)
	return out
}

// movedProviders have given their mail to another company or platform.
var movedProviders = []string{"verizon", "att", "vodafone-de", "o2-de", "unitybox-de", "kabelbw-de", "centurylink", "virgin"}

// wordValue weighs a stem: words that tell languages apart say little about topics.
func (r *reader) wordValue(w string) float32 {
	if langWords[w] != "" && !r.lex.vocab[w] {
		return 0.4
	}
	return 1
}
