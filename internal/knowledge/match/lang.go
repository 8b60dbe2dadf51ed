package match

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Neither is the language of a message that is neither German nor English;
// seemsEnglish is that of one which no word gives away, only its letters:
// German writers use such words as they are ("timeout", "relaying denied").
const (
	neither      = "neither"
	seemsEnglish = "en?"
)

// langWords are words that give a language away, folded; words of two
// languages ("in", "an", "war", "die" as a verb) stay out.
var langWords = func() map[string]string {
	m := map[string]string{}
	for lang, words := range map[string]string{
		"de": "ich nicht der das und ist mein meine meinem meinen mit wie bei auf kein keine keinen wird kann aber fur von zu zum zur ein eine einen einem einer wenn warum wieso weshalb " +
			"welche welcher welches habe hab hat haben hatte sich mir mich sie wir ihr nach uber oder dass noch nur immer mehr geht gehts funktioniert seit heute gestern schon jetzt als auch " +
			"aus dem den des im ins um bitte danke hallo moin servus hilfe wo was wer gibt muss soll sollte mochte brauche konnen konnte ohne sind bin dann doch da dort hier man unser unsere " +
			"neue neuen neues alte passwort kennwort konto konten postfach anmeldung anmelden empfangen senden versenden abrufen einrichten verbindung fehler fehlermeldung posteingang postausgang einstellungen " +
			"nachricht nachrichten gesendet zertifikat ungultig benutzername daten richtig falsch plotzlich leider jemand etwas nichts guten tag gruss grusse vielen lieben dank trotz weil obwohl zwischen " +
			"vergessen eingeben bekomme komme kommt lauft laufen klappt mal denn bekommt steht sagt meldet fragt rechner handy ordner adresse mailadresse emails? anbieter postausgangsserver posteingangsserver " +
			"serverdaten anschluss verschlusselung stimmt umziehen umzug loschen geloscht weg verschwunden storung testen teste pruf prufe prufen richte einstellen andern wechsel wechseln vom beim unter weitere zweites",
		"en": "the is my i to of and not cant can with for it this that from you your how what why when where which does dos do dont doesnt wont have has had been be are was were will would should could " +
			"but on at by or if as an no get getting got keep keeps asking says saying after since just any all there please help thanks thank hello hi hey we they them their its im ive me " +
			"password account settings server error receive receiving send sending sent messages message emails mails inbox connect connection cannot unable trying tried try failed fails working work works " +
			"new old set up setup add use using change changed wrong incoming outgoing login log sign into out than then only still now anymore longer need want about who username email down",
	} {
		for w := range strings.FieldsSeq(words) {
			if other, dup := m[w]; dup && other != lang {
				m[w] = "" // a word of both languages tells nothing
				continue
			}
			m[w] = lang
		}
	}
	for lang, words := range foreignWords {
		for w := range strings.FieldsSeq(words) {
			if l, dup := m[w]; !dup || l != "de" && l != "en" {
				m[w] = lang
			}
		}
	}
	for lang, words := range map[string]string{
		"de": "ist die hat war der des mal als im passwort konto kein den dem daten teste testen wie wer das geht sind weg bei mit fur",
		"en": "not do on down up log help hello dos for is or",
		"": "was in an me no mi email server password account man will so un per na test da ma login hi kan os bin a e i y d c l n j w z en es et ou la le mail mails hej va du come plus at det den mit sende per ei est " +
			"outlook thunderbird gmail apple iphone ipad android windows exchange imap pop pop3 smtp gmx hotmail yahoo icloud office microsoft google ios mac",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = lang // shared words, decided by how people write here
		}
	}
	return m
}()

// foreignWords are words of other languages that people write to a bot here
// in; the languages are only told from German and English, not from each other.
var foreignWords = map[string]string{
	"fr": "je ne pas le les une mon ma mes avec pour dans sur vous nous que qui comment bonjour bonsoir merci mot passe messagerie compte boite envoyer recevoir impossible au aux ce cette mais sont marche " +
		"depuis quel quelle puis peux peut recois recu arrive arrivent fonctionne serveur erreur salut besoin aide configurer courrier votre notre envoi",
	"es": "el los las una mis con para por que como hola gracias contrasena correo correos cuenta enviar recibir puedo del pero muy esta este tengo desde cuando donde buenos dias buenas tardes ayuda servidor " +
		"llegan llega funciona recibo mensaje mensajes",
	"it": "il lo gli una non mio mia che ciao grazie posta inviare ricevere posso del della sono ho dal questo ma riesco perche quando buongiorno buonasera salve aiuto configurare messaggio messaggi funziona " +
		"arriva arrivano errore di",
	"nl": "ik het een niet mijn met voor van op wat hoe waarom geen wachtwoord maar ook deze zijn ontvangen verzenden naar wordt dit heb kunnen zie verstuurd ontvang instellen hulp bericht berichten werkt bedankt",
	"pl": "nie jest moje jak haslo poczta poczty poczte moge wyslac sie do dla czy dlaczego prosze dzien dobry dziala skrzynka wiadomosci odebrac mam jestem nie",
	"pt": "nao meu minha com para como senha conta enviar receber ola obrigado obrigada uma estou consigo pelo pela mensagem mensagens bom dia voce meus minhas",
	"tr": "bir ve nasil degil sifre hesap icin neden benim gonder alamiyorum gelmiyor merhaba lutfen mesaj ile",
	"sv": "jag inte skicka och att min losenord kommer skickar tack fungerar mejl varfor hur",
	"da": "jeg ikke og adgangskode hvordan hvorfor virker modtager",
	"cs": "jsem neni nefunguje nemohu odeslat heslo proc dobry prosim nejde",
	"ro": "nu pot trimite primesc mele din contul parola cum buna ziua ajutor mesaje si sunt",
	"hu": "nem tudok kuldeni levelet jelszo hogyan miert koszonom",
	"fi": "en voi lahettaa sahkoposti toimi salasana miten miksi kiitos viesti",
}

// accented are letters with marks that neither German nor English writes.
const accented = "ñçãõąćęłńśźżğışěščřžůťďňőűăâîșțåæø"

// plain takes the marks off the letters that fold leaves alone, so that the
// word lists need one spelling only.
var plain = strings.NewReplacer("ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ś", "s", "ź", "z", "ż", "z", "ğ", "g", "ı", "i", "ş", "s",
	"ě", "e", "š", "s", "č", "c", "ř", "r", "ž", "z", "ý", "y", "ů", "u", "ő", "o", "ű", "u", "ă", "a", "ș", "s", "ț", "t")

// langGrams are letter groups that are common in one language and rare in the
// other; they decide messages of content words only.
var (
	deGrams = [...]string{"sch", "ung ", "keit", "lich", "ich", "pf", "tz", "zw", "eit ", "ei", "zu", "kt", "fehl", "eur", "ier", "cht", "tung", "anm", "ver", "ein", "aus", "auf", "wort", "kon", "ahl", "bt ", "st ", "en ", "rt ", "ge"}
	enGrams = [...]string{"th", "ing ", "tion", "ss ", "ou", "ly ", "ed ", "ght", "wh", "ee", "oo", "ow", "ey ", "ty ", "ck ", "ea", "nd ", "y ", "ew", "ite", "ive ", "able", "ct", "ation", "ail "}
)

// language guesses the language of a message: "de", "en", seemsEnglish or
// neither. An empty result means that nothing tells.
func language(toks []token) string {
	var de, en, other, words, foreign int
	for i := range toks {
		if toks[i].kind != word || toks[i].entity {
			continue
		}
		words++
		ascii := isASCII(toks[i].raw)
		marked := !ascii && strings.ContainsAny(toks[i].raw, accented)
		w := toks[i].text
		if marked {
			w = plain.Replace(w)
			other++
		}
		switch langWords[w] {
		case "de":
			de += 2
		case "en":
			en += 2
		case "":
		default:
			other += 2
		}
		if ascii {
			continue
		}
		if strings.ContainsAny(toks[i].raw, "äöüß") {
			de += 3
		}
		if foreignScript(toks[i].raw) {
			foreign++
		}
	}
	switch {
	case words > 0 && foreign*2 > words:
		return neither
	case other > de && other > en && (other >= 4 || words > 2 && de+en == 0):
		return neither
	case de > en:
		return "de"
	case en > de:
		return "en"
	}
	for i := range toks {
		if toks[i].kind != word || toks[i].entity {
			continue
		}
		if _, shared := langWords[toks[i].text]; shared {
			continue
		}
		w := toks[i].text + " "
		for _, g := range deGrams {
			de += strings.Count(w, g)
		}
		for _, g := range enGrams {
			en += strings.Count(w, g)
		}
	}
	switch {
	case de > en:
		return "de"
	case en > de:
		return seemsEnglish
	}
	return ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func foreignScript(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r)
	})
}
