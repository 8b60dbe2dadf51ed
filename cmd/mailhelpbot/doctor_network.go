package main

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// knocked are the providers whose servers the doctor connects to, without a
// word: large, steady, and apart from each other.
var knocked = []string{"gmx", "gmail", "web-de", "t-online"}

// knockedPorts are the ports that tests need, with how bad it is when one is
// closed. Port 25 is closed in most clouds, and only tests of MX hosts need it.
var knockedPorts = []struct {
	port uint16
	bad  level
}{{993, failure}, {465, failure}, {587, failure}, {25, warning}}

// networkPatience is how long a look-up or a connection may take.
const networkPatience = 5 * time.Second

// checkResolver looks up a name that everybody has.
func checkResolver(ctx context.Context, d *doctor) []finding {
	ctx, cancel := context.WithTimeout(ctx, networkPatience)
	defer cancel()
	_, err := d.resolver().LookupMX(ctx, "gmx.net")
	if err != nil {
		return []finding{d.bad(failure, "dns", "broken", "why", err.Error())}
	}
	d.resolves = true
	return []finding{d.ok("dns")}
}

// resolver is the system's, or the server of the settings.
func (d *doctor) resolver() *net.Resolver {
	r := &net.Resolver{PreferGo: true}
	if server := d.in.env.Resolver; server != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server)
		}
	}
	return r
}

// checkPorts connects to mail servers that are surely up. A port is open when
// one of them can be reached.
func checkPorts(ctx context.Context, d *doctor) []finding {
	prober, err := d.in.env.prober()
	if err != nil || !d.resolves {
		return []finding{d.ok("ports.unknown")}
	}
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	var wg sync.WaitGroup
	open := make([]bool, len(knockedPorts))
	tried := make([][]string, len(knockedPorts))
	for i, p := range knockedPorts {
		wg.Go(func() {
			tried[i] = d.hosts(ctx, book, p.port)
			open[i] = knock(ctx, prober, tried[i], p.port)
		})
	}
	wg.Wait()
	var out []finding
	for i, p := range knockedPorts {
		pairs := []string{"port", strconv.Itoa(int(p.port)), "hosts", strings.Join(tried[i], ", ")}
		switch {
		case open[i]:
			out = append(out, d.ok("port", pairs...))
		case p.port == 25:
			out = append(out, d.bad(p.bad, "port", "closed25", pairs...))
		default:
			out = append(out, d.bad(p.bad, "port", "closed", pairs...))
		}
	}
	return out
}

// hosts are servers that listen on a port.
func (d *doctor) hosts(ctx context.Context, book *knowledge.Book, port uint16) (out []string) {
	ctx, cancel := context.WithTimeout(ctx, networkPatience)
	defer cancel()
	for _, id := range knocked {
		p := book.Provider(id)
		if p == nil {
			continue
		}
		for _, s := range p.Servers {
			if s.Port == port && !slices.Contains(out, s.Host) {
				out = append(out, s.Host)
				break
			}
		}
		if port != 25 {
			continue
		}
		if mx, err := d.resolver().LookupMX(ctx, p.Domains[0]); err == nil && len(mx) > 0 {
			out = append(out, strings.TrimSuffix(mx[0].Host, "."))
		}
	}
	return out
}

// knock says whether one of the hosts accepts a connection. Where nothing may
// be probed, nothing is connected to.
func knock(ctx context.Context, p *diagnose.Prober, hosts []string, port uint16) bool {
	ctx, cancel := context.WithTimeout(ctx, networkPatience)
	defer cancel()
	var wg sync.WaitGroup
	answered := make(chan struct{}, len(hosts))
	for _, h := range hosts {
		wg.Go(func() {
			for _, a := range p.Addresses(ctx, h) {
				at := netip.AddrPortFrom(a, port)
				if p.Check(at) != nil {
					continue
				}
				if c, err := new(net.Dialer).DialContext(ctx, "tcp", at.String()); err == nil {
					c.Close()
					answered <- struct{}{}
					cancel()
					return
				}
			}
		})
	}
	wg.Wait()
	return len(answered) > 0
}

// maxAhead is how far the clock may be off: Slack's and Discord's signatures
// are good for five minutes, and certificates are judged by the clock.
const maxAhead = time.Minute

// checkClock holds the clock against that of a platform, whose answers carry
// the time (RFC 9110 section 6.6.1).
func checkClock(_ context.Context, d *doctor) []finding {
	switch {
	case !d.dated:
		return nil
	case d.ahead.Abs() <= maxAhead:
		return []finding{d.ok("clock")}
	case d.ahead > 0:
		return []finding{d.bad(failure, "clock", "fast", "off", d.ahead.Round(time.Second).String())}
	}
	return []finding{d.bad(failure, "clock", "slow", "off", d.ahead.Abs().Round(time.Second).String())}
}

// checkPublicURL asks for /livez by the address that people and platforms use.
func checkPublicURL(ctx context.Context, d *doctor) []finding {
	public := d.in.env.PublicURL
	if public == "" {
		return nil
	}
	if d.in.env.HTTP == "" {
		return []finding{d.bad(failure, "public", "silent", "url", public)}
	}
	ctx, cancel := context.WithTimeout(ctx, networkPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(public, "/")+"/livez", nil)
	var resp *http.Response
	if err == nil {
		resp, err = http.DefaultClient.Do(req)
	}
	if err != nil {
		return []finding{d.bad(warning, "public", "away", "url", public, "why", err.Error())}
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64)) // less of it is another page, too
	if resp.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != "ok" {
		return []finding{d.bad(failure, "public", "other", "url", public, "status", strconv.Itoa(resp.StatusCode))}
	}
	return []finding{d.ok("public", "url", public)}
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(cmp.Or(host, "invalid"))
	return host == "localhost" || err == nil && a.IsLoopback()
}
