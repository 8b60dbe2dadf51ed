package diagnose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// versionSearch finds out which TLS versions below the newest a server offers.
// A ClientHello that goes up to 1.2 is answered with the highest version not
// above, so one connection per version settles it. They run beside the main
// conversation, of which a ServerHello is a prefix in round trips: no time is
// added. A nil one is for endpoints without TLS.
type versionSearch struct {
	a      *attempt
	cancel context.CancelFunc
	addr   chan netip.AddrPort // of the main connection, once it is there
	found  chan Step
	certs  [][]byte // that came with TLS 1.2
}

// searchVersions starts the search. stop must follow.
func (a *attempt) searchVersions(ctx context.Context) *versionSearch {
	if a.shadow || a.ep.Security == mailconf.Plain {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	v := &versionSearch{a: a, cancel: cancel, addr: make(chan netip.AddrPort, 1), found: make(chan Step, 1)}
	go func() {
		defer close(v.found)
		fence.Do(a.Panicked, func() { v.found <- v.run(ctx) })
	}()
	return v
}

// connected lets the search go on at the address that has answered.
func (v *versionSearch) connected(addr netip.AddrPort) {
	if v != nil {
		v.addr <- addr
	}
}

// finish waits for the result, not longer than versionsLag, and reports it
// with what the main conversation has shown.
func (v *versionSearch) finish() {
	if v == nil {
		return
	}
	lag := time.AfterFunc(versionsLag, v.cancel)
	defer lag.Stop()
	st, whole := <-v.found
	if !whole {
		return
	}
	info := v.a.tls
	for _, x := range st.TLS.VersionsOffered {
		if !slices.Contains(info.VersionsOffered, x) {
			info.VersionsOffered = append(info.VersionsOffered, x)
		}
	}
	slices.Sort(info.VersionsOffered)
	v.otherCert(&st)
	st.TLS, st.Address = info, v.a.addr
	v.a.emit(st)
}

// otherCert judges the certificate of another kind of key that the server has
// besides the one of the main conversation: which of them a program gets is up
// to its preferences, and one is easily forgotten when certificates are renewed.
func (v *versionSearch) otherCert(st *Step) {
	var certs []*x509.Certificate
	for _, der := range v.certs {
		if c, err := x509.ParseCertificate(der); err == nil {
			certs = append(certs, c)
		}
	}
	if len(certs) == 0 || v.a.state == nil || certs[0].PublicKeyAlgorithm == v.a.state.PeerCertificates[0].PublicKeyAlgorithm {
		return
	}
	if j := v.a.judge(certs, nil, v.a.name); !j.ok() {
		st.Status, st.Cause, st.Also = StatusFail, j.faults[0], j.faults[1:]
		st.Detail = strings.TrimSpace(certs[0].PublicKeyAlgorithm.String() + " " + j.detail)
	}
}

// stop ends the search and waits until its connections are closed.
func (v *versionSearch) stop() {
	if v == nil {
		return
	}
	v.cancel()
	for range v.found {
	}
}

// run asks for 1.2, 1.1 and 1.0.
func (v *versionSearch) run(ctx context.Context) Step {
	st := Step{Endpoint: v.a.ep, Kind: StepVersions, Status: StatusOK, TLS: &TLSInfo{}}
	start := time.Now()
	var found []string
	switch {
	case v.a.hasTime():
		found = v.inTurn(ctx)
	case v.a.ep.Protocol == mailconf.SMTP:
		found = v.early(ctx)
	default:
		if addr, ok := v.whenConnected(ctx); ok {
			found = v.atOnce(ctx, addr)
		}
	}
	for _, x := range found {
		if x != "" && !slices.Contains(st.TLS.VersionsOffered, x) {
			st.TLS.VersionsOffered = append(st.TLS.VersionsOffered, x)
		}
	}
	st.Took = time.Since(start)
	return st
}

// inTurn asks one question after the other, and fewer of a modern server,
// which keeps a run over five endpoints within maxConnsPerHost. The first goes
// out beside the main connection.
func (v *versionSearch) inTurn(ctx context.Context) []string {
	first := netip.AddrPortFrom(v.a.addrs[0], v.a.ep.Port)
	found, err := v.upTo(ctx, first, tls.VersionTLS12)
	addr, ok := v.whenConnected(ctx)
	if !ok {
		return nil
	}
	if err != nil && addr != first {
		found, _ = v.upTo(ctx, addr, tls.VersionTLS12)
	}
	all := []string{found}
	for _, version := range []uint16{tls.VersionTLS11, tls.VersionTLS10} {
		found, _ = v.upTo(ctx, addr, version)
		if all = append(all, found); found != tls.VersionName(version) {
			break
		}
	}
	return all
}

// early asks all questions beside the main connection: with EHLO before it,
// STARTTLS of SMTP is a round trip slower than that of the others, which wait
// for the main connection and so leave the slots to those that need them first.
func (v *versionSearch) early(ctx context.Context) []string {
	first := netip.AddrPortFrom(v.a.addrs[0], v.a.ep.Port)
	found := v.atOnce(ctx, first)
	if len(v.a.addrs) == 1 || slices.ContainsFunc(found, func(s string) bool { return s != "" }) {
		return found
	}
	if addr, ok := v.whenConnected(ctx); ok && addr != first {
		return v.atOnce(ctx, addr)
	}
	return found
}

// atOnce asks all questions side by side.
func (v *versionSearch) atOnce(ctx context.Context, addr netip.AddrPort) []string {
	found := make([]string, 3)
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() {
			fence.Do(v.a.Panicked, func() { found[i], _ = v.upTo(ctx, addr, tls.VersionTLS10+uint16(i)) })
		})
	}
	wg.Wait()
	return found
}

func (v *versionSearch) whenConnected(ctx context.Context) (netip.AddrPort, bool) {
	select {
	case addr := <-v.addr:
		return addr, true
	case <-ctx.Done():
		return netip.AddrPort{}, false
	}
}

// hasTime reports that this endpoint is done long before another one of the
// run: implicit TLS needs three round trips less than STARTTLS.
func (a *attempt) hasTime() bool {
	return a.ep.Security == mailconf.TLS && slices.ContainsFunc(a.target.Endpoints, func(e mailconf.Endpoint) bool {
		return e.Host == a.ep.Host && e.Security == mailconf.STARTTLS
	})
}

// upTo asks for a version and returns the name of the one that the server
// chose, "" when it chose none.
func (v *versionSearch) upTo(ctx context.Context, addr netip.AddrPort, version uint16) (string, error) {
	h, err := v.a.sideHello(ctx, addr, version, true)
	if version == tls.VersionTLS12 { // the one question of a time that has them
		v.certs = h.certs
	}
	if err != nil || h.version < tls.VersionTLS10 || h.version > version {
		return "", err
	}
	return tls.VersionName(h.version), nil
}

// sideHello sends a ClientHello on a connection of its own, behind STARTTLS
// when upgrade is set and the endpoint wants it.
func (a *attempt) sideHello(ctx context.Context, addr netip.AddrPort, version uint16, upgrade bool) (hello, error) {
	u := urgentTLS
	switch {
	case a.ep.Security == mailconf.STARTTLS:
		u = urgentSTARTTLS
	case a.ep.Protocol == mailconf.SMTP:
		u = urgentSMTP
	}
	release, ok := a.slots.take(ctx, addr.Addr(), u)
	if !ok {
		return hello{}, ctx.Err()
	}
	defer release()
	dialCtx, cancel := context.WithTimeout(ctx, a.limits.Connect)
	c, err := a.dial(dialCtx, addr)
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
	if upgrade && version == tls.VersionTLS12 {
		return readHelloAndCerts(s.wire)
	}
	return readHello(s.wire)
}
