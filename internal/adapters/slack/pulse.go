package slack

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// maxQuiet is how long a connection counts as alive without a byte. Slack's
// own client gives a connection up after thirty seconds without a ping
// (serverPingTimeout of @slack/socket-mode 3), so pings come more often.
const maxQuiet = 50 * time.Second

// pulse is a connection that notes when something came. A connection whose
// other end is gone without a word looks open for as long as nobody writes.
type pulse struct {
	net.Conn
	beat func()
}

func (p pulse) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if n > 0 {
		p.beat()
	}
	return n, err
}

// dialer is slack-go's own, with the connections' pulse.
func (a *Adapter) dialer() *websocket.Dialer {
	d := net.Dialer{Timeout: 15 * time.Second}
	return &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: 20 * time.Second,
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := d.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return pulse{c, func() { a.stats.pulse.Store(a.cfg.Now().UnixNano()) }}, nil
		},
	}
}

// alive says that Slack has been heard on a socket lately.
func (a *Adapter) alive() bool {
	return a.cfg.Now().Sub(time.Unix(0, a.stats.pulse.Load())) <= maxQuiet
}
