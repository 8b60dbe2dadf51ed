package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// sealer encrypts what people wrote while it waits in the database, with
// AES-256-GCM (NIST SP 800-38D) under a key that HKDF (RFC 5869) derives from
// the platform's token. The token stands in the environment alone: a copy of
// the database shows no message.
type sealer struct{ aead cipher.AEAD }

func newSealer(platform, secret string) (sealer, error) {
	if secret == "" {
		return sealer{}, errors.New("no secret to seal events with")
	}
	key, err := hkdf.Key(sha256.New, []byte(secret), []byte("mailhelpbot inbox 1"), platform, 32)
	if err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCM(block)
	return sealer{aead}, err
}

// seal encrypts text; about is not encrypted but must be the same to open it.
// A random nonce is good for 2^32 messages under one key (SP 800-38D, 8.3).
func (s sealer) seal(text []byte, about string) []byte {
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(text)+s.aead.Overhead())
	rand.Read(nonce) // never fails (crypto/rand)
	return s.aead.Seal(nonce, nonce, text, []byte(about))
}

func (s sealer) open(sealed []byte, about string) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("sealed event is cut off")
	}
	text, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(about))
	if err != nil {
		return nil, fmt.Errorf("event cannot be opened: it was stored under another token: %w", err)
	}
	return text, nil
}
