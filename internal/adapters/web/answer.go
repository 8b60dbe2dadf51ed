package web

import (
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// block is one part of an Answer as the template sees it: Kind names the
// element, the other fields are those that it needs.
type block struct {
	Kind   string // "heading", "text", "hint", "list", "steps", "checks", "settings", "sources"
	Text   string
	Spans  []span
	Items  [][]span
	Checks []check
	Tables []table
}

type span struct{ Kind, Text, URL string }

type check struct {
	State, Word, Label string
	Detail             []span
}

type table struct {
	Title string
	Rows  [][2]string
	Note  string
}

// blocks makes an Answer fit for the template. Actions are left out: they
// belong to the chat.
func blocks(a bot.Answer) []block {
	var out []block
	for _, b := range a.Blocks {
		switch b := b.(type) {
		case bot.Heading:
			out = append(out, block{Kind: "heading", Text: bot.CleanLine(b.Text)})
		case bot.Paragraph:
			out = append(out, block{Kind: "text", Spans: spans(b.Spans)})
		case bot.Hint:
			out = append(out, block{Kind: "hint", Spans: spans(b.Spans)})
		case bot.Steps:
			bl := block{Kind: "list"}
			if b.Ordered {
				bl.Kind = "steps"
			}
			for _, it := range b.Items {
				bl.Items = append(bl.Items, spans(it))
			}
			out = append(out, bl)
		case bot.Checks:
			bl := block{Kind: "checks"}
			for _, c := range b.Rows {
				bl.Checks = append(bl.Checks, check{string(c.State), c.Word, bot.CleanLine(c.Label), spans(c.Detail)})
			}
			out = append(out, bl)
		case bot.Settings:
			out = append(out, settings(b))
		case bot.Sources:
			bl := block{Kind: "sources", Text: b.Label}
			for _, s := range b.Items {
				bl.Items = append(bl.Items, source(s))
			}
			out = append(out, bl)
		}
	}
	return out
}

func settings(s bot.Settings) block {
	bl := block{Kind: "settings"}
	for _, r := range s.Rows {
		t := table{Title: bot.CleanLine(r.Title), Note: bot.CleanLine(r.Note)}
		for _, f := range [][2]string{
			{s.Labels.Host, r.Host},
			{s.Labels.Port, r.Port},
			{s.Labels.Security, r.Security},
			{s.Labels.Username, r.Username},
			{s.Labels.Auth, r.Auth},
		} {
			if f[1] != "" {
				t.Rows = append(t.Rows, [2]string{f[0], bot.CleanLine(f[1])})
			}
		}
		bl.Tables = append(bl.Tables, t)
	}
	return bl
}

func source(s bot.SourceItem) []span {
	text := bot.CleanLine(s.Title)
	if s.Date != "" {
		text = strings.TrimPrefix(text+", "+bot.CleanLine(s.Date), ", ")
	}
	if strings.HasPrefix(s.URL, "https://") {
		return []span{{"link", text, s.URL}}
	}
	return []span{{"", text, ""}}
}

// spans keep a link only when it is https, which all of the knowledge are.
func spans(list []bot.Span) []span {
	out := make([]span, 0, len(list))
	for _, s := range list {
		sp := span{Text: bot.CleanLine(s.Text)}
		switch s.Kind {
		case bot.SpanCode:
			sp.Kind = "code"
		case bot.SpanStrong:
			sp.Kind = "strong"
		case bot.SpanLink:
			if strings.HasPrefix(s.URL, "https://") {
				sp.Kind, sp.URL = "link", s.URL
			}
		}
		out = append(out, sp)
	}
	return out
}
