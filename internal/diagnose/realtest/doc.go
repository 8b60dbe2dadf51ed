// Package realtest starts real mail servers from Debian's packages for tests:
// Dovecot for IMAP and POP3, Postfix for submission with Dovecot's login, each
// on a loopback address of its own and on the standard ports, with certificates
// of a throw-away authority, and a DNS server that knows their names.
//
// The servers need the packages dovecot-imapd, dovecot-pop3d and postfix, and
// root, because they bind ports below 1024. Without them [Need] skips the test,
// or fails it when MAILHELPBOT_CI is set.
package realtest
