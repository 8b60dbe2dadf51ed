package autoconfig

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseEverything(t *testing.T) {
	data, err := os.ReadFile("testdata/everything.xml")
	if err != nil {
		t.Fatal(err)
	}
	got := mustParse(t, string(data))
	want := &Config{
		Version: "1.1", ID: "Example-Mail", DisplayName: "Example & Söhne", ShortName: "Example",
		Domains: []string{"example.org", "example.com"}, MX: []string{"mx.example.net"},
		Incoming: []Server{
			{
				Type: "imap", Host: "mail.%EMAILDOMAIN%", Port: 993, SocketType: "SSL", Username: "%EMAILLOCALPART%.%EMAILDOMAIN%",
				Auth: []Auth{{"OAuth2", ""}, {"password-cleartext", "sasl"}},
			},
			{
				Type: "pop3", Host: "pop.example.org", Port: 995, SocketType: "SSL", Username: "%EMAILADDRESS%",
				Auth: []Auth{{"password-encrypted", ""}}, POP3: &POP3{LeaveOnServer: new(true), CheckMinutes: 15},
			},
			{Type: "ews", Username: "%EMAILADDRESS", Auth: []Auth{{"OAuth2", ""}}, URL: "https://ews.example.org/ews/exchange.asmx"},
			{
				Type: "exchange", Host: "ews.example.org", Port: 443, SocketType: "SSL", Username: "%EMAILADDRESS%", Auth: []Auth{{"OAuth2", ""}},
				OWAURL: "https://ews.example.org/owa/", EWSURL: "https://ews.example.org/ews/exchange.asmx", UseGlobalPreferredServer: true,
			},
			{Type: "telepathy", Host: "brain.example.org"},
		},
		Outgoing: []Server{{
			Type: "smtp", Host: "smtp.example.org", Port: 587, SocketType: "STARTTLS", Auth: []Auth{{"password-cleartext", ""}},
			AddThisServer: true, Restriction: "client-IP-address",
		}},
		Docs:         []Documentation{{"https://help.example.org/imap", []LangText{{"en", "Set up IMAP"}, {"de", "IMAP einrichten"}, {"", "Without language"}}}},
		Instructions: []Documentation{{"https://help.example.org/old", []LangText{{"en", "Older form"}}}},
		Enable: []Enable{
			{"https://mail.example.org/settings", []LangText{{"", "Switch on IMAP first."}, {"de", "Schalte IMAP zuerst frei."}}},
			{"https://mail.example.org/passwords", []LangText{{"en", "Create a separate password."}}},
		},
		OAuth2: []OAuth2{{"login.example.org", "https://mail.example.org/", "https://login.example.org/auth", "https://login.example.org/token"}},
		WebMail: &WebMail{"https://mail.example.org/", &LoginPageInfo{
			URL: "https://mail.example.org/login", WaitForRedirect: "https://mail.example.org/in", Username: "%EMAILADDRESS%",
			UsernameField: Field{"user", "login"}, PasswordField: Field{"", "pass"}, LoginButton: Field{"go", ""},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	roundTrip(t, got)
}

// roundTrip checks that a configuration survives writing and reading.
func roundTrip(t *testing.T, c *Config) {
	t.Helper()
	var buf bytes.Buffer
	if err := c.Write(&buf); err != nil {
		t.Fatal(err)
	}
	if buf.Len() > MaxSize {
		return // escaping may make a file grow beyond what Parse takes
	}
	back, err := Parse(bytes.NewReader(buf.Bytes()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, buf.Bytes())
	}
	if !reflect.DeepEqual(back, c) {
		t.Errorf("changed by a round trip:\n%+v\n%+v\n%s", c, back, buf.Bytes())
	}
}

// wrap puts text into the smallest valid file.
func wrap(text string) string {
	return `<clientConfig version="1.1"><emailProvider id="x">` + text + `</emailProvider></clientConfig>`
}

func TestParseEncodings(t *testing.T) {
	body := wrap("<displayName>Grüße</displayName>")
	latin, err := charmap.ISO8859_1.NewEncoder().String(`<?xml version="1.0" encoding="ISO-8859-1"?>` + body)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(`<?xml version="1.0" encoding="UTF-16"?>` + body)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"UTF-16":         wide,
		"no declaration": body,
		"UTF-8":          `<?xml version="1.0" encoding="utf-8"?>` + body,
		"byte order":     "\ufeff" + `<?xml version="1.0" encoding="UTF-8"?>` + body,
		"Latin 1":        latin,
	} {
		c, err := Parse(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.DisplayName != "Grüße" {
			t.Errorf("%s: got %q", name, c.DisplayName)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + wrap("<displayName>&b;</displayName>")
	for name, c := range map[string]struct {
		text string
		want error // nil: any error
	}{
		"empty":          {"", ErrNoConfig},
		"web page":       {"<!DOCTYPE html><html><body><p>Not found</p></body></html>", ErrNoConfig},
		"no provider":    {`<clientConfig version="1.1"></clientConfig>`, ErrNoConfig},
		"too large":      {wrap("<displayName>" + strings.Repeat("x", MaxSize) + "</displayName>"), ErrTooLarge},
		"too deep":       {wrap(strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40)), ErrTooDeep},
		"entity bomb":    {bomb, nil},
		"external":       {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>` + wrap("<displayName>&e;</displayName>"), nil},
		"cut off":        {wrap("<displayName>x")[:60], nil},
		"wrong end":      {wrap("<displayName>x</displayname>"), nil},
		"wrong encoding": {`<?xml version="1.0" encoding="klingon"?>` + wrap(""), nil},
		"not UTF-8":      {wrap("<displayName>\xff</displayName>"), nil},
	} {
		_, err := Parse(strings.NewReader(c.text))
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// TestFolder parses every file of a folder and writes it back: our own samples,
// or Thunderbird's database when MAILHELPBOT_TEST_ISPDB names the ispdb folder
// of a checkout of github.com/thunderbird/autoconfig.
func TestFolder(t *testing.T) {
	dir := cmp.Or(os.Getenv("MAILHELPBOT_TEST_ISPDB"), "testdata")
	files, err := filepath.Glob(filepath.Join(dir, "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse(f)
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		if len(c.Domains) == 0 || c.DisplayName == "" || len(c.Incoming)+len(c.Outgoing) == 0 {
			t.Errorf("%s: incomplete: %+v", filepath.Base(name), c)
		}
		roundTrip(t, c)
	}
	t.Logf("%d files", len(files))
}

func FuzzParse(f *testing.F) {
	if data, err := os.ReadFile("testdata/everything.xml"); err == nil {
		f.Add(data)
	}
	f.Add([]byte(wrap(`<domain purpose="mx"> a </domain><incomingServer type="imap"><pop3/></incomingServer>`)))
	f.Add([]byte("<!DOCTYPE html><html></html>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(bytes.NewReader(data))
		if err != nil {
			return
		}
		roundTrip(t, c)
	})
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/everything.xml")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Parse(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}
