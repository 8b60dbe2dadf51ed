package match

import (
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Names of these lengths are recognised with a typing error, those from longName
// on with two.
const (
	minName  = 5
	maxName  = 24
	longName = 9
)

// minSlip is the shortest misspelt word; so short a one has lost a letter ("yaho").
const minSlip = 4

// notFuzzy are words that lie one letter beside a name and are none.
var notFuzzy = set("amazons amazonas amazone amazonen gail gandhi grail hotpoint hotpoints ismail landry lucia luria milo nader rhone samson samsons ziggy adroit amanuenses ardor armor bravo chartered conch earthing earthlings " +
	"earthling earthlier encourage encouraged encourages freer goner gonzo ions lived magentas milch naiver nave navel naves photon postcode quickie quicklime ramble rambled rambles ramblers thunderbolt thundered thunderhead " +
	"hetzer ikone kabelwahl karten kasseler kassierer kassierert kasten konsole konsolen lacoste landau malo nager nettolohne schund schwund telefonie telefonist telefonier telefonisch telefoniere telefonieren androht chartern chartert kabelnde kalten kanten kauten " +
	"milde mobilem mobilere naher speicherte webe webte weide wende those thyme hostet mailt strabo simpatico blonder blunder embark blutender bluhender" +
	" never postein posteingang lever clever fever server eingang ausgang hosted hoster hosters spaces gmal1 email emaile mail mails emails outbox online offline outlooks outline look posten poste post one host hosts hotel yahoo1 " +
	"vodafone1 evolutions revolution icon icons cloud clouds world words server servers domain strange strats start started stats state " +
	"lions union unions million version versions telekommunikation arbor color free freund freunde freund street strata zero zoom apples " +
	"macht nacht nach mach male mailen mailed meilen maile mali gmbh live life love like lite line lines web weg wen welt webs fastmal posted poster " +
	"proton protons ionen bionos junos kontos konto iphones phones phone tablet samstag samsung1 ever over aber under android androids droid freien freier " +
	"frei netz setze alles alice1 spectral inspect freemail freenets mailbox mailboxes mailbus einloggen exchange change changed")

// shortSlips are the typing errors of names too short to be looked up by
// distance: a letter doubled, or two swapped.
var shortSlips = map[string]string{"gmxx": "gmx", "gmmx": "gmx", "ggmx": "gmx", "gxm": "gmx", "gmy": "gmx", "gnx": "gmx", "aool": "aol", "aoll": "aol", "aaol": "aol", "webd": "webde"}

// oneWord reports whether an alias is a single name, rather than words that
// stand together ("tb asks"), of which a slip may make anything.
func oneWord(alias, key string) bool {
	words := strings.Fields(alias)
	if len(words) > 1 {
		return len(key) >= longName && !slices.ContainsFunc(words, func(w string) bool { return len(w) < minSlip })
	}
	return !strings.Contains(alias, "-") || len(key) > minName
}

// fuzzy looks for a name one typing error away (a letter too many, missing,
// swapped or wrong, but not the first; two errors in a long name); ordinary
// words find nothing. Of several the longest wins, then the first in the alphabet.
func (n *names) fuzzy(w string) (nameRef, bool) {
	if right, ok := shortSlips[w]; ok {
		ref, ok := n.alias[right]
		return ref, ok
	}
	if len(w) < minSlip || len(w) > maxName || notFuzzy[w] || langWords[w] != "" {
		return nameRef{}, false
	}
	best := ""
	for size := min(len(w)+1, maxName); size >= max(len(w)-1, minName); size-- {
		for _, k := range n.near[[2]byte{w[0], byte(size)}] {
			if !nearName(w, k) {
				continue
			}
			if best == "" || len(k) > len(best) || len(k) == len(best) && k < best {
				best = k
			}
		}
	}
	if best == "" {
		best = n.far(w)
	}
	if best == "" {
		return nameRef{}, false
	}
	return n.alias[best], true
}

// far is fuzzy for two errors in a long name.
func (n *names) far(w string) string {
	for size := min(len(w)+2, maxName); size >= max(len(w)-2, longName); size-- {
		for _, k := range n.near[[2]byte{w[0], byte(size)}] {
			if w[1] == k[1] && !n.alias[k].dotted && !n.alias[k].rare && knowledge.Distance(w, k, 3) == 2 {
				return k
			}
		}
	}
	return ""
}

// nearName reports whether a and b differ by one edit or one swap.
func nearName(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	ra, rb := a[i:], b[i:]
	switch {
	case len(b)-len(a) > 1:
		return false
	case len(b) == len(a):
		if len(ra) == 0 || ra[1:] == rb[1:] {
			return true
		}
		return len(ra) >= 2 && ra[0] == rb[1] && ra[1] == rb[0] && ra[2:] == rb[2:]
	default:
		return ra == rb[1:]
	}
}

// mailDomains are the domains of which so many have an address that a domain
// one letter beside them is a slip rather than a company's own.
var mailDomains = strings.Fields("gmail.com googlemail.com outlook.com outlook.de hotmail.com hotmail.de hotmail.co.uk hotmail.fr yahoo.com yahoo.de yahoo.co.uk icloud.com " +
	"t-online.de freenet.de vodafone.de arcor.de kabelmail.de posteo.de protonmail.com comcast.net verizon.net bellsouth.net sbcglobal.net btinternet.com bluewin.ch " +
	"gmx.de gmx.net gmx.at gmx.ch web.de aol.com")

// ownDomains lie one letter beside one of them and are somebody's own.
var ownDomains = set("grail.com gail.com poste.de")

// meantDomain returns the well-known domain that d was meant to be, or "". In a
// short name a letter makes another domain, so that only its ending may be wrong.
func meantDomain(d string) string {
	if d == "" || ownDomains[d] {
		return ""
	}
	name, end, _ := strings.Cut(d, ".")
	for _, k := range mailDomains {
		right, tail, _ := strings.Cut(k, ".")
		switch {
		case name == right && end != tail && slipOfEnding[end] == tail:
			return k
		case name == "" || len(right) < minName || name[0] != right[0] || end != tail && slipOfEnding[end] != tail:
		case name != right && nearName(name, right), len(right) >= longName-1 && knowledge.Distance(name, right, 3) == 2:
			return k
		}
	}
	return ""
}

// slipOfEnding are endings that no mailbox domain has.
var slipOfEnding = map[string]string{"con": "com", "cmo": "com", "comm": "com", "coom": "com", "vom": "com", "ed": "de", "dee": "de", "ent": "net", "nett": "net"}

// slip returns the provider of the well-known domain that r was meant to be, or "".
func (n *names) slip(r string, e *entities) string {
	right := meantDomain(r)
	if right == "" {
		return ""
	}
	id := n.ofHost(right)
	if id != "" && e.misspelt == "" {
		e.misspelt, e.meant = r, right
	}
	return id
}
