package fakediscord

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

func identifyShard(token string, i, n int) string {
	return fmt.Sprintf(`{"op":2,"d":{"token":"%s","intents":4609,"properties":{},"shard":[%d,%d]}}`, token, i, n)
}

// begin opens a session for a shard and returns its socket and its id.
func (w *world) begin(i, n int) (*socket, string) {
	w.t.Helper()
	s := w.dial()
	s.send(identifyShard(w.Token, i, n))
	var ready struct {
		SessionID string `json:"session_id"`
		Shard     []int
	}
	if err := json.Unmarshal(s.until("READY").D, &ready); err != nil || !slices.Equal(ready.Shard, []int{i, n}) {
		w.t.Errorf("READY: %v, shard %v", err, ready.Shard)
	}
	return s, ready.SessionID
}

// said is the text of the next message that comes.
func (s *socket) said() string {
	s.w.t.Helper()
	var m Message
	if err := json.Unmarshal(s.until("MESSAGE_CREATE").D, &m); err != nil {
		s.w.t.Fatal(err)
	}
	return m.Content
}

func TestGuildsSpreadOverShards(t *testing.T) {
	const n = 4
	w := newWorld(t, Options{MaxConcurrency: n})
	var socks [n]*socket
	for i := range socks {
		socks[i], _ = w.begin(i, n)
	}
	channels := map[int]string{}
	for range 8 {
		g := w.AddGuild("Verein", "de")
		channels[ShardOf(g, n)] = w.AddChannel(g, "mail")
	}
	if len(channels) != n {
		t.Fatalf("guilds on %d shards", len(channels))
	}
	for i, c := range channels {
		w.Say(w.anna, c, fmt.Sprint(w.Mention(), i))
	}
	w.Say(w.anna, w.OpenDM(w.anna), "direkt")
	for i, s := range socks {
		if got := s.said(); got != fmt.Sprint(w.Mention(), i) {
			t.Errorf("shard %d got %q", i, got)
		}
	}
	if got := socks[0].said(); got != "direkt" {
		t.Errorf("shard 0 got %q", got)
	}
	if got := w.Live(n); len(got) != n || w.Doubled() != 0 {
		t.Errorf("live %v, doubled %d", got, w.Doubled())
	}
}

// READY and what follows it name the guilds of the shard alone.
func TestReadyNamesTheGuildsOfTheShard(t *testing.T) {
	w := newWorld(t, Options{MaxConcurrency: 2})
	for range 5 {
		w.AddGuild("Verein", "de")
	}
	count := 0
	for i := range 2 {
		s := w.dial()
		s.send(identifyShard(w.Token, i, 2))
		var ready struct{ Guilds []struct{ ID string } }
		if err := json.Unmarshal(s.until("READY").D, &ready); err != nil {
			t.Fatal(err)
		}
		for _, g := range ready.Guilds {
			if ShardOf(g.ID, 2) != i {
				t.Errorf("guild of another shard on %d", i)
			}
		}
		count += len(ready.Guilds)
	}
	if count != 6 {
		t.Errorf("%d guilds, want 6", count)
	}
}

func TestShardCloseCodes(t *testing.T) {
	for shard, want := range map[string]int{"[1,1]": 4010, "[2,2]": 4010, "[-1,2]": 4010, "[0]": 4010, "[0,0]": 4010, "[0,1]": 4011} {
		w := newWorld(t, Options{GuildsPerShard: 1})
		w.AddGuild("Verein", "de")
		s := w.dial()
		s.next()
		s.send(`{"op":2,"d":{"token":"` + w.Token + `","intents":1,"properties":{},"shard":` + shard + `}}`)
		if _, code := s.next(); code != want {
			t.Errorf("%s: closed with %d, want %d", shard, code, want)
		}
	}
}

// Two shards whose numbers leave the same rest keep five seconds apart.
func TestConcurrencyOfIdentifies(t *testing.T) {
	w := newWorld(t, Options{MaxConcurrency: 2})
	for _, step := range []struct {
		shard int
		after time.Duration
		want  int
	}{
		{0, 0, opDispatch},
		{1, 0, opDispatch},
		{2, 4 * time.Second, opInvalidSession},
		{3, 0, opInvalidSession},
		{2, 5 * time.Second, opDispatch},
	} {
		w.clock.Advance(step.after)
		s := w.dial()
		s.next()
		s.send(identifyShard(w.Token, step.shard, 4))
		if p, _ := s.next(); p.Op != step.want {
			t.Errorf("shard %d: op %d, want %d", step.shard, p.Op, step.want)
		}
	}
	early := 0
	for _, i := range w.IdentifyLog() {
		if i.Early {
			early++
		}
	}
	if early != 2 {
		t.Errorf("%d early, want 2", early)
	}
}

func TestSessionStartLimit(t *testing.T) {
	w := newWorld(t, Options{Identifies: 3, MaxConcurrency: 2})
	w.SetShards(7)
	info := func() (out map[string]any) {
		got, _ := w.getGatewayBot(nil)
		out = got.(map[string]any)["session_start_limit"].(map[string]any)
		out["shards"] = got.(map[string]any)["shards"]
		return out
	}
	want := func(remaining int, after time.Duration) {
		t.Helper()
		got := info()
		if !reflect.DeepEqual(got, map[string]any{"total": 3, "remaining": remaining, "reset_after": after.Milliseconds(), "max_concurrency": 2, "shards": 7}) {
			t.Errorf("%v", got)
		}
	}
	want(3, 24*time.Hour)
	_, id := w.begin(0, 2)
	w.clock.Advance(time.Hour)
	want(2, 23*time.Hour)
	w.begin(1, 2)

	s := w.dial() // a RESUME costs nothing
	s.send(fmt.Sprintf(`{"op":6,"d":{"token":"%s","session_id":"%s","seq":1}}`, w.Token, id))
	s.until("RESUMED")
	want(1, 23*time.Hour)

	w.clock.Advance(23 * time.Hour)
	want(3, 24*time.Hour)
	for i := range 3 {
		w.clock.Advance(5 * time.Second)
		w.begin(i, 3)
	}
	want(0, 24*time.Hour-10*time.Second)
	w.clock.Advance(5 * time.Second)
	old := w.Token
	s = w.dial()
	s.next()
	s.send(identifyShard(old, 0, 3))
	if _, code := s.next(); code != 4004 || w.Token == old || w.Connected() {
		t.Errorf("closed with %d, token kept %v, connected %v", code, w.Token == old, w.Connected())
	}
}

// Each shard has its own session and its own events to replay.
func TestShardsResumeApart(t *testing.T) {
	w := newWorld(t, Options{MaxConcurrency: 2})
	home := ShardOf(w.guild, 2)
	a, id := w.begin(home, 2)
	b, _ := w.begin(1-home, 2)
	a.ws.Close()
	if err := w.Await(w.ctx, func() bool { return slices.Equal(w.Live(2), []int{1 - home}) }); err != nil {
		t.Fatal(err)
	}
	w.Say(w.anna, w.channel, w.Mention()+"eins")
	a = w.dial()
	a.send(fmt.Sprintf(`{"op":6,"d":{"token":"%s","session_id":"%s","seq":2}}`, w.Token, id))
	if got := a.said(); got != w.Mention()+"eins" {
		t.Errorf("%q", got)
	}
	w.CloseShard(1-home, 2, 4000)
	if _, code := b.closing(); code != 4000 {
		t.Errorf("closed with %d", code)
	}
	if err := w.Await(w.ctx, func() bool { return slices.Equal(w.Live(2), []int{home}) }); err != nil || w.Resumes() != 1 {
		t.Errorf("live %v, %d resumes, %v", w.Live(2), w.Resumes(), err)
	}
}

// closing reads up to the close code.
func (s *socket) closing() (packet, int) {
	for {
		if p, code := s.next(); code != 0 {
			return p, code
		}
	}
}

// A second session for a shard is possible, and noticed.
func TestDoubledSessionsAreNoticed(t *testing.T) {
	w := newWorld(t, Options{})
	w.begin(0, 1)
	w.clock.Advance(time.Minute)
	w.begin(0, 2) // another number of shards is another part
	w.clock.Advance(time.Minute)
	if w.Doubled() != 0 {
		t.Error("noticed without reason")
	}
	w.begin(0, 1)
	if w.Doubled() != 1 {
		t.Errorf("%d", w.Doubled())
	}
}
