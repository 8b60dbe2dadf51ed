package fakeslack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func start(t *testing.T, o Options) (*Server, context.Context) {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(func() { s.Close(); cancel() })
	s.AddUser(User{ID: "U1", Name: "anna", Locale: "de-DE"})
	s.AddUser(User{ID: "U2", Name: "ben"})
	s.AddChannel(Channel{ID: "C1", Name: "support", Members: []string{"U1", "U2", BotUserID}})
	s.AddChannel(Channel{ID: "C2", Name: "other", Members: []string{"U1"}})
	s.AddChannel(Channel{ID: "C3", Name: "old", Archived: true, Members: []string{"U1", BotUserID}})
	s.AddChannel(Channel{ID: "G1", Name: "private", Private: true, Members: []string{"U1"}})
	return s, ctx
}

// call calls the Web API with a form and returns the answer.
func call(t *testing.T, s *Server, method, token string, kv ...string) map[string]any {
	t.Helper()
	v := url.Values{"token": {token}}
	for i := 0; i+1 < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	resp, err := http.PostForm(s.APIURL()+method, v)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatalf("%s: %d %v", method, resp.StatusCode, err)
	}
	return out
}

func TestAPIRefusals(t *testing.T) {
	s, _ := start(t, Options{Scopes: []string{"chat:write", "channels:history"}})
	for name, c := range map[string]struct {
		method, token string
		args          []string
		want          string
	}{
		"no token":            {"auth.test", "", nil, "not_authed"},
		"wrong token":         {"auth.test", "xoxb-1", nil, "invalid_auth"},
		"app token for bot":   {"auth.test", s.AppToken(), nil, "not_allowed_token_type"},
		"bot token for app":   {"apps.connections.open", s.BotToken(), nil, "not_allowed_token_type"},
		"unknown method":      {"chat.sing", s.BotToken(), nil, "unknown_method"},
		"missing scope":       {"users.info", s.BotToken(), []string{"user", "U1"}, "missing_scope"},
		"no channel":          {"chat.postMessage", s.BotToken(), []string{"channel", "C9", "text", "x"}, "channel_not_found"},
		"not a member":        {"chat.postMessage", s.BotToken(), []string{"channel", "C2", "text", "x"}, "not_in_channel"},
		"private is hidden":   {"chat.postMessage", s.BotToken(), []string{"channel", "G1", "text", "x"}, "channel_not_found"},
		"archived":            {"chat.postMessage", s.BotToken(), []string{"channel", "C3", "text", "x"}, "is_archived"},
		"no text":             {"chat.postMessage", s.BotToken(), []string{"channel", "C1"}, "no_text"},
		"long text":           {"chat.postMessage", s.BotToken(), []string{"channel", "C1", "text", strings.Repeat("x", 40001)}, "msg_too_long"},
		"bad thread":          {"chat.postMessage", s.BotToken(), []string{"channel", "C1", "text", "x", "thread_ts", "yesterday"}, "invalid_thread_ts"},
		"unknown thread":      {"chat.postMessage", s.BotToken(), []string{"channel", "C1", "text", "x", "thread_ts", "1767607200.000099"}, "thread_not_found"},
		"bad blocks":          {"chat.postMessage", s.BotToken(), []string{"channel", "C1", "blocks", `[{"type":"header"}]`}, "invalid_blocks"},
		"update of nothing":   {"chat.update", s.BotToken(), []string{"channel", "C1", "ts", "1767607200.000099", "text", "x"}, "message_not_found"},
		"ephemeral stranger":  {"chat.postEphemeral", s.BotToken(), []string{"channel", "C1", "user", "U9", "text", "x"}, "user_not_in_channel"},
		"trigger made up":     {"views.open", s.BotToken(), []string{"trigger_id", "t", "view", "{}"}, "invalid_trigger_id"},
		"view that is no one": {"views.publish", s.BotToken(), []string{"user_id", "U1", "view", `{"type":"modal"}`}, "invalid_arguments"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := call(t, s, c.method, c.token, c.args...); got["error"] != c.want || got["ok"] != false {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestMessagesOfOthersStay(t *testing.T) {
	s, _ := start(t, Options{})
	said := s.Say("U1", "C1", "", "mine")
	for _, m := range []string{"chat.update", "chat.delete"} {
		got := call(t, s, m, s.BotToken(), "channel", "C1", "ts", said.TS, "text", "yours")
		if !strings.HasPrefix(fmt.Sprint(got["error"]), "cant_") {
			t.Errorf("%s: %v", m, got)
		}
	}
}

func TestPostUpdateDelete(t *testing.T) {
	s, _ := start(t, Options{})
	got := call(t, s, "chat.postMessage", s.BotToken(), "channel", "C1", "text", "one", "metadata", `{"event_type":"e","event_payload":{"k":"v"}}`)
	ts, _ := got["ts"].(string)
	reply := call(t, s, "chat.postMessage", s.BotToken(), "channel", "C1", "text", "two", "thread_ts", ts)
	call(t, s, "chat.update", s.BotToken(), "channel", "C1", "ts", ts, "text", "one, edited")
	m, ok := s.Message("C1", ts)
	if !ok || m.Text != "one, edited" || m.Edits != 1 {
		t.Errorf("%+v", m)
	}
	rs := call(t, s, "conversations.replies", s.BotToken(), "channel", "C1", "ts", ts, "include_all_metadata", "true")
	if ms := rs["messages"].([]any); len(ms) != 2 || ms[0].(map[string]any)["metadata"] == nil {
		t.Errorf("%v", rs)
	}
	call(t, s, "chat.delete", s.BotToken(), "channel", "C1", "ts", reply["ts"].(string))
	if n := len(s.Posts("C1")); n != 1 {
		t.Errorf("%d posts are left", n)
	}
}

func TestCheckBlocks(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ä", n) }
	section := func(text string) string {
		return `{"type":"section","text":{"type":"mrkdwn","text":"` + text + `"}}`
	}
	button := func(id, label, value string) string {
		return `{"type":"actions","elements":[{"type":"button","action_id":"` + id + `","value":"` + value + `","text":{"type":"plain_text","text":"` + label + `"}}]}`
	}
	for name, c := range map[string]struct{ blocks, want string }{
		"nothing":           {`[]`, ""},
		"no array":          {`{}`, "must be an array"},
		"section":           {`[` + section("x") + `]`, ""},
		"full section":      {`[` + section(long(3000)) + `]`, ""},
		"long section":      {`[` + section(long(3001)) + `]`, "less than 3001"},
		"empty section":     {`[` + section("") + `]`, "more than 0"},
		"header in mrkdwn":  {`[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`, "must be one of"},
		"long header":       {`[{"type":"header","text":{"type":"plain_text","text":"` + long(151) + `"}}]`, "less than 151"},
		"51 blocks":         {`[` + strings.Repeat(section("x")+",", 50) + section("x") + `]`, "no more than 50"},
		"button":            {`[` + button("a", long(75), "v") + `]`, ""},
		"long button":       {`[` + button("a", long(76), "v") + `]`, "less than 76"},
		"long value":        {`[` + button("a", "x", long(2001)) + `]`, "less than 2001"},
		"same action_id":    {`[` + button("a", "x", "v") + `,` + button("a", "x", "v") + `]`, "action_id must be unique"},
		"11 fields":         {`[{"type":"section","fields":[` + strings.TrimSuffix(strings.Repeat(`{"type":"mrkdwn","text":"x"},`, 11), ",") + `]}]`, "no more than 10"},
		"password input":    {`[{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"password_input"}}]`, "unsupported type"},
		"alert block":       {`[{"type":"alert"}]`, "unsupported type"},
		"rich text":         {`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}]`, ""},
		"empty rich text":   {`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}]`, "more than 0"},
		"link without URL":  {`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"x"}]}]}]`, "invalid url"},
		"list in a section": {`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"rich_text_list"}]}]}]`, "unsupported type"},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckBlocks([]byte(c.blocks))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestMentionsAndLinks(t *testing.T) {
	blocks := []byte(`[{"type":"section","text":{"type":"mrkdwn","text":"<!here> &lt;!channel&gt; <https://a.example|b.example>"}},
		{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U1"},{"type":"text","text":"<!here>"},{"type":"link","url":"https://c.example","text":"d"}]}]}]`)
	if got := Mentions("<@U1> &lt;@U2&gt;", blocks); len(got) != 3 {
		t.Errorf("mentions %q", got)
	}
	got := Links("<https://x.example>", blocks)
	want := []ShownLink{{"", "https://x.example"}, {"b.example", "https://a.example"}, {"d", "https://c.example"}}
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || g == w
		}
		if !found {
			t.Errorf("no %+v in %+v", w, got)
		}
	}
}

// dial opens a socket as an app does and returns it after its hello.
func dial(t *testing.T, s *Server) *websocket.Conn {
	t.Helper()
	got := call(t, s, "apps.connections.open", s.AppToken())
	link, _ := got["url"].(string)
	c, _, err := websocket.DefaultDialer.Dial(link, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, resp, err := websocket.DefaultDialer.Dial(link, nil); err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a ticket worked twice")
	}
	return c
}

func receive(t *testing.T, c *websocket.Conn) map[string]any {
	t.Helper()
	var m map[string]any
	if err := c.ReadJSON(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSocketModeAcksAndRetries(t *testing.T) {
	s, ctx := start(t, Options{})
	c := dial(t, s)
	if m := receive(t, c); m["type"] != "hello" || m["num_connections"] != 1.0 {
		t.Fatalf("%v", m)
	}
	if err := s.Await(ctx, func() bool { return s.Sockets() == 1 }); err != nil {
		t.Fatal(err)
	}
	d := s.Say("U1", "C1", "", "hello").Deliveries[0]
	first := receive(t, c)
	if first["retry_attempt"] != 0.0 {
		t.Errorf("%v", first)
	}
	for i, pause := range []time.Duration{3 * time.Second, 63 * time.Second, 303 * time.Second} {
		s.Clock.Advance(pause)
		again := receive(t, c)
		if again["envelope_id"] != first["envelope_id"] || again["retry_attempt"] != float64(i+1) || again["retry_reason"] != "timeout" {
			t.Errorf("retry %d: %v", i+1, again)
		}
	}
	s.Clock.Advance(time.Hour)
	if st := d.State(); st.Attempts != 4 || st.Timeouts != 4 || st.Acked {
		t.Errorf("%+v", st)
	}
	if err := c.WriteJSON(map[string]any{"envelope_id": d.ID}); err != nil {
		t.Fatal(err)
	}
	if err := d.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestCommandsAreNotRepeatedAndAnswerInTheAck(t *testing.T) {
	s, ctx := start(t, Options{})
	c := dial(t, s)
	receive(t, c)
	if err := s.Await(ctx, func() bool { return s.Sockets() == 1 }); err != nil {
		t.Fatal(err)
	}
	d := s.Slash("U1", "C2", "/test", "gmx")
	receive(t, c)
	s.Clock.Advance(time.Hour)
	if st := d.State(); st.Attempts != 1 || st.Timeouts != 1 {
		t.Errorf("%+v", st)
	}
	big := map[string]any{"envelope_id": d.ID, "payload": map[string]any{"text": strings.Repeat("x", maxResponse)}}
	small := map[string]any{"envelope_id": d.ID, "payload": map[string]any{"text": "done"}}
	for _, m := range []any{big, small} {
		if err := c.WriteJSON(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Await(ctx, func() bool { return len(s.Messages("C2")) == 1 }); err != nil {
		t.Fatal(err)
	}
	if m := s.Messages("C2")[0]; m.Text != "done" || m.Ephemeral != "U1" {
		t.Errorf("%+v", m)
	}
}

func TestEleventhSocketIsTurnedAway(t *testing.T) {
	s, ctx := start(t, Options{})
	for range maxSockets {
		receive(t, dial(t, s))
	}
	if err := s.Await(ctx, func() bool { return s.Sockets() == maxSockets }); err != nil {
		t.Fatal(err)
	}
	if m := receive(t, dial(t, s)); m["type"] != "disconnect" || m["reason"] != "too_many_websockets" {
		t.Errorf("%v", m)
	}
}

func TestNoSocketLosesEvents(t *testing.T) {
	s, ctx := start(t, Options{})
	d := s.Say("U1", "C1", "", "anybody?").Deliveries[0]
	if err := s.Await(ctx, func() bool { return s.Lost() == 1 }); err != nil {
		t.Fatal(err)
	}
	if !d.State().Lost {
		t.Error("the delivery does not say so")
	}
}

func TestSubscriptions(t *testing.T) {
	s, _ := start(t, Options{Events: []string{"app_mention"}})
	if n := len(s.Say("U1", "C1", "", "hello").Deliveries); n != 0 {
		t.Errorf("%d events for a message", n)
	}
	if n := len(s.Say("U1", "C1", "", Mention()+" hello").Deliveries); n != 1 {
		t.Errorf("%d events for a mention", n)
	}
	if n := len(s.Say("U1", "C2", "", Mention()+" hello").Deliveries); n != 0 {
		t.Errorf("%d events from a channel without the app", n)
	}
}

func TestResponseURL(t *testing.T) {
	s, _ := start(t, Options{})
	post := func(u, body string) int {
		t.Helper()
		resp, err := http.Post(u, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	urlOf := func(d *Delivery) string { return d.payload.(map[string]any)["response_url"].(string) }
	u := urlOf(s.Slash("U1", "C2", "/test", ""))
	for range 5 {
		if got := post(u, `{"text":"x"}`); got != http.StatusOK {
			t.Errorf("%d", got)
		}
	}
	if got := post(u, `{"text":"x"}`); got != http.StatusNotFound {
		t.Errorf("sixth use: %d", got)
	}
	u = urlOf(s.Slash("U1", "C2", "/test", ""))
	if got := post(u, `{"text":"x","blocks":[{"type":"nonsense"}]}`); got != http.StatusBadRequest {
		t.Errorf("bad blocks: %d", got)
	}
	s.Clock.Advance(30*time.Minute + time.Second)
	if got := post(u, `{"text":"x"}`); got != http.StatusNotFound {
		t.Errorf("after thirty minutes: %d", got)
	}
}

func TestModalLife(t *testing.T) {
	s, _ := start(t, Options{})
	said := s.Say("U1", "C1", "", "x")
	trigger := func() string {
		return s.Shortcut("U1", "C1", said.TS, "cb").payload.(map[string]any)["trigger_id"].(string)
	}
	view := `{"type":"modal","callback_id":"cb","title":{"type":"plain_text","text":"T"},"submit":{"type":"plain_text","text":"S"},
		"blocks":[{"type":"input","block_id":"b","label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input","action_id":"a","initial_value":"gmx"}}]}`
	late := trigger()
	s.Clock.Advance(3*time.Second + time.Millisecond)
	if got := call(t, s, "views.open", s.BotToken(), "trigger_id", late, "view", view); got["error"] != "expired_trigger_id" {
		t.Errorf("%v", got)
	}
	tr := trigger()
	got := call(t, s, "views.open", s.BotToken(), "trigger_id", tr, "view", view)
	if got["ok"] != true {
		t.Fatalf("%v", got)
	}
	if got := call(t, s, "views.open", s.BotToken(), "trigger_id", tr, "view", view); got["error"] != "invalid_trigger_id" {
		t.Errorf("a trigger worked twice: %v", got)
	}
	d, err := s.Submit("U1", s.Views()[0].ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	state := d.payload.(map[string]any)["view"].(map[string]any)["state"]
	if raw, _ := json.Marshal(state); !bytes.Contains(raw, []byte(`"value":"gmx"`)) {
		t.Errorf("%s", raw)
	}
	s.acknowledge(d.ID, json.RawMessage(`{"response_action":"errors","errors":{"b":"no"}}`))
	if s.Views()[0].Closed {
		t.Error("closed in spite of errors")
	}
	d, err = s.Submit("U1", s.Views()[0].ID, map[string]string{"a": "web.de"})
	if err != nil {
		t.Fatal(err)
	}
	s.acknowledge(d.ID, nil)
	if _, err := s.Submit("U1", s.Views()[0].ID, nil); err == nil {
		t.Error("a closed modal was sent")
	}
}

func TestFaults(t *testing.T) {
	s, _ := start(t, Options{})
	post := func() (*http.Response, error) {
		return http.PostForm(s.APIURL()+"chat.postMessage", url.Values{"token": {s.BotToken()}, "channel": {"C1"}, "text": {"x"}})
	}
	s.Fail("chat.postMessage", Fault{Status: 429, RetryAfter: 5 * time.Second})
	s.Fail("chat.postMessage", Fault{Status: 502, After: true})
	s.Fail("chat.postMessage", Fault{Reset: true})
	s.Fail("chat.postMessage", Fault{Error: "fatal_error"})
	for i, want := range []int{429, 502, 0, 200, 200} {
		resp, err := post()
		if want == 0 {
			if err == nil {
				t.Errorf("%d: no error", i)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want || want == 429 && resp.Header.Get("Retry-After") != "5" || i == 3 && !bytes.Contains(body, []byte("fatal_error")) {
			t.Errorf("%d: %d %s", i, resp.StatusCode, body)
		}
	}
	if n := len(s.Posts("C1")); n != 2 {
		t.Errorf("%d posts: the 502 after the fact and the last one", n)
	}
}

func TestRates(t *testing.T) {
	s, _ := start(t, Options{Rates: true})
	status := func() int {
		resp, err := http.PostForm(s.APIURL()+"users.info", url.Values{"token": {s.BotToken()}, "user": {"U1"}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for range 100 {
		if got := status(); got != 200 {
			t.Fatalf("%d", got)
		}
	}
	if got := status(); got != 429 {
		t.Errorf("the hundred and first in a minute: %d", got)
	}
	s.Clock.Advance(time.Minute)
	if got := status(); got != 200 {
		t.Errorf("a minute later: %d", got)
	}
}

func TestPushIsSignedAndRepeated(t *testing.T) {
	s, ctx := start(t, Options{})
	var got []http.Header
	statuses := make(chan int, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		want := Sign(s.SigningSecret(), s.Clock.Now(), body)
		if r.Header.Get("X-Slack-Signature") != want.Get("X-Slack-Signature") {
			t.Errorf("not signed: %v", r.Header)
		}
		got = append(got, r.Header)
		w.WriteHeader(<-statuses)
	}))
	defer srv.Close()
	s.PushTo(srv.URL)
	statuses <- 500
	statuses <- 200
	d := s.Say("U1", "C1", "", "hello").Deliveries[0]
	if err := d.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[1].Get("X-Slack-Retry-Num") != "1" || got[1].Get("X-Slack-Retry-Reason") != "http_error" {
		t.Errorf("%v", got)
	}
}

func TestClock(t *testing.T) {
	c := NewClock(time.Unix(0, 0))
	var order []int
	c.AfterFunc(2*time.Second, func(time.Time) { order = append(order, 2) })
	c.AfterFunc(time.Second, func(time.Time) {
		order = append(order, 1)
		c.AfterFunc(time.Second/2, func(time.Time) { order = append(order, 15) })
	})
	stop := c.AfterFunc(time.Second, func(time.Time) { t.Error("stopped and fired") })
	stop()
	ch := c.After(3 * time.Second)
	c.Advance(2 * time.Second)
	if fmt.Sprint(order) != "[1 15 2]" || c.Now() != time.Unix(2, 0) {
		t.Errorf("%v at %v", order, c.Now())
	}
	select {
	case <-ch:
		t.Error("too early")
	default:
	}
	c.Advance(time.Second)
	<-ch
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.AwaitTimers(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestFiles(t *testing.T) {
	s, _ := start(t, Options{})
	got := call(t, s, "files.getUploadURLExternal", s.BotToken(), "filename", "report.txt", "length", "5")
	resp, err := http.Post(got["upload_url"].(string), "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	done := call(t, s, "files.completeUploadExternal", s.BotToken(), "channel_id", "C1", "files", `[{"id":"`+got["file_id"].(string)+`","title":"Report"}]`)
	if done["ok"] != true {
		t.Fatalf("%v", done)
	}
	if fs := s.Posts("C1")[0].Files; len(fs) != 1 || string(fs[0].Content) != "hello" || fs[0].Title != "Report" {
		t.Errorf("%+v", fs)
	}
}

func ExampleServer() {
	s, err := Start(Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	s.AddUser(User{ID: "U1", Name: "anna"})
	s.AddChannel(Channel{ID: "C1", Name: "support", Members: []string{"U1", BotUserID}})
	root := s.Say("U1", "C1", "", Mention()+" hello")
	resp, err := http.PostForm(s.APIURL()+"chat.postMessage", url.Values{
		"token": {s.BotToken()}, "channel": {"C1"}, "thread_ts": {root.TS}, "text": {"Hello, Anna."},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	fmt.Print(s.Transcript())
	// Output:
	// @anna in #support: @mailhelp hello
	//   chat.postMessage #support (thread "@mailhelp hello"): Hello, Anna.
}
