package slack

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// maxReport bounds the file with what did not fit into a message.
const maxReport = 1 << 20

// report is the whole Answer as plain text.
func report(a bot.Answer) string {
	var b strings.Builder
	for _, blk := range a.Blocks {
		for _, l := range twinBlock(blk, a.Lang) {
			if b.Len()+len(l) > maxReport {
				b.WriteString(marker + "\n")
				return b.String()
			}
			b.WriteString(l)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// attach puts the whole text of an Answer that was cut into the thread, as a
// file. Without the permission for it the cut message has to do.
func (d *delivery) attach(ctx context.Context, ans bot.Answer) {
	thread := d.to.thread
	if thread == "" && !d.to.direct {
		thread = d.ts
	}
	text := report(ans)
	_, err := d.a.api.UploadFileContext(ctx, slack.UploadFileParameters{
		Content: text, FileSize: len(text), Filename: "mailhelp.txt", Title: headline(ans),
		Channel: d.to.channel, ThreadTimestamp: thread,
	})
	if err != nil {
		d.a.log.Warn("full report not attached", "code", errorCode(err))
	}
}
