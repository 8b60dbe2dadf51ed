package main

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// platformPatience is how long a platform may take to answer all questions.
const platformPatience = 20 * time.Second

func trimUsage(err error) string {
	return strings.TrimPrefix(err.Error(), errUsage.Error()+": ")
}

// checkSlack tries both tokens and compares the scopes.
func checkSlack(ctx context.Context, d *doctor) []finding {
	if d.in.env.SlackBotToken == "" || d.faulty("SLACK_APP_TOKEN") {
		return nil // nothing is set, or the settings have told what is wrong
	}
	ad, err := d.in.slackAdapter(bot.Surface{Commands: bot.Commands()}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return []finding{d.bad(failure, "slack", "refused", "why", trimUsage(err))}
	}
	ctx, cancel := context.WithTimeout(ctx, platformPatience)
	defer cancel()
	c, err := ad.Check(ctx)
	if c.Dated {
		d.ahead, d.dated = c.Ahead, true
	}
	var out []finding
	if err != nil {
		out = append(out, d.bad(failure, "slack", "refused", "why", err.Error()))
	}
	if len(c.Missing) > 0 {
		out = append(out, d.bad(failure, "slack", "scopes", "list", strings.Join(c.Missing, ", ")))
	}
	if len(out) == 0 {
		out = append(out, d.ok("slack.in", "bot", c.Bot, "team", c.Team))
	}
	return out
}

// checkDiscord tries the token and compares intents, keys and permissions.
func checkDiscord(ctx context.Context, d *doctor) []finding {
	if d.in.env.DiscordToken == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, platformPatience)
	defer cancel()
	cfg := discord.Config{
		Token: d.in.env.DiscordToken, PublicKey: d.in.env.DiscordPublicKey, APIURL: d.in.env.DiscordAPIURL,
		Surface: bot.Surface{Commands: bot.Commands()}, Log: slog.New(slog.DiscardHandler),
	}
	if st, err := store.Open(ctx, d.in.env.DB, d.now()); err == nil { // what is wrong with it, the database check has said
		defer st.Close()
		cfg.Memory = st
		if st.Shared() {
			cfg.Agree = st.Agree
		}
	}
	ad, err := discord.New(cfg)
	if err != nil {
		return []finding{d.bad(failure, "discord", "refused", "why", err.Error())}
	}
	c, err := ad.Check(ctx)
	if ahead, ok := ad.Skew(); ok {
		d.ahead, d.dated = ahead, true
	}
	if err != nil {
		return []finding{d.bad(failure, "discord", "refused", "why", err.Error())}
	}
	out := append(d.judgeDiscord(c), d.judgeShards(ctx, ad, c)...)
	if len(out) == 0 || out[0].level != failure {
		out = append([]finding{d.ok("discord.in", "bot", c.Bot, "guilds", strconv.Itoa(c.Guilds))}, out...)
	}
	return out
}

// judgeShards tells of the shards as the processes that run have left them.
func (d *doctor) judgeShards(ctx context.Context, ad *discord.Adapter, c discord.Checked) []finding {
	s, err := ad.Others(ctx)
	switch {
	case err != nil || s.Processes == 0:
		return []finding{d.ok("shards", "wanted", strconv.Itoa(c.Shards), "left", strconv.Itoa(c.Sessions))}
	case s.Away > 0:
		return []finding{d.bad(warning, "shards.run", "away", "count", strconv.Itoa(s.Count), "processes", strconv.Itoa(s.Processes),
			"left", strconv.Itoa(c.Sessions), "away", strconv.Itoa(s.Away))}
	}
	return []finding{d.ok("shards.run", "count", strconv.Itoa(s.Count), "processes", strconv.Itoa(s.Processes), "left", strconv.Itoa(c.Sessions))}
}

// fewSessions of the thousand a day are left: the bot, or another process with
// the same token, begins sessions over and over.
const fewSessions = 50

func (d *doctor) judgeDiscord(c discord.Checked) (out []finding) {
	if c.WrongKey {
		out = append(out, d.bad(failure, "discord", "key"))
	}
	if c.Endpoint != "" && d.in.env.DiscordPublicKey == "" {
		out = append(out, d.bad(failure, "discord", "endpoint", "url", c.Endpoint))
	}
	if c.Sessions < max(fewSessions, 2*c.Shards) {
		out = append(out, d.bad(failure, "discord", "sessions", "left", strconv.Itoa(c.Sessions)))
	}
	for _, l := range c.Lacking {
		if l.Channel == "" {
			out = append(out, d.bad(failure, "discord", "server", "guild", l.Guild, "list", l.Permissions))
		} else {
			out = append(out, d.bad(warning, "discord", "channel", "guild", l.Guild, "channel", l.Channel, "list", l.Permissions))
		}
	}
	if c.Guilds == 0 {
		out = append(out, d.bad(warning, "discord", "alone", "link", discord.InviteURL(c.AppID)))
	}
	if !c.Content {
		out = append(out, d.bad(warning, "discord", "content"))
	}
	return out
}

// checkNoPlatform says what is used when nothing is configured.
func checkNoPlatform(_ context.Context, d *doctor) []finding {
	if d.in.env.servesPlatform() || len(d.in.faults) > 0 {
		return nil
	}
	return []finding{d.ok("terminal")}
}
