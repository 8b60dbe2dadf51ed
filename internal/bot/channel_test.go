package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// TestChannels plays every testdata/channel/*.txt: what people do in the
// channels of a workspace, minute by minute, and what the bot does about it.
//
//	@anna in #hilfe: text          a root message; the first is t1, the next t2, and so on
//	@ben in t1: text               a message in the thread on it; @mailhelp in the text mentions the bot
//	@chef in #hilfe: /mailhelp …   a command; #names and @team are mentions
//	@anna edits t1: text
//	@anna deletes t1
//	@anna presses ACTION in t1     with the value of the latest such button there; "… with key=value; key=value" fills in its form
//	@anna saves t1 with …          the shortcut "save as answer" on that message
//	+30s                           time passes
//	restart                        the process ends, and another one begins on the same database
//
// After each, lines say what must have come of it (white space does not matter):
//
//	< text     in what the bot said; "private: ", "retract", "post #mods: " and "post t1 @S0TEAM: " tell how
//	! text     not in it
//	=          nothing
//
// chef administers the workspace, tom belongs to the group @team.
func TestChannels(t *testing.T) {
	files, err := filepath.Glob("testdata/channel/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorkplace(t)
			for i, l := range strings.Split(string(b), "\n") {
				w.line = fmt.Sprintf("%s:%d", filepath.Base(file), i+1)
				w.play(strings.TrimSpace(l))
			}
			w.end()
		})
	}
}

// workplace is a workspace in which a script is played.
type workplace struct {
	t     *testing.T
	line  string
	bot   *bot.Bot
	ctx   context.Context
	leave context.CancelFunc
	st    *store.Store
	clock *scriptClock

	ids     int
	threads map[string]string       // t1 → id of the message
	home    map[string]string       // id of the thread → channel
	asked   map[string]bot.Message  // id of the thread → its root message
	buttons map[string][]bot.Action // id of the thread → buttons seen there
	spoken  map[string]bool         // threads that the bot has spoken in
	mu      sync.Mutex
	said    []string
	ran     sync.WaitGroup
}

var seedFacts = sync.OnceValue(func() *knowledge.Book {
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	return knowledge.NewBook(facts)
})

var seedModel = sync.OnceValue(func() *match.Model { return match.New(seedFacts()).Model() })

func newWorkplace(t *testing.T) *workplace {
	w := &workplace{
		t: t, clock: newScriptClock(), threads: map[string]string{}, home: map[string]string{}, asked: map[string]bot.Message{},
		buttons: map[string][]bot.Action{}, spoken: map[string]bool{},
	}
	st, err := store.Open(t.Context(), store.Memory, w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.st = st
	t.Cleanup(func() { st.Close() })
	w.boot()
	return w
}

// boot starts a process.
func (w *workplace) boot() {
	w.ctx, w.leave = context.WithCancel(w.t.Context())
	m := match.New(seedFacts())
	m.SetModel(seedModel())
	w.bot = &bot.Bot{
		Store: w.st, Now: w.clock.Now, After: w.clock.After, Log: slog.New(slog.DiscardHandler), Prober: &diagnose.Prober{},
		Posters: map[string]bot.Poster{"slack": w}, People: map[string]bot.Directory{"slack": w},
	}
	w.bot.Learn(seedFacts(), m)
	w.run(func() { w.bot.Run(w.ctx) })
}

func (w *workplace) run(f func()) {
	w.clock.busy(1)
	w.ran.Go(func() {
		defer w.clock.busy(-1)
		f()
	})
}

func (w *workplace) end() {
	w.leave()
	w.ran.Wait()
	w.clock.forget()
}

// Post implements bot.Poster.
func (w *workplace) Post(_ context.Context, a bot.Announcement) (string, error) {
	where := "#" + strings.TrimPrefix(a.To.Channel, "C-")
	if a.To.Thread != "" {
		where = w.threadName(a.To.Thread)
	}
	if where == "#zu" {
		return "", &bot.Refused{Notice: bot.NoticeArchived, Detail: "is_archived"}
	}
	if a.Notify != "" {
		where += " @" + a.Notify
	}
	w.log("post " + where + ": " + flat(a.Answer))
	w.see(a.To.Thread, a.Answer)
	return "P" + a.Key, nil
}

// Standing implements bot.Directory.
func (w *workplace) Standing(_ context.Context, _, user string, groups []string) (bot.Standing, error) {
	switch user {
	case "chef":
		return bot.Standing{Admin: true}, nil
	case "tom":
		if slices.Contains(groups, "S0TEAM") {
			return bot.Standing{Groups: groups}, nil
		}
	case "niemand":
		return bot.Standing{}, &bot.Refused{Notice: bot.NoticeScope, Detail: "usergroups:read"}
	}
	return bot.Standing{}, nil
}

func flat(a bot.Answer) string { return strings.Join(strings.Fields(bot.PlainText(a)), " ") }

func (w *workplace) log(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, s)
}

func (w *workplace) see(thread string, a bot.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spoken[thread] = true
	w.buttons[thread] = append(w.buttons[thread], a.Actions...)
}

func (w *workplace) threadName(id string) string {
	for name, is := range w.threads {
		if is == id {
			return name
		}
	}
	return id
}

var step = regexp.MustCompile(`^@(\w+) (in|edits|deletes|presses|saves) (.*)$`)

func (w *workplace) play(l string) {
	w.t.Helper()
	switch {
	case l == "" || strings.HasPrefix(l, "#"):
	case l == "=":
		if got := w.heard(); got != "" {
			w.t.Errorf("%s: want silence, got:\n%s", w.line, got)
		}
	case strings.HasPrefix(l, "< "):
		if got := w.heard(); !strings.Contains(got, strings.Join(strings.Fields(l[2:]), " ")) {
			w.t.Errorf("%s: want %q in:\n%s", w.line, l[2:], got)
		}
	case strings.HasPrefix(l, "! "):
		if got := w.heard(); strings.Contains(got, strings.Join(strings.Fields(l[2:]), " ")) {
			w.t.Errorf("%s: do not want %q in:\n%s", w.line, l[2:], got)
		}
	case strings.HasPrefix(l, "+"):
		d, err := time.ParseDuration(l[1:])
		if err != nil {
			w.t.Fatalf("%s: %v", w.line, err)
		}
		w.said = nil
		w.clock.pass(d)
	case l == "restart":
		w.said = nil
		w.end()
		w.boot()
		w.clock.settle()
	default:
		w.said = nil
		g := step.FindStringSubmatch(l)
		if g == nil {
			w.t.Fatalf("%s: not understood: %s", w.line, l)
		}
		w.act(g[1], g[2], g[3])
		w.clock.settle()
	}
}

func (w *workplace) heard() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.said, "\n")
}

// act lets a person do something.
func (w *workplace) act(user, verb, rest string) {
	w.ids++
	m := bot.Message{ID: fmt.Sprintf("m%d", w.ids), Platform: "slack", Tenant: "T0", User: user, Time: w.clock.Now()}
	switch verb {
	case "in":
		where, text, _ := strings.Cut(rest, ": ")
		w.say(m, where, text)
	case "edits":
		name, text, _ := strings.Cut(rest, ": ")
		id := w.threads[name]
		old := w.asked[id]
		m.Channel, m.Thread, m.Replaces, m.Kind, m.Text = old.Channel, old.Thread, id, old.Kind, text
		w.hand(m)
	case "deletes":
		id := w.threads[rest]
		m.Channel, m.Thread, m.Replaces, m.Kind = w.home[id], id, id, bot.KindDeleted
		w.hand(m)
	case "presses", "saves":
		w.press(m, verb, rest)
	}
}

func (w *workplace) say(m bot.Message, where, text string) {
	if ch, ok := strings.CutPrefix(where, "#"); ok {
		m.Channel, m.Thread, m.Kind = "C-"+ch, m.ID, bot.KindChannel
		if !strings.HasPrefix(text, "/") {
			w.threads[fmt.Sprintf("t%d", len(w.threads)+1)] = m.ID
			w.home[m.ID] = m.Channel
			defer func() { w.asked[m.ID] = m }()
		}
	} else {
		m.Thread = w.threads[where]
		m.Channel, m.Kind = w.home[m.Thread], bot.KindReply
		w.mu.Lock()
		if w.spoken[m.Thread] {
			m.Kind = bot.KindThread
		}
		w.mu.Unlock()
	}
	if strings.Contains(text, "@mailhelp") {
		m.Kind, text = bot.KindMention, strings.TrimSpace(strings.Replace(text, "@mailhelp", "", 1))
	}
	if strings.HasPrefix(text, "/") {
		name, args, _ := strings.Cut(text[1:], " ")
		m.Kind, m.Command = bot.KindCommand, &bot.Command{Name: name, Args: args}
		for _, a := range strings.Fields(args) {
			if a[0] == '#' {
				m.Command.Channels = append(m.Command.Channels, "C-"+a[1:])
			}
			if a == "@team" {
				m.Command.Roles = append(m.Command.Roles, "S0TEAM")
			}
		}
	}
	m.Text = text
	w.hand(m)
}

// press is a button of the latest answer in a thread, or the shortcut on its root.
func (w *workplace) press(m bot.Message, verb, rest string) {
	rest, filled, form := strings.Cut(rest, " with ")
	id, name, pressed := "save", rest, false
	if verb == "presses" {
		id, name, pressed = strings.Cut(rest, " in ")
		if !pressed {
			w.t.Fatalf("%s: in which thread?", w.line)
		}
	}
	m.Thread, m.Kind, m.On = w.threads[name], bot.KindAction, "bot's message"
	m.Channel, m.Text = w.home[m.Thread], w.asked[m.Thread].Text
	m.Action = &bot.Action{ID: id}
	if pressed {
		m.Text = ""
		for _, b := range w.buttons[m.Thread] {
			if b.ID == id {
				m.Action.Value = b.Value
			}
		}
	}
	if form {
		f := w.bot.Form(w.ctx, m)
		if f == nil {
			w.log("no form")
			w.hand(m)
			return
		}
		m.Fields = map[string]string{}
		for _, field := range f.Fields {
			m.Fields[field.ID] = field.Value
		}
		for kv := range strings.SplitSeq(filled, "; ") {
			k, v, _ := strings.Cut(kv, "=")
			m.Fields[k] = strings.ReplaceAll(v, `\n`, "\n")
		}
	}
	w.hand(m)
}

func (w *workplace) hand(m bot.Message) {
	w.run(func() {
		for a := range w.bot.Handle(w.ctx, m) {
			switch {
			case a.Partial:
			case a.Retract:
				w.log("retract")
			case a.Private:
				w.log("private: " + flat(a))
			default:
				w.log("answer: " + flat(a))
				w.see(m.Thread, a)
			}
		}
	})
}

// scriptClock stands still until a script lets time pass, and knows whether
// anything is still going on.
type scriptClock struct {
	mu     sync.Mutex
	cond   *sync.Cond
	now    time.Time
	active int
	timers []scriptTimer
}

type scriptTimer struct {
	at time.Time
	c  chan time.Time
}

func newScriptClock() *scriptClock {
	c := &scriptClock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} // a Tuesday
	c.cond = sync.NewCond(&c.mu)
	return c
}

func (c *scriptClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *scriptClock) busy(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active += n
	c.cond.Broadcast()
}

// After is called by something that waits from now on.
func (c *scriptClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := scriptTimer{c.now.Add(d), make(chan time.Time, 1)}
	c.timers = append(c.timers, t)
	c.active--
	c.cond.Broadcast()
	return t.c
}

// forget drops the timers of a process that has ended.
func (c *scriptClock) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active, c.timers = 0, nil
}

// settle returns when all that goes on waits for the clock.
func (c *scriptClock) settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.active > 0 {
		c.cond.Wait()
	}
}

// pass lets time pass, from one timer to the next.
func (c *scriptClock) pass(d time.Duration) {
	end := c.Now().Add(d)
	for {
		c.settle()
		c.mu.Lock()
		i := -1
		for j, t := range c.timers {
			if !t.at.After(end) && (i < 0 || t.at.Before(c.timers[i].at)) {
				i = j
			}
		}
		if i < 0 {
			c.now = end
			c.mu.Unlock()
			return
		}
		t := c.timers[i]
		c.timers = slices.Delete(c.timers, i, i+1)
		c.now = t.at
		c.active++
		t.c <- t.at
		c.mu.Unlock()
	}
}

// TestTaughtArticlesHoldWhereTheyWereTaught holds that an admin of one guild
// puts nothing into the bot's mouth in another.
func TestTaughtArticlesHoldWhereTheyWereTaught(t *testing.T) {
	w := newWorkplace(t)
	defer w.end()
	ids := 0
	do := func(tenant string, m bot.Message) string {
		t.Helper()
		ids++
		m.ID, m.Platform, m.Tenant, m.Channel, m.User = fmt.Sprint("x", ids), "discord", tenant, "C", "admin"
		m.Thread, m.Admin, m.Lang = m.ID, true, "de"
		var out string
		for a := range w.bot.Handle(t.Context(), m) {
			out = flat(a)
		}
		return out
	}
	teach := func(tenant string) string {
		return do(tenant, bot.Message{Kind: bot.KindAction, Action: &bot.Action{ID: bot.ActionSave}, Fields: map[string]string{
			"title": "Funktionspostfach", "de": "Nimm die Vertretung.", "questions": "Wie komme ich ins Funktionspostfach?\nZugriff auf das Funktionspostfach",
		}})
	}
	ask := func(tenant string) string {
		return do(tenant, bot.Message{Kind: bot.KindMention, Text: "Wie komme ich ins Funktionspostfach?"})
	}
	if got := teach("A"); !strings.Contains(got, "Gespeichert") {
		t.Fatal(got)
	}
	if got := ask("A"); !strings.Contains(got, "Vertretung") {
		t.Errorf("where it was taught: %s", got)
	}
	if got := ask("B"); strings.Contains(got, "Vertretung") {
		t.Errorf("elsewhere: %s", got)
	}
	if got := teach(""); strings.Contains(got, "Gespeichert") {
		t.Errorf("in no guild: %s", got)
	}
	list := func(tenant string) string {
		return do(tenant, bot.Message{Kind: bot.KindCommand, Command: &bot.Command{Name: "mailhelp", Args: "antworten"}})
	}
	topic := regexp.MustCompile(`taught-\S+`).FindString(list("A"))
	if topic == "" || strings.Contains(list("B"), "taught-") {
		t.Errorf("lists: %s, %s", list("A"), list("B"))
	}
	remove := func(tenant string) string {
		return do(tenant, bot.Message{Kind: bot.KindCommand, Command: &bot.Command{Name: "mailhelp", Args: "antworten entfernen " + topic}})
	}
	if got := remove("B"); !strings.Contains(got, "gibt es nicht") {
		t.Errorf("removed from elsewhere: %s", got)
	}
	if got := remove("A"); !strings.Contains(got, "entfernt") {
		t.Errorf("not removed: %s", got)
	}
	if got := ask("A"); strings.Contains(got, "Vertretung") {
		t.Errorf("still in force: %s", got)
	}
}
