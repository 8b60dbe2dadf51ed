package main

import (
	"errors"
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
	return web.New(web.Config{Public: u, Page: a.bot.LoginPage, Login: a.bot.Login, SignedIn: a.bot.SignedIn, Rates: a.bot.Rates, Log: a.log})
}

// publicURL takes an https URL, or one on this machine: a password is typed
// into the page behind it.
func publicURL(s *settings, v string) error {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("it is no URL such as https://mailhelp.example.org")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return errors.New("it must begin with https://: people type passwords into the page behind it")
	}
	s.PublicURL = v
	return nil
}

// loginHosts takes a list of host names.
func loginHosts(s *settings, v string) error {
	for i, h := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		if net.ParseIP(h) != nil || !strings.Contains(h, ".") || strings.ContainsAny(h, "/:@*") {
			return fmt.Errorf("entry %d is no host name such as imap.example.org", i+1)
		}
		s.LoginAllow = append(s.LoginAllow, strings.ToLower(h))
	}
	return nil
}
