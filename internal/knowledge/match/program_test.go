package match

import "testing"

func TestProgram(t *testing.T) {
	m := New(testBook(t))
	for _, c := range []struct{ text, client, provider string }{
		{"OL365 sendet keine Mails mehr", "outlook", ""},
		{"OL 2016 kann den Server nicht finden", "outlook", ""},
		{"Outlook (new) imap account error", "new-outlook", ""},
		{"im neuen Outlook kann ich kein IMAP-Konto einrichten", "new-outlook", ""},
		{"Outlook.com nimmt mein Passwort nicht in Thunderbird", "thunderbird", "outlook"},
		{"passwort für mein outlook konto vergessen", "", "outlook"},
		{"GMX in der Gmail-App einrichten", "android-gmail", "gmx"},
		{"mein gmail nimmt das passwort nicht an", "", "gmail"},
		{"the mail app on Windows 11 cannot sync", "windows-mail", ""},
		{"the mail app on my iPad says cannot get mail", "ios-mail", ""},
		{"die Mail App auf meinem Xiaomi holt keine Mails ab", "", ""},
		{"die E-Mail-App auf meinem Samsung empfängt nichts", "samsung-mail", ""},
		{"Mail auf dem Mac verbindet nicht mit dem Server", "apple-mail", ""},
		{"I am moving from Outlook to Thunderbird, how do I add my GMX account?", "thunderbird", "gmx"},
		{"in Thunderbird geht GMX, nur in Outlook nicht", "outlook", "gmx"},
		{"seit ich NordVPN benutze kann ich keine Mails senden", "", ""},
		{"my mail app says that the password is wrong", "", ""},
		{"die Mail-App holt keine Mails mehr ab", "", ""},
		{"Mail.app cannot verify the certificate", "apple-mail", ""},
		{"mail works on my iPhone, but here nothing comes in any more", "", ""},
		{"mail works in Thunderbird, but on my iPhone nothing comes in", "ios-mail", ""},
		{"settings for user@example.com", "", ""},
	} {
		in := m.Match(c.text, Context{})
		if in.Client != c.client || in.Provider != c.provider {
			t.Errorf("%q: program %q, provider %q; want %q, %q", c.text, in.Client, in.Provider, c.client, c.provider)
		}
	}
}
