package diagnose

import "time"

// Timeouts are the deadlines of a run. A zero field has the value in its
// comment. Each is absolute for its stage: a server that sends one byte a
// second does not push it back.
type Timeouts struct {
	DNS      time.Duration // 5 s, all queries for one name
	Connect  time.Duration // 5 s, TCP handshake: three tries of a system that repeats after 1 and 3 s (RFC 6298 section 2)
	Greeting time.Duration // 10 s; RFC 5321 section 4.5.3.2.1 allows servers 5 min, no mail program's user waits that long
	Command  time.Duration // 8 s, one command and its reply, also the TLS handshake
	Auth     time.Duration // 16 s; Dovecot delays the answer to a wrong password by up to 15 s (auth_failure_delay and its penalty)
	Budget   time.Duration // 20 s, the whole run

	Silence     time.Duration // 1.5 s, after which a mute port is asked in the other encryption mode
	OtherFamily time.Duration // 3 s, how long the second IP version may lag behind the first
}

// withDefaults fills the zero fields.
func (t Timeouts) withDefaults() Timeouts {
	for _, f := range []struct {
		v *time.Duration
		d time.Duration
	}{
		{&t.DNS, 5 * time.Second},
		{&t.Connect, 5 * time.Second},
		{&t.Greeting, 10 * time.Second},
		{&t.Command, 8 * time.Second},
		{&t.Auth, 16 * time.Second},
		{&t.Budget, 20 * time.Second},
		{&t.Silence, 1500 * time.Millisecond},
		{&t.OtherFamily, 3 * time.Second},
	} {
		if *f.v <= 0 {
			*f.v = f.d
		}
	}
	return t
}

// Limits on what a server may send; beyond them it is cut off.
const (
	maxLine      = 8 << 10   // bytes in one line: RFC 9051 section 4.3 asks clients for 8192
	maxLines     = 200       // lines in one reply
	maxSession   = 64 << 10  // bytes of protocol text in one session
	maxWire      = 512 << 10 // bytes on the wire in one session: the text and a TLS handshake (crypto/tls stops at 256 KB of certificates)
	maxNames     = 64        // names of a certificate that are reported
	maxSCRAMIter = 1 << 20   // PBKDF2 rounds that a server may ask of us: about 0.5 s of one core
)

// Limits on what a run does to a server.
const (
	maxConnsPerHost = 12              // connections to one host at the same time, never more than 4 of them to one port; scripts/bench.sh shows that the usual five endpoints lose no time by it
	versionsLag     = 2 * time.Second // how long the search for TLS versions may outlast the main conversation
	quitWait        = time.Second     // how long the answer to QUIT is waited for, in the background
	expiringSoon    = 14 * 24 * time.Hour
	clockTolerance  = 24 * time.Hour // a server's clock and ours may differ by this much
)
