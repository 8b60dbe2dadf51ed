package diagnose_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// outcome is a verdict with its cause: "ok", "fail cert-expired".
type outcome string

const (
	allWell      outcome = "ok"
	closed       outcome = "fail connection-refused"
	noSTARTTLS   outcome = "fail starttls-missing"
	wrongMech    outcome = "fail auth-mechanism"
	refusedLogin outcome = "fail wrong-credentials"
)

// matrixHost is the name of every server in the matrix.
const matrixHost = "mail.lab.example"

// matrixServer is a server with its protocols, and what becomes of a login
// when it lists only the mechanisms of odd.
type matrixServer struct {
	server    realtest.Server
	protocols []mailconf.Protocol
	odd       string
	oddLogin  outcome
}

var matrixServers = []matrixServer{
	{realtest.Dovecot, []mailconf.Protocol{mailconf.IMAP, mailconf.POP3, mailconf.SMTP}, "digest-md5", wrongMech},
	{realtest.Exim, []mailconf.Protocol{mailconf.SMTP}, "digest-md5", wrongMech},
	// Courier and Cyrus take LOGIN and USER whatever mechanisms they list. The
	// crypt hashes of Courier's accounts do not serve the CRAM-MD5 that it lists.
	{realtest.Courier, []mailconf.Protocol{mailconf.IMAP, mailconf.POP3}, "cram-md5", allWell},
	{realtest.Cyrus, []mailconf.Protocol{mailconf.IMAP, mailconf.POP3}, "digest-md5", allWell},
}

// matrixConfig is one configuration and what is asked of it.
type matrixConfig struct {
	config realtest.Config
	probes []matrixProbe
}

// matrixProbe is one probe with what it must find.
type matrixProbe struct {
	name     string
	password string // "" is the right one
	plain    bool   // connections without encryption are asked for

	tls, starttls, whole outcome        // of the endpoints of a kind, and of the run
	firstOnly            bool           // tls is the outcome of the first endpoint alone, all others are well
	also                 diagnose.Cause // what refines the cause
	logins               int            // refused logins in the server's log
}

func (s matrixServer) configs() []matrixConfig {
	return []matrixConfig{
		{realtest.Config{}, []matrixProbe{
			{name: "good", tls: allWell, starttls: allWell, whole: allWell},
			{name: "wrong password", password: "falsch-456", tls: refusedLogin, firstOnly: true, starttls: allWell, whole: refusedLogin, logins: 1},
		}},
		sameEverywhere("expired", realtest.Config{Cert: realtest.Cert{Expired: true}}, "fail cert-expired", ""),
		sameEverywhere("wrong name", realtest.Config{Cert: realtest.Cert{Names: []string{"other.example"}}}, "fail cert-hostname-mismatch", ""),
		sameEverywhere("self-signed", realtest.Config{Cert: realtest.Cert{SelfSigned: true}}, "fail cert-untrusted", diagnose.CauseSelfSigned),
		sameEverywhere("missing intermediate", realtest.Config{Cert: realtest.Cert{NoChain: true}}, "fail cert-untrusted", diagnose.CauseMissingIntermediate),
		sameEverywhere("TLS 1.0 only", realtest.Config{TLS10: true}, "fail tls-version-too-old", ""),
		sameEverywhere("disabled mechanism", realtest.Config{Mechanisms: s.odd}, s.oddLogin, ""),
		{realtest.Config{NoSTARTTLS: true}, []matrixProbe{
			{name: "no STARTTLS", tls: allWell, starttls: noSTARTTLS, whole: "warn starttls-missing"},
		}},
		{realtest.Config{PlainOnly: true}, []matrixProbe{
			{name: "plain text only", tls: closed, starttls: noSTARTTLS, whole: "fail no-encryption"},
			{name: "plain text wanted", plain: true, starttls: "fail no-encryption", whole: "fail no-encryption"},
		}},
		{realtest.Config{NoTLSPorts: true}, []matrixProbe{
			{name: "port closed", tls: closed, starttls: allWell, whole: "warn connection-refused"},
		}},
	}
}

func sameEverywhere(name string, c realtest.Config, o outcome, also diagnose.Cause) matrixConfig {
	return matrixConfig{c, []matrixProbe{{name: name, tls: o, starttls: o, whole: o, also: also}}}
}

// matrixExceptions are endpoints with an outcome of their own, by server, name
// of the probe and port.
var matrixExceptions = map[string]outcome{
	// Dovecot's POP3 lists USER even when it refuses it. One refusal is enough:
	// the password is not offered to the second port.
	"dovecot disabled mechanism 110": allWell,
}

// endpoints are what the probe is asked for.
func (p matrixProbe) endpoints(protocols []mailconf.Protocol) []mailconf.Endpoint {
	modes := []mailconf.Security{mailconf.TLS, mailconf.STARTTLS}
	if p.plain {
		modes = []mailconf.Security{mailconf.Plain}
	}
	var eps []mailconf.Endpoint
	for _, proto := range protocols {
		for _, s := range modes {
			port := mailconf.DefaultPort(proto, s)
			if s == mailconf.Plain {
				port = mailconf.DefaultPort(proto, mailconf.STARTTLS)
			}
			eps = append(eps, mailconf.Endpoint{Protocol: proto, Host: matrixHost, Port: port, Security: s})
		}
	}
	return eps
}

// want is the outcome of the endpoint with an index.
func (p matrixProbe) want(s realtest.Server, e mailconf.Endpoint, i int) outcome {
	own, found := matrixExceptions[fmt.Sprintf("%s %s %d", s, p.name, e.Port)]
	switch {
	case found:
		return own
	case p.firstOnly && i > 0:
		return allWell
	case e.Security == mailconf.TLS:
		return p.tls
	}
	return p.starttls
}

// TestMatrix probes real servers, good and with one fault each, and compares
// verdict and cause of each endpoint and of the run.
func TestMatrix(t *testing.T) {
	pki := realtest.NewPKI(t)
	table := &matrixTable{}
	t.Cleanup(func() { t.Log("\n" + table.String()) })
	for _, s := range matrixServers {
		t.Run(string(s.server), func(t *testing.T) {
			t.Parallel()
			realtest.Need(t, s.server)
			for _, c := range s.configs() {
				t.Run(c.probes[0].name, func(t *testing.T) {
					t.Parallel()
					config := c.config
					config.Server = s.server
					if config.Cert.Names == nil {
						config.Cert.Names = []string{matrixHost}
					}
					host := realtest.Start(t, pki, config)
					for _, p := range c.probes {
						eps := p.endpoints(s.protocols)
						rep := probeReal(t, pki, host, eps, cmp.Or(p.password, realtest.Password))
						table.add(s.server, p.name, rep)
						p.check(t, s.server, eps, rep)
						if n := host.FailedLogins(t); n != p.logins {
							t.Errorf("%s: %d refused logins in the server's log, want %d", p.name, n, p.logins)
						}
					}
				})
			}
		})
	}
}

// check compares a report with what it should say.
func (p matrixProbe) check(t *testing.T, s realtest.Server, eps []mailconf.Endpoint, rep *diagnose.Report) {
	t.Helper()
	for i, e := range rep.Endpoints {
		if got, want := outcomeOf(e.Verdict, e.Cause), p.want(s, eps[i], i); got != want {
			t.Errorf("%s: %s %d: %s, want %s%s", p.name, e.Protocol, e.Port, got, want, explain(e))
		}
		var also []diagnose.Cause
		if e.Verdict == diagnose.VerdictFail && p.also != "" {
			also = append(also, p.also)
		}
		if !slices.Equal(e.Also, also) {
			t.Errorf("%s: %s %d: also %v, want %v", p.name, e.Protocol, e.Port, e.Also, also)
		}
	}
	if p.whole == allWell {
		checkLogins(t, p.name, rep)
	}
	if got := outcomeOf(rep.Verdict, rep.Cause); got != p.whole {
		t.Errorf("%s: %s, want %s", p.name, got, p.whole)
	}
}

// checkLogins checks that all is well not for want of trying: every endpoint let
// the account in, but for one POP3 port of a server that wants a pause.
func checkLogins(t *testing.T, name string, rep *diagnose.Report) {
	t.Helper()
	for _, proto := range []mailconf.Protocol{mailconf.IMAP, mailconf.POP3, mailconf.SMTP} {
		all, in := 0, 0
		for _, e := range rep.Endpoints {
			if e.Protocol != proto {
				continue
			}
			all++
			if e.Auth != nil && e.Auth.Result != nil && *e.Auth.Result == "accepted" {
				in++
			}
		}
		if in < all && (proto != mailconf.POP3 || in == 0) {
			t.Errorf("%s: %s let us in at %d of %d ports", name, proto, in, all)
		}
	}
}

// probeReal runs a probe with a login and returns its report.
func probeReal(t *testing.T, pki *realtest.PKI, host *realtest.Host, eps []mailconf.Endpoint, password string) *diagnose.Report {
	t.Helper()
	p := &diagnose.Prober{
		Resolver: realtest.DNS(t, matrixHost+". 60 IN A "+host.Addr), Roots: pki.Pool,
		Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	}
	target := diagnose.Target{Name: matrixHost, Endpoints: eps, Login: &diagnose.Login{Username: realtest.User, Password: diagnose.NewSecret([]byte(password))}}
	var rep *diagnose.Report
	for s := range p.Probe(context.Background(), target) {
		if s.Report != nil {
			rep = s.Report
		}
	}
	if rep == nil {
		t.Fatal("no report")
	}
	return rep
}

func outcomeOf(v diagnose.Verdict, c *diagnose.Cause) outcome {
	if c == nil {
		return outcome(v)
	}
	return outcome(v) + " " + outcome(*c)
}

// explain is what the report says besides.
func explain(e diagnose.EndpointReport) string {
	var b strings.Builder
	for _, s := range []*string{e.Detail, e.ServerText} {
		if s != nil {
			fmt.Fprintf(&b, "; %q", *s)
		}
	}
	fmt.Fprintf(&b, "; also %v; steps %v", e.Also, e.Steps)
	if e.Auth != nil {
		fmt.Fprintf(&b, "; mechanisms %v", e.Auth.Mechanisms)
	}
	return b.String()
}

// matrixTable gathers what the probes found, for the log.
type matrixTable struct {
	mu   sync.Mutex
	rows []string
}

func (m *matrixTable) add(s realtest.Server, name string, rep *diagnose.Report) {
	row := fmt.Sprintf("%s\t%s\t%s\t%d ms", s, name, outcomeOf(rep.Verdict, rep.Cause), rep.ElapsedMS)
	for _, e := range rep.Endpoints {
		row += fmt.Sprintf("\t%d %s", e.Port, strings.TrimPrefix(string(outcomeOf(e.Verdict, e.Cause)), "fail "))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows = append(m.rows, row)
}

func (m *matrixTable) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.Sort(m.rows)
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range m.rows {
		fmt.Fprintln(w, r)
	}
	w.Flush()
	return b.String()
}
