package bot

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTextsComplete(t *testing.T) {
	holes := regexp.MustCompile(`\{\w+\}`)
	all := maps.Clone(texts)
	for c, s := range seenTexts {
		for part, tx := range map[string]text{"title": s.title, "means": s.means, "user": s.user} {
			if tx != (text{}) {
				all["seen."+string(c)+"."+part] = tx
			}
		}
	}
	for key, tx := range all {
		if tx.de == "" || tx.en == "" {
			t.Errorf("%s: a language is missing", key)
		}
		de, en := holes.FindAllString(tx.de, -1), holes.FindAllString(tx.en, -1)
		slices.Sort(de)
		slices.Sort(en)
		if !slices.Equal(de, en) {
			t.Errorf("%s: placeholders differ: %v and %v", key, de, en)
		}
	}
}

func TestSayKeysExist(t *testing.T) {
	for _, key := range usedKeys(t) {
		if _, ok := texts[key]; !ok {
			t.Errorf("text %q is used but not defined", key)
		}
	}
}

// TestTextsAreDefinedOnce holds that no table of texts hides another's.
func TestTextsAreDefinedOnce(t *testing.T) {
	if sum := len(coreTexts) + len(deskTexts) + len(loginTexts) + len(incidentTexts) + len(factTexts); sum != len(texts) {
		t.Errorf("%d texts in five tables, %d together", sum, len(texts))
	}
	for _, code := range Reasons() {
		if _, ok := texts["reason."+code]; !ok {
			t.Errorf("reason %s has no words", code)
		}
	}
}

// TestLabelsFit holds the words of buttons and forms against the limits of
// both platforms: Slack's button 75, modal title 24, Discord's button 80,
// select option 100, modal label 45.
func TestLabelsFit(t *testing.T) {
	fits := func(key, s string, n int) {
		if len([]rune(s)) > n {
			t.Errorf("%s is longer than %d: %q", key, n, s)
		}
	}
	for key, tx := range texts {
		for _, s := range []string{tx.de, tx.en} {
			switch {
			case strings.HasPrefix(key, "button."):
				fits(key, s, 40) // room for what is filled in
			case strings.HasPrefix(key, "reason.") && key != "reason.title":
				fits(key, s, 75)
			case key == "reason.title" || key == "teach.title" || key == "reason.send" || key == "teach.save":
				fits(key, s, 24)
			case slices.Contains([]string{"teach.name", "teach.de", "teach.en", "teach.questions", "reason.label"}, key):
				fits(key, s, 45)
			}
		}
	}
	for _, s := range Shortcuts() {
		for lang, name := range s.Name {
			fits(s.Action+" "+lang, name, 24)
		}
	}
}
