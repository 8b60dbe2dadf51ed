package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// protocolOrder is how settings are listed: reading mail first.
var protocolOrder = []mailconf.Protocol{mailconf.IMAP, mailconf.POP3, mailconf.SMTP}

// settingsAnswer shows the servers that q asks for.
func (v *view) settingsAnswer(ctx context.Context, q query) Answer {
	switch {
	case q.BadPort != "":
		return v.answer(Paragraph{Spans(T(v.say("test.badport", "port", clip(q.BadPort))))})
	case q.empty():
		return v.answer(Paragraph{Spans(T(v.say("settings.which")), Code("/settings gmx"))})
	case q.Provider == nil && q.Found != nil:
		return v.foundAnswer(q)
	case q.Provider == nil:
		return v.unknownAnswer(q)
	}
	p := q.Provider
	a := v.answer(Heading{v.say("settings.title", "name", p.Name)})
	if q.Outdated != nil {
		a.Blocks = append(a.Blocks, v.outdatedHint(q))
	}
	servers := servers(q)
	if q.NoPort != 0 {
		a.Blocks = append(a.Blocks, v.portHint(q, servers)...)
	}
	switch {
	case len(servers) > 0:
		a.Blocks = append(a.Blocks, v.settingsBlock(servers, p.Requires))
	case p.Requires.NoIMAP:
	default:
		a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("settings.none", "protocol", protocolNames(q.Protocols), "name", p.Name)))})
	}
	a.Blocks = append(a.Blocks, v.conditions(p, servers, q.Protocols)...)
	a.Blocks = append(a.Blocks, v.afterword(p, servers)...)
	s := v.sources(p, servers)
	if s.Items = append(s.Items, v.liveSource(ctx, p, servers)...); len(s.Items) > 0 {
		a.Blocks = append(a.Blocks, s)
	}
	if len(servers) > 0 {
		a.Actions = append(a.Actions, Action{ID: ActionTest, Label: v.say("button.test"), Value: actionValue(q), Style: "primary"})
	}
	a.Data = &Data{Provider: p.ID, Settings: v.facts(servers), Sources: sourceList(p)}
	return a
}

// servers returns the provider's servers that q asks for, reading mail first,
// with placeholders filled.
func servers(q query) []knowledge.Server {
	only := q.Protocols
	if len(only) == 0 {
		only = protocolOrder
	}
	list := knowledge.Servers(q.Provider, mailconf.Address{Domain: q.Domain}, only...)
	if q.Port != 0 && q.Host == "" {
		list = slices.DeleteFunc(list, func(s knowledge.Server) bool { return s.Port != q.Port })
	}
	slices.SortStableFunc(list, func(a, b knowledge.Server) int {
		return slices.Index(protocolOrder, a.Protocol) - slices.Index(protocolOrder, b.Protocol)
	})
	return list
}

func (v *view) settingsBlock(servers []knowledge.Server, r knowledge.Requires) Settings {
	b := Settings{Labels: SettingsLabels{
		Host: v.say("settings.host"), Port: v.say("settings.port"), Security: v.say("settings.security"),
		Username: v.say("settings.username"), Auth: v.say("settings.auth"),
	}}
	for _, s := range servers {
		row := SettingsRow{
			Title:    v.title(s.Protocol),
			Host:     s.Host,
			Port:     portString(s.Port),
			Security: v.security(s.Security),
			Username: v.userForm(s.Username),
			Auth:     v.authList(s.Auth, r),
		}
		var notes []string
		if s.Security == mailconf.Plain {
			notes = append(notes, v.say("settings.plain"))
		}
		if s.MinCheckMinutes > 0 {
			notes = append(notes, v.say("settings.checkedevery", "minutes", strconv.Itoa(s.MinCheckMinutes)))
		}
		if n := s.Note.In(v.lang); n != "" {
			notes = append(notes, n)
		}
		row.Note = strings.Join(notes, " ")
		b.Rows = append(b.Rows, row)
	}
	return b
}

func (v *view) title(p mailconf.Protocol) string {
	if p == mailconf.SMTP {
		return v.say("settings.outgoing")
	}
	return v.say("settings.incoming", "protocol", protocolName(p))
}

// security names a mode as the person's mail program does.
func (v *view) security(s mailconf.Security) string {
	return knowledge.SecurityWords(v.book.Client(v.conv.Client), v.lang, s)
}

func (v *view) userForm(f mailconf.UserForm) string {
	switch f {
	case mailconf.UserAddress:
		return v.say("user.address")
	case mailconf.UserLocalPart:
		return v.say("user.localpart")
	case mailconf.UserDomainUser:
		return v.say("user.domainuser")
	case "":
		return ""
	}
	return v.say("user.other", "form", strings.TrimPrefix(string(f), "other:"))
}

// authList names the ways to sign in; "password" is named after the password that the provider wants.
func (v *view) authList(auth []string, r knowledge.Requires) string {
	var out []string
	for _, a := range auth {
		key := "auth." + a
		switch {
		case a != "password":
		case r.SeparateMailPassword:
			key = "auth.separate"
		case r.AppPassword:
			key = "auth.app"
		}
		if _, ok := texts[key]; ok {
			a = v.say(key)
		}
		out = append(out, a)
	}
	return strings.Join(out, v.say("auth.or"))
}

// afterword is the offer to test doubtful values, and the operator's contact line.
func (v *view) afterword(p *knowledge.Provider, servers []knowledge.Server) []Block {
	var out []Block
	weak := func(s knowledge.Server) bool { return s.Trust == "low" }
	told := slices.ContainsFunc(shownNotes(p), func(n knowledge.Text) bool { return strings.Contains(n.In(v.lang), "/test ") })
	if len(servers) > 0 && !told && !slices.ContainsFunc(servers, func(s knowledge.Server) bool { return !weak(s) }) {
		out = append(out, Hint{Spans(T(v.say("settings.weak")), Code("/test "+p.ID))})
	}
	if c := p.Contact.In(v.lang); c != "" {
		out = append(out, Paragraph{Spans(T(v.say("settings.contact", "contact", c)))})
	}
	return out
}

// portHint says that the provider has nothing on the port named, and which one
// it has for the same protocol.
func (v *view) portHint(q query, servers []knowledge.Server) []Block {
	proto, _, _ := mailconf.PortMeaning(q.NoPort)
	i := slices.IndexFunc(servers, func(s knowledge.Server) bool { return s.Protocol == proto })
	if i < 0 {
		return nil
	}
	kind := knowledge.DiffWrongPort
	if q.NoPort == 25 {
		kind = knowledge.DiffPort25
	}
	return []Block{Hint{Spans(T(v.say("diff."+string(kind), "have", portString(q.NoPort), "want", portString(servers[i].Port))))}}
}

func (v *view) outdatedHint(q query) Block {
	spans := Spans(T(v.say("settings.outdated", "host", clip(q.Host))))
	for i, s := range q.Provider.Servers {
		if s.Protocol == q.Outdated.Protocol {
			spans = append(spans, Code(q.Provider.Servers[i].Host))
			break
		}
	}
	return Hint{spans}
}

// unknownAnswer says that q names nobody in the book, and what to do next.
func (v *view) unknownAnswer(q query) Answer {
	name := q.Name
	if q.Domain != "" {
		name = q.Domain
	}
	blocks := []Block{Paragraph{Spans(T(v.say("settings.unknown", "name", clip(name))))}}
	blocks = append(blocks, v.meant(name)...)
	if v.bot.Finder != nil && q.Domain == "" && q.Host == "" && !strings.Contains(name, ".") {
		blocks = append(blocks, Hint{Spans(T(v.say("settings.unknown.domain")), Code("/settings example.org"))})
	}
	host := "imap.example.org"
	if q.Domain != "" {
		host = "imap." + q.Domain
	}
	return v.answer(append(blocks, Hint{Spans(T(v.say("settings.unknown.next")), Code("/test "+clip(host)))})...)
}

// meant offers the known providers whose names are near to what was typed.
func (v *view) meant(name string) []Block {
	var near []string
	for _, s := range v.book.Suggest(name, 3) {
		near = append(near, s.Name)
	}
	if len(near) == 0 {
		return nil
	}
	return []Block{Paragraph{Spans(T(v.say("settings.meant", "names", strings.Join(near, ", "))))}}
}

func (v *view) stand(date string) string {
	if date == "" {
		return ""
	}
	return v.say("source.stand") + " " + date
}

func (v *view) facts(servers []knowledge.Server) []SettingFact {
	out := make([]SettingFact, 0, len(servers))
	for _, s := range servers {
		out = append(out, SettingFact{
			Protocol: s.Protocol, Host: s.Host, Port: s.Port, Security: s.Security,
			Username: string(s.Username), Auth: s.Auth, Source: strings.Join(s.Sources, ", "), Trust: s.Trust,
		})
	}
	return out
}

func sourceList(p *knowledge.Provider) []string {
	return append(slices.Clone(p.Sources), p.Docs...)
}

func protocolName(p mailconf.Protocol) string { return strings.ToUpper(string(p)) }

func protocolNames(ps []mailconf.Protocol) string {
	if len(ps) == 0 {
		ps = protocolOrder
	}
	var out []string
	for _, p := range ps {
		out = append(out, protocolName(p))
	}
	return strings.Join(out, ", ")
}

// actionValue is the argument list that repeats q.
func actionValue(q query) string {
	var parts []string
	for _, p := range q.Protocols {
		parts = append(parts, string(p))
	}
	name := q.Name
	switch {
	case q.Host != "" && q.Port != 0:
		name = mailconf.Endpoint{Host: q.Host, Port: q.Port}.HostPort()
	case q.Host != "":
		name = q.Host
	case q.Domain != "":
		name = q.Domain
	case q.Provider != nil:
		name = q.Provider.ID
	}
	return strings.Join(append(parts, name), " ")
}

// clip cuts what a person typed before it is repeated.
func clip(s string) string {
	const most = 80
	r := []rune(s)
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
