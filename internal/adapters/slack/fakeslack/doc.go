// Package fakeslack is a Slack workspace on loopback, for testing Slack apps
// with their real client library and no account.
//
//	s, err := fakeslack.Start(fakeslack.Options{})
//	defer s.Close()
//	s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
//	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
//	// Point the app at s.APIURL() with s.BotToken() and s.AppToken(), then:
//	said := s.Say("U1", "C1", "", fakeslack.Mention()+" hello")
//	err = said.Deliveries[0].Wait(ctx)
//	posts := s.Posts("C1")
//
// The app speaks to it as to Slack: the Web API under [Server.APIURL], Socket
// Mode (apps.connections.open and the web socket), or signed HTTP requests
// after [Server.PushTo]. slack-go, @slack/bolt and @slack/socket-mode run
// against it unchanged.
//
// The test plays the people: [Server.Say], Edit, Delete, Slash, Press,
// Shortcut, Submit, OpenHome; [Server.Deliver], Redeliver and SendRaw send what
// people cannot. It then looks at what the app did: [Server.Posts], Views,
// Calls, the [Delivery] of each event, and [Server.Transcript], a text that
// people can read and a test can compare.
//
// # What is enforced
//
// Tokens and their kind, scopes (missing_scope with needed and provided),
// membership, archived channels, existing threads, own messages only for
// chat.update and chat.delete; Block Kit's kinds, limits and unique ids with
// Slack's words and JSON pointers ([CheckBlocks]); a view's limits; trigger ids
// for three seconds and once; a response_url for thirty minutes and five
// times; three seconds to acknowledge, and an event's three repetitions (at
// once, after a minute, after five); ten sockets, one ticket for each; answers
// through a socket below 20 KB; with Options.Rates the tiers of the Web API.
// What is sent while no socket is open is lost ([Server.Lost]), as with Slack.
//
// # Time
//
// All of this runs on a [Clock] that stands still until the test moves it. An
// app that takes its time from the same clock has no waits in its tests.
//
// # Faults
//
// [Server.Fail] makes calls of a method fail: an error, a status such as 429 or
// 502, a broken connection, before or after the call took effect.
// [Server.Disconnect] and [Server.Drop] end sockets politely or not.
//
// # What is missing
//
// One workspace and one app; no OAuth, search, canvases,
// streaming, workflow steps; no history paging beyond a limit; message text
// is not formatted. What Slack does with unknown arguments (nothing) is the
// same here.
package fakeslack
