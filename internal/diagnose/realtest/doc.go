// Package realtest starts real mail servers from Debian's packages for tests,
// each on a loopback address of its own and on the standard ports, with
// certificates of a throw-away authority, and a DNS server that knows their
// names. [Start] brings one up as a [Config] says, good or with one fault;
// [Server] lists what there is.
//
// The servers need root, because they bind ports below 1024. Dovecot and
// Postfix are installed; Debian lets no second mail server stand beside them,
// so the packages of the others are unpacked into a folder, which .ci/run does
// (MAILHELPBOT_SERVERS names another one). Where something is missing, [Need]
// skips the test, or fails it when MAILHELPBOT_CI is set.
package realtest
