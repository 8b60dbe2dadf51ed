package discover

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// autodiscoverPath is where Autodiscover v1 (POX) is served, MS-OXDSCLI section 3.1.5.
const autodiscoverPath = "/autodiscover/autodiscover.xml"

// autodiscover asks the domain's own servers, the three ways side by side: v1
// at DOMAIN, v1 at autodiscover.DOMAIN, v2 at autodiscover.DOMAIN, which names
// the place of v1. No credentials are sent; a server that wants some is passed over.
func autodiscover(ctx context.Context, s *search) finding {
	own, sub := s.web.base("https", s.domain), s.web.base("https", "autodiscover."+s.domain)
	return s.first([]string{own, sub, "v2"}, func(way string) finding {
		if way == "v2" {
			return s.autodiscoverV2(ctx, sub)
		}
		return s.autodiscoverV1(ctx, way+autodiscoverPath, maxAutodiscoverHops)
	})
}

// autodiscoverSRV asks where the SRV record _autodiscover._tcp points.
func autodiscoverSRV(ctx context.Context, s *search) finding {
	a, err := s.dns.lookup(ctx, "_autodiscover._tcp."+s.domain, dns.TypeSRV)
	if err != nil {
		return finding{fault: faultOf(err)}
	}
	targets, _ := sortSRV(a.records)
	if len(targets) == 0 {
		return finding{fault: FaultNone}
	}
	host, _ := asciiHost(targets[0].Target)
	u := "https://" + host
	if p := targets[0].Port; p != 443 {
		u = "https://" + net.JoinHostPort(host, strconv.Itoa(int(p)))
	}
	if parsed, err := url.Parse(u); err != nil || !s.web.sound(parsed) {
		return finding{fault: FaultRedirect}
	}
	f := s.autodiscoverV1(ctx, u+autodiscoverPath, maxAutodiscoverHops)
	f.signed = f.signed && a.signed
	return f
}

// autodiscoverHTTP follows the redirect that http://autodiscover.DOMAIN gives,
// and asks there over https. The redirect itself is not to be trusted.
func autodiscoverHTTP(ctx context.Context, s *search) finding {
	c := *s.web.client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	_, err := s.web.do(ctx, &c, http.MethodGet, s.web.base("http", "autodiscover."+s.domain)+autodiscoverPath, "", nil)
	var moved *movedError
	if !errors.As(err, &moved) {
		return finding{fault: faultOf(err)}
	}
	return s.autodiscoverV1(ctx, moved.to, maxAutodiscoverHops)
}

// autodiscoverV2 asks for the address of v1 (JSON, as Outlook does) and asks there.
func (s *search) autodiscoverV2(ctx context.Context, base string) finding {
	q := url.Values{"Email": {s.told.String()}, "Protocol": {"AutodiscoverV1"}, "RedirectCount": {"1"}}
	body, err := s.web.get(ctx, base+"/autodiscover/autodiscover.json?"+q.Encode())
	if err != nil {
		return finding{fault: faultOf(err)}
	}
	to, ok := readAutodiscoverV2(body)
	if !ok || !s.web.sound(to) {
		return finding{fault: FaultMalformed}
	}
	return s.autodiscoverV1(ctx, to.String(), maxAutodiscoverHops)
}

// readAutodiscoverV2 reads {"Protocol":"AutodiscoverV1","Url":"https://…"}.
func readAutodiscoverV2(body []byte) (*url.URL, bool) {
	var v struct {
		URL string `json:"Url"`
	}
	if err := json.Unmarshal(body, &v); err != nil || len(v.URL) > maxURL {
		return nil, false
	}
	u, err := url.Parse(v.URL)
	return u, err == nil && u.Scheme == "https" && u.Host != ""
}

// maxAutodiscoverHops is how many answers "ask there" are followed.
const maxAutodiscoverHops = 1

// outlookSchema is the schema that asks for mail settings.
const outlookSchema = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"

// autodiscoverV1 posts the request and reads the answer.
func (s *search) autodiscoverV1(ctx context.Context, to string, hops int) finding {
	var req bytes.Buffer
	req.WriteString(`<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>`)
	_ = xml.EscapeText(&req, []byte(s.told.String())) // a bytes.Buffer takes everything
	req.WriteString(`</EMailAddress><AcceptableResponseSchema>` + outlookSchema + `</AcceptableResponseSchema></Request></Autodiscover>`)
	body, err := s.web.post(ctx, to, "text/xml; charset=utf-8", req.Bytes())
	if err != nil {
		return finding{fault: faultOf(err)}
	}
	doc, err := readAutodiscover(body)
	if err != nil {
		return finding{fault: FaultMalformed}
	}
	if u, err := url.Parse(doc.RedirectURL); doc.RedirectURL != "" && hops > 0 && err == nil && s.web.sound(u) {
		return s.autodiscoverV1(ctx, u.String(), hops-1)
	}
	f := finding{servers: s.fromAutodiscover(doc)}
	if len(f.servers) == 0 {
		f.fault = FaultNone
	}
	return f
}

// autodiscoverDoc is the part of an answer that tells about mail servers.
type autodiscoverDoc struct {
	RedirectURL string                 `xml:"Response>Account>RedirectUrl"`
	Protocols   []autodiscoverProtocol `xml:"Response>Account>Protocol"`
}

type autodiscoverProtocol struct {
	Type       string
	Server     string
	Port       string
	LoginName  string
	SSL        string
	Encryption string
	SPA        string
}

// readAutodiscover reads an answer. Go's decoder knows the five entities of
// XML alone and stops at an unknown one, so nothing can expand.
func readAutodiscover(body []byte) (autodiscoverDoc, error) {
	var doc autodiscoverDoc
	dec := xml.NewDecoder(bytes.NewReader(body))
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		enc, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return enc.NewDecoder().Reader(in), nil
	}
	err := dec.Decode(&doc)
	return doc, err
}

// fromAutodiscover translates an answer.
func (s *search) fromAutodiscover(doc autodiscoverDoc) []Server {
	var out []Server
	for _, p := range doc.Protocols {
		sv := knowledge.Server{Username: mailconf.UserAddress}
		if name := strings.TrimSpace(p.LoginName); name != "" {
			sv.Username = s.userForm(mailconf.UserForm("other:" + name))
		}
		switch proto := mailconf.Protocol(strings.ToLower(strings.TrimSpace(p.Type))); proto {
		case mailconf.IMAP, mailconf.POP3, mailconf.SMTP:
			sv.Protocol = proto
		default:
			continue // EXCH, EXPR, WEB and the like are for Outlook alone
		}
		host, ok := asciiHost(p.Server)
		port, err := strconv.ParseUint(strings.TrimSpace(p.Port), 10, 16)
		if !ok || len(out) == maxServers {
			continue
		}
		sv.Host, sv.Port = host, uint16(port)
		sv.Security = autodiscoverSecurity(p, sv.Port)
		if err != nil || port == 0 {
			sv.Port = mailconf.DefaultPort(sv.Protocol, sv.Security)
		}
		sv.Auth = []string{"password"}
		if isOn(p.SPA) {
			sv.Auth = []string{"password-encrypted"}
		}
		out = append(out, Server{Server: sv})
	}
	return out
}

// autodiscoverSecurity reads Encryption (None, SSL, TLS, Auto), else SSL (on
// when missing), MS-OXDSCLI sections 2.2.4.1.1.2.4 on. "TLS" means STARTTLS
// there. Port and word often contradict each other; the port is right, since
// the same administrators test it.
func autodiscoverSecurity(p autodiscoverProtocol, port uint16) mailconf.Security {
	_, byPort, known := mailconf.PortMeaning(port)
	switch strings.ToLower(strings.TrimSpace(p.Encryption)) {
	case "ssl":
		if known {
			return byPort
		}
		return mailconf.TLS
	case "tls":
		if known {
			return byPort
		}
		return mailconf.STARTTLS
	}
	switch {
	case known && byPort == mailconf.TLS:
		return mailconf.TLS
	case p.SSL == "" || isOn(p.SSL):
		if known {
			return byPort
		}
		return mailconf.TLS
	}
	return mailconf.Plain
}

func isOn(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "on") }
