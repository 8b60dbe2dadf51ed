package knowledge

import (
	"bytes"
	"slices"
	"strings"
)

// Names are all names by which a provider or a server of the Book can be
// meant, sorted, each with a newline before and behind it. They tell much
// quicker than the Book whether a host is known; see [Mentions].
func (b *Book) Names() []byte {
	var names []string
	for n := range b.names.alias {
		names = append(names, n)
	}
	for n := range b.names.domain {
		names = append(names, n)
	}
	for n := range b.hosts.exact {
		names = append(names, n)
	}
	for n := range b.hosts.account {
		names = append(names, n)
	}
	slices.Sort(names)
	return []byte("\n" + strings.Join(slices.Compact(names), "\n") + "\n")
}

// Mentions reports whether names may hold what a host name means. It errs on
// one side: true for some that the Book does not know, never false for one that
// Find, ByHost or ByDomain would find.
func Mentions(names []byte, host string) bool {
	has := func(name string) bool { return bytes.Contains(names, []byte("\n"+name+"\n")) }
	if has(Fold(host)) {
		return true
	}
	for rest, more := asciiDomain(host), true; more; _, rest, more = strings.Cut(rest, ".") {
		if has(rest) {
			return true
		}
	}
	return false
}
