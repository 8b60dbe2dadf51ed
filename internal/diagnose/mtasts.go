package diagnose

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

// mtaSTS notes the policy of a domain: the record that announces it and the
// policy itself. The address of the policy's host is asked for at the same
// time as the record.
func (n *domainNotes) mtaSTS(ctx context.Context, res resolver) {
	host := "mta-sts." + n.name
	type found struct {
		addrs []netip.Addr
		fault *fault
	}
	addrs := make(chan found, 1)
	go func() {
		var got found
		if !fence.Do(n.run.Panicked, func() { got.addrs, got.fault = res.lookup(ctx, host) }) {
			got.fault = &fault{cause: CauseInternalError}
		}
		addrs <- got
	}()
	m, err := res.ask(ctx, "_mta-sts."+n.name, dns.TypeTXT, false)
	if err != nil {
		return
	}
	id, ok := stsRecord(m)
	n.mu.Lock()
	n.any = true
	if ok {
		n.info.MTASTS = &MTASTSInfo{ID: CleanServerText(id), MX: []string{}, Problem: MTASTSLate}
	}
	n.mu.Unlock()
	if !ok {
		return
	}
	to := <-addrs
	if ctx.Err() != nil {
		return
	}
	info := n.policy(ctx, host, to.addrs)
	if ctx.Err() != nil {
		return // what was cut off says nothing
	}
	info.ID = CleanServerText(id)
	n.mu.Lock()
	n.info.MTASTS = &info
	n.mu.Unlock()
}

// stsRecord finds the one record of RFC 8461 section 3.1 and its id.
func stsRecord(m *dns.Msg) (id string, ok bool) {
	records := 0
	for _, rr := range m.Answer {
		t, isTXT := rr.(*dns.TXT)
		if !isTXT {
			continue
		}
		fields := strings.Split(strings.Join(t.Txt, ""), ";")
		if strings.TrimSpace(fields[0]) != "v=STSv1" {
			continue
		}
		records++
		for _, f := range fields[1:] {
			if k, v, _ := strings.Cut(strings.TrimSpace(f), "="); k == "id" {
				id = v
			}
		}
	}
	return id, records == 1 && id != ""
}

// policy fetches the policy of a host and reads it.
func (n *domainNotes) policy(ctx context.Context, host string, addrs []netip.Addr) MTASTSInfo {
	info := MTASTSInfo{MX: []string{}, Problem: MTASTSUnreachable}
	if len(addrs) == 0 {
		return info
	}
	var certs judgement
	client := n.run.policyClient(host, addrs, &certs)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host+"/.well-known/mta-sts.txt", nil)
	if err != nil {
		return info
	}
	req.Header.Set("User-Agent", "mailhelpbot")
	resp, err := client.Do(req)
	if err != nil {
		return info
	}
	defer resp.Body.Close()
	if certs.trusted() {
		n.run.saw(resp.Header.Get("Date"))
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPolicy+1))
	switch {
	case !certs.ok():
		info.Problem = MTASTSCertificate
	case err != nil || resp.StatusCode != http.StatusOK:
	case kind != "text/plain" || len(body) > maxPolicy:
		info.Problem = MTASTSInvalid
	default:
		info = parsePolicy(string(body))
	}
	return info
}

// maxPolicy is how many bytes a policy may have, RFC 8461 section 3.2.
const maxPolicy = 64 << 10

// policyClient is a web client for one host that keeps to the Policy: own name
// resolution, every address checked when it is dialled, no proxy, no redirects
// (RFC 8461 section 3.3). The certificate is judged and not refused, since an
// answer with a certificate that is out of date by our clock tells the time.
func (r *run) policyClient(host string, addrs []netip.Addr, certs *judgement) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return r.dialFirst(ctx, addrs, httpsPort)
			},
			TLSClientConfig: &tls.Config{
				ServerName: host, MinVersion: tls.VersionTLS12,
				InsecureSkipVerify: true, //nolint:gosec // judged in VerifyConnection
				VerifyConnection: func(cs tls.ConnectionState) error {
					*certs = r.judge(cs.PeerCertificates, nil, host)
					return nil
				},
			},
			MaxResponseHeaderBytes: 16 << 10,
			DisableKeepAlives:      true,
			DisableCompression:     true,
		},
	}
}

// dialFirst connects to the first two addresses in turn.
func (r *run) dialFirst(ctx context.Context, addrs []netip.Addr, port uint16) (net.Conn, error) {
	err := error(errBlocked)
	for _, a := range addrs[:min(2, len(addrs))] {
		var c net.Conn
		dialCtx, cancel := context.WithTimeout(ctx, r.limits.Connect)
		c, err = r.dialPort(dialCtx, netip.AddrPortFrom(a, port))
		cancel()
		if err == nil {
			return c, nil
		}
	}
	return nil, err
}

// parsePolicy reads a policy, RFC 8461 section 3.2.
func parsePolicy(text string) MTASTSInfo {
	info := MTASTSInfo{MX: []string{}}
	version := ""
	age := error(errors.New("no max_age"))
	for line := range strings.Lines(text) {
		k, v, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		v = strings.TrimSpace(v)
		switch strings.TrimSpace(k) {
		case "version":
			version = v
		case "mode":
			info.Mode = CleanServerText(v)
		case "mx":
			if len(info.MX) < maxNames {
				info.MX = append(info.MX, CleanServerText(strings.ToLower(v)))
			}
		case "max_age":
			info.MaxAge, age = strconv.Atoi(v)
		}
	}
	known := info.Mode == "enforce" || info.Mode == "testing" || info.Mode == "none"
	if version != "STSv1" || !known || age != nil || info.MaxAge < 0 || info.Mode != "none" && len(info.MX) == 0 {
		info.Problem = MTASTSInvalid
	}
	return info
}

// matchesMX reports whether a pattern of a policy allows a host: the same name,
// or a wildcard in the place of its first label (RFC 8461 section 4.1).
func matchesMX(pattern, host string) bool {
	if rest, ok := strings.CutPrefix(pattern, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && strings.EqualFold(rest, parent)
	}
	return strings.EqualFold(pattern, host)
}

// saw takes in a server's clock: the Date of a web server (RFC 9110 section
// 6.6.1) or that of an SMTP greeting.
func (r *run) saw(date string) {
	t, err := http.ParseTime(date)
	if err != nil {
		return
	}
	r.events <- Step{Kind: StepClock, Status: StatusOK, Clock: t.Sub(r.now()).Round(time.Second)}
}
