package bot

import (
	"regexp"
	"slices"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// condition is one demand of a provider: the general sentence for it, and how
// a text on the same demand is recognised. A provider's own note says it better
// than the general sentence.
type condition struct {
	key  string
	said *regexp.Regexp
	on   func(r knowledge.Requires, offersOAuth bool) bool
}

var conditionTable = []condition{
	{"requires.noimap", regexp.MustCompile(`(?i)kein IMAP|no IMAP`), func(r knowledge.Requires, _ bool) bool { return r.NoIMAP }},
	{
		"requires.enable", enableNote,
		func(r knowledge.Requires, _ bool) bool { return r.EnableIMAPPOP },
	},
	{"requires.oauth", regexp.MustCompile(`OAuth2`), func(r knowledge.Requires, _ bool) bool { return r.OAuth2Only }},
	{
		"requires.separate", regexp.MustCompile(`(?i)eigene[sn]? .*passwor|e-?mail-passwor|passwort für e-mail-programme|passwort des (e-mail-)?postfachs|password of the mailbox|separate|own .*password|mailbox password|mail password`),
		func(r knowledge.Requires, _ bool) bool { return r.SeparateMailPassword },
	},
	{
		"requires.appor", appPasswordNote,
		func(r knowledge.Requires, oauth bool) bool { return needsAppPassword(r) && oauth },
	},
	{
		"requires.app", appPasswordNote,
		func(r knowledge.Requires, oauth bool) bool { return needsAppPassword(r) && !oauth },
	},
	{"requires.app2fa", appPasswordNote, func(r knowledge.Requires, _ bool) bool { return r.AppPasswordIf2FA }},
	{"requires.paid", regexp.MustCompile(`(?i)bezahl|kostenpflicht|tarif|paid|plan`), func(r knowledge.Requires, _ bool) bool { return r.PaidPlan }},
}

// enableNote knows how it is said that the access has to be switched on: of
// other things that are switched on it does not speak.
var enableNote = func() *regexp.Regexp {
	const what, on = `(pop3?|imap|zugriff|access|zugang)`, `(freischalt|freigeschalt|freigabe|einschalt|eingeschalt|schalte|aktivier|erlaub|sperren|switch|enable|turn(ed)? on|activat|\ballow|\bblock)`
	return regexp.MustCompile(`(?i)\b` + what + `\b.*` + on + `|` + on + `.*\b` + what + `\b`)
}()

// appPasswordNote knows the names that providers have for it; an authorization
// code and a password that is created for programs are the same thing.
var appPasswordNote = regexp.MustCompile(`(?i)app-?passw|app-?kennw|app-spezifisch|anwendungsspezifisch|anwendungs-?passw|autorisierungscode|passwort\. du erzeugst|` +
	`app password|app-specific|application-specific|application password|authori[sz]ation code|password of their own`)

func needsAppPassword(r knowledge.Requires) bool {
	return r.AppPassword && !r.OAuth2Only && !r.SeparateMailPassword
}

// conditions are the hints on what must be done before a mail program may log
// in, each said once, and what else is worth knowing of the provider. asked are
// the protocols that the question is about, none for all.
func (v *view) conditions(p *knowledge.Provider, servers []knowledge.Server, asked []mailconf.Protocol) []Block {
	return v.conditionsIf(p, servers, func(note string) bool { return concerns(note, asked) })
}

// loginConditions are the conditions alone, for who cannot log in: of the
// provider's other notes that on the user name, none on servers and ports.
func (v *view) loginConditions(p *knowledge.Provider, servers []knowledge.Server) []Block {
	return v.conditionsIf(p, servers, usernameNote.MatchString)
}

// usernameNote knows what is said on the form of the user name.
var usernameNote = regexp.MustCompile(`(?i)benutzername|user name`)

func (v *view) conditionsIf(p *knowledge.Provider, servers []knowledge.Server, useful func(note string) bool) []Block {
	oauth := offersOAuth(servers)
	var out []Block
	var said demands
	for _, n := range shownNotes(p) {
		s := n.In(v.lang)
		d := v.mind.kept.demandsOf(s)
		said |= d
		if d&^often != 0 || useful(s) {
			out = append(out, Hint{Spans(T(s))})
		}
	}
	for i, c := range conditionTable {
		if said&(1<<i) != 0 || !c.on(p.Requires, oauth) {
			continue
		}
		out = append(out, Hint{Spans(T(v.say(c.key, "name", p.Name)))})
	}
	return out
}

// maxNotes keeps an answer short; the notes stand in order of weight.
const maxNotes = 3

func shownNotes(p *knowledge.Provider) []knowledge.Text {
	return p.Notes[:min(len(p.Notes), maxNotes)]
}

// demands is a set of conditions, a bit for each of conditionTable and one for
// how often mail may be fetched; those that are recognised alike have their
// bits together.
type demands uint

// oftenNote knows what is said on how often mail may be fetched.
var oftenNote = regexp.MustCompile(`\d+ (Minuten|minutes)`)

// often is the bit of oftenNote: a matter of one protocol, unlike the demands.
var often = demands(1) << len(conditionTable)

func demandsOf(s string) demands {
	var d demands
	for i, c := range conditionTable {
		if c.said.MatchString(s) {
			d |= 1 << i
		}
	}
	if oftenNote.MatchString(s) {
		d |= often
	}
	return d
}

// protocolNote finds the protocols that a note speaks of.
var protocolNote = map[mailconf.Protocol]*regexp.Regexp{
	mailconf.IMAP: regexp.MustCompile(`(?i)\bimap\b|posteingang|incoming`),
	mailconf.POP3: regexp.MustCompile(`(?i)\bpop3?\b|posteingang|incoming`),
	mailconf.SMTP: regexp.MustCompile(`(?i)\bsmtp\b|postausgang|outgoing`),
}

// concerns reports whether a note is of use to who asks about some protocols
// alone: one on another protocol is not.
func concerns(note string, asked []mailconf.Protocol) bool {
	none := true
	for p, re := range protocolNote {
		if !re.MatchString(note) {
			continue
		}
		if none = false; slices.Contains(asked, p) {
			return true
		}
	}
	return none || len(asked) == 0
}
