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
		"imap.gmx.net:143 ssl":                 {{Host: "imap.gmx.net", Port: 143, Security: mailconf.TLS}},
		"Server: smtp.gmx.net, Port 25, keine": {{Host: "smtp.gmx.net", Port: 25, Security: mailconf.Plain}},
		"IMAP imap.web.de 993 / SMTP smtp.web.de 587 STARTTLS": {
			{Protocol: mailconf.IMAP, Host: "imap.web.de", Port: 993},
			{Protocol: mailconf.SMTP, Host: "smtp.web.de", Port: 587, Security: mailconf.STARTTLS},
		},
		"my address is anna@gmx.de and imap.gmx.net refuses me": nil,
		"Thunderbird 128.5.0 on port 993":                       nil,
		"imap.gmx.net said 550 5.7.1":                           nil,
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
