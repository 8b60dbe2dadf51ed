package match

import "testing"

// Words that are something else beside other words.
func TestSlips(t *testing.T) {
	m := New(testBook(t))
	for text, want := range map[string]struct {
		reply                      bool
		provider, client, protocol string
	}{
		"did you get my email?":                     {false, "", "", ""},
		"have you received my mail from yesterday?": {false, "", "", ""},
		"Hast du meine Mail bekommen?":              {false, "", "", ""},
		"Haben Sie meine E-Mail gelesen?":           {false, "", "", ""},
		"TB":                                        {false, "", "", ""},
		"the new disk has 2 TB":                     {false, "", "", ""},
		"GMX in TB einrichten":                      {true, "gmx", "thunderbird", ""},
		"TB fragt dauernd nach dem Passwort":        {true, "", "thunderbird", ""},
		"Welche IMAP-Daten hat GMX?":                {true, "gmx", "", "imap"},
		"what SMTP server does gmx have?":           {true, "gmx", "", "smtp"},
	} {
		in := m.Match(text, Context{})
		if in.Reply != want.reply || in.Reply && (in.Provider != want.provider || in.Client != want.client || string(in.Protocol) != want.protocol) {
			t.Errorf("%q: %+v", text, in)
		}
	}
	for _, text := range []string{"wie richte ich Thunderbird ein?", "how do I set up Outlook?"} {
		if in := m.Match(text, Context{}); in.Topic != "add-account" {
			t.Errorf("%q: topic %s", text, in.Topic)
		}
	}
	for _, text := range []string{"a password window pops up all the time", "beim Senden geht ein Pop-up auf", "login window keeps popping up, pop up again and again"} {
		if in := m.Match(text, Context{}); in.Protocol == "pop3" {
			t.Errorf("%q was read as POP3", text)
		}
	}
	for _, text := range []string{"Welche IMAP-Daten hat GMX?", "Wie lautet der IMAP-Server von GMX?", "what SMTP server does gmx have?", "welche werte hat web.de für smtp?"} {
		if in := m.Match(text, Context{}); in.Confidence < 0.95 {
			t.Errorf("%q: confidence %.2f", text, in.Confidence)
		}
	}
}

// A slip in a name that is written with a hyphen, and words that only look so.
func TestSlipsBesideAHyphen(t *testing.T) {
	m := New(testBook(t))
	for text, want := range map[string]string{
		"imap server t-onlin":          "t-online",
		"T-Onlien Postausgang":         "t-online",
		"smtp für t-onlne?":            "t-online",
		"pop3 g-mial":                  "gmail",
		"smtp header x-mail":           "",
		"imap e-maile":                 "",
		"Ich kann t offline nicht":     "",
		"imap server geht i-wie nicht": "",
	} {
		if in := m.Match(text, Context{}); in.Provider != want {
			t.Errorf("%q: provider %q, want %q", text, in.Provider, want)
		}
	}
}
