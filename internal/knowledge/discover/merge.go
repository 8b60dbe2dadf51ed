package discover

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// How long a result is kept: settings rarely change, while what is uncertain
// or missing may be put right within the hour.
const (
	keepFound = 24 * time.Hour
	keepOther = time.Hour
)

// ranked is a server with the place of its best source in the order of belief.
type ranked struct {
	Server
	rank int
}

// merged is one answer made of all findings.
type merged struct {
	servers    []ranked
	differs    []ranked
	notOffered []mailconf.Protocol
}

// merge makes one answer. For each protocol the most believed source that
// knows it is followed; sources that name the same server add to its trust, and
// those that name another host are kept as differences.
func (s *search) merge() merged {
	var m merged
	off := make(map[mailconf.Protocol]int) // the rank of who says that it is not offered
	for i, spec := range s.specs {
		for _, p := range s.found[spec.name].notOffered {
			if _, ok := off[p]; !ok {
				off[p] = i
				m.notOffered = append(m.notOffered, p)
			}
		}
	}
	all := s.ranked()
	for _, p := range protocols(all) {
		of := slices.DeleteFunc(slices.Clone(all), func(r ranked) bool { return r.Protocol != p })
		guess := of[0].Sources[0] == string(SourceGuess)
		switch rank, ok := off[p]; {
		case ok && rank < of[0].rank:
			if !guess {
				m.differs = append(m.differs, of[0])
			}
			continue
		case guess && p != mailconf.SMTP && publishesIncoming(all):
			continue // who publishes IMAP alone means it
		}
		m.notOffered = slices.DeleteFunc(m.notOffered, func(x mailconf.Protocol) bool { return x == p })
		m.protocol(of)
	}
	return m
}

// publishesIncoming reports whether anybody but the guesses names a server to
// read mail from.
func publishesIncoming(all []ranked) bool {
	return slices.ContainsFunc(all, func(r ranked) bool {
		return r.Sources[0] != string(SourceGuess) && (r.Protocol == mailconf.IMAP || r.Protocol == mailconf.POP3)
	})
}

// ranked lists all servers of all sources, most believed first. An operator's
// own record stands above all; what is low in trust below the rest.
func (s *search) ranked() []ranked {
	var all []ranked
	for i, spec := range s.specs {
		f := s.found[spec.name]
		rank := i
		if f.provider != nil && f.provider.Origin == knowledge.OriginOperator {
			rank = -1
		}
		for _, sv := range f.servers {
			if sv.Trust == "" {
				sv.Trust, sv.Doubts = spec.trust, spec.doubt
			}
			if f.signed {
				sv.Trust, sv.Doubts = TrustHigh, nil
			}
			sv.Sources = []string{string(spec.name)}
			all = append(all, ranked{sv, rank})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(lowLast(a), lowLast(b)), cmp.Compare(a.rank, b.rank))
	})
	return all
}

func lowLast(r ranked) int {
	if r.Trust == TrustLow {
		return 1
	}
	return 0
}

// protocols lists the protocols of servers, those of mail programs first.
func protocols(list []ranked) []mailconf.Protocol {
	out := slices.Clone(mailProtocols)
	for _, r := range list {
		if !slices.Contains(out, r.Protocol) {
			out = append(out, r.Protocol)
		}
	}
	return slices.DeleteFunc(out, func(p mailconf.Protocol) bool {
		return !slices.ContainsFunc(list, func(r ranked) bool { return r.Protocol == p })
	})
}

// protocol takes in the servers of one protocol, most believed first.
func (m *merged) protocol(of []ranked) {
	var best []ranked
	for _, r := range of {
		switch i := slices.IndexFunc(best, func(b ranked) bool { return sameServer(b.Server, r.Server) }); {
		case i >= 0:
			best[i].agree(r)
		case len(best) == 0 || r.Sources[0] == best[0].Sources[0]:
			best = append(best, r)
		case r.Sources[0] == string(SourceGuess):
		case !slices.ContainsFunc(best, func(b ranked) bool { return compatible(b.Server, r.Server) }) &&
			!slices.ContainsFunc(m.differs, func(d ranked) bool { return sameServer(d.Server, r.Server) }):
			m.differs = append(m.differs, r)
		}
	}
	m.servers = append(m.servers, best...)
}

// agree adds a source that names the same server.
func (r *ranked) agree(o ranked) {
	if !slices.Contains(r.Sources, o.Sources[0]) {
		r.Sources = append(r.Sources, o.Sources[0])
	}
	if trustRank(o.Trust) > trustRank(r.Trust) {
		r.Trust, r.Doubts = o.Trust, o.Doubts
	}
	if r.Auth == nil {
		r.Auth = o.Auth
	}
	r.Verified = r.Verified || o.Verified
}

func sameServer(a, b Server) bool {
	return a.Protocol == b.Protocol && strings.EqualFold(a.Host, b.Host) && a.Port == b.Port && a.Security == b.Security
}

// compatible reports whether two servers can both be right: other ports of the
// same host can, other encryption on the same port cannot.
func compatible(a, b Server) bool {
	return strings.EqualFold(a.Host, b.Host) && (a.Port != b.Port || a.Security == b.Security)
}

// result is what is known now.
func (s *search) result(final bool) Result {
	m := s.merge()
	mx := s.found[SourceMX]
	r := Result{Domain: s.domain, Status: s.status(m, final), MX: mx.mx, NotOffered: m.notOffered, Checked: s.finder.now(), Final: final}
	for _, sv := range m.servers {
		r.Servers = append(r.Servers, sv.Server)
	}
	for _, d := range m.differs {
		r.Differs = append(r.Differs, Difference{Source(d.Sources[0]), d.Server})
	}
	if mx.provider != nil {
		r.Provider = mx.provider.ID
	}
	for _, spec := range s.specs {
		f, asked := s.found[spec.name]
		switch {
		case s.pending[spec.name] && final:
			f.fault = FaultTimeout
		case !asked:
			continue
		}
		if len(f.servers) > 0 {
			f.fault = ""
		}
		r.Attempts = append(r.Attempts, Attempt{spec.name, f.fault})
	}
	r.Expires = r.Checked
	switch {
	case r.Status == StatusNoNetwork:
	case r.Trust() == TrustHigh || r.Trust() == TrustMedium:
		r.Expires = r.Checked.Add(keepFound)
	default:
		r.Expires = r.Checked.Add(keepOther)
	}
	return r
}

func (s *search) status(m merged, final bool) Status {
	mx := s.found[SourceMX].status
	switch {
	case mx == StatusNoDomain || mx == StatusNullMX:
		return mx
	case len(m.servers) > 0:
		return StatusFound
	case !final:
		return StatusSearching
	case mx == StatusNoMail || mx == StatusBrokenDNS || mx == StatusNoNetwork:
		return mx
	case s.pending[SourceMX]: // DNS has not even said who takes the mail
		return StatusNoNetwork
	}
	return StatusNothing
}
