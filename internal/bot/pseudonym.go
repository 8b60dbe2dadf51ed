package bot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Pseudonyms are names for people in logs: the same person has the same one
// throughout an installation, another installation has others, and without the
// key nobody can tell whose they are, not even by trying all ids. The zero
// value names nobody.
type Pseudonyms struct{ key [sha256.Size]byte }

// NewPseudonyms makes the pseudonyms of the installation that has this secret,
// of any length; 16 random bytes are enough.
func NewPseudonyms(secret []byte) Pseudonyms {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("mailhelpbot pseudonyms")) // the secret may serve other purposes, too
	var p Pseudonyms
	m.Sum(p.key[:0])
	return p
}

// User is the pseudonym of who wrote m: 48 bits in hex, so that among a million
// people hardly two share one. It is "" when nobody is known.
func (p Pseudonyms) User(m Message) string {
	if m.User == "" || p == (Pseudonyms{}) {
		return ""
	}
	mac := hmac.New(sha256.New, p.key[:])
	mac.Write([]byte(m.Platform + "\x00" + m.Tenant + "\x00" + m.User))
	return hex.EncodeToString(mac.Sum(nil)[:6])
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }
