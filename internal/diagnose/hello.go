package diagnose

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
)

// A ClientHello made by hand sees what crypto/tls cannot offer: any version and
// any cipher suite, at the cost of one flight and without cryptography. The
// answer is read up to the server's choice.

// legacySuites are the cipher suites offered for TLS 1.2 and below, from the
// IANA registry: ECDHE, DHE and RSA key exchange with AES, ChaCha20, 3DES and RC4.
var legacySuites = []uint16{
	0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014,
	0xc023, 0xc027, 0xc024, 0xc028, 0x009e, 0x009f, 0xccaa, 0x0033, 0x0039, 0x0067, 0x006b,
	0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d, 0xc008, 0xc012, 0x0016, 0x000a, 0x0005, 0x0004,
}

// clientHello builds a record with a ClientHello whose highest version is
// version (at most TLS 1.2). host is sent as server name unless empty.
func clientHello(host string, version uint16) []byte {
	var body []byte
	u16 := binary.BigEndian.AppendUint16
	body = u16(body, version)
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	body = append(body, random...)
	body = append(body, 0) // no session to resume
	body = u16(body, uint16(2*len(legacySuites)+2))
	for _, s := range legacySuites {
		body = u16(body, s)
	}
	body = u16(body, 0x00ff)  // secure renegotiation, RFC 5746
	body = append(body, 1, 0) // no compression

	var ext []byte
	add := func(id uint16, data []byte) {
		ext = u16(u16(ext, id), uint16(len(data)))
		ext = append(ext, data...)
	}
	if host != "" {
		name := append(u16([]byte{0}, uint16(len(host))), host...)
		add(0, append(u16(nil, uint16(len(name))), name...))
	}
	add(10, []byte{0, 8, 0, 29, 0, 23, 0, 24, 0, 25}) // X25519, P-256, P-384, P-521
	add(11, []byte{1, 0})                             // uncompressed points
	if version >= tls.VersionTLS12 {
		add(13, []byte{0, 20, 4, 3, 5, 3, 6, 3, 8, 4, 8, 5, 8, 6, 4, 1, 5, 1, 6, 1, 2, 1})
	}
	add(23, nil) // extended master secret
	body = append(u16(body, uint16(len(ext))), ext...)

	msg := append([]byte{1, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
	return append(u16([]byte{22, 3, 1}, uint16(len(msg))), msg...)
}

// hello is a server's answer to a ClientHello: a version and a suite, or an alert.
type hello struct {
	version, suite uint16
	alert          int // 0 when there is none
}

var errNotTLS = errors.New("no TLS record")

// readHello reads a ServerHello or an alert (RFC 5246 sections 6.2.1, 7.2 and 7.4.1.3).
func readHello(r io.Reader) (hello, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(r, head); err != nil {
		return hello{}, err
	}
	n := int(binary.BigEndian.Uint16(head[3:]))
	if head[1] != 3 || n == 0 || n > 1<<14 {
		return hello{}, errNotTLS
	}
	switch {
	case head[0] == 21 && n >= 2:
		alert := make([]byte, 2)
		_, err := io.ReadFull(r, alert)
		return hello{alert: int(alert[1])}, err
	case head[0] == 22 && n >= 42:
		return readServerHello(r)
	}
	return hello{}, errNotTLS
}

// readServerHello reads up to the cipher suite.
func readServerHello(r io.Reader) (hello, error) {
	fixed := make([]byte, 39) // type, length, version, random, length of the session id
	if _, err := io.ReadFull(r, fixed); err != nil {
		return hello{}, err
	}
	if fixed[0] != 2 || fixed[38] > 32 {
		return hello{}, errNotTLS
	}
	rest := make([]byte, int(fixed[38])+2)
	if _, err := io.ReadFull(r, rest); err != nil {
		return hello{}, err
	}
	return hello{
		version: binary.BigEndian.Uint16(fixed[4:]),
		suite:   binary.BigEndian.Uint16(rest[len(rest)-2:]),
	}, nil
}
