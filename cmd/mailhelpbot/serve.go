package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// How long the database remembers. Platforms repeat a delivery for minutes at
// most (Slack: three times within about five minutes); a thread that was quiet
// for a month is a new one.
const (
	keepConversations = 30 * 24 * time.Hour
	keepAnswered      = 7 * 24 * time.Hour
	pruneEvery        = 24 * time.Hour
)

// platform is one chat platform as serve runs it.
type platform struct {
	adapter bot.Adapter
	routes  map[string]http.Handler // what it takes over HTTP, by pattern
	ready   func() error

	lastEvent func() time.Time      // when something last came; zero before the first
	shards    func() discord.Shards // nil where there is no such thing
	backlog   *bot.Backlog
}

// runServe connects the chat platforms that are configured and serves until a
// signal or until one of them is lost for good.
func runServe(ctx context.Context, in *invocation) error {
	if err := in.parse(); err != nil {
		return err
	}
	if !in.env.servesPlatform() {
		return usagef("no chat platform is configured. Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or DISCORD_TOKEN")
	}
	if err := noCore(); err != nil {
		return fmt.Errorf("core files cannot be switched off: %w", err)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if err := in.awaitServer(ctx); err != nil {
		return err
	}
	a, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.store.Serve(); err != nil {
		return usagef("%v. Stop it first, or name another database with --db or MAILHELPBOT_DB", err)
	}
	platforms, leave, err := in.connect(ctx, a)
	if err != nil {
		return err
	}
	defer leave()
	site := in.loginSite(a)
	g, gctx := errgroup.WithContext(ctx)
	go bot.Fenced(a.log, func() {
		a.bot.Warm()
		a.settle(gctx)
	})
	for _, p := range platforms {
		g.Go(func() error {
			a.log.Info("connecting", "platform", p.adapter.Name())
			if err := p.adapter.Run(gctx, a.bot.Handle); err != nil {
				// A platform is lost for good only where a token or an intent is wrong.
				return fmt.Errorf("%w: %s: %w", errUsage, p.adapter.Name(), err)
			}
			return nil
		})
	}
	if in.env.HTTP != "" {
		g.Go(func() error { return a.listen(gctx, in.env.HTTP, platforms, site) })
	}
	for _, work := range in.background(a) {
		g.Go(func() error { a.keepUp(gctx, work); return nil })
	}
	err = g.Wait()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil
	}
	a.log.Info("stopped")
	return err
}

// connect makes the platforms and tells the bot of what a service has besides.
// The caller ends with leave.
func (in *invocation) connect(ctx context.Context, a *app) (_ []platform, leave func(), err error) {
	a.metrics = newMetrics()
	a.bot.Observer, a.bot.Pseudonyms = a.metrics, a.pseudonyms(ctx)
	quotas, err := a.store.Quotas(in.env.SlackBotToken + "\x00" + in.env.DiscordToken)
	if err != nil {
		return nil, nil, err
	}
	a.bot.Rates, a.bot.Prober.Logins = quotas, quotas
	boxes, err := a.join(ctx)
	if err != nil {
		return nil, nil, err
	}
	a.boxes = boxes
	platforms, err := in.platforms(a, boxes)
	if err != nil {
		boxes.leave()
		return nil, nil, err
	}
	a.bot.Incidents = &bot.Incidents{Memory: a.store}
	a.metrics.watchApp(a)
	a.bot.Posters, a.bot.People = map[string]bot.Poster{}, map[string]bot.Directory{}
	for _, p := range platforms {
		a.metrics.watchPlatform(p, time.Now)
		if out, ok := p.adapter.(bot.Poster); ok {
			a.bot.Posters[p.adapter.Name()] = out
		}
		if people, ok := p.adapter.(bot.Directory); ok {
			a.bot.People[p.adapter.Name()] = people
		}
	}
	if in.env.Watch > 0 {
		a.bot.Watchlist = &bot.Watchlist{Memory: a.store, Every: in.env.Watch}
	}
	return platforms, boxes.leave, nil
}

// background is what runs beside the platforms until the service ends.
func (in *invocation) background(a *app) []func(context.Context) {
	all := []func(context.Context){a.prune, a.bot.Run, a.bot.WatchIncidents}
	if a.store.Shared() {
		all = append(all, a.followOthers)
	}
	if a.bot.Watchlist != nil {
		all = append(all, a.bot.RunWatchlist)
	}
	if in.env.Knowledge != "" {
		all = append(all, func(ctx context.Context) { in.watchKnowledge(ctx, a) })
	}
	return all
}

// restAfter is the pause before work in the background that panicked begins anew.
const restAfter = time.Minute

// keepUp does work that goes on until ctx ends, and begins it anew when it
// broke off.
func (a *app) keepUp(ctx context.Context, work func(context.Context)) {
	for !bot.Fenced(a.log, func() { work(ctx) }) {
		select {
		case <-time.After(restAfter):
		case <-ctx.Done():
			return
		}
	}
}

func (in *invocation) platforms(a *app, boxes *inboxes) ([]platform, error) {
	surface := bot.Surface{Handle: a.bot.Handle, Suggest: a.bot.Suggest, Form: a.bot.Form, Commands: bot.Commands(), Observer: a.bot.Observer}
	var out []platform
	if in.env.SlackBotToken != "" {
		p, err := in.slackPlatform(a, boxes, surface)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	if in.env.DiscordToken != "" {
		inbox, err := boxes.open("discord", in.env.DiscordToken)
		if err != nil {
			return nil, err
		}
		ad, err := discord.New(discord.Config{
			Inbox: inbox, Agree: boxes.agree(),
			Token: in.env.DiscordToken, PublicKey: in.env.DiscordPublicKey,
			APIURL: in.env.DiscordAPIURL, Surface: surface, Memory: a.store, Log: a.log,
			Listen: func(ctx context.Context) (bool, error) { return a.bot.Overhears(ctx, "discord") },
		})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		out = append(out, platform{
			adapter: ad, routes: map[string]http.Handler{"/discord/interactions": ad.Interactions()},
			ready: ad.Health, lastEvent: ad.LastEvent, shards: ad.Shards, backlog: ad.Backlog(),
		})
	}
	return out, nil
}

func (in *invocation) slackAdapter(surface bot.Surface, inbox bot.Inbox, log *slog.Logger) (*slack.Adapter, error) {
	if in.env.SlackAppToken == "" && (in.env.SlackSigningSecret == "" || in.env.HTTP == "") {
		return nil, usagef("SLACK_APP_TOKEN is missing. It begins with xapp- and is made under “Basic Information → App-Level Tokens” with the scope connections:write. Without it set SLACK_SIGNING_SECRET and MAILHELPBOT_HTTP")
	}
	ad, err := slack.New(slack.Config{
		BotToken: in.env.SlackBotToken, AppToken: in.env.SlackAppToken, SigningSecret: in.env.SlackSigningSecret,
		APIURL: in.env.SlackAPIURL, Inbox: inbox, Surface: surface, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return ad, nil
}

func (in *invocation) slackPlatform(a *app, boxes *inboxes, surface bot.Surface) (platform, error) {
	inbox, err := boxes.open("slack", in.env.SlackBotToken)
	if err != nil {
		return platform{}, err
	}
	ad, err := in.slackAdapter(surface, inbox, a.log)
	if err != nil {
		return platform{}, err
	}
	ready := func() error {
		if !ad.Status().Ready {
			return errors.New("slack: not connected")
		}
		return nil
	}
	return platform{
		adapter: ad, routes: map[string]http.Handler{"/slack/": ad.Handler()},
		ready: ready, lastEvent: func() time.Time { return ad.Status().LastEvent }, backlog: ad.Backlog(),
	}, nil
}

// pseudonyms are the names of people in the log. Without a key that is kept
// they hold until the next start.
func (a *app) pseudonyms(ctx context.Context) bot.Pseudonyms {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails, says crypto/rand
	key, err := a.store.Secret(ctx, "pseudonyms", fresh)
	if err != nil {
		a.log.Warn("key of the pseudonyms not kept", "err", err)
		key = fresh
	}
	return bot.NewPseudonyms(key)
}

// hearsayEvery is how often is looked for what other processes were taught, in
// case that their word does not arrive.
const hearsayEvery = 30 * time.Second

// followOthers takes in what agents teach other processes.
func (a *app) followOthers(ctx context.Context) {
	a.store.Changes(ctx, hearsayEvery, func() {
		if err := a.bot.Refresh(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("taught articles not read", "err", err)
		}
	})
}

// prune forgets what is past its time, at once and then daily.
func (a *app) prune(ctx context.Context) {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		now := time.Now()
		if n, err := a.store.Prune(ctx, now.Add(-keepConversations), now.Add(-keepAnswered)); err != nil {
			a.log.Error("old records not removed", "err", err)
		} else if n > 0 {
			a.log.Info("old records removed", "rows", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
