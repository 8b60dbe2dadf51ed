package match

import (
	"cmp"
	"slices"
	"strings"
)

// sense is what "Outlook" alone stands for: Microsoft's program or its mailbox.
type sense uint8

const (
	notOutlook sense = iota
	asNamed          // a name without a sign of either: the program, unless the rest says otherwise
	asProgram        // "in Outlook", "Outlook 2016"
	asMailbox        // "my Outlook account"
	either           // "my Outlook mails", "Outlook SMTP": the mailbox, unless another provider is named
)

var (
	mailboxNouns = set("online account accounts konto konten kontos adresse emailadresse mailadresse address postfach mailbox mailkonto emailkonto web webmail live hotmail passwort password")
	mailNouns    = set("email emails mail mails smtp imap pop pop3")
	protocols    = set("smtp imap pop pop3")
	possessives  = set("my mein meine meinem meinen meiner our unser unsere an ein eine the his her personal privates")
	inProgram    = set("in im inside unter within classic new neues neuen neuem programm client")
	programSigns = set("with mit from von using use via uber microsoft ms aus to into for of den dem das")
	programNouns = set("app client programm program desktop express classic klassisch pc version mobile profil profile")
	signIn       = set("log logging logged login sign signing signed in")
)

// outlookSense tells "my Outlook account" from "Outlook 2016".
func outlookSense(toks []token, i int) sense {
	word := func(k int) string {
		if k < 0 || k >= len(toks) {
			return ""
		}
		return toks[k].text
	}
	last, next := word(i-1), word(i+1)
	enters := (last == "to" || last == "into") && signIn[word(i-2)]
	switch {
	case mailboxNouns[next] && !inProgram[last], last == "online", next == "on" && word(i+2) == "the" && word(i+3) == "web":
		return asMailbox
	case enters, isPassword(word(i-2)) && (last == "from" || last == "von" || last == "bei"), last == "bei" && strings.HasPrefix(next, "einlogg"), last == "bei" && strings.HasPrefix(next, "anmeld"):
		return asMailbox
	case inProgram[last], programSigns[last], programNouns[next], i+1 < len(toks) && toks[i+1].kind == number:
		return asProgram
	case protocols[next] && (i+2 >= len(toks) || toks[i+2].kind == boundary):
		return asProgram
	case protocols[next], mailNouns[next] && possessives[last]:
		return either
	}
	return asNamed
}

// settleOutlook decides what Outlook is where the words beside it leave it open.
func (n *names) settleOutlook(toks []token, e *entities) {
	if n.book.Provider("outlook") == nil {
		return
	}
	others := slices.ContainsFunc(e.clients, func(m mention) bool { return m.sense == notOutlook })
	provider := slices.ContainsFunc(e.providers, func(m mention) bool { return m.id != "outlook" && m.id != "microsoft365" && !m.theirs })
	boxed := slices.ContainsFunc(e.clients, func(m mention) bool { return m.sense == asMailbox })
	var keep []mention
	for _, m := range e.clients {
		switch {
		case m.sense == asMailbox, m.sense == either && !provider, m.sense == asNamed && (boxed || others && listed(toks, m.pos)):
			m.id = "outlook"
			e.providers = append(e.providers, m)
			toks[m.pos].text = "@prov"
		default:
			keep = append(keep, m)
		}
	}
	if len(keep) == len(e.clients) {
		return
	}
	e.clients = keep
	slices.SortStableFunc(e.providers, func(a, b mention) int { return cmp.Compare(a.pos, b.pos) })
}

// listed reports whether a provider stands beside a name in a list: "Outlook
// and Gmail stopped working with Thunderbird".
func listed(toks []token, i int) bool {
	at := func(k int) string {
		if k < 0 || k >= len(toks) {
			return ""
		}
		return toks[k].text
	}
	joins := func(s string) bool { return s == "and" || s == "und" || s == "or" || s == "oder" || s == "|" }
	return joins(at(i+1)) && at(i+2) == "@prov" || at(i+1) == "@prov" || joins(at(i-1)) && at(i-2) == "@prov"
}
