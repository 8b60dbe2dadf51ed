package match

import (
	"strings"
	"testing"
)

// TestBridgeIsForProtonAlone: setting up any mailbox in a program is no matter
// of Proton's Bridge, and Proton's is.
func TestBridgeIsForProtonAlone(t *testing.T) {
	m := New(testBook(t))
	for _, text := range []string{
		"posteo in thunderbird einrichten", "strato in outlook einrichten", "bt mail in outlook",
		"mailbox.org in apple mail", "add my aol account to thunderbird", "freenet auf dem iphone einrichten",
	} {
		if got := m.Match(text, Context{}); got.Topic == "proton-bridge" {
			t.Errorf("%q: %s", text, got.Topic)
		}
	}
	for _, text := range []string{"proton in thunderbird einrichten", "set up protonmail in outlook"} {
		if got := m.Match(text, Context{}); got.Topic != "proton-bridge" {
			t.Errorf("%q: %s", text, got.Topic)
		}
	}
	for _, line := range m.Match("posteo bridge einrichten", Context{Explain: true}).Evidence {
		if strings.Contains(line, "-700") {
			t.Errorf("a veto is no weight: %s", line)
		}
	}
}

// TestAppPasswordOfGmail: the words "Gmail app password" name no program.
func TestAppPasswordOfGmail(t *testing.T) {
	m := New(testBook(t))
	for text, topic := range map[string]string{
		"gmail app passwort": "app-password", "create a gmail app password": "app-password", "gmail app einrichten": "add-account",
	} {
		got := m.Match(text, Context{})
		if got.Topic != topic || (topic == "app-password") != (got.Client == "") {
			t.Errorf("%q: topic %q, program %q", text, got.Topic, got.Client)
		}
	}
}
