package match

import (
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

func TestContinued(t *testing.T) {
	r := newReader(testBook(t))
	settings := Context{Addressed: true, Provider: "gmx", Topic: "server-data", Protocol: "imap", Client: "thunderbird"}
	trouble := Context{Addressed: true, Provider: "gmx", Topic: "wrong-password", Cause: "auth-rejected", Client: "thunderbird"}
	for _, c := range []struct {
		text string
		ctx  Context
		want knowledge.Intent
	}{
		{"sorry, nicht gmx, es ist web.de", settings, knowledge.Intent{Follow: "correct", Provider: "web-de", Protocol: "imap", Client: "thunderbird"}},
		{"web.de statt gmx", settings, knowledge.Intent{Follow: "correct", Provider: "web-de", Protocol: "imap", Client: "thunderbird"}},
		{"oops I meant AOL", settings, knowledge.Intent{Follow: "correct", Provider: "aol", Protocol: "imap", Client: "thunderbird"}},
		{"ach ne, ich meinte web.de", settings, knowledge.Intent{Follow: "correct", Provider: "web-de", Protocol: "imap", Client: "thunderbird"}},
		{"I'm on Samsung btw", settings, knowledge.Intent{Follow: "correct", Provider: "gmx", Protocol: "imap", Client: "samsung-mail"}},
		{"und mit welchem port?", settings, knowledge.Intent{Follow: "more", Provider: "gmx", Protocol: "imap", Client: "thunderbird"}},
		{"doch gmail", trouble, knowledge.Intent{Follow: "correct", Provider: "gmail", Client: "thunderbird"}},
		{"falsch, pop3", settings, knowledge.Intent{Follow: "correct", Provider: "gmx", Protocol: "pop3", Client: "thunderbird"}},
		{"no, the iPhone", settings, knowledge.Intent{Follow: "correct", Provider: "gmx", Protocol: "imap", Client: "ios-mail"}},
		{"und auf dem Samsung?", settings, knowledge.Intent{Follow: "more", Provider: "gmx", Client: "samsung-mail"}},
		{"and is it the same on the iPhone?", settings, knowledge.Intent{Follow: "more", Provider: "gmx", Client: "ios-mail"}},
		{"what about yahoo?", settings, knowledge.Intent{Follow: "more", Provider: "yahoo", Protocol: "imap", Client: "thunderbird"}},
		{"und der posteingang?", settings, knowledge.Intent{Follow: "more", Provider: "gmx", Incoming: true, Client: "thunderbird"}},
		{"gilt das auch fürs senden?", settings, knowledge.Intent{Follow: "more", Provider: "gmx", Protocol: "smtp", Client: "thunderbird"}},
		{"and for sending?", settings, knowledge.Intent{Follow: "more", Provider: "gmx", Protocol: "smtp", Client: "thunderbird"}},
		{"does that also apply to sending?", settings, knowledge.Intent{Follow: "more", Provider: "gmx", Protocol: "smtp", Client: "thunderbird"}},
		{"wo lege ich das fest?", settings, knowledge.Intent{Follow: "where", Provider: "gmx", Protocol: "imap", Client: "thunderbird"}},
		{"ok, and where do I enter that?", settings, knowledge.Intent{Follow: "where", Provider: "gmx", Protocol: "imap", Client: "thunderbird"}},
		{"und auf dem Handy?", trouble, knowledge.Intent{Follow: "more", Provider: "gmx", Client: "thunderbird"}},
		{"das postfach ist bei web.de", trouble, knowledge.Intent{Follow: "more", Provider: "web-de", Client: "thunderbird"}},
		{"it's a yahoo account", trouble, knowledge.Intent{Follow: "correct", Provider: "yahoo", Client: "thunderbird"}},
		{"iphone", trouble, knowledge.Intent{Follow: "more", Provider: "gmx", Client: "ios-mail"}},
		{"empfangen geht übrigens", trouble, knowledge.Intent{Follow: "more", Provider: "gmx", Protocol: "smtp", Client: "thunderbird"}},
		{"receiving works fine", trouble, knowledge.Intent{Follow: "more", Provider: "gmx", Protocol: "smtp", Client: "thunderbird"}},
		{"senden klappt", trouble, knowledge.Intent{Follow: "more", Provider: "gmx", Incoming: true, Client: "thunderbird"}},
		{"hab ich erlaubt, geht trotzdem nicht", trouble, knowledge.Intent{Follow: "still", Provider: "gmx", Client: "thunderbird"}},
		{"still doesn't work", trouble, knowledge.Intent{Follow: "still", Provider: "gmx", Client: "thunderbird"}},
		{"immer noch der gleiche Fehler", trouble, knowledge.Intent{Follow: "still", Provider: "gmx", Client: "thunderbird"}},
		{"hat leider nichts gebracht", trouble, knowledge.Intent{Follow: "still", Provider: "gmx", Client: "thunderbird"}},
	} {
		in, ok := r.continued(c.text, c.ctx)
		if !ok || in.Follow != c.want.Follow || in.Topic != c.ctx.Topic || in.Provider != c.want.Provider || in.Protocol != c.want.Protocol || in.Client != c.want.Client || in.Incoming != c.want.Incoming || !in.Reply {
			t.Errorf("%q: %v %+v", c.text, ok, in)
		}
	}
}

// Whatever says something of its own is left to the model, and without a thread nothing is continued.
func TestNotContinued(t *testing.T) {
	r := newReader(testBook(t))
	ctx := Context{Addressed: true, Provider: "gmx", Topic: "server-data"}
	for _, text := range []string{
		"gmx geht nicht", "bei web.de geht es nicht mit imap", "und was ist imap?", "what is pop3?", "nicht gmx", "danke, geht jetzt",
		"wie geht es dir?", "wo ist der drucker?", "meine web.de mails kommen nicht an", "und das passwort?", "thanks, that works",
		"Welche Serverdaten hat web.de am Mac?", "ich kann immer noch keine Mails senden", "535 still doesn't work", "",
		"ich kann mit web.de keine mails senden", "I cannot send with aol", "keine mails bei web.de",
		"empfangen geht nicht", "nur senden geht", "does sending work?", "was ist web.de", "mein handy ist neu",
	} {
		if in, ok := r.continued(text, ctx); ok {
			t.Errorf("%q was read as %s", text, in.Follow)
		}
	}
	for _, ctx := range []Context{{Addressed: true}, {Provider: "gmx", Topic: "server-data"}} {
		if in, ok := r.continued("und smtp?", ctx); ok {
			t.Errorf("%+v: continued as %+v", ctx, in)
		}
	}
}

// A full question names what it asks about; what an earlier one was about does not narrow it.
func TestNewQuestionIsNotNarrowed(t *testing.T) {
	in := New(testBook(t)).Match("Welche Serverdaten hat GMX am Mac?", Context{Addressed: true, Provider: "gmx", Protocol: "pop3", Topic: "server-data"})
	if in.Protocol != "" || in.Provider != "gmx" || in.Topic != "server-data" {
		t.Errorf("%+v", in)
	}
}
