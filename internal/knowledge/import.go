package knowledge

import (
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/autoconfig"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// ImportAutoconfig reads a clientConfig XML file of at most 64 KiB as a
// provider. source names where it comes from and is put into every server;
// trust, date and origin are left to the caller. What a Provider cannot hold is
// left out: server types other than mail, unknown authentication methods, texts
// in other languages than German and English.
func ImportAutoconfig(r io.Reader, source string) (*Provider, error) {
	c, err := autoconfig.Parse(r)
	if err != nil {
		return nil, err
	}
	return ProviderFromAutoconfig(c, source), nil
}

// ProviderFromAutoconfig translates a parsed configuration; see ImportAutoconfig.
func ProviderFromAutoconfig(c *autoconfig.Config, source string) *Provider {
	p := &Provider{
		ID: idFrom(c.ID), Name: c.DisplayName, Kind: "mailbox",
		Domains: unique(c.Domains), MX: unique(c.MX), Sources: []string{source},
	}
	if len(p.Domains) == 0 {
		p.Kind = "hosting"
	}
	if p.ID == "" && len(p.Domains) > 0 {
		p.ID = idFrom(p.Domains[0])
	}
	if p.Name == "" || strings.Contains(p.Name, "%") {
		p.Name = p.ID
		if len(p.Domains) > 0 {
			p.Name = p.Domains[0]
		}
	}
	if c.ShortName != "" && Fold(c.ShortName) != Fold(p.Name) && !strings.Contains(c.ShortName, "%") {
		p.Aliases = []string{c.ShortName}
	}
	importServers(p, c, source)
	if len(c.OAuth2) > 0 {
		p.OAuth = c.OAuth2[0].Issuer
	}
	if w := c.WebMail; w != nil {
		p.Webmail = w.LoginPage
		if p.Webmail == "" && w.Info != nil {
			p.Webmail = w.Info.URL
		}
	}
	importTexts(p, c)
	return p
}

// notID are the characters that an id cannot hold.
var notID = regexp.MustCompile(`[^a-z0-9]+`)

// idFrom makes an id of a name or domain: "GMX.net" becomes "gmx-net".
func idFrom(s string) string {
	return strings.Trim(notID.ReplaceAllString(strings.ToLower(s), "-"), "-")
}

// unique returns a list without repetitions, nil when it is empty.
func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// importServers translates the servers. A server without a user name takes
// that of the first one that has one.
func importServers(p *Provider, c *autoconfig.Config, source string) {
	fallback := mailconf.UserAddress
	for _, s := range slices.Concat(c.Incoming, c.Outgoing) {
		if s.Username != "" {
			fallback = importUser(s.Username)
			break
		}
	}
	passwordless := len(c.Incoming)+len(c.Outgoing) > 0
	for _, in := range slices.Concat(c.Incoming, c.Outgoing) {
		s, ok := importServer(in, fallback)
		if !ok || slices.ContainsFunc(p.Servers, func(t Server) bool { return t.Endpoint == s.Endpoint && t.Via == s.Via && t.URL == s.URL }) {
			continue
		}
		s.Sources = []string{source}
		passwordless = passwordless && slices.Equal(s.Auth, []string{"oauth2"})
		p.Servers = append(p.Servers, s)
	}
	p.Requires.OAuth2Only = passwordless && len(p.Servers) > 0
}

// exchangeTypes are the server types of Microsoft Exchange besides "exchange".
var exchangeTypes = []string{"ews", "owa", "graph", "eas", "activesync"}

// importServer translates one server; ok is false for one that is not modelled
// or lacks its host.
func importServer(in autoconfig.Server, fallback mailconf.UserForm) (s Server, ok bool) {
	s.Protocol = mailconf.Protocol(strings.ToLower(in.Type))
	switch {
	case slices.Contains(exchangeTypes, string(s.Protocol)):
		s.Protocol, s.Via = mailconf.Exchange, string(s.Protocol)
	case !slices.Contains(protocols, string(s.Protocol)):
		return s, false
	}
	importEndpoint(&s, in)
	s.Username = fallback
	if in.Username != "" {
		s.Username = importUser(in.Username)
	}
	for _, a := range in.Auth {
		if name := importAuth(a.Method); name != "" && !slices.Contains(s.Auth, name) {
			s.Auth = append(s.Auth, name)
		}
	}
	if in.POP3 != nil {
		s.MinCheckMinutes = in.POP3.CheckMinutes
	}
	s.Restriction = in.Restriction
	valid := hostForm.MatchString(hostPlaceholders.Replace(s.Host)) && s.Port != 0 && s.Security != ""
	return s, valid
}

// importEndpoint fills in host, port, security and URL. A link gives what the
// host and port elements do not; a missing socketType is read from the port.
func importEndpoint(s *Server, in autoconfig.Server) {
	for _, link := range []string{in.URL, in.EWSURL, in.OWAURL} {
		if u, err := url.Parse(link); s.URL == "" && err == nil && u.Scheme == "https" && u.Hostname() != "" {
			s.URL, s.Host, s.Port, s.Security = link, strings.ToLower(u.Hostname()), 443, mailconf.TLS
		}
	}
	if in.Host != "" {
		s.Host = strings.ToLower(in.Host)
	}
	s.Host = importTemplate(s.Host)
	if sec := map[string]mailconf.Security{"ssl": mailconf.TLS, "starttls": mailconf.STARTTLS, "plain": mailconf.Plain}[strings.ToLower(in.SocketType)]; sec != "" {
		s.Security = sec
	} else if _, sec, known := mailconf.PortMeaning(in.Port); known && s.Security == "" {
		s.Security = sec
	}
	if in.Port != 0 {
		s.Port = in.Port
	} else if s.Port == 0 {
		s.Port = mailconf.DefaultPort(s.Protocol, s.Security)
	}
}

// autoconfigPlaceholders pairs the placeholders of autoconfig with ours.
var autoconfigPlaceholders = [][2]string{
	{"%EMAILADDRESS%", "{address}"}, {"%EMAILLOCALPART%", "{localpart}"}, {"%EMAILDOMAIN%", "{domain}"},
}

// importTemplate replaces autoconfig placeholders, also in lower case.
func importTemplate(s string) string {
	for _, p := range autoconfigPlaceholders {
		s = strings.ReplaceAll(s, p[0], p[1])
		s = strings.ReplaceAll(s, strings.ToLower(p[0]), p[1])
	}
	return s
}

// importUser translates a user name; a final % may be missing, as in two
// entries of the ISPDB. A name without a placeholder is kept as "other:".
func importUser(s string) mailconf.UserForm {
	if strings.Count(s, "%")%2 == 1 {
		s += "%"
	}
	switch t := importTemplate(s); {
	case t == "{address}" || t == "{localpart}@{domain}":
		return mailconf.UserAddress
	case t == "{localpart}":
		return mailconf.UserLocalPart
	case t == "{localpart}.{domain}":
		return mailconf.UserDomainUser
	case strings.Contains(t, "{"):
		return mailconf.UserForm(t)
	default:
		return mailconf.UserForm("other:" + t)
	}
}

// importAuth translates an authentication method, or returns "".
func importAuth(method string) string {
	switch strings.ToLower(method) {
	case "password-cleartext", "plain": // the second is the form of version 1.0
		return "password"
	case "password-encrypted", "secure":
		return "password-encrypted"
	case "oauth2", "oauth":
		return "oauth2"
	case "none", "client-ip-address":
		return "none"
	}
	return ""
}

// aboutAccess recognises an instruction to switch IMAP or POP on; the enable
// element is also used for "create a separate password".
var aboutAccess = regexp.MustCompile(`(?i)\b(imap|pop3?)\b`)

// importTexts translates documentation links and instructions.
func importTexts(p *Provider, c *autoconfig.Config) {
	link := func(u string) {
		if (strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://")) && u != p.Webmail && !slices.Contains(p.Docs, u) {
			p.Docs = append(p.Docs, u)
		}
	}
	note := func(texts []autoconfig.LangText) {
		t := Text{}
		for _, l := range texts {
			lang, _, _ := strings.Cut(strings.ToLower(l.Lang), "-")
			if lang == "" {
				lang = "en"
			}
			if (lang == "de" || lang == "en") && t[lang] == "" && l.Text != "" {
				t[lang] = l.Text
			}
		}
		if len(t) > 0 {
			p.Notes = append(p.Notes, t)
		}
	}
	for _, d := range c.Docs {
		link(d.URL)
	}
	for _, d := range c.Instructions {
		link(d.URL)
		note(d.Descr)
	}
	for _, e := range c.Enable {
		link(e.VisitURL)
		note(e.Instructions)
		if len(e.Instructions) == 0 || slices.ContainsFunc(e.Instructions, func(l autoconfig.LangText) bool { return aboutAccess.MatchString(l.Text) }) {
			p.Requires.EnableIMAPPOP = true
		}
	}
}
