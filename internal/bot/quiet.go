package bot

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Why the bot keeps silent in a thread.
const (
	quietStop  = "stop"  // somebody told it to
	quietHuman = "human" // people have taken over
)

// stopWords, alone in a message, silence the bot in a thread.
var stopWords = []string{"stop", "stopp", "stop bot", "bot stop", "stopp bot", "bot stopp", "ruhe", "sei still", "be quiet", "shut up", "klappe"}

func isStop(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" \t\n.,!?:;/", r) })
	words = slices.DeleteFunc(words, func(w string) bool { return w == "bitte" || w == "please" || w == "jetzt" || w == "now" })
	return slices.Contains(stopWords, strings.Join(words, " "))
}

// hush handles silence in threads; true means that nothing more is to be said.
// What cannot be found out counts as silence where nobody asked the bot.
func (v *view) hush(ctx context.Context, m Message, yield func(Answer) bool) bool {
	if m.Thread == "" || m.Channel == "" || m.alone() {
		return false
	}
	b, place := v.bot, m.Place()
	switch m.Kind {
	case KindThread, KindMention:
		who := m.User
		if m.Kind == KindMention {
			who = "" // also the asker, who now has an answer coming
		}
		if err := b.Store.Interrupt(ctx, place, who, QuestionHuman); err != nil {
			b.withhold(m, "question", err)
		}
		if isStop(m.Text) {
			v.stop(ctx, m, yield)
			return true
		}
	case KindCommand:
	default:
		return false
	}
	quiet, err := b.Store.Quiet(ctx, place)
	if m.Kind == KindThread {
		if err != nil {
			b.withhold(m, "quiet", err)
			v.silence = SilenceUnknown
			return true
		}
		if quiet {
			v.silence = SilenceQuiet
		}
		return quiet
	}
	if quiet {
		err = b.Store.EndQuiet(ctx, place)
	}
	if err != nil {
		b.Log.Error("silence not ended", "platform", m.Platform, "err", err)
	}
	return false
}

func (v *view) stop(ctx context.Context, m Message, yield func(Answer) bool) {
	began, err := v.bot.Store.BeginQuiet(ctx, m.Place(), quietStop, v.bot.Now(), v.bot.Now().Add(time.Second))
	if err != nil {
		v.bot.Log.Error("silence not kept", "platform", m.Platform, "err", err)
	}
	if began {
		v.lang = firstLang(v.conv.Lang, v.bot.understand(m, v.conv, v.mind).Lang, m.Lang, "en")
		yield(v.private("quiet.stop"))
	}
}

// private is a sentence for the person alone.
func (v *view) private(key string, pairs ...string) Answer {
	a := v.answer(Paragraph{Spans(T(v.say(key, pairs...)))})
	a.Private = true
	return a
}
