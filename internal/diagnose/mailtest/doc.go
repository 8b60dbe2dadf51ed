// Package mailtest provides mail servers that fail in every way a probe can
// name, in the manner of net/http/httptest. [Start] listens on the loopback
// interface and speaks IMAP, POP3 or SMTP as its [Options] say; an [Authority]
// makes good and bad certificates; [StartDNS] answers for made-up names.
//
// Everything is closed by Close. Failures to start panic: these are tests.
package mailtest
