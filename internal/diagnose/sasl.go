package diagnose

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// saslLine is the command that begins a login, in a buffer of its own; without
// an initial response ir is nil, an empty one is written as "=" (RFC 4954
// section 4, RFC 9051 section 6.2.2, RFC 5034 section 4).
func saslLine(verb, mech string, ir []byte) []byte {
	switch {
	case ir == nil:
		return joined([]byte(verb + mech))
	case len(ir) == 0:
		return joined([]byte(verb + mech + " ="))
	}
	return joined([]byte(verb+mech+" "), ir)
}

// Mechanisms in the order in which they are preferred for a password: first
// those bound to the TLS channel, then PLAIN, which is what mail programs use
// by default and works with every way to store passwords, then the others.
// CRAM-MD5 comes after the login without SASL: servers list it whose passwords
// are stored in a form that cannot serve it (Courier with crypt hashes), and
// then refuse the right password in the words for a wrong one. So does APOP,
// which many a greeting announces out of habit.
var passwordMechanisms = []string{
	"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "LOGIN", withoutSASL, "CRAM-MD5", mechAPOP,
}

// tokenMechanisms carry an OAuth2 access token.
var tokenMechanisms = []string{"OAUTHBEARER", "XOAUTH2"}

// Names of the logins without SASL; a report shows them without the brackets,
// which tell IMAP's command LOGIN from the mechanism LOGIN here. withoutSASL
// stands for the one that the protocol has.
const (
	withoutSASL   = "<>"
	mechIMAPLogin = "<LOGIN>"
	mechPOP3User  = "<USER>"
)

// mechAPOP is POP3's login of its own, announced by the greeting (RFC 1939 section 7).
const mechAPOP = "APOP"

// chooseMechanism picks how to log in. fault says why there is no way.
func chooseMechanism(p mailconf.Protocol, o offer, l *Login) (string, *fault) {
	wanted := passwordMechanisms
	if l.Token {
		wanted = tokenMechanisms
	}
	if l.Mechanism != "" {
		wanted = []string{strings.ToUpper(l.Mechanism)}
	}
	for _, m := range wanted {
		switch {
		case slices.Contains(o.mechs, m):
			return m, nil
		case m == withoutSASL && o.login && p == mailconf.IMAP:
			return mechIMAPLogin, nil
		case m == withoutSASL && o.login:
			return mechPOP3User, nil
		}
	}
	return "", noMechanism(o, l)
}

// noMechanism says why no mechanism fits.
func noMechanism(o offer, l *Login) *fault {
	detail := strings.Join(o.mechs, " ")
	switch {
	case oauthOnly(o) && !l.Token:
		return &fault{cause: CauseOAuthRequired, detail: detail}
	case len(o.mechs) == 0 && !o.login:
		return &fault{cause: CauseAuthNotOffered}
	}
	return &fault{cause: CauseAuthMechanism, detail: detail}
}

// oauthOnly reports whether a server takes OAuth2 tokens and no password.
func oauthOnly(o offer) bool {
	token, other := false, o.login
	for _, m := range o.mechs {
		switch {
		case slices.Contains(tokenMechanisms, m), m == "OAUTH10A":
			token = true
		case slices.Contains(passwordMechanisms, m), m == "DIGEST-MD5", m == "NTLM", m == "GSSAPI":
			other = true
		}
	}
	return token && !other
}

// saslClient makes the responses of one login; each call gets the server's
// challenge, decoded. The first call gets "" and makes the initial response.
// The caller wipes each response after use.
type saslClient interface {
	next(challenge string) (response []byte, err error)
}

// newSASL starts a mechanism. serverFirst reports that there is no initial response.
func newSASL(mech string, l *Login, user, host string, port uint16, cs *tls.ConnectionState) (c saslClient, serverFirst bool, err error) {
	secret := l.Password.Bytes()
	switch mech {
	case "PLAIN": // RFC 4616
		return &saslWords{{[]byte("\x00" + user + "\x00"), secret}}, false, nil
	case "LOGIN": // draft-murchison-sasl-login-00: whatever the prompts say, the name comes first
		return &saslWords{{[]byte(user)}, {secret}}, true, nil
	case "CRAM-MD5": // RFC 2195
		return &saslCRAM{user, secret}, true, nil
	case "XOAUTH2": // developers.google.com/workspace/gmail/imap/xoauth2-protocol
		return &saslWords{{[]byte("user=" + user + "\x01auth=Bearer "), secret, []byte("\x01\x01")}, {}}, false, nil
	case "OAUTHBEARER": // RFC 7628 section 3.1
		head := "n,a=" + strings.NewReplacer("=", "=3D", ",", "=2C").Replace(user) + ",\x01host=" + host +
			"\x01port=" + strconv.Itoa(int(port)) + "\x01auth=Bearer "
		return &saslWords{{[]byte(head), secret, []byte("\x01\x01")}, {[]byte("\x01")}}, false, nil
	}
	// The library takes the password as a string, which nobody can wipe; see SECURITY.md.
	c, err = newSCRAM(mech, user, string(secret), cs)
	return c, false, err
}

// saslWords sends what it has, whatever the challenges are: each word is made
// of its parts when its turn comes, so that a secret is not lying around before.
type saslWords [][][]byte

var errSASL = errors.New("the server asks for more than the login has")

func (s *saslWords) next(string) ([]byte, error) {
	if len(*s) == 0 {
		return nil, errSASL
	}
	w := joined((*s)[0]...)
	*s = (*s)[1:]
	return w, nil
}

type saslCRAM struct {
	user   string
	secret []byte
}

func (s *saslCRAM) next(challenge string) ([]byte, error) {
	h := hmac.New(md5.New, s.secret)
	h.Write([]byte(challenge))
	return []byte(s.user + " " + hex.EncodeToString(h.Sum(nil))), nil
}

// saslSCRAM is RFC 5802, RFC 7677; the last response, to the server's proof, is empty.
type saslSCRAM struct{ conv *scram.ClientConversation }

// newSCRAM binds the login to the TLS channel for the -PLUS mechanisms: by
// tls-exporter in TLS 1.3 (RFC 9266), by tls-unique before (RFC 5929).
func newSCRAM(mech, user, secret string, cs *tls.ConnectionState) (saslClient, error) {
	gen := scram.SHA1
	base, plus := strings.CutSuffix(mech, "-PLUS")
	switch base {
	case "SCRAM-SHA-256":
		gen = scram.SHA256
	case "SCRAM-SHA-1":
	default:
		return nil, errSASL
	}
	client, err := gen.NewClient(user, secret, "")
	if err != nil {
		client, err = gen.NewClientUnprepped(user, secret, "")
	}
	if err != nil {
		return nil, err
	}
	if !plus {
		return &saslSCRAM{client.NewConversation()}, nil
	}
	if cs == nil {
		return nil, errSASL
	}
	binding := scram.NewTLSUniqueBinding(cs.TLSUnique)
	if cs.Version >= tls.VersionTLS13 {
		if binding, err = scram.NewTLSExporterBinding(cs); err != nil {
			return nil, err
		}
	}
	return &saslSCRAM{client.NewConversationWithChannelBinding(binding)}, nil
}

func (s *saslSCRAM) next(challenge string) ([]byte, error) {
	for _, f := range strings.Split(challenge, ",") {
		if n, found := strings.CutPrefix(f, "i="); found {
			if rounds, err := strconv.Atoi(n); err != nil || rounds > maxSCRAMIter {
				return nil, errGarbage
			}
		}
	}
	response, err := s.conv.Step(challenge)
	return []byte(response), err
}

// encode64 and decode64 are the outer form of responses and challenges.
// encode64 wipes what it has encoded.
func encode64(b []byte) []byte {
	out := make([]byte, base64.StdEncoding.EncodedLen(len(b)), base64.StdEncoding.EncodedLen(len(b))+len("\r\n"))
	base64.StdEncoding.Encode(out, b)
	clear(b)
	return out
}

func decode64(s string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil {
		return "", errGarbage
	}
	return string(b), nil
}
