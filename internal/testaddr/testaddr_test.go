package testaddr_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

func TestAddressesAreOnesOwn(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		addr := testaddr.Host(t)
		if seen[addr] && addr != "127.0.0.1" {
			t.Errorf("%s was given twice", addr)
		}
		seen[addr] = true
		if a, err := netip.ParseAddr(addr); err != nil || !a.IsLoopback() {
			t.Errorf("%q is no address of the loopback: %v", addr, err)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	at := testaddr.HostPort(t)
	if c, err := net.Dial("tcp", at); err == nil {
		c.Close()
		t.Errorf("somebody listens at %s", at)
	}
	for range 2 { // a server comes back to its port
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
}
