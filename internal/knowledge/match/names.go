package match

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// nameRef is what an alias stands for.
type nameRef struct {
	provider, client string
	weak             bool // an ordinary word as well: needs a mail word beside it
	dotted           bool // written with a dot: may be torn apart ("web. de")
	rare             bool // of data/hosters.txt: recognised with a typing error only when it is long
	loose            bool // a name of one word: recognised with a typing error
}

// names finds providers and mail programs in tokens. The key of an alias is
// its folded letters and digits without anything between them, so that
// "t -online", "T-Online" and "tonline" are one.
type names struct {
	book  *knowledge.Book
	alias map[string]nameRef
	heads map[uint32]bool      // first four letters of aliases
	near  map[[2]byte][]string // names by first letter and length, to look typing errors up in
	hosts map[string]string    // registrable domain or host of a server -> provider id
	homes map[string]string    // provider known by name alone -> domain of its addresses,
	brand map[string]string    // and the other way round
}

// maxParts is how many tokens an alias may span.
const maxParts = 5

// weakNames are names that are ordinary words, people's first names or short
// forms; alone they say nothing.
var weakNames = set("a1 orange sky cox wix interia apple microsoft post aon chello freemail shaw bell rogers eclipse plus tele2 congstar pm " +
	"bt ee virgin charter frontier optimum spectrum android samsung evolution tim alice pair tiscali libero sfr 02 ewe free " +
	"magenta tb msn att post mailbox q wp core exchange poste yeah tlen")

// neverNames are words that are a provider's name only when written with its
// dot ("one.com", "mail.de").
var neverNames = set("one live me mac web mail inbox hey fast home name email online world domain host now office uni neo hover easy netz kunden ki ig terra evo run hoster hosting " +
	"resend loops loop q daum smartphone handy ios1 ses free fast post ohm das all inbox poste yeah rocket undernet name")

func newNames(book *knowledge.Book) *names {
	n := &names{book: book, alias: map[string]nameRef{}, hosts: map[string]string{}, near: map[[2]byte][]string{}, heads: map[uint32]bool{}, homes: map[string]string{}, brand: map[string]string{}}
	f := book.Facts()
	for _, p := range f.Providers {
		n.addHosts(p)
		// A record without aliases is known by its domains alone; an id may be another's name.
		if len(p.Aliases) > 0 && book.ByAlias(p.ID) == p {
			n.addAlias(p.ID, nameRef{provider: p.ID})
		}
	}
	for _, a := range extraAliases {
		for _, id := range strings.Fields(a.ids) {
			if book.Provider(id) != nil || book.Client(id) != nil {
				n.addExtra(a.names, id)
				break
			}
		}
	}
	for _, p := range f.Providers {
		if p.ID == genericHoster {
			continue // its aliases are words that describe, not names
		}
		for _, a := range p.Aliases {
			n.addAlias(a, nameRef{provider: p.ID})
		}
		if len(p.Aliases) > 0 || strings.ContainsAny(p.Name, ". ") {
			n.addAlias(p.Name, nameRef{provider: p.ID})
		}
		for _, d := range p.Domains {
			n.addDomain(d, p.ID)
		}
	}
	for _, c := range f.Clients {
		n.addAlias(c.Name, nameRef{client: c.ID})
		n.addAlias(c.ID, nameRef{client: c.ID})
		for _, a := range c.Aliases {
			n.addAlias(a, nameRef{client: c.ID})
		}
	}
	n.addHosters()
	for k, ref := range n.alias {
		if h, ok := head(k); ok {
			n.heads[h] = true
		}
		if ref.loose && len(k) >= minName && len(k) <= maxName && !allDigits(k) && !ref.weak {
			at := [2]byte{k[0], byte(len(k))}
			n.near[at] = append(n.near[at], k)
		}
	}
	return n
}

// head packs the first four letters of a key; there is none of a shorter one.
func head[T string | []byte](key T) (uint32, bool) {
	if len(key) < 4 {
		return 0, false
	}
	return uint32(key[0]) | uint32(key[1])<<8 | uint32(key[2])<<16 | uint32(key[3])<<24, true
}

// genericHoster is the record for any hoster with servers in the own domain.
const genericHoster = "generic-hoster"

// extraAliases are ways to say a provider or program that its record need not
// list, because they hold whatever facts are loaded; the first id that exists
// gets the names.
var extraAliases = []struct{ ids, names string }{
	{"gmail", "google, googlemail, google mail, google account, google konto, google workspace, gsuite, g mail"},
	{"outlook", "hotmail, outlook.com, outlook.de, live.com, live.de, msn, hot mail, microsoft konto, microsoft konten, microsoft account, microsoft accounts, microsoft mail, microsoft mails, " +
		"microsoft email, microsoft emails, microsoft adresse, microsoft adressen, microsoft mailadresse, microsoft mailadressen, microsoft emailadresse, microsoft postfach, microsoft mailkonto, ms mail, ms mails, ms konto, ms account"},
	{"microsoft365", "office 365, office365, o365, m365, microsoft 365, ms365, exchange online, office 365 mail"},
	{"t-online", "telekom, magenta, magentamail, deutsche telekom"},
	{"ionos", "1&1 ionos"},
	{"1und1 ionos", "1&1, 1und1, 1and1, 1 & 1"},
	{"vodafone-de vodafone", "arcor, kabelmail, unitymedia, unitybox, vodafonemail, kabel deutschland"},
	{"o2-de o2", "alice, alice-dsl, 02, o2online"},
	{"yahoo", "yahoo, yahoomail, ymail"},
	{"comcast", "xfinity, comcast"},
	{"att", "at&t, att, sbcglobal, bellsouth"},
	{"verizon aol", "verizon"},
	{"protonmail proton", "proton, protonmail"},
	{"icloud", "apple id, me.com, mac.com"},
	{"rr spectrum", "roadrunner, road runner"},
	{"thunderbird", "tbird, t-bird, tb"},
	{"rcn", "rcn"},
	{"centurylink", "centurylink, century link, embarq"},
	{"centurytel", "centurytel"},
	{"bell", "bell canada, sympatico, bell mail"},
	{"blueyonder-co-uk", "blueyonder"},
	{"ntlworld", "ntlworld, ntl world"},
	{"juno", "juno"},
	{"peoplepc", "peoplepc"},
	{"hushmail", "hushmail"},
	{"runbox", "runbox"},
	{"migadu", "migadu"},
	{"purelymail", "purelymail"},
	{"kolabnow", "kolabnow, kolab now"},
	{"fastwebnet-it", "fastweb"},
	{"loopia", "loopia"},
	{"websupport-sk", "websupport"},
	{"dondominio", "dondominio"},
	{"uol-com-br", "uol"},
	{"mail-ru", "mailru"},
	{"sendgrid", "sendgrid"},
	{"mailgun", "mailgun"},
	{"mailjet", "mailjet"},
	{"sparkpost", "sparkpost"},
	{"smtp2go", "smtp2go"},
}

func (n *names) addExtra(list, id string) {
	ref := nameRef{provider: id}
	if n.book.Provider(id) == nil {
		ref = nameRef{client: id}
	}
	for a := range strings.SplitSeq(list, ",") {
		n.addAlias(strings.TrimSpace(a), ref)
	}
}

// squeeze returns the key of an alias: folded, letters and digits only.
func squeeze(s string) string {
	s = fold(strings.ToLower(strings.ReplaceAll(s, "&", "und")))
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func (n *names) addAlias(alias string, ref nameRef) {
	key := squeeze(alias)
	if len(key) < 2 {
		return
	}
	ref.dotted = strings.Contains(alias, ".")
	if neverNames[key] && !ref.dotted {
		return
	}
	ref.weak = weakNames[key] && !ref.dotted
	ref.loose = oneWord(alias, key) && (!ref.rare || len(key) >= longName-1)
	old, ok := n.alias[key]
	switch {
	case !ok:
		old = ref
	case old.provider != "" && ref.client != "":
		old.client = ref.client
	case old.provider == ref.provider && old.client == ref.client:
		old.dotted = old.dotted || ref.dotted
		old.loose = old.loose || ref.loose
	}
	n.alias[key] = old
}

// addDomain makes the short form of a domain an alias when it is long enough
// to be a name of its own ("suddenlink" of suddenlink.net).
func (n *names) addDomain(domain, id string) {
	key := squeeze(domain)
	if len(domain) >= 5 {
		if _, ok := n.alias[key]; !ok {
			n.alias[key] = nameRef{provider: id, dotted: true}
		}
	}
}

// addHosts maps the provider's servers to it. A registrable domain that
// several providers share belongs to none of them.
func (n *names) addHosts(p *knowledge.Provider) {
	for _, s := range append(p.Servers[:len(p.Servers):len(p.Servers)], p.Outdated...) {
		if strings.Contains(s.Host, "{") {
			continue
		}
		h := strings.ToLower(s.Host)
		if n.hosts[h] == "" {
			n.hosts[h] = p.ID
		}
		if d := registrable(h); d != "" {
			if old, ok := n.hosts[d]; ok && old != p.ID {
				n.hosts[d] = ""
			} else {
				n.hosts[d] = p.ID
			}
		}
	}
}

// registrable returns the domain of a host below its public suffix, or "".
func registrable(h string) string {
	d, err := publicsuffix.EffectiveTLDPlusOne(h)
	if err != nil {
		return ""
	}
	return d
}

// ofHost returns the provider of a host or domain, or "".
func (n *names) ofHost(h string) string {
	h = strings.TrimSuffix(h, ".")
	if strings.HasSuffix(h, "office365.com") && n.book.Provider("microsoft365") != nil {
		return "microsoft365" // consumers share the host; without an address the business side is meant
	}
	for d := h; strings.Contains(d, "."); {
		if id := n.brand[d]; id != "" {
			return id
		}
		if p := n.book.ByDomain(d); p != nil {
			return p.ID
		}
		if id := n.hosts[d]; id != "" {
			return id
		}
		_, d, _ = strings.Cut(d, ".")
	}
	return ""
}

// exact looks up the key made of toks[i:i+k]; it returns the reference and ok.
func (n *names) exact(key []byte) (nameRef, bool) {
	r, ok := n.alias[string(key)]
	return r, ok
}
