package slack

import (
	"regexp"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// markup is what Slack writes between < and > in a message:
// docs.slack.dev/messaging/formatting-message-text.
var markup = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plain turns a message of Slack's into what the person typed: mentions of the
// bot go, links become their address, entities their character.
func plain(text, self string) string {
	text = markup.ReplaceAllStringFunc(text, func(m string) string {
		g := markup.FindStringSubmatch(m)
		return unmark(g[1], g[2], self)
	})
	return strings.TrimSpace(unescaper.Replace(text))
}

// unmark is what stands for <target|label>.
func unmark(target, label, self string) string {
	switch {
	case target == "@"+self:
		return " "
	case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"):
		if label != "" {
			return target[:1] + strings.TrimPrefix(label, target[:1])
		}
		return target
	case strings.HasPrefix(target, "!"):
		if label != "" {
			return label
		}
		return "@" + strings.TrimPrefix(target, "!")
	case strings.HasPrefix(target, "mailto:"):
		return strings.TrimPrefix(target, "mailto:")
	case strings.HasPrefix(target, "tel:") && label != "":
		return label
	case label == "" || strings.Contains(target, label):
		if label != "" && !strings.Contains(target, "/archives/") {
			return label // Slack made a link of what was typed
		}
		return target
	}
	return label + " " + target
}

// mentions says that a message names the bot.
func mentions(text, self string) bool {
	return strings.Contains(text, "<@"+self+">") || strings.Contains(text, "<@"+self+"|")
}

// idMarkup is a mention of a channel or a user group as Slack writes it where a
// command asks for escaping (should_escape).
var idMarkup = regexp.MustCompile(`<(?:#([CG][A-Z0-9]{2,20})|!subteam\^(S[A-Z0-9]{2,20}))(?:\|[^<>]*)?>`)

// readCommand reads a slash command, with the ids of what its arguments mention.
func readCommand(p commandPayload, me identity) *bot.Command {
	c := &bot.Command{Name: strings.TrimPrefix(p.Command, "/"), Args: plain(p.Text, me.user)}
	for _, g := range idMarkup.FindAllStringSubmatch(p.Text, -1) {
		if g[1] != "" {
			c.Channels = append(c.Channels, g[1])
		} else {
			c.Roles = append(c.Roles, g[2])
		}
	}
	return c
}

// location is a place in the workspace.
type location struct{ channel, thread string }

var permalink = regexp.MustCompile(`https://[a-zA-Z0-9-]+(?:\.enterprise)?\.slack(?:-gov)?\.com/archives/([A-Z0-9]{3,20})/p(\d{10})(\d{6})(\?[^\s>]*)?`)

var threadParam = regexp.MustCompile(`[?&]thread_ts=(\d{10}\.\d{6})`)

// cutPermalink takes the address of a message or thread ("Copy link") out of
// the arguments of a command. The place is the thread that the message is in,
// or that it starts.
func cutPermalink(args string) (rest string, at location, ok bool) {
	g := permalink.FindStringSubmatchIndex(args)
	if g == nil {
		return args, location{}, false
	}
	at = location{channel: args[g[2]:g[3]], thread: args[g[4]:g[5]] + "." + args[g[6]:g[7]]}
	if g[8] >= 0 {
		if t := threadParam.FindStringSubmatch(args[g[8]:g[9]]); t != nil {
			at.thread = t[1]
		}
	}
	return strings.Join(strings.Fields(args[:g[0]]+" "+args[g[1]:]), " "), at, true
}
