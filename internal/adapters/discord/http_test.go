package discord

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// withKey gives the adapter the key that every fake signs with.
func withKey(_ *stage, c *Config, _ *fakediscord.Options) {
	d := fakediscord.New(fakediscord.Options{})
	defer d.Close()
	c.PublicKey = hex.EncodeToString(d.PublicKey)
}

// overHTTP makes interactions come as requests. The handler starts when Discord
// has the first response, as it practically always is.
func overHTTP(t *testing.T, h bot.Handler, changes ...script) *stage {
	t.Helper()
	var s *stage
	s = newStage(t, func(ctx context.Context, m bot.Message) iterSeq {
		return func(yield func(bot.Answer) bool) {
			if err := s.Await(s.ctx, func() bool { return s.Responded(m.ID) }); err != nil {
				t.Error(err)
			}
			h(ctx, m)(yield)
		}
	}, append(changes, withKey)...)
	srv := httptest.NewServer(s.adapter.Interactions())
	t.Cleanup(srv.Close)
	if !s.SetEndpoint(s.ctx, srv.URL) {
		t.Fatal("the endpoint was refused")
	}
	return s
}

// Sometimes the first edit is faster than the response that it edits.
func TestTheFirstEditOvertakesTheResponse(t *testing.T) {
	s := newStage(t, echo)
	s.Fail(fakediscord.Fault{Method: "PATCH", Path: "/webhooks/*/*/messages/*", Status: 404, Code: 10015, Times: 2})
	call := s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
	s.runClock(500 * time.Millisecond)
	if got := s.answered(call); got.Content != "echo /settings gmx" || len(s.FromBot(s.channel)) != 1 {
		t.Errorf("%+v", got)
	}
}

// Both ways of receiving interactions give the same conversation.
func TestHTTPAndGatewayGiveTheSameTranscript(t *testing.T) {
	secret := say("nur für dich")
	secret.Private = true
	handler := func(ctx context.Context, m bot.Message) bot.Handler {
		switch {
		case m.Action != nil && m.Action.ID == "secret":
			return saying(secret)
		case m.Command != nil && strings.Contains(m.Command.Args, "still"):
			return saying()
		}
		return echo
	}
	play := func(t *testing.T, s *stage) string {
		first := s.answered(s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"), fakediscord.Opt("protocol", "smtp")))
		thread := s.StartThread(s.anna, s.channel, "Hilfe")
		out := []string{
			first.Content,
			s.answered(s.Slash(s.anna, thread, "test", fakediscord.Opt("target", "web.de"))).Content,
			s.answered(s.Press(s.anna, first.ID, first.Buttons()[0].CustomID)).Content,
			s.answered(s.Press(s.anna, first.ID, "a|secret|")).Content,
			s.answered(s.Slash(s.anna, s.channel, "mailhelp help")).Content,
			s.answered(s.ContextMenu(s.anna, "Test mail settings", s.Say(s.anna, s.channel, "gmx geht nicht"))).Content,
		}
		quiet := s.Slash(s.anna, s.channel, "mailhelp ask", fakediscord.Opt("question", "still"))
		s.await("the silence", func() bool { return quiet.ResponseType() == 5 && len(quiet.Messages()) == 0 })
		call := s.Autocomplete(s.anna, s.channel, "settings", "provider", "g")
		s.await("the choices", call.Answered)
		out = append(out, call.Choices()[0].Name)
		for _, m := range s.FromBot(s.channel) {
			who := "alle"
			if m.ForUser != "" {
				who = "nur Anna"
			}
			out = append(out, who+": "+m.Text())
		}
		return strings.Join(out, "\n")
	}
	h := func(ctx context.Context, m bot.Message) iterSeq { return handler(ctx, m)(ctx, m) }
	suggest := func(_ *stage, c *Config, _ *fakediscord.Options) {
		c.Surface.Suggest = func(context.Context, string, string, string, bot.Lang) []bot.Suggestion {
			return []bot.Suggestion{{Label: "GMX", Value: "gmx"}}
		}
	}
	var transcripts [2]string
	t.Run("play", func(t *testing.T) {
		t.Run("gateway", func(t *testing.T) { transcripts[0] = play(t, newStage(t, h, suggest)) })
		t.Run("http", func(t *testing.T) { transcripts[1] = play(t, overHTTP(t, h, suggest)) })
	})
	if transcripts[0] != transcripts[1] || !strings.Contains(transcripts[0], "nur Anna: nur für dich") {
		t.Errorf("gateway:\n%s\nHTTP:\n%s", transcripts[0], transcripts[1])
	}
}

func TestSignatures(t *testing.T) {
	s := newStage(t, echo, withKey)
	srv := httptest.NewServer(s.adapter.Interactions())
	t.Cleanup(srv.Close)
	ping, now := []byte(`{"type":1}`), s.clock.Now()
	flip := func(sig []byte) { sig[5] ^= 1 }
	for _, c := range []struct {
		name  string
		body  string
		at    time.Time
		alter func([]byte)
		want  int
	}{
		{"right", `{"type":1}`, now, nil, 200},
		{"a little old", `{"type":1}`, now.Add(-4 * time.Minute), nil, 200},
		{"wrong signature", `{"type":1}`, now, flip, 401},
		{"too old", `{"type":1}`, now.Add(-6 * time.Minute), nil, 401},
		{"from the future", `{"type":1}`, now.Add(6 * time.Minute), nil, 401},
		{"no JSON, and no signature", `{`, now, flip, 401},
		{"no JSON", `{`, now, nil, 400},
		{"empty", ``, now, nil, 400},
		{"an unknown kind", `{"type":77,"id":"5"}`, now, nil, 409},
	} {
		if got := s.SendSigned(s.ctx, srv.URL, []byte(c.body), c.at, c.alter); got.Status != c.want {
			t.Errorf("%s: %d %s", c.name, got.Status, got.Body)
		}
	}
	if resp, err := http.Get(srv.URL); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v %v", resp, err)
	}
	if resp, err := http.Post(srv.URL, "application/json", strings.NewReader(string(ping))); err != nil || resp.StatusCode != 401 {
		t.Errorf("without headers: %v %v", resp, err)
	}
	if got := s.SendSigned(s.ctx, srv.URL, make([]byte, maxRequest+1), now, nil); got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("huge: %d", got.Status)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if got := s.SendSigned(s.ctx, srv.URL, []byte(`{"type":2,"id":"9","data":{"type":1,"name":"test"}}`), now, nil); got.Status != http.StatusServiceUnavailable {
		t.Errorf("stopped: %d", got.Status)
	}
}

// A replayed request is answered, but nothing is done again.
func TestReplayedRequests(t *testing.T) {
	s := overHTTP(t, echo)
	call := s.Slash(s.anna, s.channel, "settings", fakediscord.Opt("provider", "gmx"))
	s.answered(call)
	call.Resend()
	s.await("the second receipt", func() bool { return len(s.Receipts()) == 2 })
	if got := s.Receipts()[1].Status; got != http.StatusConflict || len(s.messages()) != 1 {
		t.Errorf("status %d, %d messages", got, len(s.messages()))
	}
}

func TestWithoutAKeyThereIsNoEndpoint(t *testing.T) {
	a, err := New(Config{Token: "t", Log: newDiscardLog()})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	a.Interactions().ServeHTTP(w, httptest.NewRequest("POST", "/discord/interactions", strings.NewReader("{}")))
	if w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}
