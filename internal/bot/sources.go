package bot

import (
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// sources says where the values come from, in names that people know: the
// provider's own page first, then the lists they were taken from.
func (v *view) sources(p *knowledge.Provider, servers []knowledge.Server) Sources {
	s := Sources{Label: v.say("source.label")}
	if len(p.Docs) > 0 {
		s.Items = append(s.Items, SourceItem{Title: v.say("source.docs", "name", p.Name), URL: p.Docs[0]})
	}
	switch p.Origin {
	case knowledge.OriginOperator, knowledge.OriginTaught:
		s.Items = append(s.Items, SourceItem{Title: v.say("origin." + string(p.Origin)), Date: v.stand(p.Checked)})
	default:
		if names := v.sourceNames(p, servers); len(names) > 0 {
			s.Items = append(s.Items, SourceItem{Title: strings.Join(names, ", "), Date: v.stand(p.Checked)})
		}
	}
	return s
}

// sourceNames are the sources that most of the servers shown have in common,
// best first; the whole list is in `kb show`.
func (v *view) sourceNames(p *knowledge.Provider, servers []knowledge.Server) []string {
	const most = 3
	var words []string
	for _, sv := range servers {
		for _, n := range sv.Sources {
			if !slices.Contains(words, n) {
				words = append(words, n)
			}
		}
	}
	if len(words) == 0 {
		words = slices.Clone(p.Sources)
	}
	if len(p.Docs) > 0 { // linked beside it
		words = slices.DeleteFunc(words, func(w string) bool { return w == "official" })
	}
	words = words[:min(len(words), most)]
	for i, w := range words {
		if _, known := texts["fact."+w]; known {
			words[i] = v.say("fact." + w)
		}
	}
	return words
}

// factTexts name the sources of the shipped facts. The words are those of the
// seed files, whose README explains them.
var factTexts = map[string]text{
	"source.docs":        {de: "Hilfeseite von {name}", en: "{name} help page"},
	"fact.official":      {de: "Hilfeseiten des Anbieters", en: "the provider's help pages"},
	"fact.ispdb":         {de: "Mozilla ISPDB (Thunderbird)", en: "Mozilla ISPDB (Thunderbird)"},
	"fact.ispdb-removed": {de: "früherer Eintrag der Mozilla ISPDB", en: "a former entry of the Mozilla ISPDB"},
	"fact.measured":      {de: "Messung an den Servern (September 2026)", en: "measured at the servers (September 2026)"},
	"fact.deltachat":     {de: "Delta Chat", en: "Delta Chat"},
	"fact.deltachat-old": {de: "frühere Liste von Delta Chat", en: "a former list of Delta Chat"},
	"fact.k9":            {de: "K-9 Mail", en: "K-9 Mail"},
	"fact.mailcore":      {de: "MailCore", en: "MailCore"},
	"fact.nodemailer":    {de: "Nodemailer", en: "Nodemailer"},
	"fact.cypht":         {de: "Cypht", en: "Cypht"},
	"fact.code":          {de: "Quelltexte freier Programme", en: "the code of free programs"},
	"fact.help-2014":     {de: "Hilfeseiten von 2014", en: "help pages of 2014"},
	"fact.convention":    {de: "so heißen Server meistens", en: "the names that servers usually have"},

	"compare.same": {
		de: "Diese Angaben stimmen. Klappt es trotzdem nicht, lass die Server live testen und prüf das Passwort im Webmail.",
		en: "These settings are right. If it still does not work, have the servers tested live and try the password in webmail.",
	},

	"request.provider": {
		de: "Nächster Schritt: Sag mir deinen Anbieter, dann bekommst du die genauen Werte.",
		en: "Next step: tell me your provider, and you get the exact values.",
	},
	"request.client": {
		de: "Nächster Schritt: Sag mir dein Mailprogramm, dann bekommst du die Klicks.",
		en: "Next step: tell me your mail program, and you get the clicks.",
	},
}
