package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Config is what the adapter needs. BotToken is required, and of AppToken
// (Socket Mode) and SigningSecret (HTTP) at least one.
type Config struct {
	BotToken      string // xoxb-…
	AppToken      string // xapp-…, with the scope connections:write
	SigningSecret string // of the app; lets Handler accept requests
	APIURL        string // base of the Web API; "" is Slack's

	// Inbox keeps events until they are answered; nil is one in memory.
	Inbox bot.Inbox

	Surface bot.Surface // commands and suggestions; Handle is passed to Run
	Log     *slog.Logger

	Now   func() time.Time                     // nil is time.Now
	After func(time.Duration) <-chan time.Time // nil is time.After
	// Connections is the number of Socket Mode connections; 0 is 2. With one
	// alone, what Slack sends while it reconnects is lost.
	Connections int
	// Stagger is the pause between the first connections, so that Slack does
	// not renew them all at once; 0 is a minute.
	Stagger time.Duration
}

// Sizes of the adapter's pools. A conversation holds a worker while a probe
// runs, which takes seconds; what has been acknowledged waits in the queue.
const (
	workers      = 64
	queueLength  = 1000 // what is more waits in the inbox
	quickWorkers = 8    // modals and home tabs, whose triggers end after three seconds
	quickQueue   = 200

	drainTime = 20 * time.Second // how long answers under way may take at the end
	writeTime = 5 * time.Second  // how long a last word may take after that
)

// Adapter is the connection to one Slack workspace; make it with New. Its
// methods are safe for concurrent use; Run is called once.
type Adapter struct {
	cfg  Config
	api  *slack.Client
	http *http.Client
	log  *slog.Logger

	self     atomic.Pointer[identity] // set while Run takes messages
	handle   bot.Handler
	lose     context.CancelCauseFunc // ends Run: the bot token was revoked
	work     *pool
	quick    *pool
	seen     *recent       // keys of what was done at once
	wake     chan struct{} // there may be room for what waits
	overflow atomic.Bool   // events wait in the inbox alone, for want of room
	threads  *recent       // threads that the bot takes part in, and what they belong to
	locales  *recent       // users' languages
	answers  *recent       // the answer to each question, while the question may be followed
	lookups  *rate.Limiter

	standings *recent // who may administer
	stats     counters
	watch     bot.Observer
	backlog   bot.Backlog
}

// identity is who the bot is in the workspace.
type identity struct{ user, bot, team, name string }

// New checks the configuration; it does not speak to Slack yet.
func New(c Config) (*Adapter, error) {
	if err := checkTokens(c); err != nil {
		return nil, err
	}
	if c.APIURL == "" {
		c.APIURL = slack.APIURL
	}
	u, err := url.Parse(c.APIURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("SLACK_API_URL is %q: it must be an address such as http://127.0.0.1:4000/api/", c.APIURL)
	}
	if !strings.HasSuffix(c.APIURL, "/") {
		c.APIURL += "/"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.Connections <= 0 {
		c.Connections = 2
	}
	if c.Stagger <= 0 {
		c.Stagger = time.Minute
	}
	if c.Inbox == nil {
		c.Inbox = bot.NewMemoryInbox(c.Now)
	}
	a := &Adapter{
		wake: make(chan struct{}, 1), lose: func(error) {},
		cfg: c, log: c.Log.With("platform", "slack"), watch: c.Surface.Watch(),
		http:      &http.Client{Timeout: 30 * time.Second, Transport: transport()},
		seen:      newRecent(50000, time.Hour), // Slack's last retry comes after six minutes
		threads:   newRecent(20000, 30*24*time.Hour),
		locales:   newRecent(20000, time.Hour),
		answers:   newRecent(20000, followDeletion),
		standings: newRecent(20000, standingLife),
		lookups:   rate.NewLimiter(rate.Every(3*time.Second), 20), // conversations.replies allows 50 a minute
	}
	// No retries here: each call decides for itself what may be repeated.
	// slack-go's own debug output would print tokens and messages.
	a.api = slack.New(c.BotToken,
		slack.OptionAppLevelToken(c.AppToken), slack.OptionAPIURL(c.APIURL), slack.OptionHTTPClient(a.http),
		slack.OptionDebug(false), slack.OptionLog(log.New(io.Discard, "", 0)))
	return a, nil
}

// platform is the adapter's name, and that of its messages.
const platform = "slack"

// Name is "slack".
func (a *Adapter) Name() string { return platform }

// Backlog is what was acknowledged and waits to be answered.
func (a *Adapter) Backlog() *bot.Backlog { return &a.backlog }

// Run connects and answers until ctx ends; it then lets answers under way
// come to their end, for at most 25 seconds. It fails when a token is refused
// or the workspace is lost for good; the error says what to do.
func (a *Adapter) Run(ctx context.Context, h bot.Handler) error {
	ctx, a.lose = context.WithCancelCause(ctx)
	defer a.lose(nil)
	me, err := a.whoAmI(ctx)
	if err != nil {
		return err
	}
	a.handle = h
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	a.work, a.quick = newPool(workers, queueLength, a.log), newPool(quickWorkers, quickQueue, a.log)
	a.work.start(work)
	a.quick.start(work)
	a.self.Store(&me)
	a.log.Info("connected", "team", me.team, "socket_mode", a.cfg.AppToken != "", "http", a.cfg.SigningSecret != "")
	taking, stopTaking := context.WithCancel(ctx)
	var takers sync.WaitGroup
	takers.Go(func() { a.workOff(taking) })
	if a.cfg.AppToken != "" {
		err = a.runSockets(ctx)
	} else {
		<-ctx.Done()
		err = failure(ctx)
	}
	stopTaking()
	takers.Wait()
	a.self.Store(nil)
	a.drain(stopWork)
	return err
}

// failure is why a context was ended; nil when it ended in order.
func failure(ctx context.Context) error {
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// watchToken ends Run when the outcome of a call says that Slack no longer
// takes the bot token, and asking for it says the same: only a person can mend
// that.
func (a *Adapter) watchToken(ctx context.Context, err error) {
	if !tokenGone(err) {
		return
	}
	if _, err := a.api.AuthTestContext(ctx); tokenGone(err) {
		a.lose(explainStart("SLACK_BOT_TOKEN", a.cfg.APIURL, err))
	}
}

// drain lets what was acknowledged be answered, and then ends it.
func (a *Adapter) drain(stop context.CancelFunc) {
	done := make(chan struct{})
	go func() {
		a.quick.close()
		a.work.close()
		close(done)
	}()
	select {
	case <-done:
		return
	case <-a.cfg.After(drainTime):
	}
	stop()
	select {
	case <-done:
	case <-a.cfg.After(writeTime):
		a.log.Warn("answers given up at the end")
	}
}

// whoAmI checks the bot token.
func (a *Adapter) whoAmI(ctx context.Context) (identity, error) {
	var r *slack.AuthTestResponse
	err := a.calmly(ctx, func() (err error) {
		r, err = a.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return identity{}, explainStart("SLACK_BOT_TOKEN", a.cfg.APIURL, err)
	}
	return identity{user: r.UserID, bot: r.BotID, team: r.TeamID, name: r.User}, nil
}

// calmly calls f and repeats it when Slack says that it was one call too many
// (429), after the pause that Slack asks for. No other error is repeated:
// after a broken connection nobody knows whether a message was posted.
func (a *Adapter) calmly(ctx context.Context, f func() error) error {
	for range 3 {
		err := f()
		var limited *slack.RateLimitedError
		if !errors.As(err, &limited) {
			a.watchToken(ctx, err)
			return err
		}
		a.stats.limited.Add(1)
		a.watch.Sent(platform, bot.DeliveryLimited)
		select {
		case <-a.cfg.After(min(max(limited.RetryAfter, time.Second), 5*time.Minute)):
		case <-ctx.Done():
			return err
		}
	}
	return f()
}

// transport keeps as many connections open as there are workers; the two that
// net/http keeps by itself mean a new one for almost every call under load.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, 128
	return t
}
