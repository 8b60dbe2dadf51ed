package match

import "testing"

// TestCauseOfErrorText holds what decides between causes when a text speaks of
// several: a code that means one thing before the words around it, the narrower
// of two wordings, the protocol of a refused login, and words with a slip.
func TestCauseOfErrorText(t *testing.T) {
	m := New(testBook(t))
	for text, want := range map[string]string{
		// a code before vague words
		"cannot connect to the outgoing server, socket error 10060": "timeout",
		"connect error 10061": "connection-refused",
		"Verbindung zum Server fehlgeschlagen, Socketfehler: 10054":                       "connection-dropped",
		"server error, could not connect (0x80072EE7)":                                    "dns-failure",
		"Senden nicht möglich: Serverfehler 535, Fehlernummer 0x800CCC79":                 "smtp-auth-failed",
		"Empfänger abgelehnt, Serverfehler 550, Fehlernummer 0x800CCC79, relaying denied": "relay-denied",
		"the connection failed with SSL_ERROR_UNSUPPORTED_VERSION":                        "tls-version-too-old",
		"outlook 365 smtp 535 5.7.139":                                                    "oauth-required",
		"Fehler 0x8OOCCC19 beim Abrufen":                                                  "timeout",
		// the narrower wording
		"verbindung zu imap.gmx.net abgelaufen":                                    "timeout",
		"das Zertifikat von imap.gmx.net ist abgelaufen":                           "cert-expired",
		"certificate verify failed: the certificate has expired":                   "cert-expired",
		"Helo command rejected, host not found; check the recipient and try again": "reverse-dns",
		"cannot open the inbox because another operation is still using it":        "mailbox-locked",
		// the protocol of a refused login
		"login failed on pop.web.de":                                       "wrong-credentials",
		"login failed on smtp.web.de":                                      "smtp-auth-failed",
		"Senden des Passworts an pop.web.de gescheitert: Anmeldung falsch": "wrong-credentials",
		"-ERR no such user":                                                "wrong-credentials",
		"550 no such user here":                                            "recipient-unknown",
		"Das Konto antwortete dem Programm, dass das Passwort falsch ist":  "wrong-credentials",
		// slips
		"conection to server imap.web.de timd out":        "timeout",
		"Reelay access denid":                             "relay-denied",
		"certificate of the server was revokd":            "cert-revoked",
		"Nachricht übersteigt das Größenlimt des Servers": "message-too-large",
	} {
		if got := m.Match(text, Context{}).Cause; got != want {
			t.Errorf("%q: cause %q, want %q", text, got, want)
		}
	}
}

// TestNegatedPhrase: a wording with "not" is not found where nothing is denied.
func TestNegatedPhrase(t *testing.T) {
	r := newReader(testBook(t))
	for text, want := range map[string]bool{
		"Der Mail-Server antwortet nicht":                      true,
		"Der Mail-Server antwortete: alles in bester Ordnung.": false,
	} {
		found := false
		for _, h := range r.read(text, nil).hits {
			found = found || h.pattern.Cause == "timeout"
		}
		if found != want {
			t.Errorf("%q: time-out found is %v, want %v", text, found, want)
		}
	}
}

// TestProgramQuoting: what a server said is read inside the quoting of a log.
func TestProgramQuoting(t *testing.T) {
	r := newReader(testBook(t))
	for text, want := range map[string]string{
		`(535, b'5.7.139 refused')`:              "5.7.139",
		`[b"5.1.1 no such user"]`:                "5.1.1",
		`go to this page\n5.7.26 and read it`:    "5.7.26",
		`a FIRMA\nutzer login, no code anywhere`: "",
	} {
		found := ""
		rd := &reading{}
		r.parse(rd, newMessage(text), nil)
		for _, c := range rd.ents.codes {
			if c != "535" {
				found = c
			}
		}
		if found != want {
			t.Errorf("%s: code %q, want %q", text, found, want)
		}
	}
}

// TestCertainErrorText: where the words leave the topic in doubt, an error text
// that the knowledge has is answered by its cause, if it is about mail.
func TestCertainErrorText(t *testing.T) {
	m := New(testBook(t))
	for text, topic := range map[string]string{
		"outlook 365 smtp 535 5.7.139":                       "oauth-required",
		"Socketfehler: 10060, Fehlernummer: 0x800CCC0E":      "connection-timeout",
		"550 5.1.1 user unknown":                             "send-failed-generic",
		"the fonts in my reply window have become too large": "", // words of "message too large"
		"java.security.cert.CertificateExpiredException":     "", // of some web site
		"ECONNREFUSED in our web shop's database":            "",
	} {
		in := m.Match(text, Context{})
		if in.Reply != (topic != "") || in.Reply && in.Topic != topic {
			t.Errorf("%q: reply %v, topic %q, want topic %q", text, in.Reply, in.Topic, topic)
		}
	}
}

// TestExceptionIsNoHost: the name of an exception with its name space is not a
// server, and not a provider.
func TestExceptionIsNoHost(t *testing.T) {
	m := New(testBook(t))
	in := m.Match("MailKit.Security.AuthenticationException: authentication failed at imap.gmx.net", Context{})
	if in.Provider != "gmx" || in.Domain != "" {
		t.Errorf("provider %q, domain %q", in.Provider, in.Domain)
	}
}
