package slack

import (
	"errors"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestAnnouncementsMentionOnlyTheGroupTheyName(t *testing.T) {
	r := newRig(t, setup{})
	root := r.s.Say(anna, support, "", "SMTP geht nicht")
	r.settle(root.Deliveries...)
	to := bot.Place{Platform: "slack", Tenant: fakeslack.TeamID, Channel: support, Thread: root.TS}
	id, err := r.a.Post(r.ctx, bot.Announcement{To: to, Answer: say("de", "<!channel> <!subteam^S0EVIL> brennt"), Notify: "S0AGENTS", Key: "k1"})
	if err != nil {
		t.Fatal(err)
	}
	m := r.last(support)
	if m.TS != id || m.ThreadTS != root.TS {
		t.Errorf("posted at %s in thread %s, told %s", m.TS, m.ThreadTS, id)
	}
	if got := fakeslack.Mentions(m.Text, m.Blocks); len(got) != 2 || got[0] != "<!subteam^S0AGENTS>" || got[1] != "usergroup" {
		t.Errorf("mentions %q", got)
	}
	if _, err := r.a.Post(r.ctx, bot.Announcement{To: to, Answer: say("de", "ruhig"), Notify: "<!channel>", Key: "k2"}); err != nil {
		t.Fatal(err)
	}
	if m := r.last(support); len(fakeslack.Mentions(m.Text, m.Blocks)) != 0 {
		t.Errorf("a group's id that is none came alive: %s", m.Text)
	}
}

func TestAnnouncementRefusedSaysWhy(t *testing.T) {
	r := newRig(t, setup{faulty: true})
	for channel, want := range map[string]bot.Notice{foreign: bot.NoticeNotMember, closed: bot.NoticeArchived} {
		_, err := r.a.Post(r.ctx, bot.Announcement{To: bot.Place{Channel: channel}, Answer: say("de", "hallo"), Key: "k"})
		var no *bot.Refused
		if !errors.As(err, &no) || no.Notice != want {
			t.Errorf("%s: %v", channel, err)
		}
	}
	r.s.Fail("chat.postMessage", fakeslack.Fault{Status: 502, After: true})
	id, err := r.a.Post(r.ctx, bot.Announcement{To: bot.Place{Channel: support}, Answer: say("de", "einmal"), Key: "once"})
	if err != nil || id == "" {
		t.Errorf("a post that arrived was not found: %v", err)
	}
	r.s.Fail("chat.postMessage", fakeslack.Fault{Reset: true})
	if _, err := r.a.Post(r.ctx, bot.Announcement{To: bot.Place{Channel: support}, Answer: say("de", "weg"), Key: "lost"}); err == nil {
		t.Error("a post that got lost is called posted")
	}
	if n := len(r.s.Posts(support)); n != 1 {
		t.Errorf("%d posts\n%s", n, r.s.Transcript())
	}
	if strings.Contains(r.s.Transcript(), "weg") && len(r.s.Calls("chat.postMessage")) != 4 {
		t.Errorf("a write was repeated\n%s", r.s.Transcript())
	}
}
