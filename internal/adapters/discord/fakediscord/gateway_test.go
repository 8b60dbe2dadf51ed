package fakediscord

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

func TestGatewayGreets(t *testing.T) {
	w := newWorld(t, Options{})
	s := w.dial()
	if p, _ := s.next(); p.Op != opHello || string(p.D) != `{"heartbeat_interval":41250}` {
		t.Fatalf("%d %s", p.Op, p.D)
	}
	s.send(`{"op":1,"d":null}`)
	if p, _ := s.next(); p.Op != opAck {
		t.Fatalf("%+v", p)
	}
	s.send(identifyAs(w.Token, "1"))
	var ready struct {
		User        User
		SessionID   string `json:"session_id"`
		ResumeURL   string `json:"resume_gateway_url"`
		Application struct{ ID string }
		Guilds      []struct {
			ID          string
			Unavailable bool
		}
	}
	p := s.until("READY")
	if err := json.Unmarshal(p.D, &ready); err != nil || *p.S != 1 || ready.User.ID != w.Bot.ID || ready.Application.ID != w.AppID || len(ready.Guilds) != 1 || !ready.Guilds[0].Unavailable {
		t.Errorf("%v %s", err, p.D)
	}
	p = s.until("GUILD_CREATE")
	var g struct {
		ID       string
		Channels []Channel
		Locale   string `json:"preferred_locale"`
	}
	if err := json.Unmarshal(p.D, &g); err != nil || g.ID != w.guild || len(g.Channels) != 1 || g.Locale != "de" {
		t.Errorf("%v %s", err, p.D)
	}
}

func TestGatewayCloseCodes(t *testing.T) {
	for _, c := range []struct {
		name string
		send func(*world) []string
		want int
	}{
		{"no JSON", func(*world) []string { return []string{"{"} }, 4002},
		{"unknown op", func(*world) []string { return []string{`{"op":77}`} }, 4001},
		{"before identify", func(*world) []string { return []string{`{"op":3,"d":{}}`} }, 4003},
		{"wrong token", func(*world) []string { return []string{identifyAs("x", "1")} }, 4004},
		{"twice", func(w *world) []string { return []string{identifyAs(w.Token, "0"), identifyAs(w.Token, "0")} }, 4005},
		{"no intents", func(w *world) []string { return []string{`{"op":2,"d":{"token":"` + w.Token + `"}}`} }, 4002},
		{"unknown intents", func(w *world) []string { return []string{identifyAs(w.Token, "1073741824")} }, 4013},
		{"content not allowed", func(w *world) []string { return []string{identifyAs(w.Token, "32768")} }, 4014},
		{"members not allowed", func(w *world) []string { return []string{identifyAs(w.Token, "2")} }, 4014},
		{"resume from the future", func(w *world) []string {
			return []string{identifyAs(w.Token, "0"), `{"op":6,"d":{"token":"` + w.Token + `","session_id":"session1","seq":99}}`}
		}, 4007},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Options{})
			s := w.dial()
			for _, m := range c.send(w) {
				s.send(m)
			}
			for {
				if _, code := s.next(); code != 0 {
					if code != c.want {
						t.Errorf("closed with %d, want %d", code, c.want)
					}
					return
				}
			}
		})
	}
}

func TestResumeReplays(t *testing.T) {
	w := newWorld(t, Options{})
	s := w.dial()
	s.send(identifyAs(w.Token, "4096"))
	s.until("READY")
	dm := w.OpenDM(w.anna)
	w.Say(w.anna, dm, "eins")
	first := s.until("MESSAGE_CREATE")
	s.ws.Close()
	if err := w.Await(w.ctx, func() bool { return !w.Connected() }); err != nil {
		t.Fatal(err)
	}
	w.Say(w.anna, dm, "zwei")
	w.Say(w.anna, dm, "drei")
	s = w.dial()
	s.send(fmt.Sprintf(`{"op":6,"d":{"token":"Bot %s","session_id":"session1","seq":%d}}`, w.Token, *first.S))
	for _, want := range []string{"zwei", "drei"} {
		var m Message
		if p := s.until("MESSAGE_CREATE"); json.Unmarshal(p.D, &m) != nil || m.Content != want {
			t.Errorf("%s, want %s", p.D, want)
		}
	}
	s.until("RESUMED")
	if w.Resumes() != 1 || w.Identifies() != 1 {
		t.Errorf("%d resumes, %d identifies", w.Resumes(), w.Identifies())
	}
}

func TestAGoodbyeEndsTheSession(t *testing.T) {
	w := newWorld(t, Options{})
	s := w.dial()
	s.send(identifyAs(w.Token, "0"))
	s.until("READY")
	s.ws.WriteControl(8, []byte{0x03, 0xe8}, time.Now().Add(time.Second))
	if err := w.Await(w.ctx, func() bool { return !w.Connected() }); err != nil {
		t.Fatal(err)
	}
	s = w.dial()
	s.send(`{"op":6,"d":{"token":"` + w.Token + `","session_id":"session1","seq":1}}`)
	s.next() // HELLO
	if p, _ := s.next(); p.Op != opInvalidSession || string(p.D) != "false" {
		t.Errorf("%d %s", p.Op, p.D)
	}
}

func TestTwoIdentifiesWithinFiveSeconds(t *testing.T) {
	w := newWorld(t, Options{})
	for n, want := range []int{opDispatch, opInvalidSession, opDispatch} {
		s := w.dial()
		s.next()
		s.send(identifyAs(w.Token, "0"))
		if p, _ := s.next(); p.Op != want {
			t.Errorf("%d: op %d, want %d", n, p.Op, want)
		}
		if n == 1 {
			w.clock.Advance(5 * time.Second)
		}
	}
}

// Who says what where, and what arrives without the message-content intent.
func TestMessageContentRule(t *testing.T) {
	w := newWorld(t, Options{MessageContent: true})
	without, with := w.dial(), w.dial()
	without.send(identifyAs(w.Token, "4608"))
	without.until("READY")
	w.clock.Advance(time.Minute)
	with.send(identifyAs(w.Token, "37376"))
	with.until("READY")
	dm := w.OpenDM(w.anna)
	w.Say(w.anna, w.channel, "mail geht nicht")
	w.Say(w.anna, w.channel, w.Mention()+" hilfe")
	w.Say(w.anna, dm, "direkt")
	for _, c := range []struct{ without, with string }{{"", "mail geht nicht"}, {w.Mention() + " hilfe", w.Mention() + " hilfe"}, {"direkt", "direkt"}} {
		for s, want := range map[*socket]string{without: c.without, with: c.with} {
			var m Message
			if err := json.Unmarshal(s.until("MESSAGE_CREATE").D, &m); err != nil || m.Content != want {
				t.Errorf("%q, want %q", m.Content, want)
			}
		}
	}
}
