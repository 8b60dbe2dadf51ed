package bot

import (
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// HoldAgainst is the answer to a report code whose servers were probed from here.
func HoldAgainst(book *knowledge.Book, lang Lang, now time.Time, s diagnose.Sight, r *diagnose.Report) Answer {
	v := &view{bot: &Bot{Now: func() time.Time { return now }}, book: book, lang: lang, sight: &s}
	return v.reportAnswer(v.queryOf(s), diagnose.Target{}, r)
}
