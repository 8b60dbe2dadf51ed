package bot_test

import (
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// Every cause that a probe can find has a title, says what it means, and ends
// in a next step for the person and for who runs the server, in both languages.
func TestEveryCauseEndsInANextStep(t *testing.T) {
	book := shipped(t)
	for _, c := range diagnose.ProbeCauses() {
		k := book.Cause(string(c))
		if k == nil {
			t.Errorf("%s: unknown to the knowledge", c)
			continue
		}
		for what, text := range map[string]map[string]string{
			"title": {"de": k.Title.In("de"), "en": k.Title.In("en")}, "means": {"de": k.Means.In("de"), "en": k.Means.In("en")},
			"user": {"de": k.User.In("de"), "en": k.User.In("en")}, "operator": {"de": k.Operator.In("de"), "en": k.Operator.In("en")},
		} {
			if text["de"] == "" || text["en"] == "" || text["de"] == text["en"] {
				t.Errorf("%s: %s is missing in a language: %q", c, what, text)
			}
		}
	}
}
