package diagnose

import (
	"net/netip"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Target is what one run checks: endpoints that are probed side by side.
type Target struct {
	Name      string              // what was asked for, as the report shows it
	Provider  string              // the knowledge base's id, or ""
	Domain    string              // whose inbound mail is noted beside the probes; "": nobody's
	Endpoints []mailconf.Endpoint // hosts may repeat; at most Policy.MaxEndpoints are probed
	Login     *Login              // nil: no login is tried
	Facts     Facts               // what is known of the provider
}

// Login is an account to try. It is used for one run only.
type Login struct {
	Username  string
	Account   string                       // what failed logins are counted by; "" is Username
	Usernames map[mailconf.Protocol]string // where a protocol wants another form of the name
	Password  Secret
	Token     bool   // Password is an OAuth2 access token
	Mechanism string // use this SASL mechanism and no other; "" chooses
}

// user is the name for a protocol.
func (l *Login) user(p mailconf.Protocol) string {
	if u := l.Usernames[p]; u != "" {
		return u
	}
	return l.Username
}

// StepKind names one stage of a probe.
type StepKind string

// The stages in the order in which an endpoint goes through them.
const (
	StepResolve  StepKind = "resolve"  // names to addresses; once per host
	StepConnect  StepKind = "connect"  // TCP handshake
	StepGreeting StepKind = "greeting" // the server's first line
	StepStartTLS StepKind = "starttls" // offered and accepted
	StepTLS      StepKind = "tls"      // handshake, certificate
	StepVersions StepKind = "versions" // TLS 1.0 to 1.3 offered
	StepCaps     StepKind = "capabilities"
	StepAuth     StepKind = "auth"
	StepOpen     StepKind = "open"    // INBOX selected, STAT answered
	StepFamily   StepKind = "family"  // the same endpoint over the other IP version
	StepInstead  StepKind = "instead" // another endpoint that works in the place of a failed one
	StepClock    StepKind = "clock"   // a server told the time; Endpoint is zero
	StepDomain   StepKind = "domain"  // notes about the target's domain; Endpoint is zero
	StepVerdict  StepKind = "verdict"
)

// Status is the outcome of a step.
type Status string

// The outcomes. Running marks a step that has begun and not ended.
const (
	StatusRunning Status = "running"
	StatusOK      Status = "ok"
	StatusWarn    Status = "warn"
	StatusFail    Status = "fail"
	StatusSkipped Status = "skipped"
)

// Step is one event of a probe run. A run yields a Step when a stage ends and,
// for stages that may take longer than a second, when it begins.
type Step struct {
	Endpoint   mailconf.Endpoint // of StepResolve the Host alone is set: it counts for all endpoints of that host
	Address    netip.AddrPort    // the peer, zero before it is known
	Kind       StepKind
	Status     Status
	Took       time.Duration
	Cause      Cause    // "" when all is well
	Also       []Cause  // further faults found in the same stage (a certificate can be expired and misnamed)
	Detail     string   // facts for the text: the host names of a certificate, a date; no sentence
	ServerText string   // the server's own words, cleaned and cut
	TLS        *TLSInfo // set by StepTLS and StepVersions
	Auth       *AuthInfo
	Instead    *mailconf.Endpoint // set by StepInstead
	Clock      time.Duration      // set by StepClock: the server's clock minus ours
	Domain     *DomainInfo        // set by StepDomain
	Report     *Report            // set by the last step of a run, StepVerdict with a zero Endpoint
}

// Verdict is the result of an endpoint or of a run.
type Verdict string

// The verdicts, also the words of the command line's JSON.
const (
	VerdictOK   Verdict = "ok"
	VerdictWarn Verdict = "warn"
	VerdictFail Verdict = "fail"
)

// Report is a whole run, in the shape that `test --json` prints.
type Report struct {
	Target    string           `json:"target"`
	Provider  *string          `json:"provider"`
	Verdict   Verdict          `json:"verdict"`
	Cause     *Cause           `json:"cause"` // the one cause of the run
	ElapsedMS int64            `json:"elapsed_ms"`
	Endpoints []EndpointReport `json:"endpoints"`
	Domain    *DomainInfo      `json:"domain"`             // nil: not asked for, or nothing known in time
	ClockS    *int64           `json:"clock_difference_s"` // a server's clock minus ours in seconds; nil: none told the time
}

// EndpointReport is what a run found out about one endpoint.
type EndpointReport struct {
	Protocol   mailconf.Protocol `json:"protocol"`
	Host       string            `json:"host"`
	Port       uint16            `json:"port"`
	Security   mailconf.Security `json:"security"`
	Address    *string           `json:"address"`
	Verdict    Verdict           `json:"verdict"`
	Cause      *Cause            `json:"cause"`
	Also       []Cause           `json:"also,omitempty"`
	Detail     *string           `json:"detail"`
	ServerText *string           `json:"server_text"`
	Steps      []StepReport      `json:"steps"`
	TLS        *TLSInfo          `json:"tls"`
	Auth       *AuthInfo         `json:"auth"`

	// Instead is an endpoint of the same protocol that was found to work, when this one does not.
	Instead *mailconf.Endpoint `json:"instead,omitempty"`
}

// StepReport is one stage in a report; MS is its duration in milliseconds.
type StepReport struct {
	Kind   StepKind `json:"kind"`
	Status Status   `json:"status"`
	MS     int64    `json:"ms"`
}

// TLSInfo is what a handshake showed.
type TLSInfo struct {
	Version         string    `json:"version"` // "TLS 1.3"
	Cipher          string    `json:"cipher"`
	VersionsOffered []string  `json:"versions_offered"`
	Certificate     *CertInfo `json:"certificate"`
}

// CertInfo is the leaf certificate, with chain, name and dates each judged for itself.
type CertInfo struct {
	Subject   string    `json:"subject"`
	Names     []string  `json:"names"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	ChainOK   bool      `json:"chain_ok"`
	NameOK    bool      `json:"name_ok"`
	TimeOK    bool      `json:"time_ok"`
	Staple    string    `json:"staple,omitempty"` // what the issuer's answer that came along says: good, revoked, outdated
}

// AuthInfo is what a server said about logging in. Result is "accepted",
// "refused", "error", or nil when no login was tried.
type AuthInfo struct {
	MechanismsBeforeTLS []string `json:"mechanisms_before_tls"`
	Mechanisms          []string `json:"mechanisms"`
	Attempted           bool     `json:"attempted"`
	Mechanism           *string  `json:"mechanism"`
	Result              *string  `json:"result"`
}
