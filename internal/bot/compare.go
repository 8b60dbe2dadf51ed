package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

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
	if len(diffs) == 0 && !(complete(given) && asksIfRight.MatchString(text)) {
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
	if len(diffs) == 0 {
		a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("compare.same")))})
		for _, s := range given {
			if p, _, ok := mailconf.PortMeaning(s.Port); ok && !slices.Contains(right.Protocols, p) {
				right.Protocols = append(right.Protocols, p)
			}
		}
		a.Data = &Data{Provider: owner.ID, Settings: v.facts(servers(right)), Sources: sourceList(owner)}
	} else if servers := servers(right); len(servers) > 0 {
		a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("compare.right")))}, v.settingsBlock(servers, owner.Requires))
		a.Data = &Data{Provider: owner.ID, Settings: v.facts(servers), Sources: sourceList(owner)}
	}
	a.Blocks = append(a.Blocks, v.conditions(owner, nil, nil)...)
	a.Actions = []Action{{ID: ActionTest, Label: v.say("button.test"), Value: actionValue(right), Style: "primary"}}
	return a, true
}

// asksIfRight tells the question whether values are right from an error message
// that names them.
var asksIfRight = regexp.MustCompile(`(?i)\b(stimm(t|en)|richtig|korrekt|passt|passen|right|correct|okay|ok)\b[^?]*\?|\?.*\b(stimm(t|en)|richtig|korrekt|passt|right|correct)\b`)

// complete reports whether every setting has a port and its encryption: of
// others it cannot be said that they are right.
func complete(list []knowledge.UserSetting) bool {
	return !slices.ContainsFunc(list, func(s knowledge.UserSetting) bool { return s.Port == 0 || s.Security == "" })
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
