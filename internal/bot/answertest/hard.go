package answertest

import (
	"fmt"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Hostile are texts that try to leave their place: to notify people, to draw
// a link with a false label, to break out of a code span or a table, to move
// a terminal's cursor, or to reverse the reading direction.
func Hostile() []string {
	return []string{
		"<!channel> <!here> <!everyone> <!subteam^S012345|@team>",
		"<@U012345> <#C012345|general> <!date^1392734382^{date}^https://evil.example|now>",
		"<https://evil.example|https://www.gmx.net> <mailto:a@evil.example|anna@example.org>",
		"@everyone @here <@123456789012345678> <@!123456789012345678> <@&123456789012345678> <#123456789012345678> </test:123456789012345678>",
		"[https://www.gmx.net](https://evil.example) [GMX](<https://evil.example>) ![x](https://evil.example/p.png)",
		"`code` ``two`` ```fence``` `",
		"*bold* _italic_ ~strike~ **strong** __under__ ||spoiler|| > quote\n# heading\n- list\n1. item",
		"&lt;!channel&gt; &amp;amp; &#60;!here&#62;",
		"https://evil.example/login www.evil.example discord.gg/evil",
		":rotating_light: <:name:123456789012345678> <t:1392734382:R>",
		"\x1b[2J\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
		"\u202egnp.exe\u2066 \u200b@\u200beveryone \ufeff\u2028\u2029",
		"| a | b |\n|---|---|\n\\| \\` \\* \\<",
		"220 mail.example.org ESMTP <!channel>\r\n@everyone",
		"\x00\x01\x7f\u0085\xff\xfe",
	}
}

func hostileEN() bot.Answer {
	all := Hostile()
	text := strings.Join(all, "\n")
	items := make([][]bot.Span, 0, len(all))
	checks := make([]bot.Check, 0, len(all))
	for _, s := range all {
		items = append(items, bot.Spans(bot.T(s), bot.Code(s), bot.Strong(s)))
		checks = append(checks, bot.Check{State: bot.CheckFail, Word: "failed", Label: s, Detail: bot.Spans(bot.Code(s), bot.T(s))})
	}
	return bot.Answer{
		Lang: "en",
		Blocks: []bot.Block{
			bot.Heading{Text: all[0]},
			bot.Paragraph{Spans: bot.Spans(bot.T(text))},
			bot.Paragraph{Spans: bot.Spans(bot.Code(text))},
			bot.Paragraph{Spans: bot.Spans(bot.Link("a|b>c](x)", "https://example.org/a|b>c)d?e=f g"), bot.Link("no scheme", "javascript:alert(1)"), bot.Link("", ""))},
			bot.Settings{Labels: labelsEN(), Rows: []bot.SettingsRow{{Title: all[0], Host: all[2], Port: all[4], Security: all[5], Username: all[3], Auth: all[6], Note: all[7]}}},
			bot.Steps{Ordered: true, Items: items},
			bot.Checks{Rows: checks},
			bot.Hint{Spans: bot.Spans(bot.T(text))},
			bot.Sources{Label: all[0], Items: []bot.SourceItem{{Title: all[2], URL: "https://example.org/<!here>|x", Date: all[3]}, {Title: all[4], URL: "http://insecure.example.org/"}}},
		},
		Actions: []bot.Action{{ID: "test", Label: all[0] + all[3], Value: all[4]}},
	}
}

func controlDE() bot.Answer {
	s := "Zeile eins\r\nZeile zwei\tTab\x00\x07\x1b[31mrot\x1b[0m\u202eumgekehrt\u202c Ende äöüß 🙂 👩‍👩‍👧"
	return bot.Answer{Lang: "de", Blocks: []bot.Block{
		bot.Heading{Text: s},
		bot.Paragraph{Spans: bot.Spans(bot.T(s), bot.T(" "), bot.Code(s), bot.T(" "), bot.Strong(s))},
		bot.Hint{Spans: bot.Spans(bot.T(s))},
	}}
}

func hugeDE() bot.Answer {
	word := "Verschlüsselungseinstellungen & <Sonderzeichen> "
	long := strings.Repeat(word, 2000) // about 100 KB
	rows := make([]bot.SettingsRow, 0, 40)
	for i := range 40 {
		rows = append(rows, bot.SettingsRow{Title: fmt.Sprintf("Server %d", i+1), Host: strings.Repeat("h", 3000), Port: "993", Security: "SSL/TLS", Username: long[:5000], Auth: "Passwort", Note: long[:4000]})
	}
	items := make([][]bot.Span, 0, 300)
	for i := range 300 {
		items = append(items, bot.Spans(bot.T(fmt.Sprintf("Schritt %d: ", i+1)), bot.Code(strings.Repeat("&", 200))))
	}
	checks := make([]bot.Check, 0, 120)
	for i := range 120 {
		checks = append(checks, bot.Check{State: bot.CheckFail, Word: "Fehler", Label: fmt.Sprintf("SMTP %d", i+1), Detail: bot.Spans(bot.Code(strings.Repeat("5.7.1 <x> ", 60))), Took: time.Duration(i) * time.Second})
	}
	actions := make([]bot.Action, 0, 40)
	for i := range 40 {
		actions = append(actions, bot.Action{ID: "test", Label: fmt.Sprintf("%d %s", i+1, strings.Repeat("ü", 200)), Value: strings.Repeat("v", 1900)})
	}
	sources := make([]bot.SourceItem, 0, 60)
	for i := range 60 {
		sources = append(sources, bot.SourceItem{Title: fmt.Sprintf("Quelle %d %s", i+1, word), URL: "https://example.org/" + strings.Repeat("p/", 200), Date: "2026-11-02"})
	}
	return bot.Answer{
		Lang: "de",
		Blocks: []bot.Block{
			bot.Heading{Text: long},
			bot.Paragraph{Spans: bot.Spans(bot.T(long), bot.Code(strings.Repeat("x", 9000)), bot.Strong(strings.Repeat("&", 4000)), bot.Link(strings.Repeat("L", 4000), "https://example.org/"+strings.Repeat("u", 4000)))},
			bot.Settings{Labels: labelsDE(), Rows: rows},
			bot.Steps{Ordered: true, Items: items},
			bot.Checks{Rows: checks},
			bot.Hint{Spans: bot.Spans(bot.T(long))},
			bot.Sources{Label: "Quelle", Items: sources},
		},
		Actions: actions,
	}
}

func manyBlocksEN() bot.Answer {
	a := bot.Answer{Lang: "en"}
	for i := range 150 {
		a.Blocks = append(a.Blocks,
			bot.Heading{Text: fmt.Sprintf("Part %d", i+1)},
			bot.Paragraph{Spans: bot.Spans(bot.T("Some text."))})
	}
	a.Actions = []bot.Action{{ID: "feedback", Label: "Helped", Value: "yes"}}
	return a
}

// blankPartsEN has every block with nothing in it: platforms refuse empty texts.
func blankPartsEN() bot.Answer {
	return bot.Answer{
		Lang: "en",
		Blocks: []bot.Block{
			bot.Heading{},
			bot.Heading{Text: " \n\t"},
			bot.Paragraph{},
			bot.Paragraph{Spans: bot.Spans(bot.T(""), bot.Code(""), bot.Strong(" "), bot.Link("", "https://example.org/"))},
			bot.Settings{},
			bot.Settings{Rows: []bot.SettingsRow{{}, {Title: "Outgoing mail", Host: "smtp.example.org"}}},
			bot.Steps{Ordered: true, Items: [][]bot.Span{nil, bot.Spans(bot.T("One."))}},
			bot.Checks{Rows: []bot.Check{{}, {State: "unheard-of", Label: "IMAP"}}},
			bot.Hint{},
			bot.Sources{Items: []bot.SourceItem{{}}},
		},
		Actions: []bot.Action{{}, {ID: "test"}, {Label: "No id"}},
	}
}
