package diagnose

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Policy limits what may be probed. The zero value allows public addresses and
// the registered mail ports. Every connection is checked against it at the
// moment of dialling, with the address that is really dialled, so a name that
// resolves differently the second time gains nothing.
type Policy struct {
	Allow        []netip.Prefix // networks that may be probed although not public
	Deny         []netip.Prefix // networks that are never probed, stronger than Allow
	Ports        []uint16       // further ports besides 25, 110, 143, 465, 587, 993, 995 and 2525
	MaxEndpoints int            // per run; 0 means 12
}

// mailPorts may be probed: RFC 8314 section 3, RFC 6409, RFC 1939, RFC 9051,
// RFC 5321, and 2525, unregistered but offered by many relays.
var mailPorts = []uint16{25, 110, 143, 465, 587, 993, 995, 2525}

// portAllowed reports whether a port may be probed.
func (p Policy) portAllowed(port uint16) bool {
	return slices.Contains(mailPorts, port) || slices.Contains(p.Ports, port)
}

// maxEndpoints is how many endpoints of a target are probed.
func (p Policy) maxEndpoints() int {
	if p.MaxEndpoints > 0 {
		return p.MaxEndpoints
	}
	return 12
}

// ipv6Global is the only part of IPv6 that is routed on the internet
// (IANA "IPv6 Global Unicast Address Space").
var ipv6Global = netip.MustParsePrefix("2000::/3")

// neverPublic are the networks that are no mail servers of the public: the
// IANA special-purpose registries (RFC 6890 and its updates), IPv6 transition
// mechanisms that carry an IPv4 address inside, and the metadata services of
// clouds that hide behind an address that looks public.
var neverPublic = mustPrefixes(
	"0.0.0.0/8",         // this network, RFC 791
	"10.0.0.0/8",        // private, RFC 1918
	"100.64.0.0/10",     // carrier-grade NAT, RFC 6598; holds 100.100.100.200 (metadata)
	"127.0.0.0/8",       // loopback, RFC 1122
	"169.254.0.0/16",    // link local, RFC 3927; holds 169.254.169.254 (metadata)
	"172.16.0.0/12",     // private, RFC 1918
	"192.0.0.0/24",      // IETF protocol assignments, RFC 6890
	"192.0.2.0/24",      // documentation, RFC 5737
	"192.31.196.0/24",   // AS112, RFC 7535
	"192.52.193.0/24",   // AMT, RFC 7450
	"192.88.99.0/24",    // 6to4 relay, RFC 7526
	"192.168.0.0/16",    // private, RFC 1918
	"192.175.48.0/24",   // AS112, RFC 7534
	"198.18.0.0/15",     // benchmarking, RFC 2544
	"198.51.100.0/24",   // documentation, RFC 5737
	"203.0.113.0/24",    // documentation, RFC 5737
	"224.0.0.0/4",       // multicast, RFC 5771
	"240.0.0.0/4",       // reserved and broadcast, RFC 1112
	"168.63.129.16/32",  // Azure's host services
	"::/96",             // unspecified, loopback, IPv4-compatible, RFC 4291
	"64:ff9b::/96",      // NAT64, RFC 6052
	"64:ff9b:1::/48",    // local NAT64, RFC 8215
	"100::/64",          // discard, RFC 6666
	"2001::/23",         // IETF protocol assignments with Teredo, RFC 2928
	"2001:db8::/32",     // documentation, RFC 3849
	"2002::/16",         // 6to4, RFC 3056
	"2620:4f:8000::/48", // AS112, RFC 7534
	"3fff::/20",         // documentation, RFC 9637
	"5f00::/16",         // segment routing, RFC 9602
	"fc00::/7",          // unique local, RFC 4193; holds fd00:ec2::254 (metadata)
	"fe80::/10",         // link local, RFC 4291
	"fec0::/10",         // site local, RFC 3879
	"ff00::/8",          // multicast, RFC 4291
)

func mustPrefixes(s ...string) []netip.Prefix {
	p := make([]netip.Prefix, len(s))
	for i := range s {
		p[i] = netip.MustParsePrefix(s[i])
	}
	return p
}

// allows reports whether an address may be dialled: it lies in a network of
// Allow, or it is public and not this machine's own. An IPv4 address written
// as IPv6 is judged as IPv4; a zone makes any address local.
func (p Policy) allows(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if within(p.Deny, a) {
		return false
	}
	return p.lists(a) || public(a) && !ownAddress(a)
}

// lists reports whether an address is named by Allow and not by Deny.
func (p Policy) lists(a netip.Addr) bool { return within(p.Allow, a) && !within(p.Deny, a) }

func within(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// public reports whether an address belongs to the public internet.
func public(a netip.Addr) bool {
	if a.Is6() && !ipv6Global.Contains(a) {
		return false
	}
	for _, n := range neverPublic {
		if n.Contains(a) {
			return false
		}
	}
	return true
}

// ownAddress reports whether an address is one of this machine's. What listens
// there may trust its own host.
func ownAddress(a netip.Addr) bool {
	own, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, o := range own {
		if n, ok := o.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && ip.Unmap() == a {
				return true
			}
		}
	}
	return false
}

// specialTLDs are names that never lead to a public mail server: RFC 6761,
// RFC 6762, RFC 7686, RFC 8375, RFC 9476, and ICANN's .internal (2024-07-29).
var specialTLDs = []string{
	"alt", "arpa", "example", "home.arpa", "internal", "invalid",
	"local", "localdomain", "localhost", "onion", "test",
}

// hostName brings a host into the form that DNS and TLS want: lower case,
// ASCII, without the final dot. ok is false for what is no public host name:
// a single label, an address literal, a special or unknown top-level domain.
// When Allow is set, those pass and the check at dial time decides, since an
// operator who probes the inner network has inner names.
func (p Policy) hostName(host string) (ascii string, ok bool) {
	host = strings.TrimSuffix(strings.TrimSpace(host), ".")
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return a.String(), len(p.Allow) > 0 && a.Zone() == ""
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || !utf8.ValidString(host) || !validLabels(ascii) {
		return "", false
	}
	if again, err := idna.Lookup.ToASCII(ascii); err != nil || again != ascii {
		return "", false
	}
	if len(p.Allow) > 0 {
		return ascii, true
	}
	return ascii, publicName(ascii)
}

// refusal is why hostName does not take a host.
func (p Policy) refusal(host string) Cause {
	host = strings.TrimSuffix(strings.TrimSpace(host), ".")
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		if p.allows(a) {
			return CauseBadInput // an address tells no name to hold the certificate against
		}
		return CauseTargetBlocked
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err == nil && validLabels(ascii) && strings.Contains(ascii, ".") && !special(ascii) && !publicName(ascii) {
		if suffix, _ := publicsuffix.PublicSuffix(ascii); suffix != ascii {
			return CauseDNSFailure // no such top-level domain: a slip of the keys
		}
	}
	return CauseBadInput
}

// validLabels checks lengths (RFC 1035 section 2.3.4) and letters, digits,
// hyphens and underscores. A last label of digits alone is no top-level domain
// but an address in disguise ("127.1", "0x7f.1").
func validLabels(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return last[0] < '0' || last[0] > '9'
}

// publicName reports whether a valid name ends in a top-level domain of the
// public suffix list and is itself no public suffix.
func publicName(host string) bool {
	if special(host) {
		return false
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	return host != suffix && (icann || strings.Contains(suffix, "."))
}

// special reports whether a name is below one of specialTLDs.
func special(host string) bool {
	return slices.ContainsFunc(specialTLDs, func(t string) bool { return host == t || strings.HasSuffix(host, "."+t) })
}
