package knowledge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

func TestCompare(t *testing.T) {
	book := seedBook(t)
	const tls, starttls, none = mailconf.TLS, mailconf.STARTTLS, mailconf.Plain
	cases := []struct {
		name, provider, address string
		user                    UserSetting
		want                    string // "kind have -> want" joined with "; "
	}{
		{"all right", "gmx", "anna@gmx.de", UserSetting{"imap", "imap.gmx.net", 993, tls, "anna@gmx.de"}, ""},
		{"all right, second best", "gmx", "", UserSetting{"smtp", "mail.gmx.net", 587, starttls, ""}, ""},
		{"nothing told", "gmx", "", UserSetting{Protocol: "imap"}, ""},
		{"outdated host", "outlook", "", UserSetting{"imap", "imap-mail.outlook.com", 993, tls, ""}, "outdated-host imap-mail.outlook.com -> outlook.office365.com"},
		{"outdated host without provider", "", "", UserSetting{Host: "imap-mail.outlook.com"}, "outdated-host imap-mail.outlook.com -> outlook.office365.com"},
		{"never right, often entered", "gmx", "", UserSetting{"smtp", "smtp.gmx.net", 587, starttls, ""}, "outdated-host smtp.gmx.net -> mail.gmx.net"},
		{"right host on the wrong port", "t-online", "", UserSetting{"pop3", "securepop.t-online.de", 110, tls, ""}, "wrong-port 110 -> 995"},
		{"port 25", "t-online", "", UserSetting{"smtp", "securesmtp.t-online.de", 25, starttls, ""}, "port-25 25 -> 587"},
		{"implicit TLS on 587", "gmx", "", UserSetting{"smtp", "mail.gmx.net", 587, tls, ""}, "wrong-security tls -> starttls"},
		{"STARTTLS on 465", "gmx", "", UserSetting{"smtp", "mail.gmx.net", 465, starttls, ""}, "wrong-security starttls -> tls"},
		{"really TLS on 587", "charter", "", UserSetting{"smtp", "mobile.charter.net", 587, tls, ""}, ""},
		{"no encryption", "web-de", "", UserSetting{"imap", "imap.web.de", 143, none, ""}, "not-encrypted none -> starttls"},
		{"two mistakes", "web-de", "", UserSetting{"smtp", "smtp.web.de", 25, none, ""}, "port-25 25 -> 465; not-encrypted none -> tls"},
		{"typing error", "gmx", "", UserSetting{"imap", "impa.gmx.net", 993, tls, ""}, "mistyped-host impa.gmx.net -> imap.gmx.net"},
		{"incoming server for outgoing mail", "web-de", "", UserSetting{"smtp", "imap.web.de", 587, starttls, ""}, "wrong-protocol imap.web.de -> smtp.web.de"},
		{"another provider's server", "gmx", "", UserSetting{"smtp", "smtp.web.de", 587, starttls, ""}, "foreign-host smtp.web.de -> mail.gmx.net"},
		{"somebody's server", "gmx", "", UserSetting{"smtp", "mail.example.org", 587, starttls, ""}, "unknown-host mail.example.org -> mail.gmx.net"},
		{"address where the local part belongs", "web-de", "anna@web.de", UserSetting{"imap", "imap.web.de", 993, tls, "anna@web.de"}, "username anna@web.de -> anna"},
		{"the same without an address", "web-de", "", UserSetting{"imap", "imap.web.de", 993, tls, "anna@web.de"}, "username anna@web.de -> anna"},
		{"local part where the address belongs", "gmx", "anna@gmx.de", UserSetting{"imap", "imap.gmx.net", 993, tls, "anna"}, "username anna -> anna@gmx.de"},
		{"the domain alone is known", "gmx", "@gmx.at", UserSetting{"imap", "imap.gmx.net", 993, tls, "anna"}, "username anna -> anna@gmx.at"},
		{"per-server user form", "icloud", "anna@icloud.com", UserSetting{"smtp", "smtp.mail.me.com", 587, starttls, "anna"}, "username anna -> anna@icloud.com"},
		{"not offered", "icloud", "", UserSetting{"pop3", "pop.mail.me.com", 995, tls, ""}, "not-offered pop3 -> "},
		{"no access at all", "tutanota", "", UserSetting{"imap", "imap.tutanota.com", 993, tls, ""}, "no-access imap.tutanota.com -> "},
		{"customer domain", "generic-hoster", "anna@example.org", UserSetting{"imap", "imap.example.org", 993, tls, "anna@example.org"}, ""},
		{"account host", "all-inkl", "", UserSetting{"imap", "w0123456.kasserver.com", 993, tls, ""}, ""},
		{"protocol from the port", "gmx", "", UserSetting{Host: "imap.gmx.net", Port: 993, Security: starttls}, "wrong-security starttls -> tls"},
		{"nobody's host", "", "", UserSetting{"imap", "mail.example.org", 993, tls, ""}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			addr, _ := mailconf.ParseAddress(c.address)
			if domain, ok := strings.CutPrefix(c.address, "@"); ok {
				addr.Domain = domain
			}
			var got []string
			for _, d := range book.Compare(book.Provider(c.provider), addr, []UserSetting{c.user}) {
				got = append(got, fmt.Sprintf("%s %s -> %s", d.Kind, d.Have, d.Want))
				if d.Want != "" && d.Server == nil || (d.Kind == DiffOutdatedHost) != (d.Outdated != nil) || (d.Kind == DiffForeignHost) != (d.Owner != nil) {
					t.Errorf("%s: incomplete: %+v", d.Kind, d)
				}
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), c.want)
			}
		})
	}
}
