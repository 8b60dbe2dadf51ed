package knowledge

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Values that the fields of clients, error patterns and articles may take.
var (
	platforms      = []string{"windows", "macos", "ios", "android", "linux", "web", "windows-phone"}
	clientStatuses = []string{"current", "limited", "ended"}
	guideTasks     = []string{"setup", "sign-in", "edit-incoming", "edit-outgoing", "password", "certificate"}
	intents        = []string{"error", "faq", "client-setup", "settings", "test"}
	testable       = []string{"imap", "pop3", "smtp", "all"}
)

// client checks one mail program.
func (c *checker) client(m *Client, stem string) {
	c.id("id", m.ID, stem)
	c.required("name", m.Name)
	c.required("status", m.Status)
	c.oneOf(at("status"), "status", m.Status, clientStatuses...)
	c.noRepeats("aliases", m.Aliases)
	for i, p := range m.Platforms {
		c.oneOf(at("platforms", i), "platform", p, platforms...)
	}
	c.date(at("ended"), "ended", m.Ended, true)
	c.text(at("why"), "why", m.Why, m.Status == "ended" || m.Status == "limited")
	c.text(at("words", "tls"), "words.tls", m.Words.TLS, false)
	c.text(at("words", "starttls"), "words.starttls", m.Words.STARTTLS, false)
	c.text(at("words", "none"), "words.none", m.Words.Plain, false)
	for i, g := range m.Guides {
		c.guide(at("guides", i), g)
	}
	for i, t := range m.Traps {
		c.text(at("traps", i), "trap", t, true)
	}
	c.date(at("checked"), "checked", m.Checked, false)
}

// guide checks one click path.
func (c *checker) guide(path []any, g Guide) {
	c.oneOf(append(slices.Clone(path), "task"), "task", g.Task, guideTasks...)
	if g.Task == "" {
		c.error(path, "task is missing", "use "+orList(guideTasks))
	}
	for _, lang := range slices.Sorted(maps.Keys(g.Steps)) {
		if lang != "de" && lang != "en" {
			c.error(append(slices.Clone(path), "steps", lang), fmt.Sprintf("unknown language %q", lang), "use de or en")
		}
	}
	for _, lang := range []string{"de", "en"} {
		if len(g.Steps[lang]) == 0 {
			c.missingLanguage(append(slices.Clone(path), "steps"), "steps", lang)
		}
	}
}

// cause checks one cause.
func (c *checker) cause(m *Cause) {
	c.idForm("code", m.Code)
	c.text(at("title"), "title", m.Title, true)
	c.text(at("means"), "means", m.Means, true)
	c.text(at("user"), "user", m.User, true)
	c.text(at("operator"), "operator", m.Operator, true)
	for _, id := range slices.Sorted(maps.Keys(m.Clients)) {
		c.text(at("clients", id), "clients."+id, m.Clients[id], true)
	}
}

// errorPattern checks one error pattern.
func (c *checker) errorPattern(m *ErrorPattern) {
	c.idForm("id", m.ID)
	if len(m.Codes)+len(m.Phrases)+len(m.Regexps) == 0 {
		c.error(nil, "the pattern matches nothing", "add codes:, phrases: or regexps:")
	}
	c.noRepeats("codes", m.Codes)
	c.noRepeats("phrases", m.Phrases)
	for i, re := range m.Regexps {
		if _, err := regexp.Compile(re); err != nil {
			c.error(at("regexps", i), fmt.Sprintf("regular expression %q: %v", re, err), "write RE2 syntax, in single quotes")
		}
	}
	c.required("cause", m.Cause)
	c.oneOf(at("protocol"), "protocol", m.Protocol, testable[:3]...)
	if m.Weight < 0 {
		c.error(at("weight"), "weight is negative", "use a number from 0 to 1")
	}
	c.text(at("says"), "says", m.Says, false)
}

// article checks one article; body is its Markdown as it stands in the file,
// bodyLine the line where it begins.
func (c *checker) article(a *Article, stem, body string, bodyLine int) {
	c.idForm("topic", a.Topic)
	c.oneOf(at("lang"), "language", a.Lang, "de", "en")
	if a.Lang == "" {
		c.error(nil, "lang is missing", "add lang: de or lang: en")
	}
	if want := a.Topic + "." + a.Lang; want != stem && a.Topic != "" && a.Lang != "" {
		c.error(at("topic"), fmt.Sprintf("topic and lang give %q, the file is named %q", want, stem), "rename the file to "+want+".md")
	}
	c.required("title", a.Title)
	c.oneOf(at("intent"), "intent", a.Intent, intents...)
	c.oneOf(at("test"), "test", a.Test, testable...)
	c.noRepeats("utterances", a.Utterances)
	c.noRepeats("related", a.Related)
	for i, s := range a.Sources {
		c.link(at("sources", i, "url"), "url", s.URL)
		c.date(at("sources", i, "date"), "date", s.Date, true)
	}
	c.required("checked", a.Checked)
	c.date(at("checked"), "checked", a.Checked, false)
	if a.Body == "" {
		c.error(nil, "the article has no text", "write it below the second line ---")
	}
	for h := range headings(body) {
		if h.kind == "" {
			c.bodyError(bodyLine+h.line, fmt.Sprintf("heading %q opens no section", h.text),
				`write "## provider: ID", "## client: ID" or "## protocol: imap", or use bold text`)
		}
		for _, id := range h.ids {
			if h.kind == "protocol" && !slices.Contains(testable[:3], id) {
				c.bodyError(bodyLine+h.line, fmt.Sprintf("unknown protocol %q", id), "use "+orList(testable[:3]))
			}
		}
	}
}

// bodyError reports an error on a line of the file.
func (c *checker) bodyError(line int, what, remedy string) {
	c.problems = append(c.problems, Problem{c.r.src.name, line, SeverityError, what, remedy})
	c.r.broken = true
}

// heading is a second-level heading of an article.
type heading struct {
	line int // 0-based inside the body
	text string
	kind string   // provider, client, protocol, or "" when it is none of these
	ids  []string // what the section is for
}

// headings yields the second-level headings of a Markdown text, skipping code blocks.
func headings(body string) iter.Seq[heading] {
	return func(yield func(heading) bool) {
		n, code := -1, false
		for line := range strings.Lines(body) {
			n++
			if strings.HasPrefix(line, "```") {
				code = !code
			}
			text, ok := strings.CutPrefix(line, "## ")
			if !ok || code {
				continue
			}
			if !yield(parseHeading(n, strings.TrimSpace(text))) {
				return
			}
		}
	}
}

// parseHeading reads "provider: gmx, web-de".
func parseHeading(n int, text string) heading {
	h := heading{line: n, text: text}
	kind, list, ok := strings.Cut(text, ":")
	if !ok || !slices.Contains([]string{"provider", "client", "protocol"}, kind) {
		return h
	}
	for id := range strings.SplitSeq(list, ",") {
		if id = strings.TrimSpace(id); id != "" {
			h.ids = append(h.ids, id)
		}
	}
	if len(h.ids) > 0 {
		h.kind = kind
	}
	return h
}
