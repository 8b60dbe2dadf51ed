package diagnose

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"
)

// judgement is what the certificates of one handshake are worth.
type judgement struct {
	info   *CertInfo
	faults []Cause // what makes mail programs refuse: trust before dates before names, since new dates or names do not cure a wrong issuer
	soon   bool    // all well, but the end is near
	detail string
}

// ok reports whether a password may follow.
func (j judgement) ok() bool { return len(j.faults) == 0 }

// trusted reports whether the certificate names the right server by a trusted
// issuer, dates aside.
func (j judgement) trusted() bool { return j.info != nil && j.info.ChainOK && j.info.NameOK }

// judge looks at chain, name and dates each for itself, since a library reports
// the first fault only and an expired certificate can be misnamed as well.
func (p *Prober) judge(certs []*x509.Certificate, staple []byte, host string) judgement {
	now := p.now()
	leaf := certs[0]
	info := &CertInfo{
		Subject:   CleanServerText(certName(leaf)),
		Names:     certNames(leaf),
		Issuer:    CleanServerText(issuerName(leaf)),
		NotBefore: leaf.NotBefore.UTC(),
		NotAfter:  leaf.NotAfter.UTC(),
		TimeOK:    !now.Before(leaf.NotBefore) && !now.After(leaf.NotAfter),
		NameOK:    leaf.VerifyHostname(host) == nil,
	}
	j := judgement{info: info}
	j.chain(certs, p.verify, now)
	state, since := readStaple(staple, certs, now)
	if info.Staple = state; state == stapleRevoked {
		j.add(CauseCertRevoked, since.UTC().Format(time.DateOnly))
	}
	if !info.TimeOK {
		if now.After(leaf.NotAfter) {
			j.add(CauseCertExpired, info.NotAfter.Format(time.DateOnly))
		} else {
			j.add(CauseCertNotYetValid, info.NotBefore.Format(time.DateOnly))
		}
	}
	if !info.NameOK {
		j.add(CauseCertHostnameMismatch, strings.Join(info.Names, ", "))
	}
	if weak := weakness(leaf); weak != "" {
		j.add(CauseCertWeak, weak)
	}
	j.soon = info.TimeOK && leaf.NotAfter.Sub(now) < expiringSoon
	if j.soon && j.ok() {
		j.detail = info.NotAfter.Format(time.DateOnly)
	}
	return j
}

func (j *judgement) add(c Cause, detail string) {
	j.faults = append(j.faults, c)
	if detail != "" {
		j.detail = strings.TrimPrefix(j.detail+"; "+detail, "; ")
	}
}

// chain verifies the leaf up to a root, at a time at which the leaf is valid so
// that its own dates do not hide anything else.
func (j *judgement) chain(certs []*x509.Certificate, verify func(*x509.Certificate, x509.VerifyOptions) error, now time.Time) {
	leaf := certs[0]
	at := now
	if now.After(leaf.NotAfter) {
		at = leaf.NotAfter
	} else if now.Before(leaf.NotBefore) {
		at = leaf.NotBefore
	}
	inter := x509.NewCertPool()
	for _, c := range certs[1:] {
		inter.AddCert(c)
	}
	err := verify(leaf, x509.VerifyOptions{
		Intermediates: inter, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	j.info.ChainOK = err == nil
	if err == nil {
		return
	}
	var invalid x509.CertificateInvalidError
	var insecure x509.InsecureAlgorithmError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		// Not the leaf, whose dates were set right: an issuer's.
		j.add(CauseCertExpired, CleanServerText(certName(invalid.Cert)))
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		j.add(CauseCertUntrusted, "")
		j.add(CauseCertWrongPurpose, "")
	case errors.As(err, &invalid):
		j.add(CauseCertUntrusted, j.info.Issuer)
		j.add(CauseCertWrongPurpose, "")
	case errors.As(err, &insecure), slices.ContainsFunc(certs, sha1Signed):
		j.add(CauseCertWeak, "SHA-1")
	default:
		j.add(CauseCertUntrusted, j.info.Issuer)
		j.add(untrustedWhy(certs), "")
	}
}

// verify looks for a chain to one of the trusted roots. The error is that of Roots.
func (p *Prober) verify(leaf *x509.Certificate, opts x509.VerifyOptions) error {
	if opts.Roots = p.MoreRoots; opts.Roots != nil {
		if _, err := leaf.Verify(opts); err == nil {
			return nil
		}
	}
	opts.Roots = p.Roots
	_, err := leaf.Verify(opts)
	return err
}

// untrustedWhy refines cert-untrusted. A gap in the chain and an unknown root
// look the same when only the leaf was sent; then a link to the issuer's
// certificate (RFC 5280 section 4.2.2.1), which public authorities put in and
// home-made ones do not, tells them apart.
func untrustedWhy(certs []*x509.Certificate) Cause {
	leaf, last := certs[0], certs[len(certs)-1]
	for _, vendor := range interceptors {
		if strings.Contains(strings.ToLower(leaf.Issuer.String()), vendor) {
			return CauseCertInterception
		}
	}
	selfIssued := string(last.RawIssuer) == string(last.RawSubject)
	switch {
	case len(certs) == 1 && selfIssued:
		return CauseSelfSigned
	case !selfIssued && len(last.IssuingCertificateURL) > 0:
		return CauseMissingIntermediate
	}
	return CauseUnknownCA
}

// interceptors are words in the issuer names of programs that put their own
// certificate in the place of the server's.
var interceptors = []string{
	"avast", "avg technologies", "avira", "bitdefender", "bullguard", "dr.web", "eset ssl filter",
	"f-secure", "fortinet", "g data", "kaspersky", "mcafee web", "netskope", "norton web",
	"panda security", "sophos", "symantec web", "trend micro", "untangle", "zscaler",
}

// weakness names what is too weak for current mail programs: RSA below 2048
// bits (CA/Browser Forum baseline requirements section 6.1.5), elliptic curves
// below 256, SHA-1 and MD5 signatures.
func weakness(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return "RSA " + itoa(k.N.BitLen())
		}
	case *ecdsa.PublicKey:
		if k.Curve.Params().BitSize < 256 {
			return k.Curve.Params().Name
		}
	}
	return ""
}

func sha1Signed(c *x509.Certificate) bool {
	switch c.SignatureAlgorithm {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
		return string(c.RawIssuer) != string(c.RawSubject)
	}
	return false
}

// certNames are the names that a certificate is valid for, cut to maxNames.
func certNames(c *x509.Certificate) []string {
	names := make([]string, 0, min(len(c.DNSNames)+len(c.IPAddresses), maxNames))
	for _, n := range c.DNSNames {
		if len(names) == maxNames {
			return names
		}
		names = append(names, CleanServerText(n))
	}
	for _, ip := range c.IPAddresses {
		if len(names) == maxNames {
			return names
		}
		names = append(names, ip.String())
	}
	return names
}

func certName(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

func issuerName(c *x509.Certificate) string {
	if len(c.Issuer.Organization) > 0 && c.Issuer.CommonName != "" {
		return c.Issuer.Organization[0] + " " + c.Issuer.CommonName
	}
	return c.Issuer.String()
}

// tlsInfo is what a finished handshake showed.
func tlsInfo(cs tls.ConnectionState, cert *CertInfo) *TLSInfo {
	v := tls.VersionName(cs.Version)
	return &TLSInfo{
		Version: v, Cipher: tls.CipherSuiteName(cs.CipherSuite),
		VersionsOffered: []string{v}, Certificate: cert,
	}
}
