package discover

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

const mx = "example.org. 60 IN MX 10 mx.example.net."

func TestOnlyAutoconfig(t *testing.T) {
	w := newWorld(t, mx, "autoconfig.example.org. 60 IN A 127.0.0.1")
	w.page("autoconfig.example.org/mail/config-v1.1.xml",
		clientConfig("imap imap.%EMAILDOMAIN% 993 SSL", "pop3 pop.example.org 995 SSL", "smtp smtp.example.org 587 STARTTLS", "jabber x.example.org 1 SSL"))
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap imap.example.org:993 tls high autoconfig
		pop3 pop.example.org:995 tls high autoconfig
		smtp smtp.example.org:587 starttls high autoconfig
		`)
	if s := r.Servers[0]; s.Username != mailconf.UserAddress || !slices.Equal(s.Auth, []string{"password"}) || s.Doubts != nil {
		t.Errorf("got %+v", s)
	}
	if !r.Expires.Equal(r.Checked.Add(24 * time.Hour)) {
		t.Errorf("kept until %v, checked %v", r.Expires, r.Checked)
	}
}

func TestAddressIsToldWithConsentAlone(t *testing.T) {
	w := newWorld(t, mx, "example.org. 60 IN A 127.0.0.1", "autoconfig.example.org. 60 IN A 127.0.0.1", "autodiscover.example.org. 60 IN A 127.0.0.1")
	w.find("Anna+x@Example.org")
	told, sawHTTP := 0, false
	for _, a := range w.requests() {
		sawHTTP = sawHTTP || strings.Contains(a, "http://")
		if strings.Contains(strings.ToLower(a), "anna") {
			told++
			if strings.Contains(a, "http://") || strings.Contains(a, "ispdb") {
				t.Errorf("the address went to %s", a)
			}
		}
	}
	if told == 0 || !sawHTTP {
		t.Errorf("asked %q", w.requests())
	}
	w.set(func() { w.asked = nil })
	w.find("example.org")
	for _, a := range w.requests() {
		if strings.Contains(a, "emailaddress=") && !strings.Contains(a, "emailaddress=postmaster%40example.org") {
			t.Errorf("asked %s", a)
		}
	}
}

func TestWellKnownAndHTTP(t *testing.T) {
	w := newWorld(t, mx, "example.org. 60 IN A 127.0.0.1", "autoconfig.example.org. 60 IN A 127.0.0.1")
	const file = "/mail/config-v1.1.xml"
	w.page("http://autoconfig.example.org"+file, clientConfig("imap imap.example.org 993 SSL", "smtp smtp.example.org 465 SSL"))
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap imap.example.org:993 tls low autoconfig-http
		smtp smtp.example.org:465 tls low autoconfig-http
		`)
	if d := r.Servers[0].Doubts; !slices.Equal(d, []Doubt{DoubtHTTP}) || !r.Expires.Equal(r.Checked.Add(time.Hour)) {
		t.Errorf("doubts %v, expires %v after", d, r.Expires.Sub(r.Checked))
	}
	w.page("example.org/.well-known/autoconfig"+file, clientConfig("imap imap.example.org 993 SSL", "smtp other.example.org 465 SSL"))
	r = w.find("example.org")
	if s := r.Of(mailconf.SMTP); len(s) != 1 || s[0].Host != "other.example.org" || r.Trust() != TrustHigh {
		t.Errorf("got %s", lines(r.Servers))
	}
}

// What came over plain http is a difference at most.
func TestMergePutsHTTPLast(t *testing.T) {
	s := fuzzSearch()
	server := func(p mailconf.Protocol, host string) Server {
		return Server{Server: knowledge.Server{Endpoint: mailconf.Endpoint{Protocol: p, Host: host, Port: 993, Security: mailconf.TLS}}}
	}
	s.found[SourceAutoconfigHTTP] = finding{servers: []Server{server(mailconf.IMAP, "imap.example.org"), server(mailconf.SMTP, "evil.example.net")}}
	s.found[SourceGuess] = finding{servers: []Server{server(mailconf.SMTP, "smtp.example.org")}}
	s.found[SourceWellKnown] = finding{servers: []Server{server(mailconf.IMAP, "imap.example.org")}}
	r := s.result(true)
	check(t, r, StatusFound, `
		imap imap.example.org:993 tls high well-known+autoconfig-http
		smtp smtp.example.org:993 tls medium guess
		`)
	if len(r.Differs) != 1 || r.Differs[0].Source != SourceAutoconfigHTTP || r.Differs[0].Server.Host != "evil.example.net" {
		t.Errorf("differs %+v", r.Differs)
	}
}

func TestOnlySRV(t *testing.T) {
	w := newWorld(t, mx,
		"_imaps._tcp.example.org. 60 IN SRV 10 1 993 b.example.net.",
		"_imaps._tcp.example.org. 60 IN SRV 0 1 993 a.example.net.",
		"_imap._tcp.example.org. 60 IN SRV 0 0 0 .",
		"_pop3s._tcp.example.org. 60 IN SRV 0 0 0 .",
		"_submission._tcp.example.org. 60 IN SRV 0 1 587 a.example.net.",
		"_submissions._tcp.example.org. 60 IN SRV 0 1 465 a.example.net.",
		"_jmap._tcp.example.org. 60 IN SRV 0 1 443 jmap.example.net.",
		"_sieve._tcp.example.org. 60 IN SRV 0 1 4190 a.example.net.")
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap a.example.net:993 tls medium srv
		imap b.example.net:993 tls medium srv
		smtp a.example.net:465 tls medium srv
		smtp a.example.net:587 starttls medium srv
		jmap jmap.example.net:443 tls medium srv
		managesieve a.example.net:4190 starttls medium srv
		`)
	if !slices.Equal(r.NotOffered, []mailconf.Protocol{mailconf.POP3}) || !slices.Equal(r.Servers[0].Doubts, []Doubt{DoubtUnsigned}) {
		t.Errorf("not offered %v, doubts %v", r.NotOffered, r.Servers[0].Doubts)
	}
}

func TestSignedSRV(t *testing.T) {
	w := newWorld(t, mx, "_imaps._tcp.example.org. 60 IN SRV 0 1 993 a.example.net.", "_submissions._tcp.example.org. 60 IN SRV 0 1 465 a.example.net.")
	w.set(func() {
		w.answer = func(q dns.Question) *dns.Msg {
			m := w.fromZone(q)
			m.AuthenticatedData = true
			return m
		}
	})
	check(t, w.find("example.org"), StatusFound, `
		imap a.example.net:993 tls high srv
		smtp a.example.net:465 tls high srv
		`)
}

func TestOnlyPACC(t *testing.T) {
	doc := `{"protocols":{"imap":{"host":"imap.example.org"},"submit":{"host":"smtp.example.org"},"jmap":{"url":"https://jmap.example.org/s"},"telepathy":7},
		"authentication":{"oauth-public":{"issuer":"https://login.example.org/"},"password":true}}`
	sum := sha256.Sum256([]byte(doc))
	w := newWorld(t, mx, "ua-auto-config.example.org. 60 IN A 127.0.0.1")
	w.page("ua-auto-config.example.org/.well-known/user-agent-configuration.json", doc)
	if r := w.find("example.org"); r.Status != StatusNothing || !slices.Contains(r.Attempts, Attempt{SourcePACC, FaultDigest}) {
		t.Errorf("without a digest: %+v", r)
	}
	w.records(`_ua-auto-config.example.org. 60 IN TXT "v=UAAC1; a=sha256; d=" "` + base64.StdEncoding.EncodeToString(sum[:]) + `"`)
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap imap.example.org:993 tls high pacc
		smtp smtp.example.org:465 tls high pacc
		jmap jmap.example.org:443 tls high pacc
		`)
	if !slices.Equal(r.Servers[0].Auth, []string{"oauth2", "password"}) {
		t.Errorf("auth %v", r.Servers[0].Auth)
	}
}

func TestOnlyISPDB(t *testing.T) {
	w := newWorld(t, mx)
	w.page("ispdb.test/v1.1/example.org", clientConfig("imap imap.example.org 993 SSL", "smtp smtp.example.org 465 SSL"))
	check(t, w.find("example.org"), StatusFound, `
		imap imap.example.org:993 tls high ispdb
		smtp smtp.example.org:465 tls high ispdb
		`)
}

// hoster is a provider that is known by its MX.
func hoster(origin knowledge.Origin) *knowledge.Provider {
	server := func(p mailconf.Protocol, host string, port uint16) knowledge.Server {
		return knowledge.Server{Endpoint: mailconf.Endpoint{Protocol: p, Host: host, Port: port, Security: mailconf.TLS}, Username: mailconf.UserAddress, Trust: "high"}
	}
	return &knowledge.Provider{
		ID: "hoster", Name: "Hoster", Kind: "hosting", MX: []string{"example.net"}, Origin: origin,
		Servers: []knowledge.Server{server(mailconf.IMAP, "imap.example.net", 993), server(mailconf.SMTP, "{domain}.example.net", 465)},
	}
}

func TestOnlyMX(t *testing.T) {
	w := newWorld(t, mx, "www.example.org. 60 IN A 127.0.0.1")
	w.know(hoster(knowledge.OriginShipped))
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap imap.example.net:993 tls high mx
		smtp example.org.example.net:465 tls high mx
		`)
	if r.Provider != "hoster" || !slices.Equal(r.MX, []string{"mx.example.net"}) {
		t.Errorf("provider %q, mx %q", r.Provider, r.MX)
	}
}

func TestMXAutoconfig(t *testing.T) {
	w := newWorld(t, "example.org. 60 IN MX 10 mx1.mail.example.co.uk.", "autoconfig.example.co.uk. 60 IN A 127.0.0.1")
	w.page("autoconfig.example.co.uk/mail/config-v1.1.xml", clientConfig("imap imap.example.co.uk 993 SSL", "smtp smtp.example.co.uk 465 SSL"))
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap imap.example.co.uk:993 tls medium mx-autoconfig
		smtp smtp.example.co.uk:465 tls medium mx-autoconfig
		`)
	if d := r.Servers[0].Doubts; !slices.Equal(d, []Doubt{DoubtMX}) {
		t.Errorf("doubts %v", d)
	}
	w = newWorld(t, "example.org. 60 IN MX 10 mx1.mail.example.co.uk.")
	w.page("ispdb.test/v1.1/mail.example.co.uk", clientConfig("imap imap.example.co.uk 993 SSL", "smtp smtp.example.co.uk 465 SSL"))
	check(t, w.find("example.org"), StatusFound, `
		imap imap.example.co.uk:993 tls medium mx-ispdb
		smtp smtp.example.co.uk:465 tls medium mx-ispdb
		`)
}

func TestOnlyGuess(t *testing.T) {
	w := newWorld(t, mx, "imap.example.org. 60 IN A 127.0.0.1", "mail.example.org. 60 IN A 127.0.0.1")
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap imap.example.org:993 tls low guess
		pop3 mail.example.org:995 tls low guess
		smtp mail.example.org:465 tls low guess
		`)
	w.probe = func(_ context.Context, e mailconf.Endpoint) bool {
		return e.HostPort() == "mail.example.org:993" || e.HostPort() == "mail.example.org:587"
	}
	r = w.find("example.org")
	check(t, r, StatusFound, `
		imap mail.example.org:993 tls medium guess
		smtp mail.example.org:587 starttls medium guess
		`)
	if !r.Servers[0].Verified || !slices.Equal(r.Servers[0].Doubts, []Doubt{DoubtGuess}) {
		t.Errorf("got %+v", r.Servers[0])
	}
	w.probe = func(context.Context, mailconf.Endpoint) bool { return false }
	check(t, w.find("example.org"), StatusNothing, "")
}

func TestGuessIsNotProbedWithoutNeed(t *testing.T) {
	w := newWorld(t, mx, "mail.example.org. 60 IN A 127.0.0.1",
		"_imaps._tcp.example.org. 60 IN SRV 0 1 993 a.example.net.", "_submissions._tcp.example.org. 60 IN SRV 0 1 465 a.example.net.")
	w.probe = func(_ context.Context, e mailconf.Endpoint) bool {
		t.Errorf("probed %v", e)
		return true
	}
	w.find("example.org")
}

func TestAutodiscover(t *testing.T) {
	const answer = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"><Account><AccountType>email</AccountType><Action>settings</Action>
<Protocol><Type>IMAP</Type><Server>imap.example.org</Server><Port>993</Port><LoginName>postmaster</LoginName><SPA>off</SPA><SSL>on</SSL></Protocol>
<Protocol><Type>POP3</Type><Server>pop.example.org</Server><Port>110</Port><Encryption>TLS</Encryption></Protocol>
<Protocol><Type>SMTP</Type><Server>smtp.example.org</Server><Port>587</Port><SSL>on</SSL><Encryption>Auto</Encryption></Protocol>
<Protocol><Type>WEB</Type></Protocol></Account></Response></Autodiscover>`
	want := func(source string) string {
		trust := map[string]string{"autodiscover": "high", "autodiscover-srv": "medium", "autodiscover-http": "low"}[source]
		return strings.NewReplacer("TRUST", trust, "SOURCE", source).Replace(`
		imap imap.example.org:993 tls TRUST SOURCE
		pop3 pop.example.org:110 starttls TRUST SOURCE
		smtp smtp.example.org:587 starttls TRUST SOURCE
		`)
	}
	const path = "/autodiscover/autodiscover.xml"
	base := func(w *world, host string) string { return (&web{finder: w.finder}).base("https", host) }
	for name, c := range map[string]struct {
		setup func(w *world)
		want  string
	}{
		"v1": {func(w *world) {
			w.records("autodiscover.example.org. 60 IN A 127.0.0.1")
			w.page("autodiscover.example.org"+path, answer)
		}, "autodiscover"},
		"v1 redirected": {func(w *world) {
			w.records("example.org. 60 IN A 127.0.0.1", "ad.example.net. 60 IN A 127.0.0.1")
			w.redirect("example.org"+path, base(w, "ad.example.net")+path, 302)
			w.page("ad.example.net"+path, answer)
		}, "autodiscover"},
		"v1 refers": {func(w *world) {
			w.records("example.org. 60 IN A 127.0.0.1", "ad.example.net. 60 IN A 127.0.0.1")
			w.page("example.org"+path, `<Autodiscover><Response><Account><Action>redirectUrl</Action><RedirectUrl>`+base(w, "ad.example.net")+path+`</RedirectUrl></Account></Response></Autodiscover>`)
			w.page("ad.example.net"+path, answer)
		}, "autodiscover"},
		"v2": {func(w *world) {
			w.records("autodiscover.example.org. 60 IN A 127.0.0.1", "ad.example.net. 60 IN A 127.0.0.1")
			w.page("autodiscover.example.org/autodiscover/autodiscover.json", `{"Protocol":"AutodiscoverV1","Url":"`+base(w, "ad.example.net")+`/there"}`)
			w.page("ad.example.net/there", answer)
		}, "autodiscover"},
		"srv": {func(w *world) {
			w.records("_autodiscover._tcp.example.org. 60 IN SRV 0 0 "+strings.TrimPrefix(base(w, "x"), "https://x:")+" ad.example.net.", "ad.example.net. 60 IN A 127.0.0.1")
			w.page("ad.example.net"+path, answer)
		}, "autodiscover-srv"},
		"http": {func(w *world) {
			w.records("autodiscover.example.org. 60 IN A 127.0.0.1", "ad.example.net. 60 IN A 127.0.0.1")
			w.redirect("http://autodiscover.example.org"+path, base(w, "ad.example.net")+path, 302)
			w.page("ad.example.net"+path, answer)
		}, "autodiscover-http"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mx)
			c.setup(w)
			r := w.find("example.org")
			check(t, r, StatusFound, want(c.want))
			if u := r.Servers[0].Username; u != mailconf.UserLocalPart {
				t.Errorf("user name %q", u)
			}
		})
	}
}

func TestSourcesAgreeAndDiffer(t *testing.T) {
	w := newWorld(t, mx, "_imaps._tcp.example.org. 60 IN SRV 0 1 993 imap.example.net.", "_submissions._tcp.example.org. 60 IN SRV 0 1 465 out.example.net.",
		"_pop3s._tcp.example.org. 60 IN SRV 0 0 0 .")
	w.know(hoster(knowledge.OriginShipped))
	w.page("ispdb.test/v1.1/example.org", clientConfig("imap imap.example.net 993 SSL", "pop3 pop.example.net 995 SSL", "smtp smtp.example.net 587 STARTTLS"))
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap imap.example.net:993 tls high srv+ispdb+mx
		smtp out.example.net:465 tls medium srv
		`)
	var got []string
	for _, d := range r.Differs {
		got = append(got, string(d.Source)+" "+d.Server.HostPort())
	}
	if want := []string{"ispdb pop.example.net:995", "ispdb smtp.example.net:587", "mx example.org.example.net:465"}; !slices.Equal(got, want) {
		t.Errorf("differs %q, want %q", got, want)
	}
	w.know(hoster(knowledge.OriginOperator))
	if r := w.find("example.org"); r.Of(mailconf.SMTP)[0].Host != "example.org.example.net" {
		t.Errorf("the operator's own record is not followed: %s", lines(r.Servers))
	}
}

func TestDomainsWithoutMail(t *testing.T) {
	for name, c := range map[string]struct {
		records []string
		want    Status
	}{
		"null MX":      {[]string{"example.org. 60 IN MX 0 .", "autoconfig.example.org. 60 IN A 127.0.0.1"}, StatusNullMX},
		"NXDOMAIN":     {nil, StatusNoDomain},
		"no MX, no A":  {[]string{"www.example.org. 60 IN A 127.0.0.1"}, StatusNoMail},
		"A alone":      {[]string{"example.org. 60 IN A 127.0.0.1"}, StatusNothing},
		"CNAME loop":   {[]string{"example.org. 60 IN CNAME b.example.org.", "b.example.org. 60 IN CNAME example.org."}, StatusBrokenDNS},
		"CNAME itself": {[]string{"example.org. 60 IN CNAME example.org."}, StatusBrokenDNS},
	} {
		t.Run(name, func(t *testing.T) {
			r := newWorld(t, c.records...).find("example.org")
			if r.Status != c.want || len(r.Servers) > 0 {
				t.Errorf("got %s %s, want %s", r.Status, lines(r.Servers), c.want)
			}
			if c.want == StatusNoDomain || c.want == StatusNullMX {
				if !r.Expires.Equal(r.Checked.Add(time.Hour)) {
					t.Errorf("kept for %v", r.Expires.Sub(r.Checked))
				}
			}
		})
	}
}

func TestBadNames(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"", "localhost", "127.0.0.1", "::1", "0x7f.1", "a..b", "-a.example.org", "exa mple.org", strings.Repeat("a", 64) + ".org", strings.Repeat("a.", 200) + "org", "a@", "ex\x00.org"} {
		if r := w.find(name); r.Status != StatusBadName {
			t.Errorf("%q: %s", name, r.Status)
		}
	}
	if len(w.requests()) > 0 {
		t.Errorf("asked %q", w.requests())
	}
}

func TestInternationalDomain(t *testing.T) {
	w := newWorld(t, "xn--mller-kva.example. 60 IN MX 0 mx.example.net.", "autoconfig.xn--mller-kva.example. 60 IN A 127.0.0.1")
	w.page("autoconfig.xn--mller-kva.example/mail/config-v1.1.xml", clientConfig("imap imap.%EMAILDOMAIN% 993 SSL", "smtp smtp.%EMAILDOMAIN% 465 SSL"))
	check(t, w.find("Müller.example."), StatusFound, `
		imap imap.xn--mller-kva.example:993 tls high autoconfig
		smtp smtp.xn--mller-kva.example:465 tls high autoconfig
		`)
}

func TestManyRecords(t *testing.T) {
	var records []string
	for i := range 1000 {
		records = append(records, "example.org. 60 IN MX 10 mx"+string(rune('a'+i%26))+strings.Repeat("x", i%50)+".example.net.")
	}
	w := newWorld(t, append(records, "_submissions._tcp.example.org. 60 IN SRV 0 1 465 smtp.example.org.")...)
	for range 1000 {
		w.records("_imaps._tcp.example.org. 60 IN SRV 0 1 993 imap.example.org.")
	}
	r := w.find("example.org")
	check(t, r, StatusFound, `
		imap imap.example.org:993 tls medium srv
		smtp smtp.example.org:465 tls medium srv
		`)
	if len(r.MX) > maxMX {
		t.Errorf("%d MX hosts", len(r.MX))
	}
}

func TestAliases(t *testing.T) {
	w := newWorld(t, mx, "autoconfig.example.org. 60 IN CNAME a.example.net.", "a.example.net. 60 IN CNAME b.example.net.", "b.example.net. 60 IN A 127.0.0.1")
	w.page("autoconfig.example.org/mail/config-v1.1.xml", clientConfig("imap imap.example.org 993 SSL", "smtp smtp.example.org 465 SSL"))
	if r := w.find("example.org"); r.Status != StatusFound {
		t.Errorf("got %+v", r)
	}
}

// attempt returns what became of a source.
func attempt(r Result, s Source) Fault {
	for _, a := range r.Attempts {
		if a.Source == s {
			return a.Fault
		}
	}
	return "not asked"
}

func TestHostileWeb(t *testing.T) {
	const file = "/mail/config-v1.1.xml"
	good := clientConfig("imap imap.example.org 993 SSL", "smtp smtp.example.org 465 SSL")
	for name, c := range map[string]struct {
		setup func(w *world)
		want  Fault
	}{
		"entity bomb": {func(w *world) {
			w.page("autoconfig.example.org"+file, `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>`+strings.Replace(good, "imap.example.org", "&b;", 1))
		}, FaultMalformed},
		"deep": {func(w *world) { w.page("autoconfig.example.org"+file, strings.Repeat("<a>", 20000)) }, FaultMalformed},
		"wrong encoding": {func(w *world) {
			w.page("autoconfig.example.org"+file, "<?xml version=\"1.0\" encoding=\"x\"?>"+good[21:])
		}, FaultMalformed},
		"10 MB": {func(w *world) { w.page("autoconfig.example.org"+file, good+strings.Repeat(" ", 10<<20)) }, FaultTooLarge},
		"not found page": {func(w *world) {
			w.page("autoconfig.example.org"+file, "<!DOCTYPE html><html><body>Not found</body></html>")
		}, FaultNone},
		"server error": {func(w *world) {
			w.serve("autoconfig.example.org"+file, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(503) })
		}, FaultUnreachable},
		"self-signed": {func(w *world) {
			w.set(func() { w.badCert["autoconfig.example.org"] = true })
			w.page("autoconfig.example.org"+file, good)
		}, FaultCertificate},
		"redirect to a private address": {func(w *world) {
			w.records("inner.example.net. 60 IN A 127.0.0.66")
			w.redirect("autoconfig.example.org"+file, (&web{finder: w.finder}).base("https", "inner.example.net"), 302)
		}, FaultRefused},
		"redirect to an address":   {func(w *world) { w.redirect("autoconfig.example.org"+file, "https://127.0.0.1/", 302) }, FaultRedirect},
		"redirect to http":         {func(w *world) { w.redirect("autoconfig.example.org"+file, "http://example.org/", 302) }, FaultRedirect},
		"redirect to another port": {func(w *world) { w.redirect("autoconfig.example.org"+file, "https://example.org:22/", 302) }, FaultRedirect},
		"redirect to a file":       {func(w *world) { w.redirect("autoconfig.example.org"+file, "file:///etc/hostname", 302) }, FaultRedirect},
		"redirect loop":            {func(w *world) { w.redirect("autoconfig.example.org"+file, file, 302) }, FaultRedirect},
		"endless header": {func(w *world) {
			w.serve("autoconfig.example.org"+file, func(rw http.ResponseWriter, _ *http.Request) { rw.Header().Set("X", strings.Repeat("x", 1<<20)) })
		}, FaultUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mx, "autoconfig.example.org. 60 IN A 127.0.0.1", "example.org. 60 IN A 127.0.0.1")
			c.setup(w)
			r := w.find("example.org")
			if got := attempt(r, SourceAutoconfig); got != c.want || len(r.Servers) > 0 {
				t.Errorf("got %q, want %q; servers %s", got, c.want, lines(r.Servers))
			}
		})
	}
}

func TestHostileJSON(t *testing.T) {
	deep := `{"protocols":` + strings.Repeat(`{"imap":`, 8000)
	for name, doc := range map[string]string{
		"deep": deep, "not JSON": "<html>", "wrong types": `{"protocols":[1,2]}`, "nothing": `{}`,
		"UTF-16": "{\x00}\x00",
	} {
		sum := sha256.Sum256([]byte(doc))
		w := newWorld(t, mx, "ua-auto-config.example.org. 60 IN A 127.0.0.1", "autodiscover.example.org. 60 IN A 127.0.0.1",
			`_ua-auto-config.example.org. 60 IN TXT "v=UAAC1; a=sha256; d=`+base64.StdEncoding.EncodeToString(sum[:])+`"`)
		w.page("ua-auto-config.example.org/.well-known/user-agent-configuration.json", doc)
		w.page("autodiscover.example.org/autodiscover/autodiscover.json", doc)
		w.page("autodiscover.example.org/autodiscover/autodiscover.xml", strings.Repeat("<Response>", 6000))
		r := w.find("example.org")
		for _, s := range []Source{SourcePACC, SourceAutodiscover} {
			if got := attempt(r, s); got != FaultMalformed {
				t.Errorf("%s: %s: got %q", name, s, got)
			}
		}
	}
}

func TestTrustInAD(t *testing.T) {
	for conf, want := range map[string]bool{
		"nameserver 192.0.2.1\noptions edns0 trust-ad\n": true,
		"nameserver 127.0.0.11\noptions ndots:0\n":       false,
		"# options trust-ad\n":                           false,
	} {
		if trustsAD(conf) != want {
			t.Errorf("%q: want %v", conf, want)
		}
	}
}

func TestPrivateHostIsRefused(t *testing.T) {
	w := newWorld(t, mx, "autoconfig.example.org. 60 IN A 127.0.0.77")
	if got := attempt(w.find("example.org"), SourceAutoconfig); got != FaultRefused {
		t.Errorf("got %q", got)
	}
	w.finder.Allow = nil
	w.records("ua-auto-config.example.org. 60 IN A 10.0.0.1")
	r := w.find("example.org")
	for _, s := range []Source{SourceAutoconfig, SourcePACC} {
		if got := attempt(r, s); got != FaultRefused {
			t.Errorf("by default, %s: got %q", s, got)
		}
	}
}

// A source that hangs does not keep the others' answer from being given, nor
// the search from ending before its budget.
func TestHangingSources(t *testing.T) {
	w := newWorld(t, mx, "autoconfig.example.org. 60 IN A 127.0.0.1", "example.org. 60 IN A 127.0.0.1",
		"_imaps._tcp.example.org. 60 IN SRV 0 1 993 imap.example.org.", "_submissions._tcp.example.org. 60 IN SRV 0 1 465 smtp.example.org.")
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	w.serve("autoconfig.example.org/mail/config-v1.1.xml", hang)
	w.serve("ispdb.test/v1.1/example.org", hang)
	w.finder.Budget = time.Minute // far beyond what the test waits for
	n := 0
	for r := range w.finder.Find(t.Context(), "example.org") {
		if n = len(r.Servers); n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d servers while other sources hang", n)
	}
	w.finder.Budget = time.Second
	if r := w.find("example.org"); r.Status != StatusFound || attempt(r, SourceAutoconfig) != FaultTimeout {
		t.Errorf("got %+v", r)
	}
}

func TestSilentResolver(t *testing.T) {
	w := newWorld(t)
	w.set(func() { w.answer = func(dns.Question) *dns.Msg { return nil } })
	w.finder.Budget = time.Second
	r := w.find("example.org")
	if r.Status != StatusNoNetwork || r.Expires.After(r.Checked) {
		t.Errorf("got %s, kept for %v", r.Status, r.Expires.Sub(r.Checked))
	}
	w.finder.Resolver = "127.0.0.1:1" // nobody listens
	w.finder.Budget = time.Minute
	if r := w.find("example.org"); r.Status != StatusNoNetwork {
		t.Errorf("got %s", r.Status)
	}
}

func TestServFail(t *testing.T) {
	w := newWorld(t)
	w.set(func() {
		w.answer = func(dns.Question) *dns.Msg { return &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeServerFailure}} }
	})
	if r := w.find("example.org"); r.Status != StatusBrokenDNS {
		t.Errorf("got %s", r.Status)
	}
}

func TestCancel(t *testing.T) {
	w := newWorld(t, mx, "autoconfig.example.org. 60 IN A 127.0.0.1")
	ctx, cancel := context.WithCancel(t.Context())
	w.finder.Budget = time.Minute
	w.serve("autoconfig.example.org/mail/config-v1.1.xml", func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	var last Result
	for r := range w.finder.Find(ctx, "example.org") {
		last = r
	}
	if !last.Final {
		t.Errorf("got %+v", last)
	}
}
