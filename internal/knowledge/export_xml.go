package knowledge

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/autoconfig"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// ExportAutoconfig writes a provider as clientConfig XML, as it is served under
// https://autoconfig.DOMAIN/mail/config-v1.1.xml. What the format cannot say is
// left out: outdated servers, trust and dates, MX patterns that are regular
// expressions, hosts with {account}. Reading the result with ImportAutoconfig
// and writing it again changes nothing. It fails for a provider without a
// server that can be written.
func ExportAutoconfig(p *Provider) ([]byte, error) {
	c := AutoconfigFromProvider(p)
	if len(c.Incoming)+len(c.Outgoing) == 0 {
		return nil, fmt.Errorf("provider %s has no server that autoconfig can describe", p.ID)
	}
	var buf bytes.Buffer
	if err := c.Write(&buf); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// AutoconfigFromProvider translates a provider; see ExportAutoconfig.
func AutoconfigFromProvider(p *Provider) *autoconfig.Config {
	c := &autoconfig.Config{Version: "1.1", ID: p.ID, DisplayName: p.Name, Domains: p.Domains}
	if len(p.Aliases) > 0 {
		c.ShortName = p.Aliases[0]
	}
	for _, m := range p.MX {
		if !isRegexp(m) {
			c.MX = append(c.MX, m)
		}
	}
	for _, s := range p.Servers {
		if strings.Contains(s.Host, "{account}") {
			continue
		}
		if s.Protocol == mailconf.SMTP {
			c.Outgoing = append(c.Outgoing, exportServer(s))
		} else {
			c.Incoming = append(c.Incoming, exportServer(s))
		}
	}
	for _, u := range p.Docs {
		c.Docs = append(c.Docs, autoconfig.Documentation{URL: u})
	}
	for _, n := range p.Notes {
		c.Instructions = append(c.Instructions, autoconfig.Documentation{Descr: exportText(n)})
	}
	if p.Requires.EnableIMAPPOP {
		c.Enable = []autoconfig.Enable{{VisitURL: p.Webmail}}
	}
	if p.OAuth != "" {
		c.OAuth2 = []autoconfig.OAuth2{{Issuer: p.OAuth}}
	}
	if p.Webmail != "" {
		c.WebMail = &autoconfig.WebMail{LoginPage: p.Webmail}
	}
	return c
}

// exportText translates a text.
func exportText(t Text) []autoconfig.LangText {
	var out []autoconfig.LangText
	for _, lang := range []Lang{"en", "de"} {
		if t[lang] != "" {
			out = append(out, autoconfig.LangText{Lang: lang, Text: t[lang]})
		}
	}
	return out
}

// exportServer translates one server.
func exportServer(s Server) autoconfig.Server {
	out := autoconfig.Server{
		Type: string(s.Protocol), Host: exportTemplate(s.Host), Port: s.Port, Username: exportUser(s.Username),
		URL: s.URL, Restriction: s.Restriction,
		SocketType: map[mailconf.Security]string{mailconf.TLS: "SSL", mailconf.STARTTLS: "STARTTLS", mailconf.Plain: "plain"}[s.Security],
	}
	if s.Via != "" {
		out.Type = s.Via
	}
	for _, a := range s.Auth {
		method := map[string]string{"password": "password-cleartext", "oauth2": "OAuth2"}[a]
		if method == "" {
			method = a
		}
		out.Auth = append(out.Auth, autoconfig.Auth{Method: method})
	}
	if s.MinCheckMinutes > 0 {
		out.POP3 = &autoconfig.POP3{CheckMinutes: s.MinCheckMinutes}
	}
	return out
}

// exportTemplate replaces our placeholders by those of autoconfig.
func exportTemplate(s string) string {
	for _, p := range autoconfigPlaceholders {
		s = strings.ReplaceAll(s, p[1], p[0])
	}
	return s
}

// exportUser translates a user-name form; a description for people has no
// place in the format.
func exportUser(f mailconf.UserForm) string {
	switch f {
	case mailconf.UserAddress:
		return "%EMAILADDRESS%"
	case mailconf.UserLocalPart:
		return "%EMAILLOCALPART%"
	case mailconf.UserDomainUser:
		return "%EMAILLOCALPART%.%EMAILDOMAIN%"
	}
	if s, ok := strings.CutPrefix(string(f), "other:"); ok {
		if strings.ContainsRune(s, ' ') {
			return ""
		}
		return s
	}
	return exportTemplate(string(f))
}
