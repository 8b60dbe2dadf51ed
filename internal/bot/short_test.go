package bot

import (
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// TestNoProviderDemandsTwice holds for every provider that none of its general
// conditions repeats what one of its notes says, and that the hint on weak
// values does not stand beside a note that says to test.
func TestNoProviderDemandsTwice(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	for _, p := range book.Facts().Providers {
		for _, lang := range []Lang{"de", "en"} {
			v := &view{mind: &mind{book: book}, book: book, lang: lang}
			list := servers(query{Provider: p})
			hints := v.conditions(p, list, nil)
			notes := len(shownNotes(p))
			told, _ := v.mind.kept.demandsIn(hints[:notes])
			for _, h := range hints[notes:] {
				if d := demandsOf(blockText(h)); d != 0 && d&^told == 0 {
					t.Errorf("%s, %s: a note says already: %s", p.ID, lang, blockText(h))
				}
			}
			for _, n := range shownNotes(p) {
				for _, b := range v.afterword(p, list) {
					if h, ok := b.(Hint); ok && strings.Contains(n.In(lang), "/test ") {
						t.Errorf("%s, %s: both %q and %q", p.ID, lang, n.In(lang), blockText(h))
					}
				}
			}
		}
	}
}

func TestOnceEach(t *testing.T) {
	p := func(s string) Block { return Paragraph{Spans(T(s))} }
	h := func(s string) Block { return Hint{Spans(T(s))} }
	for _, c := range []struct {
		name             string
		para, hint       string
		keptPara, keptHi bool
	}{
		{"the article has the way", "Im Webmail unter E-Mail > Einstellungen POP3 und IMAP erlauben.", "POP3 und IMAP sind aus, bis du sie freischaltest.", true, false},
		{"the hint has the way", "Erlaube zuerst POP3 und IMAP.", "POP3 und IMAP schaltest du unter „E-Mail“, „Einstellungen“ frei: freischalten.", false, true},
		{"the article says more", "Erlaube zuerst POP3 und IMAP; am Telefon ist es schon an.", "POP3 und IMAP unter „E-Mail“ freischalten.", true, true},
		{"different demands", "Erlaube zuerst POP3 und IMAP.", "Du brauchst ein App-Passwort.", true, true},
		{"no demand at all", "Der Server heißt mail.example.org.", "Der Benutzername ist die ganze Adresse.", true, true},
	} {
		paras, hints := new(kept).onceEach([]Block{p(c.para)}, []Block{h(c.hint)})
		if (len(paras) == 1) != c.keptPara || (len(hints) == 1) != c.keptHi {
			t.Errorf("%s: kept %v and %v", c.name, paras, hints)
		}
	}
}

func TestRequestAsksForWhatIsMissing(t *testing.T) {
	v := &view{lang: "de"}
	for _, c := range []struct {
		text             string
		provider, client bool
		want             string // "" for nothing left to ask
	}{
		{"Nächster Schritt: Sag mir Anbieter und Programm, dann bekommst du die genauen Werte und Klicks.", true, true, ""},
		{"Nächster Schritt: Sag mir Anbieter und Programm, dann bekommst du die genauen Werte und Klicks.", true, false, v.say("request.client")},
		{"Nächster Schritt: Sag mir Anbieter und Programm, dann bekommst du die genauen Werte und Klicks.", false, true, v.say("request.provider")},
		{"Nächster Schritt: Nenn mir dein Programm, dann zeige ich dir die Stelle.", false, true, ""},
		{"Nächster Schritt: Sag mir Anbieter und welcher Server im Fenster steht.", true, false, "Nächster Schritt: Sag mir, welcher Server im Fenster steht."},
		{"Nächster Schritt: Sag mir Programm und Version. Sehr alte können kein OAuth2.", true, true, "Nächster Schritt: Sag mir Programm und Version. Sehr alte können kein OAuth2."},
		{"Next step: tell me your program and I will show you the place.", true, true, ""},
		{"Nächster Schritt: Schick eine Testmail.", true, true, "Nächster Schritt: Schick eine Testmail."},
	} {
		got := v.request(c.text, c.provider, c.client)
		if (got == nil) != (c.want == "") || got != nil && *got != c.want {
			t.Errorf("%q: got %v, want %q", c.text, got, c.want)
		}
	}
}
