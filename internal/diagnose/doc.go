// Package diagnose finds out why a mail connection fails. A [Prober] takes a
// [Target], checks all its endpoints side by side (DNS, TCP, greeting,
// STARTTLS, TLS and certificate, capabilities, login) and yields a [Step] for
// every stage; the last Step carries the [Report]. A failure is data: a
// [Cause] with the server's own words beside it. Sentences for people are made
// elsewhere.
//
// It imports the standard library, mail libraries and mailconf, and builds
// with CGO_ENABLED=0.
package diagnose
