package knowledge

import (
	"regexp"
	"slices"
	"strings"
)

// isRegexp tells a regular expression from a plain host suffix in Provider.MX:
// a host name holds none of these characters.
func isRegexp(m string) bool { return strings.ContainsAny(m, `\*+?[](){}|^$`) }

// compileMX compiles an MX pattern so that it matches whole host names.
func compileMX(m string) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?:` + m + `)$`)
}

// mxIndex finds the provider behind an MX host.
type mxIndex struct {
	suffix map[string]*Provider
	re     map[string][]mxRegexp // by the literal domain that the pattern ends in, or ""
}

type mxRegexp struct {
	re *regexp.Regexp
	p  *Provider
}

// newMXIndex indexes providers, which come sorted by trust, least first. A
// pattern that does not compile is left out; Load reports it.
func newMXIndex(providers []*Provider) mxIndex {
	x := mxIndex{suffix: map[string]*Provider{}, re: map[string][]mxRegexp{}}
	for _, p := range providers {
		for _, m := range p.MX {
			if !isRegexp(m) {
				x.suffix[strings.ToLower(strings.Trim(m, "."))] = p
				continue
			}
			if re, err := compileMX(m); err == nil {
				key := literalEnd(m)
				x.re[key] = slices.Insert(x.re[key], 0, mxRegexp{re, p})
			}
		}
	}
	return x
}

// literalEnd returns the labels that a pattern ends in literally, such as
// "gmx.net" of `mx\d+\.gmx\.net`, or "".
func literalEnd(m string) string {
	const labels = "abcdefghijklmnopqrstuvwxyz0123456789-"
	i := len(m)
	for i > 0 {
		if strings.IndexByte(labels, m[i-1]) >= 0 {
			i--
		} else if i > 1 && m[i-2:i] == `\.` {
			i -= 2
		} else {
			break
		}
	}
	tail := m[i:]
	if i > 0 { // the first label may be cut short
		j := strings.Index(tail, `\.`)
		if j < 0 {
			return ""
		}
		tail = tail[j+2:]
	}
	return strings.ReplaceAll(tail, `\.`, ".")
}

// ByMX returns the provider that a mail exchanger belongs to, or nil. Regular
// expressions come before suffixes, longer suffixes before shorter ones.
func (b *Book) ByMX(host string) *Provider {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if p := b.mx.byRegexp("", host); p != nil {
		return p
	}
	for rest, more := host, true; more; _, rest, more = strings.Cut(rest, ".") {
		if p := b.mx.byRegexp(rest, host); p != nil {
			return p
		}
	}
	for rest, more := host, true; more; _, rest, more = strings.Cut(rest, ".") {
		if p := b.mx.suffix[rest]; p != nil {
			return p
		}
	}
	return nil
}

// byRegexp returns the provider of the first pattern filed under key that matches host.
func (x *mxIndex) byRegexp(key, host string) *Provider {
	for _, r := range x.re[key] {
		if r.re.MatchString(host) {
			return r.p
		}
	}
	return nil
}
