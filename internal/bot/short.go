package bot

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// This file keeps answers as short as a good support agent's: what is known
// already is not asked for, and what is said precisely is not said in general
// as well.

// onceEach takes out of an article's paragraphs on a provider and the hints on
// what it demands whatever the other says better. Of two texts on the same
// demands the one that says where to click wins; else the article's, which is
// written for the question.
func (k *kept) onceEach(paragraphs, hints []Block) (keptParagraphs, keptHints []Block) {
	told, toldClearly := k.demandsIn(paragraphs)
	keptHints = slices.DeleteFunc(slices.Clone(hints), func(b Block) bool {
		s := blockText(b)
		d := k.demandsOf(s)
		return d != 0 && d&^told == 0 && (d&^toldClearly == 0 || !hasPath(s))
	})
	_, hinted := k.demandsIn(keptHints)
	keptParagraphs = slices.DeleteFunc(slices.Clone(paragraphs), func(b Block) bool {
		s := blockText(b)
		d := k.demandsOf(s)
		return d != 0 && d&^hinted == 0 && !hasPath(s) && oneSentence(s)
	})
	return keptParagraphs, keptHints
}

// demandsIn is what blocks say that a provider demands, and what of it they say
// together with the place to click.
func (k *kept) demandsIn(blocks []Block) (all, clearly demands) {
	for _, b := range blocks {
		s := blockText(b)
		d := k.demandsOf(s)
		all |= d
		if hasPath(s) {
			clearly |= d
		}
	}
	return all, clearly
}

// hasPath reports whether s says where to click.
func hasPath(s string) bool { return strings.ContainsAny(s, ">→„“\"") }

// sentenceEnd ends a sentence, or a clause that says something of its own.
var sentenceEnd = regexp.MustCompile(`[.;!?]\s`)

// fullStop ends a whole sentence, not an abbreviation ("z. B.").
var fullStop = regexp.MustCompile(`([\pL\pN”“")]{2}[.!?][”“")]?\s+)[A-ZÄÖÜ„“"(]`)

func oneSentence(s string) bool { return !sentenceEnd.MatchString(s) }

func blockText(b Block) string {
	switch b := b.(type) {
	case Paragraph:
		return plainSpans(b.Spans)
	case Hint:
		return plainSpans(b.Spans)
	}
	return ""
}

// aboutDemands are the topics whose article is about what providers demand:
// there the general steps are the answer.
var aboutDemands = []string{"app-password", "enable-imap-access", "oauth-required", "provider-mail-password", "which-password"}

// otherProviders is how articles speak of the two that want OAuth2.
var otherProviders = regexp.MustCompile(`Microsoft (oder|und|or|and) Google`)

// general is the part of an article that goes for everybody, without what is
// said more precisely for this person: steps on demands that the provider's own
// text names, remarks on other providers, and requests for what is known. Where
// the click path of the mail program leads all the way through a set-up with
// the provider's values, nothing of it is left.
func (v *view) general(in knowledge.Intent, q query, a article, hints, guide []Block) []Block {
	client := facetsOf(in, v.conv).client
	known := q.Provider != nil
	if known && len(guide) > 0 && guideTasks[in.Topic] == "setup" {
		return nil
	}
	said, _ := v.mind.kept.demandsIn(append(slices.Clone(a.provider), hints...))
	needless := func(s string) bool {
		if !known || slices.Contains(aboutDemands, in.Topic) {
			return false
		}
		if otherProviders.MatchString(s) {
			return !offersOAuth(q.Provider.Servers)
		}
		d := v.mind.kept.demandsOf(s)
		return d != 0 && d&^said == 0
	}
	var out []Block
	for _, b := range a.general {
		switch bl := b.(type) {
		case Steps:
			if bl.Items = v.ownItems(bl, q.Provider, said); len(bl.Items) == 0 {
				continue
			}
			items := slices.DeleteFunc(slices.Clone(bl.Items), func(s []Span) bool { return needless(plainSpans(s)) })
			if len(items) > 0 {
				bl.Items = items
			}
			b = bl
		case Paragraph:
			s := plainSpans(bl.Spans)
			if otherProviders.MatchString(s) && needless(s) {
				continue
			}
			if p := v.request(s, known, client != ""); p == nil {
				continue
			} else if *p != s {
				b = Paragraph{Spans(T(*p))}
			}
		}
		out = append(out, b)
	}
	return out
}

// request is an article's closing request with what is known taken out; nil
// when nothing is left to ask for. Articles write it as "Next step: tell me
// provider and program, and you get …".
func (v *view) request(s string, provider, client bool) *string {
	if provider {
		s = providerAnd.ReplaceAllString(s, "$1"+v.say("request.comma")+"$2")
	}
	if client {
		s = clientAnd.ReplaceAllString(s, "$1"+v.say("request.comma")+"$2")
	}
	m := requestFor.FindStringSubmatch(s)
	if m == nil {
		return &s
	}
	asksProvider, asksClient := providerWord.MatchString(m[1]), clientWord.MatchString(m[1])
	rest := strings.TrimSpace(strings.NewReplacer("und", "", "and", "", "den", "", "dein", "", "the", "", "your", "").Replace(clientWord.ReplaceAllString(providerWord.ReplaceAllString(m[1], ""), "")))
	switch {
	case rest != "" || !asksProvider && !asksClient:
		return &s
	case asksProvider && !provider && asksClient && !client:
		return &s
	case asksProvider && !provider:
		s = v.say("request.provider")
	case asksClient && !client:
		s = v.say("request.client")
	default:
		return nil
	}
	return &s
}

var (
	providerAnd  = regexp.MustCompile(`^(Nächster Schritt: Sag mir|Next step: tell me) (?:den Anbieter|Anbieter|the provider),? (?:und|and) (ob|welche\w*|which|whether)\b`)
	clientAnd    = regexp.MustCompile(`^(Nächster Schritt: Sag mir|Next step: tell me) (?:dein Programm|Programm|your program|the program|program),? (?:und|and) (ob|welche\w*|which|whether)\b`)
	requestFor   = regexp.MustCompile(`^(?:Nächster Schritt: (?:Sag|Nenn) mir|Next step: tell me) ([^,.]+?)(?:, (?:dann|and you get)[^.]*| and I will [^.]*)?\.$`)
	providerWord = regexp.MustCompile(`Anbieter|provider`)
	clientWord   = regexp.MustCompile(`Programm|program`)
)

// briefly keeps one server of each protocol, the best, for answers in which the
// values are not all there is to say; POP3 is for who asks for it, or where
// there is no IMAP.
func briefly(servers []knowledge.Server, asked []mailconf.Protocol) []knowledge.Server {
	var out []knowledge.Server
	has := func(p mailconf.Protocol) bool {
		return slices.ContainsFunc(out, func(s knowledge.Server) bool { return s.Protocol == p })
	}
	for _, s := range servers {
		if has(s.Protocol) || s.Protocol == mailconf.POP3 && has(mailconf.IMAP) && len(asked) == 0 {
			continue
		}
		out = append(out, s)
	}
	return out
}

// trapsOf are the traps that belong to some of the click paths.
var trapsOf = map[string]*regexp.Regexp{
	"sign-in":     regexp.MustCompile(`OAuth2`),
	"password":    regexp.MustCompile(`(?i)passw|kennwort`),
	"certificate": regexp.MustCompile(`(?i)zertifikat|certificat`),
}

// trap is the first of a mail program's traps that the provider can lead into:
// one on OAuth2 is none where the provider has passwords alone. Some click paths
// have traps of one kind only.
func (v *view) trap(c *knowledge.Client, q query, task string) []Block {
	for _, t := range c.Traps {
		s := t.In(v.lang)
		if of := trapsOf[task]; of != nil && !of.MatchString(s) {
			continue
		}
		if q.Provider == nil || !strings.Contains(s, "OAuth2") || offersOAuth(q.Provider.Servers) {
			return []Block{Hint{Spans(T(s))}}
		}
	}
	return nil
}

func offersOAuth(servers []knowledge.Server) bool {
	return slices.ContainsFunc(servers, func(s knowledge.Server) bool { return slices.Contains(s.Auth, "oauth2") })
}

// imapWord is what the click paths call the protocol that they set up.
var imapWord = regexp.MustCompile(`\bIMAP\b`)

// onlyPOP3 reports whether somebody wants POP3 and can have it.
func onlyPOP3(q query) bool {
	return slices.Equal(q.Protocols, []mailconf.Protocol{mailconf.POP3}) &&
		(q.Provider == nil || len(servers(q)) > 0)
}

// setupServers are the servers that a set-up takes: whoever names the protocol
// for reading needs the outgoing server as well.
func setupServers(q query) []knowledge.Server {
	if len(q.Protocols) > 0 && !q.wants(mailconf.SMTP) {
		q.Protocols = append(slices.Clone(q.Protocols), mailconf.SMTP)
	}
	return servers(q)
}
