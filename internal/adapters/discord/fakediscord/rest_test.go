package fakediscord

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLimitsOfAMessage(t *testing.T) {
	button := func(id, label string) string {
		return fmt.Sprintf(`{"type":2,"style":2,"custom_id":%q,"label":%q}`, id, label)
	}
	row := func(parts ...string) string { return `{"type":1,"components":[` + strings.Join(parts, ",") + `]}` }
	rows := func(r ...string) string { return `{"content":"x","components":[` + strings.Join(r, ",") + `]}` }
	embed := func(s string) string { return `{"embeds":[` + s + `]}` }
	x := func(n int) string { return strings.Repeat("ü", n) }
	for _, c := range []struct {
		name, body   string
		status, code int
	}{
		{"2000", `{"content":"` + x(2000) + `"}`, 200, 0},
		{"2001", `{"content":"` + x(2001) + `"}`, 400, 50035},
		{"empty", `{"content":"  "}`, 400, 50006},
		{"nothing", `{}`, 400, 50006},
		{"no JSON", `{`, 400, 50109},
		{"description 4096", embed(`{"description":"` + x(4096) + `"}`), 200, 0},
		{"description 4097", embed(`{"description":"` + x(4097) + `"}`), 400, 50035},
		{"6000 in all", embed(`{"description":"` + x(4000) + `"},{"description":"` + x(2001) + `"}`), 400, 50035},
		{"field", embed(`{"fields":[{"name":"n","value":"` + x(1025) + `"}]}`), 400, 50035},
		{"button", rows(row(button("a", "A"))), 200, 0},
		{"button twice", rows(row(button("a", "A"), button("a", "B"))), 400, 50035},
		{"six buttons", rows(row(button("a", "A"), button("b", "A"), button("c", "A"), button("d", "A"), button("e", "A"), button("f", "A"))), 400, 50035},
		{"six rows", rows(row(button("a", "A")), row(button("b", "A")), row(button("c", "A")), row(button("d", "A")), row(button("e", "A")), row(button("f", "A"))), 400, 50035},
		{"label", rows(row(button("a", x(81)))), 400, 50035},
		{"no label", rows(row(button("a", ""))), 400, 50035},
		{"custom_id", rows(row(button(x(101), "A"))), 400, 50035},
		{"nonce", `{"content":"x","nonce":"` + strings.Repeat("n", 26) + `"}`, 400, 50035},
		{"parse", `{"content":"x","allowed_mentions":{"parse":["all"]}}`, 400, 50035},
		{"parse and users", `{"content":"x","allowed_mentions":{"parse":["users"],"users":["1"]}}`, 400, 50035},
		{"reply to nothing", `{"content":"x","message_reference":{"message_id":"1"}}`, 400, 50035},
		{"reply to nothing, if need be", `{"content":"x","message_reference":{"message_id":"1","fail_if_not_exists":false}}`, 200, 0},
	} {
		w := newWorld(t, Options{})
		status, code, _ := w.call("POST", "/channels/"+w.channel+"/messages", c.body)
		if status != c.status || code != c.code {
			t.Errorf("%s: %d/%d, want %d/%d", c.name, status, code, c.status, c.code)
		}
	}
}

func TestNonce(t *testing.T) {
	w := newWorld(t, Options{Buckets: []Bucket{}})
	post := func(body string) string {
		_, _, m := w.call("POST", "/channels/"+w.channel+"/messages", body)
		id, _ := m["id"].(string)
		return id
	}
	first := post(`{"content":"a","nonce":"n","enforce_nonce":true}`)
	if again := post(`{"content":"b","nonce":"n","enforce_nonce":true}`); again != first || len(w.FromBot(w.channel)) != 1 {
		t.Errorf("%s and %s", first, again)
	}
	if free := post(`{"content":"b","nonce":"n"}`); free == first {
		t.Error("enforced, but not asked to")
	}
	w.clock.Advance(time.Hour)
	if later := post(`{"content":"c","nonce":"n","enforce_nonce":true}`); later == first {
		t.Error("a nonce is known for minutes, not for hours")
	}
}

func TestPings(t *testing.T) {
	text := func(w *world) string { return "@everyone <@" + w.anna.ID + "> <@&5>" }
	for allowed, want := range map[string]int{
		``: 3, `,"allowed_mentions":{"parse":[]}`: 0, `,"allowed_mentions":{"parse":["everyone"]}`: 1, `,"allowed_mentions":{"roles":["5"]}`: 1,
	} {
		w := newWorld(t, Options{})
		w.call("POST", "/channels/"+w.channel+"/messages", `{"content":"`+text(w)+`"`+allowed+`}`)
		if got := w.FromBot(w.channel)[0].Pings; len(got) != want {
			t.Errorf("%s: %v", allowed, got)
		}
	}
}

func TestPermissions(t *testing.T) {
	for _, c := range []struct {
		deny         uint64
		method, path string
		body         string
		status, code int
	}{
		{PermSendMessages, "POST", "/channels/C/messages", `{"content":"x"}`, 403, 50013},
		{PermViewChannel, "POST", "/channels/C/messages", `{"content":"x"}`, 403, 50001},
		{PermViewChannel, "GET", "/channels/C", ``, 403, 50001},
		{PermSendMessagesInThreads, "POST", "/channels/T/messages", `{"content":"x"}`, 403, 50013},
		{PermSendMessages, "POST", "/channels/T/messages", `{"content":"x"}`, 200, 0},
		{PermCreatePublicThreads, "POST", "/channels/C/messages/M/threads", `{"name":"x"}`, 403, 50013},
		{0, "POST", "/channels/C/messages/M/threads", `{"name":""}`, 400, 50035},
		{0, "POST", "/channels/C/messages/M/threads", `{"name":"x","auto_archive_duration":5}`, 400, 50035},
		{0, "POST", "/channels/C/messages/M/threads", `{"name":"x"}`, 200, 0},
		{0, "POST", "/channels/C/messages/1/threads", `{"name":"x"}`, 404, 10008},
		{0, "PATCH", "/channels/C/messages/M", `{"content":"x"}`, 403, 50005},
		{0, "POST", "/channels/1/messages", `{"content":"x"}`, 404, 10003},
		{0, "GET", "/nowhere", ``, 404, 0},
	} {
		w := newWorld(t, Options{})
		thread := w.StartThread(w.anna, w.channel, "t")
		m := w.Say(w.anna, w.channel, "hallo")
		w.Deny(w.channel, c.deny)
		path := strings.NewReplacer("/C", "/"+w.channel, "/T", "/"+thread, "/M", "/"+m).Replace(c.path)
		if status, code, _ := w.call(c.method, path, c.body); status != c.status || code != c.code {
			t.Errorf("%s %s without %b: %d/%d, want %d/%d", c.method, c.path, c.deny, status, code, c.status, c.code)
		}
	}
}

func TestLockedThreadsAndSecondThreads(t *testing.T) {
	w := newWorld(t, Options{})
	m := w.Say(w.anna, w.channel, "hallo")
	w.call("POST", "/channels/"+w.channel+"/messages/"+m+"/threads", `{"name":"x"}`)
	if _, code, _ := w.call("POST", "/channels/"+w.channel+"/messages/"+m+"/threads", `{"name":"x"}`); code != 160004 {
		t.Errorf("a second thread: %d", code)
	}
	w.Archive(m, false)
	if status, _, _ := w.call("POST", "/channels/"+m+"/messages", `{"content":"x"}`); status != 200 {
		t.Errorf("archived: %d", status)
	}
	if c, _ := w.Channel(m); c.Metadata.Archived {
		t.Error("a message did not open the thread again")
	}
	mine := "/channels/" + m + "/messages/" + w.FromBot(m)[0].ID
	for _, c := range []struct {
		what         string
		close        func()
		method, path string
		body         string
		code         int
	}{
		{"edit, archived", func() { w.Archive(m, false) }, "PATCH", mine, `{"content":"y"}`, 50083},
		{"removal, archived", func() {}, "DELETE", mine, ``, 50083},
		{"opened again", func() {}, "PATCH", "/channels/" + m, `{"archived":false}`, 0},
		{"edit, opened again", func() {}, "PATCH", mine, `{"content":"y"}`, 0},
		{"edit, locked", func() { w.Lock(m) }, "PATCH", mine, `{"content":"z"}`, 160005},
		{"post, locked", func() {}, "POST", "/channels/" + m + "/messages", `{"content":"x"}`, 160005},
		{"post, archived and locked", func() { w.Archive(m, true) }, "POST", "/channels/" + m + "/messages", `{"content":"x"}`, 50083},
		{"opened while locked", func() {}, "PATCH", "/channels/" + m, `{"archived":false}`, 50013},
	} {
		c.close()
		if _, code, _ := w.call(c.method, c.path, c.body); code != c.code {
			t.Errorf("%s: code %d, want %d", c.what, code, c.code)
		}
	}
}

func TestBucketsAndFaults(t *testing.T) {
	w := newWorld(t, Options{Buckets: []Bucket{{"POST /channels/{channel}/messages", 2, 5 * time.Second}}})
	path := "/channels/" + w.channel + "/messages"
	for n, want := range []int{200, 200, 429} {
		if status, _, _ := w.call("POST", path, `{"content":"x"}`); status != want {
			t.Errorf("%d: %d", n, status)
		}
	}
	w.clock.Advance(5 * time.Second)
	if status, _, _ := w.call("POST", path, `{"content":"x"}`); status != 200 {
		t.Errorf("after the reset: %d", status)
	}
	w.LimitAll(time.Second)
	if status, _, m := w.call("GET", "/users/@me", ""); status != 429 || m["global"] != true {
		t.Errorf("global: %d %v", status, m)
	}
	w.clock.Advance(time.Second)
	w.Fail(Fault{Method: "GET", Path: "/users/*", Status: 502})
	if status, _, _ := w.call("GET", "/users/@me", ""); status != 502 {
		t.Errorf("fault: %d", status)
	}
	if status, _, _ := w.call("GET", "/users/@me", ""); status != 200 {
		t.Errorf("after the fault: %d", status)
	}
	w.Fail(Fault{Method: "POST", Path: "/channels/*/messages", After: true})
	before := len(w.FromBot(w.channel))
	if status, _, _ := w.call("POST", path, `{"content":"verloren"}`); status != 0 || len(w.FromBot(w.channel)) != before+1 {
		t.Errorf("a lost answer: %d, %d messages more", status, len(w.FromBot(w.channel))-before)
	}
	if got := w.Count("GET", "/users/"); got != 3 {
		t.Errorf("%d calls counted", got)
	}
}

func TestGlobalLimitOfFiftyASecond(t *testing.T) {
	w := newWorld(t, Options{})
	last := 0
	for range 51 {
		last, _, _ = w.call("GET", "/users/@me", "")
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the 51st: %d", last)
	}
}

func TestCommandLimits(t *testing.T) {
	for _, c := range []struct {
		name, list string
		want       int
	}{
		{"good", `[{"name":"test","description":"d","name_localizations":{"de":"testen"}}]`, 200},
		{"context menu", `[{"type":3,"name":"Test mail settings"}]`, 200},
		{"upper case is for context menus", `[{"name":"Test it","description":"d"}]`, 400},
		{"no description", `[{"name":"test"}]`, 400},
		{"long description", `[{"name":"test","description":"` + strings.Repeat("d", 101) + `"}]`, 400},
		{"no such locale", `[{"name":"test","description":"d","name_localizations":{"de-DE":"testen"}}]`, 400},
		{"twice", `[{"name":"test","description":"d"},{"name":"test","description":"d"}]`, 400},
		{"required after optional", `[{"name":"test","description":"d","options":[{"type":3,"name":"a","description":"d"},{"type":3,"name":"b","description":"d","required":true}]}]`, 400},
		{"choices and autocomplete", `[{"name":"test","description":"d","options":[{"type":3,"name":"a","description":"d","autocomplete":true,"choices":[{"name":"x","value":"x"}]}]}]`, 400},
	} {
		w := newWorld(t, Options{})
		req, _ := http.NewRequest("PUT", w.URL+"api/v10/applications/"+w.AppID+"/commands", strings.NewReader(c.list))
		req.Header.Set("Authorization", "Bot "+w.Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != c.want {
			t.Errorf("%s: %v %v", c.name, resp, err)
			continue
		}
		resp.Body.Close()
	}
}

func TestAWrongToken(t *testing.T) {
	w := newWorld(t, Options{})
	req, _ := http.NewRequest("GET", w.URL+"api/users/@me", nil)
	req.Header.Set("Authorization", "Bot wrong")
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 401 {
		t.Fatalf("%v %v", resp, err)
	}
	var e apiError
	if json.NewDecoder(resp.Body).Decode(&e) != nil || e.Message != "401: Unauthorized" || e.Code != 0 {
		t.Errorf("%+v", e)
	}
}
