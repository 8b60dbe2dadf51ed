package console

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/bot/answertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// maxGolden is how much of a huge answer is compared.
const maxGolden = 16 << 10

func TestRenderGolden(t *testing.T) {
	for _, s := range answertest.Samples() {
		for name, st := range map[string]Style{"plain": {}, "terminal": {Color: true, Width: 80}} {
			t.Run(s.Name+"/"+name, func(t *testing.T) {
				got := Render(s.Answer, st) + "\n"
				if len(got) > maxGolden {
					got = got[:maxGolden]
				}
				file := filepath.Join("testdata", s.Name+"."+name+".golden")
				if *update {
					if err := os.MkdirAll("testdata", 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("got:\n%s\nwant:\n%s", got, want)
				}
			})
		}
	}
}

// TestNothingMovesTheCursor holds that no text of a user or a server reaches
// the terminal as a control sequence.
func TestNothingMovesTheCursor(t *testing.T) {
	hostile := "a\x1b[2Jb\x9b2Jc\rd\u202ee\u2066f\x07"
	a := bot.Answer{Blocks: []bot.Block{
		bot.Heading{Text: hostile},
		bot.Paragraph{Spans: bot.Spans(bot.T(hostile), bot.Code(hostile), bot.Strong(hostile))},
		bot.Checks{Rows: []bot.Check{{State: bot.CheckFail, Word: "x", Label: hostile, Detail: bot.Spans(bot.Code(hostile))}}},
		bot.Settings{Rows: []bot.SettingsRow{{Title: hostile, Host: hostile, Note: hostile}}},
		bot.Steps{Items: [][]bot.Span{bot.Spans(bot.T(hostile))}},
		bot.Hint{Spans: bot.Spans(bot.T(hostile))},
		bot.Sources{Label: hostile, Items: []bot.SourceItem{{Title: hostile}}},
	}}
	for _, c := range Render(a, Style{}) {
		if unicode.IsControl(c) && c != '\n' || c == 0x202e || c == 0x2066 {
			t.Errorf("control character %U came through", c)
		}
	}
	colour := Render(a, Style{Color: true, Width: 80})
	for _, part := range strings.Split(colour, "\x1b")[1:] {
		if end := strings.IndexByte(part, 'm'); end < 1 || strings.Trim(part[1:end], "0123456789") != "" {
			t.Errorf("an escape sequence that is no colour: %q", part[:min(len(part), 8)])
		}
	}
}

func TestWrap(t *testing.T) {
	a := bot.Answer{Blocks: []bot.Block{bot.Steps{Ordered: true, Items: [][]bot.Span{bot.Spans(bot.T(strings.Repeat("wort ", 40)))}}}}
	for i, l := range strings.Split(Render(a, Style{Width: 40}), "\n") {
		if len([]rune(l)) > 40 {
			t.Errorf("line %d is %d wide", i, len([]rune(l)))
		}
		if i > 0 && !strings.HasPrefix(l, "   ") {
			t.Errorf("line %d does not stand below the text: %q", i, l)
		}
	}
}
