package knowledge

import (
	"strings"
	"sync"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// loadSeed loads the seed once for all tests, which only read it.
var loadSeed = sync.OnceValues(func() (*Book, []Problem) {
	facts, problems := Load(Seed(), OriginShipped)
	return NewBook(facts), problems
})

func seedBook(t testing.TB) *Book {
	t.Helper()
	book, problems := loadSeed()
	if errs := Errors(problems); len(errs) > 0 {
		t.Fatal(errs[0])
	}
	return book
}

// TestSeedProvidersComplete holds the size of the first filling: records may be
// added and corrected, but none may get lost.
func TestSeedProvidersComplete(t *testing.T) {
	domains, servers := 0, 0
	providers := seedBook(t).Facts().Providers
	for _, p := range providers {
		domains += len(p.Domains)
		servers += len(p.Servers)
		for _, s := range append(p.Servers[:len(p.Servers):len(p.Servers)], p.Outdated...) {
			if len(s.Sources) == 0 || s.Trust == "" {
				t.Errorf("%s: %s %s names no source or no trust", p.ID, s.Protocol, s.HostPort())
			}
			if strings.Contains(s.Host, "{account}") && len(p.Notes) == 0 {
				t.Errorf("%s: no note tells what {account} is", p.ID)
			}
		}
		if len(p.Servers) == 0 && len(p.Notes) == 0 {
			t.Errorf("%s: neither servers nor a note", p.ID)
		}
	}
	if len(providers) < 311 || domains < 1310 || servers < 784 {
		t.Errorf("the seed holds %d providers, %d domains, %d servers; expected at least 311, 1310, 784", len(providers), domains, servers)
	}
}

// TestSeedWeakRecordsSaySo checks that a record that is plaintext-only or rests
// on low trust alone carries a note.
func TestSeedWeakRecordsSaySo(t *testing.T) {
	for _, p := range seedBook(t).Facts().Providers {
		plain, low := len(p.Servers) > 0, len(p.Servers) > 0
		for _, s := range p.Servers {
			plain = plain && s.Security == mailconf.Plain
			low = low && s.Trust == "low"
		}
		if (plain || low) && len(p.Notes) == 0 {
			t.Errorf("%s is weak (plaintext only: %v, low trust only: %v) and has no note", p.ID, plain, low)
		}
	}
}

// TestSeedFacts checks facts that people mix up most.
func TestSeedFacts(t *testing.T) {
	book := seedBook(t)
	cases := []struct {
		domain   string
		protocol mailconf.Protocol
		hostPort string
		security mailconf.Security
		username mailconf.UserForm
		auth     string // first
	}{
		{"gmx.de", mailconf.IMAP, "imap.gmx.net:993", mailconf.TLS, mailconf.UserAddress, "password"},
		{"gmx.de", mailconf.SMTP, "mail.gmx.net:465", mailconf.TLS, mailconf.UserAddress, "password"},
		{"gmx.com", mailconf.SMTP, "mail.gmx.com:465", mailconf.TLS, mailconf.UserAddress, "password"},
		{"web.de", mailconf.POP3, "pop3.web.de:995", mailconf.TLS, mailconf.UserLocalPart, "password"},
		{"t-online.de", mailconf.SMTP, "securesmtp.t-online.de:465", mailconf.TLS, mailconf.UserAddress, "password"},
		{"magenta.de", mailconf.IMAP, "secureimap.t-online.de:993", mailconf.TLS, mailconf.UserAddress, "password"},
		{"freenet.de", mailconf.IMAP, "mx.freenet.de:993", mailconf.TLS, mailconf.UserAddress, "password"},
		{"hotmail.de", mailconf.IMAP, "outlook.office365.com:993", mailconf.TLS, mailconf.UserAddress, "oauth2"},
		{"outlook.de", mailconf.SMTP, "smtp-mail.outlook.com:587", mailconf.STARTTLS, mailconf.UserAddress, "oauth2"},
		{"gmail.com", mailconf.IMAP, "imap.gmail.com:993", mailconf.TLS, mailconf.UserAddress, "oauth2"},
		{"icloud.com", mailconf.IMAP, "imap.mail.me.com:993", mailconf.TLS, mailconf.UserLocalPart, "password"},
		{"icloud.com", mailconf.SMTP, "smtp.mail.me.com:587", mailconf.STARTTLS, mailconf.UserAddress, "password"},
		{"arcor.de", mailconf.IMAP, "imap.vodafonemail.de:993", mailconf.TLS, mailconf.UserAddress, "password"},
		{"kabelmail.de", mailconf.SMTP, "smtp.vodafonemail.de:465", mailconf.TLS, mailconf.UserAddress, "password"},
		{"online.de", mailconf.IMAP, "imap.1und1.de:993", mailconf.TLS, mailconf.UserAddress, "password"},
		{"charter.net", mailconf.SMTP, "mobile.charter.net:587", mailconf.TLS, mailconf.UserAddress, "password"},
	}
	for _, c := range cases {
		p := book.ByDomain(c.domain)
		if p == nil {
			t.Errorf("%s: unknown", c.domain)
			continue
		}
		for _, s := range p.Servers {
			if s.Protocol != c.protocol {
				continue
			}
			if s.HostPort() != c.hostPort || s.Security != c.security || s.Username != c.username || s.Auth[0] != c.auth {
				t.Errorf("%s %s: got %s %s %s %v", c.domain, c.protocol, s.HostPort(), s.Security, s.Username, s.Auth)
			}
			break
		}
	}
}
