package bot

// Commands is the table of slash commands: the adapters register it, help prints it.
func Commands() []CommandSpec {
	proto := OptionSpec{
		Name: "protocol", LocalName: map[Lang]string{"de": "protokoll"},
		Description: map[Lang]string{"en": "Only this protocol", "de": "Nur dieses Protokoll"},
		Choices:     []string{"imap", "pop3", "smtp"},
	}
	testProto := proto
	testProto.Choices = []string{"imap", "pop3", "smtp", "all"}
	return []CommandSpec{
		{
			Name: "settings", Aliases: []string{"einstellungen"},
			LocalName:   map[Lang]string{"de": "einstellungen"},
			Description: map[Lang]string{"en": "Show the mail server settings of a provider", "de": "Serverdaten eines E-Mail-Anbieters zeigen"},
			Usage:       map[Lang]string{"en": "PROVIDER|DOMAIN|ADDRESS [imap|pop3|smtp]", "de": "ANBIETER|DOMAIN|ADRESSE [imap|pop3|smtp]"},
			Options: []OptionSpec{{
				Name: "provider", LocalName: map[Lang]string{"de": "anbieter"}, Required: true, Suggest: true,
				Description: map[Lang]string{"en": "Provider, domain or e-mail address", "de": "Anbieter, Domain oder E-Mail-Adresse"},
			}, proto},
		},
		{
			Name: "test", Aliases: []string{"testen"},
			LocalName:   map[Lang]string{"de": "testen"},
			Description: map[Lang]string{"en": "Test the mail servers of a provider live", "de": "Die Mailserver eines Anbieters live testen"},
			Usage:       map[Lang]string{"en": "[PROVIDER|DOMAIN|HOST] [imap|pop3|smtp|all]", "de": "[ANBIETER|DOMAIN|SERVER] [imap|pop3|smtp|all]"},
			Options: []OptionSpec{{
				Name: "target", LocalName: map[Lang]string{"de": "ziel"}, Suggest: true,
				Description: map[Lang]string{"en": "Provider, domain or server; empty: the one this thread is about", "de": "Anbieter, Domain oder Server; leer: worum es hier geht"},
			}, testProto},
		},
		{
			Name: "mailhelp", Aliases: []string{"mailhilfe"},
			LocalName:   map[Lang]string{"de": "mailhilfe"},
			Description: map[Lang]string{"en": "Ask about e-mail set-up, or get help", "de": "Frage zur E-Mail-Einrichtung stellen oder Hilfe zeigen"},
			Usage:       map[Lang]string{"en": "[QUESTION|help]", "de": "[FRAGE|hilfe]"},
			Options:     []OptionSpec{question()},
			Subs:        mailhelpSubs(),
		},
	}
}
