package bot

import (
	"strings"
	"testing"
)

func TestLooksSecret(t *testing.T) {
	for _, s := range []string{
		"mein passwort ist Sommer2026! und es geht nicht",
		"Passwort: hund3katze",
		"pw=Tr0ub4dor&3",
		"das kennwort lautet „Blume77“",
		"my password for gmx is correct7horse",
		"password is Xy$$plane",
		"app password: vkqd efgh zplm tnoa",
		"C: AUTH PLAIN AGFubmFAZXhhbXBsZS5vcmcAZ2VoZWlt",
		"a1 LOGIN anna@example.org geheim77",
	} {
		if !looksSecret(s) {
			t.Errorf("gives a password away, but was not seen: %q", s)
		}
	}
	for _, s := range []string{
		"mein passwort ist falsch",
		"Passwort: ********",
		"das Passwort ist richtig, imap.gmx.net lehnt aber ab",
		"my password is incorrect since yesterday",
		"password is rejected by imap4.example.org",
		"Passwort für GMX vergessen, was tun?",
		"which password is meant, 2FA or normal?",
		"Fehler: Passwort ist 0x800CCC92",
		"AUTH PLAIN LOGIN XOAUTH2 werden angeboten",
		"the app password must have more than four char here",
		"user name is anna@example.org, password is my webmail one",
		"",
	} {
		if looksSecret(s) {
			t.Errorf("holds no password, but was taken for one: %q", s)
		}
	}
}

func FuzzLooksSecret(f *testing.F) {
	f.Add("passwort: geheim1")
	f.Fuzz(func(t *testing.T, s string) {
		looksSecret(s)
		if !looksSecret("my password is hunter22x " + strings.ReplaceAll(s, "\n", " ")) {
			t.Error("a password at the beginning was missed")
		}
	})
}
