package match

import (
	"slices"
	"strings"
)

// products are what companies sell beside mailboxes: "Proton VPN" and "Google
// Chrome" name no provider.
var products = set("vpn chrome drive play pixel maps docs sheets photos fotos router hotspot dsl glasfaser speedport fritzbox messenger meet classroom duo home wallet pay watch tv music " +
	"translate ubersetzer suche search ads analytics authenticator earth store shop festnetz mobilfunk handyvertrag fernsehen receiver toolbar aktie pass desktop defender edge antivirus")

// otherProduct reports whether the word behind a name makes it another product
// of that company.
func otherProduct(toks []token, j int) bool { return j < len(toks) && products[toks[j].text] }

// mailboxEnds are what German joins to a provider's name: "gmailkonto".
var mailboxEnds = strings.Fields("mailkonto emailkonto mailadresse emailadresse mailadressen mailaccount mailserver konto kontos konten account accounts adresse adressen postfach postfacher server mails mail email passwort nutzer user")

// compound returns the provider of "arcormail" or "gmxkonto".
func (n *names) compound(w string) (nameRef, bool) {
	for _, end := range mailboxEnds {
		stem, ok := strings.CutSuffix(w, end)
		if !ok || len(stem) < 3 {
			continue
		}
		ref, ok := n.alias[stem]
		switch {
		case !ok || ref.weak:
		case ref.provider != "":
			return nameRef{provider: ref.provider}, true
		case ref.client == "outlook" && n.book.Provider("outlook") != nil:
			return nameRef{provider: "outlook"}, true
		}
	}
	return nameRef{}, false
}

// besideName accepts a weak name that is written together with a sure one:
// "ATT/Yahoo".
func (n *names) besideName(toks []token, j int) bool {
	return j < len(toks) && toks[j].joined && toks[j].kind == word && n.isName([]byte(toks[j].text))
}

var (
	recipients = set("empfanger empfangern empfangers adressaten recipient recipients")
	plural     = set("adressen addresses adress address adresse accounts account konten konto postfacher user users nutzer kunden customers people leute kontakte contacts")
	sends      = set("send sends sending sent sende senden sendet gesendet schicke schicken schickt versende versenden versand verschicken bounce bounced bounces delivered deliver delivery zustellen zugestellt " +
		"write schreiben schreibe")
	letters = set("mails emails mail email nachrichten")
)

// sendReach is how many words before "to" or "an" the sending is looked for,
// and toReach how many after it the name may stand.
const (
	sendReach = 7
	toReach   = 4
)

// toOthers puts the providers at which only recipients are behind the others
// ("mails from my GMX account to Gmail addresses bounce"), and leaves out the MX
// that a bounce shows.
func (n *names) toOthers(toks []token, e *entities) {
	e.providers = slices.DeleteFunc(e.providers, func(m mention) bool {
		if m.pos >= len(toks) || toks[m.pos].kind != host || !receives(toks[m.pos].raw) {
			return false
		}
		p, _, _ := n.book.ByHost(toks[m.pos].raw) // of some the MX is what mail programs use
		return p == nil
	})
	for i := range e.providers {
		if m := &e.providers[i]; m.pos < len(toks) {
			m.theirs = isRecipient(toks, m.pos)
		}
	}
}

// receives reports whether a server takes mail for its own users only, so that
// nobody has it in a mail program.
func receives(h string) bool {
	label, _, _ := strings.Cut(h, ".")
	return strings.HasPrefix(label, "mx") || strings.Contains(label, "smtp-in") || strings.HasPrefix(label, "aspmx") || strings.HasPrefix(label, "inbound")
}

func isRecipient(toks []token, i int) bool {
	after := func(k int) string {
		for ; k < len(toks); k++ {
			if toks[k].kind != boundary || toks[k].raw == "\n" || toks[k].raw == "." {
				return toks[k].text
			}
		}
		return ""
	}
	if recipients[after(i+1)] {
		return true
	}
	for k := i - 1; k >= max(0, i-toReach); k-- {
		switch toks[k].text {
		case "an", "to":
			if toks[k].text == "to" && !plural[after(i+1)] && k != i-1 {
				return false
			}
			sent := slices.ContainsFunc(toks[max(0, k-sendReach):k], func(t token) bool {
				return sends[t.text] || toks[k].text == "an" && letters[t.text] || strings.HasSuffix(t.text, "sendung") || strings.HasPrefix(t.text, "empfang")
			})
			moved := slices.ContainsFunc(toks[max(0, k-sendReach):k], func(t token) bool { return migrates[t.text] })
			return sent && !moved
		case "from", "von", "vom", "bei", "with", "mit", "in", "im", "via", "uber", "my", "mein", "meine", "meinem", "meinen", "|":
			return false
		}
	}
	return false
}

// migrates are what is done with mail that goes to another mailbox of the same person.
var migrates = set("move moved moving migrate migrated migrating transfer import importing forward forwarding forwarded weiterleiten weitergeleitet weiterleitung umziehen ubertragen importieren export exportieren copy kopieren connect connecting connection switch " +
	"switching wechseln wechsel log logging login sign anmelden verbinden verbindung access respond prefer")
