package diagnose

import (
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// rule maps what a server said to a cause. All that is given must hold; of
// code, enhanced and words one of the listed is enough. The first rule that
// fits wins, so the narrow ones stand above the broad ones.
type rule struct {
	cause    Cause
	stages   []StepKind          // nil: any
	protos   []mailconf.Protocol // nil: any
	codes    []string            // reply codes
	enhanced []string            // enhanced status codes and response codes
	words    []string            // lower case, anywhere in what the server said
	vague    bool                // words that count for nothing beside a code for a refused login
	facts    func(Facts) bool    // what must be known of the provider
}

var (
	atSTARTTLS = []StepKind{StepStartTLS}
	atAuth     = []StepKind{StepAuth}
	atOpen     = []StepKind{StepOpen}
	atStart    = []StepKind{StepGreeting, StepCaps}
	onPOP3     = []mailconf.Protocol{mailconf.POP3}
)

// serverWords is the table of classify. Codes are those of RFC 3463, RFC 4954,
// RFC 5530 (IMAP) and RFC 2449, RFC 3206 (POP3); wordings are those of the
// servers and providers named beside them, as seen in their answers.
var serverWords = []rule{
	// Microsoft 365 and Outlook.com tell everything by the words behind 5.7.139 and 5.7.3.
	{cause: CauseSMTPAuthDisabled, words: []string{"smtpclientauthentication is disabled", "smtp_auth_disabled"}},
	{cause: CauseOAuthRequired, words: []string{
		"basic authentication is disabled", "basicauthblocked", "basic auth is disabled",
		"basic authentication is not supported", "oauth authentication required", "please use oauth", "logins via password are disabled", "modern authentication",
	}},
	{cause: CauseOAuthRequired, enhanced: []string{"5.7.30"}},
	{cause: CauseSMTPAuthDisabled, enhanced: []string{"5.7.139"}, words: []string{"security defaults", "did not meet the criteria"}},
	{cause: CauseMailboxMissing, words: []string{"user is authenticated but not connected"}},

	// A password of its own for mail programs: Google, Apple, Yahoo, AOL and others with two-factor login.
	{cause: CauseAppPassword, words: []string{
		"application-specific password", "application specific password", "application password", "app-specific password", "authorization code", "授权码", "app password",
		"app-passwort", "anwendungsspezifisches passwort", "invalidsecondfactor",
	}},
	// Google: "Please log in via your web browser", [WEBALERT]; NetEase: "Unsafe Login".
	{cause: CauseWebLoginRequired, enhanced: []string{"5.7.14", "WEBALERT"}},
	{cause: CauseWebLoginRequired, words: []string{"log in via your web browser", "via your web browser", "[webalert", "weblogin", "unsafe login"}},
	{cause: CauseProtocolOff, stages: atAuth, words: []string{
		"imap is disabled", "imap access is disabled", "not enabled for imap", "imap not enabled", "imap disabled",
		"pop is disabled", "pop3 is disabled", "pop access is disabled", "not enabled for pop", "pop not enabled", "pop3 access not allowed",
		"imap access is not enabled", "pop3 access is not enabled", "imap/pop", "pop3/imap", "please enable imap", "enable access via imap", "yet to enable imap", "yet to enable pop",
		"service is not open", "user has no permission",
		"protocol is disabled", "service not enabled", "service is not enabled",
	}},
	{cause: CauseProviderMailPassword, stages: atAuth, words: []string{"e-mail-passwort", "email-passwort", "mail password required"}},

	// A client certificate is asked for in the handshake, and missed only afterwards.
	{cause: CauseClientCertificateRequired, words: []string{
		"no client certificate", "client certificate required", "client certificate not", "didn't present valid ssl certificate",
		"did not present a valid ssl certificate", "peer certificate required",
	}},

	// Greeting: who is let in at all.
	{cause: CauseGreetingRejected, stages: atStart, words: []string{"helo command rejected", "ehlo command rejected", "invalid helo", "helo name", "ehlo name"}},
	{cause: CauseTooManyConnections, words: []string{
		"too many connections", "too many concurrent", "too many simultaneous", "maximum number of connections",
		"connection limit", "concurrent connections", "too many sessions", "connections from your", "too many open", "open connections", "too many logins by",
	}},
	{cause: CauseIPBlacklisted, stages: atStart, words: []string{
		"blocked using", "spamhaus", "blacklist", "blocklist", "block list", "dnsbl", " rbl", "dynamic ip", "bad reputation",
		"poor reputation", "spamcop", "barracuda", "listed at", "your ip", "ip address is blocked", "client host rejected",
	}},
	{cause: CauseIPBlacklisted, stages: atStart, enhanced: []string{"5.7.1", "5.7.25"}},
	{cause: CauseRateLimit, stages: atStart, words: []string{"too many", "rate limit", "try again later, you"}},
	{cause: CauseTemporaryServerError, stages: atStart, codes: []string{"421", "450", "451", "454"}},
	{cause: CauseTemporaryServerError, enhanced: []string{"UNAVAILABLE", "SYS/TEMP"}, stages: atStart},
	{cause: CauseTemporaryServerError, stages: atStart, words: []string{"unavailable", "maintenance", "wartung", "try again", "temporar", "overload", "internal error"}},
	{cause: CauseGreetingRejected, stages: atStart},

	{cause: CauseSTARTTLSRefused, stages: atSTARTTLS},

	// Encryption first: RFC 4954 section 6 (538), RFC 3207 section 4 (530), RFC 5530.
	{cause: CauseEncryptionRequired, enhanced: []string{"PRIVACYREQUIRED", "5.7.11"}},
	{cause: CauseEncryptionRequired, codes: []string{"538"}},
	{cause: CauseEncryptionRequired, words: []string{
		"must issue a starttls", "starttls first", "starttls is required", "encryption required", "ssl required", "tls required",
		"plaintext authentication disallowed", "cleartext authentication disabled", "secure connection required",
	}},

	// The account itself.
	{cause: CausePasswordExpired, enhanced: []string{"EXPIRED", "4.7.12"}},
	{cause: CausePasswordExpired, codes: []string{"432"}},
	{cause: CausePasswordExpired, words: []string{"password expired", "password has expired", "passwort abgelaufen", "password must be changed"}},
	{cause: CauseMailboxFull, enhanced: []string{"OVERQUOTA", "5.2.2", "4.2.2"}},
	{cause: CauseMailboxFull, words: []string{"over quota", "quota exceeded", "mailbox is full", "mailbox full"}},
	{cause: CauseMailboxLocked, enhanced: []string{"IN-USE", "INUSE"}},
	{cause: CauseMailboxLocked, words: []string{
		"mailbox is locked", "maildrop already locked", "mailbox in use", "already in use", "unable to lock maildrop", "mailbox locked", "lock on mailbox",
	}},
	{cause: CauseLoginDelay, enhanced: []string{"LOGIN-DELAY"}},
	{cause: CauseLoginDelay, words: []string{"login delay", "too frequent", "minimum interval", "wait before logging in"}},
	{cause: CauseRateLimit, enhanced: []string{"LIMIT"}},
	{cause: CauseRateLimit, stages: atAuth, words: []string{
		"too many login", "too many failed", "too many invalid", "too many bad", "too many auth", "too many attempts", "rate limit", "login rate",
		"temporarily blocked", "temporarily locked", "vorübergehend gesperrt",
	}},
	{cause: CauseAccountBlocked, enhanced: []string{"CONTACTADMIN", "5.7.13", "5.2.1"}},
	{cause: CauseAccountBlocked, stages: atAuth, words: []string{
		"account is locked", "account locked", "account has been locked", "account is disabled", "account disabled", "account has been disabled",
		"suspended", "deactivated", "account blocked", "account is blocked", "has been blocked", "user disabled", "gesperrt", "inactive account",
	}},
	{cause: CauseMailboxMissing, enhanced: []string{"AUTHORIZATIONFAILED", "NONEXISTENT"}},
	{cause: CauseMailboxMissing, words: []string{"valid mailbox", "mailbox does not exist", "mailbox doesn't exist", "no such mailbox", "no mailbox"}},

	// The server's own trouble.
	{cause: CauseTemporaryServerError, enhanced: []string{"UNAVAILABLE", "SYS/TEMP", "SERVERBUG", "4.7.0", "4.3.0", "4.3.2"}},
	{cause: CauseTemporaryServerError, codes: []string{"421", "450", "451", "452", "454", "455", "BYE"}},
	{cause: CauseTemporaryServerError, stages: atAuth, words: []string{"temporary", "try again later", "internal error", "unavailable", "backend"}, vague: true},
	{cause: CausePOP3ServerError, stages: atOpen, protos: onPOP3},
	{cause: CauseTemporaryServerError, stages: atOpen},

	// The method, not the password.
	{cause: CauseAuthMechanism, stages: atAuth, codes: []string{"504", "502", "503"}},
	{cause: CauseAuthMechanism, stages: atAuth, enhanced: []string{"5.5.4", "5.5.1", "5.7.4"}},
	{cause: CauseAuthMechanism, stages: atAuth, codes: []string{"534"}},
	{cause: CauseAuthMechanism, stages: atAuth, words: []string{
		"unsupported authentication mechanism", "unsupported mechanism", "unrecognized authentication type", "mechanism not supported",
		"unknown authentication", "authentication mechanism", "mechanism is too weak", "auth not available", "authentication not enabled",
	}},
	{cause: CauseAuthMechanism, stages: atAuth, codes: []string{"BAD"}},

	// A refused password, by what the provider's facts make likely.
	{cause: CauseOAuthRequired, stages: atAuth, facts: func(f Facts) bool { return f.OAuth2Only }},
	{cause: CauseProtocolOff, stages: atAuth, facts: func(f Facts) bool { return f.EnableIMAPPOP }},
	{cause: CauseAppPassword, stages: atAuth, facts: func(f Facts) bool { return f.AppPassword }},
	{cause: CauseProviderMailPassword, stages: atAuth, facts: func(f Facts) bool { return f.SeparateMailPassword }},
	{cause: CauseWrongCredentials, stages: atAuth},
}

// loginRefused reports an answer that is about the password by its code.
func loginRefused(r reply) bool {
	switch r.enhanced {
	case "AUTHENTICATIONFAILED", "AUTH", "5.7.8", "5.7.0", "5.7.3":
		return true
	}
	return r.code == "535"
}

// classify turns a server's refusal in a stage into a fault: the one place
// where a server's words become a cause.
func classify(p mailconf.Protocol, stage StepKind, r reply, facts Facts) *fault {
	f := &fault{cause: CauseTemporaryServerError, text: serverWordsOf(r)}
	words := r.words()
	for i := range serverWords {
		if c := &serverWords[i]; c.fits(p, stage, r, words, facts) {
			f.cause = c.cause
			break
		}
	}
	if stage == StepAuth && f.cause != CauseWrongCredentials && likely(f.cause) && loginRefused(r) {
		// Right or wrong, the password was refused in the words for a wrong one.
		f.also = append(f.also, CauseWrongCredentials)
	}
	if f.cause == CauseWrongCredentials && facts.AppPasswordIf2FA {
		f.also = append(f.also, CauseAppPassword)
	}
	return f
}

// likely reports causes that stand for "refused, and with this provider the
// usual reason is": the password may still just be wrong.
func likely(c Cause) bool {
	return c == CauseProtocolOff || c == CauseAppPassword || c == CauseProviderMailPassword
}

// fits reports whether all that a rule names holds.
func (c *rule) fits(p mailconf.Protocol, stage StepKind, r reply, words string, facts Facts) bool {
	return (c.stages == nil || slices.Contains(c.stages, stage)) &&
		(c.protos == nil || slices.Contains(c.protos, p)) &&
		(c.codes == nil || slices.Contains(c.codes, r.code)) &&
		(c.enhanced == nil || slices.Contains(c.enhanced, r.enhanced)) &&
		(c.words == nil || slices.ContainsFunc(c.words, func(w string) bool { return strings.Contains(words, w) })) &&
		(!c.vague || !loginRefused(r)) &&
		(c.facts == nil || facts != (Facts{}) && c.facts(facts))
}

// serverWordsOf picks the line to show: the last one, or an untagged one
// before it that carries an alert for the user (RFC 9051 section 7.1, ALERT).
func serverWordsOf(r reply) string {
	for _, l := range r.lines {
		if strings.Contains(strings.ToUpper(l), "ALERT]") {
			return l
		}
	}
	if len(r.lines) > 1 && r.code != "" && isDigits(r.code) {
		var all []string
		for _, l := range r.lines {
			all = append(all, strings.TrimSpace(l[min(4, len(l)):]))
		}
		return r.code + " " + strings.Join(all, " ")
	}
	return lastLine(r.lines)
}

// refusal classifies a first line that turns the client away, in whatever mode
// it was read; nil when the line welcomes.
func refusal(p mailconf.Protocol, line string) *fault {
	var r reply
	switch p {
	case mailconf.IMAP:
		r = imapStatus(strings.TrimPrefix(line, "* "))
		r.ok = r.ok || r.code == "PREAUTH"
	case mailconf.POP3:
		r = reply{ok: strings.HasPrefix(line, "+OK"), code: "-ERR"}
	default:
		r = reply{ok: strings.HasPrefix(line, "2"), code: line[:min(3, len(line))]}
		r.enhanced = enhancedCode.FindString(line[min(4, len(line)):])
	}
	if r.lines = []string{line}; r.ok {
		return nil
	}
	return classify(p, StepGreeting, r, Facts{})
}
