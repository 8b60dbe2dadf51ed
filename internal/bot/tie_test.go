package bot

import (
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// imaps and its kin are endpoints as the bait table writes them.
func imaps(host string) mailconf.Endpoint {
	return mailconf.Endpoint{Protocol: mailconf.IMAP, Host: host, Port: 993, Security: mailconf.TLS}
}

func at(e mailconf.Endpoint, port uint16, s mailconf.Security) mailconf.Endpoint {
	e.Port, e.Security = port, s
	return e
}

// tieBook knows one provider with two domains, a hoster, and what an agent taught.
func tieBook() *knowledge.Book {
	server := func(e mailconf.Endpoint) knowledge.Server {
		return knowledge.Server{Endpoint: e, Username: mailconf.UserAddress}
	}
	return knowledge.NewBook(knowledge.Facts{Providers: []*knowledge.Provider{
		{
			ID: "post", Name: "Post", Kind: "mailbox", Domains: []string{"post.com", "xn--mller-kva.com"}, Origin: knowledge.OriginShipped,
			Servers:  []knowledge.Server{server(imaps("imap.post.com")), server(at(imaps("imap.post.com"), 143, mailconf.STARTTLS)), server(at(imaps("old.post.com"), 143, mailconf.Plain))},
			Outdated: []knowledge.Server{server(imaps("gone.post.com"))},
		},
		{
			ID: "hoster", Name: "Hoster", Kind: "hosting", Domains: []string{"hoster.net"}, Origin: knowledge.OriginShipped,
			Servers: []knowledge.Server{server(imaps("mail.hoster.net")), server(imaps("imap.{domain}"))},
		},
		{
			ID: "taught", Name: "Taught", Domains: []string{"taught.org"}, Origin: knowledge.OriginTaught,
			Servers: []knowledge.Server{server(imaps("imap.taught.org"))},
		},
	}})
}

// said is what a search found for a domain: one server out of sources.
func said(domain string, e mailconf.Endpoint, trust string, doubts []discover.Doubt, sources ...discover.Source) *discover.Result {
	s := discover.Server{Server: knowledge.Server{Endpoint: e, Username: mailconf.UserAddress, Trust: trust}, Doubts: doubts}
	for _, src := range sources {
		s.Sources = append(s.Sources, string(src))
	}
	return &discover.Result{Domain: domain, Status: discover.StatusFound, Servers: []discover.Server{s}}
}

var (
	unsigned = []discover.Doubt{discover.DoubtUnsigned}
	overHTTP = []discover.Doubt{discover.DoubtHTTP}
	guessed  = []discover.Doubt{discover.DoubtGuess}
	ofMX     = []discover.Doubt{discover.DoubtMX}
)

// TestBait is the table of hosts that want a password and do not get it.
func TestBait(t *testing.T) {
	evil := imaps("imap.evil.com")
	for _, c := range []struct {
		name, domain string
		e            mailconf.Endpoint
		found        *discover.Result
	}{
		// Another host for a known domain.
		{"foreign host", "post.com", evil, nil},
		{"look-alike: letter doubled", "post.com", imaps("imap.posst.com"), nil},
		{"look-alike: letters swapped", "post.com", imaps("imap.psot.com"), nil},
		{"look-alike: zero for o", "post.com", imaps("imap.p0st.com"), nil},
		{"look-alike: one for l", "post.com", imaps("1map.post.com"), nil},
		{"look-alike: rn for m", "post.com", imaps("irnap.post.com"), nil},
		{"look-alike: hyphen", "post.com", imaps("imap-post.com"), nil},
		{"look-alike: other suffix", "post.com", imaps("imap.post.co"), nil},
		{"look-alike: longer suffix", "post.com", imaps("imap.post.com.co"), nil},
		{"look-alike: word added", "post.com", imaps("imap.post-login.com"), nil},
		{"homograph: Cyrillic o", "post.com", imaps("imap.pоst.com"), nil},
		{"homograph: Cyrillic, in ASCII", "post.com", imaps("imap.xn--pst-bed.com"), nil},
		{"homograph: Greek omicron", "post.com", imaps("imap.pοst.com"), nil},
		{"homograph: fullwidth", "post.com", imaps("imap.ｐｏｓｔ.com"), nil},
		{"homograph: fullwidth dot", "post.com", imaps("imap。post.com"), nil},
		{"homograph: long s", "post.com", imaps("imap.poſt.com"), nil},
		{"homograph: combining mark", "post.com", imaps("imap.po\u0301st.com"), nil},
		{"mixed script", "post.com", imaps("imap.pоѕt.com"), nil},
		{"zero-width joiner", "post.com", imaps("imap.po\u200dst.com"), nil},
		{"soft hyphen", "post.com", imaps("imap.po\u00adst.com"), nil},
		{"right-to-left override", "post.com", imaps("imap.\u202emoc.tsop"), nil},
		{"known name as a subdomain", "post.com", imaps("imap.post.com.evil.com"), nil},
		{"unknown subdomain of the known domain", "post.com", imaps("evil.post.com"), nil},
		{"subdomain of the known host", "post.com", imaps("x.imap.post.com"), nil},
		{"the domain itself", "post.com", imaps("post.com"), nil},
		{"the parent", "post.com", imaps("com"), nil},
		{"server that was given up", "post.com", imaps("gone.post.com"), nil},
		{"upper case", "post.com", imaps("IMAP.post.com"), nil},
		{"final dot", "post.com", imaps("imap.post.com."), nil},
		{"two final dots", "post.com", imaps("imap.post.com.."), nil},
		{"empty label", "post.com", imaps("imap..post.com"), nil},
		{"blank before", "post.com", imaps(" imap.post.com"), nil},
		{"user-info in the host", "post.com", imaps("imap.post.com@evil.com"), nil},
		{"user-info the other way", "post.com", imaps("evil.com@imap.post.com"), nil},
		{"port in the host", "post.com", imaps("imap.post.com:993"), nil},
		{"URL in the host", "post.com", imaps("https://imap.post.com"), nil},
		{"path in the host", "post.com", imaps("imap.post.com/evil.com"), nil},
		{"line end in the host", "post.com", imaps("imap.post.com\r\nx"), nil},
		{"NUL in the host", "post.com", imaps("imap.post.com\x00.evil.com"), nil},
		{"percent-encoded dot", "post.com", imaps("imap%2epost.com"), nil},
		{"IPv4 literal", "post.com", imaps("8.8.8.8"), nil},
		{"IPv4 as a number", "post.com", imaps("134744072"), nil},
		{"IPv4 in hex", "post.com", imaps("0x8.0x8.0x8.0x8"), nil},
		{"IPv6 literal", "post.com", imaps("2001:4860:4860::8888"), nil},
		{"IPv6 in brackets", "post.com", imaps("[2001:4860:4860::8888]"), nil},
		{"name for an address", "post.com", imaps("8.8.8.8.nip.io"), nil},
		{"localhost", "post.com", imaps("localhost"), nil},
		{"no host", "post.com", imaps(""), nil},
		// Another door of the known host.
		{"no encryption", "post.com", at(imaps("imap.post.com"), 143, mailconf.Plain), nil},
		{"listed without encryption", "post.com", at(imaps("old.post.com"), 143, mailconf.Plain), nil},
		{"port of another service", "post.com", at(imaps("imap.post.com"), 443, mailconf.TLS), nil},
		{"port of another protocol", "post.com", at(imaps("imap.post.com"), 465, mailconf.TLS), nil},
		{"mail port that is not listed", "post.com", mailconf.Endpoint{Protocol: mailconf.SMTP, Host: "imap.post.com", Port: 2525, Security: mailconf.STARTTLS}, nil},
		{"port 0", "post.com", at(imaps("imap.post.com"), 0, mailconf.TLS), nil},
		{"encryption of the other port", "post.com", at(imaps("imap.post.com"), 993, mailconf.STARTTLS), nil},
		// Another domain for a known host.
		{"address elsewhere", "evil.com", imaps("imap.post.com"), nil},
		{"address in a subdomain", "x.post.com", imaps("imap.post.com"), nil},
		{"address domain with final dot", "post.com.", imaps("imap.post.com"), nil},
		{"address domain in capitals", "POST.com", imaps("imap.post.com"), nil},
		{"address domain in Unicode", "müller.com", imaps("imap.post.com"), nil},
		{"address domain is a public suffix", "co.uk", imaps("imap.co.uk"), said("co.uk", imaps("imap.co.uk"), discover.TrustHigh, nil, discover.SourceAutoconfig)},
		{"no address domain", "", imaps("imap.post.com"), nil},
		{"two @", "evil.com@post.com", imaps("imap.post.com"), nil},
		// What nobody who may speak for the domain has said.
		{"taught by an agent", "taught.org", imaps("imap.taught.org"), nil},
		{"hoster's template filled with another domain", "shop.hoster.net", imaps("imap.other.hoster.net"), nil},
		{"unpublished host of the own domain", "example.org", imaps("imap.example.org"), nil},
		{"guess", "example.org", imaps("imap.example.org"), said("example.org", imaps("imap.example.org"), discover.TrustMedium, guessed, discover.SourceGuess)},
		{"autoconfig over http", "example.org", evil, said("example.org", evil, discover.TrustLow, overHTTP, discover.SourceAutoconfigHTTP)},
		{"well-known over http", "example.org", evil, said("example.org", evil, discover.TrustLow, overHTTP, discover.SourceWellKnownHTTP)},
		{"own host over http", "example.org", imaps("imap.example.org"), said("example.org", imaps("imap.example.org"), discover.TrustLow, overHTTP, discover.SourceAutoconfigHTTP)},
		{"http redirect of Autodiscover", "example.org", evil, said("example.org", evil, discover.TrustLow, overHTTP, discover.SourceAutodiscoverHTTP)},
		{"Autodiscover by SRV", "example.org", evil, said("example.org", evil, discover.TrustMedium, unsigned, discover.SourceAutodiscoverSRV)},
		{"Autodiscover", "example.org", evil, said("example.org", evil, discover.TrustHigh, nil, discover.SourceAutodiscover)},
		{"unsigned SRV to elsewhere", "example.org", evil, said("example.org", evil, discover.TrustMedium, unsigned, discover.SourceSRV)},
		{"unsigned SRV and http agree", "example.org", evil, said("example.org", evil, discover.TrustMedium, unsigned, discover.SourceSRV, discover.SourceAutoconfigHTTP)},
		{"unsigned SRV and Autodiscover agree", "example.org", evil, said("example.org", evil, discover.TrustHigh, nil, discover.SourceSRV, discover.SourceAutodiscover)},
		{"unsigned SRV to the parent", "sub.example.org", imaps("imap.example.org"), said("sub.example.org", imaps("imap.example.org"), discover.TrustMedium, unsigned, discover.SourceSRV)},
		{"unsigned SRV to a name that ends alike", "example.org", imaps("imap.badexample.org"), said("example.org", imaps("imap.badexample.org"), discover.TrustMedium, unsigned, discover.SourceSRV)},
		{"unsigned SRV, final dot", "example.org", imaps("imap.example.org."), said("example.org", imaps("imap.example.org."), discover.TrustMedium, unsigned, discover.SourceSRV)},
		{"SRV to an odd port", "example.org", at(imaps("imap.example.org"), 8993, mailconf.TLS), said("example.org", at(imaps("imap.example.org"), 8993, mailconf.TLS), discover.TrustHigh, nil, discover.SourceSRV)},
		{"autoconfig of the MX's domain", "example.org", evil, said("example.org", evil, discover.TrustMedium, ofMX, discover.SourceMXAutoconfig)},
		{"ISPDB of the MX's domain", "example.org", evil, said("example.org", evil, discover.TrustMedium, ofMX, discover.SourceMXISPDB)},
		{"MX of a known provider, other host", "example.org", evil, mxOf("hoster", evil)},
		{"MX of a taught provider", "example.org", imaps("imap.taught.org"), mxOf("taught", imaps("imap.taught.org"))},
		{"what a search found for another domain", "example.org", evil, said("evil.com", evil, discover.TrustHigh, nil, discover.SourceAutoconfig)},
		{"autoconfig without encryption", "example.org", at(evil, 143, mailconf.Plain), said("example.org", at(evil, 143, mailconf.Plain), discover.TrustHigh, nil, discover.SourceAutoconfig)},
		{"autoconfig with an address literal", "example.org", imaps("8.8.8.8"), said("example.org", imaps("8.8.8.8"), discover.TrustHigh, nil, discover.SourceAutoconfig)},
		{"host behind a CNAME", "example.org", imaps("cname-of-imap.evil.com"), said("example.org", imaps("imap.example.org"), discover.TrustHigh, nil, discover.SourceAutoconfig)},
		{"operator allows another host", "example.org", imaps("x.allowed.com"), nil},
		{"operator's host without encryption", "example.org", at(imaps("allowed.com"), 143, mailconf.Plain), nil},
	} {
		tie := ties{book: tieBook(), found: c.found, allow: []string{"allowed.com"}}
		if s, why, ok := tie.of(c.domain, c.e); ok {
			t.Errorf("%s: %q may log in to %q %d %s (%s: %+v)", c.name, c.domain, c.e.Host, c.e.Port, c.e.Security, why, s)
		}
	}
}

func mxOf(provider string, e mailconf.Endpoint) *discover.Result {
	r := said("example.org", e, discover.TrustHigh, nil, discover.SourceMX)
	r.Provider = provider
	return r
}

// TestTies are the servers that a password may go to.
func TestTies(t *testing.T) {
	elsewhere := imaps("imap.elsewhere.com")
	for _, c := range []struct {
		name, domain string
		e            mailconf.Endpoint
		found        *discover.Result
		want         Tie
	}{
		{"known", "post.com", imaps("imap.post.com"), nil, TieKnowledge},
		{"known, STARTTLS", "post.com", at(imaps("imap.post.com"), 143, mailconf.STARTTLS), nil, TieKnowledge},
		{"known, in ASCII", "xn--mller-kva.com", imaps("imap.post.com"), nil, TieKnowledge},
		{"hoster's template", "hoster.net", imaps("imap.hoster.net"), nil, TieKnowledge},
		{"autoconfig", "example.org", elsewhere, said("example.org", elsewhere, discover.TrustHigh, nil, discover.SourceAutoconfig), TieAutoconfig},
		{"ISPDB", "example.org", elsewhere, said("example.org", elsewhere, discover.TrustHigh, nil, discover.SourceISPDB), TieAutoconfig},
		{"signed SRV", "example.org", elsewhere, said("example.org", elsewhere, discover.TrustHigh, nil, discover.SourceSRV), TieSRV},
		{"unsigned SRV below the domain", "example.org", imaps("imap.example.org"), said("example.org", imaps("imap.example.org"), discover.TrustMedium, unsigned, discover.SourceSRV), TieSRV},
		{"MX of a hoster", "example.org", imaps("mail.hoster.net"), mxOf("hoster", imaps("mail.hoster.net")), TieMX},
		{"MX of a hoster, its template", "example.org", imaps("imap.example.org"), mxOf("hoster", imaps("imap.example.org")), TieMX},
		{"operator", "example.org", imaps("allowed.com"), nil, TieOperator},
	} {
		tie := ties{book: tieBook(), found: c.found, allow: []string{"allowed.com"}}
		if s, why, ok := tie.of(c.domain, c.e); !ok || why != c.want || s.Endpoint != c.e {
			t.Errorf("%s: %v, %q, %+v", c.name, ok, why, s)
		}
	}
}
