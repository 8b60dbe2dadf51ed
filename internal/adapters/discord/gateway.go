package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"golang.org/x/time/rate"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// gateway keeps one session at Discord's gateway: it resumes after a loss,
// starts anew when the session is gone, and gives up on the codes that will
// not go away.
type gateway struct {
	api    *url.URL
	token  string
	rest   *rest
	clock  clock
	log    *slog.Logger
	events func(kind string, data json.RawMessage, done func()) // called in order; must not block; done when the event is safe
	trail  trail
	budget *rate.Limiter
	last   atomic.Int64 // when something last came in, in Unix nanoseconds
	up     atomic.Bool
	ready  atomic.Bool // the session got READY and can be resumed

	identified time.Time // when the last session was begun

	mu      sync.Mutex
	intents discordgo.Intent
	refused bool // Discord does not allow the message-content intent
	renewed bool // the session has other intents than the adapter wants
	open    *tap
	changed chan struct{} // closed when any of these changes
}

// Of 1000 IDENTIFYs a day (discord.com/developers/docs/events/gateway#session-start-limit)
// this spends at most 20 at once and 720 in a day.
const (
	identifyBurst = 20
	identifyEvery = 2 * time.Minute
)

// identifyPause is the least time between two (max_concurrency 1, ibid.).
const identifyPause = 5 * time.Second

// minIdentifies of the day's allowance are left to whoever else uses the token.
const minIdentifies = 10

func newGateway(api *url.URL, token string, intents discordgo.Intent, r *rest, c clock, log *slog.Logger, events func(string, json.RawMessage, func())) *gateway {
	return &gateway{
		api: api, token: token, intents: intents, rest: r, clock: c, log: log, events: events,
		budget:  rate.NewLimiter(rate.Every(identifyEvery), identifyBurst),
		changed: make(chan struct{}),
	}
}

// fatal are the close codes after which coming again is of no use
// (discord.com/developers/docs/topics/opcodes-and-status-codes#gateway).
var fatal = map[int]string{
	4004: "Discord refuses the bot token. Copy a new one from the developer portal (Bot, Reset Token) into DISCORD_TOKEN",
	4010: "Discord refuses the shard number",
	4011: "Discord demands sharding, because the bot is in too many servers for one connection",
	4012: "Discord no longer speaks this version of the gateway; a newer release of the bot is needed",
	4013: "Discord does not know the intents asked for",
	4014: "Discord refuses the intents asked for",
}

// disallowedIntents is the close code for a privileged intent that is not
// switched on or not approved.
const disallowedIntents = 4014

// contentRefused is what the operator reads then; the bot goes on without.
const contentRefused = "Discord refuses the message-content intent (gateway close code 4014); going on without it, so only unprompted replies are missing. " +
	"To have them, switch \"Message Content Intent\" on in the developer portal (Bot, Privileged Gateway Intents) and the replies on again with /mailhelp auto"

// listen asks for the message-content intent from now on, or no longer. A
// session under way is ended and begun anew, as intents are settled with it.
// It says whether Discord allows the intent, as far as is known.
func (g *gateway) listen(on bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	want := g.intents &^ discordgo.IntentMessageContent
	if on && !g.refused {
		want |= discordgo.IntentMessageContent
	}
	if want != g.intents {
		g.intents, g.renewed = want, true
		if g.open != nil {
			g.open.goodbye()
		}
	}
	return !g.refused
}

// forgive lets a refused intent be asked for once more.
func (g *gateway) forgive() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused = false
}

// wanted are the intents for the next session.
func (g *gateway) wanted() discordgo.Intent {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.renewed = false
	return g.intents
}

// intended are the intents for the next session, without settling them.
func (g *gateway) intended() discordgo.Intent {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.intents
}

// without gives the message-content intent up after Discord refused it, and
// says whether it was asked for: all but unprompted replies works without.
func (g *gateway) without() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	asked := g.intents&discordgo.IntentMessageContent != 0
	g.intents &^= discordgo.IntentMessageContent
	g.refused = g.refused || asked
	g.touch()
	return asked
}

// touch wakes those who wait for a change; g.mu is held.
func (g *gateway) touch() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// allowed waits for a session with the intents that are wanted and returns
// false when Discord refuses the message-content intent.
func (g *gateway) allowed(ctx context.Context) bool {
	for {
		g.mu.Lock()
		refused, settled, changed := g.refused, g.open != nil && !g.renewed, g.changed
		g.mu.Unlock()
		if refused || settled {
			return !refused
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return true // not known
		}
	}
}

// connected notes the connection that is open, nil for none, and says whether
// the session has the intents that are wanted.
func (g *gateway) connected(t *tap) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = t
	g.touch()
	return !g.renewed
}

// closedError is a close code for good.
type closedError struct{ code int }

func (e *closedError) Error() string {
	return fmt.Sprintf("%s (gateway close code %d)", fatal[e.code], e.code)
}

// run stays connected until ctx ends, and then returns nil.
func (g *gateway) run(ctx context.Context) error {
	defer g.up.Store(false)
	var s *discordgo.Session
	var current *tap
	failures := 0
	for ctx.Err() == nil {
		if s == nil {
			if g.trail.latest().Intents != int(g.intended()) {
				g.trail.lose()
			}
			if g.trail.latest().ID == "" {
				if err := g.mayIdentify(ctx); err != nil {
					break
				}
			}
			g.ready.Store(false)
			s = g.session(ctx, &current)
		}
		current = nil
		began := g.clock.now()
		err := errLibrary
		bot.Fenced(g.log, func() { err = s.Open() })
		if err == nil {
			if !g.connected(current) {
				current.goodbye()
			}
			g.up.Store(true)
			<-current.done // the connection is lost, or ctx ended
			g.up.Store(false)
			if !g.connected(nil) {
				g.trail.lose()
				s, failures = nil, -1 // at once
			}
		}
		if ctx.Err() != nil {
			break
		}
		var why ending
		if current != nil {
			current.Close()
			why = current.ending()
		}
		if why.code == disallowedIntents && g.without() {
			g.log.Error(contentRefused)
			s = nil
			continue
		}
		if _, ok := fatal[why.code]; ok {
			return &closedError{why.code}
		}
		g.log.Info("discord gateway connection lost", "close_code", why.code, "session_gone", why.invalid, "error", reason(err))
		if why.invalid || lost(why.code) {
			g.trail.lose()
		}
		if why.invalid || lost(why.code) || !g.ready.Load() {
			s = nil
		}
		if g.clock.now().Sub(began) > time.Minute || err == nil && why.reconnect {
			failures = 0
		}
		if g.clock.sleep(ctx, backoff(max(failures, 0))) != nil {
			break
		}
		failures++
	}
	return nil
}

// lost are the codes after which a session cannot be resumed.
func lost(code int) bool { return code == 4007 || code == 4009 || code == 4003 }

// errLibrary says that the library that speaks with Discord broke off.
var errLibrary = errors.New("the connection's own program failed")

// reason is an error without the address that it happened at.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// backoff is the pause before another connection: none at first, then from
// half a second up to a minute, spread out.
func backoff(failures int) time.Duration {
	if failures == 0 {
		return 0
	}
	d := min(time.Second<<min(failures-1, 6), time.Minute)
	return d/2 + rand.N(d/2)
}

// session makes a discordgo session that only carries the gateway: no state,
// no compression, no reconnecting of its own, and nothing logged, as its log
// lines hold payloads.
func (g *gateway) session(ctx context.Context, current **tap) *discordgo.Session {
	s, _ := discordgo.New("Bot " + g.token) // its error is always nil
	s.StateEnabled = false
	s.Compress = false
	s.Identify.Compress = false
	s.Identify.Intents = g.wanted()
	s.Identify.Token = g.token
	s.ShouldReconnectOnError = false
	s.ShouldReconnectVoiceOnSessionError = false
	s.MaxRestRetries = 0
	s.ShouldRetryOnRateLimit = false
	s.SyncEvents = true
	s.LogLevel = -1
	s.Client = &http.Client{Timeout: 15 * time.Second, Transport: elsewhere{g.api, g.rest.calls.Transport, &g.trail}}
	s.Dialer = dialer(ctx, &g.last, func(t *tap) {
		t.rewrite = func(frame []byte) []byte { return g.trail.instead(frame, g.token) }
		*current = t
		go bot.Fenced(g.log, func() { // an Open under way knows no context
			select {
			case <-t.done:
			case <-ctx.Done():
				t.leave(closeResumable) // the next process goes on where this one ends
			}
		})
	})
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		done := g.trail.enter(e.Sequence)
		if !bot.Fenced(g.log, func() { g.dispatch(s, e, done) }) {
			done() // it would be no better the next time
		}
	})
	return s
}

// dispatch looks at an event; done is called when it is safe.
func (g *gateway) dispatch(s *discordgo.Session, e *discordgo.Event, done func()) {
	switch e.Type {
	case "READY":
		g.trail.begin(e.RawData, int(s.Identify.Intents), e.Sequence)
		g.ready.Store(true)
	case "RESUMED":
		g.ready.Store(true)
	}
	g.events(e.Type, e.RawData, done)
}

// mayIdentify waits until another IDENTIFY is within the day's budget.
func (g *gateway) mayIdentify(ctx context.Context) error {
	now := g.clock.now()
	wait := max(g.budget.ReserveN(now, 1).DelayFrom(now), g.identified.Add(identifyPause).Sub(now))
	if err := g.clock.sleep(ctx, wait); err != nil {
		return err
	}
	g.identified = g.clock.now()
	for {
		var bot struct {
			Limit *struct {
				Remaining  int   `json:"remaining"`
				ResetAfter int64 `json:"reset_after"`
			} `json:"session_start_limit"`
		}
		err := g.rest.do(ctx, call{method: "GET", path: "/gateway/bot", out: &bot, again: true})
		if err != nil || bot.Limit == nil || bot.Limit.Remaining > minIdentifies {
			return ctx.Err() // without an answer the own budget must do
		}
		wait := time.Duration(bot.Limit.ResetAfter) * time.Millisecond
		g.log.Error("discord allows no more sessions today; waiting", "remaining", bot.Limit.Remaining, "wait", wait)
		if err := g.clock.sleep(ctx, max(wait, time.Minute)); err != nil {
			return err
		}
	}
}

// elsewhere sends requests for discord.com to another server.
type elsewhere struct {
	api  *url.URL
	next http.RoundTripper
	// trail names the gateway that knows the session, in the place of the one
	// that new sessions begin at.
	trail *trail
}

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if at := e.trail.latest().URL; at != "" && strings.HasSuffix(r.URL.Path, "/gateway") {
		body, err := json.Marshal(map[string]string{"url": at})
		if err != nil {
			return nil, err
		}
		return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}, nil
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = e.api.Scheme, e.api.Host, e.api.Host
	r.URL.Path = e.api.Path + r.URL.Path
	return e.next.RoundTrip(r)
}
