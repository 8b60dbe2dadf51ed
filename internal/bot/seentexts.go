package bot

import "github.com/mailhelpbot/mailhelpbot/internal/diagnose"

// seenText is what a cause means and what to do about it when a test from here
// has seen it. The knowledge's own words are for somebody who pastes an error
// text: there the device, its clock or its virus scanner may be at fault. A test
// has seen the server from another machine, so they are not.
type seenText struct{ title, means, user text }

func (t text) in(lang Lang) string {
	if lang == "de" {
		return t.de
	}
	return t.en
}

// seenTexts are the causes whose explanation differs for a test. An empty field
// means that the knowledge's words fit.
var seenTexts = map[diagnose.Cause]seenText{
	diagnose.CauseCertExpired: {
		means: text{
			de: "Das Zertifikat des Servers ist abgelaufen; das liegt am Server, nicht an deinem Gerät.",
			en: "The server's certificate has expired; the fault is with the server, not with your device.",
		},
		user: text{
			de: "Melde es dem Betreiber und nimm bis dahin das Webmail. Lege keine Ausnahme an und gib dort kein Passwort ein.",
			en: "Tell the operator and use webmail until it is renewed. Add no exception and enter no password there.",
		},
	},
	diagnose.CauseCertNotYetValid: {
		user: text{
			de: "Du kannst hier nichts einstellen: Melde es dem Betreiber und nimm bis dahin das Webmail.",
			en: "There is nothing that you can set: tell the operator and use webmail until then.",
		},
	},
	diagnose.CauseCertHostnameMismatch: {
		user: text{
			de: "Trage als Server einen Namen aus dem Zertifikat ein, wenn er zu deinem Anbieter oder dessen Hoster gehört. Gehört er keinem von beiden, gib kein Passwort ein und frag den Anbieter nach dem richtigen Servernamen.",
			en: "Enter a name from the certificate as server if it belongs to your provider or its hoster. If it belongs to neither, enter no password and ask the provider for the right server name.",
		},
	},
	diagnose.CauseCertUntrusted: {
		user: text{
			de: "Gib dort kein Passwort ein und klicke die Warnung nicht weg. Prüfe den Servernamen; stimmt er, melde es dem Betreiber.",
			en: "Enter no password there and do not click the warning away. Check the server name; if it is right, tell the operator.",
		},
	},
	diagnose.CauseSelfSigned: {
		user: text{
			de: "Prüfe den Servernamen. Ist es der Server deiner Firma oder deines Vereins, frag dort nach: Entweder bekommt er ein öffentliches Zertifikat, oder du bekommst das Stammzertifikat zum Installieren. Bei einem großen Anbieter gib kein Passwort ein.",
			en: "Check the server name. If it is a server of your company or club, ask there: either it gets a public certificate, or you get the root certificate to install. With a large provider enter no password.",
		},
	},
	diagnose.CauseMissingIntermediate: {
		user: text{
			de: "Das kann nur der Betreiber beheben; melde es ihm. Am PC klappt es oft trotzdem, am Handy nicht – das ist kein Fehler deines Handys.",
			en: "Only the operator can fix this; tell them. It often works on a PC and not on a phone – that is no fault of your phone.",
		},
	},
	diagnose.CauseTLSVersionTooOld: {
		title: text{de: "Der Server spricht nur veraltetes TLS", en: "The server speaks outdated TLS only"},
		means: text{
			de: "Der Server spricht nur veraltete TLS-Versionen, die aktuelle Mailprogramme und Betriebssysteme ablehnen.",
			en: "The server speaks outdated TLS versions only, which current mail programs and operating systems refuse.",
		},
		user: text{
			de: "An deinem Mailprogramm liegt es nicht, und du solltest dafür auch nichts herunterstufen. Melde es dem Betreiber und nimm bis dahin das Webmail.",
			en: "It is not your mail program's fault, and you should not lower its security for it. Tell the operator and use webmail until then.",
		},
	},
	diagnose.CauseBudgetExceeded: {
		means: text{
			de: "Der Test hat seine Zeit aufgebraucht. Was bis dahin herauskam, steht hier; der Rest ist offen.",
			en: "The test has used up its time. What was found by then stands here; the rest is open.",
		},
	},
	diagnose.CauseConnectionRefused: {
		means: text{
			de: "Der Server ist erreichbar, aber auf diesem Port nimmt er keine Verbindung an.",
			en: "The server can be reached but takes no connection on this port.",
		},
		user: text{
			de: "Stelle den Port ein, den dein Anbieter nennt: IMAP 993, POP3 995, SMTP 465 oder 587. Nennt er genau diesen, läuft der Dienst dort gerade nicht: Versuch es später und frag dann den Betreiber.",
			en: "Set the port that your provider gives: IMAP 993, POP3 995, SMTP 465 or 587. If it gives just this one, the service is not running there now: try later, then ask the operator.",
		},
	},
	diagnose.CauseClockWrong: {
		title: text{de: "Meine Uhr geht falsch", en: "My clock is wrong"},
		means: text{
			de: "Das Zertifikat ist nur nach meiner Uhr ungültig, nach der des Servers gilt es.",
			en: "The certificate is out of date by my clock alone; by the server's it is valid.",
		},
		user: text{
			de: "Du musst nichts tun. Wer mich betreibt, muss die Uhr meines Rechners stellen (NTP); danach teste noch einmal.",
			en: "You need not do anything. Whoever runs me has to set the clock of my machine (NTP); then test again.",
		},
	},
	diagnose.CauseSSLSTARTTLSMismatch: {
		means: text{
			de: "Der Port arbeitet mit der anderen Art der Verschlüsselung: SSL/TLS von Anfang an oder STARTTLS.",
			en: "The port works with the other kind of encryption: SSL/TLS from the start or STARTTLS.",
		},
	},
}
