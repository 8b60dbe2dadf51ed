package bot

import "strings"

// text is one sentence of the bot in both languages. {name} is filled in by say.
type text struct{ de, en string }

// texts are all sentences that are not facts or articles. A test demands both
// languages and the same placeholders in each.
var texts = allTexts()

// say returns a text in lang (English when unknown) with {name} replaced by
// the pairs name, value.
func say(lang Lang, key string, pairs ...string) string {
	t := texts[key]
	s := t.en
	if lang == "de" {
		s = t.de
	}
	if len(pairs) == 0 {
		return s
	}
	args := make([]string, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		args[i], args[i+1] = "{"+pairs[i]+"}", pairs[i+1]
	}
	return strings.NewReplacer(args...).Replace(s)
}
