package discover

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/miekg/dns"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// pacc reads https://ua-auto-config.DOMAIN/.well-known/user-agent-configuration.json
// and checks it against the digest in the TXT record _ua-auto-config.DOMAIN
// (draft-ietf-mailmaint-pacc-02). Without that record it does not count.
func pacc(ctx context.Context, s *search) finding {
	digests := make(chan [][]byte, 1)
	s.work.Go(func() {
		var d [][]byte
		fence.Do(s.finder.Panicked, func() {
			a, _ := s.dns.lookup(ctx, "_ua-auto-config."+s.domain, dns.TypeTXT)
			d = paccDigests(a.records)
		})
		digests <- d
	})
	body, err := s.web.get(ctx, s.web.base("https", "ua-auto-config."+s.domain)+"/.well-known/user-agent-configuration.json")
	if err != nil {
		return finding{fault: faultOf(err)}
	}
	sum := sha256.Sum256(body)
	match := 0
	for _, d := range <-digests {
		match |= subtle.ConstantTimeCompare(d, sum[:])
	}
	if match == 0 {
		return finding{fault: FaultDigest}
	}
	servers, err := readPACC(body)
	if err != nil {
		return finding{fault: FaultMalformed}
	}
	f := finding{servers: servers}
	if len(servers) == 0 {
		f.fault = FaultNone
	}
	return f
}

// paccDigests reads "v=UAAC1; a=sha256; d=BASE64" records.
func paccDigests(records []dns.RR) [][]byte {
	var out [][]byte
	for _, rr := range records {
		tags := make(map[string]string)
		for tag := range strings.SplitSeq(text(rr), ";") {
			k, v, _ := strings.Cut(tag, "=")
			tags[strings.TrimSpace(k)] = strings.TrimSpace(v)
		}
		if tags["v"] != "UAAC1" || !strings.EqualFold(tags["a"], "sha256") {
			continue
		}
		if d, err := base64.StdEncoding.DecodeString(tags["d"]); err == nil && len(d) == sha256.Size {
			out = append(out, d)
		}
	}
	return out
}

// paccDocument is the part of the document that tells about mail. Servers have
// no port: they are those with TLS from the first byte.
type paccDocument struct {
	Protocols      map[string]json.RawMessage `json:"protocols"`
	Authentication struct {
		OAuth *struct {
			Issuer string `json:"issuer"`
		} `json:"oauth-public"`
		Password bool `json:"password"`
	} `json:"authentication"`
}

// paccProtocols are the names of the mail protocols in the document: "smtp" in
// draft 02, "submit" in later ones.
var paccProtocols = []struct {
	name     string
	protocol mailconf.Protocol
}{
	{"imap", mailconf.IMAP},
	{"pop3", mailconf.POP3},
	{"smtp", mailconf.SMTP},
	{"submit", mailconf.SMTP},
	{"managesieve", mailconf.ManageSieve},
	{"jmap", mailconf.JMAP},
}

// readPACC reads a document.
func readPACC(body []byte) ([]Server, error) {
	var doc paccDocument
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if doc.Protocols == nil {
		return nil, errors.New("pacc: no protocols")
	}
	var auth []string
	if doc.Authentication.OAuth != nil {
		auth = append(auth, "oauth2")
	}
	if doc.Authentication.Password {
		auth = append(auth, "password")
	}
	var out []Server
	seen := make(map[mailconf.Protocol]bool)
	for _, p := range paccProtocols {
		var v struct{ Host, URL string }
		if raw, ok := doc.Protocols[p.name]; !ok || json.Unmarshal(raw, &v) != nil || seen[p.protocol] {
			continue
		}
		if sv, ok := paccServer(p.protocol, v.Host, v.URL); ok {
			sv.Auth = auth
			seen[p.protocol] = true
			out = append(out, Server{Server: sv})
		}
	}
	return out, nil
}

func paccServer(p mailconf.Protocol, host, url string) (knowledge.Server, bool) {
	sv := knowledge.Server{Username: mailconf.UserAddress}
	sv.Protocol, sv.Security = p, mailconf.TLS
	if p == mailconf.JMAP {
		rest, ok := strings.CutPrefix(url, "https://")
		if !ok || len(url) > maxURL {
			return sv, false
		}
		host, _, _ = strings.Cut(rest, "/")
		sv.Port, sv.URL = 443, url
	}
	if p == mailconf.ManageSieve {
		sv.Security = mailconf.STARTTLS // RFC 5804 knows no other
	}
	if sv.Port == 0 {
		sv.Port = mailconf.DefaultPort(p, sv.Security)
	}
	ascii, ok := asciiHost(host)
	sv.Host = ascii
	return sv, ok
}
