package main

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// askAll opens the program once and returns how it answers `ask --json`.
func askAll(t *testing.T) (*knowledge.Book, func(text string) askResult) {
	t.Helper()
	env, faults := readSettings([]string{"LANG=en_US.UTF-8", "MAILHELPBOT_DB=:memory:"})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var out bytes.Buffer
	in := newInvocation(command{name: "ask"}, env, nil, stdio{strings.NewReader(""), &out, io.Discard})
	a, err := in.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	ask := asker{app: a, in: in, json: true}
	return a.bot.Book(), func(text string) askResult {
		out.Reset()
		if _, err := ask.one(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		var r askResult
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v\n%s", text, err, out.Bytes())
		}
		return r
	}
}

// wantSettings are the servers of a provider as an answer on a domain shows them.
func wantSettings(p *knowledge.Provider, domain string) []bot.SettingFact {
	out := []bot.SettingFact{}
	for _, proto := range []mailconf.Protocol{mailconf.IMAP, mailconf.POP3, mailconf.SMTP} {
		for _, s := range p.Servers {
			if s.Protocol != proto {
				continue
			}
			host, user := s.Host, string(s.Username)
			if domain != "" {
				host = strings.ReplaceAll(host, "{domain}", domain)
				user = strings.ReplaceAll(user, "{domain}", domain)
			}
			out = append(out, bot.SettingFact{
				Protocol: proto, Host: host, Port: s.Port, Security: s.Security,
				Username: user, Auth: s.Auth, Source: strings.Join(s.Sources, ", "), Trust: s.Trust,
			})
		}
	}
	return out
}

// TestEveryProviderAnswers asks for each domain and each name of each provider
// that ships, and wants all its servers, just as the record has them.
func TestEveryProviderAnswers(t *testing.T) {
	book, ask := askAll(t)
	domains := 0
	for _, p := range book.Facts().Providers {
		check := func(name, domain string) {
			r := ask("/settings " + name)
			if r.Provider == nil || *r.Provider != p.ID {
				t.Errorf("%s: provider %v, want %s", name, orNull(r.Provider), p.ID)
				return
			}
			if want := wantSettings(p, domain); !reflect.DeepEqual(r.Settings, want) {
				t.Errorf("%s: got  %+v\nwant %+v", name, r.Settings, want)
			}
		}
		for _, d := range p.Domains {
			domains++
			check(d, d)
		}
		for _, a := range p.Aliases {
			domain := ""
			if book.ByDomain(strings.ToLower(a)) == p && strings.Contains(a, ".") {
				domain = strings.ToLower(a)
			}
			check(a, domain)
		}
		if len(p.Domains) == 0 {
			check(p.ID, "")
		}
	}
	if domains < 1310 {
		t.Errorf("%d domains were asked for; 1310 ship", domains)
	}
}

// TestShortNames asks for the names that several records share or nearly share.
func TestShortNames(t *testing.T) {
	_, ask := askAll(t)
	for name, want := range map[string]string{
		"yahoo": "yahoo", "yahoo.co.jp": "yahoo-co-jp", "gmx": "gmx", "gmx.com": "gmx-com",
		"ionos": "ionos", "ionos.com": "ionos-com", "1und1": "1und1", "1&1": "1und1",
		"zoho": "zoho", "zoho mail": "zoho", "zoho.eu": "zoho-eu", "zoho.in": "zoho-in",
		"vodafone": "vodafone-de", "arcor": "vodafone-de", "kabelmail": "vodafone-de", "vodafone.it": "vodafone",
		"outlook.com": "outlook", "hotmail": "outlook", "office365": "microsoft365", "microsoft 365": "microsoft365",
		"o2": "o2-de", "o2.pl": "o2-pl", "mail.com": "mail-com", "mail.de": "mail-de",
	} {
		for _, text := range []string{"/settings " + name, "how do i set up " + name + " in outlook", "wie richte ich " + name + " in outlook ein?"} {
			if r := ask(text); r.Provider == nil || *r.Provider != want {
				t.Errorf("%s: provider %s, want %s", text, orNull(r.Provider), want)
			}
		}
	}
	for name, want := range map[string]string{"live": "outlook", "mailbox": "mailbox-org"} { // domains without their ending
		if r := ask("/settings " + name); r.Provider == nil || *r.Provider != want {
			t.Errorf("/settings %s: provider %s, want %s", name, orNull(r.Provider), want)
		}
	}
}

func orNull(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}
