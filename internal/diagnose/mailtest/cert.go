package mailtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"time"

	"golang.org/x/crypto/ocsp"
)

// Cert names a kind of server certificate.
type Cert string

// The kinds of certificate that an [Authority] makes.
const (
	CertGood         Cert = ""             // chain, name and dates are right
	CertExpired      Cert = "expired"      // ended yesterday
	CertNotYetValid  Cert = "not-yet"      // begins tomorrow
	CertExpiring     Cert = "expiring"     // ends in five days
	CertWrongName    Cert = "wrong-name"   // for other.example.net
	CertSelfSigned   Cert = "self-signed"  // issued by itself
	CertUnknownCA    Cert = "unknown-ca"   // issued by an authority that nobody trusts
	CertNoChain      Cert = "no-chain"     // the intermediate is not sent, the leaf says where it is
	CertIntercepted  Cert = "intercepted"  // issued by what calls itself a virus scanner
	CertWeakKey      Cert = "weak-key"     // RSA with 1024 bits
	CertWrongPurpose Cert = "purpose"      // for clients, not for servers
	CertExpiredName  Cert = "expired-name" // expired and for another name
	CertManyNames    Cert = "many-names"   // valid, with 2000 names
	CertLongChain    Cert = "long-chain"   // valid, with some 200 KB of further certificates
	CertEndlessChain Cert = "2MB-chain"    // the same with 2 MB

	CertExpiredIssuer Cert = "expired-issuer" // itself in order, its intermediate ended yesterday
	CertDeepWildcard  Cert = "deep-wildcard"  // for *.org, which does not cover two labels
	CertAddressOnly   Cert = "address-only"   // for the address 127.0.0.1 and no name
	CertNoNames       Cert = "no-names"       // the host stands in the common name alone
	CertHugeKey       Cert = "huge-key"       // RSA with 16384 bits

	// With an answer of the issuer stapled to it (RFC 6066 section 8).
	CertStapled      Cert = "stapled"       // it is good
	CertStapleOld    Cert = "staple-old"    // it was good last month
	CertStapleForged Cert = "staple-forged" // revoked, says somebody else
	CertRevoked      Cert = "revoked"       // revoked the day before yesterday
)

// Authority is a throw-away certificate authority.
type Authority struct {
	root, inter issuer
	now         time.Time
}

type issuer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// NewAuthority makes an authority whose certificates are judged at now.
func NewAuthority(now time.Time) *Authority {
	a := &Authority{now: now}
	a.root = a.ca("Test Root CA", issuer{})
	a.inter = a.ca("Test Intermediate CA", a.root)
	return a
}

// PEM returns the root in PEM form.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.cert.Raw})
}

// Pool returns the root that a client has to trust.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.root.cert)
	return p
}

// RootDER returns the root certificate, for a program that reads it from a file.
func (a *Authority) RootDER() []byte { return a.root.cert.Raw }

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	must(err)
	return n
}

func must(err error) {
	if err != nil {
		panic("mailtest: " + err.Error())
	}
}

// ca makes an authority's own certificate, signed by parent or by itself.
func (a *Authority) ca(name string, parent issuer) issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	t := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: a.now.AddDate(-5, 0, 0), NotAfter: a.now.AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if parent.cert == nil {
		parent = issuer{t, key}
	}
	return issuer{sign(t, key.Public(), parent), key}
}

func sign(t *x509.Certificate, pub crypto.PublicKey, by issuer) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, t, by.cert, pub, by.key)
	must(err)
	c, err := x509.ParseCertificate(der)
	must(err)
	return c
}

// Certificate makes a certificate of a kind for host, a name or an address.
func (a *Authority) Certificate(kind Cert, host string) tls.Certificate {
	key := leafKey(kind)
	t := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: host},
		NotBefore: a.now.AddDate(0, -1, 0), NotAfter: a.now.AddDate(0, 2, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{host},
	}
	if ip := net.ParseIP(host); ip != nil {
		t.DNSNames, t.IPAddresses = nil, []net.IP{ip}
	}
	by := a.inter
	switch kind {
	case CertExpired:
		t.NotAfter = a.now.AddDate(0, 0, -1)
	case CertExpiredName:
		t.NotAfter, t.DNSNames = a.now.AddDate(0, 0, -1), []string{"other.example.net"}
	case CertNotYetValid:
		t.NotBefore = a.now.AddDate(0, 0, 1)
	case CertExpiring:
		t.NotAfter = a.now.AddDate(0, 0, 5)
	case CertWrongName:
		t.DNSNames = []string{"other.example.net", "www.other.example.net"}
	case CertWrongPurpose:
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	case CertNoChain:
		t.IssuingCertificateURL = []string{"http://ca.example.net/intermediate.cer"}
	case CertSelfSigned:
		by = issuer{t, key}
	case CertUnknownCA:
		by = a.ca("Unknown CA", issuer{})
	case CertIntercepted:
		by = a.ca("Avast Web/Mail Shield Root", issuer{})
	case CertExpiredIssuer:
		by = a.ca("Old Intermediate CA", a.root)
		old := *by.cert
		old.NotAfter = a.now.AddDate(0, 0, -1)
		by.cert = sign(&old, by.key.Public(), a.root)
	case CertDeepWildcard:
		t.DNSNames = []string{"*.org"}
	case CertAddressOnly:
		t.DNSNames, t.IPAddresses = nil, []net.IP{net.IPv4(127, 0, 0, 1)}
	case CertNoNames:
		t.DNSNames = nil
	case CertManyNames:
		for range 2000 {
			t.DNSNames = append(t.DNSNames, "n"+serial().String()+".example.net")
		}
	}
	return a.bundle(kind, sign(t, key.Public(), by), key, by)
}

// bundle puts together what the server sends.
func (a *Authority) bundle(kind Cert, leaf *x509.Certificate, key crypto.Signer, by issuer) tls.Certificate {
	c := tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
	switch {
	case kind == CertNoChain, kind == CertSelfSigned:
	default:
		c.Certificate = append(c.Certificate, by.cert.Raw)
	}
	c.OCSPStaple = a.staple(kind, leaf, by)
	if extra := map[Cert]int{CertLongChain: 200 << 10, CertEndlessChain: 2 << 20}[kind]; extra > 0 {
		for size := 0; size < extra; size += len(by.cert.Raw) {
			c.Certificate = append(c.Certificate, by.cert.Raw)
		}
	}
	return c
}

// staple is the issuer's answer about a certificate, nil for kinds without.
func (a *Authority) staple(kind Cert, leaf *x509.Certificate, by issuer) []byte {
	t := ocsp.Response{Status: ocsp.Good, SerialNumber: leaf.SerialNumber, ThisUpdate: a.now.AddDate(0, 0, -1), NextUpdate: a.now.AddDate(0, 0, 6)}
	signer := by
	switch kind {
	case CertStapled:
	case CertStapleOld:
		t.ThisUpdate, t.NextUpdate = a.now.AddDate(0, -1, 0), a.now.AddDate(0, -1, 7)
	case CertStapleForged:
		signer = a.ca("Some Other CA", issuer{})
		t.Status, t.RevokedAt = ocsp.Revoked, a.now.AddDate(0, 0, -2)
	case CertRevoked:
		t.Status, t.RevokedAt, t.RevocationReason = ocsp.Revoked, a.now.AddDate(0, 0, -2), ocsp.KeyCompromise
	default:
		return nil
	}
	answer, err := ocsp.CreateResponse(by.cert, signer.cert, t, signer.key)
	must(err)
	return answer
}

// hugeKey is a public key that takes minutes to make with its private half,
// and seconds to sign with: its signatures are empty. A client that looks at the
// size first never gets to see them.
type hugeKey struct{ pub *rsa.PublicKey }

func (k hugeKey) Public() crypto.PublicKey { return k.pub }

func (k hugeKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return make([]byte, k.pub.Size()), nil
}

func leafKey(kind Cert) crypto.Signer {
	switch kind {
	case CertWeakKey:
		key, err := rsa.GenerateKey(rand.Reader, 1024)
		must(err)
		return key
	case CertHugeKey:
		n := new(big.Int).SetBit(new(big.Int).Lsh(serial(), 16384-62), 16383, 1)
		return hugeKey{&rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return key
}
