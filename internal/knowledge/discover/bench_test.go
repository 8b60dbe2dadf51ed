package discover

import (
	"testing"
	"time"
)

// BenchmarkFind measures a whole search with every DNS answer and every page
// 50 ms away. The sources that matter take two such trips (an address, a page;
// the ISPDB a third, for it waits until DNS has shown that the domain exists).
//
//	go test -run '^$' -bench Find ./internal/knowledge/discover
//
// 2026-11-23, 2 shared cores: see docs/adr/0006-discovery.md.
func BenchmarkFind(b *testing.B) {
	const file = "/mail/config-v1.1.xml"
	good := clientConfig("imap imap.example.org 993 SSL", "smtp smtp.example.org 465 SSL")
	web := []string{"example.org. 60 IN A 127.0.0.1", "autoconfig.example.org. 60 IN A 127.0.0.1", "autodiscover.example.org. 60 IN A 127.0.0.1"}
	srv := []string{"_imaps._tcp.example.org. 60 IN SRV 0 1 993 imap.example.org.", "_submissions._tcp.example.org. 60 IN SRV 0 1 465 smtp.example.org."}
	for _, c := range []struct {
		name    string
		records []string
		page    string
	}{
		{"autoconfig", web, "autoconfig.example.org" + file},
		{"srv", srv, ""},
		{"ispdb", nil, "ispdb.test/v1.1/example.org"},
		{"all", append(web, srv...), "autoconfig.example.org" + file},
		{"nothing", web, ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := newWorld(b, append(c.records, mx)...)
			w.set(func() { w.latency = 50 * time.Millisecond })
			if c.page != "" {
				w.page(c.page, good)
			}
			var first time.Duration
			for b.Loop() {
				begin, seen := time.Now(), false
				for r := range w.finder.Find(b.Context(), "example.org") {
					if !seen && len(r.Servers) > 1 {
						first += time.Since(begin)
						seen = true
					}
				}
			}
			b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "first-ms/op")
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
		})
	}
}
