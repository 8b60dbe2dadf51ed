package diagnose

import "slices"

// Cause is a stable code for why something failed: one vocabulary for probes
// and for error texts that people paste. Texts for each stand in the knowledge
// base under the same code.
type Cause string

// Causes that probes and pasted texts share.
const (
	CauseAccountBlocked       Cause = "account-blocked"        // the provider has locked the account
	CauseAppPassword          Cause = "app-password"           // an application-specific password is required
	CauseAuthMechanism        Cause = "auth-mechanism"         // no common authentication method
	CauseCertExpired          Cause = "cert-expired"           // the certificate is past its date
	CauseCertHostnameMismatch Cause = "cert-hostname-mismatch" // the certificate is for another name
	CauseCertUntrusted        Cause = "cert-untrusted"         // no chain to a trusted issuer; refined by the causes below
	CauseClockWrong           Cause = "clock-wrong"            // this machine's clock is off
	CauseConnectionDropped    Cause = "connection-dropped"     // reset or closed in mid-conversation
	CauseConnectionRefused    Cause = "connection-refused"     // nothing listens on the port
	CauseDNSFailure           Cause = "dns-failure"            // the host name does not exist (NXDOMAIN)
	CauseEncryptionRequired   Cause = "encryption-required"    // the server wants TLS before a login
	CauseIPBlacklisted        Cause = "ip-blacklisted"         // the connecting address is on a block list
	CauseOAuthSigninFailed    Cause = "oauth-signin-failed"    // the OAuth2 token is refused
	CauseMailboxFull          Cause = "mailbox-full"           // the mailbox is over quota
	CauseMailboxLocked        Cause = "mailbox-locked"         // another session holds the mailbox
	CauseOAuthRequired        Cause = "oauth-required"         // password login is off, OAuth2 needed
	CausePort25Blocked        Cause = "port-25-blocked"        // port 25 is filtered on the way
	CauseProviderMailPassword Cause = "provider-mail-password" // the provider wants its separate mail password
	CauseRateLimit            Cause = "rate-limit"             // too many attempts
	CauseSMTPAuthDisabled     Cause = "smtp-auth-disabled"     // authenticated SMTP is off for the mailbox or tenant
	CauseSMTPAuthFailed       Cause = "smtp-auth-failed"       // SMTP refuses a login that IMAP or POP3 accepts
	CauseSSLSTARTTLSMismatch  Cause = "ssl-starttls-mismatch"  // the encryption mode does not fit the port
	CauseTemporaryServerError Cause = "temporary-server-error" // server trouble, try later
	CauseTimeout              Cause = "timeout"                // no answer in time
	CauseTLSHandshake         Cause = "tls-handshake"          // TLS negotiation fails
	CauseTLSVersionTooOld     Cause = "tls-version-too-old"    // only TLS below 1.2
	CauseTooManyConnections   Cause = "too-many-connections"   // limit of parallel connections
	CauseWrongCredentials     Cause = "wrong-credentials"      // user name or password refused
	CauseWrongPortOrProtocol  Cause = "wrong-port-or-protocol" // something else answers on the port
	CausePOP3ServerError      Cause = "pop3-server-error"      // the POP3 server accepts the login and then fails
)

// Causes that only a probe can tell.
const (
	CauseAuthNotOffered            Cause = "auth-not-offered"            // the server offers no login at all
	CauseAuthTimeout               Cause = "auth-timeout"                // no answer to the login
	CauseBadInput                  Cause = "bad-input"                   // not a public host name
	CauseBudgetExceeded            Cause = "budget-exceeded"             // the run's own time was over
	CauseCertExpiring              Cause = "cert-expiring"               // the certificate ends within two weeks
	CauseCertInterception          Cause = "cert-interception"           // the issuer is a virus scanner or proxy on the way
	CauseCertNotYetValid           Cause = "cert-not-yet-valid"          // the certificate begins in the future
	CauseCertRevoked               Cause = "cert-revoked"                // the issuer has taken the certificate back, as the server itself tells
	CauseCertWeak                  Cause = "cert-weak"                   // short key or outdated signature
	CauseCertWrongPurpose          Cause = "cert-wrong-purpose"          // not made for a server of this kind; refines cert-untrusted
	CauseClientCertificateRequired Cause = "client-certificate-required" // the server asks for a client certificate
	CauseDNSNoAddress              Cause = "dns-no-address"              // the name exists, without an address (NODATA)
	CauseDNSServerFailure          Cause = "dns-server-failure"          // SERVFAIL: the domain's name servers are broken
	CauseDNSTimeout                Cause = "dns-timeout"                 // our resolver does not answer
	CauseDNSSECBogus               Cause = "dnssec-bogus"                // the domain's DNS signatures are invalid
	CauseDomainNoMail              Cause = "domain-no-mail"              // null MX (RFC 7505)
	CauseGreetingRejected          Cause = "greeting-rejected"           // the server refuses at its greeting, or refuses EHLO
	CauseGreetingTimeout           Cause = "greeting-timeout"            // connected, then silence
	CauseHostUnreachable           Cause = "host-unreachable"            // no route to the host
	CauseInternalError             Cause = "internal-error"              // the probe itself has a fault, not the server
	CauseIPv6Broken                Cause = "ipv6-broken"                 // IPv4 works, the announced IPv6 does not
	CauseLoginDelay                Cause = "login-delay"                 // the server wants a pause between logins
	CauseLoginHeldBack             Cause = "login-held-back"             // not tried: it failed a short while ago
	CauseMailboxMissing            Cause = "mailbox-missing"             // login right, but there is no mailbox behind it
	CauseMissingIntermediate       Cause = "missing-intermediate"        // the chain has a gap; refines cert-untrusted
	CauseMTANotSubmission          Cause = "mta-not-submission"          // a server-to-server SMTP port without login
	CauseMXNotClientHost           Cause = "mx-not-client-host"          // takes mail from servers, not from mail programs
	CauseNoEncryption              Cause = "no-encryption"               // the server offers no TLS on any port
	CauseNotMailPort               Cause = "not-a-mail-port"             // the port is not one of the mail ports
	CausePasswordExpired           Cause = "password-expired"            // right once, now it must be changed
	CausePlaintextLoginAllowed     Cause = "plaintext-login-allowed"     // passwords are accepted without TLS
	CausePreauthBeforeTLS          Cause = "preauth-before-tls"          // logged in before TLS: somebody is in between
	CauseProtocolGarbage           Cause = "protocol-garbage"            // answers that break the protocol
	CauseProtocolOff               Cause = "protocol-off"                // IMAP/POP3 is switched off in the mailbox's settings
	CauseSelfSigned                Cause = "self-signed"                 // issued by itself; refines cert-untrusted
	CauseSTARTTLSInjection         Cause = "starttls-injection"          // data smuggled in before TLS
	CauseSTARTTLSMissing           Cause = "starttls-missing"            // STARTTLS is not offered
	CauseSTARTTLSRefused           Cause = "starttls-refused"            // offered, then refused
	CauseSTARTTLSStripped          Cause = "starttls-stripped"           // a device on the way removes STARTTLS
	CauseTargetBlocked             Cause = "target-blocked"              // an address that is never probed
	CauseUnknownCA                 Cause = "unknown-ca"                  // issuer in no trust store; refines cert-untrusted
	CauseUsernameForm              Cause = "username-form"               // the user name lacks its domain, or has one too many
	CauseWebLoginRequired          Cause = "web-login-required"          // the provider wants a look in the browser first
)

// Causes that only pasted texts can tell: a probe sends no message and sees
// the user's device not at all.
const (
	CauseAddressSyntax          Cause = "address-syntax"
	CauseAutoconfigFailed       Cause = "autoconfig-failed"
	CauseConnectionFailed       Cause = "connection-failed"
	CauseDiskOrProfile          Cause = "disk-or-profile"
	CauseDuplicateAccount       Cause = "duplicate-account"
	CauseMessageTooLarge        Cause = "message-too-large"
	CauseQuotaUnknown           Cause = "quota-unknown"
	CauseRecipientMailboxFull   Cause = "recipient-mailbox-full"
	CauseRecipientServerProblem Cause = "recipient-server-problem"
	CauseRecipientUnknown       Cause = "recipient-unknown"
	CauseRejectedAsSpam         Cause = "rejected-as-spam"
	CauseRelayDenied            Cause = "relay-denied"
	CauseReverseDNS             Cause = "reverse-dns"
	CauseSenderDomainRejected   Cause = "sender-domain-rejected"
	CauseSenderNotAllowed       Cause = "sender-not-allowed"
	CauseSentFolderMapping      Cause = "sent-folder-mapping"
	CauseSMTPAuthRequired       Cause = "smtp-auth-required"
	CauseSMTPRejected           Cause = "smtp-rejected"
	CauseSPFDKIMDMARC           Cause = "spf-dkim-dmarc"
)

// ProbeCauses returns, sorted, every cause that a [Prober] can report, as the
// cause of a step or among its further faults.
func ProbeCauses() []Cause {
	c := []Cause{
		CauseAccountBlocked, CauseAppPassword, CauseAuthMechanism, CauseCertExpired,
		CauseCertHostnameMismatch, CauseCertUntrusted, CauseClockWrong, CauseConnectionDropped,
		CauseConnectionRefused, CauseDNSFailure, CauseEncryptionRequired, CauseIPBlacklisted,
		CauseMailboxFull, CauseMailboxLocked, CauseOAuthRequired, CausePort25Blocked,
		CauseProviderMailPassword, CauseRateLimit, CauseSMTPAuthDisabled, CauseSMTPAuthFailed,
		CauseSSLSTARTTLSMismatch, CauseTemporaryServerError, CauseTimeout, CauseTLSHandshake,
		CauseTLSVersionTooOld, CauseTooManyConnections, CauseWrongCredentials,
		CauseWrongPortOrProtocol, CausePOP3ServerError,

		CauseAuthNotOffered, CauseAuthTimeout, CauseBadInput, CauseBudgetExceeded,
		CauseCertExpiring, CauseCertInterception, CauseCertNotYetValid, CauseCertRevoked, CauseCertWeak,
		CauseCertWrongPurpose, CauseClientCertificateRequired, CauseDNSNoAddress,
		CauseDNSServerFailure, CauseDNSTimeout, CauseDNSSECBogus, CauseDomainNoMail,
		CauseGreetingRejected, CauseGreetingTimeout, CauseHostUnreachable, CauseInternalError, CauseIPv6Broken,
		CauseLoginDelay, CauseLoginHeldBack, CauseOAuthSigninFailed, CauseMailboxMissing, CauseMissingIntermediate,
		CauseMTANotSubmission, CauseMXNotClientHost, CauseNoEncryption, CauseNotMailPort,
		CausePasswordExpired, CausePlaintextLoginAllowed, CausePreauthBeforeTLS,
		CauseProtocolGarbage, CauseProtocolOff, CauseSelfSigned, CauseSTARTTLSInjection,
		CauseSTARTTLSMissing, CauseSTARTTLSRefused, CauseSTARTTLSStripped, CauseTargetBlocked,
		CauseUnknownCA, CauseUsernameForm, CauseWebLoginRequired,
	}
	slices.Sort(c)
	return c
}

// Causes returns the whole vocabulary, sorted: [ProbeCauses] and those that
// only a pasted text can tell.
func Causes() []Cause {
	c := append(ProbeCauses(),
		CauseAddressSyntax, CauseAutoconfigFailed, CauseConnectionFailed,
		CauseDiskOrProfile, CauseDuplicateAccount, CauseMessageTooLarge,
		CauseQuotaUnknown, CauseRecipientMailboxFull, CauseRecipientServerProblem,
		CauseRecipientUnknown, CauseRejectedAsSpam, CauseRelayDenied, CauseReverseDNS,
		CauseSenderDomainRejected, CauseSenderNotAllowed, CauseSentFolderMapping,
		CauseSMTPAuthRequired, CauseSMTPRejected, CauseSPFDKIMDMARC,
	)
	slices.Sort(c)
	return c
}
