package slack

import (
	"context"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// localeTime is how long an answer waits to learn the asker's language.
const localeTime = 2 * time.Second

// language is what Slack says about a person's language: "de", "en", or ""
// when it says nothing or another one. The answer is kept for an hour; a
// failure counts as no answer.
func (a *Adapter) language(ctx context.Context, user string) bot.Lang {
	if l, ok := a.locales.get(user, a.cfg.Now()); ok {
		return bot.Lang(l)
	}
	ctx, cancel := context.WithTimeout(ctx, localeTime)
	defer cancel()
	lang := bot.Lang("")
	if u, err := a.api.GetUserInfoContext(ctx, user); err == nil {
		lang = localeLang(u.Locale)
	} else {
		a.log.Debug("language unknown", "code", errorCode(err))
	}
	a.locales.put(user, string(lang), a.cfg.Now())
	return lang
}

func localeLang(locale string) bot.Lang {
	l, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	switch l = strings.ToLower(l); l {
	case "de", "en":
		return bot.Lang(l)
	}
	return ""
}
