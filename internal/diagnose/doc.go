// Package diagnose finds out why a mail connection fails. A [Prober] takes a
// [Target], checks all its endpoints side by side (DNS, TCP, greeting,
// STARTTLS, TLS and certificate, capabilities, login) and yields a [Step] for
// every stage; the last Step carries the [Report]. A failure is data: a
// [Cause] with the server's own words beside it. Sentences for people are made
// elsewhere.
//
// # A tour
//
// The vocabulary: step.go (what comes in and out), cause.go (every cause),
// facts.go, secret.go, limits.go (deadlines and caps).
//
// A run: prober.go starts it, run.go resolves hosts and starts their endpoints,
// attempt.go takes one endpoint through its stages, versions.go looks for TLS
// versions beside it, as far as slots.go lets it, login.go tries the account
// when gate.go and guard.go let it, redact.go takes its password out of what a
// server says,
// followup.go looks around after a failure, report.go and verdict.go sum up.
// domain.go and mtasts.go note beside it how the domain receives mail.
//
// The wire: policy.go and surroundings.go say what may be dialled, dial.go dials, conn.go keeps
// deadlines and limits, resolve.go asks DNS, hello.go makes and reads TLS
// hellos, dialect.go with imap.go, pop3.go and smtp.go speaks the protocols,
// sasl.go the login mechanisms.
//
// From what went wrong to a cause there is one function per border: errorCause
// for errors of the network and of TLS, judge for certificates, resolver.why
// for DNS, classify for what a server says. [CleanServerText] makes its words
// fit to be shown.
//
// # Rules that the code keeps
//
// No address is dialled that the [Policy] does not allow. A password is sent
// only over TLS 1.2 or newer, after chain, name and dates of the certificate
// have passed and nothing was slipped in before TLS; by one endpoint first, by
// the others after it was accepted; never again after a refusal, not with
// another mechanism, and by no run of the same Prober within 15 minutes; by three
// runs within an hour at most. What holds it is wiped once it is sent.
//
// The package imports the standard library, mail libraries and mailconf, and
// builds with CGO_ENABLED=0. Its subpackages mailtest (scripted servers) and
// realtest (Dovecot and Postfix) are for tests, bench for measuring.
package diagnose
