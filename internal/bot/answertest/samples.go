package answertest

import (
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Sample is an Answer under a stable name, fit for a file name.
type Sample struct {
	Name   string
	Answer bot.Answer
}

// Samples are the Answers to render, in a fixed order. Each call returns
// fresh values, so a caller may change them.
func Samples() []Sample {
	return []Sample{
		{"settings-de", settingsDE()},
		{"settings-en", settingsEN()},
		{"test-running-de", testRunningDE()},
		{"test-failed-de", testFailedDE()},
		{"test-passed-en", testPassedEN()},
		{"article-de", articleDE()},
		{"article-en", articleEN()},
		{"private-en", privateEN()},
		{"hostile-en", hostileEN()},
		{"control-characters-de", controlDE()},
		{"huge-de", hugeDE()},
		{"many-blocks-en", manyBlocksEN()},
		{"blank-parts-en", blankPartsEN()},
		{"empty", bot.Answer{}},
	}
}

func labelsDE() bot.SettingsLabels {
	return bot.SettingsLabels{Host: "Server", Port: "Port", Security: "Verschlüsselung", Username: "Benutzername", Auth: "Anmeldung"}
}

func labelsEN() bot.SettingsLabels {
	return bot.SettingsLabels{Host: "Server", Port: "Port", Security: "Encryption", Username: "User name", Auth: "Authentication"}
}

func settingsDE() bot.Answer {
	return bot.Answer{
		Lang: "de",
		Blocks: []bot.Block{
			bot.Heading{Text: "GMX: Einstellungen für dein Mailprogramm"},
			bot.Settings{Labels: labelsDE(), Rows: []bot.SettingsRow{
				{Title: "Posteingang (IMAP)", Host: "imap.gmx.net", Port: "993", Security: "SSL/TLS", Username: "deine ganze E-Mail-Adresse", Auth: "Passwort"},
				{Title: "Posteingang (POP3)", Host: "pop.gmx.net", Port: "995", Security: "SSL/TLS", Username: "deine ganze E-Mail-Adresse", Auth: "Passwort"},
				{Title: "Postausgang (SMTP)", Host: "mail.gmx.net", Port: "465", Security: "SSL/TLS", Username: "deine ganze E-Mail-Adresse", Auth: "Passwort", Note: "Oder Port 587 mit STARTTLS."},
			}},
			bot.Hint{Spans: bot.Spans(bot.Strong("Vorher nötig: "), bot.T("Schalte IMAP und POP3 in den Einstellungen von GMX frei."))},
			bot.Sources{Label: "Quelle", Items: []bot.SourceItem{{Title: "GMX Hilfe: IMAP-Serverdaten", URL: "https://hilfe.gmx.net/pop-imap/imap/imap-serverdaten.html", Date: "2026-11-02"}}},
		},
		Actions: []bot.Action{
			{ID: "test", Label: "Jetzt testen", Value: "gmx all", Style: "primary"},
			{ID: "test", Label: "Nur SMTP testen", Value: "gmx smtp"},
			{ID: "guide", Label: "Anleitung für mein Programm", Value: "gmx"},
		},
	}
}

func settingsEN() bot.Answer {
	return bot.Answer{
		Lang: "en",
		Blocks: []bot.Block{
			bot.Heading{Text: "example.org: settings for your mail program"},
			bot.Settings{Labels: labelsEN(), Rows: []bot.SettingsRow{
				{Title: "Incoming mail (IMAP)", Host: "imap.example.org", Port: "993", Security: "SSL/TLS", Username: "your full e-mail address", Auth: "password"},
				{Title: "Outgoing mail (SMTP)", Host: "smtp.example.org", Port: "587", Security: "STARTTLS", Username: "your full e-mail address", Auth: "password"},
			}},
			bot.Sources{Label: "Source", Items: []bot.SourceItem{{Title: "your administrator", Date: "2026-10-01"}, {Title: "autoconfig of example.org"}}},
		},
		Actions: []bot.Action{{ID: "test", Label: "Test now", Value: "example.org all", Style: "primary"}},
	}
}

func testRunningDE() bot.Answer {
	return bot.Answer{
		Lang:    "de",
		Partial: true,
		Blocks: []bot.Block{
			bot.Heading{Text: "Test läuft: GMX"},
			bot.Checks{Rows: []bot.Check{
				{State: bot.CheckOK, Word: "ok", Label: "IMAP 993 SSL/TLS · imap.gmx.net", Detail: bot.Spans(bot.T("TLS 1.3, Zertifikat gültig bis 2027-02-11")), Took: 84 * time.Millisecond},
				{State: bot.CheckRunning, Word: "läuft", Label: "SMTP 587 STARTTLS · mail.gmx.net"},
				{State: bot.CheckRunning, Word: "läuft", Label: "SMTP 465 SSL/TLS · mail.gmx.net"},
			}},
		},
	}
}

func testFailedDE() bot.Answer {
	return bot.Answer{
		Lang: "de",
		Blocks: []bot.Block{
			bot.Heading{Text: "Test: SMTP bei example.org"},
			bot.Paragraph{Spans: bot.Spans(bot.Strong("Das Zertifikat ist abgelaufen."), bot.T(" Dein Mailprogramm verweigert deshalb die Verbindung."))},
			bot.Checks{Rows: []bot.Check{
				{State: bot.CheckOK, Word: "ok", Label: "SMTP 465 SSL/TLS · smtp.example.org", Detail: bot.Spans(bot.T("verbunden")), Took: 31 * time.Millisecond},
				{
					State: bot.CheckFail, Word: "Fehler", Label: "SMTP 587 STARTTLS · smtp.example.org", Took: 1240 * time.Millisecond,
					Detail: bot.Spans(bot.T("abgelaufen am 2026-11-01, der Server sagt "), bot.Code("220 smtp.example.org ESMTP")),
				},
				{State: bot.CheckWarn, Word: "Warnung", Label: "IMAP 143 STARTTLS · imap.example.org", Detail: bot.Spans(bot.T("nur TLS 1.2"))},
				{State: bot.CheckSkipped, Word: "ausgelassen", Label: "POP3 110 STARTTLS · pop.example.org"},
			}},
			bot.Steps{Ordered: true, Items: [][]bot.Span{
				bot.Spans(bot.T("Schalte die Zertifikatsprüfung "), bot.Strong("nicht"), bot.T(" aus.")),
				bot.Spans(bot.T("Melde den Fehler dem Betreiber von "), bot.Code("smtp.example.org"), bot.T(".")),
			}},
			bot.Hint{Spans: bot.Spans(bot.T("In Threads: erwähne mich mit "), bot.Code("test smtp"), bot.T("."))},
		},
		Actions: []bot.Action{
			{ID: "test", Label: "Nochmal testen", Value: "example.org smtp", Style: "primary"},
			{ID: "feedback", Label: "Hat geholfen", Value: "yes"},
			{ID: "feedback", Label: "Hat nicht geholfen", Value: "no"},
			{ID: "handover", Label: "Mit einem Menschen sprechen", Style: "danger"},
		},
	}
}

func testPassedEN() bot.Answer {
	return bot.Answer{
		Lang: "en",
		Blocks: []bot.Block{
			bot.Heading{Text: "Test: WEB.DE"},
			bot.Paragraph{Spans: bot.Spans(bot.Strong("All servers answer as they should."))},
			bot.Checks{Rows: []bot.Check{
				{State: bot.CheckOK, Word: "ok", Label: "IMAP 993 SSL/TLS · imap.web.de", Took: 90 * time.Millisecond},
				{State: bot.CheckOK, Word: "ok", Label: "SMTP 587 STARTTLS · smtp.web.de", Took: 2100 * time.Millisecond},
			}},
			bot.Hint{Spans: bot.Spans(bot.T("The fault is then on your side: check the password and the network."))},
		},
		Actions: []bot.Action{{ID: "test", Label: "Test again", Value: "web.de all"}},
	}
}

func articleDE() bot.Answer {
	return bot.Answer{
		Lang: "de",
		Blocks: []bot.Block{
			bot.Heading{Text: "SSL oder STARTTLS?"},
			bot.Paragraph{Spans: bot.Spans(bot.T("Beides verschlüsselt. Bei "), bot.Strong("SSL/TLS"), bot.T(" ist die Verbindung von Anfang an geschützt, bei "), bot.Strong("STARTTLS"), bot.T(" schaltet sie um. Outlook nennt STARTTLS auch "), bot.Code("TLS"), bot.T("."))},
			bot.Steps{Items: [][]bot.Span{
				bot.Spans(bot.T("IMAP: Port "), bot.Code("993"), bot.T(" mit SSL/TLS")),
				bot.Spans(bot.T("SMTP: Port "), bot.Code("465"), bot.T(" mit SSL/TLS oder "), bot.Code("587"), bot.T(" mit STARTTLS")),
			}},
			bot.Paragraph{Spans: bot.Spans(bot.T("Mehr steht in "), bot.Link("RFC 8314", "https://www.rfc-editor.org/rfc/rfc8314"), bot.T("."))},
			bot.Sources{Label: "Quelle", Items: []bot.SourceItem{{Title: "RFC 8314", URL: "https://www.rfc-editor.org/rfc/rfc8314", Date: "2018-01"}}},
		},
		Actions: []bot.Action{{ID: "settings", Label: "Serverdaten zeigen", Value: ""}},
	}
}

func articleEN() bot.Answer {
	return bot.Answer{
		Lang: "en",
		Blocks: []bot.Block{
			bot.Heading{Text: "Outlook keeps asking for the password"},
			bot.Steps{Ordered: true, Items: [][]bot.Span{
				bot.Spans(bot.T("Open "), bot.Strong("File › Account Settings"), bot.T(".")),
				bot.Spans(bot.T("Enter "), bot.Code("anna@example.org"), bot.T(" as the user name.")),
				bot.Spans(bot.T("Read "), bot.Link("how app passwords work", "https://support.example.org/app-passwords?lang=en&from=bot"), bot.T(".")),
			}},
			bot.Hint{Spans: bot.Spans(bot.T("Still stuck? Send me the error message."))},
		},
	}
}

func privateEN() bot.Answer {
	return bot.Answer{
		Lang: "en", Private: true,
		Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(bot.Strong("That looks like a password."), bot.T(" Delete your message and change the password."))}},
	}
}
