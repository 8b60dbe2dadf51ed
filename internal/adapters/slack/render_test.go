package slack

import (
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/bot/answertest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestRenderGolden holds the rendering of every sample Answer.
func TestRenderGolden(t *testing.T) {
	for _, s := range answertest.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			m := Render(s.Answer)
			checkMessage(t, m)
			got := golden(t, m)
			path := filepath.Join("testdata", "render", s.Name+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("rendering changed (go test -update rewrites it):\n%s", got)
			}
		})
	}
}

func golden(t *testing.T, m Message) []byte {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(map[string]any{"text": strings.Split(m.Text, "\n"), "blocks": m.Blocks, "cut": m.Cut}); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

// checkMessage fails when Slack would refuse m, or when something in it is alive.
func checkMessage(t *testing.T, m Message) {
	t.Helper()
	raw, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	if m.Blocks == nil {
		raw = []byte("[]")
	}
	if err := fakeslack.CheckBlocks(raw); err != nil {
		t.Errorf("Slack would refuse this: %v", err)
	}
	if got := fakeslack.Mentions(m.Text, raw); len(got) > 0 {
		t.Errorf("mentions came alive: %q", got)
	}
	for _, l := range fakeslack.Links(m.Text, raw) {
		u, err := url.Parse(l.URL)
		if err != nil || u.Scheme != "https" {
			t.Errorf("link to %q", l.URL)
			continue
		}
		for _, h := range hostInText.FindAllString(l.Text, -1) {
			if l.Text != l.URL && !strings.HasSuffix("."+strings.ToLower(u.Hostname()), "."+strings.ToLower(h)) {
				t.Errorf("link shows %q and opens %q", l.Text, l.URL)
			}
		}
	}
	if n := units(m.Text); n > maxTwin {
		t.Errorf("twin has %d units", n)
	}
	if !utf8.ValidString(m.Text) {
		t.Error("twin is not valid UTF-8")
	}
	if len(m.Blocks) > 0 && strings.TrimSpace(m.Text) == "" && hasText(m) {
		t.Error("blocks without a twin")
	}
}

// hasText says that a block other than buttons is there.
func hasText(m Message) bool {
	for _, b := range m.Blocks {
		if b.BlockType() != "actions" {
			return true
		}
	}
	return false
}

func TestRenderCutsAtBlockBorder(t *testing.T) {
	var a bot.Answer
	for range 200 {
		a.Blocks = append(a.Blocks, bot.Paragraph{Spans: bot.Spans(bot.T("text"))})
	}
	a.Actions = []bot.Action{{ID: "test", Label: "Test"}}
	m := Render(a)
	if len(m.Blocks) != maxBlocks || !m.Cut {
		t.Fatalf("%d blocks, cut %v", len(m.Blocks), m.Cut)
	}
	raw, _ := json.Marshal(m.Blocks[48])
	if !strings.Contains(string(raw), marker) {
		t.Errorf("no marker before the buttons: %s", raw)
	}
	if m.Blocks[49].BlockType() != "actions" {
		t.Errorf("the buttons were cut")
	}
}

func TestCodeKeepsBackticks(t *testing.T) {
	m := Render(bot.Answer{Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(bot.Code("a `b` c"))}}})
	raw, _ := json.Marshal(m.Blocks)
	if !strings.Contains(string(raw), "a `b` c") || !strings.Contains(string(raw), `"code":true`) {
		t.Errorf("code span: %s", raw)
	}
}

func TestDisguisedLinks(t *testing.T) {
	for _, c := range []struct {
		label, url, text string
		ok               bool
	}{
		{"RFC 8314", "https://www.rfc-editor.org/rfc/rfc8314", "RFC 8314", true},
		{"gmx.net", "https://hilfe.gmx.net/x", "gmx.net", true},
		{"www.gmx.net", "https://evil.example/x", "https://evil.example/x", true},
		{"https://gmx.net", "https://gmx.net/hilfe", "https://gmx.net/hilfe", true},
		{"mx.net", "https://gmx.net/", "https://gmx.net/", true},
		{"here", "http://gmx.net/", "here", false},
		{"here", "javascript:alert(1)", "here", false},
		{"here", "https://user:pw@gmx.net/", "here", false},
		{"", "https://gmx.net/", "https://gmx.net/", true},
	} {
		if text, _, ok := safeLink(c.label, c.url); text != c.text || ok != c.ok {
			t.Errorf("safeLink(%q, %q) = %q, %v", c.label, c.url, text, ok)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\rc":           "a\nb\nc",
		"\x1b[31mred\x07":     "[31mred",
		"\u202egnp.exe":       "gnp.exe",
		"<!here> <@U1> <#C1>": "<\u2060!here> <\u2060@U1> <\u2060#C1>",
		"<\u200b!here>":       "<\u2060!here>",
		"a\xffb":              "a\ufffdb",
		"👩\u200d👩 ü":          "👩\u200d👩 ü",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzRender: no Answer breaks a limit, no text comes alive.
func FuzzRender(f *testing.F) {
	for _, s := range answertest.Hostile() {
		f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 0x49, 0x91, 0xdb}, s)
	}
	f.Add([]byte(strings.Repeat("\x01\x03\x04", 100)), strings.Repeat("a & b <c> ", 900))
	f.Fuzz(func(t *testing.T, shape []byte, text string) {
		checkMessage(t, Render(answertest.FromBytes(shape, text)))
	})
}

func BenchmarkRender(b *testing.B) {
	var a bot.Answer
	for _, s := range answertest.Samples() {
		if s.Name == "test-failed-de" {
			a = s.Answer
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		Render(a)
	}
}
