package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// settingToken finds what a pasted set-up page consists of: host names with or
// without a port, ports, protocols and the words for encryption.
var settingToken = regexp.MustCompile(`(?i)([a-z0-9_-]+(?:\.[a-z0-9-]+)+)(?::(\d{1,5}))?|\b(\d{2,5})\b|\b(imaps?|pop3?s?|smtps?)\b|\b(ssl/tls|starttls|ssl|tls|none|keine|unverschl(?:ü|ue)sselt|plain)\b`)

var securityWords = map[string]mailconf.Security{
	"ssl/tls": mailconf.TLS, "ssl": mailconf.TLS, "starttls": mailconf.STARTTLS,
	"none": mailconf.Plain, "keine": mailconf.Plain, "unverschlüsselt": mailconf.Plain, "unverschluesselt": mailconf.Plain, "plain": mailconf.Plain,
	// "tls" alone is STARTTLS in old Outlook and implicit TLS elsewhere, so it tells nothing.
}

// pastedSettings reads the servers out of a text in which somebody shows what
// a mail program is set to. A host alone is no setting: it takes a port or an
// encryption word with it.
func pastedSettings(text string) []knowledge.UserSetting {
	var out []knowledge.UserSetting
	var proto mailconf.Protocol
	told := false // the last setting has a port or an encryption
	for _, m := range settingToken.FindAllStringSubmatchIndex(text, -1) {
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return strings.ToLower(text[m[2*i]:m[2*i+1]])
		}
		switch {
		case group(1) != "":
			if m[0] > 0 && text[m[0]-1] == '@' || !hostLike(group(1)) {
				continue
			}
			if len(out) > 0 && !told {
				out = out[:len(out)-1]
			}
			out, told = append(out, knowledge.UserSetting{Protocol: proto, Host: group(1), Port: mailPort(group(2))}), group(2) != ""
			proto = ""
		case group(4) != "":
			proto = protocolWords[group(4)]
		case len(out) == 0:
		case group(3) != "":
			if p := mailPort(group(3)); p != 0 && out[len(out)-1].Port == 0 {
				out[len(out)-1].Port, told = p, true
			}
		case out[len(out)-1].Security == "":
			if s, ok := securityWords[group(5)]; ok {
				out[len(out)-1].Security, told = s, true
			}
		}
	}
	if len(out) > 0 && !told {
		out = out[:len(out)-1]
	}
	return out
}

func mailPort(s string) uint16 {
	n, err := strconv.ParseUint(s, 10, 16)
	if _, _, ok := mailconf.PortMeaning(uint16(n)); err != nil || !ok {
		return 0
	}
	return uint16(n)
}

// compareAnswer holds what somebody's program shows against the facts; ok is
// false when there is nothing to say about it.
func (v *view) compareAnswer(text string, q query) (a Answer, ok bool) {
	given := pastedSettings(text)
	if len(given) == 0 {
		return a, false
	}
	owner := q.Provider
	if i := slices.IndexFunc(given, func(s knowledge.UserSetting) bool { return v.book.OwnerOf(s.Host) != nil }); owner == nil && i >= 0 {
		owner = v.book.OwnerOf(given[i].Host)
	}
	if owner == nil {
		return a, false
	}
	diffs := v.book.Compare(owner, mailconf.Address{Domain: q.Domain}, given)
	if len(diffs) == 0 {
		return a, false
	}
	a = v.answer(Heading{v.say("compare.title", "name", owner.Name)})
	var rows Checks
	for i, s := range given {
		rows.Rows = append(rows.Rows, v.compareRow(s, slices.DeleteFunc(slices.Clone(diffs), func(d knowledge.Difference) bool { return d.Setting != i })))
	}
	right := q
	right.Provider, right.Name, right.Protocols = owner, owner.Name, nil
	for _, d := range diffs {
		if d.Server != nil && !slices.Contains(right.Protocols, d.Server.Protocol) {
			right.Protocols = append(right.Protocols, d.Server.Protocol)
		}
	}
	v.note(query{Provider: owner, Domain: q.Domain})
	a.Blocks = append(a.Blocks, rows)
	if servers := servers(right); len(servers) > 0 {
		a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("compare.right")))}, v.settingsBlock(servers, owner.Requires))
		a.Data = &Data{Provider: owner.ID, Settings: v.facts(servers), Sources: sourceList(owner)}
	}
	a.Blocks = append(a.Blocks, v.conditions(owner, nil, nil)...)
	a.Actions = []Action{{ID: ActionTest, Label: v.say("button.test"), Value: actionValue(right), Style: "primary"}}
	return a, true
}

func (v *view) compareRow(s knowledge.UserSetting, diffs []knowledge.Difference) Check {
	label := []string{clip(s.Host)}
	if s.Port != 0 {
		label = append(label, portString(s.Port))
	}
	if s.Security != "" {
		label = append(label, v.security(s.Security))
	}
	row := Check{State: CheckOK, Word: v.say("state.ok"), Label: strings.Join(label, " ")}
	for i, d := range diffs {
		row.State, row.Word = CheckFail, v.say("state.wrong")
		if i > 0 {
			row.Detail = append(row.Detail, T(" "))
		}
		row.Detail = append(row.Detail, T(v.say("diff."+string(d.Kind), "have", clip(d.Have), "want", v.wanted(d))))
	}
	return row
}

// wanted names what to put in the place of what the user has.
func (v *view) wanted(d knowledge.Difference) string {
	switch {
	case d.Kind == knowledge.DiffWrongSecurity || d.Kind == knowledge.DiffNotEncrypted:
		return v.security(mailconf.Security(d.Want))
	case d.Kind == knowledge.DiffForeignHost && d.Owner != nil:
		return d.Owner.Name
	}
	return d.Want
}
