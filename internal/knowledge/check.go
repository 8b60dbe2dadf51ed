package knowledge

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checker collects the mistakes of one record.
type checker struct {
	r        *record
	origin   Origin
	problems []Problem
}

// error adds an error at a value of the record, which breaks it.
func (c *checker) error(at []any, what, remedy string) {
	c.add(SeverityError, at, what, remedy)
	c.r.broken = true
}

// warn adds a warning at a value of the record.
func (c *checker) warn(at []any, what, remedy string) { c.add(SeverityWarning, at, what, remedy) }

func (c *checker) add(sev Severity, at []any, what, remedy string) {
	c.problems = append(c.problems, Problem{c.r.src.name, c.r.line(at...), sev, what, remedy})
}

// at makes a path inside a record.
func at(steps ...any) []any { return steps }

// idForm is the form of every id, topic and cause code.
var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// id checks an identifier that must equal the name of its file.
func (c *checker) id(field, id, stem string) {
	c.idForm(field, id)
	if id != stem && id != "" {
		c.error(at(field), fmt.Sprintf("%s %q differs from the file name %q", field, id, stem), "rename one of them")
	}
}

// idForm checks the form of an identifier.
func (c *checker) idForm(field, id string) {
	if id == "" {
		c.error(nil, field+" is missing", "add "+field+":")
	} else if !idForm.MatchString(id) {
		c.error(at(field), fmt.Sprintf("%s %q is malformed", field, id), "use lower-case letters, digits and single hyphens")
	}
}

// required checks that a text is there.
func (c *checker) required(field, value string) {
	if strings.TrimSpace(value) == "" {
		c.error(at(field), field+" is missing", "add "+field+":")
	}
}

// oneOf checks a value against a fixed list; an empty value passes.
func (c *checker) oneOf(path []any, field, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.error(path, fmt.Sprintf("unknown %s %q", field, value), "use "+orList(allowed))
	}
}

// orList joins words as "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// text checks that a text speaks both languages and no other. The shipped
// facts must; an operator may serve one language only.
func (c *checker) text(path []any, field string, t Text, needed bool) {
	if len(t) == 0 {
		if needed {
			c.error(path, field+" is missing", "add "+field+": with de: and en:")
		}
		return
	}
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		if lang != "de" && lang != "en" {
			c.error(append(slices.Clone(path), lang), fmt.Sprintf("unknown language %q", lang), "use de or en")
		}
	}
	for _, lang := range []string{"de", "en"} {
		if strings.TrimSpace(t[lang]) == "" {
			c.missingLanguage(path, field, lang)
		}
	}
}

// missingLanguage reports that a text does not speak a language.
func (c *checker) missingLanguage(path []any, field, lang string) {
	sev := SeverityError
	if c.owner() != OriginShipped {
		sev = SeverityWarning
	}
	c.add(sev, path, fmt.Sprintf("%s has no text in language %q", field, lang), "add "+lang+":")
	if sev == SeverityError {
		c.r.broken = true
	}
}

// owner returns the origin of the record that is checked.
func (c *checker) owner() Origin {
	switch v := c.r.value.(type) {
	case *Provider:
		return v.Origin
	case *Client:
		return v.Origin
	case *Article:
		return v.Origin
	}
	return c.origin
}

// date checks YYYY-MM-DD; with short also YYYY-MM and YYYY.
func (c *checker) date(path []any, field, value string, short bool) {
	if value == "" {
		return
	}
	layouts := []string{time.DateOnly}
	if short {
		layouts = append(layouts, "2006-01", "2006")
	}
	for _, layout := range layouts {
		if _, err := time.Parse(layout, value); err == nil {
			return
		}
	}
	c.error(path, fmt.Sprintf("%s %q is no date", field, value), "write it as 2026-11-22")
}

// link checks a URL: https, or http with a warning.
func (c *checker) link(path []any, field, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil:
		c.error(path, fmt.Sprintf("%s %q is no web address", field, value), "write it as https://example.org/page")
	case u.Scheme == "http":
		c.warn(path, fmt.Sprintf("%s %q is not encrypted", field, value), "use the https address of the page, if it has one")
	}
}

// noRepeats checks that a list names nothing twice.
func (c *checker) noRepeats(field string, list []string) {
	seen := make(map[string]int, len(list))
	for i, v := range list {
		if v == "" {
			c.error(at(field, i), "empty entry in "+field, "remove it")
		}
		key := strings.ToLower(v)
		if j, dup := seen[key]; dup {
			c.error(at(field, i), fmt.Sprintf("%q stands twice in %s", v, field), "remove it; the first is entry "+strconv.Itoa(j+1))
			continue
		}
		seen[key] = i
	}
}
