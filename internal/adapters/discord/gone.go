package discord

import (
	"context"
)

// Places go while an answer is made: a thread is archived or locked, a message
// or channel removed, the bot no longer let in. What can be put right is, the
// rest ends quietly: nobody is there to be told, and nothing is posted twice.

// reopening makes a change in a channel. An archived thread takes none
// (docs.discord.com/developers/topics/threads; only a new message opens it):
// with last it is opened again and the change is made once more. A state that
// another one follows does not open what somebody has just closed.
func (a *Adapter) reopening(ctx context.Context, channelID string, last bool, do func() error) error {
	err := do()
	if !isCode(err, codeArchived) || !last {
		return err
	}
	opened := a.rest.do(ctx, call{
		method: "PATCH", path: "/channels/" + channelID, route: "PATCH/" + channelID + "/thread",
		body: map[string]bool{"archived": false}, again: true,
	})
	if opened != nil {
		a.log.Info("an archived thread was not opened again", "error", opened.Error())
		return err
	}
	return do()
}

// closed says that a message can no longer be changed, for good: it or its
// channel is gone, its thread is locked, or the bot is not let in any more.
func closed(err error) bool {
	return isCode(err, codeUnknownMessage, codeUnknownChannel, codeMissingAccess, codeArchived, codeLocked)
}

// unchanged looks at why a message was not edited. What is gone or closed is
// an answer, too: it stays as it is.
func (a *Adapter) unchanged(err error, last bool) error {
	if !closed(err) {
		return err
	}
	if last && !isCode(err, codeUnknownMessage, codeUnknownChannel) {
		a.log.Info("an answer stays unfinished where it stands", "error", err.Error())
	}
	return nil
}
