package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

const (
	anna    = "U1"
	support = "C1"
)

// app is a running app.mjs.
type app struct {
	t       *testing.T
	ctx     context.Context
	s       *fakeslack.Server
	reports chan map[string]any
}

// missing skips the test, or fails it where everything has to be there.
func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("MAILHELPBOT_CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func launch(t *testing.T, mode string) *app {
	t.Helper()
	if _, err := os.Stat("node_modules"); err != nil {
		missing(t, "no node_modules: npm install --no-package-lock")
	}
	s, err := fakeslack.Start(fakeslack.Options{Clock: fakeslack.NewClock(time.Now())}) // bolt checks signatures by the wall clock
	if err != nil {
		t.Fatal(err)
	}
	s.AddUser(fakeslack.User{ID: anna, Name: "anna", Locale: "de-DE"})
	s.AddChannel(fakeslack.Channel{ID: support, Name: "support", Members: []string{anna, fakeslack.BotUserID}})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cmd := exec.CommandContext(ctx, "node", "app.mjs")
	cmd.Env = append(os.Environ(), "MODE="+mode, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(),
		"SLACK_APP_TOKEN="+s.AppToken(), "SLACK_SIGNING_SECRET="+s.SigningSecret(), "CHANNEL="+support, "USER_ID="+anna)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	a := &app{t: t, ctx: ctx, s: s, reports: make(chan map[string]any, 100)}
	go a.read(out)
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait() // ended by the closed pipe
		s.Close()
		cancel()
	})
	return a
}

func (a *app) read(out io.Reader) {
	defer close(a.reports)
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		var m map[string]any
		if json.Unmarshal(sc.Bytes(), &m) == nil {
			a.reports <- m
		}
	}
}

// expect reads on until the app has reported what is wanted.
func (a *app) expect(what string) map[string]any {
	a.t.Helper()
	for {
		select {
		case m, ok := <-a.reports:
			if !ok {
				a.t.Fatalf("the app ended before %q\n%s", what, a.s.Transcript())
			}
			if m["what"] == what {
				return m
			}
		case <-a.ctx.Done():
			a.t.Fatalf("no %q\n%s", what, a.s.Transcript())
		}
	}
}

func (a *app) await(what string, cond func() bool) {
	a.t.Helper()
	if err := a.s.Await(a.ctx, cond); err != nil {
		a.t.Fatalf("%s: %v", what, err)
	}
}

func (a *app) acked(ds ...*fakeslack.Delivery) {
	a.t.Helper()
	for _, d := range ds {
		if err := d.Wait(a.ctx); err != nil {
			a.t.Fatalf("not acknowledged: %v\n%s", err, a.s.Transcript())
		}
	}
}

func TestBolt(t *testing.T) {
	for _, mode := range []string{"socket", "http"} {
		t.Run(mode, func(t *testing.T) {
			a := launch(t, mode)
			if mode == "http" {
				base := fmt.Sprintf("http://127.0.0.1:%v", a.expect("listening")["port"])
				if err := a.s.VerifyURL(a.ctx, base); err != nil {
					t.Error(err)
				}
				a.s.PushTo(base)
			}
			r := a.expect("refusals")
			if r["blocks"] != "invalid_blocks" || r["channel"] != "channel_not_found" || r["thread"] != "invalid_thread_ts" || r["locale"] != "de-DE" {
				t.Errorf("%v", r)
			}
			a.expect("ready")
			a.play(mode)
		})
	}
}

// play is one conversation with every kind of delivery.
func (a *app) play(mode string) {
	t := a.t
	said := a.s.Say(anna, support, "", fakeslack.Mention()+" hi &amp; bye")
	a.acked(said.Deliveries...)
	if m := a.expect("mention"); m["text"] != fakeslack.Mention()+" hi &amp; bye" {
		t.Errorf("%v", m)
	}
	a.await("the answer in the thread", func() bool { return len(a.s.Posts(support)) == 1 })
	post := a.s.Posts(support)[0]
	if post.ThreadTS != said.TS {
		t.Errorf("%+v", post)
	}
	d, err := a.s.Press(anna, support, post.TS, "Again")
	if err != nil {
		t.Fatal(err)
	}
	a.acked(d)
	if m := a.expect("action"); m["value"] != "gmx" {
		t.Errorf("%v", m)
	}
	a.await("the edit and the ephemeral answer", func() bool {
		m, _ := a.s.Message(support, post.TS)
		ms := a.s.Messages(support)
		return m.Text == "pressed" && ms[len(ms)-1].Ephemeral == anna
	})

	a.acked(a.s.Slash(anna, support, "/test", "gmx smtp"))
	if m := a.expect("command"); m["text"] != "gmx smtp" {
		t.Errorf("%v", m)
	}
	a.await("the answer in the acknowledgement and by response_url", func() bool {
		var private, public bool
		for _, m := range a.s.Messages(support) {
			private = private || m.Text == "working on gmx smtp" && m.Ephemeral == anna
			public = public || m.Text == "done" && m.Ephemeral == ""
		}
		return private && public
	})
	a.modal(said.TS)
	a.acked(a.s.OpenHome(anna))
	a.expect("home")
	if mode == "http" {
		return
	}
	before := a.s.Greeted()
	a.s.Disconnect(0, "refresh_requested")
	a.await("the reconnect", func() bool { return a.s.Greeted() > before })
	a.acked(a.s.Say(anna, anna, "", "still there?").Deliveries...)
	for m := a.expect("message"); m["text"] != "still there?" || m["channel_type"] != "im"; {
		m = a.expect("message") // those of the channel come first
	}
}

func (a *app) modal(ts string) {
	t := a.t
	a.acked(a.s.Shortcut(anna, support, ts, "ask"))
	id, _ := a.expect("view")["id"].(string)
	d, err := a.s.Submit(anna, id, map[string]string{"target": "bad"})
	if err != nil {
		t.Fatal(err)
	}
	a.acked(d)
	if vs := a.s.Views(); vs[0].Closed {
		t.Error("the modal closed in spite of errors")
	}
	if d, err = a.s.Submit(anna, id, map[string]string{"target": "gmx"}); err != nil {
		t.Fatal(err)
	}
	a.acked(d)
	if m := a.expect("submitted"); m["value"] != "gmx" {
		t.Errorf("%v", m)
	}
	a.await("the closed modal", func() bool { return a.s.Views()[0].Closed })
}

func TestSocketModeClient(t *testing.T) {
	a := launch(t, "plain")
	a.expect("connected")
	a.expect("ready")
	a.acked(a.s.Say(anna, anna, "", "one").Deliveries...)
	if m := a.expect("plain"); m["type"] != "events_api" {
		t.Errorf("%v", m)
	}
	before := a.s.Greeted()
	a.s.Disconnect(0, "warning")
	a.expect("connected")
	a.await("the new socket", func() bool { return a.s.Greeted() > before })
	a.acked(a.s.Slash(anna, support, "/test", "x"))
	if m := a.expect("plain"); m["type"] != "slash_commands" {
		t.Errorf("%v", m)
	}
}
