package discover

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// fuzzSearch is a search that asks nobody.
func fuzzSearch() *search {
	t, _ := parseTarget("example.org")
	return newSearch(&Finder{Resolver: "127.0.0.1:1"}, t, DefaultBudget)
}

// sane fails on servers that must never reach an answer.
func sane(t *testing.T, list []Server) {
	t.Helper()
	for _, s := range list {
		if _, ok := asciiHost(s.Host); !ok || s.Port == 0 || s.Protocol == "" || s.Security == "" {
			t.Errorf("%+v", s)
		}
		if strings.ContainsFunc(string(s.Username)+s.Restriction, func(r rune) bool { return r < ' ' }) || len(s.Username) > 400 || len(s.URL) > maxURL {
			t.Errorf("%+v", s)
		}
	}
}

func FuzzAutoconfig(f *testing.F) {
	f.Add([]byte(clientConfig("imap imap.%EMAILDOMAIN% 993 SSL", "smtp 127.0.0.1 0 STARTTLS")))
	s := fuzzSearch()
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := parseAutoconfig(data); err == nil {
			sane(t, s.fromAutoconfig(c))
		}
	})
}

func FuzzPACC(f *testing.F) {
	f.Add([]byte(`{"protocols":{"imap":{"host":"imap.example.org"},"jmap":{"url":"https://x.example.org/"}},"authentication":{"password":true}}`))
	f.Add([]byte(`{"protocols":` + strings.Repeat(`{"a":`, 20000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := readPACC(data)
		if err == nil {
			sane(t, list)
		}
		paccDigests([]dns.RR{&dns.TXT{Txt: []string{string(data)}}})
	})
}

func FuzzAutodiscover(f *testing.F) {
	f.Add([]byte(`<Autodiscover><Response><Account><Protocol><Type>IMAP</Type><Server>a.example.org</Server><Port>993</Port></Protocol></Account></Response></Autodiscover>`))
	f.Add([]byte(`{"Protocol":"AutodiscoverV1","Url":"https://a.example.org/"}`))
	s := fuzzSearch()
	f.Fuzz(func(t *testing.T, data []byte) {
		if doc, err := readAutodiscover(data); err == nil {
			sane(t, s.fromAutodiscover(doc))
		}
		if u, ok := readAutodiscoverV2(data); ok && u.Scheme != "https" {
			t.Errorf("%v", u)
		}
	})
}

// FuzzSRV reads a whole DNS message as the answer to each service.
func FuzzSRV(f *testing.F) {
	m := new(dns.Msg)
	m.SetQuestion("_imaps._tcp.example.org.", dns.TypeSRV)
	for _, r := range []string{"_imaps._tcp.example.org. 60 IN SRV 0 1 993 a.example.org.", "_imaps._tcp.example.org. 60 IN CNAME _imaps._tcp.example.org."} {
		rr, err := dns.NewRR(r)
		if err != nil {
			f.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	b, err := m.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, data []byte) {
		m := new(dns.Msg)
		if m.Unpack(data) != nil {
			return
		}
		services := srvServices()
		answers := make([]answer, len(services))
		for i := range services {
			records, _, hops := readChain(m, question{"_imaps._tcp.example.org.", dns.TypeSRV})
			if len(records) > maxRecords || hops > maxAliases+1 {
				t.Fatalf("%d records, %d hops", len(records), hops)
			}
			answers[i] = answer{records: records}
		}
		sane(t, readSRV(services, answers).servers)
		if hosts, _ := sortMX(m.Answer); len(hosts) > maxMX {
			t.Errorf("%d MX hosts", len(hosts))
		}
	})
}

func FuzzTarget(f *testing.F) {
	for _, s := range []string{"example.org", "anna@example.org", `"a b"@example.org`, "ü@müller.example", "xn--a.example", "a.b.", "127.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		a, ok := parseTarget(name)
		if !ok {
			return
		}
		if again, ok := asciiHost(a.domain); !ok || again != a.domain {
			t.Errorf("%q: %q becomes %q", name, a.domain, again)
		}
		if _, ok := dns.IsDomainName(a.domain); !ok {
			t.Errorf("%q is no name for DNS", a.domain)
		}
		_ = mailconf.Expand("{address}", a.told)
	})
}
