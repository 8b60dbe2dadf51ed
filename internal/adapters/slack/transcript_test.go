package slack

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// scenarios are whole conversations; each is recorded in
// testdata/transcripts and must be the same over Socket Mode and HTTP.
var scenarios = map[string]func(*rig){
	// The six ways to get a result into a support thread.
	"route-1-button": func(r *rig) {
		root := r.s.Say(anna, support, "", "SMTP geht nicht")
		r.settle(root.Deliveries...)
		r.settle(r.s.Say(ben, support, root.TS, fakeslack.Mention()+" test gmx").Deliveries...)
		r.settle(r.press(anna, support, r.last(support).TS, "POP3"))
	},
	"route-2-mention-in-thread": func(r *rig) {
		root := r.s.Say(anna, support, "", "SMTP geht nicht")
		r.settle(root.Deliveries...)
		r.settle(r.s.Say(ben, support, root.TS, fakeslack.Mention()+" test smtp <http://gmx.net|gmx.net>").Deliveries...)
	},
	"route-3-shortcut": func(r *rig) {
		root := r.s.Say(anna, support, "", "Mails an <mailto:anna@gmx.de|anna@gmx.de> kommen nicht an")
		r.settle(root.Deliveries...)
		r.settle(r.s.Shortcut(anna, support, root.TS, testShortcut))
		vs := r.s.Views()
		d, err := r.s.Submit(anna, vs[len(vs)-1].ID, map[string]string{"protocol": "smtp"})
		if err != nil {
			r.t.Fatal(err)
		}
		r.settle(d)
	},
	"route-4-bare-in-thread": func(r *rig) {
		root := r.s.Say(anna, support, "", fakeslack.Mention()+" hallo")
		r.settle(root.Deliveries...)
		r.settle(r.s.Say(anna, support, root.TS, "test smtp").Deliveries...)
		r.settle(r.s.Say(anna, support, root.TS, "danke").Deliveries...)
	},
	"route-5-permalink": func(r *rig) {
		root := r.s.Say(anna, support, "", "SMTP geht nicht")
		reply := r.s.Say(ben, support, root.TS, "Bei mir auch nicht")
		r.settle(append(root.Deliveries, reply.Deliveries...)...)
		r.settle(r.s.Slash(anna, support, "/test", "smtp gmx "+fakeslack.Permalink(reply.Message)))
	},
	"route-6-slash-at-root": func(r *rig) {
		r.settle(r.s.Slash(anna, support, "/test", "gmx"))
		r.settle(r.s.Say(ben, support, r.s.Posts(support)[0].TS, "test pop3").Deliveries...)
	},
	"mention-at-root": func(r *rig) {
		r.settle(r.s.Say(anna, support, "", fakeslack.Mention()+" was ist IMAP? &amp; &lt;!channel&gt;").Deliveries...)
	},
	"direct-message": func(r *rig) {
		r.settle(r.s.Say(anna, anna, "", "imap daten für web.de?").Deliveries...)
		r.settle(r.s.Say(anna, anna, "", "und smtp?").Deliveries...)
	},
	"slash-settings": func(r *rig) {
		r.settle(r.s.Slash(anna, support, "/einstellungen", "gmx"))
		r.settle(r.s.Slash(ben, support, "/settings", "web.de smtp"))
		r.settle(r.s.Slash(ben, ben, "/mailhelp", ""))
	},
	"slash-without-membership": func(r *rig) {
		r.settle(r.s.Slash(anna, foreign, "/settings", "gmx"))
		r.settle(r.s.Slash(anna, foreign, "/test", "gmx"))
	},
	"slash-in-archived-channel": func(r *rig) {
		r.settle(r.s.Slash(anna, closed, "/settings", "gmx"))
	},
	"permalink-out-of-reach": func(r *rig) {
		inside := r.s.Say(ben, secret, "", "geheim")
		outside := r.s.Say(ben, foreign, "", "offen")
		r.settle(append(inside.Deliveries, outside.Deliveries...)...)
		r.settle(r.s.Slash(anna, support, "/test", "gmx "+fakeslack.Permalink(inside.Message)))
		r.settle(r.s.Slash(anna, support, "/settings", "gmx "+fakeslack.Permalink(outside.Message)))
	},
	"private-answers": func(r *rig) {
		r.settle(r.s.Say(anna, support, "", fakeslack.Mention()+" mein passwort ist x").Deliveries...)
		r.settle(r.s.Slash(anna, support, "/test", "gmx passwort x"))
		r.settle(r.s.Say(anna, anna, "", "passwort x").Deliveries...)
	},
	"silence": func(r *rig) {
		r.settle(r.s.Say(anna, support, "", "Wer geht mit essen?").Deliveries...)
		root := r.s.Say(anna, support, "", "Kantine oder Döner?")
		r.settle(root.Deliveries...)
		r.settle(r.s.Say(ben, support, root.TS, "test smtp gmx").Deliveries...)
		r.settle(r.s.SayAs(ben, support, "", "hat den Kanal betreten", map[string]any{"subtype": "channel_join"}).Deliveries...)
		r.settle(r.s.SayAs(ben, support, "", fakeslack.Mention()+" test", map[string]any{"bot_id": "B0OTHER"}).Deliveries...)
	},
	"edited-question": func(r *rig) {
		said := r.s.Say(anna, support, "", fakeslack.Mention()+" imap daten für gmx?")
		r.settle(said.Deliveries...)
		r.settle(r.s.Edit(support, said.TS, fakeslack.Mention()+" imap daten für web.de?"))
		other := r.s.Say(ben, support, "", "ohne Antwort")
		r.settle(other.Deliveries...)
		r.settle(r.s.Edit(support, other.TS, "immer noch ohne Antwort"))
	},
	"deleted-question": func(r *rig) {
		said := r.s.Say(anna, support, "", fakeslack.Mention()+" imap daten für gmx?")
		r.settle(said.Deliveries...)
		r.settle(r.s.Delete(support, said.TS))
	},
	"home-tab": func(r *rig) {
		r.settle(r.s.OpenHome(anna))
	},
}

func TestTranscripts(t *testing.T) {
	for name, play := range scenarios {
		for _, transport := range []string{"socket", "http"} {
			t.Run(name+"/"+transport, func(t *testing.T) {
				r := newRig(t, setup{http: transport == "http"})
				play(r)
				checkGolden(t, name, r.s.Transcript())
				for _, m := range r.s.Messages("") {
					if m.BotID == fakeslack.BotID {
						if got := fakeslack.Mentions(m.Text, m.Blocks); len(got) > 0 {
							t.Errorf("a mention came alive: %q", got)
						}
					}
				}
			})
		}
	}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "transcripts", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("transcript:\n%s\nwant:\n%s", got, want)
	}
}
