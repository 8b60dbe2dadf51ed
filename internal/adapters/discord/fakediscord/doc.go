// Package fakediscord is a Discord for tests: it speaks the REST API, the
// gateway and HTTP interactions on loopback, so that a bot's real client
// library connects to it, and lets the test act as the people on the server.
//
//	discord := fakediscord.New(fakediscord.Options{})
//	defer discord.Close()
//	guild := discord.AddGuild("Support", "de")
//	channel := discord.AddChannel(guild, "mail")
//	anna := discord.AddUser("anna", "de")
//	// start the bot with discord.URL and discord.Token
//	call := discord.Slash(anna, channel, "settings", fakediscord.Opt("provider", "gmx"))
//	discord.Await(ctx, func() bool { return call.Answered() })
//	fmt.Println(call.Message().Content)
//
// # What is faithful
//
// REST, at /api and /api/v9, /api/v10 (rest.go): bot token, error codes and
// bodies as Discord words them, rate-limit buckets with their headers, 429 for
// a bucket and for all, limits on content, embeds, components and nonces with
// error 50035, enforce_nonce, permissions for each channel with 50013 and
// 50001, threads, forum posts, direct messages, application commands with
// their limits.
//
// Gateway (gateway.go): HELLO, IDENTIFY, heartbeats, READY, GUILD_CREATE,
// RESUME with replay, INVALID SESSION, RECONNECT, the close codes 4001 to
// 4014, intents, and the rule which messages carry content without the
// message-content intent. Sharding (shards.go): which guild belongs to which
// shard, direct messages on shard 0, 4010 and 4011, the day's allowance of
// IDENTIFYs with the token reset at its end, and five seconds between two of
// one rate-limit key. Voice, presence and compression are left out.
//
// Interactions (interactions.go): slash commands, autocomplete, context menus,
// buttons and modals, over the gateway or as signed HTTP requests; responses 1
// and 4 to 9; the first response within three seconds, the token for fifteen
// minutes; ephemeral messages; the first follow-up that fills a deferred response.
//
// Time is read from [Options.Clock], which a test can hold ([Clock]), so that
// nothing has to sleep. [Server.Await] waits for a state to come about.
// Faults are ordered with [Server.Fail], [Server.Deny], [Server.Drop],
// [Server.CloseGateway], [Server.AskReconnect] and [Server.InvalidateSessions].
//
// What a message would have pinged is worked out from its text and its
// allowed_mentions as Discord does, and kept in [Message.Pings].
//
// For load, [Options.Quiet] keeps nothing of what has passed, and
// [Options.Slow] makes posting slow.
//
// Sources: discord.com/developers/docs, read 2026-11. A Server is safe for
// concurrent use. It is no sandbox: it listens on loopback only.
package fakediscord
