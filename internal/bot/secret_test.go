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
		// in sentences
		"ich habe das passwort auf Sommer2026! geändert",
		"I changed the password to Summer2026!",
		"mein neues Passwort Sommer2026! geht auch nicht",
		"password for gmx: hunter22",
		"Passwort jetzt: 12345678",
		"pw -> Blume77",
		"das passwort lautet \"sonnenschein\"",
		"password is 'sunshine'",
		"Zugangsdaten: anna77x!",
		"credentials = Xy77zz!",
		// with the address
		"anna@example.org / Sommer2026!",
		"anna@example.org:Sommer2026!",
		"anna@example.org Sommer2026!",
		"login anna@example.org mit Tr0ub4dor&3 klappt nicht",
		// configuration and commands
		"smtp_password = geheim",
		"MAIL_PASSWORD=geheim77",
		"{\"user\":\"anna\",\"password\":\"geheim\"}",
		"<password>geheim</password>",
		"curl -u anna:geheim imaps://imap.example.org",
		"imaps://anna:geheim@imap.example.org/",
		"swaks --auth-password geheim -t x",
		"mailhelpbot test --password geheim gmx",
		// logs and tokens
		"a1 LOGIN anna geheim",
		"USER anna\nPASS geheim\n",
		"C: PASS geheim",
		"334 UGFzc3dvcmQ6\nZ2VoZWlt",
		"Authorization: Basic YW5uYTpnZWhlaW0=",
		"Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
		"ya29.a0AfH6SMBabcdefghijklmnopqrstuv",
		"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
		"token xoxb-123456789012-abcdefghij",
		"-----BEGIN RSA PRIVATE KEY-----",
		"Apple App-Passwort: vkqd-efgh-zplm-tnoa",
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
		"Passwort lautet anders als bei Webmail",
		"wie lautet mein passwort?",
		"mein passwort ist \"falsch\"",
		"it says password is \"incorrect\"",
		"Password: <your password>",
		"smtp_password = ***",
		"smtp_password = your-password",
		"password=required",
		"IMAP imap.gmx.net 993 SSL, Passwort: normales Passwort",
		"anna@example.org imap.example.org 993 SSL/TLS",
		"anna@example.org Outlook2016 fragt dauernd",
		"anna@example.org und Thunderbird115 gehen nicht",
		"anna@example.org auf dem iPhone15 einrichten",
		"anna@example.org 0x800CCC0E",
		"a1 NO LOGIN failed",
		"a1 OK LOGIN completed",
		"LOGIN failed for user anna",
		"Intranet Login geht nicht",
		"mein passwort spinnt!",
		"Can you send me my password again?",
		"Mein Passwort vergessen!",
		"S: 334 UGFzc3dvcmQ6",
		"-ERR PASS failed",
		"+OK PASS accepted maybe",
		"535 5.7.8 Error: authentication failed",
		"AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2 SASL-IR",
		"Passwort auf dem iPhone ändern",
		"password to outlook does not work",
		"how do I change my password in Thunderbird 115?",
		"neues Passwort eingegeben, geht nicht",
		"my old password still works in Outlook2019",
		"app-passwort bei gmail erstellen wie?",
		"https://hilfe.gmx.net/passwort/aendern.html",
		"Bearer tokens and Basic authentication are off",
		"Login: anna@example.org",
		"Login-Daten: wo finde ich die?",
		"Zugangsdaten: siehe Willkommensmail",
		"pass auf: Port 993",
		"PW: habe ich vergessen",
		"Kennwort: erforderlich",
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

// TestSecretArgument types passwords behind commands that name servers.
func TestSecretArgument(t *testing.T) {
	b := &Bot{}
	b.Learn(tieBook(), nil)
	for args, want := range map[string]bool{
		"post Sommer2026!": true, "post imap hunter22x": true, "anna@post.com geheim77": true, "imap.post.com Xy!77abc smtp": true,
		"anna@post.com:geheim": true, "imap://anna:geheim@post.com": true, "anna:geheim@post.com imap": true, "anna@post.com:993": false,
		"post passwort=geheim77": true, "post.com login 12345678": true,
		"post": false, "post imap": false, "post login": false, "imap.post.com:993": false, "hunter22x": false,
		"smtp.post.com 587 starttls": false, "smtp.post.com 25 none": false, "imap post.com all": false, "anna@post.com smtp": false, "hoster post": false,
		"warum fragt outlook2016 bei post immer nach dem passwort": false,
	} {
		if got := b.SecretArgument(args); got != want {
			t.Errorf("%q: %v", args, got)
		}
	}
}

// TestCommandWithPassword holds that nothing of it is repeated, and that its
// writer alone is told.
func TestCommandWithPassword(t *testing.T) {
	b := &Bot{}
	b.Learn(tieBook(), nil)
	for _, name := range []string{"test", "settings", "testen"} {
		v := &view{bot: b, mind: b.mind.Load(), book: b.Book(), lang: "de"}
		var got []Answer
		v.command(t.Context(), Message{Kind: KindCommand}, Command{Name: name, Args: "post geheim77x!"}, func(a Answer) bool { got = append(got, a); return true })
		if len(got) != 1 || !got[0].Private || strings.Contains(PlainText(got[0]), "geheim77x") || !strings.Contains(PlainText(got[0]), "mailhelpbot test --auth") {
			t.Errorf("/%s: %+v", name, got)
		}
	}
}
