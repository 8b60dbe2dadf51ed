package autoconfig

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// Write writes the configuration as UTF-8 XML that Parse reads back unchanged.
func (c *Config) Write(w io.Writer) error {
	var x writer
	x.buf.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	x.open("clientConfig", attr{"version", c.Version})
	x.provider(c)
	for _, o := range c.OAuth2 {
		x.open("oAuth2")
		x.optional("issuer", o.Issuer)
		x.optional("scope", o.Scope)
		x.optional("authURL", o.AuthURL)
		x.optional("tokenURL", o.TokenURL)
		x.close()
	}
	x.webMail(c.WebMail)
	x.close()
	_, err := w.Write(x.buf.Bytes())
	return err
}

// provider writes the emailProvider element.
func (x *writer) provider(c *Config) {
	x.open("emailProvider", attr{"id", c.ID})
	for _, d := range c.Domains {
		x.leaf("domain", d)
	}
	for _, d := range c.MX {
		x.leaf("domain", d, attr{"purpose", "mx"})
	}
	x.optional("displayName", c.DisplayName)
	x.optional("displayShortName", c.ShortName)
	for _, s := range c.Incoming {
		x.server("incomingServer", s)
	}
	for _, s := range c.Outgoing {
		x.server("outgoingServer", s)
	}
	for _, d := range c.Docs {
		x.documentation("documentation", d)
	}
	for _, d := range c.Instructions {
		x.documentation("instruction", d)
	}
	for _, e := range c.Enable {
		x.open("enable", attr{"visiturl", e.VisitURL})
		for _, i := range e.Instructions {
			x.leaf("instruction", i.Text, attr{"lang", i.Lang})
		}
		x.close()
	}
	x.close()
}

// attr is an attribute; an empty one is not written.
type attr struct{ name, value string }

// writer writes indented XML.
type writer struct {
	buf  bytes.Buffer
	path []string
}

// start writes the indentation and the start of a tag without its end.
func (x *writer) start(name string, attrs []attr) {
	x.buf.WriteString(strings.Repeat("  ", len(x.path)))
	x.buf.WriteString("<" + name)
	for _, a := range attrs {
		if a.value != "" {
			x.buf.WriteString(" " + a.name + `="`)
			x.escape(a.value)
			x.buf.WriteString(`"`)
		}
	}
}

func (x *writer) escape(s string) { _ = xml.EscapeText(&x.buf, []byte(s)) } // a bytes.Buffer takes everything

func (x *writer) open(name string, attrs ...attr) {
	x.start(name, attrs)
	x.buf.WriteString(">\n")
	x.path = append(x.path, name)
}

func (x *writer) close() {
	name := x.path[len(x.path)-1]
	x.path = x.path[:len(x.path)-1]
	x.buf.WriteString(strings.Repeat("  ", len(x.path)) + "</" + name + ">\n")
}

func (x *writer) leaf(name, text string, attrs ...attr) {
	x.start(name, attrs)
	x.buf.WriteString(">")
	x.escape(text)
	x.buf.WriteString("</" + name + ">\n")
}

// optional writes a leaf unless its text is empty.
func (x *writer) optional(name, text string) {
	if text != "" {
		x.leaf(name, text)
	}
}

func (x *writer) server(name string, s Server) {
	x.open(name, attr{"type", s.Type})
	x.optional("hostname", s.Host)
	if s.Port != 0 {
		x.leaf("port", strconv.Itoa(int(s.Port)))
	}
	x.optional("socketType", s.SocketType)
	x.optional("username", s.Username)
	for _, a := range s.Auth {
		x.leaf("authentication", a.Method, attr{"system", a.System})
	}
	x.optional("url", s.URL)
	x.optional("ewsURL", s.EWSURL)
	x.optional("owaURL", s.OWAURL)
	if s.UseGlobalPreferredServer {
		x.leaf("useGlobalPreferredServer", "true")
	}
	if s.AddThisServer {
		x.leaf("addThisServer", "true")
	}
	x.optional("restriction", s.Restriction)
	if s.POP3 != nil {
		x.open("pop3")
		if s.POP3.LeaveOnServer != nil {
			x.leaf("leaveMessagesOnServer", strconv.FormatBool(*s.POP3.LeaveOnServer))
		}
		if s.POP3.CheckMinutes > 0 {
			x.leaf("checkInterval", "", attr{"minutes", strconv.Itoa(s.POP3.CheckMinutes)})
		}
		x.close()
	}
	x.close()
}

func (x *writer) documentation(name string, d Documentation) {
	x.open(name, attr{"url", d.URL})
	for _, t := range d.Descr {
		x.leaf("descr", t.Text, attr{"lang", t.Lang})
	}
	x.close()
}

func (x *writer) webMail(w *WebMail) {
	if w == nil {
		return
	}
	x.open("webMail")
	if w.LoginPage != "" {
		x.leaf("loginPage", "", attr{"url", w.LoginPage})
	}
	if i := w.Info; i != nil {
		x.open("loginPageInfo", attr{"url", i.URL}, attr{"waitForRedirectionURLPrefix", i.WaitForRedirect})
		x.optional("username", i.Username)
		for _, f := range []struct {
			name string
			Field
		}{{"usernameField", i.UsernameField}, {"passwordField", i.PasswordField}, {"loginButton", i.LoginButton}} {
			if f.Field != (Field{}) {
				x.leaf(f.name, "", attr{"id", f.ID}, attr{"name", f.Name})
			}
		}
		x.close()
	}
	x.close()
}
