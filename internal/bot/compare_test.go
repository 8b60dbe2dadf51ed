package bot

import (
	"slices"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

func TestPastedSettings(t *testing.T) {
	type us = knowledge.UserSetting
	for text, want := range map[string][]us{
		"ich kann mit web.de keine mails senden": nil,
		"imap.gmx.net:143 ssl":                   {{Host: "imap.gmx.net", Port: 143, Security: mailconf.TLS}},
		"Server: smtp.gmx.net, Port 25, keine":   {{Host: "smtp.gmx.net", Port: 25, Security: mailconf.Plain}},
		"IMAP imap.web.de 993 / SMTP smtp.web.de 587 STARTTLS": {
			{Protocol: mailconf.IMAP, Host: "imap.web.de", Port: 993},
			{Protocol: mailconf.SMTP, Host: "smtp.web.de", Port: 587, Security: mailconf.STARTTLS},
		},
		// The account dialog of Outlook up to 2016: hosts first, ports later.
		"Kontotyp: POP3, Posteingangsserver: pop.gmx.net, Postausgangsserver (SMTP): mail.gmx.net, Posteingangsserver (POP3): 110, Server erfordert eine verschlüsselte Verbindung (SSL): nein, Postausgangsserver (SMTP): 25, Verschlüsselter Verbindungstyp: Keine": {
			{Protocol: mailconf.POP3, Host: "pop.gmx.net", Port: 110, Security: mailconf.Plain},
			{Protocol: mailconf.SMTP, Host: "mail.gmx.net", Port: 25, Security: mailconf.Plain},
		},
		"Account type: IMAP\nIncoming mail server: imap.gmx.net\nOutgoing mail server (SMTP): mail.gmx.net\nIncoming server (IMAP): 993 SSL/TLS\nOutgoing server (SMTP): 587 STARTTLS": {
			{Protocol: mailconf.IMAP, Host: "imap.gmx.net", Port: 993, Security: mailconf.TLS},
			{Protocol: mailconf.SMTP, Host: "mail.gmx.net", Port: 587, Security: mailconf.STARTTLS},
		},
		"Hostname mail.gmx.net, SSL verwenden: aus, Server-Port 25":    {{Host: "mail.gmx.net", Port: 25, Security: mailconf.Plain}},
		"mx.freenet.de, IMAP 993 SSL, SMTP 465 SSL":                    {{Host: "mx.freenet.de", Port: 993, Security: mailconf.TLS}, {Protocol: mailconf.SMTP, Host: "mx.freenet.de", Port: 465, Security: mailconf.TLS}},
		"Eingehend imap.web.de 143 STARTTLS; Ausgehend smtp.web.de 25": {{Host: "imap.web.de", Port: 143, Security: mailconf.STARTTLS}, {Protocol: mailconf.SMTP, Host: "smtp.web.de", Port: 25}},
		"| IMAP | imap.gmx.net | 143 | keine |":                        {{Protocol: mailconf.IMAP, Host: "imap.gmx.net", Port: 143, Security: mailconf.Plain}},
		"my address is anna@gmx.de and imap.gmx.net refuses me":        nil,
		"Thunderbird 128.5.0 on port 993":                              nil,
		"imap.gmx.net said 550 5.7.1":                                  nil,
		"outlook.com SSL Daten":                                        nil,
		"Posteingangsserver (IMAP): web.de, SSL":                       {{Protocol: mailconf.IMAP, Host: "web.de", Security: mailconf.TLS}},
	} {
		if got := pastedSettings(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func TestEveryDifferenceHasAText(t *testing.T) {
	for _, k := range []knowledge.DifferenceKind{
		knowledge.DiffNoAccess, knowledge.DiffNotOffered, knowledge.DiffOutdatedHost, knowledge.DiffMistypedHost,
		knowledge.DiffWrongProtocol, knowledge.DiffForeignHost, knowledge.DiffUnknownHost, knowledge.DiffPort25,
		knowledge.DiffWrongPort, knowledge.DiffWrongSecurity, knowledge.DiffNotEncrypted, knowledge.DiffUsername,
	} {
		if _, ok := texts["diff."+string(k)]; !ok {
			t.Errorf("no text for %s", k)
		}
	}
}

func FuzzPastedSettings(f *testing.F) {
	f.Add("IMAP imap.web.de 993 / SMTP smtp.web.de 587 STARTTLS")
	f.Fuzz(func(t *testing.T, s string) {
		for _, u := range pastedSettings(s) {
			if u.Host == "" || u.Port == 0 && u.Security == "" {
				t.Errorf("%q: a host alone is no setting: %+v", s, u)
			}
		}
	})
}
