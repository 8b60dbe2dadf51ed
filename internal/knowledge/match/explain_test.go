package match

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	m := New(testBook(t))
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Outlook fragt ständig nach dem Passwort für GMX", []string{"Language: German", "provider gmx", "program outlook", "Rule for password-prompt-loop", "“passwort”", "Decision: answer"}},
		{"550 5.7.1 relay denied", []string{"code 550, 5.7.1", "cause relay-denied", "Error pattern"}},
		{"Wie wird das Wetter am Wochenende?", []string{"Decision: silence"}},
		{"settings gmx", []string{"Read as a command: settings."}},
	} {
		got := strings.Join(m.Match(c.text, Context{Explain: true}).Evidence, "\n")
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%q: no %q in\n%s", c.text, w, got)
			}
		}
		if e := m.Match(c.text, Context{}).Evidence; e != nil {
			t.Errorf("%q: evidence that nobody asked for: %q", c.text, e)
		}
	}
}
