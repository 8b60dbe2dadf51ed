package autoconfig

import (
	"io"
	"strconv"
	"strings"
)

// Parse reads one clientConfig of at most 64 KiB. It fails on XML that is not
// well-formed, too large or too deep, and when there is no emailProvider;
// unknown elements, attributes and server types are passed over.
func Parse(r io.Reader) (*Config, error) {
	root, err := readTree(r)
	if err != nil {
		return nil, err
	}
	provider := root.child("emailProvider")
	if root.name != "clientConfig" || provider == nil {
		return nil, ErrNoConfig
	}
	c := &Config{Version: root.attr("version"), ID: provider.attr("id")}
	for _, e := range provider.children {
		c.providerElement(e)
	}
	for _, e := range root.children { // enable and the rest stand on either level
		if e.name != "emailProvider" {
			c.sharedElement(e)
		}
	}
	return c, nil
}

// providerElement reads one child of emailProvider.
func (c *Config) providerElement(e *element) {
	switch e.name {
	case "domain":
		c.domain(e)
	case "displayName":
		c.DisplayName = e.text
	case "displayShortName", "displayNameShort": // the second is a misspelling in the ISPDB
		c.ShortName = e.text
	case "incomingServer":
		c.Incoming = append(c.Incoming, server(e))
	case "outgoingServer":
		c.Outgoing = append(c.Outgoing, server(e))
	default:
		c.sharedElement(e)
	}
}

// domain reads a domain element.
func (c *Config) domain(e *element) {
	d := strings.ToLower(e.text)
	switch {
	case d == "":
	case e.attr("purpose") == "mx":
		c.MX = append(c.MX, d)
	default:
		c.Domains = append(c.Domains, d)
	}
}

// sharedElement reads an element that occurs in emailProvider and in clientConfig.
func (c *Config) sharedElement(e *element) {
	switch e.name {
	case "documentation":
		c.Docs = append(c.Docs, documentation(e))
	case "instruction":
		c.Instructions = append(c.Instructions, documentation(e))
	case "enable":
		en := Enable{VisitURL: e.attr("visiturl")}
		for _, i := range e.children {
			if i.name == "instruction" {
				en.Instructions = append(en.Instructions, LangText{i.attr("lang"), i.text})
			}
		}
		c.Enable = append(c.Enable, en)
	case "oAuth2", "OAuth2":
		c.OAuth2 = append(c.OAuth2, OAuth2{
			e.childText("issuer"), e.childText("scope"), e.childText("authURL"), e.childText("tokenURL"),
		})
	case "webMail":
		c.WebMail = webMail(e)
	}
}

// server reads an incomingServer or outgoingServer.
func server(e *element) Server {
	s := Server{Type: e.attr("type")}
	for _, f := range e.children {
		switch f.name {
		case "hostname":
			s.Host = f.text
		case "port":
			s.Port = port(f.text)
		case "socketType":
			s.SocketType = f.text
		case "username":
			s.Username = f.text
		case "authentication":
			s.Auth = append(s.Auth, Auth{f.text, f.attr("system")})
		case "url":
			s.URL = f.text
		case "ewsURL":
			s.EWSURL = f.text
		case "owaURL":
			s.OWAURL = f.text
		case "useGlobalPreferredServer":
			s.UseGlobalPreferredServer = f.text == "true"
		case "addThisServer":
			s.AddThisServer = f.text == "true"
		case "restriction":
			s.Restriction = f.text
		case "pop3":
			s.POP3 = pop3(f)
		}
	}
	return s
}

// port reads a port, or 0.
func port(s string) uint16 {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// pop3 reads the POP3 hints.
func pop3(e *element) *POP3 {
	p := new(POP3)
	if leave := e.child("leaveMessagesOnServer"); leave != nil {
		p.LeaveOnServer = new(leave.text == "true")
	}
	if check := e.child("checkInterval"); check != nil {
		if n, err := strconv.Atoi(check.attr("minutes")); err == nil && n > 0 {
			p.CheckMinutes = n
		}
	}
	return p
}

// documentation reads a documentation element; a description without a
// language may stand as plain text.
func documentation(e *element) Documentation {
	d := Documentation{URL: e.attr("url")}
	if e.text != "" {
		d.Descr = append(d.Descr, LangText{e.attr("lang"), e.text})
	}
	for _, c := range e.children {
		if c.name == "descr" {
			d.Descr = append(d.Descr, LangText{c.attr("lang"), c.text})
		}
	}
	return d
}

// webMail reads the webMail element.
func webMail(e *element) *WebMail {
	w := new(WebMail)
	if p := e.child("loginPage"); p != nil {
		w.LoginPage = p.attr("url")
	}
	info := e.child("loginPageInfo")
	if info == nil {
		return w
	}
	field := func(name string) Field {
		if f := info.child(name); f != nil {
			return Field{f.attr("id"), f.attr("name")}
		}
		return Field{}
	}
	w.Info = &LoginPageInfo{
		URL: info.attr("url"), WaitForRedirect: info.attr("waitForRedirectionURLPrefix"), Username: info.childText("username"),
		UsernameField: field("usernameField"), PasswordField: field("passwordField"), LoginButton: field("loginButton"),
	}
	return w
}
