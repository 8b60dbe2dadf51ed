package match

import (
	"regexp"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// This file reads messages that only their thread makes complete. They hold a
// name or two and otherwise nothing but words that carry no subject; that
// makes them certain, so they come before the model, which knows no threads.

// threadWords is how long such a message may be.
const threadWords = 14

// langWordsNeeded is how many words a message needs to change the language of
// its thread.
const langWordsNeeded = 4

// glue are words without a subject of their own. No word that says whether
// something works is among them: "GMX does not work" is no correction.
var glue = folded("welchem welcher welchen welches welche which und and aber also auch oder or dann then denn so what about how wie was ist es das is it its the same gleich gleiche gleichen dasselbe genauso sieht " +
	"siehts aus look looks like with mit for fur furs auf aufs dem den der die am an im in ins on beim bei von vom zum zur of at to my mein meine meinem " +
	"meiner meinen do does macht mache ich i can kann we hier here there da dass that this dies thats gilt gelten apply applies too well as server servers " +
	"port ports daten settings einstellungen werte values a ein eine einem einen einer app mail mails email programm program handy handys phone smartphone " +
	"tablet account konto postfach adresse address whats hows bitte please mir me you du brauche habe hab have need ja yes ok okay gut danke thanks ach ah " +
	"oh hmm hm noch sonst stattdessen instead only nur sehen identisch wird wrote use using nutze benutze verwende bin um war naturlich sollte should sein " +
	"be heissen heisst really wirklich ne na gerade just hatte had")

// folded is a set of words as tokens have them.
func folded(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[fold(w)] = true
	}
	return m
}

// workWords say whether something works; they are glue in a question alone,
// and asideWords in a message that says no more than which direction works.
var (
	workWords  = folded("geht gehts works work funktioniert klappt lauft")
	asideWords = folded("geht gehts works work funktioniert klappt lauft fine einwandfrei prima ubrigens btw fyi doch eigentlich actually")
)

// The words of these patterns are folded: "doesn't" is "dosnt".
var (
	// links begin a message that asks for the same for another.
	links = regexp.MustCompile(`^ (?:(?:ok|okay|ja|yes|gut|danke|thanks|ah|ach|alright) )*(?:und|and|auch|also|what about|how about|wie (?:ist|sieht|siehts|war)|was ist mit|gilt|gelten|dos (?:it|that|this|the same)|is (?:it|that|this) (?:the )?same|ist (?:das|es) (?:das )?(?:gleich|auch|genauso|dasselbe)|geht das auch|dasselbe|same for|same on|same with) `)
	// defines asks what something is, which is a question of its own.
	defines = regexp.MustCompile(` (?:was|what) (?:ist|is|sind|are|bedeutet|heisst|means?) | whats `)
	shared  = regexp.MustCompile(` (?:mit|about|same|fur|for|furs|bei|beim|auf|on|gleich) `)
	// corrects are the ways to take back what was said.
	corrects = regexp.MustCompile(` (?:sorry|oops|ups|upps|uups|huch|quatsch|falsch|falsche|falscher|nein|nee|nope|no|wait|moment|meinte|gemeint|ich meine|mean|meant|meaned|doch|actually|correction|korrektur|vertan|verschrieben|vertippt|verwechselt|sondern|eigentlich|typo|tippfehler|rather|wrong|mistake|versehen|irrtum|pardon|entschuldigung|statt|anstatt|instead of|btw|ubrigens|fyi) |^ (?:im|i am|i use|im using|ich nutze|ich benutze|ich verwende|ich bin|es ist|its|it is) `)
	// works says that something works, denies that it does not.
	works  = regexp.MustCompile(` (?:geht|gehts|works|work|funktioniert|klappt|lauft) `)
	denies = regexp.MustCompile(` (?:nicht|nichts|kein|keine|keinen|not|no|isnt|dosnt|dont|cant|nur|only) `)
	// tells says which provider or program it is.
	tells = regexp.MustCompile(` (?:ist|is|its|bei|at|with|mit|use|using|nutze|benutze|verwende|have|hab|habe) `)
	// able is in complaints: "I cannot send with GMX" takes nothing back.
	able = regexp.MustCompile(` (?:kann|kannst|konnen|can|cant|cannot|could|konnte) `)
	// takes are the words of corrects, which are no subject either.
	takes = folded("sorry oops ups upps uups huch quatsch falsch falsche falscher nein nee nope no wait moment meinte gemeint meine mean meant doch actually correction korrektur vertan verschrieben vertippt verwechselt sondern nicht kein keine not isnt eigentlich typo tippfehler rather wrong mistake versehen irrtum pardon entschuldigung statt anstatt instead btw ubrigens fyi")
	// negates are words after which a name is the wrong one.
	negates = folded("nicht kein keine keinen not isnt statt anstatt instead of")
	// reaches are words between a negation and the name that it denies.
	reaches = folded("bei beim mit mein meine meinem das die den dem der the a an ein eine einem auf am im in on for at of fur von vom my via uber")
	// where asks for the place of what was said, or for the way there.
	where = regexp.MustCompile(`^ (?:(?:ok|okay|ja|yes|gut|danke|thanks|ah|ach|und|and|aber|but|alles klar|alright) )*(?:wo|where|wie|how|woher|wohin) `)
	// ways are what a message may hold that asks so, beside glue.
	ways = folded("wo where wie how genau exactly lege leg stell stelle stellt trage trag gebe geb finde find mach tu muss soll man fest ein aus hin rein set enter change turn off put configure see type feld menu jetzt now andern andere andert schalte schalt aktiviere enable activate festlegen einstellen einstellt eintragen eingeben finden machen andern nachsehen steht tragt legt fest is go get there nun denn them those it that this they sie ihn")
	// pronouns stand for what the thread is about.
	pronouns = regexp.MustCompile(` (?:das|es|die|den|dies|diese|that|it|this|them|those) `)
	moves    = regexp.MustCompile(` (?:lege|leg|legt|stelle?|stellt|trage?|tragt|gebe?|finde|mache?|macht|tu|andere|andert|schalte?|aktiviere|set|enter|find|change|turn|put|configure|do|enable|activate|festlegen|einstellen|eintragen|eingeben|finden|machen|andern|see|type|get) | (?:wo|where) (?:ist|is|steht|are) | wie geht das $`)
	// still says that what was advised has not helped.
	still = regexp.MustCompile(` (?:trotzdem|dennoch|immer noch|noch immer|weiterhin|nach wie vor|auch|still|either) (?:\S+ ){0,3}?(?:nicht|nichts|keine?n?|not|nothing|dosnt|dont|isnt|wont|cant|no|fails?|failing|broken|fehler|error|problem|kaputt) ` +
		`| (?:geht|klappt|funktioniert|tuts|hilft|bringt|lauft) (?:es |das |leider |aber |mir |bei mir |immer |noch )*(?:nicht|nichts|net|ned|nix) ` +
		`| (?:dosnt|didnt|dos not|did not|dont|isnt|not|wont) (?:seem to |really )?(?:work|working|help|helping|change|fix|solve)(?: it| anything)? ` +
		`| (?:same|gleicher?|gleiches|gleiche|selber?|selbe|derselbe|dieselbe|dasselbe) (?:error|problem|issue|thing|result|fehler|fehlermeldung|meldung|ergebnis) ` +
		`| (?:hat|hats) (?:leider |auch |aber |alles |mir )*(?:nicht|nichts|nix) (?:geholfen|gebracht|funktioniert|geklappt|geandert|genutzt) ` +
		`| no (?:luck|change|difference|success|effect|joy) | (?:kein|ohne) erfolg | keine (?:anderung|besserung|verbesserung) `)
)

// subjects are words with which "it does not work" is a complaint of its own.
var subjects = regexp.MustCompile(` (?:password|passwor\w*|kennwort\w*|zertifikat\w*|certificate\w*|ordner\w*|folder\w*|anhang\w*|attachment\w*|spam|junk|empfang\w*|receiv\w*|send\w*|versend\w*|verschick\w*|login\w*|anmeld\w*|loschen|delete\w*|kalender|calendar|kontakte|contacts|drucker|printer|internet|wlan|wifi|vpn|virus\w*|firewall|router|quota|voll|full|mails?|emails?) `)

// continued reads a message of a thread that goes on with what the thread is about.
func (r *reader) continued(text string, ctx Context) (knowledge.Intent, bool) {
	if !ctx.Addressed || ctx.Topic == "" && ctx.Provider == "" || len(text) > 160 {
		return knowledge.Intent{}, false
	}
	toks := tokenize(clean(text))
	lang := language(toks)
	toks, ents := r.names.findEntities(toks, nil)
	t := r.turn(toks, &ents)
	if t.words == 0 || t.words > threadWords || len(ents.codes)+len(ents.hosts) > 0 {
		return knowledge.Intent{}, false
	}
	if lang == neither || t.words <= langWordsNeeded && ctx.Lang != "" {
		lang = "" // so few words tell languages badly apart: "I'm" is German without its apostrophe
	}
	if ctx.Topic == "" || ctx.Topic == topicSettings {
		t.named = t.named || t.detail
	}
	follow := t.follow()
	if follow == "" || follow == knowledge.FollowStill && ctx.Topic == "" {
		return knowledge.Intent{}, false
	}
	in := knowledge.Intent{Lang: pickLang(lang, ctx.Lang), Topic: ctx.Topic, Follow: follow, Kind: "faq", Confidence: 0.95, Reply: true}
	r.continueAs(&in, t, ctx)
	if ctx.Explain {
		in.Evidence = []string{"Read as a continuation of the thread (" + string(follow) + "): topic " + in.Topic + "."}
	}
	return in, true
}

// continueAs fills in what the message names, and else what the thread is about.
func (r *reader) continueAs(in *knowledge.Intent, t turn, ctx Context) {
	if other := oppositeTopic[ctx.Topic]; t.incoming && ctx.Topic == "send-failed-generic" || t.protocol == "smtp" && ctx.Topic == "receive-failed-generic" {
		in.Topic = other
	}
	in.Provider, in.Domain, in.Client, in.Protocol, in.Incoming = t.provider, t.domain, t.client, mailconf.Protocol(t.protocol), t.incoming
	if in.Topic == "" || in.Topic == topicSettings {
		in.Topic, in.Kind = topicSettings, "settings"
	} else if in.Topic == topicTest {
		in.Kind = "test"
	} else if c := r.book.Cause(ctx.Cause); in.Follow == knowledge.FollowStill || c != nil && c.Topic == in.Topic {
		in.Kind, in.Cause = "error", ctx.Cause
	}
	if in.Provider == "" {
		in.Provider = ctx.Provider
		if in.Domain == "" {
			in.Domain = ctx.Domain
		}
	}
	otherClient := in.Client != "" && in.Client != ctx.Client
	if in.Client == "" {
		in.Client = ctx.Client
	}
	if in.Protocol == "" && !in.Incoming && (!otherClient || in.Follow == knowledge.FollowCorrect) {
		in.Protocol = mailconf.Protocol(ctx.Protocol)
	}
}

// oppositeTopic is the same trouble in the other direction.
var oppositeTopic = map[string]string{"send-failed-generic": "receive-failed-generic", "receive-failed-generic": "send-failed-generic"}

// turn is what a message of a thread names, and its words.
type turn struct {
	said                               string // folded words, one blank around each; names as classes
	words                              int
	provider, domain, client, protocol string
	incoming                           bool // the servers for reading mail
	detail                             bool // one of the values of a server
	denied                             bool // a name that is the wrong one
	device                             bool // something that mail programs run on
	named                              bool // anything of the above
	phone                              bool // a phone or a tablet, which may run any of several programs
	question                           bool
	other                              []string // words that are no glue
}

// deviceWords are what mail programs run on; the bot knows which program that means.
var deviceWords = folded("mac macs macbook imac macos windows pc laptop notebook rechner computer desktop linux ubuntu android")

// phoneWords are devices that do not tell the program.
var phoneWords = folded("handy handys phone smartphone smartphones tablet mobile")

// detailWords are what a server's data consist of: "and which port?" asks for
// the data once more.
var detailWords = folded("port ports verschlüsselung encryption benutzername username ssl tls starttls")

// readingWords and sendingWords stand for the servers of that direction.
var (
	readingWords = folded("posteingang posteingangsserver eingang eingangsserver empfangen empfang abrufen abruf incoming receiving receive fetching reading lesen empfangsserver inbound")
	sendingWords = folded("senden sendens versenden verschicken versand ausgang sending send outbound sendeserver mailversand schicken")
)

// turn sorts the words of a message.
func (r *reader) turn(toks []token, e *entities) turn {
	var t turn
	var b strings.Builder
	b.WriteByte(' ')
	wrong := false
	for i := range toks {
		k := &toks[i]
		if k.kind == boundary {
			t.question = t.question || strings.Contains(k.raw, "?")
			wrong = false
			continue
		}
		t.words++
		w := fold(k.raw)
		plain := glue[w] || takes[w] || ways[w] // no name with a typing error
		switch {
		case !(plain && k.text != w) && r.slot(&t, k, i, e, wrong):
			wrong = false
		case negates[w]:
			wrong = true
		case w == "sondern":
			wrong = false
		case detailWords[w]:
			t.detail = true
		case wrong && !reaches[w]:
			wrong = false
			if !glue[w] {
				t.other = append(t.other, w)
			}
		case !glue[w]:
			t.other = append(t.other, w)
		}
		if plain && k.text != w {
			k.text = w
		}
		b.WriteString(k.text)
		b.WriteByte(' ')
	}
	t.said = b.String()
	return t
}

// slot takes a name that toks[i] is; a wrong one is only passed over.
func (r *reader) slot(t *turn, k *token, i int, e *entities, wrong bool) bool {
	var provider, client, protocol string
	incoming, device := false, false
	for _, m := range e.providers {
		if m.pos == i {
			provider = m.id
		}
	}
	for _, m := range e.clients {
		if m.pos == i {
			client = m.id
		}
	}
	if provider == "" && client == "" {
		switch ref, ok := r.names.exact([]byte(k.text)); {
		case protocolWord(k.text) != "":
			protocol = protocolWord(k.text)
		case readingWords[k.text]:
			incoming = true
		case sendingWords[k.text]:
			protocol = "smtp"
		case ok && ref.weak && !glue[k.text] && !deviceWords[k.text]:
			provider, client = ref.provider, ref.client
			if client != "" {
				provider = ""
			}
		case deviceWords[k.text]:
			device = true
		case phoneWords[k.text]:
			t.phone = true
			return true
		default:
			return false
		}
	}
	if wrong {
		t.denied = true
		return true
	}
	t.named = true
	if provider != "" {
		t.provider, t.domain = provider, firstOf(e.domains)
	}
	if client != "" {
		t.client = client
	}
	if protocol != "" {
		t.protocol = protocol
	}
	t.incoming, t.device = t.incoming || incoming, t.device || device
	return true
}

// follow says how the message continues its thread, "" when it may not.
func (t *turn) follow() knowledge.Follow {
	pure := t.only(nil)
	switch {
	case where.MatchString(t.said) && pronouns.MatchString(t.said) && moves.MatchString(t.said) && t.only(ways):
		return knowledge.FollowWhere
	case t.named && pure && defines.MatchString(t.said) && !shared.MatchString(t.said):
		return ""
	case (t.named || t.phone) && (pure || t.only(workWords)) && links.MatchString(t.said):
		return knowledge.FollowMore
	case t.named && t.only(takes) && !able.MatchString(t.said) && (t.denied || corrects.MatchString(t.said)):
		return knowledge.FollowCorrect
	case t.named && pure && t.states():
		return knowledge.FollowMore
	case t.oneWorks() && t.only(asideWords):
		t.turnRound()
		return knowledge.FollowMore
	case !t.named && still.MatchString(t.said) && !subjects.MatchString(t.said):
		return knowledge.FollowStill
	}
	return ""
}

// states reports whether the message tells the provider, the program or the
// device: "the mailbox is at GMX", or "android" when that was asked.
func (t *turn) states() bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(t.said, " "), " ")
	return !t.question && !questionWords[first] && !t.detail && !t.incoming && t.protocol == "" && (t.words <= 2 || tells.MatchString(t.said)) && !able.MatchString(t.said) && !denies.MatchString(t.said)
}

// oneWorks reports whether the message says that one direction works.
func (t *turn) oneWorks() bool {
	return !t.question && t.incoming != (t.protocol == "smtp") && works.MatchString(t.said) && !denies.MatchString(t.said)
}

// turnRound makes the direction that works the one that does not.
func (t *turn) turnRound() {
	if t.incoming {
		t.incoming, t.protocol = false, "smtp"
	} else {
		t.incoming, t.protocol = true, ""
	}
}

// only reports whether the message holds nothing but names, glue and these words.
func (t *turn) only(words map[string]bool) bool {
	for _, w := range t.other {
		if !words[w] {
			return false
		}
	}
	return true
}
