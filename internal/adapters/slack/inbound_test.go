package slack

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"<@U0BOT> test smtp":                          "test smtp",
		"<@U0BOT|mailhelp> test":                      "test",
		"hallo <@U1|ben> und <@U2>":                   "hallo @ben und @U2",
		"in <#C1|general>":                            "in #general",
		"<!here> <!subteam^S1|@team>":                 "@here @team",
		"<!date^1392734382^{date}|18. Februar>":       "18. Februar",
		"me <mailto:anna@gmx.de|anna@gmx.de>":         "me anna@gmx.de",
		"<http://gmx.net|gmx.net>":                    "gmx.net",
		"<https://gmx.net>":                           "https://gmx.net",
		"<https://evil.example|GMX>":                  "GMX https://evil.example",
		"<tel:+49123|+49 123>":                        "+49 123",
		"a &lt; b &amp;&amp; c &gt; d":                "a < b && c > d",
		"&lt;@U0BOT&gt;":                              "<@U0BOT>",
		"unclosed <@U0BOT test":                       "unclosed <@U0BOT test",
		"<https://x.slack.com/archives/C1/p1|Thread>": "Thread https://x.slack.com/archives/C1/p1",
	} {
		if got := plain(in, "U0BOT"); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCutPermalink(t *testing.T) {
	for _, c := range []struct {
		in, rest, channel, thread string
		ok                        bool
	}{
		{"smtp gmx https://x.slack.com/archives/C0SUPPORT/p1767607200000001", "smtp gmx", "C0SUPPORT", "1767607200.000001", true},
		{"https://x.slack.com/archives/C0SUPPORT/p1767607200000004?thread_ts=1767607200.000001&cid=C0SUPPORT gmx", "gmx", "C0SUPPORT", "1767607200.000001", true},
		{"gmx https://x.slack.com/archives/C0SUPPORT/p1767607200000004?cid=C0SUPPORT&thread_ts=1767607200.000001", "gmx", "C0SUPPORT", "1767607200.000001", true},
		{"https://big.enterprise.slack.com/archives/G012345/p1767607200000001", "", "G012345", "1767607200.000001", true},
		{"https://x.slack-gov.com/archives/C012345/p1767607200000001", "", "C012345", "1767607200.000001", true},
		{"https://slack.com.evil.example/archives/C012345/p1767607200000001", "https://slack.com.evil.example/archives/C012345/p1767607200000001", "", "", false},
		{"https://x.slack.com/archives/C012345", "https://x.slack.com/archives/C012345", "", "", false},
		{"https://x.slack.com/archives/C012345/p17676", "https://x.slack.com/archives/C012345/p17676", "", "", false},
		{"gmx", "gmx", "", "", false},
	} {
		rest, at, ok := cutPermalink(c.in)
		if rest != c.rest || at.channel != c.channel || at.thread != c.thread || ok != c.ok {
			t.Errorf("cutPermalink(%q) = %q, %+v, %v", c.in, rest, at, ok)
		}
	}
}

func TestRecentForgetsTheOldest(t *testing.T) {
	now := time.Unix(1000, 0)
	r := newRecent(2, time.Minute)
	if !r.claim(now, "a", "") || r.claim(now, "a") {
		t.Error("a was claimed twice or not at all")
	}
	if r.claim(now, "a", "b") || r.claim(now, "b") {
		t.Error("b was not set along with a known a")
	}
	r.put("c", "v", now)
	if _, ok := r.get("a", now); ok {
		t.Error("the oldest is still known")
	}
	if v, ok := r.get("c", now.Add(59*time.Second)); !ok || v != "v" {
		t.Error("c is gone before its time")
	}
	if _, ok := r.get("c", now.Add(time.Minute)); ok {
		t.Error("c is known after its time")
	}
}

// FuzzReceive: no payload of any kind breaks the adapter.
func FuzzReceive(f *testing.F) {
	f.Add(uint8(0), []byte(`{"type":"event_callback","event_id":"E","event":{"type":"message","user":"U","channel":"C","ts":"1.2","text":"<@U0BOT> &lt;"}}`))
	f.Add(uint8(1), []byte(`{"command":"/test","channel_id":"C","user_id":"U","text":"gmx"}`))
	f.Add(uint8(2), []byte(`{"type":"block_actions","user":{"id":"U"},"channel":{"id":"C"},"container":{"message_ts":"1.2"},"actions":[{"action_id":"a#0"}]}`))
	f.Add(uint8(2), []byte(`{"type":"view_submission","user":{"id":"U"},"view":{"callback_id":"mailhelp_test","private_metadata":"{\"channel\":\"C\"}"}}`))
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte) {
		a, err := New(Config{BotToken: "xoxb-x", SigningSecret: "s"})
		if err != nil {
			t.Fatal(err)
		}
		a.work, a.quick = newPool(0, 10, a.log), newPool(0, 10, a.log)
		a.self.Store(&identity{user: "U0BOT", team: "T"})
		kinds := []string{kindEvent, kindCommand, kindInteraction, "other"}
		v := a.receive(kinds[int(kind)%len(kinds)], payload)
		if v == refused {
			t.Error("refused with an empty queue")
		}
	})
}

// FuzzPlain: what is left has no markup that names somebody.
func FuzzPlain(f *testing.F) {
	f.Add("<@U0BOT> <mailto:a@b.c|a@b.c> &lt;!here&gt;")
	f.Fuzz(func(t *testing.T, s string) {
		got := plain(s, "U0BOT")
		if len(got) > 2*len(s)+8 {
			t.Errorf("%d bytes became %d", len(s), len(got))
		}
		if strings.Contains(s, "<@U0BOT>") && !strings.Contains(s, "&lt;") && strings.Contains(got, "<@U0BOT>") && strings.Count(s, "<") == 1 {
			t.Errorf("the mention is still in %q", got)
		}
	})
}

func TestPayloadsAreReadLeniently(t *testing.T) {
	var p interactionPayload
	if err := json.Unmarshal([]byte(`{"type":"block_actions","user":{"id":"U1","x":1},"message":null,"view":null,"channel":{"id":"C1"},"actions":[{"action_id":"a","selected_option":{"value":"x"}}]}`), &p); err != nil || p.User.ID != "U1" {
		t.Errorf("%+v, %v", p, err)
	}
}
