package bot

// mailhelpSubs is what /mailhelp can do besides answering a question, for
// surfaces whose commands have parts of their own (Discord). Elsewhere the
// same words are typed: "/mailhelp auto on".
func mailhelpSubs() []CommandSpec {
	return []CommandSpec{
		sub("ask", "frage", "Ask about e-mail set-up", "Frage zur E-Mail-Einrichtung stellen", required(question())).words(""),
		sub("help", "hilfe", "What I can do", "Was ich kann"),
		sub("status", "status", "How I am set up here", "Wie ich hier eingestellt bin"),
		sub("lang", "sprache", "The language of my answers to you", "In welcher Sprache ich dir antworte",
			option("language", "sprache", "German, English, or that of each message", "Deutsch, Englisch oder die der jeweiligen Nachricht", "de", "en", "auto")),
		sub("auto", "automatik", "Whether I answer questions here that nobody put to me", "Ob ich hier Fragen beantworte, die niemand an mich richtet",
			option("mode", "modus", "On or off; empty: how it is", "An oder aus; leer: wie es gerade ist", "on", "off"), channelOption()),
		sub("shadow", "schatten", "Show my unasked answers to moderators only", "Meine ungefragten Antworten nur der Moderation zeigen",
			required(OptionSpec{
				Name: "review", LocalName: map[Lang]string{"de": "moderation"}, Kind: OptionChannel,
				Description: map[Lang]string{"en": "The moderators' channel", "de": "Der Kanal der Moderation"},
			})).words("auto shadow"),
		sub("limits", "grenzen", "How often and how late I answer", "Wie oft und wie spät ich antworte",
			option("which", "welche", "Wait for people (seconds), or pause for one person (minutes)", "Vortritt für Menschen (Sekunden) oder Pause je Person (Minuten)", "delay", "cooldown"),
			option("value", "wert", "Seconds or minutes", "Sekunden oder Minuten")),
		sub("group", "gruppe", "Who takes over when somebody wants to talk to people", "Wer übernimmt, wenn jemand mit Menschen sprechen will",
			OptionSpec{
				Name: "role", LocalName: map[Lang]string{"de": "rolle"}, Kind: OptionRole,
				Description: map[Lang]string{"en": "The role that is mentioned", "de": "Die Rolle, die erwähnt wird"},
			}, option("state", "zustand", "Nobody any more", "Niemand mehr", "off")),
		sub("digest", "bericht", "What I did in this channel", "Was ich in diesem Kanal getan habe",
			option("state", "zustand", "Weekly, or no longer", "Wöchentlich oder nicht mehr", "on", "off"), channelOption()),
		sub("answers", "antworten", "The answers that you taught me", "Die Antworten, die ihr mir beigebracht habt",
			OptionSpec{
				Name: "remove", LocalName: map[Lang]string{"de": "entfernen"}, Word: "remove",
				Description: map[Lang]string{"en": "The id of the one to remove", "de": "Die Kennung derer, die weg soll"},
			}),
		sub("export", "auskunft", "What is stored about you", "Was über dich gespeichert ist"),
		sub("forget", "vergiss", "Delete what is stored about you", "Löschen, was über dich gespeichert ist",
			option("what", "was", "“me” deletes it; empty: what that means", "„me“ löscht es; leer: was das heißt", "me")),
	}
}

// question is the option of a command that takes a question.
func question() OptionSpec {
	return OptionSpec{
		Name: "question", LocalName: map[Lang]string{"de": "frage"},
		Description: map[Lang]string{"en": "Your question or error message", "de": "Deine Frage oder Fehlermeldung"},
	}
}

func channelOption() OptionSpec {
	return OptionSpec{
		Name: "channel", LocalName: map[Lang]string{"de": "kanal"}, Kind: OptionChannel,
		Description: map[Lang]string{"en": "The channel; empty: this one", "de": "Der Kanal; leer: dieser"},
	}
}

func sub(name, local, en, de string, options ...OptionSpec) CommandSpec {
	return CommandSpec{
		Name: name, LocalName: map[Lang]string{"de": local}, Words: name,
		Description: map[Lang]string{"en": en, "de": de}, Options: options,
	}
}

func (c CommandSpec) words(w string) CommandSpec {
	c.Words = w
	return c
}

func option(name, local, en, de string, choices ...string) OptionSpec {
	return OptionSpec{Name: name, LocalName: map[Lang]string{"de": local}, Description: map[Lang]string{"en": en, "de": de}, Choices: choices}
}

func required(o OptionSpec) OptionSpec {
	o.Required = true
	return o
}
