package bot

// incidentTexts are the sentences of notices about a provider.
var incidentTexts = map[string]text{
	"incident.title": {de: "Störung bei {name}?", en: "Trouble at {name}?"},
	"incident.fails": {
		de: "Seit {since} melden hier {people} Leute Probleme mit {name}, und mein Test bestätigt sie:",
		en: "Since {since}, {people} people here have reported problems with {name}, and my test confirms them:",
	},
	"incident.fails.next": {
		de: "Du musst an deinem Mailprogramm nichts ändern. Ich teste weiter und schreibe hier hinein, sobald es wieder geht. Zuletzt geprüft um {checked}.",
		en: "There is nothing to change in your mail program. I keep testing and will say so here when it works again. Last checked at {checked}.",
	},
	"incident.reports": {
		de: "Seit {since} melden hier {people} Leute Probleme mit {name}. Von mir aus antworten die Server normal:",
		en: "Since {since}, {people} people here have reported problems with {name}. From where I am the servers answer as usual:",
	},
	"incident.reports.next": {
		de: "Das spricht für ein Problem bei der Anmeldung, im Postfach oder auf dem Weg dorthin. Ich teste weiter und schreibe hier hinein, wenn sich etwas ändert. Zuletzt geprüft um {checked}.",
		en: "That points to the sign-in, the mailbox or the way there. I keep testing and will say so here when something changes. Last checked at {checked}.",
	},
	"incident.known": {
		de: "Bei {name} klemmt es gerade, seit {since}; an deinen Einstellungen liegt es eher nicht. Im Kanal steht dazu eine Meldung, die ich aktuell halte.",
		en: "{name} has trouble at the moment, since {since}; your settings are hardly the reason. There is a notice in the channel that I keep up to date.",
	},
	"incident.page":  {de: "Was der Anbieter selbst sagt: ", en: "What the provider says: "},
	"incident.clear": {de: "Entwarnung: {name}", en: "All clear: {name}"},
	"incident.over": {
		de: "{name} antwortet seit {now} wieder. Begonnen hatte es um {since}, gedauert hat es rund {took}.",
		en: "{name} answers again since {now}. It began at {since} and took about {took}.",
	},
	"incident.quiet": {
		de: "Um {since} hatten sich mehrere Leute gemeldet; seitdem ist es ruhig, und die Server von {name} antworten (Stand {now}).",
		en: "At {since} several people had reported problems; it has been quiet since, and the servers of {name} answer (as of {now}).",
	},
	"incident.givenup": {
		de: "Die Probleme mit {name} dauern seit {since} an. Ich teste nicht mehr von selbst weiter; so fragst du nach: ",
		en: "The problems with {name} have gone on since {since}. I no longer test of my own accord; ask with: ",
	},
}
