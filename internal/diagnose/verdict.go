package diagnose

import (
	"slices"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// conclude turns the endpoints' results into the verdict and the one cause of
// the run, seen by a user who wants each requested protocol to work:
//
//   - A run over one endpoint has that endpoint's verdict.
//   - A protocol works when one of its encrypted endpoints does. A run fails
//     when a protocol does not work.
//   - It also fails when any endpoint showed a bad certificate, a sign of
//     somebody in between, or refused the login: a mail program that is set to
//     that endpoint is stopped, or the account is not usable, whatever the
//     siblings do.
//   - Otherwise a sibling that is closed or broken is a warning, and it and
//     its working replacement are named.
//
// The cause comes from the endpoints that make the verdict: the one that stands
// first in causeRank, the first endpoint among equals.
func conclude(results []result, t Target) (Verdict, Cause) {
	if len(results) == 0 {
		return VerdictFail, CauseBadInput
	}
	relate(results)
	var failing, warning []result
	for _, res := range results {
		switch {
		case res.rep.Verdict == VerdictFail && (decisive(res) || !protocolWorks(results, res.rep.Protocol)):
			failing = append(failing, res)
		case res.rep.Verdict != VerdictOK:
			warning = append(warning, res)
		}
	}
	switch {
	case len(failing) > 0 && onlyUnencrypted(results):
		return VerdictFail, CauseNoEncryption
	case len(failing) > 0:
		return VerdictFail, pickCause(failing)
	case len(warning) > 0:
		return VerdictWarn, pickCause(warning)
	}
	return VerdictOK, ""
}

// relate corrects causes that only the view over all endpoints can tell, and
// names the replacements.
func relate(results []result) {
	for i := range results {
		res := &results[i]
		silent := res.cause == CauseTimeout || res.cause == CauseHostUnreachable
		if res.rep.Port == 25 && silent {
			// Access networks filter port 25 (M3AAWG "Managing Port 25").
			others := slices.ContainsFunc(results, func(o result) bool { return o.rep.Host == res.rep.Host && o.answer })
			if others {
				res.rep.Also = append(res.rep.Also, res.cause)
				res.cause = CausePort25Blocked
			} else if len(results) == 1 {
				res.rep.Also = append(res.rep.Also, CausePort25Blocked)
			}
		}
		if res.rep.Verdict == VerdictFail && res.rep.Instead == nil && !aboutAccount(*res) {
			res.rep.Instead = replacement(results, res.rep.Protocol)
		}
	}
}

// aboutAccount reports a failure that no other endpoint makes up for: the login
// or what lies behind it.
func aboutAccount(res result) bool { return res.failed == StepAuth || res.failed == StepOpen }

// replacement is the best working encrypted endpoint of a protocol, or nil.
func replacement(results []result, p mailconf.Protocol) *mailconf.Endpoint {
	var best *EndpointReport
	for i := range results {
		rep := &results[i].rep
		if rep.Protocol != p || !encryptedAndWorking(*rep) {
			continue
		}
		if best == nil || best.Security != mailconf.TLS && rep.Security == mailconf.TLS {
			best = rep
		}
	}
	if best == nil {
		return nil
	}
	return &mailconf.Endpoint{Protocol: best.Protocol, Host: best.Host, Port: best.Port, Security: best.Security}
}

func encryptedAndWorking(rep EndpointReport) bool {
	return rep.Verdict != VerdictFail && rep.Security != mailconf.Plain
}

func protocolWorks(results []result, p mailconf.Protocol) bool {
	if len(results) == 1 {
		return results[0].rep.Verdict != VerdictFail
	}
	return replacement(results, p) != nil
}

// decisive reports a failure that no working sibling makes up for.
func decisive(res result) bool {
	switch res.failed {
	case StepAuth, StepOpen:
		return true
	case StepTLS:
		return res.rep.TLS != nil
	}
	switch res.cause {
	case CauseSTARTTLSInjection, CausePreauthBeforeTLS, CauseClockWrong, CauseClientCertificateRequired:
		return true
	}
	return false
}

// onlyUnencrypted reports that the servers answer, and none of them encrypts:
// where STARTTLS was asked for it is missing, and the TLS ports are closed.
func onlyUnencrypted(results []result) bool {
	if len(results) < 2 {
		return false
	}
	answers := false
	for _, res := range results {
		switch res.cause {
		case CauseSTARTTLSMissing, CauseNoEncryption:
			answers = true
		case CausePlaintextLoginAllowed:
			answers = answers || res.rep.Security == mailconf.Plain
		case CauseConnectionRefused, CauseTimeout:
		default:
			return false
		}
	}
	return answers
}

// pickCause chooses the one cause among results.
func pickCause(results []result) Cause {
	best := slices.MinFunc(results, func(a, b result) int { return causeRank(a.cause) - causeRank(b.cause) })
	return best.cause
}

// causeOrder says which of several causes explains most: what makes all others
// pointless first, then signs of an attack, then the account, the
// certificates, the mode, and last what a single endpoint may have for itself.
var causeOrder = []Cause{
	CauseBadInput, CauseTargetBlocked, CauseNotMailPort,
	CauseMXNotClientHost, CauseDomainNoMail,
	CauseSTARTTLSInjection, CausePreauthBeforeTLS, CauseSTARTTLSStripped,
	CauseOAuthRequired, CauseSMTPAuthDisabled, CauseAppPassword, CauseProviderMailPassword, CauseProtocolOff,
	CauseWebLoginRequired, CauseAccountBlocked, CausePasswordExpired, CauseUsernameForm, CauseLoginHeldBack,
	CauseWrongCredentials, CauseOAuthSigninFailed, CauseSMTPAuthFailed,
	CauseMailboxFull, CauseMailboxLocked, CauseMailboxMissing, CauseLoginDelay, CauseRateLimit, CauseAuthTimeout,
	CauseClockWrong, CauseCertRevoked, CauseCertExpired, CauseCertNotYetValid, CauseCertHostnameMismatch, CauseCertUntrusted, CauseCertWeak,
	CauseClientCertificateRequired, CauseTLSVersionTooOld, CauseTLSHandshake,
	CauseIPBlacklisted, CauseTooManyConnections, CauseTemporaryServerError, CauseGreetingRejected, CausePOP3ServerError,
	CauseDNSSECBogus, CauseDNSServerFailure, CauseDNSTimeout, CauseDNSFailure, CauseDNSNoAddress,
	CauseSSLSTARTTLSMismatch, CauseWrongPortOrProtocol, CauseAuthMechanism, CauseAuthNotOffered, CauseMTANotSubmission,
	CauseSTARTTLSRefused, CauseSTARTTLSMissing, CauseEncryptionRequired, CauseNoEncryption,
	CauseConnectionDropped, CauseProtocolGarbage, CauseGreetingTimeout, CauseHostUnreachable, CauseTimeout,
	CauseConnectionRefused, CausePort25Blocked,
	CauseCertExpiring, CausePlaintextLoginAllowed, CauseIPv6Broken, CauseBudgetExceeded, CauseInternalError,
}

func causeRank(c Cause) int {
	if i := slices.Index(causeOrder, c); i >= 0 {
		return i
	}
	return len(causeOrder)
}
