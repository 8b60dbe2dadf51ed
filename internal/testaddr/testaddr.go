// Package testaddr gives tests addresses of 127.0.0.0/8 that are theirs alone.
//
// On 127.0.0.1 a port that was free a moment ago may be taken by whoever
// listens or connects next, and there are many of those while test binaries run
// side by side. An address of one's own has all ports free: the mail ports,
// those that a restarted server must find again, and those at which nobody
// must listen. Tests alone import this package.
package testaddr

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
)

// guard is a port that is held at each address that is given out, so that no
// other process is given the same. It lies above the ports that the kernel
// gives to connections (net.ipv4.ip_local_port_range ends at 60999), and no
// test uses it.
const guard = 61997

// Host returns an address that no other test has until t ends. Where the
// system knows 127.0.0.1 alone (everywhere but on Linux, unless told
// otherwise), it is that, and shared.
func Host(t testing.TB) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.%d.%d.%d", 1+rand.N(254), rand.N(256), 1+rand.N(254))
		l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", addr, guard))
		switch {
		case err == nil:
			t.Cleanup(func() { l.Close() })
			return addr
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			return "127.0.0.1"
		case !errors.Is(err, syscall.EADDRINUSE):
			t.Fatal(err)
		}
	}
	t.Fatal("no address of the loopback is free")
	return ""
}

// HostPort returns a port at which nobody listens, at an address as of Host.
func HostPort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(Host(t), "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
