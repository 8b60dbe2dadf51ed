package diagnose

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
)

func TestPolicyRefusesEveryRange(t *testing.T) {
	refused := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.0.1",
		"169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1",
		"192.88.99.1", "192.168.0.1", "192.168.255.255", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1", "2001:1::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:a00:1::1", "2002:808:808::1",
		"2620:4f:8000::1", "3fff::1", "5f00::1", "4000::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:4860::1%eth0",
	}
	for _, s := range refused {
		if (Policy{}).allows(netip.MustParseAddr(s)) {
			t.Errorf("%s is let through", s)
		}
	}
	for _, s := range []string{
		"8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "198.17.255.255", "198.20.0.1", "223.255.255.255",
		"168.63.129.17", "::ffff:8.8.8.8", "2001:4860:4860::8888", "2a00:1450:4001::1", "2003::1",
	} {
		if !(Policy{}).allows(netip.MustParseAddr(s)) {
			t.Errorf("%s is refused", s)
		}
	}
	if (Policy{}).allows(netip.Addr{}) {
		t.Error("no address is let through")
	}
}

func TestPolicyAllow(t *testing.T) {
	p := Policy{Allow: []netip.Prefix{netip.MustParsePrefix("10.77.0.0/16")}}
	for s, want := range map[string]bool{
		"10.77.0.2": true, "::ffff:10.77.0.2": true, "10.78.0.1": false, "127.0.0.1": false, "8.8.8.8": true,
	} {
		if got := p.allows(netip.MustParseAddr(s)); got != want {
			t.Errorf("%s: %v, want %v", s, got, want)
		}
	}
}

// The dialer itself refuses, whatever the name was resolved to before.
func TestDialRefuses(t *testing.T) {
	p := &Prober{}
	for _, s := range []string{"127.0.0.1:993", "[::1]:993", "8.8.8.8:22", "8.8.8.8:53", "169.254.169.254:25"} {
		if c, err := p.dial(context.Background(), netip.MustParseAddrPort(s)); !errors.Is(err, errBlocked) {
			t.Errorf("%s: connection %v, error %v", s, c, err)
		}
	}
}

func TestHostName(t *testing.T) {
	for host, want := range map[string]string{
		"IMAP.GMX.net": "imap.gmx.net", "imap.gmx.net.": "imap.gmx.net", " imap.gmx.net ": "imap.gmx.net",
		"mail.müller.de": "mail.xn--mller-kva.de", "mail.example.co.uk": "mail.example.co.uk", "a.github.io": "a.github.io",
		"": "", "imap": "", "localhost": "", "printer.local": "", "db.internal": "", "x.test": "", "x.home.arpa": "", "x.onion": "",
		"127.0.0.1": "", "[::1]": "", "::1": "", "127.1": "", "0x7f.1": "", "2130706433": "", "8.8.8.8": "", "com": "", "co.uk": "",
		"imap..gmx.net": "", "imap gmx.net": "", "imap.gmx.net/x": "", "imap.gmx.net:993": "", "-\x00.net": "", "mail.nosuchtld": "",
		"user@gmx.net": "", "fe80::1%eth0": "",
	} {
		got, ok := Policy{}.hostName(host)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v; want %q", host, got, ok, want)
		}
	}
	inner := Policy{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for _, host := range []string{"10.0.0.1", "mail", "mail.lab.test", "mail.internal"} {
		if _, ok := inner.hostName(host); !ok {
			t.Errorf("%q is refused although inner networks are allowed", host)
		}
	}
}

// A slip in the last part of a name is told from what is no name, and from an
// address that is nobody's business.
func TestRefusedHosts(t *testing.T) {
	for host, want := range map[string]Cause{
		"imap.gmx.nett": CauseDNSFailure, "imap.gmx.dee.": CauseDNSFailure, "mail.nosuchtld": CauseDNSFailure,
		"127.0.0.1": CauseTargetBlocked, "[::1]": CauseTargetBlocked, "10.0.0.1": CauseTargetBlocked, "169.254.169.254": CauseTargetBlocked, "fe80::1%eth0": CauseTargetBlocked,
		"8.8.8.8": CauseBadInput, "": CauseBadInput, "imap": CauseBadInput, "nett": CauseBadInput, "printer.local": CauseBadInput, "x.test": CauseBadInput,
		"127.1": CauseBadInput, "imap gmx.net": CauseBadInput, "imap..gmx.nett": CauseBadInput, "com": CauseBadInput, "co.uk": CauseBadInput, "user@gmx.nett": CauseBadInput,
	} {
		if _, ok := (Policy{}).hostName(host); ok {
			t.Errorf("%q is taken", host)
		}
		if got := (Policy{}).refusal(host); got != want {
			t.Errorf("%q: %s, want %s", host, got, want)
		}
	}
}

// A NAT64 reaches any IPv4 address through its prefix, which the network
// announces (RFC 7050); the private ones behind it stay refused.
func TestNAT64IsLookedThrough(t *testing.T) {
	for _, c := range []struct {
		name, announced  string
		allowed, refused []string
	}{
		{"none", "", []string{"2a00:1450:4001::1"}, []string{"64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1"}},
		{"well known", "64:ff9b::192.0.0.170", []string{"64:ff9b::8.8.8.8"}, []string{"64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::192.0.0.170"}},
		{"of the network, /96", "2a02:1:2:3:4:5:c000:ab", []string{"2a02:1:2:3:4:5:808:808", "2a02:1:2:3:4:6:a00:1"}, []string{"2a02:1:2:3:4:5:a00:1", "2a02:1:2:3:4:5:7f00:1", "2a02:1:2:3:4:5:a9fe:a9fe"}},
		{"/64", "2a02:1:2:3:c0:0:aa00:0", []string{"2a02:1:2:3:8:808:800:0"}, []string{"2a02:1:2:3:a:0:100:0"}},
		{"/56", "2a02:1:2:c0:0:aa::", []string{"2a02:1:2:8:8:808::"}, []string{"2a02:1:2:a:0:1::"}},
		{"/48", "2a02:1:2:c000:0:aa00::", []string{"2a02:1:2:808:8:800::"}, []string{"2a02:1:2:a00:0:100::", "2a02:1:2:c0a8:1:100::"}},
		{"/40", "2a02:1:c0:0:aa::", []string{"2a02:1:8:808:8::"}, []string{"2a02:1:a:0:1::"}},
		{"/32", "2a02:1:c000:aa::", []string{"2a02:1:808:808::"}, []string{"2a02:1:a00:1::", "2a02:1:c0a8:101::"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone := map[string]mailtest.Name{"ipv4only.arpa": {}}
			if c.announced != "" {
				zone["ipv4only.arpa"] = mailtest.Name{Addrs: []netip.Addr{netip.MustParseAddr(c.announced)}}
			}
			dns := mailtest.StartDNS(zone)
			defer dns.Close()
			p := &Prober{Resolver: dns.Addr}
			for _, a := range c.allowed {
				if !p.Allows(netip.MustParseAddr(a)) {
					t.Errorf("%s is refused", a)
				}
			}
			for _, a := range c.refused {
				if p.Allows(netip.MustParseAddr(a)) {
					t.Errorf("%s is let through", a)
				}
				if p.Check(netip.AddrPortFrom(netip.MustParseAddr(a), 443)) == nil {
					t.Errorf("%s is let through to the web", a)
				}
			}
		})
	}
}

// Behind a NAT or a proxy no interface has the address under which the world
// reaches this machine.
func TestOwnNamesAreRefused(t *testing.T) {
	own, own6 := netip.MustParseAddr("9.9.9.10"), netip.MustParseAddr("2620:fe::10")
	dns := mailtest.StartDNS(map[string]mailtest.Name{"bot.example.org": {Addrs: []netip.Addr{own, own6}}})
	defer dns.Close()
	p := &Prober{Resolver: dns.Addr, OwnNames: []string{"bot.example.org"}}
	if p.Allows(own) || p.Allows(own6) || p.Allows(netip.MustParseAddr("::ffff:9.9.9.10")) {
		t.Error("an own address is let through")
	}
	if !p.Allows(netip.MustParseAddr("9.9.9.11")) {
		t.Error("its neighbour is refused")
	}
	p.Policy.Allow = []netip.Prefix{netip.MustParsePrefix("9.9.9.0/24")}
	if !p.Allows(own) {
		t.Error("refused although the operator has named it")
	}
}

func TestPolicyDeny(t *testing.T) {
	p := Policy{
		Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Deny:  []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("9.9.9.9/32"), netip.MustParsePrefix("2a00:1450::/32")},
	}
	for s, want := range map[string]bool{
		"10.0.0.1": true, "10.1.0.1": false, "::ffff:10.1.0.1": false, "9.9.9.9": false, "9.9.9.8": true, "2a00:1450:4001::1": false, "2a00:1451::1": true,
	} {
		if got := p.allows(netip.MustParseAddr(s)); got != want {
			t.Errorf("%s: %v, want %v", s, got, want)
		}
	}
}
