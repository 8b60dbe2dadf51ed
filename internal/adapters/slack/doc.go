// Package slack connects the bot to a Slack workspace.
//
// A tour: [New] checks the [Config], Run tests the token, opens the Socket Mode
// connections (socket.go) and answers until its context ends; Handler (http.go)
// takes the same payloads as signed HTTP requests instead. Both hand each
// envelope to receive (inbound.go), which reads it leniently (payload.go),
// drops what is known (recent.go) and queues the rest (pool.go); only then is
// it acknowledged, within milliseconds whatever the workers do.
//
// A worker (answer.go) completes the message by its thread and the asker's
// language (locale.go), hands it to the bot and shows what the bot yields
// (delivery.go): one post, then edits of it, at most one a second, the last
// state always. [Render] (render.go, richtext.go, twin.go, clean.go) turns an
// Answer into Block Kit without letting any text come alive.
//
// # Where an answer goes
//
// Into the thread of the message, or the one that the message starts; in a
// direct conversation beside the question, unless that stood in a thread. A
// button's answer goes into the thread of its message. Slack offers slash
// commands only at the root of a channel: /test posts one public line there
// and the detail in the thread under it (parent.go), or in the thread whose
// link ("Copy link") is among its arguments; other commands post one message.
// A message shortcut opens a modal (modal.go) and answers in that message's
// thread. Where the bot is no member, the asker alone gets the answer through
// the command's response_url, with the way to invite the bot.
//
// A question that is edited within five minutes has its answer edited; one that
// is deleted has it taken back (follow.go). Both are told to the bot also where
// it has not answered, since it may be about to; so is a person's reply in a
// thread that the bot takes no part in.
//
// Buttons that ask for something and the menu entry "save as answer" open a
// modal (form.go); when Slack no longer opens one, the action goes on without.
// Who may administer the bot is asked of Slack (people.go), and what the bot
// says unasked goes through Post (announce.go), which alone mentions anybody.
//
// # What is never done twice
//
// Events that Slack repeats, the two events of one mention, and messages that
// come back under another id are answered once. A post whose outcome is
// unknown (broken connection, 5xx) is not repeated; it is looked for by its
// metadata. Only 429 is waited out. An edit may be repeated: it changes nothing.
//
// # What slack-go does not do
//
// Its retry handlers repeat POSTs after broken connections: they are off. What
// it cannot decode it leaves unacknowledged: socket.go acknowledges it. It
// closes a connection before it opens the next one: there are at least two,
// opened a minute apart. It reconnects at once however often Slack refuses:
// keepSocket pauses. Its debug output prints messages and tokens: it is off
// and goes nowhere.
package slack
