// Package discord is the bot on Discord: it receives, renders, and posts or
// edits; what is said comes from package bot.
//
// render.go sets an Answer as a message, markup.go escapes every text in it,
// buttons.go keeps actions in custom ids, and limits.go lists what Discord
// allows.
package discord
