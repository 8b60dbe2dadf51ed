package discord

import (
	"context"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// listenEvery is how often the adapter looks whether a channel wants
// unprompted replies; a command that changes it is noticed at once.
const listenEvery = time.Minute

// listenWithin is how long a new session may take that has the intent.
const listenWithin = 20 * time.Second

// listen asks for the message-content intent as long as a channel wants
// unprompted replies, and says whether one does. Nothing else needs it: what
// is addressed to the bot comes with its text in any case.
func (a *Adapter) listen(ctx context.Context) bool {
	if a.cfg.Listen == nil {
		return false
	}
	on, err := a.cfg.Listen(ctx)
	if err != nil {
		a.log.Error("which channels want unprompted replies is not known", "error", err.Error())
		return false
	}
	a.wishes.listen(on)
	return on
}

// keepListening looks again and again, as another process may have changed it.
func (a *Adapter) keepListening(ctx context.Context) {
	for a.cfg.Listen != nil && a.clock.sleep(ctx, listenEvery) == nil {
		bot.Fenced(a.log, func() { a.listen(ctx) })
	}
}

// afterCommand listens at once when a command has switched unprompted replies
// on, and tells who did it when Discord does not let the bot read along.
func (a *Adapter) afterCommand(act activity, m bot.Message, in interaction) {
	if m.Command == nil || m.Command.Name != "mailhelp" || !strings.HasPrefix(m.Command.Args, "auto") {
		return
	}
	if m.Admin { // who may have switched the intent on just now
		a.wishes.forgive()
	}
	if !a.listen(act.life) {
		return
	}
	ctx, cancel := context.WithTimeout(act.life, listenWithin)
	defer cancel()
	if a.wishes.allowed(ctx) {
		return
	}
	out := &interactionReply{adapter: a, in: in, expires: a.clock.now().Add(tokenLives), secret: true, which: "/content"}
	if err := a.show(act.life, out, bot.NoticeContent.Say(m.Lang, "Message Content Intent")); err != nil {
		a.log.Warn("that the intent is missing was not said", "error", err.Error())
	}
}
