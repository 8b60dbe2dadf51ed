package match

import (
	_ "embed"
	"strings"
)

//go:embed data/hosters.txt
var hostersData string

// hoster is a provider that is known by its name alone.
type hoster struct {
	names  []string
	domain string // of its customers' addresses; "" where these have their own
}

// id is the first name without blanks and signs.
func (h *hoster) id() string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, h.names[0])
}

// readHosters reads the lines of data/hosters.txt.
func readHosters(data string) []hoster {
	var out []hoster
	for line := range strings.Lines(data) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		list, domain, _ := strings.Cut(line, ":")
		h := hoster{domain: strings.TrimSpace(domain)}
		for name := range strings.SplitSeq(list, ",") {
			h.names = append(h.names, strings.TrimSpace(name))
		}
		out = append(out, h)
	}
	return out
}

// addHosters adds the providers known by name alone, where no record has the
// name. Whoever has an address there is known by it as well.
func (n *names) addHosters() {
	for _, h := range readHosters(hostersData) {
		id := h.id()
		if n.book.Provider(id) != nil {
			continue
		}
		for _, name := range h.names {
			if _, taken := n.alias[squeeze(name)]; !taken {
				n.addAlias(name, nameRef{provider: id, rare: true})
			}
		}
		if h.domain != "" {
			n.homes[id] = h.domain
			n.brand[h.domain] = id
		}
	}
}

// homeOf returns the domain that the addresses of a provider known by name
// alone have, or "".
func (n *names) homeOf(id string) string { return n.homes[id] }
