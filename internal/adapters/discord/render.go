package discord

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Rendered is an Answer as Discord takes it, the same for a new message, an
// edit, and the response to an interaction. Content, Embeds and Components are
// always set, so that an edit replaces all that stood there before.
type Rendered struct {
	Content         string                            `json:"content"`
	Embeds          []*discordgo.MessageEmbed         `json:"embeds"`
	Components      []discordgo.MessageComponent      `json:"components"`
	AllowedMentions *discordgo.MessageAllowedMentions `json:"allowed_mentions"`

	Cut  bool                  `json:"-"` // something did not fit and was left out
	Keys map[string]bot.Action `json:"-"` // buttons whose custom_id is only a key, see Keys
}

// Render sets an Answer as a Discord message. It is a pure function.
//
// The text goes into the content, not into an embed, because people with
// previews switched off see no embeds and because on phones only content can
// be copied. What does not fit the content's 2000 characters continues in one
// embed; blocks are kept whole where that is possible. No message mentions
// anybody: all text is escaped, and allowed_mentions allows nothing.
func Render(a bot.Answer) Rendered { return render(a, 0) }

// render keeps so many units of the content free.
func render(a bot.Answer, room int) Rendered {
	out := Rendered{
		Embeds:          []*discordgo.MessageEmbed{},
		AllowedMentions: &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}},
	}
	p := packer{limits: []int{maxContent - room, maxDescription}, texts: make([]strings.Builder, 2), sizes: make([]int, 2)}
	for _, b := range a.Blocks {
		if !p.add(setBlock(b, a.Lang)) {
			break
		}
	}
	out.Cut = p.cut
	out.Content = p.texts[0].String()
	if strings.TrimSpace(out.Content) == "" {
		out.Content = "…" // Discord refuses a message without text
	}
	if more := p.texts[1].String(); more != "" {
		out.Embeds = append(out.Embeds, &discordgo.MessageEmbed{Description: more})
	}
	out.Components, out.Keys = buttons(a.Actions)
	return out
}

// piece is a block's text: chunks that are not split, one below the other.
// What follows a tight piece stands on the next line, else an empty line parts them.
type piece struct {
	chunks []string
	tight  bool
	cut    bool // a chunk was too long and ends in "…"
}

// setBlock renders one block.
func setBlock(b bot.Block, lang bot.Lang) piece {
	switch b := b.(type) {
	case bot.Heading:
		p := line("### ", " ", bot.Spans(bot.T(b.Text)))
		p.tight = true
		return p
	case bot.Paragraph:
		return line("", "\n", b.Spans)
	case bot.Settings:
		return setSettings(b)
	case bot.Steps:
		return setSteps(b)
	case bot.Checks:
		return setChecks(b, lang)
	case bot.Hint:
		return line("> ", "\n> ", b.Spans)
	case bot.Sources:
		return setSources(b)
	default:
		panic(fmt.Sprintf("discord: no rendering of %T", b)) // the set is sealed; the tests hold every kind against this
	}
}

// line sets spans behind a prefix, or nothing when they hold no text.
func line(prefix, newline string, spans []bot.Span) piece {
	m := newMarkup(maxChunk, newline)
	m.raw(prefix)
	m.spans(spans)
	if strings.TrimSpace(m.String()) == strings.TrimSpace(prefix) {
		return piece{}
	}
	return piece{chunks: []string{m.String()}, cut: m.full}
}

// part is one text within a chunk, escaped, on one line, and clipped.
func part(s string, limit int) string {
	s = strings.TrimSpace(s[:min(len(s), 4*limit)])
	return newMarkup(limit, " ").spans(bot.Spans(bot.T(s))).String()
}

func codePart(s string, limit int) string {
	return newMarkup(limit, " ").spans(bot.Spans(bot.Code(s[:min(len(s), 4*limit)]))).String()
}

func setSettings(b bot.Settings) piece {
	var p piece
	for _, r := range b.Rows {
		var lines []string
		add := func(l string) {
			if l != "" {
				lines = append(lines, l)
			}
		}
		if t := part(r.Title, 200); t != "" {
			lines = append(lines, "**"+t+"**")
		}
		add(field(b.Labels.Host, codePart(r.Host, 260)))
		port, security := field(b.Labels.Port, codePart(r.Port, 40)), field(b.Labels.Security, part(r.Security, 120))
		if port != "" && security != "" {
			port += " · " // one line for both keeps the table short on a phone
		}
		add(port + security)
		add(field(b.Labels.Username, part(r.Username, 330)))
		add(field(b.Labels.Auth, part(r.Auth, 200)))
		if n := part(r.Note, 480); n != "" {
			lines = append(lines, "> "+n)
		}
		if len(lines) > 0 {
			p.chunks = append(p.chunks, strings.Join(lines, "\n"))
		}
	}
	return p
}

// field is a label with its value, or nothing when there is no value.
func field(label, value string) string {
	if l := part(label, 40); l != "" && value != "" {
		return l + ": " + value
	}
	return value
}

func setSteps(b bot.Steps) piece {
	var p piece
	for i, item := range b.Items {
		prefix := "- "
		if b.Ordered {
			prefix = strconv.Itoa(i+1) + ". "
		}
		indent := "\n" + strings.Repeat(" ", len(prefix))
		l := line(prefix, indent, item)
		p.chunks = append(p.chunks, l.chunks...)
		p.cut = p.cut || l.cut
	}
	return p
}

// signs stand before the word of a check, for the quick eye.
var signs = map[bot.CheckState]string{
	bot.CheckRunning: "⏳", bot.CheckOK: "✅", bot.CheckWarn: "⚠️", bot.CheckFail: "❌", bot.CheckSkipped: "➖",
}

func setChecks(b bot.Checks, lang bot.Lang) piece {
	var p piece
	for _, r := range b.Rows {
		head := signs[r.State]
		if w := part(r.Word, 60); w != "" {
			head += " **" + w + "**"
		}
		if l := part(r.Label, 400); l != "" {
			head += " " + l
		}
		if r.Took > 0 {
			head += " (" + took(r.Took, lang) + ")"
		}
		m := newMarkup(maxChunk-520, "\n> ")
		m.raw("\n> ")
		if m.spans(r.Detail); strings.TrimSpace(m.String()) != ">" {
			head += m.String()
			p.cut = p.cut || m.full
		}
		p.chunks = append(p.chunks, strings.TrimSpace(head))
	}
	return p
}

// took prints a duration as people read it: "84 ms", "1.2 s", in German "1,2 s".
func took(d time.Duration, lang bot.Lang) string {
	if d < time.Second {
		return strconv.FormatInt(max(d.Milliseconds(), 1), 10) + " ms"
	}
	s := strconv.FormatFloat(d.Seconds(), 'f', 1, 64)
	if lang == "de" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s + " s"
}

func setSources(b bot.Sources) piece {
	var p piece
	prefix := "-# "
	if l := part(b.Label, 60); l != "" {
		prefix += l + ": "
	}
	for i, it := range b.Items {
		if i > 0 {
			prefix = "-# "
		}
		m := newMarkup(maxChunk, " ")
		m.raw(prefix)
		title := it.Title
		if title == "" {
			title = it.URL
		}
		m.start = false
		m.span(bot.Link(clip(title, 300), it.URL))
		if it.Date != "" {
			m.span(bot.T(" (" + it.Date + ")"))
		}
		if m.String() != prefix {
			p.chunks = append(p.chunks, m.String())
		}
	}
	return p
}

// cutMarker stands where the rest was left out.
const cutMarker = "\n…"

// packer fills texts of limited size one after the other, at block borders
// where it can, else between the chunks of a block.
type packer struct {
	limits []int
	texts  []strings.Builder
	sizes  []int
	at     int
	tight  bool // the piece before wants no empty line behind it
	cut    bool
}

// add appends a piece and says whether there is room for more.
func (p *packer) add(pc piece) bool {
	if len(pc.chunks) == 0 {
		return true
	}
	p.cut = p.cut || pc.cut
	whole := len(pc.chunks) - 1
	for _, c := range pc.chunks {
		whole += units(c)
	}
	if p.sizes[p.at] > 0 && !p.fits(whole+p.gap()) && p.at+1 < len(p.limits) && whole <= p.limits[p.at+1]-units(cutMarker) {
		p.at++
	}
	sep := "\n\n"
	if p.tight {
		sep = "\n"
	}
	for _, c := range pc.chunks {
		for !p.fits(units(c) + len(sep)) {
			if p.at+1 == len(p.limits) {
				p.write(cutMarker)
				p.cut = true
				return false
			}
			p.at++
		}
		if p.sizes[p.at] > 0 {
			p.write(sep)
		}
		p.write(c)
		sep = "\n"
	}
	p.tight = pc.tight
	return true
}

func (p *packer) gap() int {
	if p.sizes[p.at] == 0 {
		return 0
	}
	return 2
}

// fits keeps room for the marker of a cut.
func (p *packer) fits(n int) bool { return p.sizes[p.at]+n+units(cutMarker) <= p.limits[p.at] }

func (p *packer) write(s string) {
	p.texts[p.at].WriteString(s)
	p.sizes[p.at] += units(s)
}
