package match

import "testing"

// A compound that no utterance holds means what it means written apart.
func TestCompounds(t *testing.T) {
	m := New(testBook(t))
	for text, topic := range map[string]string{
		"Kein Mailempfang":                  "receive-failed-generic",
		"Mailsynchronisierung dauert ewig":  "slow-sync",
		"Emailanhang zu groß":               "message-too-large",
		"Mailweiterleitung einstellen":      "forwarding",
		"gmx: Mailversendung geht nicht":    "send-failed-generic",
		"Postfachkapazität bei WEB.DE voll": "mailbox-full",
	} {
		in := m.Match(text, Context{})
		if in.Topic != topic {
			t.Errorf("%q: topic %q, want %q", text, in.Topic, topic)
		}
	}
	for text, provider := range map[string]string{"Mailempfang bei GMX": "gmx", "GMX Mailempfangsproblem, und smtp von WEB.DE": "gmx"} {
		if in := m.Match(text, Context{}); in.Provider != provider {
			t.Errorf("%q: provider %q, want %q", text, in.Provider, provider)
		}
	}
	for _, text := range []string{"Mailchimp Kampagne", "Mailand im Frühling", "die Mailbox vom Handy ist an"} {
		if in := m.Match(text, Context{}); in.Reply {
			t.Errorf("%q is answered: %+v", text, in)
		}
	}
}
