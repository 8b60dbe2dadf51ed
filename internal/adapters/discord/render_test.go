package discord

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/bot/answertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The golden files show what Discord receives: first the texts as they are, so
// that a reader sees them, then the JSON.
func golden(t *testing.T, r Rendered) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(r.Content + "\n")
	for _, e := range r.Embeds {
		b.WriteString("--- embed\n" + e.Description + "\n")
	}
	b.WriteString("--- components\n")
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(r.Components); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRenderGolden(t *testing.T) {
	for _, s := range answertest.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			r := Render(s.Answer)
			checkLimits(t, r)
			checkDead(t, r)
			got, path := golden(t, r), filepath.Join("testdata", s.Name+".golden")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs (go test -update writes it anew)\n got: %s\nwant: %s", path, got, want)
			}
		})
	}
}

// checkLimits holds a message against Discord's limits, counted independently.
func checkLimits(t *testing.T, r Rendered) {
	t.Helper()
	utf16len := func(s string) int {
		n := 0
		for _, c := range s {
			if n++; c > 0xffff {
				n++
			}
		}
		return n
	}
	if n := utf16len(r.Content); n == 0 || n > 2000 {
		t.Errorf("content has %d characters", n)
	}
	if !utf8.ValidString(r.Content) {
		t.Error("content is not UTF-8")
	}
	total := 0
	for _, e := range r.Embeds {
		n := utf16len(e.Description)
		if total += n; n == 0 || n > 4096 {
			t.Errorf("embed description has %d characters", n)
		}
	}
	if len(r.Embeds) > 10 || total > 6000 {
		t.Errorf("%d embeds with %d characters", len(r.Embeds), total)
	}
	if len(r.Components) > 5 {
		t.Errorf("%d rows", len(r.Components))
	}
	ids := map[string]bool{}
	for _, row := range r.Components {
		bs := row.(discordgo.ActionsRow).Components
		if len(bs) == 0 || len(bs) > 5 {
			t.Errorf("%d buttons in a row", len(bs))
		}
		for _, c := range bs {
			b := c.(discordgo.Button)
			if n := utf16len(b.Label); n == 0 || n > 80 {
				t.Errorf("label %q has %d characters", b.Label, n)
			}
			if n := len(b.CustomID); n == 0 || n > 100 || !utf8.ValidString(b.CustomID) {
				t.Errorf("custom_id %q has %d bytes", b.CustomID, n)
			}
			if ids[b.CustomID] {
				t.Errorf("custom_id %q stands twice", b.CustomID)
			}
			ids[b.CustomID] = true
		}
	}
	raw, err := json.Marshal(r)
	if err != nil || !bytes.Contains(raw, []byte(`"allowed_mentions":{"parse":[]`)) {
		t.Errorf("mentions are not all forbidden: %s %v", raw, err)
	}
}

// strip reads Markdown as Discord's clients do (escape, code span and masked
// link come first) and returns what is left with those taken out, and the
// links. It is written apart from the renderer.
func strip(s string) (left string, links []string) {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", s[i+1]) >= 0 {
			b.WriteByte(0)
			i += 2
			continue
		}
		if m := codeSpan.FindString(s[i:]); m != "" && !strings.HasPrefix(s[i:], "``") {
			b.WriteByte(0)
			i += len(m)
			continue
		}
		if m := masked.FindStringSubmatch(s[i:]); m != nil {
			inner, more := strip(m[1])
			b.WriteString(inner)
			links = append(append(links, m[2]), more...)
			i += len(m[0])
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String(), links
}

var (
	codeSpan = regexp.MustCompile("^`[^`]+`")
	masked   = regexp.MustCompile(`(?s)^\[((?:\\.|[^\\\[\]])+)\]\(<([^<>\s]+)>\)`)
	alive    = regexp.MustCompile(`(?i)<(@|#|/|:|a:|t:|id:|https?:)|@(everyone|here)|[a-z]+://|discord(app)?\.(gg|com)|dis\.gd|\|\||~~|__|` + "``" + `|\]\(`)
)

// checkDead says what came alive that should not have.
func checkDead(t *testing.T, r Rendered) {
	t.Helper()
	texts := []string{r.Content}
	for _, e := range r.Embeds {
		texts = append(texts, e.Description)
	}
	for _, s := range texts {
		left, links := strip(s)
		if m := alive.FindString(left); m != "" {
			t.Errorf("%q is alive in %q", m, s)
		}
		for _, l := range links {
			u, err := url.Parse(l)
			if err != nil || u.Scheme != "https" || u.User != nil || u.Host == "" || strings.Contains(u.Host, "evil") {
				t.Errorf("link to %q in %q", l, s)
			}
		}
		for _, c := range s {
			if c < ' ' && c != '\n' || c == 0x7f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
				t.Errorf("%U in %q", c, s)
			}
		}
	}
}

// What remains of a plain span once escapes are out has no character that
// Discord could take for a mark, and starts no list.
func checkPlain(t *testing.T, text string) {
	t.Helper()
	out := newMarkup(maxChunk, "\n").spans(bot.Spans(bot.T(text))).String()
	left, links := strip(out)
	if strings.ContainsAny(left, "\\*_~`|[]>#<") || len(links) > 0 {
		t.Errorf("marks are left of %q: %q", text, left)
	}
	for _, l := range strings.Split(left, "\n") {
		if regexp.MustCompile(`^\s*([-+]|\d+[.)])\s`).MatchString(l) {
			t.Errorf("a list starts in %q: %q", text, l)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range answertest.Hostile() {
		f.Add([]byte{0, 1, 2, 3, 0x4b, 0x59, 4, 5, 6, 7, 0x8f}, s)
	}
	f.Add([]byte{1, 1, 1, 1, 9, 9, 9, 2, 2, 2}, strings.Repeat("long 🙂 *text* ", 300))
	f.Fuzz(func(t *testing.T, shape []byte, text string) {
		r := Render(answertest.FromBytes(shape, text))
		checkLimits(t, r)
		checkDead(t, r)
		checkPlain(t, text)
	})
}

func TestHostileTextIsDead(t *testing.T) {
	for _, s := range append(answertest.Hostile(), "1. one\n2) two\n- three\n + four\n-# small\n>>> quote", "a``b", "`", "\\", "\\`x`", "**", "https://", "discord.GG/x") {
		checkPlain(t, s)
		for _, k := range []bot.SpanKind{bot.SpanText, bot.SpanCode, bot.SpanStrong, bot.SpanLink} {
			sp := bot.Span{Kind: k, Text: s, URL: "https://example.org/a(b)?c=d@e"}
			r := Render(bot.Answer{Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(sp, sp)}, bot.Heading{Text: s}}})
			checkLimits(t, r)
			checkDead(t, r)
		}
	}
}

func TestRenderSpans(t *testing.T) {
	for _, c := range []struct {
		spans []bot.Span
		want  string
	}{
		{bot.Spans(bot.T("a*b_c")), `a\*b\_c`},
		{bot.Spans(bot.Code("a`b\nc")), "`aˋb c`"},
		{bot.Spans(bot.Code("x"), bot.Code("y")), "`x`\u200b`y`"},
		{bot.Spans(bot.Strong("x\ny")), "**x y**"},
		{bot.Spans(bot.Strong("Hinweis: "), bot.T("y")), "**Hinweis:** y"},
		{bot.Spans(bot.Link("Hilfe [1]", "https://example.org/a?b=(c)")), `[Hilfe \[1\]](<https://example.org/a?b=%28c%29>)`},
		{bot.Spans(bot.Link("x", "http://example.org/")), "x"},
		{bot.Spans(bot.Link("x", "https://gmx.net@evil.example/")), "x"},
		{bot.Spans(bot.Link("x", "javascript:alert(1)")), "x"},
		{bot.Spans(bot.T("siehe https://x.example/")), `siehe https\://x.example/`},
		{bot.Spans(bot.T("- kein Punkt\n1. keine Liste")), "\\- kein Punkt\n1\\. keine Liste"},
		{bot.Spans(bot.T("<@1> @everyone anna@example.org")), "\\<\u200b@1\\> @\u200beveryone anna@example.org"},
		{bot.Spans(bot.T("komm auf discord.gg/abc")), `komm auf discord\.gg/abc`},
		{bot.Spans(bot.Code("imap.gmx.net:993")), "`imap.gmx.net:993`"},
	} {
		if got := newMarkup(maxChunk, "\n").spans(c.spans).String(); got != c.want {
			t.Errorf("%v\n got %q\nwant %q", c.spans, got, c.want)
		}
	}
}

func TestCutAtBlockBorders(t *testing.T) {
	para := func(n int) bot.Block {
		return bot.Paragraph{Spans: bot.Spans(bot.T(strings.Repeat("x", n)))}
	}
	t.Run("second block goes on in the embed", func(t *testing.T) {
		r := Render(bot.Answer{Blocks: []bot.Block{para(1200), para(1300), para(1400)}})
		if units(r.Content) != 1200 || len(r.Embeds) != 1 || units(r.Embeds[0].Description) != 1300+2+1400 || r.Cut {
			t.Errorf("%d, %d embeds, cut %v", units(r.Content), len(r.Embeds), r.Cut)
		}
	})
	t.Run("what does not fit at all is marked", func(t *testing.T) {
		r := Render(bot.Answer{Blocks: []bot.Block{para(1500), para(1500), para(1500), para(1500)}})
		if !r.Cut || !strings.HasSuffix(r.Embeds[0].Description, "x\n…") || units(r.Embeds[0].Description) != 1500*2+2+2 {
			t.Errorf("cut %v: %q", r.Cut, r.Embeds[0].Description)
		}
	})
	t.Run("a list is split between items", func(t *testing.T) {
		items := make([][]bot.Span, 40)
		for i := range items {
			items[i] = bot.Spans(bot.T(strings.Repeat("y", 120)))
		}
		r := Render(bot.Answer{Blocks: []bot.Block{bot.Steps{Ordered: true, Items: items}}})
		if r.Cut || !strings.HasSuffix(r.Content, "y") || !regexp.MustCompile(`^\d+\. y`).MatchString(r.Embeds[0].Description) {
			t.Errorf("cut %v, content ends %q, embed starts %q", r.Cut, r.Content[len(r.Content)-9:], r.Embeds[0].Description[:9])
		}
	})
	t.Run("an endless paragraph is shortened", func(t *testing.T) {
		r := Render(bot.Answer{Blocks: []bot.Block{para(100_000), bot.Hint{Spans: bot.Spans(bot.T("weiter"))}}})
		if !r.Cut || !strings.HasSuffix(r.Content, "x…\n\n> weiter") {
			t.Errorf("cut %v: %q", r.Cut, r.Content)
		}
	})
}

func TestTook(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		lang bot.Lang
		want string
	}{{300 * time.Microsecond, "en", "1 ms"}, {84 * time.Millisecond, "de", "84 ms"}, {1234 * time.Millisecond, "de", "1,2 s"}, {1234 * time.Millisecond, "en", "1.2 s"}} {
		if got := took(c.d, c.lang); got != c.want {
			t.Errorf("took(%v, %s) = %q, want %q", c.d, c.lang, got, c.want)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	samples := answertest.Samples()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Render(samples[i%len(samples)].Answer)
	}
}
