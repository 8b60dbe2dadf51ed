package match

import "testing"

// TestOtherSubjects holds what a channel says in words of mail and nobody wants
// an answer to, beside what sounds alike and is about setting mail up.
func TestOtherSubjects(t *testing.T) {
	m := New(testBook(t))
	for _, c := range []struct {
		text, lang string
		reply      bool
	}{
		{"Das Kontaktformular unserer Webseite meldet einen SMTP-Fehler beim Testversand", "de", false},
		{"our self hosted tracker fails at 'send test email', smtp is set in the yaml", "en", false},
		{"Der Senden-Button im Fenster ist ausgegraut", "de", false},
		{"How do I encrypt a message so that only my lawyer can read it?", "en", false},
		{"Wie verschlüssele ich eine einzelne Nachricht?", "de", false},
		{"Can the trash be emptied automatically? empty trash on exit does nothing", "en", false},
		{"Ich komme in mein Postfach nicht mehr rein", "de", true},
		{"SSL oder STARTTLS: welche Verschlüsselung brauche ich für den Postausgangsserver?", "de", true},
		{"Thunderbird cannot send, SMTP connection times out", "en", true},
	} {
		if in := m.Match(c.text, Context{}); (in.Reply || in.Clarify) != c.reply {
			t.Errorf("%q: %s %s, confidence %.2f; said something is %v, want %v", c.text, in.Kind, in.Topic, in.Confidence, !c.reply, c.reply)
		}
	}
}

// TestEndedPrograms holds that a vague complaint about a program that has ended
// is answered, where the same about another one is asked back.
func TestEndedPrograms(t *testing.T) {
	m := New(testBook(t))
	for _, text := range []string{"Entourage won't connect to my gmx account", "windows phone cannot get my mail any more", "Windows Live Mail ruft keine Mails mehr ab"} {
		if in := m.Match(text, Context{Addressed: true}); !in.Reply || in.Clarify {
			t.Errorf("%q: reply %v, question %v; want an answer", text, in.Reply, in.Clarify)
		}
	}
}

// TestEncryptedConnection holds that who wants to switch encryption on in any
// mail program is told how, ended programs included.
func TestEncryptedConnection(t *testing.T) {
	book := testBook(t)
	m := New(book)
	for _, c := range book.Facts().Clients {
		for _, text := range []string{
			"Wo stelle ich bei " + c.NameIn("de") + " die verschlüsselte Verbindung ein?",
			c.NameIn("de") + ": wie schalte ich SSL für meine E-Mails an",
			"how do I turn SSL/TLS on in " + c.NameIn("en"),
		} {
			in := m.Match(text, Context{})
			if !in.Reply || in.Topic != "ssl-vs-starttls" && in.Topic != "encrypted-connection-required" {
				t.Errorf("%q: reply %v, topic %q, confidence %.2f", text, in.Reply, in.Topic, in.Confidence)
			}
		}
	}
}
