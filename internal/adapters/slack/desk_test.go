package slack

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

const (
	chef = "U0CHEF" // administers the workspace
	tom  = "U0TOM"  // belongs to the team
	team = "S0TEAM"
	mods = "C0MODS"
)

var seedBook = sync.OnceValue(func() *knowledge.Book {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	return knowledge.NewBook(facts)
})

var seedModel = sync.OnceValue(func() *match.Model { return match.New(seedBook()).Model() })

// newDesk is a workspace with the whole bot, on a clock that only the test
// moves: an admin, a team, and a channel of moderators.
func newDesk(t *testing.T, o setup) *rig {
	t.Helper()
	r, _ := newDeskBot(t, o)
	return r
}

func newDeskBot(t *testing.T, o setup) (*rig, *bot.Bot) {
	t.Helper()
	st, err := store.Open(t.Context(), store.Memory, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	b := &bot.Bot{Store: st, Prober: &diagnose.Prober{}, Log: slog.New(slog.DiscardHandler)}
	m := match.New(seedBook())
	m.SetModel(seedModel())
	b.Learn(seedBook(), m)
	o.handle, o.form, o.still = b.Handle, b.Form, !o.faulty
	o.ready = func(r *rig) {
		b.Now, b.After = r.clock.Now, r.clock.After
		b.Posters, b.People = map[string]bot.Poster{"slack": r.a}, map[string]bot.Directory{"slack": r.a}
		r.s.AddUser(fakeslack.User{ID: anna, Name: "anna", Locale: "de-DE"})
		r.s.AddUser(fakeslack.User{ID: chef, Name: "chef", Locale: "de-DE", Admin: true})
		r.s.AddUser(fakeslack.User{ID: tom, Name: "tom", Locale: "de-DE"})
		r.s.AddGroup(fakeslack.Group{ID: team, Handle: "team", Members: []string{tom}})
		all := []string{anna, ben, chef, tom, fakeslack.BotUserID}
		r.s.AddChannel(fakeslack.Channel{ID: support, Name: "support", Members: all})
		r.s.AddChannel(fakeslack.Channel{ID: mods, Name: "mods", Members: all})
	}
	return newRig(t, o), b
}

// slash runs a command and waits for its answer.
func (r *rig) slash(user, args string) { r.settle(r.s.Slash(user, support, "/mailhelp", args)) }

// overheard waits until the bot has begun to hold its answer back.
func (r *rig) overheard(ds ...*fakeslack.Delivery) {
	r.t.Helper()
	for _, d := range ds {
		if err := d.Wait(r.ctx); err != nil {
			r.t.Fatal(err)
		}
	}
	r.await("the bot to wait", func() bool {
		for _, left := range r.clock.Pending() {
			if left > 20*time.Second && left <= 30*time.Second {
				return true
			}
		}
		return false
	})
}

// pass lets time pass and waits for what comes of it.
func (r *rig) pass(d time.Duration) {
	r.t.Helper()
	r.clock.Advance(d)
	r.settle()
	r.advanceUntil("the answers", func() bool { return r.a.Status().UnderWay == 0 })
}

// mention asks the bot at the root of the channel and returns the question.
func (r *rig) mention(user, text string) fakeslack.Said {
	r.t.Helper()
	said := r.s.Say(user, support, "", fakeslack.Mention()+" "+text)
	r.settle(said.Deliveries...)
	return said
}

func (r *rig) submit(user string, values map[string]string) {
	r.t.Helper()
	vs := r.s.Views()
	if len(vs) == 0 {
		r.t.Fatalf("no form is open\n%s", r.s.Transcript())
	}
	d, err := r.s.Submit(user, vs[len(vs)-1].ID, values)
	if err != nil {
		r.t.Fatal(err)
	}
	r.settle(d)
}

const question = "Wie lautet der IMAP-Server von GMX?"

// deskScenarios are conversations with the whole bot about more than answers;
// they are recorded beside the other transcripts.
var deskScenarios = map[string]func(*rig){
	"desk-unasked": func(r *rig) {
		r.slash(anna, "auto an")
		r.slash(chef, "auto an")
		said := r.s.Say(anna, support, "", question)
		r.overheard(said.Deliveries...)
		r.pass(30 * time.Second)
		answer := r.last(support).TS
		r.settle(r.press(ben, support, answer, "Ausblenden"))
		r.settle(r.press(anna, support, answer, "Ausblenden"))
	},
	"desk-person-first": func(r *rig) {
		r.slash(chef, "auto an")
		said := r.s.Say(anna, support, "", question)
		r.overheard(said.Deliveries...)
		reply := r.s.Say(ben, support, said.TS, "imap.gmx.net")
		r.await("the reply to be taken in", func() bool { return reply.Deliveries[0].State().Acked && r.a.Status().UnderWay == 1 })
		r.pass(30 * time.Second)
	},
	"desk-edited-and-deleted": func(r *rig) {
		r.slash(chef, "auto an")
		said := r.s.Say(anna, support, "", question)
		r.overheard(said.Deliveries...)
		r.pass(30 * time.Second)
		r.settle(r.s.Edit(support, said.TS, "Wie lautet der IMAP-Server von web.de?"))
		r.settle(r.s.Edit(support, said.TS, "Hat sich erledigt, danke!"))
		other := r.s.Say(ben, support, "", question)
		r.overheard(other.Deliveries...)
		gone := r.s.Delete(support, other.TS)
		r.await("the deletion to be taken in", func() bool { return gone.State().Acked && r.a.Status().UnderWay == 1 })
		r.pass(30 * time.Second)
	},
	"desk-stop": func(r *rig) {
		said := r.mention(anna, question)
		r.settle(r.s.Say(anna, support, said.TS, "stopp").Deliveries...)
		r.settle(r.s.Say(anna, support, said.TS, "wie lautet der smtp-server von gmx?").Deliveries...)
		r.settle(r.s.Say(anna, support, said.TS, fakeslack.Mention()+" wie lautet der smtp-server von gmx?").Deliveries...)
	},
	"desk-feedback": func(r *rig) {
		r.mention(anna, question)
		answer := r.last(support).TS
		r.settle(r.press(ben, support, answer, "Hat geholfen"))
		r.settle(r.press(ben, support, answer, "Hat nicht geholfen"))
		r.submit(ben, map[string]string{"reason": "program"})
	},
	"desk-human": func(r *rig) {
		r.slash(tom, "gruppe <!subteam^"+team+"|@team>")
		r.slash(chef, "gruppe <!subteam^"+team+"|@team>")
		said := r.mention(anna, "Thunderbird fragt bei GMX ständig nach dem Passwort")
		answer := r.last(support).TS
		r.settle(r.press(anna, support, answer, "Mit einem Menschen sprechen"))
		r.settle(r.press(ben, support, answer, "Mit einem Menschen sprechen"))
		r.settle(r.s.Say(tom, support, said.TS, "Ich schaue es mir an. Welcher Server steht drin?").Deliveries...)
		r.settle(r.s.Say(anna, support, said.TS, "Wie lautet denn der IMAP-Server von GMX?").Deliveries...)
	},
	"desk-human-under-a-command": func(r *rig) {
		r.slash(chef, "gruppe <!subteam^"+team+"|@team>")
		r.settle(r.s.Slash(anna, support, "/einstellungen", "gmx imap"))
		var answer string
		for _, p := range r.s.Posts(support) {
			if p.Ephemeral == "" {
				answer = p.TS
			}
		}
		r.settle(r.press(anna, support, answer, "Mit einem Menschen sprechen"))
	},
	"desk-save-as-answer": func(r *rig) {
		r.slash(chef, "gruppe <!subteam^"+team+"|@team>")
		said := r.s.Say(tom, support, "", "Das Funktionspostfach öffnest du in Outlook unter Kontoeinstellungen.")
		r.settle(said.Deliveries...)
		r.settle(r.s.Shortcut(anna, support, said.TS, "mailhelp_save"))
		r.settle(r.s.Shortcut(tom, support, said.TS, "mailhelp_save"))
		r.submit(tom, map[string]string{
			"title": "Funktionspostfach", "questions": "Wie komme ich ins Funktionspostfach?\nFunktionspostfach in Outlook öffnen\nZugriff auf das Funktionspostfach",
		})
		r.mention(anna, "Wie komme ich ins Funktionspostfach?")
		r.slash(anna, "antworten")
	},
	"desk-shadow": func(r *rig) {
		r.slash(chef, "auto schatten")
		r.slash(chef, "auto schatten <#"+mods+"|mods>")
		said := r.s.Say(anna, support, "", question)
		r.overheard(said.Deliveries...)
		r.pass(30 * time.Second)
	},
	"desk-commands": func(r *rig) {
		r.slash(anna, "status")
		r.slash(anna, "limits")
		r.slash(anna, "lang en")
		r.slash(anna, "status")
		r.slash(anna, "bericht")
	},
	"desk-home-tab": func(r *rig) {
		r.settle(r.s.OpenHome(anna))
		home := r.s.Views()[0]
		for _, want := range []string{"/settings", "So steht es", "Kanäle, in denen ich ungefragt zuhöre: 0"} {
			if !strings.Contains(string(home.JSON), want) {
				r.t.Errorf("the home tab lacks %q: %s", want, home.JSON)
			}
		}
	},
}

func TestDeskTranscripts(t *testing.T) {
	for name, play := range deskScenarios {
		for _, transport := range []string{"socket", "http"} {
			t.Run(name+"/"+transport, func(t *testing.T) {
				r := newDesk(t, setup{http: transport == "http"})
				play(r)
				checkGolden(t, name, r.s.Transcript())
			})
		}
	}
}

// TestTeamIsCalledUnderACommandAfterARestart holds that a thread on the answer
// to a command is found again when only the database remembers it.
func TestTeamIsCalledUnderACommandAfterARestart(t *testing.T) {
	r := newDesk(t, setup{})
	r.slash(chef, "gruppe <!subteam^"+team+"|@team>")
	r.settle(r.s.Slash(anna, support, "/einstellungen", "gmx imap"))
	answer := r.last(support)
	r.a.threads = newRecent(100, time.Hour)
	r.settle(r.press(anna, support, answer.TS, "Mit einem Menschen sprechen"))
	for _, p := range r.s.Posts(support) {
		if strings.Contains(p.Text, "<!subteam^"+team+">") && p.ThreadTS == answer.TS {
			return
		}
	}
	t.Errorf("the team was not called\n%s", r.s.Transcript())
}
