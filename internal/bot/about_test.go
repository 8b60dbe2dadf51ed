package bot

import (
	"slices"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// linesOn is what is answered on a topic, as lines of plain text.
func linesOn(book *knowledge.Book, lang Lang, in knowledge.Intent) []string {
	v := &view{mind: &mind{book: book}, book: book, lang: lang}
	v.conv.Client = in.Client
	return strings.Split(PlainText(v.explain(in, v.learn(in))), "\n")
}

// TestAnswersAreAboutWhatWasNamed holds for every topic with every large
// provider: the title names it, and the article's request comes after all that
// is to be done.
func TestAnswersAreAboutWhatWasNamed(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	for _, a := range facts.Articles {
		for _, provider := range []string{"gmx", "web-de", "t-online", "gmail", "outlook", "icloud", "yahoo", "ionos"} {
			p := book.Provider(provider)
			lines := linesOn(book, a.Lang, knowledge.Intent{Kind: "faq", Topic: a.Topic, Provider: provider, Lang: a.Lang})
			if !slices.Contains(ownValues, a.Topic) && !namesIt(lines[0], p) {
				t.Errorf("%s, %s, %s: title %q", a.Topic, a.Lang, provider, lines[0])
			}
			next := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, say(a.Lang, "next.prefix")) })
			for _, l := range lines[max(next, 0):] {
				if next >= 0 && strings.HasPrefix(l, "1. ") {
					t.Errorf("%s, %s, %s: steps after the next step: %q", a.Topic, a.Lang, provider, l)
				}
			}
		}
	}
}

func TestTitles(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	for _, c := range []struct {
		in    knowledge.Intent
		title string
	}{
		{knowledge.Intent{Topic: "add-account", Provider: "gmx", Client: "ios-mail", Kind: "client-setup"}, "E-Mail-Konto einrichten – GMX in Mail auf iPhone und iPad"},
		{knowledge.Intent{Topic: "add-account", Client: "thunderbird", Kind: "client-setup"}, "E-Mail-Konto einrichten – Thunderbird"},
		{knowledge.Intent{Topic: "primary-password", Client: "thunderbird", Kind: "faq"}, "Hauptpasswort in Thunderbird"},
		{knowledge.Intent{Topic: "mailbox-full", Provider: "web-de", Kind: "faq"}, "Postfach ist voll – WEB.DE"},
	} {
		if got := linesOn(book, "de", c.in)[0]; got != c.title {
			t.Errorf("%+v: %q, want %q", c.in, got, c.title)
		}
	}
}

// TestSaidOnce: a cause's general advice gives way to the provider's own demand,
// and what is not told stays.
func TestSaidOnce(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	separate := knowledge.Intent{Kind: "error", Topic: "provider-mail-password", Cause: "provider-mail-password", Quoted: true, Provider: "t-online"}
	all := strings.Join(linesOn(book, "de", separate), "\n")
	if strings.Contains(all, "Kundencenter des Anbieters") || !strings.Contains(all, "E-Mail Center der Telekom") {
		t.Errorf("the general and the precise way beside each other:\n%s", all)
	}
	refused := knowledge.Intent{Kind: "error", Topic: "wrong-password", Cause: "wrong-credentials", Quoted: true, Provider: "gmx"}
	all = strings.Join(linesOn(book, "de", refused), "\n")
	if strings.Contains(all, "ob POP3/IMAP freigeschaltet ist") || !strings.Contains(all, "im Webmail an") {
		t.Errorf("what GMX demands is told in general as well, or too much is gone:\n%s", all)
	}
}

func TestKeepSentences(t *testing.T) {
	const s = "Prüf z. B. den Namen. Schalte IMAP ein! Warte."
	got := keepSentences(s, func(s string) bool { return !strings.Contains(s, "IMAP") })
	if got != "Prüf z. B. den Namen. Warte." {
		t.Errorf("%q", got)
	}
}

// TestForeignSourcesAreLeftOut: no page of another provider stands below an
// answer about this one.
func TestForeignSourcesAreLeftOut(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	v := &view{mind: &mind{book: book}, book: book}
	for _, s := range v.sourcesFor(book.Article("app-password", "de"), book.Provider("yahoo")) {
		if siteOf(s.URL) != "yahoo.com" {
			t.Error(s.URL)
		}
	}
}

// TestSignInWindowBeforeServers: where mail programs have an entry for the
// provider, the click path leads through its window, unless servers are asked for.
func TestSignInWindowBeforeServers(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	for _, client := range []string{"outlook", "new-outlook", "thunderbird", "ios-mail", "apple-mail", "samsung-mail", "android-gmail"} {
		for _, provider := range []string{"gmail", "outlook", "microsoft365", "yahoo", "aol"} {
			in := knowledge.Intent{Kind: "client-setup", Topic: "add-account", Provider: provider, Client: client}
			if all := strings.Join(linesOn(book, "en", in), "\n"); !strings.Contains(all, "allow access") || strings.Contains(all, "{") {
				t.Errorf("%s in %s:\n%s", provider, client, all)
			}
		}
		by := knowledge.Intent{Kind: "client-setup", Topic: "add-account", Provider: "gmx", Client: client}
		if all := strings.Join(linesOn(book, "en", by), "\n"); strings.Contains(all, "allow access") {
			t.Errorf("gmx in %s:\n%s", client, all)
		}
	}
	hand := knowledge.Intent{Kind: "faq", Topic: "manual-server-settings", Provider: "gmail", Client: "thunderbird"}
	if all := strings.Join(linesOn(book, "en", hand), "\n"); strings.Contains(all, "allow access") {
		t.Errorf("who asks for the fields gets:\n%s", all)
	}
}

// TestExchangeIsNotSetUpAsIMAP: the way is the article's own, in the program's menus.
func TestExchangeIsNotSetUpAsIMAP(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	for _, lang := range []knowledge.Lang{"de", "en"} {
		for client, way := range map[string]string{"ios-mail": "Microsoft Exchange", "apple-mail": "Microsoft Exchange", "android-gmail": "Office 365", "evolution": "evolution-ews", "outlook": "> "} {
			in := knowledge.Intent{Kind: "client-setup", Topic: "exchange-setup", Client: client, Lang: lang}
			if all := strings.Join(linesOn(book, lang, in), "\n"); strings.Contains(all, "993") || strings.Contains(all, "SMTP") || !strings.Contains(all, way) {
				t.Errorf("%s, %s:\n%s", client, lang, all)
			}
		}
	}
}

func TestWithoutProvider(t *testing.T) {
	for ask, want := range map[string]string{
		"Um welchen Anbieter geht es, und wie lautet die Meldung?":            "Wie lautet die Meldung?",
		"What does the message say, and which provider is the mailbox with?":  "What does the message say?",
		"Which provider runs the mailbox, and does the password let you in?":  "Does the password let you in?",
		"Siehst du die neuen Mails im Webmail, und was meldet dein Programm?": "Siehst du die neuen Mails im Webmail, und was meldet dein Programm?",
	} {
		if got := withoutProvider(ask); got != want {
			t.Errorf("%q: %q", ask, got)
		}
	}
}

// TestServersAreNamedOnce: an error's servers stand in the article or below it.
func TestServersAreNamedOnce(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	for _, topic := range serverTopics {
		in := knowledge.Intent{Kind: "error", Topic: topic, Provider: "freenet", Protocol: "smtp"}
		for _, l := range linesOn(book, "de", in) {
			if n := strings.Count(l, "gehören diese Server"); n > 0 && strings.Count(strings.Join(linesOn(book, "de", in), "\n"), "mx.freenet.de") > 1 {
				t.Errorf("%s: the server twice", topic)
			}
		}
	}
}

// TestErrorsOfferALiveTest: every answer on a login, a connection or sending
// offers the test that tells more, of the provider where it is known.
func TestErrorsOfferALiveTest(t *testing.T) {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	for topic := range nextTopics {
		for _, provider := range []string{"", "gmx"} {
			v := &view{mind: &mind{book: book}, book: book, lang: "de", from: Message{Platform: platformConsole}}
			in := knowledge.Intent{Kind: "error", Topic: topic, Provider: provider}
			text := PlainText(v.explain(in, v.learn(in)))
			switch topic {
			case "server-data", "manual-server-settings", "username-is-full-address", "which-password", "mails-missing", "delayed-mail":
				continue // questions on values, and mail that has been let in
			}
			if !strings.Contains(text, "Live prüfen") || provider != "" && !strings.Contains(text, " gmx") {
				t.Errorf("%s, provider %q:\n%s", topic, provider, text)
			}
		}
	}
}
