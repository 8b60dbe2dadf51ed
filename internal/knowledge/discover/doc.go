// Package discover finds the mail servers of a domain that no list knows, from
// what the domain and others publish about it.
//
// A [Finder] asks all sources side by side under one budget and yields a
// better [Result] whenever one of them has something to add. The sources, in
// the order in which they are believed (table in sources.go):
//
//	autoconfig        https://autoconfig.DOMAIN and https://DOMAIN/.well-known
//	PACC              https://ua-auto-config.DOMAIN with its digest in DNS
//	SRV               RFC 6186, RFC 8314; JMAP and ManageSieve are noted
//	ISPDB             Thunderbird's database, by domain
//	MX                a provider of the knowledge base, by the MX hosts
//	Autodiscover      v2 and v1 of the domain's own servers, without a login
//	MX's autoconfig   the same files of the domain that the MX hosts are in
//	over http         autoconfig without TLS, Autodiscover by http redirect
//	guess             imap.DOMAIN and the like, confirmed by a live probe
//
// A value carries its sources and how far it can be trusted: high only when it
// came over verified TLS or from the knowledge base, medium when unsigned DNS
// stands in between, low when anybody on the way could have written it. What
// lower sources say differently is kept as [Difference].
//
// The files: finder.go is the entrance, search.go one run of it, merge.go makes
// one answer of many; dns.go and web.go are the only ways out, bounded in time,
// size and number and guarded by [Finder.Allow]; each other file is one source.
package discover
