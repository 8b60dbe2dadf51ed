package main

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// studied is the date of the study that the table comes from.
const studied = "2026-11-22"

// row is one line of the table.
type row struct {
	ID       string             `json:"id"`
	Name     string             `json:"name"`
	Country  string             `json:"country"`
	Kind     string             `json:"kind"`
	Domains  []string           `json:"domains"`
	MX       []string           `json:"mx"`
	Servers  []knowledge.Server `json:"servers"`
	Outdated []knowledge.Server `json:"outdated_servers"`
	Requires knowledge.Requires `json:"requires"`
	OAuth    string             `json:"oauth_issuer"`
	Docs     []string           `json:"doc_urls"`
	Sources  []string           `json:"sources"`
}

// convert makes providers out of the rows.
func convert(rows []row) []*knowledge.Provider {
	count := map[string]int{}
	for _, r := range rows {
		count[r.Name]++
	}
	list := make([]*knowledge.Provider, 0, len(rows))
	for _, r := range rows {
		p := &knowledge.Provider{
			ID: r.ID, Name: displayName(r, count[r.Name] > 1), Kind: r.Kind, Country: r.Country,
			Domains: r.Domains, MX: mxPatterns(r.MX), Servers: r.Servers, Outdated: r.Outdated,
			Requires: r.Requires, OAuth: r.OAuth, Docs: links(r.Docs), Sources: r.Sources, Checked: studied,
		}
		p.Notes = doubts(p)
		for i := range p.Servers {
			noteOddPort(&p.Servers[i])
		}
		for i := range p.Outdated {
			noteOutdated(&p.Outdated[i])
		}
		list = append(list, p)
	}
	return list
}

// displayName cleans a name and tells providers of the same name apart by
// their first domain or the region in their id.
func displayName(r row, shared bool) string {
	name := strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.Is(unicode.So, c) {
			return -1 // flags and other pictures
		}
		return c
	}, norm.NFKC.String(r.Name)))
	switch {
	case strings.Contains(name, "%") && len(r.Domains) > 0:
		return r.Domains[0]
	case shared && len(r.Domains) > 0:
		return name + " (" + r.Domains[0] + ")"
	case shared:
		return name + " (" + r.ID + ")"
	}
	return name
}

// suffixForms are regular expressions that say no more than a host suffix does.
var suffixForms = []*regexp.Regexp{
	regexp.MustCompile(`^(?:\.\*\\\.|\(\.\*\\\.\)\?|\.\*)([a-z0-9][a-z0-9-]*(?:\\\.[a-z0-9-]+)*)$`),
	regexp.MustCompile(`^(?:mx|w)\[0-9a-z\]\+\\\.([a-z0-9-]+(?:\\\.[a-z0-9-]+)*)$`),
}

// alternatives matches a leading label and two domains to choose from.
var alternatives = regexp.MustCompile(`^(?:\.\*\\\.|\(\.\*\\\.\)\?)\(([a-z0-9\\.|-]+)\)(\\\.[a-z]+)?$`)

// mxPatterns writes MX patterns as host suffixes where that says the same, and
// leaves out what a shorter suffix of the list covers.
func mxPatterns(in []string) []string {
	var out []string
	for _, m := range in {
		out = append(out, suffixesOf(m)...)
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(a) - len(b) })
	var kept []string
	for _, m := range out {
		covered := slices.ContainsFunc(kept, func(k string) bool { return m == k || strings.HasSuffix(m, "."+k) })
		if !covered {
			kept = append(kept, m)
		}
	}
	return kept
}

// suffixesOf returns the suffixes that an MX pattern stands for, else the pattern.
func suffixesOf(m string) []string {
	plain := func(s string) string { return strings.ReplaceAll(s, `\.`, ".") }
	for _, form := range suffixForms {
		if g := form.FindStringSubmatch(m); g != nil {
			return []string{plain(g[1])}
		}
	}
	if g := alternatives.FindStringSubmatch(m); g != nil {
		var out []string
		for part := range strings.SplitSeq(g[1], "|") {
			out = append(out, plain(part+g[2]))
		}
		return out
	}
	return []string{m}
}

// links keeps the encrypted links, or the others when there are none.
func links(in []string) []string {
	var secure, other []string
	for _, u := range in {
		switch {
		case strings.HasPrefix(u, "https://") && !slices.Contains(secure, u):
			secure = append(secure, u)
		case strings.HasPrefix(u, "http://") && !slices.Contains(other, u):
			other = append(other, u)
		}
	}
	if len(secure) > 0 {
		return secure
	}
	return other
}

// doubts are the notes on a record whose facts are weak.
func doubts(p *knowledge.Provider) []knowledge.Text {
	every := func(ok func(knowledge.Server) bool) bool {
		return len(p.Servers) > 0 && !slices.ContainsFunc(p.Servers, func(s knowledge.Server) bool { return !ok(s) })
	}
	var notes []knowledge.Text
	if p.Kind == "relay" {
		notes = append(notes, knowledge.Text{
			"de": "Das ist ein Versanddienst für Programme und Webseiten: Er nimmt nur ausgehende Nachrichten an und hat kein Postfach zum Abrufen.",
			"en": "This is a sending service for programs and web sites: it takes outgoing messages only and has no mailbox to read.",
		})
	}
	if every(func(s knowledge.Server) bool { return s.Security == mailconf.Plain }) {
		notes = append(notes, knowledge.Text{
			"de": "Unsere Quellen nennen für diesen Anbieter nur unverschlüsselte Server; das Passwort ginge im Klartext durchs Netz. Manche dieser Angaben sind veraltet: Prüfe mit /test " + p.ID + ", ob es inzwischen verschlüsselt geht.",
			"en": "Our sources name only unencrypted servers for this provider; the password would cross the network in the clear. Some of these records are outdated: run /test " + p.ID + " to see whether encryption works by now.",
		})
	}
	if every(func(s knowledge.Server) bool { return s.Trust == "low" }) {
		notes = append(notes, knowledge.Text{
			"de": "Diese Angaben stammen aus einer einzigen, nicht bestätigten Quelle. Prüfe sie mit /test " + p.ID + ", bevor du dich darauf verlässt.",
			"en": "These settings come from a single unconfirmed source. Check them with /test " + p.ID + " before you rely on them.",
		})
	}
	return notes
}

// noteOddPort explains a server whose port usually means something else.
func noteOddPort(s *knowledge.Server) {
	proto, sec, ok := mailconf.PortMeaning(s.Port)
	odd := ok && (proto != s.Protocol || (sec == mailconf.TLS) != (s.Security == mailconf.TLS))
	if s.Security == mailconf.Plain || !odd {
		return
	}
	s.Note = knowledge.Text{
		"de": "Der Port passt nicht zur üblichen Verschlüsselung; so nennt es die Quelle. Wenn es damit nicht geht, zeigt der Live-Test, was der Server wirklich spricht.",
		"en": "The port does not go with the usual encryption; this is what the source says. If it does not work, the live test shows what the server really speaks.",
	}
}

// noteOutdated says why an outdated server should no longer be used.
func noteOutdated(s *knowledge.Server) {
	switch {
	case s.Protocol == mailconf.SMTP && s.Port == 25:
		s.Note = knowledge.Text{
			"de": "Port 25 ist für die Post zwischen Servern da; viele Internetanschlüsse sperren ihn.",
			"en": "Port 25 is for mail between servers; many internet connections block it.",
		}
	case s.Security == mailconf.Plain:
		s.Note = knowledge.Text{
			"de": "Ohne Verschlüsselung; nimm den verschlüsselten Zugang.",
			"en": "Without encryption; use the encrypted server instead.",
		}
	default:
		s.Note = knowledge.Text{
			"de": "Steht noch in älteren Listen; nimm die aktuellen Angaben.",
			"en": "Still found in older lists; use the current settings.",
		}
	}
}
