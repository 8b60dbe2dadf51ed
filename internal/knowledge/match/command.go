package match

import (
	"cmp"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// The topics of the two commands.
const (
	topicSettings = "server-data"
	topicTest     = "provider-outage"
)

// commandWords name the commands as they are typed after a slash.
var commandWords = map[string]string{
	"settings": "settings", "einstellungen": "settings", "setting": "settings", "einstellung": "settings",
	"test": "test", "testen": "test", "teste": "test", "check": "test",
}

// fillers may stand in a free-text command without making it a question.
var fillers = set("fur for bei von of bitte please mal mir die der das den the my mein meine meinen doch ob ist auf an und and or den dem vom zu zum einmal kurz gerade please? me " +
	"server mailserver servers verbindung connection mail email daten data einstellungen settings serverdaten port ports konto account postfach provider anbieter was wie lautet lauten ist sind what is are whats welche welcher which adresse hostname host name info infos brauche need ich i hat hast habe have has do benutzt nutzt verwendet uses braucht gelten zeig zeige show gib give jetzt now richtige richtigen")

var testWords = set("test teste testen check checke checken prufe prufen pruf ping pinge probe uberprufe uberprufen probier probiere")

var settingsWords = set("einstellungen settings setting serverdaten daten data port ports server mailserver hostname zugangsdaten adresse konfiguration config serveradresse servername posteingangsserver postausgangsserver posteingang postausgang serverdata einstellung serverwerte werte imapdaten popdaten pop3daten smtpdaten imapserver smtpserver popserver")

// command reads slash commands and messages that consist of nothing but a
// command: "/settings gmx", "test smtp gmx", "imap daten für web.de?",
// "me@t-online.de smtp port". Such messages need no trained model.
func (r *reader) command(text string, ctx Context) (knowledge.Intent, bool) {
	s := clean(text)
	if len(s) > 200 {
		return knowledge.Intent{}, false
	}
	t := strings.TrimSpace(s)
	kind := ""
	if rest, ok := strings.CutPrefix(t, "/"); ok {
		name, args, _ := strings.Cut(rest, " ")
		kind, ok = commandWords[name]
		if !ok {
			return knowledge.Intent{}, false
		}
		t = args
	}
	toks := tokenize(t)
	lang := language(toks)
	toks, ents := r.names.findEntities(toks, nil)
	if kind == "" {
		kind = freeCommand(toks, &ents)
		if kind == "" {
			return knowledge.Intent{}, false
		}
	}
	in := knowledge.Intent{Kind: kind, Lang: pickLang(lang, ctx.Lang), Confidence: 0.99, Reply: true}
	in.Provider = ents.provider(func(int) bool { return false })
	in.Domain = cmp.Or(firstOf(ents.domains), r.names.homeOf(in.Provider))
	in.Misspelt, in.Meant = ents.misspelt, ents.meant
	if in.Provider == "" {
		in.Provider, in.Domain = ctx.Provider, ctx.Domain
	}
	in.Protocol = mailconf.Protocol(ents.oneProtocol())
	in.Topic = topicTest
	if kind == "settings" {
		in.Topic = topicSettings
	}
	if ctx.Explain {
		in.Evidence = []string{"Read as a command: " + kind + "."}
	}
	return in, true
}

// freeCommand decides whether the tokens are a command and nothing else.
func freeCommand(toks []token, e *entities) string {
	test, settings, other := false, false, 0
	for i := range toks {
		t := &toks[i]
		switch {
		case t.kind == boundary, t.entity, t.kind == host, t.kind == address, t.kind == number:
		case protocolWord(t.text) != "":
			settings = settings || settingsWords[t.text]
		case testWords[t.text]:
			test = true
		case settingsWords[t.text]:
			settings = true
		case fillers[t.text], securityWords[t.text] != "":
		default:
			other++
		}
	}
	target := len(e.providers) > 0 || len(e.hosts) > 0
	switch {
	case other > 0 || len(e.clients) > 0 || len(e.codes) > 0:
		return ""
	case test && (target || len(e.protocols) > 0):
		return "test"
	case settings && target, target && len(e.protocols) > 0 && len(toks) <= 8:
		return "settings"
	}
	return ""
}

// oneProtocol returns the protocol when exactly one is named.
func (e *entities) oneProtocol() string {
	p := ""
	for _, m := range e.protocols {
		if p != "" && p != m.id {
			return ""
		}
		p = m.id
	}
	return p
}

func pickLang(found, fallback string) knowledge.Lang {
	switch {
	case found == "de" || found == "en":
		return found
	case found == seemsEnglish && fallback == "de":
		return "de"
	case found == neither, found == seemsEnglish:
		return "en"
	case fallback == "de" || fallback == "en":
		return fallback
	}
	return "en"
}

func firstOf(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}
