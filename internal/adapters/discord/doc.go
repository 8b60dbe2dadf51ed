// Package discord is the bot on Discord: it receives, renders, and posts or
// edits; what is said comes from package bot. [New] makes an [Adapter],
// [Adapter.Run] connects it.
//
// # What comes in
//
// keeper.go runs the shards of the gateway that are this process's: board.go is
// what all processes agree on about them, starts.go and permits.go when a
// session may be begun, shard.go one of them. gateway.go keeps the session of
// a shard: it is discordgo's, over a connection that reads along (tap.go),
// because discordgo hides why a connection ended; trail.go follows it, so that
// another process can resume it. wishes.go are the intents. discord.go takes the events, messages.go and
// interaction.go make a bot.Message of them:
//
//	slash command, context menu   KindCommand
//	button, sent form             KindAction
//	direct message                KindDirect
//	mention, reply to the bot     KindMention
//	said in a thread of the bot   KindThread
//	overheard                     KindChannel, only with the message-content intent (listen.go)
//	said by people to each other  KindReply, not answered
//	removed                       KindDeleted, not answered
//
// questions.go follows what people do to a message that was answered: an edit
// within five minutes changes the answer, a removal takes it back, also after
// a restart (memory.go).
//
// A conversation is a thread: Message.Channel is the channel or forum, Thread
// the thread's id. A mention in a text channel opens a thread, which has the
// id of the message that it is opened on.
//
// # What goes out
//
// render.go sets an Answer as a message, markup.go escapes every text in it,
// buttons.go keeps actions in custom ids. reply.go runs the handler and shows
// its answers, progress at most once a second; outlets.go are the two places
// where an answer can appear, and what happens when a token is too old, a
// thread cannot be opened, or an answer turns out to be private. rest.go makes
// the calls, and never one twice unless Discord can tell that it is the same.
// forms.go sets forms as modals, announce.go says what nobody asked for.
//
// limits.go lists what Discord allows. Package fakediscord is the Discord that
// the tests talk to.
package discord
