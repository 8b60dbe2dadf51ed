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
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// gateway keeps the session of one shard: it resumes after a loss, starts anew
// when the session is gone, and gives up on the codes that will not go away.
type gateway struct {
	id     shardID
	api    *url.URL
	token  string
	rest   *rest
	clock  clock
	log    *slog.Logger
	wishes *wishes
	// events is called in order and must not block; done when the event is safe.
	events func(kind string, data json.RawMessage, done func())
	// permit waits for the permission to send an IDENTIFY.
	permit func(ctx context.Context, p shardID) (*permission, error)
	// ours waits until this process surely has the shard.
	ours func(ctx context.Context) error
	// ending says that the session is not to be begun anew once it is gone.
	ending atomic.Bool

	trail  trail
	last   atomic.Int64  // when something last came in, in Unix nanoseconds
	up     atomic.Bool   // connected, and Discord has answered READY or RESUMED
	news   chan struct{} // up has changed
	begun  chan struct{} // a session has begun and is to be kept
	detour atomic.Bool   // the address to resume at cannot be reached
}

// permission is that for one IDENTIFY.
type permission struct {
	until time.Time // by the own clock
	used  atomic.Bool
	end   func(sent bool)
}

// fatal are the close codes after which coming again is of no use
// (discord.com/developers/docs/topics/opcodes-and-status-codes#gateway).
var fatal = map[int]string{
	4004: "Discord refuses the bot token. Copy a new one from the developer portal (Bot, Reset Token) into DISCORD_TOKEN",
	4010: "Discord refuses the number of shards that it recommends itself",
	4011: "Discord demands many more shards than it recommends itself",
	4012: "Discord no longer speaks this version of the gateway; a newer release of the bot is needed",
	4013: "Discord does not know the intents asked for",
	4014: "Discord refuses the intents asked for",
}

// closedError is a close code for good.
type closedError struct{ code int }

func (e *closedError) Error() string {
	return fmt.Sprintf("%s (gateway close code %d)", fatal[e.code], e.code)
}

var (
	errGone = errors.New("discord: the session is gone")
	// errLibrary says that the library that speaks with Discord broke off.
	errLibrary = errors.New("the connection's own program failed")

	errLate = errors.New("discord: the permission for a new session has run out")
)

// run stays connected until ctx ends, and then returns nil.
func (g *gateway) run(ctx context.Context) error {
	defer g.report(false)
	for failures := 0; ctx.Err() == nil; {
		if g.trail.latest().Intents != int(g.wishes.wanted()) && !g.ending.Load() {
			g.trail.lose()
		}
		began := g.clock.now()
		why, err := g.connection(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errGone):
			return err
		case why.code == disallowedIntents && g.wishes.without(why.intents):
			g.log.Error(contentRefused)
			continue
		case fatal[why.code] != "":
			return &closedError{why.code}
		}
		g.log.Info("discord gateway connection lost", "shard", g.id.String(), "close_code", why.code, "session_gone", why.invalid, "error", reason(err))
		if why.invalid || gone(why.code) {
			g.trail.lose()
		}
		if g.trail.latest().Intents != int(g.wishes.wanted()) {
			failures = 0 // a session with other intents is wanted
			continue
		}
		if g.clock.now().Sub(began) > time.Minute || err == nil && why.reconnect {
			failures = 0
		}
		g.detour.Store(failures >= tryResumeURL)
		if g.clock.sleep(ctx, backoff(failures)) != nil {
			break
		}
		failures++
	}
	return nil
}

// tryResumeURL is how often the address that Discord names for a session is
// tried before the ordinary one; where it fails, that one is in order
// (discord.com/developers/docs/events/gateway#handling-a-disconnect).
const tryResumeURL = 3

// connection connects once and returns why that ended; err when it did not
// come about.
func (g *gateway) connection(ctx context.Context) (ending, error) {
	if err := g.ours(ctx); err != nil {
		return ending{}, err
	}
	var may *permission
	if g.trail.latest().ID == "" {
		if g.ending.Load() {
			return ending{}, errGone
		}
		var err error
		if may, err = g.permit(ctx, g.id); err != nil {
			return ending{}, err
		}
		defer func() { may.end(may.used.Load()) }()
	}
	var t *tap
	intents := g.wishes.wanted()
	s := g.session(ctx, intents, may, &t)
	err := errLibrary
	bot.Fenced(g.log, func() { err = s.Open() })
	if t == nil {
		return ending{}, err
	}
	if err == nil {
		if may != nil {
			may.end(true)
		}
		if !g.ending.Load() {
			g.wishes.connected(g, connection{t, discordgo.Intent(g.trail.latest().Intents)})
		}
		g.report(true)
		<-t.done // the connection is lost, or ctx ended
		g.report(false)
		g.wishes.lost(g)
	}
	t.Close()
	why := t.ending()
	why.intents = intents
	return why, err
}

// report notes whether the shard is connected.
func (g *gateway) report(up bool) {
	if g.up.Swap(up) != up {
		signal(g.news)
	}
}

// signal tells whoever listens that there is something to look at.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// gone are the codes after which a session cannot be resumed.
func gone(code int) bool { return code == 4007 || code == 4009 || code == 4003 }

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

// session makes a discordgo session that only carries one connection: no state,
// no compression, no reconnecting of its own, and nothing logged, as its log
// lines hold payloads.
func (g *gateway) session(ctx context.Context, intents discordgo.Intent, may *permission, opened **tap) *discordgo.Session {
	s, _ := discordgo.New("Bot " + g.token) // its error is always nil
	s.StateEnabled = false
	s.Compress = false
	s.Identify.Compress = false
	s.Identify.Intents = intents
	s.Identify.Token = g.token
	s.ShardID, s.ShardCount = g.id.I, g.id.N
	s.ShouldReconnectOnError = false
	s.ShouldReconnectVoiceOnSessionError = false
	s.MaxRestRetries = 0
	s.ShouldRetryOnRateLimit = false
	s.SyncEvents = true
	s.LogLevel = -1
	s.Client = &http.Client{Timeout: 15 * time.Second, Transport: elsewhere{g.api, g.rest.calls.Transport, g.resumeURL}}
	s.Dialer = dialer(ctx, &g.last, func(t *tap) {
		t.rewrite = func(frame []byte) ([]byte, error) { return g.outgoing(frame, may) }
		*opened = t
		go bot.Fenced(g.log, func() { // an Open under way knows no context
			select {
			case <-t.done:
			case <-ctx.Done():
				if errors.Is(context.Cause(ctx), errEndForGood) {
					t.goodbye()
				} else {
					t.leave(closeResumable) // the next process goes on where this one ends
				}
			}
		})
	})
	trip := g.trail.connect()
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		done := g.trail.enter(trip, e.Sequence)
		ok := bot.Fenced(g.log, func() {
			if e.Type == "READY" {
				g.trail.begin(trip, e.RawData, int(intents), e.Sequence)
				signal(g.begun)
			}
			g.events(e.Type, e.RawData, done)
		})
		if !ok {
			done() // it would be no better the next time
		}
	})
	return s
}

// errEndForGood ends a gateway whose session nobody is to resume.
var errEndForGood = errors.New("discord: the session is not needed any more")

// outgoing looks at what discordgo sends: while there is a session, its
// IDENTIFY becomes a RESUME; without one it is sent with a permission alone.
func (g *gateway) outgoing(frame []byte, may *permission) ([]byte, error) {
	other, identify := g.trail.instead(frame, g.token)
	if !identify {
		return other, nil
	}
	if may == nil || g.clock.now().After(may.until) || may.used.Swap(true) {
		return nil, errLate
	}
	return other, nil
}

// resumeURL is where the session is resumed, "" for the ordinary gateway.
func (g *gateway) resumeURL() string {
	if g.detour.Load() {
		return ""
	}
	return g.trail.latest().URL
}

// elsewhere sends requests for discord.com to another server.
type elsewhere struct {
	api  *url.URL
	next http.RoundTripper
	// resumeURL names the gateway that knows the session, in the place of the
	// one that new sessions begin at.
	resumeURL func() string
}

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if at := e.resumeURL(); at != "" && strings.HasSuffix(r.URL.Path, "/gateway") {
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
