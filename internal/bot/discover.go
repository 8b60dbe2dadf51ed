package bot

import (
	"context"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// NewFinder makes a Finder that goes out by the rules of a Prober: the same
// resolver, roots, clock and policy. Guesses are confirmed by its probes.
func NewFinder(p *diagnose.Prober, book func() *knowledge.Book) *discover.Finder {
	return &discover.Finder{
		Resolver: p.Resolver, Roots: p.Roots, MoreRoots: p.MoreRoots, Now: p.Now,
		Allow: p.Check, Book: book, Panicked: p.Panicked,
		Probe: func(ctx context.Context, e mailconf.Endpoint) bool { return speaks(ctx, p, e) },
	}
}

// speaks reports whether a mail server answers at an endpoint, with a
// certificate that verifies. It leaves as soon as that is certain.
func speaks(ctx context.Context, p *diagnose.Prober, e mailconf.Endpoint) bool {
	for s := range p.Probe(ctx, diagnose.Target{Name: e.Host, Endpoints: []mailconf.Endpoint{e}}) {
		switch {
		case s.Status == diagnose.StatusFail:
			return false
		case s.Endpoint == e && s.Kind == diagnose.StepCaps && s.Status == diagnose.StatusOK:
			return true
		}
	}
	return false
}

// unknownDomain reports whether q names a domain that only a search can tell of.
func (b *Bot) unknownDomain(q query) bool {
	return b.Finder != nil && q.Provider == nil && q.Host == "" && q.Domain != "" && q.BadPort == ""
}

// search completes q by what is found for its domain: out of the store while
// that is fresh, else by asking around, if the limits let m do so. show is given
// what is found so far, and stops the search by returning false; ok is false then.
func (b *Bot) search(ctx context.Context, m Message, book *knowledge.Book, q query, show func(query) bool) (_ query, _ *limited, ok bool) {
	domain, valid := discover.Domain(q.Domain)
	if !valid {
		return q, nil, true
	}
	kept, err := b.Store.Found(ctx, domain)
	if err != nil {
		b.Log.Error("found settings not read", "err", err)
	}
	if kept != nil && b.Now().Before(kept.Expires) {
		return q.with(book, *kept), nil, true
	}
	end, lim := b.beginSearch(ctx, m, domain)
	if lim != nil {
		return q, lim, true
	}
	defer end()
	if !show(q) {
		return q, nil, false
	}
	var last discover.Result
	for r := range b.Finder.Find(ctx, domain) {
		if last = r; !r.Final && !show(q.with(book, r)) {
			return q, nil, false
		}
	}
	if last.Status == discover.StatusNoNetwork && kept != nil {
		last = *kept // older, and better than nothing: the answer shows its date
	} else if last.Expires.After(last.Checked) && ctx.Err() == nil {
		b.keep(ctx, last)
	}
	return q.with(book, last), nil, true
}

// keep stores a result. What is found is more than the answer that it was
// looked for, so a cancelled answer does not keep it from being stored.
func (b *Bot) keep(ctx context.Context, r discover.Result) {
	if err := b.Store.SaveFound(context.WithoutCancel(ctx), r); err != nil {
		b.Log.Error("found settings not saved", "err", err)
	}
}

// doubt makes found settings that a live test has failed on be looked for
// again the next time.
func (b *Bot) doubt(ctx context.Context, q query, r *diagnose.Report) {
	if q.Found == nil || r.Verdict != diagnose.VerdictFail {
		return
	}
	again := *q.Found
	again.Expires = again.Checked
	b.keep(ctx, again)
}

// with returns q with what a search has found.
func (q query) with(book *knowledge.Book, r discover.Result) query {
	q.Found = &r
	q.Behind = book.Provider(r.Provider)
	return q
}

// settings answers /settings: from the book, or by a search that shows its progress.
func (v *view) settings(ctx context.Context, q query, yield func(Answer) bool) {
	ctx, cancel := context.WithTimeout(ctx, v.bot.searchTime())
	defer cancel()
	for _, domain := range v.bot.searchable(q) {
		v.lang = firstLang(v.lang, "en")
		try := q
		try.Domain, try.Host = domain, ""
		try, lim, ok := v.bot.search(ctx, v.from, v.book, try, func(q query) bool { return yield(v.searchingAnswer(q)) })
		switch {
		case lim != nil:
			yield(v.limitedAnswer(*lim, "/settings", q))
			return
		case !ok:
			return
		}
		if q = try; q.Found != nil && q.Found.Status == discover.StatusFound {
			break
		}
	}
	yield(v.settingsAnswer(ctx, q))
}

// searchTime is how long all searches for one answer may take.
func (b *Bot) searchTime() time.Duration {
	if b.Finder != nil && b.Finder.Budget > 0 {
		return b.Finder.Budget
	}
	return discover.DefaultBudget
}

// searchable lists the domains whose servers q may ask for, likeliest first. A
// longer name may be where addresses end (stud.example.edu) or a server of the
// domain above it.
func (b *Bot) searchable(q query) []string {
	if b.unknownDomain(q) {
		return []string{q.Domain}
	}
	if b.Finder == nil || q.Provider != nil || q.Host == "" || q.Port != 0 || q.BadPort != "" {
		return nil
	}
	parent, err := publicsuffix.EffectiveTLDPlusOne(q.Host)
	if _, ok := discover.Domain(q.Host); err != nil || !ok {
		return nil
	}
	return []string{q.Host, parent}
}

// Target reads the arguments of /test into what a Prober checks; it searches
// for the servers of an unknown domain. The second result names what was not
// understood: a port that is no mail port, or a name that nobody knows; it is ""
// otherwise, also when the domain turns out to have no servers.
func (b *Bot) Target(ctx context.Context, args string) (t diagnose.Target, bad string) {
	book := b.Book()
	q := parseQuery(book, args)
	if b.unknownDomain(q) {
		q, _, _ = b.search(ctx, Message{Platform: platformConsole}, book, q, func(query) bool { return true })
	}
	return target(q)
}
