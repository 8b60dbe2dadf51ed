package bot_test

import (
	"context"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// broom is a chat in which the bot may delete, unless it may not.
type broom struct {
	wall
	erased []string
	refuse error
}

func (b *broom) Erase(_ context.Context, p bot.Place, id string) error {
	if b.refuse == nil {
		b.erased = append(b.erased, p.Channel+"/"+p.Thread+"/"+id)
	}
	return b.refuse
}

// TestWriterCanHaveAPasswordDeleted pastes a password where the bot may delete it.
func TestWriterCanHaveAPasswordDeleted(t *testing.T) {
	said := bot.Message{ID: "M1", Platform: "discord", Tenant: "G", Channel: "C", Thread: "T", User: "U1", Kind: bot.KindMention, Lang: "de", Text: "mein passwort ist Sommer2026!"}
	press := func(b *bot.Bot, user, value string) string {
		all := hear(b, bot.Message{Platform: "discord", Channel: "D", User: user, Kind: bot.KindAction, Lang: "de", Action: &bot.Action{ID: bot.ActionErase, Value: value}})
		return bot.PlainText(all[len(all)-1])
	}
	b, chat := loginBot(t, ""), &broom{wall: make(wall, 1)}
	b.Posters = map[string]bot.Poster{"discord": chat}
	warned := hear(b, said)[0]
	if !warned.Private || len(warned.Actions) != 1 || warned.Actions[0].ID != bot.ActionErase || strings.Contains(warned.Actions[0].Value, "M1") {
		t.Fatalf("%+v", warned)
	}
	name := warned.Actions[0].Value
	if text := press(b, "U2", name); len(chat.erased) != 0 {
		t.Errorf("somebody else had it deleted: %s", text)
	}
	if text := press(b, "U1", name); len(chat.erased) != 1 || chat.erased[0] != "C/T/M1" || !strings.Contains(text, "gelöscht") {
		t.Errorf("deleted %v: %s", chat.erased, text)
	}
	if press(b, "U1", name); len(chat.erased) != 1 {
		t.Error("deleted twice")
	}

	said.ID, chat.refuse = "M2", &bot.Refused{Notice: bot.NoticeRole, Detail: "Manage Messages"}
	if text := press(b, "U1", hear(b, said)[0].Actions[0].Value); !strings.Contains(text, "selbst") {
		t.Errorf("not permitted: %s", text)
	}
	said.ID = "M3"
	b.Posters = map[string]bot.Poster{"discord": chat.wall}
	if a := hear(b, said)[0]; len(a.Actions) != 0 {
		t.Errorf("offered where nothing can be deleted: %+v", a.Actions)
	}
}
