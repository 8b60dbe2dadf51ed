package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// runSockets keeps the Socket Mode connections open until ctx ends or one of
// them is refused for good. Slack sends each envelope to any one of them, and
// renews each every few hours; so there are several, opened one after the
// other.
func (a *Adapter) runSockets(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i := range a.cfg.Connections {
		wg.Go(func() {
			if i > 0 {
				select {
				case <-a.cfg.After(time.Duration(i) * a.cfg.Stagger):
				case <-ctx.Done():
					return
				}
			}
			if err := a.keepSocket(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return failure(ctx)
}

// keepSocket keeps one connection open. slack-go reconnects by itself and at
// once; a server that never says hello (too_many_websockets) is met with
// growing pauses here.
func (a *Adapter) keepSocket(ctx context.Context, n int) error {
	wait := time.Second
	for ctx.Err() == nil {
		s := &socket{a: a, n: n, slots: make(chan struct{}, storing)}
		err := s.run(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errorCode(err) != "" && !errors.Is(err, errFlapping):
			return explainStart("SLACK_APP_TOKEN", a.cfg.APIURL, err)
		}
		if s.greeted {
			wait = time.Second
		}
		a.log.Warn("connection lost", "connection", n, "again_in", wait, "err", err)
		select {
		case <-a.cfg.After(wait):
			wait = min(2*wait, 5*time.Minute)
		case <-ctx.Done():
		}
	}
	return nil
}

// errFlapping ends a slack-go client that connects without ever being greeted.
var errFlapping = errors.New("slack closed the connection before its hello; other processes may hold too many connections of this app")

// errLibrary ends a slack-go client that has a fault itself.
var errLibrary = errors.New("the connection's own program failed")

// socket is one client of slack-go with its reconnects.
type socket struct {
	a       *Adapter
	n       int
	client  *socketmode.Client
	open    bool // greeted and not lost since
	greeted bool // ever
	dialled bool // connected and not greeted yet
	mute    int  // connections in a row that ended without a hello
	under   sync.WaitGroup
	slots   chan struct{} // bounds how many envelopes are being stored
}

// storing is how many envelopes of a connection are stored at once.
const storing = 128

// run returns when the client ends: with its error, or with errFlapping.
func (s *socket) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.closed()
	defer s.under.Wait()
	s.client = socketmode.New(s.a.api, socketmode.OptionDebug(false), socketmode.OptionDialer(s.a.dialer()),
		socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ended := make(chan error, 1)
	go func() {
		err := errLibrary
		bot.Fenced(s.a.log, func() { err = s.client.RunContext(ctx) })
		ended <- err
	}()
	flapping := false
	for {
		select {
		case e := <-s.client.Events:
			if s.event(ctx, e) {
				flapping = true
				cancel()
			}
		case err := <-ended:
			if flapping {
				return errFlapping
			}
			return err
		}
	}
}

// tooMute is how many connections in a row may end without a hello before the
// client is ended. One such is a lost network; to end the client would drop the
// acknowledgements that wait for its next connection.
const tooMute = 2

// event handles what slack-go reports; it says true when Slack keeps closing
// connections before its hello.
func (s *socket) event(ctx context.Context, e socketmode.Event) (flapping bool) {
	switch e.Type {
	case socketmode.EventTypeConnecting:
		s.closed()
		if s.dialled {
			s.dialled = false
			s.mute++
		}
		return s.mute >= tooMute
	case socketmode.EventTypeConnected:
		s.dialled = true
	case socketmode.EventTypeHello:
		s.dialled, s.greeted, s.open, s.mute = false, true, true, 0
		s.a.stats.open.Add(1)
		s.a.stats.last.Store(s.a.cfg.Now().UnixNano())
		s.a.log.Info("socket open", "connection", s.n)
	case socketmode.EventTypeConnectionError:
		if c, ok := e.Data.(*slack.ConnectionErrorEvent); ok {
			s.a.log.Warn("connecting failed", "connection", s.n, "again_in", c.Backoff, "code", errorCode(c.ErrorObj))
		}
	case socketmode.EventTypeErrorBadMessage:
		if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
			s.undecodable(ctx, bad.Message)
		}
	case socketmode.EventTypeErrorWriteFailed:
		s.a.log.Warn("acknowledgement not sent", "connection", s.n) // Slack sends again, and it is known then
	default:
		if e.Request != nil && e.Request.EnvelopeID != "" {
			s.envelope(ctx, e.Request.EnvelopeID, e.Request.Type, e.Request.Payload)
		}
	}
	return false
}

func (s *socket) closed() {
	if s.open {
		s.open = false
		s.a.stats.open.Add(-1)
	}
}

// envelope takes an envelope and acknowledges it; what could not be stored
// stays unacknowledged, so that Slack sends it again. It does not wait for the
// disk: the next envelope shall be stored together with this one.
func (s *socket) envelope(ctx context.Context, id, kind string, payload []byte) {
	s.slots <- struct{}{}
	s.under.Go(func() {
		defer func() { <-s.slots }()
		bot.Fenced(s.a.log, func() { s.take(ctx, id, kind, payload) })
	})
}

func (s *socket) take(ctx context.Context, id, kind string, payload []byte) {
	began := s.a.cfg.Now()
	v := s.a.receive(kind, payload)
	if v == refused {
		return
	}
	if v == garbled {
		s.a.garbled()
		s.a.log.Warn("envelope not understood", "kind", kind, "bytes", len(payload))
	}
	if err := s.client.AckCtx(ctx, id, nil); err != nil {
		s.a.log.Warn("acknowledgement not sent", "connection", s.n)
		return
	}
	s.a.watch.Acknowledged(platform, s.a.cfg.Now().Sub(began))
}

// undecodable takes what slack-go could not read. It must be acknowledged all
// the same, or Slack sends it three times more; and the bot may still
// understand it, since it reads less of it.
func (s *socket) undecodable(ctx context.Context, raw []byte) {
	var e struct {
		ID      string          `json:"envelope_id"`
		Type    string          `json:"type"`
		Payload json.RawMessage `json:"payload"`
	}
	err := json.Unmarshal(raw, &e)
	if err != nil || e.ID == "" {
		s.a.garbled()
		s.a.log.Warn("frame not understood", "bytes", len(raw))
		return
	}
	s.envelope(ctx, e.ID, e.Type, e.Payload)
}
