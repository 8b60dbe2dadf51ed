package knowledge

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// UserSetting is one server as a mail program shows it to the user. Zero values
// mean "not told".
type UserSetting struct {
	Protocol mailconf.Protocol
	Host     string
	Port     uint16
	Security mailconf.Security
	Username string
}

// DifferenceKind says how a user's setting differs from the facts.
type DifferenceKind string

// The kinds of difference.
const (
	DiffNoAccess      DifferenceKind = "no-access"      // the provider lets no mail program in
	DiffNotOffered    DifferenceKind = "not-offered"    // the provider does not offer this protocol
	DiffOutdatedHost  DifferenceKind = "outdated-host"  // right once; Outdated is the record
	DiffMistypedHost  DifferenceKind = "mistyped-host"  // at most two edits from the right one
	DiffWrongProtocol DifferenceKind = "wrong-protocol" // a host of this provider, for another protocol
	DiffForeignHost   DifferenceKind = "foreign-host"   // a host of another provider, named by Owner
	DiffUnknownHost   DifferenceKind = "unknown-host"
	DiffPort25        DifferenceKind = "port-25" // for mail between servers (RFC 6409 section 3.1), often blocked
	DiffWrongPort     DifferenceKind = "wrong-port"
	DiffWrongSecurity DifferenceKind = "wrong-security"
	DiffNotEncrypted  DifferenceKind = "not-encrypted"
	DiffUsername      DifferenceKind = "username"
)

// Difference is one way in which a user's setting differs from the facts.
type Difference struct {
	Kind     DifferenceKind
	Setting  int       // index into the compared settings
	Have     string    // what the user has: a host, port, security mode or user name
	Want     string    // what to put in its place; "" when that is unknown
	Server   *Server   // the right server, placeholders filled in; nil when there is none
	Outdated *Server   // for DiffOutdatedHost
	Owner    *Provider // for DiffForeignHost
}

// Compare holds a user's settings against the facts on a provider and returns
// the differences in the order of the settings, within one by host, port,
// security, user name. addr fills in the provider's placeholders and may be
// partly or wholly empty. Without a provider (nil) the one that each host
// belongs to is taken, and a setting whose host nobody owns is skipped. A
// missing protocol is read from the port or the host.
func (b *Book) Compare(p *Provider, addr mailconf.Address, settings []UserSetting) []Difference {
	var out []Difference
	for i, s := range settings {
		s.Host = asciiDomain(strings.TrimSpace(s.Host))
		owner := p
		if owner == nil {
			owner = b.OwnerOf(s.Host)
		}
		if owner == nil {
			continue
		}
		a := addr
		if user, ok := mailconf.ParseAddress(s.Username); ok && a.Local == "" && (a.Domain == "" || a.Domain == user.Domain) {
			a = user
		}
		c := comparison{book: b, p: owner, addr: a, index: i, user: s}
		c.run()
		out = append(out, c.out...)
	}
	return out
}

// comparison is the work on one setting.
type comparison struct {
	book  *Book
	p     *Provider
	addr  mailconf.Address
	index int
	user  UserSetting
	out   []Difference
}

func (c *comparison) add(d Difference) {
	d.Setting = c.index
	c.out = append(c.out, d)
}

func (c *comparison) run() {
	proto := c.protocol()
	servers := Servers(c.p, c.addr)
	if proto != "" {
		servers = Servers(c.p, c.addr, proto)
	}
	switch {
	case c.p.Requires.NoIMAP:
		c.add(Difference{Kind: DiffNoAccess, Have: c.user.Host})
		return
	case len(servers) == 0:
		c.add(Difference{Kind: DiffNotOffered, Have: string(proto)})
		return
	}
	same := slices.DeleteFunc(slices.Clone(servers), func(s Server) bool { return c.user.Host != "" && !sameHost(s.Host, c.user.Host) })
	hostRight := len(same) > 0
	if hostRight {
		servers = same
	}
	target := c.target(servers)
	if !hostRight {
		c.host(target, servers)
	}
	if proto == "" {
		return // nothing else can be judged
	}
	c.portAndSecurity(target)
	c.username(target)
}

// protocol returns the setting's protocol, else what its port or host implies.
func (c *comparison) protocol() mailconf.Protocol {
	if c.user.Protocol != "" {
		return c.user.Protocol
	}
	if p, _, ok := mailconf.PortMeaning(c.user.Port); ok {
		return p
	}
	var found mailconf.Protocol
	for _, u := range c.book.HostUses(c.user.Host) {
		if u.Provider == c.p {
			if found != "" && found != u.Server.Protocol {
				return ""
			}
			found = u.Server.Protocol
		}
	}
	if found == "" {
		for _, p := range []mailconf.Protocol{mailconf.IMAP, mailconf.SMTP} {
			if strings.HasPrefix(c.user.Host, string(p)) {
				return p
			}
		}
		if strings.HasPrefix(c.user.Host, "pop") {
			return mailconf.POP3
		}
	}
	return found
}

// sameHost reports whether a host is the one of a server, whose name may still
// begin with {account}.
func sameHost(known, host string) bool {
	if rest, ok := strings.CutPrefix(known, "{account}"); ok {
		return strings.HasSuffix(host, rest) && len(host) > len(rest)
	}
	return strings.EqualFold(known, host)
}

// target picks the server that needs the fewest changes: by port, else by
// security, else the best.
func (c *comparison) target(servers []Server) *Server {
	score := func(s Server) int {
		n := 0
		if s.Port == c.user.Port {
			n += 2
		}
		if s.Security == c.user.Security {
			n++
		}
		return n
	}
	best := 0
	for i := range servers {
		if score(servers[i]) > score(servers[best]) {
			best = i
		}
	}
	return &servers[best]
}

// host judges a host that is none of the provider's for this protocol.
func (c *comparison) host(target *Server, servers []Server) {
	d := Difference{Kind: DiffUnknownHost, Have: c.user.Host, Want: target.Host, Server: target}
	for i := range c.p.Outdated {
		if s := &c.p.Outdated[i]; sameHost(mailconf.Expand(s.Host, c.addr), c.user.Host) {
			d.Kind, d.Outdated = DiffOutdatedHost, s
			if s.Protocol == target.Protocol {
				break
			}
		}
	}
	if d.Kind == DiffUnknownHost {
		for _, s := range Servers(c.p, c.addr) {
			if sameHost(s.Host, c.user.Host) {
				d.Kind = DiffWrongProtocol
			}
		}
	}
	if d.Kind == DiffUnknownHost {
		for i := range servers {
			if editDistance(servers[i].Host, c.user.Host, nearestLimit+1) <= nearestLimit {
				d.Kind, d.Want, d.Server = DiffMistypedHost, servers[i].Host, &servers[i]
				break
			}
		}
	}
	if d.Kind == DiffUnknownHost {
		if owner := c.book.OwnerOf(c.user.Host); owner != nil && owner != c.p {
			d.Kind, d.Owner = DiffForeignHost, owner
		}
	}
	c.add(d)
}

// portAndSecurity judges port and encryption.
func (c *comparison) portAndSecurity(target *Server) {
	u := c.user
	if u.Port != 0 && u.Port != target.Port {
		kind := DiffWrongPort
		if u.Port == 25 && target.Protocol == mailconf.SMTP {
			kind = DiffPort25
		}
		c.add(Difference{Kind: kind, Have: strconv.Itoa(int(u.Port)), Want: strconv.Itoa(int(target.Port)), Server: target})
	}
	if u.Security != "" && u.Security != target.Security {
		kind := DiffWrongSecurity
		if u.Security == mailconf.Plain {
			kind = DiffNotEncrypted
		}
		c.add(Difference{Kind: kind, Have: string(u.Security), Want: string(target.Security), Server: target})
	}
}

// username judges the form of the user name.
func (c *comparison) username(target *Server) {
	have := strings.TrimSpace(c.user.Username)
	if have == "" {
		return
	}
	want := ""
	if c.addr.Local != "" {
		want = target.Username.Username(c.addr)
	}
	local, _, isAddress := strings.Cut(have, "@")
	switch {
	case want != "":
	case target.Username == mailconf.UserLocalPart:
		want = local
	case target.Username == mailconf.UserAddress && isAddress:
		want = have
	case target.Username == mailconf.UserAddress:
		if c.addr.Domain != "" {
			want = have + "@" + c.addr.Domain
		}
	default:
		return // the form does not say what is right
	}
	if !strings.EqualFold(have, want) {
		c.add(Difference{Kind: DiffUsername, Have: have, Want: want, Server: target})
	}
}
