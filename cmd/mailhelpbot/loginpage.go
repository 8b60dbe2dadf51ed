package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/web"
)

// loginSite is the one-time page for login tests, nil when it is not
// configured: it needs a listener and an address at which people reach it. A
// sign-in by device code works without.
func (in *invocation) loginSite(a *app) http.Handler {
	a.bot.OAuth = in.env.oauth()
	if in.env.HTTP == "" || in.env.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(in.env.PublicURL)
	if err != nil {
		return nil // readSettings has parsed it
	}
	a.bot.LoginURL = strings.TrimSuffix(u.String(), "/") + web.Path
	a.bot.LoginAllow = in.env.LoginAllow
	return web.New(web.Config{Public: u, Page: a.bot.LoginPage, Login: a.bot.Login, SignedIn: a.bot.SignedIn, Log: a.log})
}

// publicURL takes an https URL, or one on this machine: a password is typed
// into the page behind it.
func publicURL(s *settings, v string) error {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q is no URL such as https://mailhelp.example.org", v)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return fmt.Errorf("%q must begin with https://: people type passwords into the page behind it", v)
	}
	s.PublicURL = v
	return nil
}

// loginHosts takes a list of host names.
func loginHosts(s *settings, v string) error {
	for h := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		if net.ParseIP(h) != nil || !strings.Contains(h, ".") || strings.ContainsAny(h, "/:@*") {
			return fmt.Errorf("%q is no host name such as imap.example.org", h)
		}
		s.LoginAllow = append(s.LoginAllow, strings.ToLower(h))
	}
	return nil
}
