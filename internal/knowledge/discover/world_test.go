package discover

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// world is a small internet on loopback: a DNS server, a web server that is
// every host, and its certificate authority.
type world struct {
	t       testing.TB
	mu      sync.Mutex
	zone    map[string][]dns.RR
	answer  func(q dns.Question) *dns.Msg                 // answers in place of the zone when not nil
	pages   map[string]http.HandlerFunc                   // by host/path; http:// in front for the plain server
	asked   []string                                      // what web servers were asked, "POST host/path?query"
	probe   func(context.Context, mailconf.Endpoint) bool // of the Finder
	badCert map[string]bool                               // hosts whose certificate is self-signed
	latency time.Duration                                 // of each DNS answer and each page

	finder *Finder
}

func newWorld(t testing.TB, records ...string) *world {
	t.Helper()
	w := &world{t: t, zone: map[string][]dns.RR{}, pages: map[string]http.HandlerFunc{}, badCert: map[string]bool{}}
	w.records(records...)
	pool, listener := w.listenTLS()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []struct {
		net.Listener
		prefix string
	}{{listener, ""}, {plain, "http://"}} {
		srv := &http.Server{Handler: w.handler(l.prefix), ReadHeaderTimeout: time.Minute}
		srv.ErrorLog = log.New(io.Discard, "", 0)
		go func() { _ = srv.Serve(l) }()
		t.Cleanup(func() { _ = srv.Close() })
	}
	w.finder = &Finder{
		Resolver: w.serveDNS(), Roots: pool, ISPDB: "https://ispdb.test:" + port(listener) + "/v1.1/",
		HTTPSPort: portNumber(listener), HTTPPort: portNumber(plain),
		Allow: func(a netip.AddrPort) error {
			if a.Addr() != netip.MustParseAddr("127.0.0.1") {
				return errors.New("not of this world")
			}
			return nil
		},
	}
	w.records("ispdb.test. 60 IN A 127.0.0.1")
	return w
}

func port(l net.Listener) string { _, p, _ := net.SplitHostPort(l.Addr().String()); return p }

func portNumber(l net.Listener) uint16 { return uint16(l.Addr().(*net.TCPAddr).Port) }

func (w *world) records(records ...string) {
	w.t.Helper()
	for _, r := range records {
		rr, err := dns.NewRR(r)
		if err != nil {
			w.t.Fatal(err)
		}
		name := strings.ToLower(rr.Header().Name)
		w.set(func() { w.zone[name] = append(w.zone[name], rr) })
	}
}

// set changes the world while its servers run.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// serve answers at host/path.
func (w *world) serve(at string, h http.HandlerFunc) { w.set(func() { w.pages[at] = h }) }

// page serves a document with status 200.
func (w *world) page(at, body string) {
	w.serve(at, func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte(body)) })
}

func (w *world) redirect(at, to string, status int) {
	w.serve(at, func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, to, status) })
}

// requests are what the web servers have been asked so far.
func (w *world) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.asked)
}

func (w *world) handler(prefix string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		w.mu.Lock()
		w.asked = append(w.asked, r.Method+" "+prefix+host+r.URL.RequestURI())
		h, latency := w.pages[prefix+host+r.URL.Path], w.latency
		w.mu.Unlock()
		time.Sleep(latency)
		if h == nil {
			http.NotFound(rw, r)
			return
		}
		h(rw, r)
	})
}

func (w *world) serveDNS() string {
	handler := dns.HandlerFunc(func(rw dns.ResponseWriter, q *dns.Msg) {
		w.mu.Lock()
		latency := w.latency
		w.mu.Unlock()
		time.Sleep(latency)
		m := w.reply(q.Question[0])
		if m == nil {
			return // silence
		}
		rcode, answer, ad := m.Rcode, m.Answer, m.AuthenticatedData
		m.SetReply(q)
		m.Rcode, m.Answer, m.AuthenticatedData = rcode, answer, ad
		if _, udp := rw.RemoteAddr().(*net.UDPAddr); udp {
			m.Truncate(1232)
		}
		_ = rw.WriteMsg(m)
	})
	pc, l := listenBoth(w.t)
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: handler}, {Listener: l, Handler: handler}} {
		go func() { _ = s.ActivateAndServe() }()
		w.t.Cleanup(func() { _ = s.Shutdown() })
	}
	return pc.LocalAddr().String()
}

// listenBoth listens on one port of UDP and TCP.
func listenBoth(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 20 {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", pc.LocalAddr().String())
		if err == nil {
			return pc, l
		}
		_ = pc.Close() // another program has the TCP port
	}
	t.Fatal("no port is free for UDP and TCP")
	return nil, nil
}

// reply answers a question.
func (w *world) reply(q dns.Question) *dns.Msg {
	w.mu.Lock()
	answer := w.answer
	w.mu.Unlock()
	if answer != nil {
		return answer(q)
	}
	return w.fromZone(q)
}

// fromZone answers as an authoritative server does: CNAMEs are not followed,
// names above known ones exist.
func (w *world) fromZone(q dns.Question) *dns.Msg {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := new(dns.Msg)
	name := strings.ToLower(q.Name)
	for _, rr := range w.zone[name] {
		if t := rr.Header().Rrtype; t == q.Qtype || t == dns.TypeCNAME {
			m.Answer = append(m.Answer, rr)
		}
	}
	known := false
	for n := range w.zone {
		known = known || n == name || strings.HasSuffix(n, "."+name)
	}
	if !known {
		m.Rcode = dns.RcodeNameError
	}
	return m
}

// listenTLS listens with certificates for every name, made on demand.
func (w *world) listenTLS() (*x509.CertPool, net.Listener) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Root"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		w.t.Fatal(err)
	}
	if ca, err = x509.ParseCertificate(der); err != nil {
		w.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		tmpl := &x509.Certificate{
			SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: h.ServerName}, DNSNames: []string{h.ServerName},
			NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		w.mu.Lock()
		bad := w.badCert[h.ServerName]
		w.mu.Unlock()
		parent := ca
		if bad {
			parent = tmpl
		}
		der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &caKey.PublicKey, caKey)
		return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: caKey}, err
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return pool, l
}

// find returns the last result.
func (w *world) find(name string) Result {
	w.t.Helper()
	w.finder.Probe = w.probe
	var last Result
	n := 0
	for r := range w.finder.Find(context.Background(), name) {
		if last.Final {
			w.t.Error("a result after the final one")
		}
		last = r
		n++
	}
	if !last.Final {
		w.t.Errorf("no final result among %d", n)
	}
	return last
}

// know makes providers known to the Finder.
func (w *world) know(p ...*knowledge.Provider) {
	book := knowledge.NewBook(knowledge.Facts{Providers: p})
	w.finder.Book = func() *knowledge.Book { return book }
}

// lines renders servers for comparison: "imap imap.example.org:993 tls high srv+ispdb".
func lines(list []Server) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(string(s.Protocol) + " " + s.HostPort() + " " + string(s.Security) + " " + s.Trust + " " + strings.Join(s.Sources, "+") + "\n")
	}
	return b.String()
}

func check(t *testing.T, r Result, status Status, want string) {
	t.Helper()
	want = strings.ReplaceAll(strings.TrimLeft(want, "\n"), "\t", "")
	if got := lines(r.Servers); r.Status != status || got != want {
		t.Errorf("got %s\n%swant %s\n%sattempts %+v", r.Status, got, status, want, r.Attempts)
	}
}

// clientConfig is an autoconfig file with one server per line "type host port socketType".
func clientConfig(servers ...string) string {
	b := `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="x">`
	for _, s := range servers {
		f := strings.Fields(s)
		tag := "incomingServer"
		if f[0] == "smtp" {
			tag = "outgoingServer"
		}
		b += "<" + tag + ` type="` + f[0] + `"><hostname>` + f[1] + "</hostname><port>" + f[2] + "</port><socketType>" + f[3] +
			"</socketType><username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></" + tag + ">"
	}
	return b + "</emailProvider></clientConfig>"
}
