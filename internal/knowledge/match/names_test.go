package match

import (
	"strings"
	"testing"
)

// slots is what a message names.
type slots struct{ provider, client, protocol string }

func testSlots(t *testing.T, m *Matcher, cases map[string]slots) {
	t.Helper()
	for text, want := range cases {
		in := m.Match(text, Context{})
		if got := (slots{in.Provider, in.Client, string(in.Protocol)}); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

// TestSlots is what messages name; one trained matcher serves all.
func TestSlots(t *testing.T) {
	m := New(testBook(t))
	for name, test := range map[string]func(*testing.T, *Matcher){
		"mistyped": mistypedNames, "misspelt domain": misspeltDomain, "by name alone": knownByName, "no provider": noProvider,
		"everyday words": everydayWords, "outlook": outlook, "protocol": protocol, "silence": fillsNothingFromSilence,
	} {
		t.Run(name, func(t *testing.T) { test(t, m) })
	}
}

// Names as they are mistyped, torn apart and joined.
func mistypedNames(t *testing.T, m *Matcher) {
	testSlots(t, m, map[string]slots{
		"yaho imap geht nicht":                                  {"yahoo", "", "imap"},
		"mein gmai Konto will in Outlook nicht":                 {"gmail", "outlook", ""},
		"gmxx lässt mich nicht rein":                            {"gmx", "", ""},
		"mit Thundbird komme ich nicht an mein Postfach":        {"", "thunderbird", ""},
		"cannot log in to protnmial":                            {"protonmail", "", ""},
		"mein arcormail Postfach nimmt das Passwort nicht":      {"vodafone-de", "", ""},
		"das gmxkonto wird nicht abgerufen":                     {"gmx", "", ""},
		"karl@t -online.de kann sich nicht anmelden":            {"t-online", "", ""},
		"my address is lena@ web.de, login fails":               {"web-de", "", ""},
		"wrong password for ida@outlok.com":                     {"outlook", "", ""},
		"Passwort falsch bei ida@t-onlne.de":                    {"t-online", "", ""},
		"login fails for ida@gmail.con":                         {"gmail", "", ""},
		"smtp.gmial.com is not found":                           {"gmail", "", "smtp"},
		"login fails for ida@outlokk-partner.com":               {"outlokk-partner.com", "", ""},
		"login fails for ida@grail.com":                         {"grail.com", "", ""},
		"cannot open {outlook.office365.com:993/imap/ssl/user}": {"microsoft365", "", "imap"},
		"mail.rabenhof-it.de:25 connection refused":             {"rabenhof-it.de", "", "smtp"},
	})
}

// What a misspelt domain was read as is told.
func misspeltDomain(t *testing.T, m *Matcher) {
	in := m.Match("wrong password for ida@outlok.com, what now?", Context{})
	if in.Misspelt != "outlok.com" || in.Meant != "outlook.com" {
		t.Errorf("read %q as %q", in.Misspelt, in.Meant)
	}
	if in := m.Match("wrong password for ida@outlook.com, what now?", Context{}); in.Misspelt+in.Meant != "" {
		t.Errorf("read %q as %q", in.Misspelt, in.Meant)
	}
}

// Providers of which only the name is known.
func knownByName(t *testing.T, m *Matcher) {
	testSlots(t, m, map[string]slots{
		"my Bluehost mailbox rejects the password":               {"bluehost", "", ""},
		"cannot send mail through Network Solutions":             {"networksolutions", "", "smtp"},
		"Mailfence in Thunderbird einrichten":                    {"mailfence", "thunderbird", ""},
		"GoDaddy nimmt mein Passwort nicht":                      {"godaddy", "", ""},
		"my RCN account asks for the password again and again":   {"rcn", "", ""},
		"seit der Umstellung geht die Microsoft-Adresse nicht":   {"outlook", "", ""},
		"ATT/Yahoo rejects my password":                          {"att", "", ""},
		"a frontier we have not crossed, the mailbox asks again": {"", "", ""},
		"login fails for ida@cox.net":                            {"cox", "", ""},
		"the new website builder at wix looks nice":              {"", "", ""},
	})
	for text, domain := range map[string]string{"imap settings for mailfence": "mailfence.com", "imap settings for bluehost": ""} {
		if in := m.Match(text, Context{}); in.Domain != domain {
			t.Errorf("%q: domain %q, want %q", text, in.Domain, domain)
		}
	}
	for _, h := range readHosters(hostersData) {
		if p := m.reader.book.Provider(h.id()); p != nil {
			t.Errorf("%s has a record, so it need not be known by name alone", h.id())
		}
		if h.domain != "" && registrable(h.domain) != h.domain {
			t.Errorf("%s: %q is no domain", h.id(), h.domain)
		}
	}
}

// Words of other meanings, and the providers of other people.
func noProvider(t *testing.T, m *Matcher) {
	testSlots(t, m, map[string]slots{
		"since I use Proton VPN, mail in Thunderbird times out":                  {"", "thunderbird", ""},
		"Google Chrome opens, but Thunderbird cannot get mail":                   {"", "thunderbird", ""},
		"von web.de kommen Mails an GMX-Empfänger mit 550 zurück":                {"web-de", "", "smtp"},
		"I cannot send mail to Yahoo addresses from my GMX account, they bounce": {"gmx", "", "smtp"},
		"I cannot send mail to Yahoo addresses, they bounce with 554":            {"yahoo", "", "smtp"},
		"mx.freenet.de rejects my password when I send":                          {"freenet", "", "smtp"},
		"mail refused: host mx01.beispielfirma-nord.de said: 550":                {"", "", "smtp"},
		"I moved my mails to Gmail, now the inbox is empty":                      {"gmail", "", ""},
		"connect to my Gmail account fails in Thunderbird":                       {"gmail", "thunderbird", ""},
		"certificate is not valid for imap.servername.de":                        {"", "", "imap"},
		"I can see those folders in my mailbox but not these":                    {"", "", ""},
		"mxtoolbox.com says my mail server is listed":                            {"", "", ""},
	})
}

// everyday are words that lie beside a name and mean something else.
const everyday = `those thyme actions lives living powers planets loves lovers armor photon postcode navel bravo goner grind ramble
	milch karten kasten konsole konsolen kassierer wende weide liebe milde mitte meint telefonisch telefonieren speicherte amazone
	weekly webcam blunder embark optus transit lowest context kontext numerical kabellos encourage chartered earthling thunderbolt
	never server clever fever cloud clouds outline outlets apples freezer freund freunde macht nacht male mailen exchange changed
	hotel posten lines lions million unions icons gold mold gmbh yard yahrzeit alone abroad strata state stats spectral evolving`

// everydayWords holds that ordinary words are neither providers nor programs.
func everydayWords(t *testing.T, m *Matcher) {
	n := m.reader.names
	for w := range strings.FieldsSeq(everyday) {
		if w == "optus" {
			continue // a provider: here to show that the test would notice
		}
		_, e := n.findEntities(tokenize(w), nil)
		if len(e.providers)+len(e.clients) > 0 {
			t.Errorf("%q is read as %+v %+v", w, e.providers, e.clients)
		}
	}
	if _, e := n.findEntities(tokenize("optus"), nil); len(e.providers) != 1 {
		t.Error("optus is not read as a provider")
	}
}

// Outlook is a program and a mailbox.
func outlook(t *testing.T, m *Matcher) {
	testSlots(t, m, map[string]slots{
		"Outlook pop: cannot get mail":                                   {"", "outlook", "pop3"},
		"the Outlook SMTP server refuses basic authentication":           {"outlook", "", "smtp"},
		"Outlook imap mit GMX geht nicht, Passwort falsch":               {"gmx", "outlook", "imap"},
		"logging into Outlook fails although the password is right":      {"outlook", "", ""},
		"adding my Outlook account fails, the Outlook preset is wrong":   {"outlook", "", ""},
		"Outlook and Gmail no longer work with Thunderbird":              {"outlook", "thunderbird", ""},
		"in Outlook 2016 my mailbox asks for the password":               {"", "outlook", ""},
		"Outlook email arrives late":                                     {"", "outlook", ""},
		"Thunderbird mit Outlook-Konto verbinden geht nicht":             {"outlook", "thunderbird", ""},
		"my outlook mails do not arrive in Thunderbird":                  {"outlook", "thunderbird", ""},
		"outlook.com/live.com: the password is not accepted for the app": {"outlook", "", ""},
	})
}

// A protocol is named, implied, or one of two that is not wanted.
func protocol(t *testing.T, m *Matcher) {
	testSlots(t, m, map[string]slots{
		"bekomme keine Mail versendet":                                        {"", "", "smtp"},
		"bekomme keine Mails und kann keine senden":                           {"", "", ""},
		"bei der Versendung kommt immer wieder die Passwortabfrage":           {"", "", "smtp"},
		"I get an error when I try to send mail":                              {"", "", "smtp"},
		"I can get mail, but cannot send. Security is none for IMAP and SMTP": {"", "", "smtp"},
		"I enabled IMAP/POP3 at GMX, but the IMAP login fails":                {"gmx", "", "imap"},
		"I cannot get mail by POP and do not want to use IMAP":                {"", "", "pop3"},
		"everything I write to my sister bounces as spam":                     {"", "", "smtp"},
		"client host [198.51.100.7] blocked using zen.spamhaus.org":           {"", "", "smtp"},
		"how do I forward all mails to my son":                                {"", "", ""},
		"my IP address is blacklisted, I cannot open the mailbox":             {"", "", ""},
		"the VPN stops the sending of my mails in Thunderbird":                {"", "thunderbird", "smtp"},
		"Postfach voll, kann auch nichts mehr versenden":                      {"", "", ""},
		"Sender address rejected: not owned by user. We fetch by POP3":        {"", "", "smtp"},
		"neither the incoming nor the outgoing server is found":               {"", "", ""},
	})
}

func fillsNothingFromSilence(t *testing.T, m *Matcher) {
	in := m.Match("wir sind mit GMX und Thunderbird sehr zufrieden, der Kuchen war lecker", Context{Provider: "yahoo", Client: "outlook"})
	if in.Reply || in.Provider != "gmx" || in.Client != "thunderbird" {
		t.Errorf("%+v", in)
	}
	if in := m.Match("der Kuchen war lecker", Context{Provider: "yahoo"}); in.Provider != "" {
		t.Errorf("%+v", in)
	}
}
