package bot

import (
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// searchingAnswer is shown while a search runs: what is found so far, and that
// there may be more.
func (v *view) searchingAnswer(q query) Answer {
	a := v.answer()
	if q.Found != nil && len(q.Found.Servers) > 0 {
		a = v.foundAnswer(q)
	}
	a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("found.searching", "name", clip(q.Domain))))})
	a.Actions, a.Partial = nil, true
	return a
}

// foundAnswer shows what a search has found: the servers, how certain they
// are, who says otherwise, and how to check them.
func (v *view) foundAnswer(q query) Answer {
	r := q.Found
	if r.Status != discover.StatusFound {
		return v.nothingFound(q)
	}
	a := v.answer(Heading{v.say("settings.title", "name", clip(q.Domain))})
	if q.Behind != nil {
		a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("found.behind", "name", q.Behind.Name, "domain", clip(q.Domain))))})
	}
	shown := foundServers(q)
	servers := plainServers(shown)
	if len(servers) > 0 {
		a.Blocks = append(a.Blocks, v.settingsBlock(servers, q.requires()))
	} else {
		a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("settings.none", "protocol", protocolNames(q.Protocols), "name", clip(q.Domain))))})
	}
	a.Blocks = append(a.Blocks, v.doubts(shown)...)
	a.Blocks = append(a.Blocks, v.refusals(q)...)
	if q.Behind != nil {
		a.Blocks = append(a.Blocks, v.conditions(q.Behind, servers, q.Protocols)...)
		if c := q.Behind.Contact.In(v.lang); c != "" {
			a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("settings.contact", "contact", c)))})
		}
	}
	a.Blocks = append(a.Blocks, v.differences(q)...)
	a.Blocks = append(a.Blocks, v.otherServices(r)...)
	a.Blocks = append(a.Blocks, v.unusable(r)...)
	a.Blocks = append(a.Blocks, v.foundSources(q, shown))
	if len(servers) > 0 {
		a.Actions = []Action{{ID: ActionTest, Label: v.say("button.test"), Value: actionValue(q), Style: "primary"}}
	}
	a.Data = &Data{Provider: r.Provider, Settings: v.facts(servers), Sources: sourceIDs(shown)}
	return a
}

// requires are the conditions of the provider behind the domain.
func (q query) requires() knowledge.Requires {
	if q.Behind != nil {
		return q.Behind.Requires
	}
	return knowledge.Requires{}
}

// foundServers returns the servers found that q asks for, reading mail first.
func foundServers(q query) []discover.Server {
	var out []discover.Server
	for _, p := range protocolOrder {
		if q.wants(p) {
			out = append(out, q.Found.Of(p)...)
		}
	}
	return out
}

func plainServers(list []discover.Server) []knowledge.Server {
	out := make([]knowledge.Server, 0, len(list))
	for _, s := range list {
		out = append(out, s.Server)
	}
	return out
}

// doubts say why values are not certain, the gravest reason first, and for
// which protocols.
func (v *view) doubts(servers []discover.Server) []Block {
	var out []Block
	for _, d := range []discover.Doubt{discover.DoubtHTTP, discover.DoubtGuess, discover.DoubtMX, discover.DoubtUnsigned} {
		var of []mailconf.Protocol
		verified := true
		for _, s := range servers {
			if slices.Contains(s.Doubts, d) && !slices.Contains(of, s.Protocol) {
				of = append(of, s.Protocol)
				verified = verified && s.Verified
			}
		}
		key := "found.doubt." + string(d)
		if d == discover.DoubtGuess && verified {
			key += ".confirmed"
		}
		if len(of) > 0 {
			out = append(out, Hint{Spans(T(v.say(key, "protocols", protocolNames(of))))})
		}
	}
	return out
}

// refusals name the protocols that the domain says it does not offer.
func (v *view) refusals(q query) []Block {
	var off []mailconf.Protocol
	for _, p := range q.Found.NotOffered {
		if q.wants(p) {
			off = append(off, p)
		}
	}
	if len(off) == 0 {
		return nil
	}
	return []Block{Paragraph{Spans(T(v.say("found.notoffered", "protocols", protocolNames(off), "name", clip(q.Domain))))}}
}

// maxDiffers keeps the list of differences short; they stand best first.
const maxDiffers = 4

// differences show what other sources say.
func (v *view) differences(q query) []Block {
	var list Steps
	for _, d := range q.Found.Differs {
		if q.wants(d.Server.Protocol) && slices.Contains(protocolOrder, d.Server.Protocol) && len(list.Items) < maxDiffers {
			list.Items = append(list.Items, Spans(Code(v.endpointLabel(d.Server.Endpoint)), T(" ("+v.say("found.source."+string(d.Source))+")")))
		}
	}
	if len(list.Items) == 0 {
		return nil
	}
	return []Block{Hint{Spans(T(v.say("found.differs")))}, list}
}

// otherServices name what else the domain publishes.
func (v *view) otherServices(r *discover.Result) []Block {
	var spans []Span
	for _, s := range r.Servers {
		if s.Protocol != mailconf.JMAP && s.Protocol != mailconf.ManageSieve || len(spans) >= 4 {
			continue
		}
		name := map[mailconf.Protocol]string{mailconf.JMAP: "JMAP ", mailconf.ManageSieve: "ManageSieve "}[s.Protocol]
		if len(spans) > 0 {
			name = ", " + name
		}
		spans = append(spans, T(name), Code(clip(s.HostPort())))
	}
	if len(spans) == 0 {
		return nil
	}
	return []Block{Paragraph{append(Spans(T(v.say("found.also"))), spans...)}}
}

// unusable names sources that the domain publishes and that are broken, for
// who runs it.
func (v *view) unusable(r *discover.Result) []Block {
	var list []string
	for _, a := range r.Attempts {
		key := "found.fault." + string(a.Fault)
		if _, worth := texts[key]; worth && a.Fault != "" {
			list = append(list, v.say("found.source."+string(a.Source))+" ("+v.say(key)+")")
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []Block{Paragraph{Spans(T(v.say("found.unusable", "list", strings.Join(list, ", "))))}}
}

// foundSources name the sources of the servers shown, how far they can be
// trusted, and when they were asked.
func (v *view) foundSources(q query, servers []discover.Server) Sources {
	var names []string
	for _, id := range sourceIDs(servers) {
		names = append(names, v.say("found.source."+id))
	}
	trust := q.Found.Trust()
	if trust == "" {
		trust = discover.TrustLow
	}
	out := Sources{Label: v.say("source.label"), Items: []SourceItem{{
		Title: strings.Join(names, ", ") + "; " + v.say("found.trust."+trust),
		Date:  v.stand(q.Found.Checked.Format("2006-01-02")),
	}}}
	if q.Behind != nil && len(q.Behind.Docs) > 0 {
		out.Items = append(out.Items, SourceItem{Title: q.Behind.Name, URL: q.Behind.Docs[0], Date: v.stand(q.Behind.Checked)})
	}
	return out
}

// sourceIDs are the sources of servers, each once, in the order of the servers.
func sourceIDs(servers []discover.Server) []string {
	out := []string{}
	for _, s := range servers {
		for _, id := range s.Sources {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// nothingFound says why there are no servers, and what to do next.
func (v *view) nothingFound(q query) Answer {
	r := q.Found
	if r.Status == discover.StatusBadName {
		return v.unknownAnswer(q)
	}
	a := v.answer(Paragraph{Spans(T(v.say("found."+string(r.Status), "name", clip(q.Domain))))})
	a.Blocks = append(a.Blocks, v.unusable(r)...)
	switch r.Status {
	case discover.StatusNoDomain:
		a.Blocks = append(a.Blocks, v.meant(q.Domain)...)
		a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("found.no-domain.next")), Code("/settings gmx"))})
	case discover.StatusNullMX, discover.StatusNoMail:
		a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("found.no-mail.next")))})
	case discover.StatusBrokenDNS:
		a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("found.broken-dns.next")))})
	default:
		a.Blocks = append(a.Blocks, v.meant(q.Domain)...)
		a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("settings.unknown.next")), Code("/test "+clip("imap."+q.Domain)))})
	}
	a.Data = &Data{Settings: []SettingFact{}, Sources: []string{}}
	return a
}
