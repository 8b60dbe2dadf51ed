package diagnose

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Sight is a report reduced to what may be shown to others: which servers were
// tried and how each fared. It holds no user name, no address of the person or
// their computer, and no words of a server. See [Report.Code] and [ReadCode].
type Sight struct {
	At        time.Time // to the minute
	Endpoints []Seen
}

// Seen is one endpoint of a Sight.
type Seen struct {
	mailconf.Endpoint
	Verdict Verdict
	Cause   Cause  // "" when all is well, or when this version does not know the cause
	Login   string // "accepted", "refused", "error", or "" when none was tried
	Issuer  string // of the certificate, at most maxIssuer bytes; "" when none was seen
}

// The format of a report code, version 1. "MH1-" is followed by base32 (RFC
// 4648's five bits, in Crockford's alphabet, which lacks letters that look like
// digits) of:
//
//	length    1 byte, of all that follows
//	time      uvarint, minutes since codeEpoch
//	names     uvarint count, each a length byte and its text: hosts and issuers
//	endpoints until the checksum, each: one byte of protocol, security, verdict
//	          and login (two bits each), uvarint host, uvarint port, two bytes
//	          of the cause's hash, uvarint issuer + 1
//	checksum  4 bytes, the first of SHA-256 over what stands before it
//
// Causes go by hash, so that a code of another version stays readable.
const (
	codePrefix = "MH1-"
	codeSum    = 4
	maxCode    = 255
	maxIssuer  = 32
	maxSeen    = 16
)

var (
	codeEpoch    = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	codeBase     = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)
	codeStart    = regexp.MustCompile(`(?i)\bMH1-`)
	codeReplacer = strings.NewReplacer("O", "0", "I", "1", "L", "1")

	codeProtocols  = []mailconf.Protocol{mailconf.IMAP, mailconf.POP3, mailconf.SMTP}
	codeSecurities = []mailconf.Security{mailconf.TLS, mailconf.STARTTLS, mailconf.Plain}
	codeVerdicts   = []Verdict{VerdictOK, VerdictWarn, VerdictFail}
	codeLogins     = []string{"", "accepted", "refused", "error"}
)

// ErrCode says that a report code is cut off or mistyped.
var ErrCode = errors.New("diagnose: not a whole report code")

// Sight reduces the report to what may be shown to others. at is when it was made.
func (r *Report) Sight(at time.Time) Sight {
	s := Sight{At: at.UTC().Truncate(time.Minute)}
	for _, e := range r.Endpoints[:min(len(r.Endpoints), maxSeen)] {
		x := Seen{Endpoint: mailconf.Endpoint{Protocol: e.Protocol, Host: e.Host, Port: e.Port, Security: e.Security}, Verdict: e.Verdict}
		if e.Cause != nil {
			x.Cause = *e.Cause
		}
		if e.Auth != nil && e.Auth.Result != nil {
			x.Login = *e.Auth.Result
		}
		if e.TLS != nil && e.TLS.Certificate != nil {
			x.Issuer = shorten(e.TLS.Certificate.Issuer)
		}
		s.Endpoints = append(s.Endpoints, x)
	}
	return s
}

func shorten(s string) string {
	if s = CleanServerText(s); len(s) > maxIssuer {
		s = strings.ToValidUTF8(s[:maxIssuer], "")
	}
	return s
}

// Code writes s as one word of about 150 letters and digits that can be pasted
// into a chat. It is "" when s does not fit, which takes unusually long names.
func (s Sight) Code() string {
	for _, issuers := range []bool{true, false} {
		if b := s.pack(issuers); len(b) <= maxCode {
			return codePrefix + codeBase.EncodeToString(append([]byte{byte(len(b))}, b...))
		}
	}
	return ""
}

func (s Sight) pack(issuers bool) []byte {
	var names []string
	index := func(name string) uint64 {
		i := slices.Index(names, name)
		if i < 0 {
			i, names = len(names), append(names, name)
		}
		return uint64(i)
	}
	var eps []byte
	for _, e := range s.Endpoints {
		eps = append(eps, byte(max(slices.Index(codeProtocols, e.Protocol), 0)|max(slices.Index(codeSecurities, e.Security), 0)<<2|
			max(slices.Index(codeVerdicts, e.Verdict), 0)<<4|max(slices.Index(codeLogins, e.Login), 0)<<6))
		eps = binary.AppendUvarint(eps, index(e.Host))
		eps = binary.AppendUvarint(eps, uint64(e.Port))
		eps = binary.BigEndian.AppendUint16(eps, causeHash(e.Cause))
		issuer := uint64(0)
		if issuers && e.Issuer != "" {
			issuer = index(e.Issuer) + 1
		}
		eps = binary.AppendUvarint(eps, issuer)
	}
	b := binary.AppendUvarint(nil, uint64(max(s.At.Sub(codeEpoch)/time.Minute, 0)))
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, n := range names {
		n = n[:min(len(n), maxCode)]
		b = append(append(b, byte(len(n))), n...)
	}
	b = append(b, eps...)
	sum := sha256.Sum256(b)
	return append(b, sum[:codeSum]...)
}

// causeHash names a cause by two bytes; 0 is none. A test holds that no two are the same.
func causeHash(c Cause) uint16 {
	if c == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(c))
	return binary.BigEndian.Uint16(sum[:]) | 1
}

// ReadCode finds a report code in a text and reads it. found is false when
// there is none; err is ErrCode when there is one that is not whole. The code
// comes from a stranger: what it says may be made up, and is in bounds only.
func ReadCode(text string) (s Sight, found bool, err error) {
	at := codeStart.FindStringIndex(text)
	if at == nil {
		return Sight{}, false, nil
	}
	b, err := codeBytes(text[at[1]:])
	if err != nil {
		return Sight{}, true, err
	}
	s, err = unpack(b)
	return s, true, err
}

// codeBytes undoes the base32 of a code. Blanks, line ends and hyphens that
// chats and terminals put in are passed over.
func codeBytes(text string) ([]byte, error) {
	var digits strings.Builder
	want := codeBase.EncodedLen(1 + maxCode)
	for _, c := range text {
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '-':
			continue
		case c > 'z':
			want = 0
		default:
			digits.WriteString(codeReplacer.Replace(strings.ToUpper(string(c))))
		}
		if digits.Len() == 2 { // ten bits hold the length
			b, err := codeBase.DecodeString(digits.String())
			if err != nil {
				return nil, ErrCode
			}
			want = codeBase.EncodedLen(1 + int(b[0]))
		}
		if digits.Len() >= want {
			break
		}
	}
	b, err := codeBase.DecodeString(digits.String())
	if err != nil || len(b) < 2+codeSum || len(b) != 1+int(b[0]) || codeBase.EncodeToString(b) != digits.String() {
		return nil, ErrCode
	}
	return b[1:], nil
}

func unpack(b []byte) (Sight, error) {
	body, sum := b[:len(b)-codeSum], sha256.Sum256(b[:len(b)-codeSum])
	if !slices.Equal(b[len(b)-codeSum:], sum[:codeSum]) {
		return Sight{}, ErrCode
	}
	r := &codeReader{rest: body}
	minutes := r.uvarint(50 * 365 * 24 * 60)
	s := Sight{At: codeEpoch.Add(time.Duration(minutes) * time.Minute)}
	names := make([]string, r.uvarint(2*maxSeen))
	for i := range names {
		names[i] = r.text()
	}
	for len(r.rest) > 0 && !r.bad {
		s.Endpoints = append(s.Endpoints, r.endpoint(names))
	}
	if r.bad || len(s.Endpoints) == 0 || len(s.Endpoints) > maxSeen {
		return Sight{}, ErrCode
	}
	return s, nil
}

// codeReader reads a code's bytes; bad is set when they make no sense.
type codeReader struct {
	rest []byte
	bad  bool
}

func (r *codeReader) take(n int) []byte {
	if n > len(r.rest) {
		r.bad, r.rest = true, nil
		return make([]byte, n)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *codeReader) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > limit {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *codeReader) text() string {
	s := string(r.take(int(r.take(1)[0])))
	if !utf8.ValidString(s) || CleanServerText(s) != s {
		r.bad = true
	}
	return s
}

func (r *codeReader) endpoint(names []string) Seen {
	flags := int(r.take(1)[0])
	e := Seen{
		Endpoint: mailconf.Endpoint{Protocol: pick(r, codeProtocols, flags), Security: pick(r, codeSecurities, flags>>2)},
		Verdict:  pick(r, codeVerdicts, flags>>4), Login: pick(r, codeLogins, flags>>6),
	}
	if host := r.uvarint(2 * maxSeen); host < uint64(len(names)) {
		e.Host = names[host]
	}
	e.Port = uint16(r.uvarint(65535))
	hash := binary.BigEndian.Uint16(r.take(2))
	if i := slices.IndexFunc(Causes(), func(c Cause) bool { return causeHash(c) == hash }); i >= 0 {
		e.Cause = Causes()[i]
	}
	if issuer := r.uvarint(2 * maxSeen); issuer > 0 && issuer <= uint64(len(names)) {
		e.Issuer = names[issuer-1]
	}
	if _, _, known := mailconf.PortMeaning(e.Port); !known || !seenHost.MatchString(e.Host) || e.Verdict == VerdictFail && hash == 0 {
		r.bad = true
	}
	return e
}

// pick is the entry of a table that two bits name.
func pick[T any](r *codeReader, table []T, bits int) (v T) {
	if i := bits & 3; i < len(table) {
		return table[i]
	}
	r.bad = true
	return v
}

// seenHost is looser than [Policy.hostName]: a name that is not probed from
// here can still be shown.
var seenHost = regexp.MustCompile(`(?i)^(?:[a-z0-9_-]+\.)+[a-z0-9-]{2,}$`)
