package fakeslack

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

// Kinds of delivery, as Socket Mode names them.
const (
	KindEvent       = "events_api"
	KindCommand     = "slash_commands"
	KindInteraction = "interactive"
)

// ackWithin is how long an app has to acknowledge
// (docs.slack.dev/apis/events-api#responding).
const ackWithin = 3 * time.Second

// retryAfter are the pauses before the three repetitions of an event that was
// not acknowledged (docs.slack.dev/apis/events-api#retries).
func retryAfter() []time.Duration { return []time.Duration{0, time.Minute, 5 * time.Minute} }

// Delivery is something that the workspace tells the app: an event, a command
// or an interaction.
type Delivery struct {
	ID   string // envelope_id
	Kind string

	s        *Server
	payload  any
	acked    chan struct{}
	mu       sync.Mutex
	state    DeliveryState
	stopping func() // ends the three-second clock
	noRetry  bool
}

// DeliveryState is how a Delivery stands.
type DeliveryState struct {
	Attempts int             // how often it was sent
	Timeouts int             // how often three seconds passed without an answer
	Lost     bool            // there was nowhere to send it
	Acked    bool            // the app has acknowledged
	AckedIn  time.Duration   // by the clock, counted from the last attempt
	Response json.RawMessage // what the acknowledgement carried, or nil
	Status   int             // HTTP status of the last answer; 0 for Socket Mode
	sent     time.Time
}

// State is how the delivery stands now.
func (d *Delivery) State() DeliveryState {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

// Wait returns when the app has acknowledged; it fails when ctx ends first.
func (d *Delivery) Wait(ctx context.Context) error {
	select {
	case <-d.acked:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *Delivery) update(f func(*DeliveryState)) {
	d.mu.Lock()
	f(&d.state)
	d.mu.Unlock()
	d.s.mu.Lock()
	d.s.note()
	d.s.mu.Unlock()
}

// newDelivery registers a delivery; mu is held. It is sent by send.
func (s *Server) newDelivery(kind string, payload any) *Delivery {
	d := &Delivery{ID: s.id("envelope-"), Kind: kind, s: s, payload: payload, acked: make(chan struct{})}
	s.pending[d.ID] = d
	return d
}

// Deliver sends any payload to the app, as a delivery of that kind. It is the
// way to send what the other methods cannot: unknown events and broken shapes.
func (s *Server) Deliver(kind string, payload any) *Delivery {
	s.mu.Lock()
	d := s.newDelivery(kind, payload)
	s.mu.Unlock()
	s.send(d, "")
	return d
}

// Redeliver sends a delivery once more although it may have been acknowledged,
// as Slack does when the acknowledgement got lost.
func (s *Server) Redeliver(d *Delivery) { s.send(d, "timeout") }

// Lost is the number of deliveries for which no connection was open; Slack
// does not repeat those.
func (s *Server) Lost() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// send makes one attempt and starts its three seconds.
func (s *Server) send(d *Delivery, retryReason string) {
	var attempt int
	d.update(func(st *DeliveryState) {
		attempt = st.Attempts
		st.Attempts++
		st.sent = s.Clock.Now()
	})
	s.mu.Lock()
	push := s.pushTo
	s.mu.Unlock()
	if push != "" {
		s.startClock(d, attempt, "http_timeout")
		s.wg.Go(func() { s.pushHTTP(push, d, attempt, retryReason) })
		return
	}
	c := s.turn()
	if c == nil {
		s.mu.Lock()
		s.lost++
		s.mu.Unlock()
		d.update(func(st *DeliveryState) { st.Lost = true })
		return
	}
	s.startClock(d, attempt, "timeout")
	env := map[string]any{
		"envelope_id": d.ID, "type": d.Kind, "payload": d.payload,
		"accepts_response_payload": d.Kind != KindEvent,
	}
	if d.Kind == KindEvent {
		env["retry_attempt"], env["retry_reason"] = attempt, retryReason
	}
	_ = c.send(env)
}

// startClock lets three seconds pass; an event is then repeated.
func (s *Server) startClock(d *Delivery, attempt int, reason string) {
	stop := s.Clock.AfterFunc(ackWithin, func(time.Time) {
		if d.State().Acked {
			return
		}
		d.update(func(st *DeliveryState) { st.Timeouts++ })
		s.retry(d, attempt, reason)
	})
	d.mu.Lock()
	d.stopping = stop
	d.mu.Unlock()
}

// retry repeats an event after the pause that the attempt calls for.
func (s *Server) retry(d *Delivery, attempt int, reason string) {
	pauses := retryAfter()
	if d.Kind != KindEvent || attempt >= len(pauses) || s.closed.Err() != nil || d.noRetry {
		return
	}
	again := func(time.Time) {
		if !d.State().Acked {
			s.send(d, reason)
		}
	}
	if pauses[attempt] == 0 {
		again(s.Clock.Now())
		return
	}
	s.Clock.AfterFunc(pauses[attempt], again)
}

// acknowledge is called with what came back for an envelope.
func (s *Server) acknowledge(id string, response json.RawMessage) {
	s.mu.Lock()
	d := s.pending[id]
	s.mu.Unlock()
	if d == nil {
		return
	}
	var stop func()
	first := false
	d.mu.Lock()
	stop = d.stopping
	if first = !d.state.Acked; first {
		d.state.Acked, d.state.AckedIn, d.state.Response = true, s.Clock.Now().Sub(d.state.sent), response
	}
	d.mu.Unlock()
	if stop != nil {
		stop()
	}
	if first {
		close(d.acked)
		s.respond(d, response)
	}
	s.mu.Lock()
	if s.opts.Quiet {
		delete(s.pending, id)
	}
	s.note()
	s.mu.Unlock()
}
