package diagnose

import (
	"net"

	"golang.org/x/sys/unix"
)

// quickACK asks for an immediate acknowledgement of what comes next. A server
// that leaves Nagle's algorithm on (Postfix) holds its first reply after a TLS
// 1.3 handshake until we acknowledge the session tickets, and Linux would
// delay that by 40 ms. Sending switches the delay back on, so it is called
// after each write.
func quickACK(c net.Conn) {
	tc, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	if rc, err := tc.SyscallConn(); err == nil {
		_ = rc.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1)
		})
	}
}
