package fakeslack

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Ids of the workspace's app. They have the shape of Slack's.
const (
	TeamID    = "T0FAKE001"
	AppID     = "A0FAKE001"
	BotUserID = "U0FAKEBOT"
	BotID     = "B0FAKEBOT"
	BotName   = "mailhelp"
)

// Options configure a Server. The zero value is a workspace with a standing
// clock, tokens of the usual shape, and an app that has every scope and event.
type Options struct {
	Clock         *Clock        // shared with the app under test; nil: a clock of its own, see Server.Clock
	BotToken      string        // "" is "xoxb-fake-bot-token"
	AppToken      string        // "" is "xapp-fake-app-token"
	SigningSecret string        // "" is "fake-signing-secret"
	Scopes        []string      // nil is AllScopes()
	Events        []string      // subscriptions; nil is AllEvents()
	Rates         bool          // enforce the tiers of the Web API, by the clock
	Slow          time.Duration // how long calls take that post or edit a message, in real time
	Quiet         bool          // keep no calls, no transcript and no deliveries that are done, for long runs
}

// AllScopes are the bot scopes that the methods of the fake ask for.
func AllScopes() []string {
	return []string{
		"app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "files:write",
		"groups:history", "groups:read", "im:history", "im:read", "im:write", "reactions:write", "usergroups:read", "users:read",
	}
}

// AllEvents are the event subscriptions that the fake knows.
func AllEvents() []string {
	return []string{"app_home_opened", "app_mention", "message.channels", "message.groups", "message.im"}
}

// Server is a Slack workspace with one app installed. Its methods are safe for
// concurrent use.
type Server struct {
	Clock *Clock

	opts   Options
	base   string // http://127.0.0.1:port
	http   *http.Server
	closed context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	counter  int           // makes ids unique and stable from run to run
	world    world
	calls    []Call
	faults   map[string][]Fault
	rates    map[string][]time.Time
	sockets  []*socket
	greeted  int // connections so far
	tickets  map[string]bool
	next     int // whose turn among the sockets
	greeting int // connections that wait for their hello
	pushTo   string
	pending  map[string]*Delivery
	urls     map[string]*responseURL
	trigger  map[string]time.Time // trigger_id to its end
	script   []string             // the transcript
	lost     int
}

// Start runs a workspace on a free port of 127.0.0.1. Close ends it.
func Start(o Options) (*Server, error) {
	if o.Clock == nil {
		o.Clock = NewClock(time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC))
	}
	o.BotToken = or(o.BotToken, "xoxb-fake-bot-token")
	o.AppToken = or(o.AppToken, "xapp-fake-app-token")
	o.SigningSecret = or(o.SigningSecret, "fake-signing-secret")
	if o.Scopes == nil {
		o.Scopes = AllScopes()
	}
	if o.Events == nil {
		o.Events = AllEvents()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("fakeslack: %w", err)
	}
	s := &Server{
		Clock: o.Clock, opts: o,
		base:    "http://" + l.Addr().String(),
		changed: make(chan struct{}),
		world:   newWorld(),
		faults:  map[string][]Fault{}, rates: map[string][]time.Time{},
		tickets: map[string]bool{}, pending: map[string]*Delivery{},
		urls: map[string]*responseURL{}, trigger: map[string]time.Time{},
	}
	s.closed, s.cancel = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.serveAPI)
	mux.HandleFunc("/link", s.serveSocket)
	mux.HandleFunc("/response/", s.serveResponseURL)
	mux.HandleFunc("/upload/", s.serveUpload)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	s.wg.Go(func() { _ = s.http.Serve(l) })
	return s, nil
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// Close ends the workspace: sockets are dropped, waiting deliveries given up.
func (s *Server) Close() {
	s.cancel()
	s.mu.Lock()
	open := s.sockets
	s.sockets = nil
	s.mu.Unlock()
	for _, c := range open {
		c.drop()
	}
	_ = s.http.Close()
	s.wg.Wait()
}

// APIURL is the base of the Web API, as SLACK_API_URL wants it.
func (s *Server) APIURL() string { return s.base + "/api/" }

// BotToken is the bot token that the workspace accepts.
func (s *Server) BotToken() string { return s.opts.BotToken }

// AppToken is the app-level token that the workspace accepts.
func (s *Server) AppToken() string { return s.opts.AppToken }

// SigningSecret is what the workspace signs its HTTP requests with.
func (s *Server) SigningSecret() string { return s.opts.SigningSecret }

// Await returns when cond holds. It looks again after every change of the
// workspace: a call, a post, a connection, an acknowledgement. It fails when
// ctx ends first.
func (s *Server) Await(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("fakeslack: waited in vain: %w\n%s", ctx.Err(), s.Transcript())
		}
	}
}

// note is called with mu held after every change.
func (s *Server) note() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// id makes a new id with the given first letters; mu is held.
func (s *Server) id(prefix string) string {
	s.counter++
	return fmt.Sprintf("%s%06d", prefix, s.counter)
}

// ts makes a message timestamp: the clock's second and a counter, as Slack's
// are unique within a channel; mu is held.
func (s *Server) ts() string {
	s.counter++
	return fmt.Sprintf("%d.%06d", s.Clock.Now().Unix(), s.counter)
}

// say adds a line to the transcript; mu is held.
func (s *Server) say(format string, args ...any) {
	if !s.opts.Quiet {
		s.script = append(s.script, fmt.Sprintf(format, args...))
	}
}

// Transcript is what happened so far, one event or call a line, with names for
// channels and users. The same run gives the same text.
func (s *Server) Transcript() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.script, "\n") + "\n"
}
