package match

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// mention is one provider or program named in a message.
type mention struct {
	id     string
	name   string // as it was found, letters and digits only
	pos    int    // index of its first token
	named  bool   // by name rather than by a host or an address
	typo   bool
	host   bool
	theirs bool  // of the people written to, so hardly what the problem is about
	sense  sense // of Outlook
}

// entities is everything concrete that a message names.
type entities struct {
	providers []mention
	clients   []mention
	protocols []mention // id is imap, pop3 or smtp
	domains   []string  // of addresses and mail hosts that no record covers
	hosts     []string  // mail server names
	ports     []uint16
	codes     []string
	security  []mailconf.Security
	address   bool
	misspelt  string // a domain that was read as another,
	meant     string // and that one
}

// findEntities reads the entities and marks their tokens; names of providers
// and programs become the class tokens @prov and @client.
func (n *names) findEntities(toks []token, known vocabulary) ([]token, entities) {
	return n.entitiesInto(nil, toks, known)
}

// entitiesInto is findEntities with room for the tokens that it returns.
func (n *names) entitiesInto(room, toks []token, known vocabulary) ([]token, entities) {
	var e entities
	out := slices.Grow(room[:0], len(toks))
	for i := 0; i < len(toks); {
		if k := n.nameAt(toks, i, &e, len(out), known); k > 0 {
			t := toks[i]
			t.entity = true
			t.text = "@prov"
			if len(e.clients) > 0 && e.clients[len(e.clients)-1].pos == len(out) {
				t.text = "@client"
			}
			out = append(out, t)
			i += k
			continue
		}
		t := toks[i]
		n.single(&t, toks, i, &e, len(out))
		out = append(out, t)
		i++
	}
	e.destination(out)
	n.settleOutlook(out, &e)
	n.toOthers(out, &e)
	return out, e
}

// nameAt tries the longest name that starts at token i; it returns how many tokens it spans.
func (n *names) nameAt(toks []token, i int, e *entities, pos int, known vocabulary) int {
	if toks[i].kind != word && toks[i].kind != number {
		return 0
	}
	var keys [maxParts][]byte
	var ends [maxParts]int
	var torn [maxParts]bool
	var room [64]byte
	key, parts, broken := room[:0], 0, false
	for j := i; j < len(toks) && parts < maxParts; j++ {
		switch t := &toks[j]; t.kind {
		case boundary:
			if t.raw != "." || parts == 0 {
				j = len(toks)
				continue
			}
			broken = true
			continue
		case word:
			key = append(key, t.text...)
		case number:
			key = append(key, squeeze(t.raw)...)
		case host:
			if parts == 0 {
				j = len(toks)
				continue
			}
			key = append(key, squeeze(t.raw)...)
		default:
			j = len(toks)
			continue
		}
		if h, ok := head(key); ok && parts == 0 && !n.heads[h] {
			break // no name begins like that
		}
		keys[parts], ends[parts], torn[parts] = key, j+1, broken
		parts++
	}
	for p := parts - 1; p >= 0; p-- {
		ref, ok := n.exact(keys[p])
		if !ok || torn[p] && !ref.dotted || ref.weak && !mailContext(toks, i, ends[p]) && !n.besideName(toks, ends[p]) && !inMailText(keys[p], toks, i) || p == 0 && ref.dotted && len(keys[p]) < 7 && !isNameOnly(keys[p], ref) {
			continue
		}
		if last := toks[ends[p]-1]; p > 0 && !last.joined && prepositions[last.text] && n.isName(keys[p-1]) {
			continue // "Zoho in Outlook" is not zoho.in
		}
		if ref.provider != "" && otherProduct(toks, ends[p]) {
			continue
		}
		if p > 0 && toks[ends[p]-1].text == "app" && ends[p] < len(toks) && isPassword(toks[ends[p]].text) {
			continue // the app password of Gmail, not the password in the Gmail app
		}
		n.take(ref, e, mention{pos: pos, name: string(keys[p]), named: true}, toks, i, ends[p])
		return ends[p] - i
	}
	return n.slipAt(toks, i, e, pos, known)
}

// slipAt is nameAt for a name within a compound or with a typing error.
func (n *names) slipAt(toks []token, i int, e *entities, pos int, known vocabulary) int {
	if toks[i].kind != word {
		return 0
	}
	m := mention{pos: pos, named: true}
	if ref, ok := n.compound(toks[i].text); ok {
		n.take(ref, e, m, toks, i, i+1)
		return 1
	}
	m.typo = true
	if !known.is(toks[i].text, common) {
		if ref, ok := n.fuzzy(toks[i].text); ok && !ref.weak && !otherProduct(toks, i+1) {
			n.take(ref, e, m, toks, i, i+1)
			return 1
		}
	}
	if i+1 < len(toks) && len(toks[i].text) == 1 && toks[i+1].kind == word && toks[i+1].joined { // "t-onlin"
		if ref, ok := n.fuzzy(toks[i].text + toks[i+1].text); ok && !ref.weak {
			n.take(ref, e, m, toks, i, i+2)
			return 2
		}
	}
	return 0
}

func isPassword(word string) bool {
	return strings.HasPrefix(word, "passw") || strings.HasPrefix(word, "kennw")
}

// prepositions are words that are the ending of a domain as well.
var prepositions = set("in at to no is so me my")

// isName reports whether key names a provider on its own.
func (n *names) isName(key []byte) bool {
	ref, ok := n.exact(key)
	return ok && ref.provider != "" && !ref.weak
}

// isNameOnly accepts a short dotted name written without its dot ("webde").
func isNameOnly(key []byte, ref nameRef) bool { return ref.dotted && len(key) >= 5 }

// mailContext reports whether a word about mailboxes stands beside toks[i:j].
func mailContext(toks []token, i, j int) bool {
	near := func(k int) bool {
		if k < 0 || k >= len(toks) {
			return false
		}
		t := toks[k].text
		return nearWords[t] || strings.HasPrefix(t, "mail") || strings.HasPrefix(t, "email") || strings.HasSuffix(t, "konto") || strings.HasSuffix(t, "adresse") || strings.HasSuffix(t, "server")
	}
	return near(i-1) || near(j) || i > 1 && toks[i-1].text == "meine" && near(i-2)
}

// inMailText accepts a short form of a program's name anywhere in a message
// about mail, except as a unit ("2 TB").
func inMailText(key []byte, toks []token, i int) bool {
	if string(key) != "tb" || i > 0 && toks[i-1].kind == number {
		return false
	}
	return slices.ContainsFunc(toks, func(t token) bool {
		return t.kind == address || t.kind == host || protocolWord(t.text) != "" || strings.Contains(t.text, "mail") || strings.HasSuffix(t.text, "konto") ||
			tbWords[t.text]
	})
}

// tbWords are words about mail accounts beside which TB is a program.
var tbWords = set("account gmx yahoo webde passwort password postfach mailbox posteingang postausgang inbox outlook imap smtp starttls ssl einrichten")

var nearWords = set("provider anbieter hoster isp konto account accounts adresse address postfach mailbox imap smtp pop pop3 bei von server settings einstellungen webmail @addr inbox")

// take records what a name stands for; Outlook is settled when all is read.
func (n *names) take(ref nameRef, e *entities, m mention, toks []token, i, j int) {
	if ref.client != "" && (ref.provider == "" || ref.client == "outlook") {
		m.id = ref.client
		switch {
		case m.id != "outlook":
		case isNewOutlook(toks, j) && n.book.Client("new-outlook") != nil:
			m.id = "new-outlook"
		case j == i+1:
			m.sense = outlookSense(toks, i)
		default:
			m.sense = asProgram
		}
		e.clients = append(e.clients, m)
		return
	}
	m.id = ref.provider
	e.providers = append(e.providers, m)
}

// single reads an entity of one token: address, host, port, code, protocol.
func (n *names) single(t *token, toks []token, i int, e *entities, pos int) {
	switch t.kind {
	case address:
		a, _ := mailconf.ParseAddress(t.raw)
		e.address = true
		n.domain(a.Domain, pos, e)
	case url:
		h := strings.TrimPrefix(strings.TrimPrefix(t.raw, "https://"), "http://")
		h, _, _ = strings.Cut(h, "/")
		h, _, _ = strings.Cut(h, ":")
		if id := n.ofHost(h); id != "" {
			e.providers = append(e.providers, mention{id: id, pos: pos, host: true})
			t.entity = true
		}
	case host:
		n.host(t, e, pos)
	case code:
		n.code(t, toks, i, e)
	case number:
		n.number(t, toks, i, e, pos)
	case word:
		if p := protocolWord(t.text); p != "" {
			e.protocols = append(e.protocols, mention{id: p, pos: pos, named: true})
		}
		if s, ok := securityWords[t.text]; ok {
			e.security = append(e.security, s)
		}
		if bracketCodes[t.text] && len(t.text) > 9 && !codeWordsToo[t.text] {
			e.codes = append(e.codes, strings.ToUpper(t.text))
		}
	}
}

// codeWordsToo are response codes that are ordinary words as well.
var codeWordsToo = set("authenticate unavailable corruption nonexistent")

var securityWords = map[string]mailconf.Security{
	"ssl": mailconf.TLS, "tls": mailconf.TLS, "starttls": mailconf.STARTTLS, "unverschlusselt": mailconf.Plain, "unencrypted": mailconf.Plain,
}

// protocolWord returns the protocol that a folded word names, with its usual
// typing errors and as a part of compounds ("imapserver").
func protocolWord(w string) string {
	switch {
	case strings.HasPrefix(w, "imap"), w == "impa", w == "iamp":
		return "imap"
	case w == "pop", strings.HasPrefix(w, "pop3"), strings.HasPrefix(w, "popserver"), w == "popkonto", w == "pops":
		return "pop3"
	case strings.HasPrefix(w, "smtp"), strings.HasPrefix(w, "smpt"), strings.HasPrefix(w, "stmp"), strings.HasPrefix(w, "postausgang"), strings.HasPrefix(w, "outgoing"), strings.HasPrefix(w, "ausgangsserver"):
		return "smtp"
	}
	return ""
}

func (n *names) domain(d string, pos int, e *entities) {
	if id := n.ofHost(d); id != "" {
		e.providers = append(e.providers, mention{id: id, pos: pos, host: true})
		return
	}
	r := registrable(d)
	if id := n.slip(r, e); id != "" {
		e.providers = append(e.providers, mention{id: id, pos: pos, host: true, typo: true})
		return
	}
	if r != "" && !placeholder(r) {
		e.domains = append(e.domains, r)
		e.providers = append(e.providers, mention{id: r, pos: pos, host: true})
	}
}

// host reads a host name or a domain; a domain that is no mail host and that
// no record covers is kept aside as a domain only.
func (n *names) host(t *token, e *entities, pos int) {
	p := protocolOfHost(t.raw)
	if p != "" {
		e.protocols = append(e.protocols, mention{id: p, pos: pos, host: true})
	}
	mailHost := p != "" || hostPrefix(t.raw)
	if mailHost {
		e.hosts = append(e.hosts, t.raw)
	}
	if id := n.ofHost(t.raw); id != "" {
		e.providers = append(e.providers, mention{id: id, pos: pos, host: mailHost, named: !mailHost})
		t.entity = true
		if !mailHost {
			t.text = "@prov"
		}
		return
	}
	r := registrable(t.raw)
	if id := n.slip(r, e); id != "" {
		e.providers = append(e.providers, mention{id: id, pos: pos, host: mailHost, named: !mailHost, typo: true})
		t.entity = true
		return
	}
	if r != "" && !placeholder(r) && !knownSites[r] {
		e.domains = append(e.domains, r)
		if mailHost || strings.Count(t.raw, ".") == 1 {
			e.providers = append(e.providers, mention{id: r, pos: pos, host: true})
		}
	}
}

// protocolOfHost reads the protocol off a host name such as imap.gmx.net.
func protocolOfHost(h string) string {
	label, _, _ := strings.Cut(h, ".")
	switch {
	case strings.Contains(label, "imap"):
		return "imap"
	case strings.Contains(label, "pop"):
		return "pop3"
	case strings.Contains(label, "smtp"), label == "mx", label == "asmtp", label == "outgoing":
		return "smtp"
	}
	return ""
}

// placeholder reports whether a domain stands for "some domain".
func placeholder(d string) bool {
	label, tld, _ := strings.Cut(d, ".")
	switch tld {
	case "test", "example", "invalid", "local", "localhost", "lan", "tld":
		return true
	}
	switch label {
	case "example", "beispiel", "domain", "domaene", "firma", "company", "mycompany", "server", "provider", "anbieter", "host", "hoster", "xyz", "foo", "bar", "test", "mail", "email", "muster", "something", "whatever", "website", "webseite", "homepage", "yourcompany", "meinefirma", "xxx", "xxxx", "abc", "localhost", "isp", "site":
		return label != "mail" || tld != "com"
	}
	return strings.Contains(label, "example") || strings.Contains(label, "domain") || strings.Contains(label, "server") && len(label) <= 12 || strings.HasPrefix(label, "your") || strings.HasPrefix(label, "dein") || strings.HasPrefix(label, "firma-") || strings.HasPrefix(label, "xx")
}

// knownSites are sites that people link to and that host nobody's mailbox.
var knownSites = set("github.com gitlab.com mozilla.org thunderbird.net stackoverflow.com microsoft.com support.com youtube.com google.com wikipedia.org slack.com discord.com imgur.com pastebin.com twitch.tv facebook.com letsencrypt.org paypal.com amazon.de amazon.com " +
	"mail-tester.com mxtoolbox.com spamhaus.org dnschecker.org ssllabs.com checktls.com archlinux.org debian.org ubuntu.com reddit.com superuser.com serverfault.com stackexchange.com " +
	"apache.org postfix.org dovecot.org php.net python.org nextcloud.com docker.com cloudflare.com x.com twitter.com linkedin.com instagram.com dropbox.com")

func (n *names) code(t *token, toks []token, i int, e *entities) {
	if c := hexCode(t.raw); c != "" {
		e.codes = append(e.codes, c)
		return
	}
	if c := enhancedCode(t.raw); c != "" {
		if versionBefore(toks, i) {
			t.kind, t.text = number, "@ver"
			return
		}
		e.codes = append(e.codes, c)
		return
	}
	e.codes = append(e.codes, strings.ToUpper(t.raw))
}

// versionBefore reports whether the words before toks[i] make it a version or a date.
func versionBefore(toks []token, i int) bool {
	if i == 0 {
		return false
	}
	switch p := toks[i-1].text; p {
	case "version", "v", "ver", "vers", "update", "am", "vom", "seit", "bis", "on", "since", "windows", "macos", "android", "ios", "upgrade", "auf", "release", "outlook", "thunderbird", "postfix", "dovecot", "php", "@client", "den", "dem", "der":
		return true
	}
	return false
}

// number reads ports and SMTP reply codes.
func (n *names) number(t *token, toks []token, i int, e *entities, pos int) {
	if !allDigits(t.raw) {
		return
	}
	v, err := strconv.ParseUint(t.raw, 10, 16)
	if err != nil {
		return
	}
	if p, _, ok := mailconf.PortMeaning(uint16(v)); ok && (v > 100 || i > 0 && (strings.HasPrefix(toks[i-1].text, "port") || t.joined && toks[i-1].kind == host)) {
		e.ports = append(e.ports, uint16(v))
		e.protocols = append(e.protocols, mention{id: string(p), pos: pos})
		return
	}
	if replyCode(t.raw) && !unitAfter(toks, i) || socketCodes[t.raw] && failureBefore(toks, i) {
		e.codes = append(e.codes, t.raw)
		t.text = "@code"
	}
}

// unitAfter reports whether toks[i] counts something ("550 mb", "450 mails").
func unitAfter(toks []token, i int) bool {
	if i+1 >= len(toks) {
		return false
	}
	return units[toks[i+1].text]
}

// units are what numbers count.
var units = set("mb gb kb mails emails nachrichten messages euro eur tage days personen people empfanger recipients mal times kontakte contacts kunden customers")

// provider chooses the one that the problem is about: the first one named
// outside a clause in which things work, names and addresses before hosts of a
// business service.
func (e *entities) provider(okClause func(pos int) bool) string {
	return pick(e.providers, okClause)
}

func pick(ms []mention, okClause func(pos int) bool) string {
	return chosen(ms, okClause).id
}

func chosen(ms []mention, okClause func(pos int) bool) mention {
	first, theirs := mention{}, mention{}
	for _, m := range ms {
		switch {
		case m.theirs && theirs.id == "":
			theirs = m
		case m.theirs:
		case !okClause(m.pos):
			return m
		case first.id == "":
			first = m
		}
	}
	if first.id == "" {
		return theirs
	}
	return first
}
