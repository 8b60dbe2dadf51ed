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
// IANA registry: ECDHE, DHE and RSA key exchange with AES, ChaCha20, 3DES and
// RC4. ECDSA comes first, where crypto/tls has RSA-PSS first in TLS 1.3: of a
// server that has certificates for both, one is seen here and one there.
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
	alert          int      // 0 when there is none
	certs          [][]byte // that come with it, leaf first; only where they are asked for
	unread         int      // what follows the suite in its message
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

// readHelloAndCerts is readHello with the certificates behind it, which TLS 1.2
// sends in the clear (RFC 5246 section 7.4.2). Without them, for whatever
// reason, the hello is as good.
func readHelloAndCerts(r io.Reader) (hello, error) {
	hs := &handshakeReader{r: r}
	h, err := readHello(io.TeeReader(r, hs))
	if err != nil || h.version != tls.VersionTLS12 {
		return h, err
	}
	if _, err := io.CopyN(io.Discard, hs, int64(h.unread)); err != nil {
		return h, nil
	}
	head := make([]byte, 7) // type, length, length of the list
	if _, err := io.ReadFull(hs, head); err != nil || head[0] != 11 {
		return h, nil
	}
	left := uint24(head[4:])
	for left > 3 && left <= maxCertList {
		size := make([]byte, 3)
		if _, err := io.ReadFull(hs, size); err != nil || uint24(size) > left-3 {
			return h, nil
		}
		der := make([]byte, uint24(size))
		if _, err := io.ReadFull(hs, der); err != nil {
			return h, nil
		}
		h.certs, left = append(h.certs, der), left-3-len(der)
	}
	return h, nil
}

// maxCertList is how long a list of certificates is read.
const maxCertList = 64 << 10

func uint24(b []byte) int { return int(b[0])<<16 | int(b[1])<<8 | int(b[2]) }

// handshakeReader reads the handshake messages out of their records. What was
// read elsewhere of the first record is told by Write.
type handshakeReader struct {
	r    io.Reader
	told []byte // the first record's header, as far as it was told
	left int    // of the record at hand
}

func (h *handshakeReader) Write(b []byte) (int, error) {
	n := len(b)
	for ; len(b) > 0 && len(h.told) < 5; b = b[1:] {
		if h.told = append(h.told, b[0]); len(h.told) == 5 {
			h.left = int(binary.BigEndian.Uint16(h.told[3:]))
		}
	}
	h.left -= len(b)
	return n, nil
}

func (h *handshakeReader) Read(b []byte) (int, error) {
	if h.left <= 0 {
		head := make([]byte, 5)
		if _, err := io.ReadFull(h.r, head); err != nil {
			return 0, err
		}
		if h.left = int(binary.BigEndian.Uint16(head[3:])); head[0] != 22 || h.left == 0 {
			return 0, errNotTLS
		}
	}
	n, err := h.r.Read(b[:min(len(b), h.left)])
	h.left -= n
	return n, err
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
		unread:  max(0, uint24(fixed[1:])-(len(fixed)-4)-len(rest)),
	}, nil
}
