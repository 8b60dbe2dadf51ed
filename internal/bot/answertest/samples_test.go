package answertest

import (
	"fmt"
	"reflect"
	"regexp"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// TestSamplesUseEverything fails when a kind of block, span or check has no sample.
func TestSamplesUseEverything(t *testing.T) {
	seen := map[string]bool{}
	names := map[string]bool{}
	note := func(ss []bot.Span) {
		for _, s := range ss {
			seen[fmt.Sprint("span ", s.Kind)] = true
		}
	}
	for _, s := range Samples() {
		if names[s.Name] || !regexp.MustCompile(`^[a-z-]+$`).MatchString(s.Name) {
			t.Errorf("name %q is used twice or unfit for a file", s.Name)
		}
		names[s.Name] = true
		seen["lang "+string(s.Answer.Lang)] = true
		for _, b := range s.Answer.Blocks {
			seen[reflect.TypeOf(b).Name()] = true
			switch b := b.(type) {
			case bot.Paragraph:
				note(b.Spans)
			case bot.Checks:
				for _, c := range b.Rows {
					seen["check "+string(c.State)] = true
				}
			}
		}
	}
	want := []string{
		"Heading", "Paragraph", "Settings", "Steps", "Checks", "Hint", "Sources",
		"span 0", "span 1", "span 2", "span 3",
		"check running", "check ok", "check warn", "check fail", "check skipped",
		"lang de", "lang en", "lang ",
	}
	for _, w := range want {
		if !seen[w] {
			t.Errorf("no sample has %s", w)
		}
	}
}

func TestFromBytesIsStable(t *testing.T) {
	shape := []byte{0, 1, 2, 3, 4, 5, 6, 7, 0xff, 0x8b}
	if a, b := FromBytes(shape, "x<y"), FromBytes(shape, "x<y"); !reflect.DeepEqual(a, b) {
		t.Error("the same input gave different Answers")
	}
}
