package fakeslack

import (
	"encoding/json"
	"regexp"
	"strings"
)

// alive is how mrkdwn writes what notifies people or names them.
var alive = regexp.MustCompile(`<(?:[!@#][^>]*)>`)

// Mentions lists what in a posted message would notify or name somebody: the
// mention elements of rich_text and the <!…>, <@…> and <#…> of mrkdwn, in the
// blocks and in the text. text is a message's text field, blocks its JSON
// array or nil.
func Mentions(text string, blocks []byte) []string {
	out := alive.FindAllString(text, -1)
	var v any
	if json.Unmarshal(blocks, &v) == nil {
		walk(v, func(o object) {
			switch o["type"] {
			case "user", "usergroup", "channel", "broadcast", "team":
				out = append(out, o["type"].(string))
			case "mrkdwn", "markdown":
				s, _ := o["text"].(string)
				out = append(out, alive.FindAllString(s, -1)...)
			}
		})
	}
	return out
}

// ShownLink is a link in a message: what it shows and what it opens.
type ShownLink struct{ Text, URL string }

var mrkdwnLink = regexp.MustCompile(`<([^!@#>|][^>|]*)(?:\|([^>]*))?>`)

// Links lists the links of a posted message with the text that each shows, so
// that a test can look for disguised ones.
func Links(text string, blocks []byte) []ShownLink {
	out := mrkdwnLinks(text)
	var v any
	if json.Unmarshal(blocks, &v) == nil {
		walk(v, func(o object) {
			switch o["type"] {
			case "link":
				u, _ := o["url"].(string)
				t, _ := o["text"].(string)
				out = append(out, ShownLink{Text: t, URL: u})
			case "mrkdwn":
				s, _ := o["text"].(string)
				out = append(out, mrkdwnLinks(s)...)
			}
		})
	}
	return out
}

func mrkdwnLinks(s string) []ShownLink {
	var out []ShownLink
	for _, m := range mrkdwnLink.FindAllStringSubmatch(s, -1) {
		out = append(out, ShownLink{URL: unescape(m[1]), Text: unescape(m[2])})
	}
	return out
}

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

func unescape(s string) string { return unescaper.Replace(s) }

// walk calls f for every object in v.
func walk(v any, f func(object)) {
	switch v := v.(type) {
	case object:
		f(v)
		for _, e := range v {
			walk(e, f)
		}
	case []any:
		for _, e := range v {
			walk(e, f)
		}
	}
}
