package discover

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/autoconfig"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// maxServers is how many servers are taken of one source.
const maxServers = 12

// autoconfigHost asks autoconfig.DOMAIN (draft-ietf-mailmaint-autoconfig-06).
// The address goes along over https only.
func autoconfigHost(scheme string) func(context.Context, *search) finding {
	return func(ctx context.Context, s *search) finding {
		u := s.web.base(scheme, "autoconfig."+s.domain) + "/mail/config-v1.1.xml"
		if scheme == "https" {
			u += "?emailaddress=" + url.QueryEscape(s.told.String())
		}
		return s.fetchAutoconfig(ctx, u)
	}
}

// wellKnown asks the domain's own web server; the draft has no address there.
func wellKnown(scheme string) func(context.Context, *search) finding {
	return func(ctx context.Context, s *search) finding {
		return s.fetchAutoconfig(ctx, s.web.base(scheme, s.domain)+"/.well-known/autoconfig/mail/config-v1.1.xml")
	}
}

// ispdb asks Thunderbird's database, once DNS has told that the domain exists:
// a mistyped or inner name is nobody else's business.
func ispdb(ctx context.Context, s *search) finding {
	mx := s.lookupMX(ctx)
	if mx.status != "" {
		return finding{fault: FaultNone}
	}
	return s.fetchAutoconfig(ctx, s.ispdbURL(s.domain))
}

func (s *search) ispdbURL(domain string) string {
	base := s.finder.ISPDB
	if base == "" {
		base = ThunderbirdISPDB
	}
	return base + url.PathEscape(domain)
}

// fetchAutoconfig gets and reads one file.
func (s *search) fetchAutoconfig(ctx context.Context, url string) finding {
	body, err := s.web.get(ctx, url)
	if err != nil {
		return finding{fault: faultOf(err)}
	}
	c, err := parseAutoconfig(body)
	switch {
	case errors.Is(err, autoconfig.ErrNoConfig): // a web page that says "not found" with status 200
		return finding{fault: FaultNone}
	case err != nil:
		return finding{fault: FaultMalformed}
	}
	f := finding{servers: s.fromAutoconfig(c)}
	if len(f.servers) == 0 {
		f.fault = FaultNone
	}
	return f
}

func parseAutoconfig(body []byte) (*autoconfig.Config, error) {
	return autoconfig.Parse(bytes.NewReader(body))
}

// fromAutoconfig translates a file and fills in the domain. Servers that lack
// a usable host are left out.
func (s *search) fromAutoconfig(c *autoconfig.Config) []Server {
	var out []Server
	for _, sv := range knowledge.ProviderFromAutoconfig(c, "").Servers {
		host, ok := asciiHost(mailconf.Expand(sv.Host, mailconf.Address{Domain: s.domain}))
		if !ok || len(sv.URL) > maxURL || len(out) == maxServers {
			continue
		}
		sv.Host, sv.Username, sv.Restriction = host, s.userForm(sv.Username), clip(sv.Restriction)
		out = append(out, Server{Server: sv})
	}
	return out
}

// maxURL is how long a server's URL may be.
const maxURL = 500

// userForm names the form of a user name as a file gives it. A server that was
// asked about an address may answer with it filled in. Anything else is a
// server's text and is kept as a description.
func (s *search) userForm(form mailconf.UserForm) mailconf.UserForm {
	name, literal := strings.CutPrefix(string(form), "other:")
	switch {
	case form == mailconf.UserAddress, form == mailconf.UserLocalPart, form == mailconf.UserDomainUser:
		return form
	case strings.EqualFold(name, s.told.String()):
		return mailconf.UserAddress
	case strings.EqualFold(name, s.told.Local):
		return mailconf.UserLocalPart
	case strings.EqualFold(name, s.told.Local+"."+s.told.Domain):
		return mailconf.UserDomainUser
	}
	if literal {
		return mailconf.UserForm("other:" + clip(name))
	}
	return mailconf.UserForm(clip(name))
}

// clip cuts a server's text to what is worth showing, without control characters.
func clip(s string) string {
	const most = 80
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r >= 0x200b && r <= 0x200f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
