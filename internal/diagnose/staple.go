package diagnose

import (
	"crypto/x509"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"
)

// The states of a certificate that its issuer vouches for, as
// CertInfo.Staple.
const (
	stapleGood     = "good"
	stapleRevoked  = "revoked"
	stapleOutdated = "outdated" // good once, and not renewed since
)

// readStaple reads the answer about the leaf that the server has fetched from
// the issuer and sent along (RFC 6066 section 8). "" stands for none, and for
// one that the issuer has not signed, which says nothing. Nobody is asked: a
// look-up would tell the authority who tests which server. A revocation counts
// though its answer may be old (RFC 6960 section 2.2: revoked is for good,
// unless it was a hold).
func readStaple(staple []byte, certs []*x509.Certificate, now time.Time) (state string, since time.Time) {
	if len(staple) == 0 {
		return "", time.Time{}
	}
	leaf := certs[0]
	i := slices.IndexFunc(certs, func(c *x509.Certificate) bool { return leaf.CheckSignatureFrom(c) == nil })
	if i < 0 {
		return "", time.Time{}
	}
	r, err := ocsp.ParseResponseForCert(staple, leaf, certs[i])
	if err != nil || r.Certificate != nil && !slices.Contains(r.Certificate.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		return "", time.Time{}
	}
	switch {
	case r.Status == ocsp.Revoked && r.RevocationReason != ocsp.RemoveFromCRL:
		return stapleRevoked, r.RevokedAt
	case r.Status != ocsp.Good:
		return "", time.Time{}
	case !r.NextUpdate.IsZero() && now.After(r.NextUpdate.Add(clockTolerance)):
		return stapleOutdated, r.NextUpdate
	}
	return stapleGood, r.ThisUpdate
}
