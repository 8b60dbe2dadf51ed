package knowledge

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

func TestImportAutoconfig(t *testing.T) {
	f, err := os.Open("autoconfig/testdata/everything.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := ImportAutoconfig(f, "autoconfig")
	if err != nil {
		t.Fatal(err)
	}
	src := []string{"autoconfig"}
	ep := func(p mailconf.Protocol, host string, port uint16, s mailconf.Security) mailconf.Endpoint {
		return mailconf.Endpoint{Protocol: p, Host: host, Port: port, Security: s}
	}
	want := &Provider{
		ID: "example-mail", Name: "Example & Söhne", Kind: "mailbox", Aliases: []string{"Example"},
		Domains: []string{"example.org", "example.com"}, MX: []string{"mx.example.net"},
		Servers: []Server{
			{Endpoint: ep("imap", "mail.{domain}", 993, "tls"), Username: "domain-user", Auth: []string{"oauth2", "password"}, Sources: src},
			{Endpoint: ep("pop3", "pop.example.org", 995, "tls"), Username: "address", Auth: []string{"password-encrypted"}, Sources: src, MinCheckMinutes: 15},
			{Endpoint: ep("exchange", "ews.example.org", 443, "tls"), Username: "address", Auth: []string{"oauth2"}, Sources: src, Via: "ews", URL: "https://ews.example.org/ews/exchange.asmx"},
			{Endpoint: ep("exchange", "ews.example.org", 443, "tls"), Username: "address", Auth: []string{"oauth2"}, Sources: src, URL: "https://ews.example.org/ews/exchange.asmx"},
			{Endpoint: ep("smtp", "smtp.example.org", 587, "starttls"), Username: "domain-user", Auth: []string{"password"}, Sources: src, Restriction: "client-IP-address"},
		},
		Requires: Requires{EnableIMAPPOP: true},
		Notes: []Text{
			{"en": "Older form"},
			{"en": "Switch on IMAP first.", "de": "Schalte IMAP zuerst frei."},
			{"en": "Create a separate password."},
		},
		OAuth: "login.example.org", Webmail: "https://mail.example.org/",
		Docs:    []string{"https://help.example.org/imap", "https://help.example.org/old", "https://mail.example.org/settings", "https://mail.example.org/passwords"},
		Sources: src,
	}
	if !reflect.DeepEqual(got, want) {
		a, _ := json.MarshalIndent(got, "", " ")
		b, _ := json.MarshalIndent(want, "", " ")
		t.Errorf("got %s\nwant %s", a, b)
	}
	sameAfterExport(t, got)
}

// sameAfterExport checks that import → export → import changes nothing.
func sameAfterExport(t *testing.T, p *Provider) {
	t.Helper()
	data, err := ExportAutoconfig(p)
	if err != nil {
		t.Errorf("%s: %v", p.ID, err)
		return
	}
	back, err := ImportAutoconfig(bytes.NewReader(data), p.Sources[0])
	if err != nil {
		t.Errorf("%s: %v", p.ID, err)
		return
	}
	if !reflect.DeepEqual(back, p) {
		a, _ := json.Marshal(p)
		b, _ := json.Marshal(back)
		t.Errorf("%s changed:\n%s\n%s", p.ID, a, b)
	}
}

func TestImportUser(t *testing.T) {
	for in, want := range map[string]mailconf.UserForm{
		"%EMAILADDRESS%":                  mailconf.UserAddress,
		"%EMAILADDRESS":                   mailconf.UserAddress,
		"%EMAILLOCALPART%@%EMAILDOMAIN%":  mailconf.UserAddress,
		"%EMAILLOCALPART%":                mailconf.UserLocalPart,
		"%EMAILLOCALPART%.%EMAILDOMAIN%":  mailconf.UserDomainUser,
		"%EMAILLOCALPART%-%EMAILDOMAIN%":  "{localpart}-{domain}",
		"%EMAILLOCALPART%@mx.example.org": "{localpart}@mx.example.org",
		"anna":                            "other:anna",
	} {
		if got := importUser(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
		if back := importUser(exportUser(importUser(in))); back != want {
			t.Errorf("%s: %s after export", in, back)
		}
	}
}

// TestExportShippedProviders writes every provider in each format and reads it back.
func TestExportShippedProviders(t *testing.T) {
	providers := seedBook(t).Facts().Providers
	folder := fstest.MapFS{}
	for _, p := range providers {
		data, err := ExportYAML(p)
		if err != nil {
			t.Fatal(err)
		}
		folder["providers/"+p.ID+".yaml"] = file(string(data))
		exportable := slices.ContainsFunc(p.Servers, func(s Server) bool { return !strings.Contains(s.Host, "{account}") })
		data, err = ExportAutoconfig(p)
		if (err == nil) != exportable {
			t.Errorf("%s: %v", p.ID, err)
		}
		if err != nil {
			continue
		}
		once, err := ImportAutoconfig(bytes.NewReader(data), p.Sources[0])
		if err != nil {
			t.Errorf("%s: %v", p.ID, err)
			continue
		}
		sameServers(t, p, once)
		sameAfterExport(t, once)
	}
	facts, problems := Load(folder, OriginShipped)
	if errs := Errors(problems); len(errs) > 0 {
		t.Fatal(errs)
	}
	if (Facts{Providers: facts.Providers}).Hash() != (Facts{Providers: providers}).Hash() {
		t.Error("providers changed by writing and reading YAML")
	}
	var buf bytes.Buffer
	if err := ExportCSV(&buf, providers); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&buf).ReadAll()
	if err != nil || len(lines) < 784 {
		t.Errorf("CSV: %d lines, %v", len(lines), err)
	}
}

// sameServers checks that what a mail program needs survives autoconfig.
func sameServers(t *testing.T, want, got *Provider) {
	t.Helper()
	if !slices.Equal(want.Domains, got.Domains) || want.Name != got.Name || want.ID != got.ID {
		t.Errorf("%s: became %s %q", want.ID, got.ID, got.Name)
	}
	for _, w := range want.Servers {
		ok := strings.Contains(w.Host, "{account}") || slices.ContainsFunc(got.Servers, func(g Server) bool {
			described := strings.HasPrefix(string(w.Username), "other:")
			return g.Endpoint == w.Endpoint && (described || g.Username == w.Username) && slices.Equal(g.Auth, w.Auth) && g.MinCheckMinutes == w.MinCheckMinutes
		})
		if !ok {
			t.Errorf("%s: lost %s %s", want.ID, w.Protocol, w.HostPort())
		}
	}
}

func TestExportCSVHoldsNoFormula(t *testing.T) {
	var buf bytes.Buffer
	if err := ExportCSV(&buf, []*Provider{{ID: "x", Name: "=HYPERLINK(1)"}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(buf.String(), "'=HYPERLINK(1)") {
		t.Errorf("got %s", buf.String())
	}
}

// TestImportFolder imports a folder of autoconfig files: our own samples, or
// Thunderbird's database (see TestFolder in package autoconfig), whose servers
// then have to be in the shipped facts.
func TestImportFolder(t *testing.T) {
	ispdb := os.Getenv("MAILHELPBOT_TEST_ISPDB")
	dir := cmp.Or(ispdb, "autoconfig/testdata")
	book := seedBook(t)
	files, _ := filepath.Glob(filepath.Join(dir, "*.xml"))
	known, all := 0, 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ImportAutoconfig(f, "ispdb")
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sameAfterExport(t, p)
		for _, s := range p.Servers {
			all++
			if shipped, _, _ := book.ByHost(s.Host); shipped != nil || strings.Contains(s.Host, "{") {
				known++
			} else if ispdb != "" {
				t.Logf("%s: %s is not in the shipped facts", filepath.Base(name), s.Host)
			}
		}
	}
	t.Logf("%d files, %d of %d servers on known hosts", len(files), known, all)
	if ispdb != "" && known*100 < all*99 {
		t.Error("more than 1 % of the servers are unknown")
	}
}

func FuzzImportAutoconfig(f *testing.F) {
	if data, err := os.ReadFile("autoconfig/testdata/everything.xml"); err == nil {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ImportAutoconfig(bytes.NewReader(data), "fuzz")
		if err != nil || len(p.Servers) == 0 {
			return
		}
		xml, err := ExportAutoconfig(p)
		if err != nil {
			return // all hosts hold {account}
		}
		if _, err := ImportAutoconfig(bytes.NewReader(xml), "fuzz"); err != nil && len(xml) < 64<<10 {
			t.Errorf("cannot read what was written: %v\n%s", err, xml)
		}
	})
}
