package discover

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"testing"
)

// Roots that an operator adds count like the others, and no more.
func TestMoreRoots(t *testing.T) {
	w := newWorld(t)
	w.records("good.example.org. 60 IN A 127.0.0.1", "bad.example.org. 60 IN A 127.0.0.1")
	w.set(func() { w.badCert["bad.example.org"] = true })
	for _, host := range []string{"good.example.org", "bad.example.org"} {
		w.serve(host+"/page", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("hello")) })
	}
	own, none := w.finder.Roots, x509.NewCertPool()
	for _, c := range []struct {
		name        string
		roots, more *x509.CertPool
		trusted     bool
	}{{"roots", own, none, true}, {"more roots", none, own, true}, {"neither", none, none, false}} {
		w.finder.Roots, w.finder.MoreRoots = c.roots, c.more
		web := newWeb(w.finder, newResolver(w.finder.Resolver))
		body, err := web.get(t.Context(), web.base("https", "good.example.org")+"/page")
		if (string(body) == "hello") != c.trusted {
			t.Errorf("%s: %q, %v", c.name, body, err)
		}
		_, err = web.get(t.Context(), web.base("https", "bad.example.org")+"/page")
		var cert *tls.CertificateVerificationError
		if !errors.As(err, &cert) || faultOf(err) != FaultCertificate {
			t.Errorf("%s, self-signed: %v", c.name, err)
		}
	}
}
