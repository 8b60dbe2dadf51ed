package discover

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// srvService is one name under which a service is published.
type srvService struct {
	label    string
	protocol mailconf.Protocol
	security mailconf.Security
}

// srvServices is the table of names: RFC 6186 section 3, RFC 8314 section 5.1
// (_submissions), RFC 8620 section 2.2 (_jmap), RFC 5804 section 1.8 (_sieve).
// Encryption from the first byte comes first (RFC 8314 section 3).
func srvServices() []srvService {
	return []srvService{
		{"_imaps._tcp.", mailconf.IMAP, mailconf.TLS},
		{"_imap._tcp.", mailconf.IMAP, mailconf.STARTTLS},
		{"_pop3s._tcp.", mailconf.POP3, mailconf.TLS},
		{"_pop3._tcp.", mailconf.POP3, mailconf.STARTTLS},
		{"_submissions._tcp.", mailconf.SMTP, mailconf.TLS},
		{"_submission._tcp.", mailconf.SMTP, mailconf.STARTTLS},
		{"_jmap._tcp.", mailconf.JMAP, mailconf.TLS},
		{"_sieve._tcp.", mailconf.ManageSieve, mailconf.STARTTLS},
	}
}

// maxTargets is how many targets of one service are taken.
const maxTargets = 2

// srv asks for all service records side by side, and tells of each answer as
// it comes: one slow name does not hold up the others.
func srv(ctx context.Context, s *search) finding {
	services := srvServices()
	answers := make([]answer, len(services))
	errs := make([]error, len(services))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i, sv := range services {
		wg.Go(func() {
			fence.Do(s.finder.Panicked, func() {
				a, err := s.dns.lookup(ctx, sv.label+s.domain, dns.TypeSRV)
				mu.Lock()
				defer mu.Unlock()
				answers[i], errs[i] = a, err
				if len(a.records) > 0 {
					s.progress(ctx, SourceSRV, readSRV(services, answers))
				}
			})
		})
	}
	wg.Wait()
	f := readSRV(services, answers)
	if len(f.servers) == 0 {
		f.fault = FaultNone
		for _, err := range errs {
			if err != nil {
				f.fault = faultOf(err)
			}
		}
	}
	return f
}

// readSRV makes a finding of the answers to the services.
func readSRV(services []srvService, answers []answer) finding {
	var f finding
	off := make(map[mailconf.Protocol]bool)
	f.signed = true
	for i, sv := range services {
		targets, none := sortSRV(answers[i].records)
		if none {
			off[sv.protocol] = true
		}
		for _, t := range targets {
			f.servers = append(f.servers, Server{Server: srvServer(sv, t)})
			f.signed = f.signed && answers[i].signed
		}
	}
	f.signed = f.signed && len(f.servers) > 0
	for _, p := range mailProtocols {
		offered := slices.ContainsFunc(f.servers, func(s Server) bool { return s.Protocol == p })
		if off[p] && !offered {
			f.notOffered = append(f.notOffered, p)
		}
	}
	return f
}

// sortSRV returns the targets of SRV records, best first: by priority, then by
// weight, which RFC 2782 draws lots with; an answer for people should be the
// same every time. none is true for the single target "." (not offered).
func sortSRV(records []dns.RR) (targets []*dns.SRV, none bool) {
	for _, rr := range records {
		if r, ok := rr.(*dns.SRV); ok {
			targets = append(targets, r)
		}
	}
	if len(targets) == 1 && targets[0].Target == "." {
		return nil, true
	}
	targets = slices.DeleteFunc(targets, func(r *dns.SRV) bool {
		_, ok := asciiHost(r.Target)
		return !ok || r.Port == 0
	})
	slices.SortStableFunc(targets, func(a, b *dns.SRV) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Target, b.Target))
	})
	return targets[:min(len(targets), maxTargets)], false
}

// srvServer makes a server of a record. RFC 6186 section 4 has clients try the
// full address as user name first. A port that is registered for the other
// encryption mode tells more than the service's name, which people mix up.
func srvServer(sv srvService, r *dns.SRV) knowledge.Server {
	host, _ := asciiHost(r.Target)
	e := mailconf.Endpoint{Protocol: sv.protocol, Host: host, Port: r.Port, Security: sv.security}
	if p, sec, ok := mailconf.PortMeaning(r.Port); ok && p == sv.protocol {
		e.Security = sec
	}
	out := knowledge.Server{Endpoint: e, Username: mailconf.UserAddress}
	if sv.protocol == mailconf.JMAP {
		out.URL = "https://" + e.HostPort() + "/.well-known/jmap" // RFC 8620 section 2.2
	}
	return out
}
