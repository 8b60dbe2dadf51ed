package mailtest

import (
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// Name is what the DNS server says about one name.
type Name struct {
	Addrs   []netip.Addr
	Later   []netip.Addr // answered in the place of Addrs from the second question of a type on
	MX      []string     // hosts; "." is the null MX
	TXT     []string
	TLSA    []string // as in a zone file: "3 1 1 ABCD…"
	Signed  bool     // answers say that DNSSEC signatures were verified
	Rcode   int      // answered for every question when not 0
	Bogus   bool     // SERVFAIL unless checking is disabled
	Silence bool     // no answer at all
}

// DNS is a DNS server on the loopback interface.
type DNS struct {
	Addr string // host:port
	srv  *dns.Server
}

// StartDNS answers for zone, whose keys are lower-case names without the final
// dot. Other names do not exist.
func StartDNS(zone map[string]Name) *DNS {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(err)
	d := &DNS{Addr: pc.LocalAddr().String()}
	var asked sync.Map // questions so far
	ready := make(chan struct{})
	d.srv = &dns.Server{PacketConn: pc, NotifyStartedFunc: func() { close(ready) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		_, again := asked.LoadOrStore(q.Question[0], true)
		if m := respond(zone, q, again); m != nil {
			_ = w.WriteMsg(m)
		}
	})}
	go func() { _ = d.srv.ActivateAndServe() }()
	<-ready
	return d
}

// Close stops the server.
func (d *DNS) Close() { _ = d.srv.Shutdown() }

func respond(zone map[string]Name, q *dns.Msg, again bool) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	question := q.Question[0]
	n, ok := zone[strings.ToLower(strings.TrimSuffix(question.Name, "."))]
	switch {
	case !ok:
		m.Rcode = dns.RcodeNameError
		return m
	case n.Silence:
		return nil
	case n.Bogus && !q.CheckingDisabled:
		m.Rcode = dns.RcodeServerFailure
		return m
	case n.Rcode != 0:
		m.Rcode = n.Rcode
		return m
	}
	head := dns.RR_Header{Name: question.Name, Class: dns.ClassINET, Rrtype: question.Qtype, Ttl: 60}
	if again && n.Later != nil {
		n.Addrs = n.Later
	}
	for _, a := range n.Addrs {
		switch {
		case question.Qtype == dns.TypeA && a.Is4():
			m.Answer = append(m.Answer, &dns.A{Hdr: head, A: a.AsSlice()})
		case question.Qtype == dns.TypeAAAA && a.Is6():
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: head, AAAA: a.AsSlice()})
		}
	}
	if question.Qtype == dns.TypeMX {
		for _, h := range n.MX {
			m.Answer = append(m.Answer, &dns.MX{Hdr: head, Preference: 10, Mx: dns.Fqdn(h)})
		}
	}
	m.AuthenticatedData = n.Signed
	if question.Qtype == dns.TypeTLSA {
		for _, t := range n.TLSA {
			rr, err := dns.NewRR(question.Name + " 60 IN TLSA " + t)
			must(err)
			m.Answer = append(m.Answer, rr)
		}
	}
	if question.Qtype == dns.TypeTXT {
		for _, t := range n.TXT {
			m.Answer = append(m.Answer, &dns.TXT{Hdr: head, Txt: []string{t}})
		}
	}
	return m
}
