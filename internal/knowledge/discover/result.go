package discover

import (
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Status is the outcome of a search.
type Status string

// The outcomes.
const (
	StatusSearching Status = "searching"  // sources are still being asked and none has servers
	StatusFound     Status = "found"      // there are servers
	StatusNothing   Status = "nothing"    // the domain receives mail, and no source names its servers
	StatusNullMX    Status = "null-mx"    // the domain says that it takes no mail (RFC 7505)
	StatusNoMail    Status = "no-mail"    // the domain exists, with neither MX nor address
	StatusNoDomain  Status = "no-domain"  // the domain does not exist (NXDOMAIN)
	StatusBrokenDNS Status = "broken-dns" // the domain's name servers fail or lead in circles
	StatusNoNetwork Status = "no-network" // nothing could be asked: our resolver or network is at fault
	StatusBadName   Status = "bad-name"   // not a domain name
)

// Trust levels of a Server, the words that the knowledge base uses.
const (
	TrustHigh   = "high"   // over verified TLS, by signed DNS, or of a known provider
	TrustMedium = "medium" // from unsigned DNS, through the MX, or a guess that a live probe has confirmed
	TrustLow    = "low"    // over plain http, or an unconfirmed guess
)

// Result is what is known at one moment of a search.
type Result struct {
	Domain     string              `json:"domain"` // ASCII, lower case
	Status     Status              `json:"status"`
	Servers    []Server            `json:"servers"`               // best first within a protocol
	Provider   string              `json:"provider,omitempty"`    // id of the known provider that the MX hosts belong to
	MX         []string            `json:"mx,omitempty"`          // best first, at most 4
	NotOffered []mailconf.Protocol `json:"not_offered,omitempty"` // said so by SRV records with the target "."
	Differs    []Difference        `json:"differs,omitempty"`     // best first
	Attempts   []Attempt           `json:"attempts"`              // in the order of belief
	Checked    time.Time           `json:"checked"`
	Expires    time.Time           `json:"expires"` // when to look again; not after Checked: not to be kept
	Final      bool                `json:"-"`       // the last one of the search
}

// Server is a server that was found. Host holds no {domain}; Sources are
// values of [Source], best first.
type Server struct {
	knowledge.Server

	Doubts   []Doubt `json:"doubts,omitempty"`
	Verified bool    `json:"verified,omitempty"` // a live probe has reached it in this search
}

// Doubt is a reason why a value is not certain.
type Doubt string

// The reasons.
const (
	DoubtUnsigned Doubt = "unsigned" // DNS without DNSSEC: whoever sits between could have changed it
	DoubtHTTP     Doubt = "http"     // plain http: the same, more easily
	DoubtGuess    Doubt = "guess"    // nobody publishes it
	DoubtMX       Doubt = "mx"       // said of the MX's domain, not of this one
)

// Difference is a server that a source names otherwise than the answer does.
type Difference struct {
	Source Source `json:"source"`
	Server Server `json:"server"`
}

// Attempt is what became of one source.
type Attempt struct {
	Source Source `json:"source"`
	Fault  Fault  `json:"fault,omitempty"` // "" when it had servers
}

// Fault says why a source has nothing.
type Fault string

// The faults. FaultNone is the usual case and no error: the domain does not
// use this way of publishing.
const (
	FaultNone        Fault = "none"
	FaultUnreachable Fault = "unreachable"
	FaultTimeout     Fault = "timeout" // no answer in time, or before the search was over
	FaultCertificate Fault = "certificate"
	FaultMalformed   Fault = "malformed"
	FaultTooLarge    Fault = "too-large"
	FaultRedirect    Fault = "redirect" // too many, or to where none may lead
	FaultRefused     Fault = "refused"  // an address that Finder.Allow refuses
	FaultDigest      Fault = "digest"   // PACC: the digest in DNS is missing or another
)

// Of returns the servers for a protocol, best first.
func (r Result) Of(p mailconf.Protocol) []Server {
	var out []Server
	for _, s := range r.Servers {
		if s.Protocol == p {
			out = append(out, s)
		}
	}
	return out
}

// Trust returns the lowest trust among the best servers of IMAP, POP3 and
// SMTP, or "" when there are none.
func (r Result) Trust() string {
	worst := ""
	for _, p := range mailProtocols {
		if of := r.Of(p); len(of) > 0 && (worst == "" || trustRank(of[0].Trust) < trustRank(worst)) {
			worst = of[0].Trust
		}
	}
	return worst
}

// mailProtocols are those that a mail program is set up with.
var mailProtocols = []mailconf.Protocol{mailconf.IMAP, mailconf.POP3, mailconf.SMTP}

func trustRank(t string) int {
	switch t {
	case TrustHigh:
		return 2
	case TrustMedium:
		return 1
	}
	return 0
}
