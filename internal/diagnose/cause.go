package diagnose

// Cause is a stable code for why something failed: one vocabulary for probes
// and for error texts that people paste. Texts for each stand in the knowledge
// base under the same code.
type Cause string

// Causes that probes and pasted texts share.
const (
	CauseWrongCredentials     Cause = "wrong-credentials"
	CauseAppPassword          Cause = "app-password"
	CauseProviderMailPassword Cause = "provider-mail-password"
	CauseOAuthRequired        Cause = "oauth-required"
	CauseSMTPAuthDisabled     Cause = "smtp-auth-disabled"
	CauseAuthMechanism        Cause = "auth-mechanism"
	CauseAccountBlocked       Cause = "account-blocked"
	CauseEncryptionRequired   Cause = "encryption-required"
	CauseCertExpired          Cause = "cert-expired"
	CauseCertHostnameMismatch Cause = "cert-hostname-mismatch"
	CauseCertUntrusted        Cause = "cert-untrusted"
	CauseCertRevoked          Cause = "cert-revoked"
	CauseTLSHandshake         Cause = "tls-handshake"
	CauseTLSVersionTooOld     Cause = "tls-version-too-old"
	CauseSSLSTARTTLSMismatch  Cause = "ssl-starttls-mismatch"
	CauseWrongPortOrProtocol  Cause = "wrong-port-or-protocol"
	CauseConnectionRefused    Cause = "connection-refused"
	CauseConnectionDropped    Cause = "connection-dropped"
	CauseTimeout              Cause = "timeout"
	CauseDNSFailure           Cause = "dns-failure"
	CauseTooManyConnections   Cause = "too-many-connections"
	CauseTemporaryServerError Cause = "temporary-server-error"
)

// Causes that only a probe can tell.
const (
	CauseBadInput      Cause = "bad-input"
	CauseTargetBlocked Cause = "target-blocked"
	CauseNotMailPort   Cause = "not-a-mail-port"
)
