package discord

import (
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestReviseReplacesAnAnnouncement(t *testing.T) {
	s := newStage(t, saying())
	to := bot.Place{Platform: "discord", Tenant: s.guild, Channel: s.channel}
	says := func(text string) bot.Answer {
		return bot.Answer{
			Lang: "de", Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(bot.T(text))}},
			Actions: []bot.Action{{ID: bot.ActionTest, Label: "Testen", Value: strings.Repeat("lang", 60)}},
		}
	}
	id, err := s.adapter.Post(s.ctx, bot.Announcement{To: to, Answer: says("Störung"), Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.adapter.Revise(s.ctx, to, id, says("Entwarnung @everyone")); err != nil {
		t.Fatal(err)
	}
	m := s.FromBot(s.channel)
	if len(m) != 1 || m[0].ID != id || !strings.Contains(m[0].Content, "Entwarnung") || len(m[0].Pings) != 0 {
		t.Errorf("%+v", m)
	}
	if err := s.adapter.Revise(s.ctx, to, "1", says("x")); err == nil {
		t.Error("a message that is not there was edited")
	}
}
