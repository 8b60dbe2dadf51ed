package discord

import (
	"errors"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestEraseTakesThePermission(t *testing.T) {
	s := newStage(t, saying())
	id := s.Say(s.anna, s.channel, "mein passwort ist …")
	at := bot.Place{Platform: "discord", Tenant: s.guild, Channel: s.channel}
	var refused *bot.Refused
	if err := s.adapter.Erase(s.ctx, at, id); !errors.As(err, &refused) || refused.Detail != "Manage Messages" {
		t.Errorf("without the permission: %v", err)
	}
	if _, there := s.Message(id); !there {
		t.Fatal("deleted without the permission")
	}
	s.Allow(s.channel, fakediscord.PermManageMessages)
	if err := s.adapter.Erase(s.ctx, at, id); err != nil {
		t.Error(err)
	}
	if _, there := s.Message(id); there {
		t.Error("the message is still there")
	}
	if err := s.adapter.Erase(s.ctx, at, id); err != nil {
		t.Errorf("one that is gone already: %v", err)
	}
}
