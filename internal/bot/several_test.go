package bot

import (
	"slices"
	"testing"
)

func TestSplitQuestions(t *testing.T) {
	for text, want := range map[string][]string{
		"1. IMAP oder POP3? 2. Wie groß darf eine Mail sein?":     {"IMAP oder POP3?", "Wie groß darf eine Mail sein?"},
		"Two things:\n1) smtp of gmx\n2) what is an app password": {"smtp of gmx", "what is an app password"},
		"- imap server web.de\n- smtp port gmx":                   {"imap server web.de", "smtp port gmx"},
		"Which port is it? And what is STARTTLS? Thanks a lot.":   {"Which port is it?", "And what is STARTTLS? Thanks a lot."},
		"Ich habe Outlook. Welcher Port? Mit SSL oder ohne?":      {"Ich habe Outlook. Welcher Port?", "Mit SSL oder ohne?"},
		"My password is refused, and how do I use POP3?":          {"My password is refused", "how do I use POP3?"},
		"GMX lehnt ab und welchen Port brauche ich?":              {"GMX lehnt ab", "welchen Port brauche ich?"},
		"Was ist IMAP und POP3?":                                  {"Was ist IMAP und POP3?"},
		"Port 1. 993 geht nicht":                                  {"Port 1. 993 geht nicht"},
		"seit Version 2. 5 geht nichts":                           {"seit Version 2. 5 geht nichts"},
		"https://example.org/?a=1 sagt nichts":                    {"https://example.org/?a=1 sagt nichts"},
		"":                                                        {""},
		"???":                                                     {"???"},
		"Was? \n\n":                                               {"Was?"},
		"1. a 2. b 3. c":                                          {"a", "b", "c"},
	} {
		if got := splitQuestions(text); !slices.Equal(got, want) && !(len(got) < 2 && len(want) < 2) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzSplitQuestions(f *testing.F) {
	f.Add("1. IMAP oder POP3? 2. Welcher Port?")
	f.Add("- a\n- b? c? d")
	f.Fuzz(func(t *testing.T, s string) {
		total := 0
		for _, p := range splitQuestions(s) {
			total += len(p)
		}
		if total > len(s)+1 {
			t.Errorf("%q: the parts are longer than the whole", s)
		}
	})
}
