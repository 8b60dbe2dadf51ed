package bot

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	mdtext "github.com/yuin/goldmark/text"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// facets are what decides which sections of an article are shown.
type facets struct{ provider, client, protocol string }

// article is Markdown turned into blocks: what goes for all, and of the
// conditional sections those that fit, by what they are about.
type article struct {
	general, provider, protocol, client []Block
}

// section is where the blocks below a conditional heading go.
func (a *article) section(key string) *[]Block {
	switch key {
	case "provider":
		return &a.provider
	case "protocol":
		return &a.protocol
	case "client":
		return &a.client
	}
	return nil
}

// parseArticle turns an article's Markdown into blocks. Sections that begin
// with "## provider: …", "## client: …" or "## protocol: …" are kept when they
// fit f; fill completes the placeholders and says no when one has no value.
func (k *kept) parseArticle(src string, f facets, fill func(string) (string, bool)) article {
	b := []byte(src)
	doc := k.markdown().Parse(mdtext.NewReader(b))
	var out article
	into, show := &out.general, true
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			heading := plainSpans(inline(n, b))
			key, _, _ := strings.Cut(strings.ToLower(heading), ":")
			if shown, conditional := f.fits(heading); conditional {
				into, show = out.section(strings.TrimSpace(key)), shown
				continue
			}
		}
		if show {
			*into = append(*into, blockOf(n, b, fill)...)
		}
	}
	return out
}

// fits reads a heading such as "provider: gmx, web-de".
func (f facets) fits(heading string) (shown, conditional bool) {
	key, list, ok := strings.Cut(heading, ":")
	if !ok {
		return false, false
	}
	have := map[string]string{"provider": f.provider, "client": f.client, "protocol": f.protocol}
	v, known := have[strings.TrimSpace(strings.ToLower(key))]
	if !known {
		return false, false
	}
	for want := range strings.SplitSeq(list, ",") {
		if v != "" && strings.TrimSpace(want) == v {
			return true, true
		}
	}
	return false, true
}

func blockOf(n ast.Node, src []byte, fill func(string) (string, bool)) []Block {
	switch n := n.(type) {
	case *ast.Heading:
		if s, ok := filled(inline(n, src), fill); ok {
			return []Block{Heading{plainSpans(s)}}
		}
	case *ast.Paragraph, *ast.TextBlock:
		if s, ok := filled(inline(n, src), fill); ok && len(s) > 0 {
			return []Block{Paragraph{s}}
		}
	case *ast.Blockquote:
		var spans []Span
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			spans = append(spans, inline(c, src)...)
		}
		if s, ok := filled(spans, fill); ok && len(s) > 0 {
			return []Block{Hint{s}}
		}
	case *ast.List:
		st := Steps{Ordered: n.IsOrdered()}
		for li := n.FirstChild(); li != nil; li = li.NextSibling() {
			var spans []Span
			for c := li.FirstChild(); c != nil; c = c.NextSibling() {
				if len(spans) > 0 {
					spans = append(spans, T(" "))
				}
				spans = append(spans, inline(c, src)...)
			}
			if s, ok := filled(spans, fill); ok {
				st.Items = append(st.Items, s)
			}
		}
		if len(st.Items) > 0 {
			return []Block{st}
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		return []Block{Paragraph{Spans(Code(strings.TrimSpace(string(n.Lines().Value(src)))))}}
	}
	return nil
}

// inline collects the spans of a block, neighbouring plain ones joined.
func inline(n ast.Node, src []byte) []Span {
	var out []Span
	add := func(s Span) {
		if k := len(out) - 1; k >= 0 && s.Kind == out[k].Kind && s.URL == out[k].URL && s.Kind != SpanCode {
			out[k].Text += s.Text
			return
		}
		out = append(out, s)
	}
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			add(T(string(c.Segment.Value(src))))
			if c.SoftLineBreak() || c.HardLineBreak() {
				add(T(" "))
			}
		case *ast.String:
			add(T(string(c.Value)))
		case *ast.CodeSpan:
			add(Code(nodeText(c, src)))
			return ast.WalkSkipChildren, nil
		case *ast.Emphasis:
			add(Strong(nodeText(c, src)))
			return ast.WalkSkipChildren, nil
		case *ast.Link:
			add(linkSpan(nodeText(c, src), string(c.Destination)))
			return ast.WalkSkipChildren, nil
		case *ast.AutoLink:
			u := string(c.URL(src))
			add(linkSpan(u, u))
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return out
}

func linkSpan(label, url string) Span {
	if !strings.HasPrefix(url, "https://") {
		return T(label)
	}
	return Link(label, url)
}

func nodeText(n ast.Node, src []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(src))
			if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		default:
			b.WriteString(nodeText(c, src))
		}
	}
	return b.String()
}

// filled completes the placeholders of spans; ok is false when one has no value.
func filled(spans []Span, fill func(string) (string, bool)) ([]Span, bool) {
	out := slices.Clone(spans)
	for i := range out {
		s, ok := fill(out[i].Text)
		if !ok {
			return nil, false
		}
		out[i].Text = s
	}
	return out, true
}

// filler returns the function that completes placeholders from the facts that
// v knows. With neutral set a missing value becomes a general wording ("your
// provider's IMAP server"), otherwise it makes the function say no.
func (v *view) filler(q query, neutral bool) func(string) (string, bool) {
	values := v.placeholders(q)
	return func(s string) (string, bool) {
		var b strings.Builder
		for {
			i := strings.IndexByte(s, '{')
			if i < 0 {
				b.WriteString(s)
				return b.String(), true
			}
			j := strings.IndexByte(s[i:], '}')
			if j < 0 {
				b.WriteString(s)
				return b.String(), true
			}
			key := s[i+1 : i+j]
			val, ok := values[key]
			if !ok && neutral {
				if _, known := texts["neutral."+key]; known {
					val, ok = v.say("neutral."+key), true
				}
			}
			if !ok {
				return "", false
			}
			b.WriteString(s[:i] + val)
			s = s[i+j+1:]
		}
	}
}

func (v *view) placeholders(q query) map[string]string {
	values := map[string]string{"address": v.say("user.address")}
	if q.Domain != "" {
		values["domain"] = q.Domain
	}
	p := q.Provider
	if p == nil {
		return values
	}
	values["provider"] = p.Name
	if p.Webmail != "" {
		values["webmail"] = p.Webmail
	}
	all := q
	all.Protocols = nil
	for _, s := range servers(all) {
		k := string(s.Protocol)
		if _, taken := values[k+".host"]; taken || strings.Contains(s.Host, "{") {
			continue
		}
		values[k+".host"] = s.Host
		values[k+".port"] = portString(s.Port)
		values[k+".security"] = v.security(s.Security)
		if u := v.userForm(s.Username); u != "" {
			values[k+".username"] = u
			if _, ok := values["username"]; !ok {
				values["username"] = u
			}
		}
	}
	return values
}

// facetsOf are the facets of what is known.
func facetsOf(in knowledge.Intent, c Conversation) facets {
	f := facets{in.Provider, in.Client, string(in.Protocol)}
	if f.provider == "" {
		f.provider = c.Provider
	}
	if f.client == "" {
		f.client = c.Client
	}
	return f
}
