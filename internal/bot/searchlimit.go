package bot

import (
	"context"
	"fmt"
	"time"
)

// How often a domain may be searched for over a chat platform. A search asks
// DNS and some twenty addresses of web and mail servers, so it is cheaper to
// us and to others than a test, and still nothing to be repeated without end.
// What is found is kept for hours and costs nothing when it is asked for again.
const (
	searchUserPerMinute    = 6
	searchUserPerHour      = 40
	searchChannelPerMinute = 20
	searchDomainPerMinute  = 2

	maxSearches = 8 // at once, over all
)

// beginSearch takes what a search for a domain by m needs. After a nil limited
// end must be called when the search is over.
func (b *Bot) beginSearch(ctx context.Context, m Message, domain string) (end func(), lim *limited) {
	if m.Platform == platformConsole {
		return func() {}, nil
	}
	l, now := &b.limits, b.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	if l.searches >= maxSearches {
		return nil, &limited{kind: "busy", wait: b.searchTime()}
	}
	if lim := b.take(ctx, now, searchAllowances(m, domain)); lim != nil {
		return nil, lim
	}
	l.searches++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.searches--
	}, nil
}

// searchAllowances are the buckets that a search takes from.
func searchAllowances(m Message, domain string) []allowance {
	var out []allowance
	where := fmt.Sprintf("%s\x00%s\x00", m.Platform, m.Tenant)
	if m.User != "" {
		out = append(
			out, allowance{"search", where + "user\x00" + m.User, searchUserPerMinute, time.Minute},
			allowance{"search", where + "user\x00" + m.User, searchUserPerHour, time.Hour},
		)
	}
	if m.Channel != "" {
		out = append(out, allowance{"search", where + "channel\x00" + m.Channel, searchChannelPerMinute, time.Minute})
	}
	return append(out, allowance{"search", "domain\x00" + domain, searchDomainPerMinute, time.Minute})
}
