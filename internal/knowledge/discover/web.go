package discover

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

// Limits on what a web server may do to us.
const (
	maxBody      = 64 << 10 // bytes; the largest file of the ISPDB (March 2026) has 9 KB
	maxHeader    = 16 << 10 // bytes of all header lines
	maxRedirects = 3

	dialTimeout   = 2 * time.Second // a SYN and its first repetition after 1 s (RFC 6298 section 2.1)
	tlsTimeout    = 2 * time.Second
	headerTimeout = 2500 * time.Millisecond
	dialStagger   = 250 * time.Millisecond // between addresses of one host, RFC 8305 section 5
)

// Errors of a fetch.
var (
	errRefused  = errors.New("address refused")
	errRedirect = errors.New("redirect refused")
	errTooLarge = errors.New("larger than 64 KiB")
)

// web is the only way to the web: own name resolution, every address checked
// when it is connected to, no proxy, no cookies, no compression, redirects to
// https only.
type web struct {
	finder *Finder
	dns    *resolver
	client *http.Client
}

func newWeb(f *Finder, r *resolver) *web {
	w := &web{finder: f, dns: r}
	w.client = &http.Client{
		CheckRedirect: w.redirect,
		Transport: &http.Transport{
			DialContext:            w.dial,
			TLSClientConfig:        f.tlsConfig(),
			TLSHandshakeTimeout:    tlsTimeout,
			ResponseHeaderTimeout:  headerTimeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableKeepAlives:      true,
			DisableCompression:     true,
		},
	}
	return w
}

// tlsConfig trusts Roots and MoreRoots: crypto/tls takes one pool, and two
// cannot be joined, so the chain is verified here.
func (f *Finder) tlsConfig() *tls.Config {
	c := &tls.Config{RootCAs: f.Roots, MinVersion: tls.VersionTLS12, Time: f.Now}
	if f.MoreRoots == nil {
		return c
	}
	c.InsecureSkipVerify = true //nolint:gosec // VerifyConnection verifies
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		opts := x509.VerifyOptions{Roots: f.MoreRoots, DNSName: cs.ServerName, CurrentTime: f.now(), Intermediates: x509.NewCertPool()}
		for _, i := range cs.PeerCertificates[1:] {
			opts.Intermediates.AddCert(i)
		}
		leaf := cs.PeerCertificates[0]
		if _, err := leaf.Verify(opts); err == nil {
			return nil
		}
		opts.Roots = f.Roots
		if _, err := leaf.Verify(opts); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: cs.PeerCertificates, Err: err}
		}
		return nil
	}
	return c
}

// base returns scheme://host, with the port when it is not the usual one.
func (w *web) base(scheme, host string) string {
	port := w.finder.HTTPSPort
	if scheme == "http" {
		port = w.finder.HTTPPort
	}
	if port != 0 {
		host = net.JoinHostPort(host, strconv.Itoa(int(port)))
	}
	return scheme + "://" + host
}

// redirect lets through at most three redirects, to https on its usual port
// and to host names alone. Where the name leads is checked by dial.
func (w *web) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects || !w.sound(req.URL) {
		return errRedirect
	}
	return nil
}

// sound reports whether a URL that a server has named may be asked.
func (w *web) sound(u *url.URL) bool {
	port := u.Port()
	usual := port == "" || port == "443" || port == strconv.Itoa(int(w.finder.HTTPSPort))
	_, ok := asciiHost(u.Hostname())
	return u.Scheme == "https" && usual && ok && u.User == nil
}

// get fetches a page that answers with status 200.
func (w *web) get(ctx context.Context, url string) ([]byte, error) {
	return w.do(ctx, w.client, http.MethodGet, url, "", nil)
}

// post sends a body and returns the answer. A redirect is followed with the
// same body, as MS-OXDSCLI section 3.1.5.2 has it for 302.
func (w *web) post(ctx context.Context, url, contentType string, body []byte) ([]byte, error) {
	c := *w.client
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if err := w.redirect(req, via); err != nil {
			return err
		}
		return http.ErrUseLastResponse
	}
	for range maxRedirects + 1 {
		b, err := w.do(ctx, &c, http.MethodPost, url, contentType, body)
		var moved *movedError
		if !errors.As(err, &moved) {
			return b, err
		}
		url = moved.to
	}
	return nil, errRedirect
}

// movedError is the answer "look there".
type movedError struct{ to string }

func (e *movedError) Error() string { return "moved to " + e.to }

// statusError is an answer other than 200.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("status %d", int(e)) }

func (w *web) do(ctx context.Context, c *http.Client, method, url, contentType string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "mailhelpbot")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if to, err := resp.Location(); err == nil && resp.StatusCode/100 == 3 {
		if !w.sound(to) {
			return nil, errRedirect
		}
		return nil, &movedError{to.String()}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, statusError(resp.StatusCode)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && len(b) > maxBody {
		err = errTooLarge
	}
	return b, err
}

// dial connects to a host by the addresses that our resolver gives, a quarter
// of a second apart, and takes the first that answers.
func (w *web) dial(ctx context.Context, network, hostport string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, err
	}
	name, ok := asciiHost(host)
	if !ok {
		return nil, errRefused
	}
	addrs, err := w.dns.addresses(ctx, name)
	if len(addrs) == 0 {
		return nil, errors.Join(&net.DNSError{Err: "no address", Name: name, IsNotFound: err == nil}, err)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return w.race(ctx, network, addrs, uint16(port))
}

// race dials addresses side by side, staggered.
func (w *web) race(ctx context.Context, network string, addrs []netip.Addr, port uint16) (net.Conn, error) {
	type result struct {
		conn net.Conn
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan result)
	for i, a := range addrs {
		go func() {
			var r result
			select {
			case <-time.After(time.Duration(i) * dialStagger):
				r.err = errRefused
				fence.Do(nil, func() { r.conn, r.err = w.dialAddr(ctx, network, netip.AddrPortFrom(a, port)) })
			case <-ctx.Done():
				r.err = ctx.Err()
			}
			results <- r
		}()
	}
	var conn net.Conn
	var errs []error
	for range addrs {
		switch r := <-results; {
		case r.err != nil:
			errs = append(errs, r.err)
		case conn == nil:
			conn = r.conn
			cancel()
		default:
			_ = r.conn.Close() // lost the race
		}
	}
	cancel()
	if conn != nil {
		return conn, nil
	}
	return nil, errors.Join(errs...)
}

// dialAddr connects to an address that Allow lets through. The check sits in
// the control function, which sees what the socket really connects to.
func (w *web) dialAddr(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
	d := net.Dialer{
		KeepAlive: -1,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			real, err := netip.ParseAddrPort(address)
			if err != nil || w.finder.allow(netip.AddrPortFrom(real.Addr().Unmap(), real.Port())) != nil {
				return errRefused
			}
			return nil
		},
	}
	return d.DialContext(ctx, network, to.String())
}

func (f *Finder) allow(a netip.AddrPort) error {
	if f.Allow != nil {
		return f.Allow(a)
	}
	if ip := a.Addr(); !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Zone() != "" {
		return errRefused
	}
	return nil
}

// faultOf names what kept a source from answering.
func faultOf(err error) Fault {
	var cert *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var status statusError
	var missing *net.DNSError
	var netErr net.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errRefused):
		return FaultRefused
	case errors.Is(err, errRedirect):
		return FaultRedirect
	case errors.Is(err, errTooLarge):
		return FaultTooLarge
	case errors.As(err, &cert):
		return FaultCertificate
	case errors.As(err, &status):
		if status >= 500 {
			return FaultUnreachable
		}
		return FaultNone
	case errors.As(err, &missing) && missing.IsNotFound:
		return FaultNone
	case errors.Is(err, errNoAnswer), errors.Is(err, errServFail), errors.Is(err, errManyAliases), errors.As(err, &header):
		return FaultUnreachable
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &netErr) && netErr.Timeout():
		return FaultTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return FaultNone // nothing of the kind is offered there
	}
	return FaultUnreachable
}
