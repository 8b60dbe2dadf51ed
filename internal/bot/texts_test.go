package bot

import (
	"regexp"
	"slices"
	"testing"
)

func TestTextsComplete(t *testing.T) {
	holes := regexp.MustCompile(`\{\w+\}`)
	for key, tx := range texts {
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
