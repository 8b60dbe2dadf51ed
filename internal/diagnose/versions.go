package diagnose

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// versions finds out which TLS versions below the newest a server offers. A
// ClientHello that goes up to 1.2 is answered with the highest version not
// above, so one connection per version settles it. They run beside the main
// conversation, of which a ServerHello is a prefix in round trips: no time is
// added.
func (a *attempt) versions(ctx context.Context) Step {
	st := Step{Endpoint: a.ep, Kind: StepVersions, Status: StatusOK, TLS: &TLSInfo{}}
	start := time.Now()
	found := [3]string{}
	ask := func(i int) bool {
		found[i] = a.upTo(ctx, tls.VersionTLS10+uint16(i))
		return found[i] == tls.VersionName(tls.VersionTLS10+uint16(i))
	}
	if a.hasTime() {
		ask(2)
		if ask(1) {
			ask(0)
		}
	} else {
		var wg sync.WaitGroup
		for i := range found {
			wg.Go(func() { ask(i) })
		}
		wg.Wait()
	}
	for _, v := range found {
		if v != "" && !slices.Contains(st.TLS.VersionsOffered, v) {
			st.TLS.VersionsOffered = append(st.TLS.VersionsOffered, v)
		}
	}
	st.Took = time.Since(start)
	return st
}

// hasTime reports that this endpoint is done long before another one of the
// run: implicit TLS needs three round trips less than STARTTLS. It then asks one
// question after the other, and fewer of a modern server, which keeps a run
// over five endpoints within maxConnsPerHost.
func (a *attempt) hasTime() bool {
	return a.ep.Security == mailconf.TLS && slices.ContainsFunc(a.target.Endpoints, func(e mailconf.Endpoint) bool {
		return e.Host == a.ep.Host && e.Security == mailconf.STARTTLS
	})
}

// upTo asks for a version and returns the name of the one that the server
// chose, "" when it chose none.
func (a *attempt) upTo(ctx context.Context, version uint16) string {
	h, err := a.sideHello(ctx, version, true)
	if err != nil || h.version < tls.VersionTLS10 || h.version > version {
		return ""
	}
	return tls.VersionName(h.version)
}

// sideHello sends a ClientHello on a connection of its own, behind STARTTLS
// when upgrade is set and the endpoint wants it.
func (a *attempt) sideHello(ctx context.Context, version uint16, upgrade bool) (hello, error) {
	release, ok := a.slot(ctx, a.addr.Addr())
	if !ok {
		return hello{}, ctx.Err()
	}
	defer release()
	dialCtx, cancel := context.WithTimeout(ctx, a.limits.Connect)
	c, err := a.dial(dialCtx, a.addr)
	cancel()
	if err != nil {
		return hello{}, err
	}
	s := newSession(ctx, c)
	defer s.close()
	s.deadline(a.limits.Command)
	if upgrade && a.ep.Security == mailconf.STARTTLS {
		d := newDialect(a.ep.Protocol, a.ehloName(c))
		r, o, err := d.greeting(s)
		if err != nil || !r.ok {
			return hello{}, errors.Join(err, errNotTLS)
		}
		if r, o, err = d.startTLS(s, o); err != nil || !r.ok || !o.starttls || s.buffered() {
			return hello{}, errors.Join(err, errNotTLS)
		}
	}
	if _, err := s.wire.Write(clientHello(a.tlsConfig().ServerName, version)); err != nil {
		return hello{}, err
	}
	return readHello(s.wire)
}
