package slack

import (
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestReviseReplacesAnAnnouncement(t *testing.T) {
	r := newRig(t, setup{faulty: true})
	to := bot.Place{Platform: "slack", Tenant: fakeslack.TeamID, Channel: support}
	id, err := r.a.Post(r.ctx, bot.Announcement{To: to, Answer: say("de", "Störung"), Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	r.s.Fail("chat.update", fakeslack.Fault{Reset: true}) // an edit may be repeated
	if err := r.a.Revise(r.ctx, to, id, say("de", "Entwarnung <!channel>")); err != nil {
		t.Fatal(err)
	}
	m := r.last(support)
	if len(r.s.Posts(support)) != 1 || m.TS != id || m.Edits != 1 || len(fakeslack.Mentions(m.Text, m.Blocks)) != 0 {
		t.Errorf("%d posts, %d edits: %s", len(r.s.Posts(support)), m.Edits, m.Text)
	}
	if err := r.a.Revise(r.ctx, to, "1.000001", say("de", "x")); err == nil {
		t.Error("a message that is not there was edited")
	}
}
