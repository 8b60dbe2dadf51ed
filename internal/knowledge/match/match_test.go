package match

import (
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// testBook is the shipped knowledge plus the providers that the tests name, so
// that a test does not depend on which records ship.
func testBook(t testing.TB) *knowledge.Book {
	t.Helper()
	f, problems := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	for _, p := range problems {
		if p.Severity == knowledge.SeverityError {
			t.Fatal(p)
		}
	}
	have := map[string]bool{}
	for _, p := range f.Providers {
		have[p.ID] = true
	}
	for _, p := range []*knowledge.Provider{
		{ID: "gmx", Name: "GMX", Domains: []string{"gmx.de", "gmx.net", "gmx.at"}, Requires: knowledge.Requires{EnableIMAPPOP: true}},
		{ID: "web-de", Name: "WEB.DE", Domains: []string{"web.de"}, Requires: knowledge.Requires{EnableIMAPPOP: true}},
		{ID: "t-online", Name: "T-Online", Aliases: []string{"telekom"}, Domains: []string{"t-online.de", "magenta.de"}, Requires: knowledge.Requires{SeparateMailPassword: true}},
		{ID: "outlook", Name: "Outlook.com", Domains: []string{"outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.de", "msn.com"}, Requires: knowledge.Requires{OAuth2Only: true}},
		{ID: "microsoft365", Name: "Microsoft 365", Requires: knowledge.Requires{OAuth2Only: true}},
		{ID: "gmail", Name: "Gmail", Domains: []string{"gmail.com", "googlemail.com"}},
		{ID: "ionos", Name: "IONOS", Domains: []string{"ionos.de", "online.de"}},
		{ID: "freenet", Name: "freenet", Domains: []string{"freenet.de"}},
	} {
		if !have[p.ID] {
			f.Providers = append(f.Providers, p)
		}
	}
	return knowledge.NewBook(f)
}

func TestCommands(t *testing.T) {
	m := New(testBook(t))
	for _, c := range []struct{ text, kind, provider, protocol string }{
		{"/settings gmx", "settings", "gmx", ""},
		{"/einstellungen web.de imap", "settings", "web-de", "imap"},
		{"/settings anna@t-online.de smtp", "settings", "t-online", "smtp"},
		{"/test smtp gmx", "test", "gmx", "smtp"},
		{"test smtp gmx", "test", "gmx", "smtp"},
		{"teste imap web.de", "test", "web-de", "imap"},
		{"imap daten für web.de?", "settings", "web-de", "imap"},
		{"Imap Daten fuer web. de", "settings", "web-de", "imap"},
		{"me@t-online.de smtp port", "settings", "t-online", "smtp"},
		{"serverdaten t -online bitte", "settings", "t-online", ""},
		{"smtp einstellungen 1&1", "settings", "1und1", "smtp"},
		{"IMAP Server GMX?", "settings", "gmx", "imap"},
		{"/test mail.example.org", "test", "", ""},
		{"check mail.hoster-beispielhaft.de 993", "test", "hoster-beispielhaft.de", "imap"},
	} {
		in := m.Match(c.text, Context{})
		if in.Kind != c.kind || in.Provider != c.provider || string(in.Protocol) != c.protocol || !in.Reply {
			t.Errorf("%q: %s %q %q reply=%v, want %s %q %q", c.text, in.Kind, in.Provider, in.Protocol, in.Reply, c.kind, c.provider, c.protocol)
		}
	}
	if m.model != nil {
		t.Error("a command trained the model")
	}
}

func TestTestUsesThread(t *testing.T) {
	m := New(testBook(t))
	in := m.Match("/test smtp", Context{Provider: "gmx"})
	if in.Kind != "test" || in.Provider != "gmx" || in.Protocol != "smtp" {
		t.Errorf("got %+v", in)
	}
}

func TestTopics(t *testing.T) {
	m := New(testBook(t))
	for _, c := range []struct{ text, kind, topic string }{
		{"Hallo, mein Tunderbird fragt ständig nach dem Passwort", "error", "password-prompt-loop"},
		{"ich kann Mails empfangen, aber nicht senden", "error", "send-failed-generic"},
		{"was ist der unterschied zwischen imap und pop3", "faq", "imap-vs-pop3"},
		{"danke, hat geklappt!", "smalltalk", ""},
		{"Der Drucker im zweiten Stock druckt nicht", "out-of-scope", ""},
	} {
		in := m.Match(c.text, Context{})
		if in.Kind != c.kind || in.Topic != c.topic {
			t.Errorf("%q: %s %s (%.2f), want %s %s; %q", c.text, in.Kind, in.Topic, in.Confidence, c.kind, c.topic, in.Evidence)
		}
	}
}

func TestModelRoundTrip(t *testing.T) {
	book := testBook(t)
	model := Train(book)
	data := model.Encode()
	t.Logf("%v, %d bytes", model, len(data))
	back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if string(back.Encode()) != string(data) {
		t.Error("encoding a decoded model gives other bytes")
	}
	if string(Train(book).Encode()) != string(data) {
		t.Error("training twice gives two models")
	}
	m, n := New(book), New(book)
	m.SetModel(model)
	n.SetModel(back)
	for _, text := range []string{message300, "gmx imap geht nicht", "0x800CCC0E", "thanks!"} {
		a, b := m.Match(text, Context{}), n.Match(text, Context{})
		if a.Topic != b.Topic || a.Confidence != b.Confidence || a.Cause != b.Cause {
			t.Errorf("%q: trained %+v, decoded %+v", text, a, b)
		}
	}
	for i := range data {
		if i%50021 == 0 {
			bad := append([]byte(nil), data...)
			bad[i] ^= 0x55
			if _, err := Decode(bad); err == nil {
				t.Fatalf("a model with byte %d changed was read", i)
			}
			if _, err := Decode(data[:i]); err == nil {
				t.Fatalf("a model cut at %d was read", i)
			}
		}
	}
}

func TestFollowUps(t *testing.T) {
	m := New(testBook(t))
	for _, c := range []struct {
		text string
		ctx  Context
		want knowledge.Intent
	}{
		{"und smtp?", Context{Provider: "gmx", Topic: "server-data", Protocol: "imap"}, knowledge.Intent{Kind: "settings", Topic: "server-data", Provider: "gmx", Protocol: "smtp"}},
		{"geht immer noch nicht", Context{Provider: "gmx", Topic: "password-prompt-loop"}, knowledge.Intent{Kind: "error", Topic: "password-prompt-loop", Provider: "gmx"}},
		{"still not working", Context{Provider: "gmail", Topic: "oauth-required", Client: "thunderbird"}, knowledge.Intent{Kind: "error", Topic: "oauth-required", Provider: "gmail", Client: "thunderbird"}},
		{"and on the iphone?", Context{Provider: "gmx", Topic: "add-account", Client: "thunderbird"}, knowledge.Intent{Topic: "add-account", Provider: "gmx", Client: "ios-mail"}},
		{"wie stellt man ssl bei outlook an", Context{Topic: "send-failed-generic", Client: "thunderbird", Cause: "recipient-unknown"}, knowledge.Intent{Topic: "ssl-vs-starttls", Client: "outlook"}},
		{"und bei web.de?", Context{Provider: "gmx", Topic: "server-data", Protocol: "imap"}, knowledge.Intent{Kind: "settings", Topic: "server-data", Provider: "web-de", Protocol: "imap"}},
	} {
		in := m.Match(c.text, c.ctx)
		if in.Topic != c.want.Topic || c.want.Kind != "" && in.Kind != c.want.Kind || in.Provider != c.want.Provider || in.Protocol != c.want.Protocol || in.Client != c.want.Client || !in.Reply {
			t.Errorf("%q: got %s %s %s %s %s reply=%v, want %+v", c.text, in.Kind, in.Topic, in.Provider, in.Protocol, in.Client, in.Reply, c.want)
		}
	}
}
