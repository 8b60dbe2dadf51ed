package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// desk is a Discord server with a support channel, the bot in it, and a clock
// that stands still.
type desk struct {
	*fakediscord.Server
	t                       *testing.T
	ctx                     context.Context
	clock                   *fakediscord.Clock
	guild, help, mods, team string
	chef, tom, anna, ben    fakediscord.User
	script                  strings.Builder
	written                 map[string]string // message id → what stood there when it was written down
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, ctx: within(t), clock: fakediscord.NewClock(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)), written: map[string]string{}}
	d.Server = fakediscord.New(fakediscord.Options{Clock: d.clock, MessageContent: true, Buckets: []fakediscord.Bucket{}, GlobalPerSecond: -1})
	t.Cleanup(d.Close)
	d.guild = d.AddGuild("Support", "de")
	d.help, d.mods = d.AddChannel(d.guild, "hilfe"), d.AddChannel(d.guild, "moderation")
	d.team = d.AddRole(d.guild, "Team", 0)
	d.chef, d.tom, d.anna, d.ben = d.AddUser("chef", "de"), d.AddUser("tom", "de"), d.AddUser("anna", "de"), d.AddUser("ben", "de")
	d.GiveRole(d.chef, d.guild, d.AddRole(d.guild, "Leitung", fakediscord.PermManageGuild))
	d.GiveRole(d.tom, d.guild, d.team)

	st, err := store.Open(d.ctx, store.Memory, d.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	b := &bot.Bot{Store: st, Now: d.clock.Now, After: d.clock.After, Log: slog.New(slog.DiscardHandler), Prober: &diagnose.Prober{}}
	b.Learn(book, match.New(book))
	b.Warm()
	a, err := discord.New(discord.Config{
		Token: d.Token, APIURL: d.URL, Memory: st, Log: b.Log, Now: d.clock.Now, After: d.clock.After,
		Listen:  func(ctx context.Context) (bool, error) { return b.Overhears(ctx, "discord") },
		Surface: bot.Surface{Handle: b.Handle, Suggest: b.Suggest, Form: b.Form, Commands: bot.Commands()},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Posters, b.People = map[string]bot.Poster{"discord": a}, map[string]bot.Directory{"discord": a}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, b.Handle) }()
	t.Cleanup(func() {
		cancel()
		for {
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
				return
			default:
				d.pass(time.Second)
			}
		}
	})
	d.await("the commands", func() bool { return len(d.Commands()) > 0 })
	return d
}

func (d *desk) await(what string, cond func() bool) {
	d.t.Helper()
	if err := d.Await(d.ctx, cond); err != nil {
		d.t.Fatalf("%s: %v\n%s", what, err, d.script.String())
	}
}

// pass lets time pass as soon as somebody waits for it.
func (d *desk) pass(t time.Duration) {
	ctx, cancel := context.WithTimeout(d.ctx, 100*time.Millisecond)
	defer cancel()
	_ = d.clock.AwaitTimer(ctx, t)
	d.clock.Advance(t)
}

// until lets time pass until something has happened.
func (d *desk) until(what string, cond func() bool) {
	d.t.Helper()
	for !cond() {
		if d.ctx.Err() != nil {
			d.t.Fatalf("%s did not come\n%s", what, d.script.String())
		}
		d.pass(2 * time.Second)
	}
}

// settle waits until all that was said before is worked off, and then for
// longer than people are given to be first.
func (d *desk) settle() {
	d.t.Helper()
	d.until("the end of the wait", func() bool { d.pass(45 * time.Second); return true })
	dm := d.OpenDM(d.ben)
	n := len(d.FromBot(dm))
	d.Say(d.ben, dm, "was ist imap?")
	d.until("the answer to a direct message", func() bool { return len(d.FromBot(dm)) > n })
}

// note writes down what somebody did, and then what stands there anew.
func (d *desk) note(format string, args ...any) {
	fmt.Fprintf(&d.script, "* "+format+"\n", args...)
	places := []string{d.help, d.mods}
	for _, p := range []string{d.help, d.mods} {
		for _, t := range d.Threads(p) {
			places = append(places, t.ID)
		}
	}
	there := map[string]bool{}
	for _, p := range places {
		c, _ := d.Channel(p)
		where := "#" + c.Name
		if parent, ok := d.Channel(c.ParentID); ok {
			where = "#" + parent.Name + " › Thread"
		}
		for _, m := range d.FromBot(p) {
			there[m.ID] = true
			text := discordText(m)
			if d.written[m.ID] == text {
				continue
			}
			how := ""
			if m.ForUser != "" {
				how += ", nur für den Fragenden"
			}
			if len(m.Pings) > 0 {
				how += fmt.Sprintf(", weckt %d Rolle", len(m.Pings))
			}
			if d.written[m.ID] != "" {
				how += ", geändert"
			}
			d.written[m.ID] = text
			fmt.Fprintf(&d.script, "  %s%s: %s\n", where, how, d.gist(text))
		}
	}
	for id := range d.written {
		if !there[id] {
			delete(d.written, id)
			d.script.WriteString("  eine Antwort ist fort\n")
		}
	}
}

// gist is how an answer begins, and its buttons: what articles say in full is
// for other tests.
func (d *desk) gist(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, d.team, "TEAM"), "\n")
	out := lines[0]
	if len(lines) > 1 && strings.HasPrefix(lines[0], "<@&") {
		out += " " + lines[1]
	}
	for _, l := range lines[1:] {
		if strings.HasPrefix(l, "[") {
			out += " " + l
		}
	}
	return out
}

// command runs a part of /mailhelp and waits for its answer.
func (d *desk) command(u fakediscord.User, part string, options ...fakediscord.Option) {
	d.t.Helper()
	call := d.Slash(u, d.help, "mailhelp "+part, options...)
	d.until("the answer to "+part, call.Answered)
	d.note("%s: /mailhelp %s", u.Username, part)
}

// press presses a button of the latest answer in a place that has it.
func (d *desk) press(u fakediscord.User, place, label string) *fakediscord.Interaction {
	d.t.Helper()
	all := d.FromBot(place)
	for i := len(all) - 1; i >= 0; i-- {
		if b, ok := all[i].Button(label); ok {
			return d.Press(u, all[i].ID, b.CustomID)
		}
	}
	d.t.Fatalf("no button %q\n%s", label, d.script.String())
	return nil
}

// TestDeskOnDiscord plays what a support desk does with the bot on Discord,
// with the real core and database, and records what people see.
func TestDeskOnDiscord(t *testing.T) {
	d := newDesk(t)
	opt := fakediscord.Opt
	answered := func(id string) func() bool { return func() bool { return len(d.FromBot(id)) > 0 } }

	d.Say(d.anna, d.help, "Wie lautet der IMAP-Server von GMX?")
	d.settle()
	d.note("anna fragt im Kanal; ausgeschaltet ist Stille")
	d.command(d.anna, "auto", opt("mode", "on"))
	d.command(d.chef, "auto", opt("mode", "on"))
	d.until("the session that may listen", func() bool { return d.Identifies() == 2 && d.Connected() })

	id := d.Say(d.anna, d.help, "Wie lautet der IMAP-Server von GMX?")
	d.until("the answer", answered(id))
	d.note("anna fragt, niemand antwortet")
	d.Edit(id, "Wie lautet der IMAP-Server von web.de?")
	d.until("the changed answer", func() bool { return strings.Contains(d.FromBot(id)[0].Text(), "web.de") })
	d.note("anna ändert ihre Frage")

	press := d.press(d.ben, id, "Hat nicht geholfen")
	d.until("the form", press.Answered)
	form, _ := press.Modal()
	sent := d.Submit(press, form.Inputs()[0].Options[0].Value)
	d.until("the thanks", sent.Answered)
	d.note("ben: hat nicht geholfen, Formular %q mit %d Gründen", form.Title, len(form.Inputs()[0].Options))
	press = d.press(d.ben, id, "Ausblenden")
	d.until("the refusal", press.Answered)
	d.note("ben blendet die Antwort aus, die nicht seine ist")
	d.press(d.anna, id, "Ausblenden")
	d.until("the answer to be gone", func() bool { return len(d.FromBot(id)) == 2 })
	d.note("anna blendet sie aus")

	other := d.Say(d.anna, d.help, "Thunderbird fragt bei freenet ständig nach dem Passwort")
	d.Reply(d.ben, d.help, other, "schau ich mir an", true)
	d.settle()
	d.note("anna fragt, ben antwortet zuerst: Stille")
	gone := d.Say(d.ben, d.help, "Wie lautet der SMTP-Server von Posteo?")
	d.Delete(gone)
	d.settle()
	d.note("ben fragt und löscht die Frage: Stille")

	d.command(d.tom, "group", opt("role", d.team))
	d.command(d.chef, "group", opt("role", d.team))
	d.clock.Advance(time.Hour)
	id = d.Say(d.anna, d.help, d.Mention()+" Thunderbird fragt bei GMX ständig nach dem Passwort")
	d.until("the answer", answered(id))
	press = d.press(d.anna, id, "Mensch")
	d.until("the call", press.Answered)
	d.note("anna will mit einem Menschen sprechen")
	n := len(d.FromBot(id))
	d.Say(d.anna, id, "Wie ändere ich das Passwort?")
	d.settle()
	if len(d.FromBot(id)) != n {
		t.Error("it spoke after the hand-over")
	}
	d.Say(d.anna, id, d.Mention()+" wie ändere ich in Thunderbird das Passwort?")
	d.until("the answer", func() bool { return len(d.FromBot(id)) > n })
	d.note("anna schreibt weiter: Stille, bis sie den Bot wieder anspricht")

	d.command(d.chef, "shadow", opt("review", d.mods))
	d.clock.Advance(time.Hour)
	id = d.Say(d.anna, d.help, "Wie lautet der POP3-Server von web.de?")
	d.until("the shadow answer", func() bool { return len(d.FromBot(d.mods)) == 2 })
	d.settle()
	if len(d.FromBot(id)) != 0 {
		t.Error("it answered although it shadows")
	}
	d.note("anna fragt, die Moderation sieht die Antwort")

	d.command(d.chef, "auto", opt("mode", "off"))
	how := d.Say(d.tom, d.help, "Ins Funktionspostfach kommst du in Outlook unter Kontoeinstellungen, Vertretung.")
	menu := d.ContextMenu(d.ben, "Save as answer", how)
	d.until("the refusal", menu.Answered)
	d.note("ben will das als Antwort speichern")
	menu = d.ContextMenu(d.tom, "Save as answer", how)
	d.until("the form", menu.Answered)
	form, _ = menu.Modal()
	sent = d.Submit(menu, "Funktionspostfach", form.Inputs()[1].Value, "", "Wie komme ich ins Funktionspostfach?\nZugriff auf das Funktionspostfach")
	d.until("the saving", sent.Answered)
	d.note("tom speichert es, Formular %q", form.Title)
	id = d.Say(d.anna, d.help, d.Mention()+" Wie komme ich ins Funktionspostfach?")
	d.until("the taught answer", answered(id))
	d.note("anna fragt danach")
	d.Say(d.anna, id, "stopp")
	d.settle()
	n = len(d.FromBot(id))
	d.Say(d.anna, id, "Wie lautet der IMAP-Server von GMX?")
	d.settle()
	if len(d.FromBot(id)) != n {
		t.Error("it spoke after stop")
	}
	d.command(d.chef, "status")
	golden(t, "discord-desk", d.script.String())
}
