package discover

import (
	"context"
	"errors"
	"net"

	"github.com/miekg/dns"
)

// systemLookup asks the operating system where it keeps no resolv.conf. It
// cannot tell NXDOMAIN from a name without such records, so nothing is missing.
func systemLookup(ctx context.Context, q question) (answer, error) {
	hdr := dns.RR_Header{Name: q.name, Rrtype: q.qtype, Class: dns.ClassINET}
	records, err := systemRecords(ctx, q, hdr)
	var de *net.DNSError
	switch {
	case errors.As(err, &de) && de.IsNotFound:
		return answer{}, nil
	case err != nil:
		return answer{}, errors.Join(errNoAnswer, err)
	}
	return answer{records: records[:min(len(records), maxRecords)]}, nil
}

func systemRecords(ctx context.Context, q question, hdr dns.RR_Header) ([]dns.RR, error) {
	var out []dns.RR
	var err error
	switch q.qtype {
	case dns.TypeA, dns.TypeAAAA:
		network := map[uint16]string{dns.TypeA: "ip4", dns.TypeAAAA: "ip6"}[q.qtype]
		var ips []net.IP
		ips, err = net.DefaultResolver.LookupIP(ctx, network, q.name)
		for _, ip := range ips {
			if q.qtype == dns.TypeA {
				out = append(out, &dns.A{Hdr: hdr, A: ip})
			} else {
				out = append(out, &dns.AAAA{Hdr: hdr, AAAA: ip})
			}
		}
	case dns.TypeMX:
		var list []*net.MX
		list, err = net.DefaultResolver.LookupMX(ctx, q.name)
		for _, x := range list {
			out = append(out, &dns.MX{Hdr: hdr, Preference: x.Pref, Mx: x.Host})
		}
	case dns.TypeSRV:
		var list []*net.SRV
		_, list, err = net.DefaultResolver.LookupSRV(ctx, "", "", q.name)
		for _, x := range list {
			out = append(out, &dns.SRV{Hdr: hdr, Priority: x.Priority, Weight: x.Weight, Port: x.Port, Target: x.Target})
		}
	case dns.TypeTXT:
		var list []string
		list, err = net.DefaultResolver.LookupTXT(ctx, q.name)
		for _, x := range list {
			out = append(out, &dns.TXT{Hdr: hdr, Txt: []string{x}})
		}
	}
	return out, err
}
