package fakeslack

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Mention is the app's name in the text of a message.
func Mention() string { return "<@" + BotUserID + ">" }

// Said is a message of a person and what the app was told of it: nothing, the
// message, or the message and the mention.
type Said struct {
	Message
	Deliveries []*Delivery
}

// Say lets a person write in a channel, or in the thread that starts with the
// message thread. The text is as Slack has it: escaped, with <@U…> and <url|label>.
func (s *Server) Say(user, channel, thread, text string) Said {
	return s.SayAs(user, channel, thread, text, nil)
}

// SayAs is Say with more fields in the event: a subtype, bot_id, and so on.
func (s *Server) SayAs(user, channel, thread, text string, more map[string]any) Said {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.resolve(channel)
	if c == nil {
		panic("fakeslack: no channel " + channel)
	}
	m := &Message{Channel: c.ID, TS: s.ts(), ThreadTS: thread, User: user, Text: text}
	s.say("%s in %s%s: %s", s.world.userLabel(user), c.label(), s.threadLabel(c.ID, thread), s.readable1(text))
	s.world.add(m)
	if more == nil {
		return Said{Message: *m, Deliveries: s.messageEvent(c, m)}
	}
	inner := s.messageJSON(m)
	inner["channel"], inner["channel_type"], inner["event_ts"] = c.ID, c.kind(), m.TS
	for k, v := range more {
		inner[k] = v
	}
	d := s.event(subscription(c), inner)
	if d == nil {
		return Said{Message: *m}
	}
	s.dispatchLater([]*Delivery{d})
	return Said{Message: *m, Deliveries: []*Delivery{d}}
}

// Edit lets a person change a message. The delivery is nil when the app is not told.
func (s *Server) Edit(channel, ts, text string) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.world.message(channel, ts)
	if m == nil {
		panic("fakeslack: no message " + ts)
	}
	before := s.messageJSON(m)
	m.Text = text
	m.Edits++
	s.say("%s edits: %s", s.world.userLabel(m.User), s.readable1(text))
	return s.changedEvent(s.world.channels[channel], m, before)
}

// Delete lets a person delete a message. The delivery is nil when the app is not told.
func (s *Server) Delete(channel, ts string) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.world.message(channel, ts)
	if m == nil {
		panic("fakeslack: no message " + ts)
	}
	m.Deleted = true
	s.say("%s deletes: %s", s.world.userLabel(m.User), s.readable1(m.Text))
	return s.deletedEvent(s.world.channels[channel], m)
}

// Slash lets a person run a slash command from the message box of a channel.
// There is no way to run one in a thread: Slack's clients refuse that.
func (s *Server) Slash(user, channel, command, text string) *Delivery {
	s.mu.Lock()
	c := s.world.resolve(channel)
	if c == nil {
		s.mu.Unlock()
		panic("fakeslack: no channel " + channel)
	}
	s.say("%s runs %s %s in %s", s.world.userLabel(user), command, text, c.label())
	name := c.Name
	if c.IM {
		name = "directmessage"
	}
	u := s.newResponseURL(c.ID, user, "", KindCommand)
	d := s.newDelivery(KindCommand, map[string]any{
		"token": "fake", "team_id": TeamID, "team_domain": "fake", "channel_id": c.ID, "channel_name": name,
		"user_id": user, "user_name": s.world.users[user].Name, "command": command, "text": text,
		"api_app_id": AppID, "is_enterprise_install": "false", "response_url": u, "trigger_id": s.newTrigger(),
	})
	s.mu.Unlock()
	s.send(d, "")
	return d
}

// interaction is what all interactions have in common; mu is held.
func (s *Server) interaction(kind, user string) map[string]any {
	return map[string]any{
		"type": kind, "token": "fake", "api_app_id": AppID, "trigger_id": s.newTrigger(),
		"team":       map[string]any{"id": TeamID, "domain": "fake"},
		"user":       map[string]any{"id": user, "username": s.world.users[user].Name, "name": s.world.users[user].Name, "team_id": TeamID},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

// Press lets a person press a button of a message: the one with that action_id,
// or with that label. The error says that there is none.
func (s *Server) Press(user, channel, ts, button string) (*Delivery, error) {
	s.mu.Lock()
	m := s.world.message(channel, ts)
	if m == nil {
		s.mu.Unlock()
		return nil, fmt.Errorf("fakeslack: no message %s", ts)
	}
	b, block, ok := findButton(m.Blocks, button)
	if !ok {
		s.mu.Unlock()
		return nil, fmt.Errorf("fakeslack: no button %q in %s", button, m.Blocks)
	}
	label, _ := b["text"].(object)
	s.say("%s presses [%v] in %s%s", s.world.userLabel(user), label["text"], s.world.channelLabel(channel), s.threadLabel(channel, m.ThreadTS))
	p := s.interaction("block_actions", user)
	container := map[string]any{"type": "message", "message_ts": m.TS, "channel_id": channel, "is_ephemeral": m.Ephemeral != ""}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	p["container"] = container
	if m.Ephemeral == "" {
		p["message"] = s.messageJSON(m)
	}
	p["channel"] = map[string]any{"id": channel, "name": s.world.channels[channel].Name}
	p["state"] = map[string]any{"values": map[string]any{}}
	p["response_url"] = s.newResponseURL(channel, user, m.TS, KindInteraction)
	act := map[string]any{"action_ts": s.ts(), "block_id": block, "type": "button"}
	for _, k := range []string{"action_id", "text", "value", "style"} {
		if v, has := b[k]; has {
			act[k] = v
		}
	}
	p["actions"] = []any{act}
	d := s.newDelivery(KindInteraction, p)
	s.mu.Unlock()
	s.send(d, "")
	return d, nil
}

// findButton looks for a button by its action_id, and then by its label.
func findButton(blocks []byte, want string) (b object, block string, ok bool) {
	var all []object
	if json.Unmarshal(blocks, &all) != nil {
		return nil, "", false
	}
	for _, byLabel := range []bool{false, true} {
		for i, blk := range all {
			es, _ := blk["elements"].([]any)
			for _, e := range es {
				o, _ := e.(object)
				label, _ := o["text"].(object)
				if o["type"] == "button" && (o["action_id"] == want || byLabel && label["text"] == want) {
					id, _ := blk["block_id"].(string)
					return o, or(id, fmt.Sprintf("b%d", i)), true
				}
			}
		}
	}
	return nil, "", false
}

// Shortcut lets a person run a message shortcut on a message.
func (s *Server) Shortcut(user, channel, ts, callbackID string) *Delivery {
	s.mu.Lock()
	m := s.world.message(channel, ts)
	if m == nil {
		s.mu.Unlock()
		panic("fakeslack: no message " + ts)
	}
	s.say("%s runs the shortcut %s on: %s", s.world.userLabel(user), callbackID, s.readable1(m.Text))
	p := s.interaction("message_action", user)
	p["callback_id"], p["message_ts"], p["action_ts"] = callbackID, m.TS, s.ts()
	p["message"] = s.messageJSON(m)
	p["channel"] = map[string]any{"id": channel, "name": s.world.channels[channel].Name}
	p["response_url"] = s.newResponseURL(channel, user, "", KindInteraction)
	d := s.newDelivery(KindInteraction, p)
	s.mu.Unlock()
	s.send(d, "")
	return d
}

// Submit lets a person send a modal with values for its inputs, by action_id.
// Options of selects are given by their value. What was prefilled and is not
// in values is sent as it stands.
func (s *Server) Submit(user, viewID string, values map[string]string) (*Delivery, error) {
	s.mu.Lock()
	var v *View
	for _, o := range s.world.views {
		if o.ID == viewID && o.Type == "modal" && !o.Closed {
			v = o
		}
	}
	if v == nil {
		s.mu.Unlock()
		return nil, fmt.Errorf("fakeslack: no open modal %s", viewID)
	}
	s.say("%s submits %s", s.world.userLabel(user), v.CallbackID)
	p := s.interaction("view_submission", user)
	view := v.json()
	view["state"] = map[string]any{"values": viewState(v.JSON, values)}
	p["view"] = view
	p["response_urls"] = []any{}
	d := s.newDelivery(KindInteraction, p)
	s.mu.Unlock()
	s.send(d, "")
	return d, nil
}

// viewState is the state of a modal's inputs, by block_id and action_id.
func viewState(raw []byte, values map[string]string) map[string]any {
	var v struct {
		Blocks []struct {
			BlockID string `json:"block_id"`
			Element object `json:"element"`
		} `json:"blocks"`
	}
	_ = json.Unmarshal(raw, &v) // checked when it was opened
	out := map[string]any{}
	for i, b := range v.Blocks {
		id, _ := b.Element["action_id"].(string)
		if id == "" {
			continue
		}
		kind, _ := b.Element["type"].(string)
		st := map[string]any{"type": kind}
		given, has := values[id]
		if kind == "static_select" {
			opt := b.Element["initial_option"]
			if has {
				opt = map[string]any{"value": given, "text": map[string]any{"type": "plain_text", "text": given}}
			}
			st["selected_option"] = opt
		} else {
			st["value"] = b.Element["initial_value"]
			if has {
				st["value"] = given
			}
		}
		out[or(b.BlockID, fmt.Sprintf("b%d", i))] = map[string]any{id: st}
	}
	return out
}

// OpenHome lets a person open the app's home tab.
func (s *Server) OpenHome(user string) *Delivery {
	s.mu.Lock()
	c := s.world.im(user)
	s.say("%s opens the home tab", s.world.userLabel(user))
	d := s.event("app_home_opened", map[string]any{
		"type": "app_home_opened", "user": user, "channel": c.ID, "tab": "home", "event_ts": s.ts(),
	})
	s.mu.Unlock()
	if d != nil {
		s.send(d, "")
	}
	return d
}

// readable1 is a text in one line with the app's mention as a name; mu is held.
func (s *Server) readable1(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), Mention(), "@"+BotName)
}
