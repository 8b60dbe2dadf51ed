package diagnose

import (
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// ask reads words as the dialect of a protocol does, and classifies them.
func ask(t *testing.T, p mailconf.Protocol, st StepKind, words string, facts Facts) *fault {
	t.Helper()
	s := newSession(t.Context(), scripted{in: strings.NewReader(words + "\r\n")})
	defer s.close()
	var r reply
	var err error
	switch p {
	case mailconf.IMAP:
		r, _, err = (&imapDialect{}).read(s, "a1")
	case mailconf.POP3:
		r, err = readPOP3(s)
	default:
		r, err = readSMTP(s)
	}
	if err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	return classify(p, st, r, facts)
}

func TestClassify(t *testing.T) {
	imap, pop3, smtp := mailconf.IMAP, mailconf.POP3, mailconf.SMTP
	for _, c := range []struct {
		p     mailconf.Protocol
		st    StepKind
		words string
		facts Facts
		want  Cause
	}{
		{imap, StepAuth, "a1 NO [AUTHENTICATIONFAILED] Invalid login or password, try again later", Facts{}, CauseWrongCredentials},
		{imap, StepAuth, "a1 NO LOGIN failed.", Facts{}, CauseWrongCredentials},
		{imap, StepAuth, "a1 NO LOGIN failed.", Facts{OAuth2Only: true}, CauseOAuthRequired},
		{imap, StepAuth, "a1 NO [CODE (a] b) c", Facts{}, CauseWrongCredentials},
		{imap, StepAuth, "* NO [WEBALERT https://example.org/x] Web login required\r\na1 NO [ALERT] Please log in via your web browser", Facts{}, CauseWebLoginRequired},
		{imap, StepAuth, "* BYE Temporary system problem", Facts{}, CauseTemporaryServerError},
		{imap, StepAuth, "a1 NO [PRIVACYREQUIRED] use TLS", Facts{}, CauseEncryptionRequired},
		{imap, StepAuth, "a1 BAD unknown command", Facts{}, CauseAuthMechanism},
		{imap, StepOpen, "a1 NO [NONEXISTENT] Unknown mailbox", Facts{}, CauseMailboxMissing},
		{imap, StepOpen, "a1 NO [INUSE] locked", Facts{}, CauseMailboxLocked},
		{imap, StepOpen, "a1 NO [SERVERBUG] oops", Facts{}, CauseTemporaryServerError},
		{pop3, StepAuth, "-ERR Invalid login", Facts{}, CauseWrongCredentials},
		{pop3, StepAuth, "-ERR [SYS/TEMP] try again", Facts{}, CauseTemporaryServerError},
		{pop3, StepAuth, "-ERR [SYS/PERM] POP3 is disabled for this account", Facts{}, CauseProtocolOff},
		{pop3, StepAuth, "-ERR [AUTH] no", Facts{EnableIMAPPOP: true}, CauseProtocolOff},
		{pop3, StepAuth, "-ERR maildrop already locked", Facts{}, CauseMailboxLocked},
		{smtp, StepAuth, "535 Authentication credentials invalid", Facts{EnableIMAPPOP: true}, CauseProtocolOff},
		{smtp, StepAuth, "535 5.7.3 Authentication unsuccessful", Facts{}, CauseWrongCredentials},
		{smtp, StepAuth, "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated", Facts{}, CauseSMTPAuthDisabled},
		{smtp, StepAuth, "534 5.7.9 Authentication mechanism is too weak", Facts{}, CauseAuthMechanism},
		{smtp, StepAuth, "534 5.7.9 Application-specific password required", Facts{}, CauseAppPassword},
		{smtp, StepAuth, "432 4.7.12 A password transition is needed", Facts{}, CausePasswordExpired},
		{smtp, StepAuth, "525 5.7.13 User account disabled", Facts{}, CauseAccountBlocked},
		{smtp, StepAuth, "530 5.7.0 Must issue a STARTTLS command first", Facts{}, CauseEncryptionRequired},
		{smtp, StepAuth, "503 5.5.1 Error: authentication not enabled", Facts{}, CauseAuthMechanism},
		{smtp, StepAuth, "421 4.7.0 Too many errors", Facts{}, CauseTemporaryServerError},
		{smtp, StepAuth, "450 4.7.1 Greylisted, please try again in 300 seconds", Facts{}, CauseTemporaryServerError},
		{smtp, StepAuth, "454 4.7.0 Temporary authentication failure: Connection lost to authentication server", Facts{}, CauseTemporaryServerError},
		{smtp, StepAuth, "550 5.7.30 Basic authentication is not supported for Client Submission.", Facts{}, CauseOAuthRequired},
		{smtp, StepAuth, "535 5.7.0 Application password is REQUIRED", Facts{}, CauseAppPassword},
		{smtp, StepAuth, "535 Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited", Facts{}, CauseProtocolOff},
		{smtp, StepAuth, "550 User has no permission", Facts{}, CauseProtocolOff},
		{smtp, StepAuth, "535 5.7.0 (#MBR1240) Please enable IMAP access", Facts{}, CauseProtocolOff},
		{smtp, StepAuth, "535 5.7.1 Too many failed logins. Try again in 15 minutes", Facts{}, CauseRateLimit},
		{smtp, StepAuth, "503 Your account has been suspended", Facts{}, CauseAccountBlocked},                             // Exim, by acl_smtp_auth
		{imap, StepAuth, "a1 NO Too many open connections (1 of 1 for anna@mail.test)", Facts{}, CauseTooManyConnections}, // Cyrus
		{imap, StepAuth, "a1 NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator (Failure)", Facts{}, CauseProtocolOff},
		{imap, StepAuth, "a1 NO LOGIN Unsafe Login. Please contact support for help", Facts{}, CauseWebLoginRequired},
		{imap, StepAuth, "a1 NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled", Facts{}, CauseProtocolOff},
		{imap, StepAuth, "a1 NO [AUTHENTICATIONFAILED] Application password is REQUIRED", Facts{}, CauseAppPassword},
		{smtp, StepGreeting, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example", Facts{}, CauseIPBlacklisted},
		{smtp, StepGreeting, "421 Server busy", Facts{}, CauseTemporaryServerError},
		{smtp, StepGreeting, "554 terrible", Facts{}, CauseGreetingRejected},
	} {
		if got := ask(t, c.p, c.st, c.words, c.facts); got.cause != c.want {
			t.Errorf("%s %s %q: %q, want %q", c.p, c.st, c.words, got.cause, c.want)
		}
	}
}

// The line that carries an alert for the user is the one that is shown.
func TestAlertIsShown(t *testing.T) {
	f := ask(t, mailconf.IMAP, StepAuth, "* NO [ALERT] Your mailbox moves tonight\r\na1 NO failed", Facts{})
	if !strings.Contains(f.text, "moves tonight") {
		t.Errorf("shown: %q", f.text)
	}
}

// Whatever a probe can say stands in the order by which one cause is chosen.
func TestEveryCauseHasARank(t *testing.T) {
	refinements := map[Cause]bool{
		CauseSelfSigned: true, CauseUnknownCA: true, CauseMissingIntermediate: true, CauseCertInterception: true, CauseCertWrongPurpose: true,
	}
	for _, c := range ProbeCauses() {
		if !refinements[c] && causeRank(c) == len(causeOrder) {
			t.Errorf("%q has no rank", c)
		}
	}
}
