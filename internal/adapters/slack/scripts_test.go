package slack

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// TestChannelScripts plays the scripts of internal/bot/testdata/channel, which
// know no platform, in a Slack workspace: the same must come of them. Their
// language is explained at bot's TestChannels.
func TestChannelScripts(t *testing.T) {
	files, err := filepath.Glob("../../bot/testdata/channel/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if why := leftOut[name]; why != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := newStage(t)
			for i, l := range strings.Split(string(b), "\n") {
				s.line = fmt.Sprintf("%s:%d", filepath.Base(file), i+1)
				s.play(strings.TrimSpace(l))
			}
		})
	}
}

// leftOut are the scripts that cannot be played here, and why.
var leftOut = map[string]string{
	"forged": "presses buttons that are not there; see TestForgedActionsDoNothing",
	"digest": "needs the bot's own clock work, which only the service runs",
}

// stage is a workspace in which a script is played.
type stage struct {
	*rig
	line    string
	held    atomic.Int32 // answers that the bot holds back
	roots   []fakeslack.Message
	calls   int  // seen before the last step
	clicked bool // a form was wanted in the last step and did not open
}

func newStage(t *testing.T) *stage {
	s := &stage{}
	var b *bot.Bot
	s.rig, b = newDeskBot(t, setup{})
	b.After = func(d time.Duration) <-chan time.Time {
		s.held.Add(1)
		c := make(chan time.Time, 1)
		s.clock.AfterFunc(d, func(at time.Time) { s.held.Add(-1); c <- at })
		return c
	}
	var all []string
	for _, name := range []string{"anna", "ben", "carl", "chef", "tom", "niemand", "p1", "p2", "p3", "p4", "p5", "p6"} {
		s.s.AddUser(fakeslack.User{ID: actor(name), Name: name, Locale: "fr-FR", Admin: name == "chef"})
		all = append(all, actor(name))
	}
	all = append(all, fakeslack.BotUserID)
	for _, name := range []string{"hilfe", "kantine", "team", "lobby", "zu"} {
		s.s.AddChannel(fakeslack.Channel{ID: room(name), Name: name, Members: all, Archived: name == "zu"})
	}
	return s
}

func actor(name string) string { return "U0" + strings.ToUpper(name) }
func room(name string) string  { return "C0" + strings.ToUpper(name) }

// quiet waits until nothing goes on but what the bot holds back.
func (s *stage) quiet(ds ...*fakeslack.Delivery) {
	s.t.Helper()
	for _, d := range ds {
		if d == nil {
			continue
		}
		if err := d.Wait(s.ctx); err != nil {
			s.t.Fatalf("%s: not acknowledged: %v\n%s", s.line, err, s.s.Transcript())
		}
	}
	s.await(s.line, func() bool { return s.a.Status().UnderWay == int(s.held.Load()) })
}

var scriptStep = regexp.MustCompile(`^@(\w+) (in|edits|deletes|presses|saves) (.*)$`)

func (s *stage) play(l string) {
	s.t.Helper()
	want := strings.Join(strings.Fields(strings.TrimLeft(l, "<! ")), " ")
	switch {
	case l == "" || l == "restart" || strings.HasPrefix(l, "#"):
	case l == "=":
		if got := s.heard(); got != "" {
			s.t.Errorf("%s: want silence, got:\n%s", s.line, got)
		}
	case strings.HasPrefix(l, "< "):
		if got := s.heard(); !strings.Contains(got, want) {
			s.t.Errorf("%s: want %q in:\n%s", s.line, want, got)
		}
	case strings.HasPrefix(l, "! "):
		if got := s.heard(); strings.Contains(got, want) {
			s.t.Errorf("%s: do not want %q in:\n%s", s.line, want, got)
		}
	case strings.HasPrefix(l, "+"):
		d, err := time.ParseDuration(l[1:])
		if err != nil {
			s.t.Fatal(err)
		}
		s.begin()
		s.clock.Advance(d)
		s.quiet()
	default:
		g := scriptStep.FindStringSubmatch(l)
		if g == nil {
			s.t.Fatalf("%s: not understood: %s", s.line, l)
		}
		s.begin()
		s.act(g[1], g[2], g[3])
	}
}

func (s *stage) begin() { s.calls, s.clicked = len(s.s.Calls("")), false }

// heard is what the bot has said since the step began, as the scripts write it.
func (s *stage) heard() string {
	var out []string
	if s.clicked {
		out = append(out, "no form")
	}
	for _, c := range s.s.Calls("")[s.calls:] {
		text := strings.Join(strings.Fields(c.Args["text"]), " ")
		switch {
		case c.Error != "":
		case c.Method == "chat.delete":
			out = append(out, "retract")
		case c.Method == "chat.postEphemeral" || c.Method == "response_url":
			out = append(out, "private: "+text)
		case c.Method == "chat.update":
			out = append(out, "answer: "+text)
		case c.Method == "chat.postMessage":
			out = append(out, s.post(c, text))
		}
	}
	return strings.Join(out, "\n")
}

func (s *stage) post(c fakeslack.Call, text string) string {
	if rest, ok := strings.CutPrefix(text, "<!subteam^"+team+"> "); ok {
		for i, m := range s.roots {
			if m.TS == c.Args["thread_ts"] {
				return fmt.Sprintf("post t%d @%s: %s", i+1, team, rest)
			}
		}
	}
	if strings.Contains(c.Args["metadata"], `"shadow/`) {
		return "post #" + strings.ToLower(strings.TrimPrefix(c.Args["channel"], "C0")) + ": " + text
	}
	return "answer: " + text
}

func (s *stage) root(name string) fakeslack.Message {
	var n int
	if _, err := fmt.Sscanf(name, "t%d", &n); err != nil || n < 1 || n > len(s.roots) {
		s.t.Fatalf("%s: no thread %s", s.line, name)
	}
	return s.roots[n-1]
}

func (s *stage) act(user, verb, rest string) {
	if user == "niemand" { // of whom Slack tells nothing: neither language nor standing
		s.s.Fail("users.info", fakeslack.Fault{Error: "missing_scope", Needed: "usergroups:read", Times: 2})
	}
	id := actor(user)
	switch verb {
	case "in":
		where, text, _ := strings.Cut(rest, ": ")
		s.say(id, where, text)
	case "edits":
		name, text, _ := strings.Cut(rest, ": ")
		m := s.root(name)
		if _, there := s.s.Message(m.Channel, m.TS); there { // Slack lets nobody edit what was deleted
			s.quiet(s.s.Edit(m.Channel, m.TS, text))
		}
	case "deletes":
		m := s.root(rest)
		s.quiet(s.s.Delete(m.Channel, m.TS))
	case "presses":
		rest, filled, form := strings.Cut(rest, " with ")
		action, name, _ := strings.Cut(rest, " in ")
		s.fill(id, filled, form, func() *fakeslack.Delivery { return s.button(id, s.root(name), action) })
	case "saves":
		name, filled, form := strings.Cut(rest, " with ")
		m := s.root(name)
		s.fill(id, filled, form, func() *fakeslack.Delivery { return s.s.Shortcut(id, m.Channel, m.TS, "mailhelp_save") })
	}
}

var scriptMention = regexp.MustCompile(`#(\w+)`)

func (s *stage) say(user, where, text string) {
	channel, ok := strings.CutPrefix(where, "#")
	if ok && strings.HasPrefix(text, "/") {
		name, args, _ := strings.Cut(text, " ")
		args = scriptMention.ReplaceAllStringFunc(args, func(m string) string { return "<#" + room(m[1:]) + "|" + m[1:] + ">" })
		args = strings.ReplaceAll(args, "@team", "<!subteam^"+team+"|@team>")
		s.quiet(s.s.Slash(user, room(channel), name, args))
		return
	}
	text = strings.ReplaceAll(text, "@mailhelp", fakeslack.Mention())
	if ok {
		said := s.s.Say(user, room(channel), "", text)
		s.roots = append(s.roots, said.Message)
		s.quiet(said.Deliveries...)
		return
	}
	m := s.root(where)
	s.quiet(s.s.Say(user, m.Channel, m.TS, text).Deliveries...)
}

// button presses the latest button with an action in a thread.
func (s *stage) button(user string, root fakeslack.Message, action string) *fakeslack.Delivery {
	s.t.Helper()
	ms := s.s.Posts(root.Channel)
	slices.Reverse(ms)
	for _, m := range ms {
		var blocks []struct {
			Elements []struct {
				ActionID string `json:"action_id"`
			} `json:"elements"`
		}
		if m.ThreadTS != root.TS || m.Ephemeral != "" || json.Unmarshal(m.Blocks, &blocks) != nil {
			continue
		}
		for _, b := range blocks {
			for _, e := range b.Elements {
				if parseActionID(e.ActionID) == action && e.ActionID != "" {
					return s.press(user, root.Channel, m.TS, e.ActionID)
				}
			}
		}
	}
	// The bot's last answer there has none: somebody who has kept an old one presses it.
	return s.s.Deliver(fakeslack.KindInteraction, map[string]any{
		"type": "block_actions", "user": map[string]any{"id": user}, "channel": map[string]any{"id": root.Channel},
		"container": map[string]any{"message_ts": root.TS, "thread_ts": root.TS},
		"actions":   []any{map[string]any{"action_id": action + "#0", "action_ts": s.line}},
	})
}

// fill does something that may open a form, and sends that.
func (s *stage) fill(user, filled string, form bool, open func() *fakeslack.Delivery) {
	before := len(s.s.Views())
	s.quiet(open())
	vs := s.s.Views()
	if !form || len(vs) == before {
		s.clicked = form
		return
	}
	values := map[string]string{}
	for kv := range strings.SplitSeq(filled, "; ") {
		k, v, _ := strings.Cut(kv, "=")
		values[k] = strings.ReplaceAll(v, `\n`, "\n")
	}
	d, err := s.s.Submit(user, vs[len(vs)-1].ID, values)
	if err != nil {
		s.t.Fatal(err)
	}
	s.quiet(d)
}
