package realtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Cert says what the certificate of a server is like.
type Cert struct {
	Names      []string // DNS names
	Expired    bool     // ended a day ago
	NotYet     bool     // begins in a day
	SelfSigned bool
	NoChain    bool // signed by an intermediate that the server does not send
	RSA        bool // the key is one of 2048 bits instead of P-256
}

// PKI is a throw-away certificate authority with an intermediate.
type PKI struct {
	dir                string
	Pool               *x509.CertPool // the root alone
	RootFile           string         // the same as a PEM file
	root, middle       *x509.Certificate
	rootKey, middleKey *ecdsa.PrivateKey
}

// NewPKI makes an authority whose files live as long as the test.
func NewPKI(t testing.TB) *PKI {
	t.Helper()
	p := &PKI{dir: t.TempDir(), Pool: x509.NewCertPool()}
	p.rootKey, p.middleKey = newKey(t), newKey(t)
	p.root = sign(t, caTemplate("Test Root"), caTemplate("Test Root"), &p.rootKey.PublicKey, p.rootKey)
	p.middle = sign(t, caTemplate("Test Intermediate"), p.root, &p.middleKey.PublicKey, p.rootKey)
	p.Pool.AddCert(p.root)
	p.RootFile = filepath.Join(p.dir, "root.pem")
	writePEM(t, p.RootFile, "CERTIFICATE", p.root.Raw)
	return p
}

// issue writes a server certificate with its chain, and its key, as PEM files.
func (p *PKI) issue(t testing.TB, dir string, c Cert) (certFile, keyFile string) {
	t.Helper()
	var key crypto.Signer = newKey(t)
	if c.RSA {
		var err error
		if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: serial(t), Subject: pkix.Name{CommonName: c.Names[0]}, DNSNames: c.Names,
		NotBefore: now.Add(-90 * 24 * time.Hour), NotAfter: now.Add(60 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IssuingCertificateURL: []string{"http://ca.example/intermediate.crt"}, // as public authorities have it
	}
	if c.Expired {
		tmpl.NotAfter = now.Add(-24 * time.Hour)
	}
	if c.NotYet {
		tmpl.NotBefore = now.Add(24 * time.Hour)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if c.SelfSigned {
		tmpl.IssuingCertificateURL = nil
		writePEM(t, certFile, "CERTIFICATE", sign(t, tmpl, tmpl, key.Public(), key).Raw)
	} else {
		chain := [][]byte{sign(t, tmpl, p.middle, key.Public(), p.middleKey).Raw}
		if !c.NoChain {
			chain = append(chain, p.middle.Raw)
		}
		writePEM(t, certFile, "CERTIFICATE", chain...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, keyFile, "PRIVATE KEY", der)
	return certFile, keyFile
}

func caTemplate(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-365 * 24 * time.Hour), NotAfter: now.Add(365 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func serial(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sign(t testing.TB, tmpl, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, pub, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func writePEM(t testing.TB, name, kind string, ders ...[]byte) {
	t.Helper()
	var b []byte
	for _, der := range ders {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil { // servers that drop their rights must read it
		t.Fatal(err)
	}
}
