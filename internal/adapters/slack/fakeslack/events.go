package fakeslack

import (
	"slices"
	"strings"
)

// event wraps an inner event as the Events API sends it, and delivers it if
// the app subscribed to it; mu is held. The sending happens in outbox order
// once the lock is released, see flush.
func (s *Server) event(subscription string, inner map[string]any) *Delivery {
	if !slices.Contains(s.opts.Events, subscription) {
		return nil
	}
	d := s.newDelivery(KindEvent, map[string]any{
		"token": "fake", "team_id": TeamID, "context_team_id": TeamID, "api_app_id": AppID,
		"event": inner, "type": "event_callback", "event_id": s.id("Ev"), "event_time": s.Clock.Now().Unix(),
		"authorizations":        []any{map[string]any{"team_id": TeamID, "user_id": BotUserID, "is_bot": true, "enterprise_id": nil, "is_enterprise_install": false}},
		"is_ext_shared_channel": false,
	})
	return d
}

// subscription is what an app subscribes to for a channel's messages.
func subscription(c *Channel) string {
	return map[string]string{"im": "message.im", "group": "message.groups", "channel": "message.channels"}[c.kind()]
}

// messageEvent tells the app of a message; mu is held.
func (s *Server) messageEvent(c *Channel, m *Message) []*Delivery {
	if !c.has(BotUserID) {
		return nil
	}
	inner := s.messageJSON(m)
	inner["channel"], inner["channel_type"], inner["event_ts"] = c.ID, c.kind(), m.TS
	if m.BotID == "" {
		inner["client_msg_id"] = "client-" + m.TS
	}
	var out []*Delivery
	if d := s.event(subscription(c), inner); d != nil {
		out = append(out, d)
	}
	if m.BotID == "" && !c.IM && strings.Contains(m.Text, Mention()) {
		mention := map[string]any{}
		for k, v := range inner {
			mention[k] = v
		}
		mention["type"] = "app_mention"
		delete(mention, "channel_type")
		if d := s.event("app_mention", mention); d != nil {
			out = append(out, d)
		}
	}
	s.dispatchLater(out)
	return out
}

// changedEvent and deletedEvent tell the app of an edit and of a deletion.
func (s *Server) changedEvent(c *Channel, m *Message, before map[string]any) *Delivery {
	return s.subtypeEvent(c, m, "message_changed", map[string]any{"message": s.messageJSON(m), "previous_message": before, "hidden": true})
}

func (s *Server) deletedEvent(c *Channel, m *Message) *Delivery {
	return s.subtypeEvent(c, m, "message_deleted", map[string]any{"deleted_ts": m.TS, "previous_message": s.messageJSON(m), "hidden": true})
}

func (s *Server) subtypeEvent(c *Channel, m *Message, subtype string, more map[string]any) *Delivery {
	if !c.has(BotUserID) || m.Ephemeral != "" {
		return nil
	}
	ts := s.ts()
	inner := map[string]any{"type": "message", "subtype": subtype, "channel": c.ID, "channel_type": c.kind(), "ts": ts, "event_ts": ts}
	for k, v := range more {
		inner[k] = v
	}
	d := s.event(subscription(c), inner)
	if d != nil {
		s.dispatchLater([]*Delivery{d})
	}
	return d
}

// dispatchLater sends deliveries in order as soon as mu is free.
func (s *Server) dispatchLater(ds []*Delivery) {
	if len(ds) == 0 {
		return
	}
	s.wg.Go(func() {
		for _, d := range ds {
			s.send(d, "")
		}
	})
}
