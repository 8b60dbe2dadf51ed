package diagnose

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// errBlocked is returned instead of dialling an address that the Policy refuses.
var errBlocked = errors.New("address is not probed")

// dial opens a TCP connection to an address, if the Policy lets it. The check
// stands twice: before a Dial hook, and in the system dialer's control function,
// which sees the address that the socket is about to connect to.
func (p *Prober) dial(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
	if !p.Policy.portAllowed(addr.Port()) {
		return nil, errBlocked
	}
	return p.dialPort(ctx, addr)
}

// httpsPort is dialled for MTA-STS policies alone; no target can name it.
const httpsPort = 443

// dialPort is dial for a port that is not up to anybody outside.
func (p *Prober) dialPort(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
	if !p.allows(addr.Addr()) {
		return nil, errBlocked
	}
	if p.Dial != nil {
		return p.Dial(ctx, addr)
	}
	d := net.Dialer{
		KeepAlive: -1,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			real, err := netip.ParseAddrPort(address)
			if err != nil || real.Port() != addr.Port() || !p.allows(real.Addr()) {
				return errBlocked
			}
			return nil
		},
	}
	return d.DialContext(ctx, "tcp", addr.String())
}

// reachable reports whether this machine has a route of the address's IP
// version that deserves the name: connecting a UDP socket sends nothing but
// picks the source address. A public IPv6 target needs a public source; a
// machine with nothing but a unique local address has no IPv6 to the internet.
func (p *Prober) reachable(addr netip.Addr) bool {
	if p.Dial != nil {
		return true
	}
	c, err := net.Dial("udp", netip.AddrPortFrom(addr, 9).String())
	if err != nil {
		return false
	}
	defer c.Close()
	local, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return false
	}
	return addr.Is4() || !public(addr) || public(local.Addr())
}

// ehloName is what EHLO says about us.
func (p *Prober) ehloName(c net.Conn) string {
	if p.EHLO != "" {
		return p.EHLO
	}
	local, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return "[127.0.0.1]"
	}
	a := local.Addr().Unmap().WithZone("")
	if a.Is6() {
		return fmt.Sprintf("[IPv6:%s]", a)
	}
	return fmt.Sprintf("[%s]", a)
}
