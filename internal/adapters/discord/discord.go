package discord

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Config is what an Adapter needs. Token and Surface are required.
type Config struct {
	// Token is the bot's token from the developer portal, with or without "Bot " before it.
	Token string
	// PublicKey is the app's public key in hex. With it, Interactions serves
	// interactions over HTTP; messages still come over the gateway.
	PublicKey string
	// APIURL stands in the place of https://discord.com/; "" means that.
	APIURL string
	// Surface is the bot: its handler is used when Run gets none.
	Surface bot.Surface
	// Inbox keeps events until they are answered; nil is one in memory.
	Inbox bot.Inbox
	// Agree changes a value that all processes with this token share, one
	// process at a time: change gets it, nil when there is none, with the time
	// of a clock that is the same for all, and returns what it is to be; nil
	// leaves it. change may run more than once. A nil Agree is for a process
	// that is alone.
	Agree func(ctx context.Context, name string, change func(old []byte, now time.Time) []byte) error
	// Listen says whether a channel wants replies to what nobody addressed to
	// the bot. Only these need the message-content intent, so it is asked for
	// only as long as one does. nil means that none does.
	Listen func(context.Context) (bool, error)
	// Memory outlives a restart; nil means that nothing does.
	Memory Memory
	// Log gets no message texts and no tokens; nil means slog.Default().
	Log *slog.Logger
	// Now and After are the clock; nil means the real one.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
	// Workers is how many messages are answered at once; 0 means 64.
	Workers int
}

// Adapter connects the bot with Discord. It is made by New, and Run is called once.
type Adapter struct {
	cfg   Config
	key   ed25519.PublicKey
	api   *url.URL
	rest  *rest
	clock clock
	log   *slog.Logger
	watch bot.Observer

	wishes *wishes
	keeper *keeper
	agree  func(ctx context.Context, name string, change func(old []byte, now time.Time) []byte) error

	backlog bot.Backlog

	self   atomic.Pointer[identity]
	seen   *recent[struct{}]  // of what is not stored
	asked  *recent[*question] // messages that were answered lately, for edits and removals
	places *recent[channel]   // what is known of channels
	guilds *guilds
	spoken *recent[bot.Lang] // languages of people's clients, as far as their interactions told
	people standings

	unstored  *recent[struct{}] // interactions that are answered although they could not be stored
	overtaken *recent[string]   // messages that were removed (""), or that this person replied to

	work chan struct{} // a slot for each message that is being answered

	mu     sync.Mutex
	queued int // jobs that wait or run
	active *activity
	jobs   sync.WaitGroup
}

// activity is what a running adapter answers with. There is none before Run
// and when it drains.
type activity struct {
	handle bot.Handler
	life   context.Context // outlives Run's context by the drain
}

// identity is who the bot is; the app's id is learned from READY.
type identity struct{ user, app string }

// How much is remembered, and how much is taken on.
const (
	keepSeen   = 8192
	keepAsked  = 1024
	keepPlaces = 8192
	keepGuilds = 4096
	keepSpoken = 8192
	maxQueued  = 2000
)

// drainFor is how long answers under way may take after the bot was told to
// stop; lastWord is how long their end may take after that.
const (
	drainFor = 20 * time.Second
	lastWord = 4 * time.Second
)

// New checks a configuration and returns an Adapter that is not connected
// yet. Errors name the setting and the remedy, and never show a secret.
func New(cfg Config) (*Adapter, error) {
	cfg.Token = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(cfg.Token)+" ", "Bot "))
	if err := checkToken(cfg.Token); err != nil {
		return nil, err
	}
	api, err := url.Parse(cmp.Or(cfg.APIURL, discordgo.EndpointDiscord))
	if err != nil || api.Scheme != "https" && api.Scheme != "http" || api.Host == "" {
		return nil, fmt.Errorf("DISCORD_API_URL is no http address: %q. Leave it empty for Discord itself", cfg.APIURL)
	}
	api.Path, api.RawQuery = strings.TrimSuffix(api.Path, "/"), ""
	key, err := hex.DecodeString(strings.TrimSpace(cfg.PublicKey))
	if err != nil || len(key) != 0 && len(key) != ed25519.PublicKeySize {
		return nil, errors.New("DISCORD_PUBLIC_KEY is not a public key of 64 hex digits. Copy it from the developer portal (General Information, Public Key)")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Inbox == nil {
		cfg.Inbox = bot.NewMemoryInbox(cfg.Now)
	}
	c := clock{now: cfg.Now, after: cfg.After}
	if c.now == nil {
		c.now = time.Now
	}
	if c.after == nil {
		c.after = time.After
	}
	if cfg.Memory == nil {
		cfg.Memory = newProcess()
	}
	a := &Adapter{
		cfg: cfg, key: key, clock: c, log: cfg.Log.With("platform", platform), watch: cfg.Surface.Watch(),
		seen: newRecent[struct{}](keepSeen), asked: newRecent[*question](keepAsked),
		places: newRecent[channel](keepPlaces), guilds: newGuilds(keepGuilds), spoken: newRecent[bot.Lang](keepSpoken), overtaken: newRecent[string](keepAsked),
		unstored: newRecent[struct{}](keepAsked),
		work:     make(chan struct{}, cmp.Or(cfg.Workers, 64)),
		api:      api, wishes: newWishes(intents),
	}
	if a.agree = a.shared; cfg.Agree == nil {
		a.agree = (&single{a: a}).agree
	}
	a.self.Store(&identity{})
	a.rest = newREST(api, cfg.Token, c)
	a.rest.limited = func() { a.watch.Sent(platform, bot.DeliveryLimited) }
	a.keeper = newKeeper(a)
	return a, nil
}

// checkToken finds the usual mistakes; whether a token is right only Discord knows.
func checkToken(token string) error {
	const remedy = "Copy the bot's token from the developer portal (Bot, Reset Token)"
	switch {
	case token == "":
		return errors.New("DISCORD_TOKEN is empty. " + remedy)
	case strings.HasPrefix(token, "xoxb-"), strings.HasPrefix(token, "xapp-"):
		return errors.New("DISCORD_TOKEN holds a Slack token. " + remedy)
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("DISCORD_TOKEN holds blanks or other characters that no token has. " + remedy)
	}
	return nil
}

// intents are those that are always asked for; see Adapter.listen.
const intents = discordgo.IntentGuilds | discordgo.IntentGuildMessages | discordgo.IntentDirectMessages

// platform is the adapter's name, and that of its messages.
const platform = "discord"

// Name is "discord".
func (a *Adapter) Name() string { return platform }

// Run connects, registers the commands, and answers until ctx ends; then it
// waits up to 20 seconds for answers under way and returns nil. It returns an
// error when Discord will not have the bot: a wrong token, an intent that is
// not allowed. Everything else it outlives. A nil handler means that of the Surface.
func (a *Adapter) Run(ctx context.Context, h bot.Handler) error {
	if h == nil {
		h = a.cfg.Surface.Handle
	}
	if h == nil {
		return errors.New("discord: there is no handler")
	}
	ctx, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	a.rest.unauthorized = func(ctx context.Context) { a.checkToken(ctx, lose) }
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	a.setActive(&activity{h, life})
	defer a.setActive(nil)
	if err := a.login(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	a.listen(ctx)
	go a.keepListening(ctx)
	taking, stopTaking := context.WithCancel(ctx)
	defer stopTaking()
	var takers sync.WaitGroup
	takers.Go(func() { a.workOff(taking) })
	takers.Go(func() { bot.Fenced(a.log, func() { a.keepGuilds(taking) }) })
	err := a.keeper.run(ctx)
	var refused *closedError
	if errors.As(context.Cause(ctx), &refused) {
		err = refused
	}
	stopTaking()
	takers.Wait()
	a.setActive(nil)
	a.drain(stop)
	return err
}

// checkToken ends Run, by lose, when Discord does not take the token any more:
// one call that was refused is asked about once more.
func (a *Adapter) checkToken(ctx context.Context, lose context.CancelCauseFunc) {
	if err := a.rest.do(ctx, call{method: "GET", path: pathSelf}); isStatus(err, http.StatusUnauthorized) {
		lose(&closedError{4004})
	}
}

func (a *Adapter) setActive(act *activity) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.active = act
}

// login learns who the bot is. It keeps trying while Discord cannot be reached.
func (a *Adapter) login(ctx context.Context) error {
	for try := 0; ; try++ {
		var me user
		err := a.rest.do(ctx, call{method: "GET", path: pathSelf, out: &me})
		switch {
		case err == nil:
			a.self.Store(&identity{user: me.ID})
			return nil
		case isStatus(err, http.StatusUnauthorized), isStatus(err, http.StatusForbidden):
			return &closedError{4004}
		}
		a.log.Warn("discord cannot be reached; trying again", "error", err.Error())
		if err := a.clock.sleep(ctx, backoff(try+1)); err != nil {
			return err
		}
	}
}

// drain waits for the answers under way, then ends them.
func (a *Adapter) drain(stop context.CancelFunc) {
	done := make(chan struct{})
	go func() {
		a.jobs.Wait()
		close(done)
	}()
	for _, limit := range []time.Duration{drainFor, lastWord} {
		select {
		case <-done:
			return
		case <-a.clock.after(limit):
			stop() // the handler says that it was stopped, and that is still posted
		}
	}
}

// Backlog is what was taken in and waits to be answered.
func (a *Adapter) Backlog() *bot.Backlog { return &a.backlog }

// LastEvent is when something last came from the gateway, heartbeats
// included; the zero time before the first.
func (a *Adapter) LastEvent() time.Time { return a.keeper.lastEvent() }

// Health returns nil while the shards of the gateway that are this process's
// are connected and alive, and the others are other processes'; else why not.
func (a *Adapter) Health() error { return a.keeper.health(time.Now()) }

// Shards is the state of the gateway's shards, as far as this process knows it.
func (a *Adapter) Shards() Shards { return a.keeper.state() }

// Others reads the state of the shards as the processes that run have left it
// in the store, for one that is not connected itself.
func (a *Adapter) Others(ctx context.Context) (Shards, error) { return a.keeper.others(ctx) }

// event takes what the gateway sends, in order, and must not block.
func (a *Adapter) event(kind string, data json.RawMessage, done func()) {
	ar := arrival{kind: kind, data: data, done: done}
	switch kind {
	case kindInteraction:
		var in interaction
		if err := json.Unmarshal(data, &in); err != nil {
			a.watch.Received(platform, bot.ReceiptGarbled)
			a.log.Warn("an interaction that is not understood")
			break
		}
		in.raw = data
		a.goJob(func(act activity) {
			defer done()
			a.interaction(act, in, a.callback(in))
		})
		return
	case kindMessage, kindEdit, "MESSAGE_DELETE":
		var m message
		if err := json.Unmarshal(data, &m); err != nil {
			a.watch.Received(platform, bot.ReceiptGarbled)
			a.log.Warn("a message that is not understood", "event", kind)
			break
		}
		a.message(m, ar)
		return
	default:
		a.notice(kind, data)
	}
	done()
}

// notice takes events of which no answer comes.
func (a *Adapter) notice(kind string, data json.RawMessage) {
	switch kind {
	case "READY":
		a.ready(data)
	case "GUILD_CREATE", "GUILD_UPDATE":
		var g struct {
			ID     string `json:"id"`
			Locale string `json:"preferred_locale"`
		}
		if json.Unmarshal(data, &g) == nil && g.Locale != "" {
			l := langOf(g.Locale)
			if l != "de" { // the default of those who never chose
				l = ""
			}
			a.guilds.learn(g.ID, l)
		}
	case "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE", "CHANNEL_DELETE", "THREAD_DELETE":
		var c channel
		if json.Unmarshal(data, &c) == nil {
			a.places.drop(c.ID)
		}
	case "MESSAGE_DELETE_BULK":
		var m struct {
			IDs     []string `json:"ids"`
			Channel string   `json:"channel_id"`
			Guild   string   `json:"guild_id"`
		}
		if json.Unmarshal(data, &m) == nil {
			for _, id := range m.IDs {
				a.message(message{ID: id, ChannelID: m.Channel, GuildID: m.Guild}, arrival{kind: "MESSAGE_DELETE", done: func() {}})
			}
		}
	}
}

// ready learns the app's id and registers the commands.
func (a *Adapter) ready(data json.RawMessage) {
	var r struct {
		User        user `json:"user"`
		Application struct {
			ID string `json:"id"`
		} `json:"application"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return
	}
	a.know(r.User.ID, cmp.Or(r.Application.ID, r.User.ID, a.self.Load().user))
}

// know notes the ids of the bot and of the app, and registers the commands when
// the app's is new.
func (a *Adapter) know(user, app string) {
	for {
		was := a.self.Load()
		now := &identity{user: cmp.Or(user, was.user), app: cmp.Or(app, was.app)}
		if !a.self.CompareAndSwap(was, now) {
			continue
		}
		if was.app != now.app {
			a.goJob(func(act activity) { a.register(act.life, now.app) })
		}
		return
	}
}

// register sets the app's commands, all at once.
func (a *Adapter) register(ctx context.Context, app string) {
	list := commandList(a.cfg.Surface.Commands)
	err := a.rest.do(ctx, call{method: "PUT", path: "/applications/" + app + "/commands", route: "PUT/commands", body: list, again: true})
	if err != nil {
		a.log.Error("the slash commands were not registered; those of the last start remain", "error", err.Error())
		return
	}
	a.log.Info("discord is ready", "commands", len(list))
}

// goJob runs f apart from the gateway's reader, and Run waits for it. It does
// nothing and returns false when the adapter is not running or has too much to do.
func (a *Adapter) goJob(f func(activity)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.active == nil {
		return false
	}
	if a.queued >= maxQueued {
		a.watch.Received(platform, bot.ReceiptRefused)
		a.log.Error("too much at once; an event was dropped", "limit", maxQueued)
		return false
	}
	a.queued++
	act := *a.active
	a.jobs.Go(func() {
		defer func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.queued--
		}()
		bot.Fenced(a.log, func() { f(act) })
	})
	return true
}
