package bot

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// This file makes a general answer one about this provider and this mail
// program: its title names them, and what goes for others is left out.

// titled is a title with what the answer is about, as far as the title does not
// name it: the provider, and the mail program where the answer speaks of it.
func (v *view) titled(title string, in knowledge.Intent, q query, ofClient bool) string {
	var provider, client string
	if q.Provider != nil && !namesIt(title, q.Provider) {
		provider = q.Provider.Name
	}
	if c := v.book.Client(facetsOf(in, v.conv).client); c != nil && ofClient && !strings.Contains(title, c.NameIn(v.lang)) {
		client = c.NameIn(v.lang)
	}
	what := provider + client // one of them, or both in a phrase
	if provider != "" && client != "" {
		what = v.say("title.in", "provider", provider, "client", client)
	}
	if what == "" {
		return title
	}
	return v.say("title.about", "title", title, "what", what)
}

// namesIt reports whether a text names the provider: "(Telekom)" does for
// T-Online (Telekom).
func namesIt(text string, p *knowledge.Provider) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(p.Name), func(r rune) bool { return strings.ContainsRune(" ()", r) }), func(w string) bool {
		return len(w) > 4 && strings.Contains(text, w)
	}) || strings.Contains(text, strings.ToLower(p.Name))
}

// ownItems are the items of a list without those that speak, by the names in
// front of their colon, of other providers, or of this one on what is said
// already.
func (v *view) ownItems(list Steps, p *knowledge.Provider, said demands) [][]Span {
	if p == nil || list.Ordered {
		return list.Items
	}
	return slices.DeleteFunc(slices.Clone(list.Items), func(item []Span) bool {
		s := plainSpans(item)
		names, _, ok := strings.Cut(s, ":")
		if !ok {
			return false
		}
		var own, others bool
		for name := range strings.SplitSeq(names, ", ") {
			q := v.book.ByAlias(name)
			own = own || q == p
			others = others || q != nil && q != p
		}
		d := v.mind.kept.demandsOf(s)
		return others && !own || own && d != 0 && d&^said == 0
	})
}

// anyTest is how articles speak of a test of whatever server it is.
var anyTest = regexp.MustCompile(`^(.*)/test (?:und|mit|and|with) (?:deinem Anbieter|your provider)(.*)$`)

// nextLast takes an article's closing request, its "next step", out of blocks.
// A test that it advises is one of the provider that is known.
func (v *view) nextLast(blocks []Block, q query) (rest, next []Block) {
	for _, b := range blocks {
		p, ok := b.(Paragraph)
		s := blockText(b)
		if ok && strings.HasPrefix(s, v.say("next.prefix")) {
			if m := anyTest.FindStringSubmatch(s); m != nil && q.Provider != nil {
				p.Spans = Spans(T(m[1]), Code("/test "+q.Provider.ID), T(m[2]))
			}
			next = append(next, p)
			continue
		}
		rest = append(rest, b)
	}
	return rest, next
}

// namesServer reports whether a block names one of the provider's servers.
func namesServer(p *knowledge.Provider) func(Block) bool {
	return func(b Block) bool {
		text := textOf([]Block{b})
		return slices.ContainsFunc(p.Servers, func(s knowledge.Server) bool { return strings.Contains(text, s.Host) })
	}
}

// textOf is the plain text of paragraphs, hints and lists.
func textOf(blocks []Block) string {
	var out strings.Builder
	for _, b := range blocks {
		out.WriteString(blockText(b) + "\n")
		if st, ok := b.(Steps); ok {
			for _, item := range st.Items {
				out.WriteString(plainSpans(item) + "\n")
			}
		}
	}
	return out.String()
}

// whichProvider is the part of a question that asks for the provider.
var whichProvider = regexp.MustCompile(`^(?:(?:Um|Bei) welche[mn] Anbieter|Which provider) [^,?]*, (?:und|and) |, (?:und bei welchem Anbieter|and which provider) [^,?]*`)

// withoutProvider is a question that does not ask for the provider.
func withoutProvider(s string) string {
	return plainSpans(capital(Spans(T(whichProvider.ReplaceAllString(s, "")))))
}

// capital begins with a capital letter.
func capital(spans []Span) []Span {
	if len(spans) == 0 || spans[0].Kind != SpanText {
		return spans
	}
	out := slices.Clone(spans)
	r, n := utf8.DecodeRuneInString(out[0].Text)
	out[0].Text = string(unicode.ToUpper(r)) + out[0].Text[n:]
	return out
}

// withoutDemands is a text without the sentences on demands that are told
// already, more precisely.
func (k *kept) withoutDemands(s string, told demands) string {
	if told == 0 {
		return s
	}
	return keepSentences(s, func(sentence string) bool {
		d := k.demandsOf(sentence)
		return d == 0 || d&^told != 0
	})
}

// keepSentences is s with the sentences that keep wants.
func keepSentences(s string, keep func(string) bool) string {
	var out []string
	for len(s) > 0 {
		end := len(s)
		if m := fullStop.FindStringSubmatchIndex(s); m != nil {
			end = m[3]
		}
		if sentence := strings.TrimSpace(s[:end]); keep(sentence) {
			out = append(out, sentence)
		}
		s = s[end:]
	}
	return strings.Join(out, " ")
}

// sourcesFor are the sources of an article without those of other providers:
// pages of a site on which another provider's help lies and this one's does not.
func (v *view) sourcesFor(a *knowledge.Article, p *knowledge.Provider) []knowledge.Source {
	if p == nil || len(a.Sources) < 2 {
		return a.Sources
	}
	own := slices.DeleteFunc(slices.Clone(a.Sources), func(s knowledge.Source) bool {
		ids := v.mind.kept.helpers(v.book, siteOf(s.URL))
		return len(ids) > 0 && !slices.Contains(ids, p.ID)
	})
	if len(own) == 0 {
		return a.Sources
	}
	return own
}

// siteOf is the registered domain of a page.
func siteOf(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return ""
	}
	d, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname())
	if err != nil {
		return u.Hostname()
	}
	return d
}
