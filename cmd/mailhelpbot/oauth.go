package main

import (
	"errors"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// microsoftAuthority is where accounts of people and of organisations sign in
// (learn.microsoft.com/entra/identity-platform/v2-protocols, 2026-11).
const microsoftAuthority = "https://login.microsoftonline.com/common"

// oauth lists the authorization servers that the operator has a client at.
//
// Microsoft takes a device code for the scopes of its mail protocols
// (learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth).
// Google's device flow knows a short list of scopes without mail
// (developers.google.com/identity/protocols/oauth2/limited-input-device), so
// people sign in there in the browser and come back to our page.
func (s settings) oauth() []*bot.OAuth {
	var out []*bot.OAuth
	if s.MicrosoftClientID != "" {
		base := strings.TrimSuffix(s.MicrosoftAuthority, "/") + "/oauth2/v2.0/"
		out = append(out, &bot.OAuth{Issuer: "login.microsoftonline.com", Name: "Microsoft", Config: oauth2.Config{
			ClientID: s.MicrosoftClientID,
			Endpoint: oauth2.Endpoint{AuthURL: base + "authorize", TokenURL: base + "token", DeviceAuthURL: base + "devicecode", AuthStyle: oauth2.AuthStyleInParams},
			Scopes: []string{
				"openid", "email", "https://outlook.office.com/IMAP.AccessAsUser.All",
				"https://outlook.office.com/POP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send",
			},
		}})
	}
	if s.GoogleClientID != "" {
		google := endpoints.Google
		google.DeviceAuthURL, google.AuthStyle = "", oauth2.AuthStyleInParams
		out = append(out, &bot.OAuth{Issuer: "accounts.google.com", Name: "Google", Revoke: "https://oauth2.googleapis.com/revoke", Config: oauth2.Config{
			ClientID: s.GoogleClientID, ClientSecret: s.GoogleClientSecret, Endpoint: google,
			Scopes: []string{"openid", "email", "https://mail.google.com/"},
		}})
	}
	return out
}

// httpsURL takes an https URL, or one on this machine.
func httpsURL(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			return errors.New("it is no URL that begins with https://")
		}
		*field(s) = v
		return nil
	}
}
