package fakeslack

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// A response_url works five times within thirty minutes
// (docs.slack.dev/interactivity/handling-user-interaction#message_responses).
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// responseURL is where an app may answer a command or an interaction.
type responseURL struct {
	channel, user string
	source        string // ts of the message whose button was pressed, or ""
	uses          int
	end           time.Time
}

// newResponseURL makes a response_url; mu is held.
func (s *Server) newResponseURL(channel, user, source, kind string) string {
	id := s.id("r")
	s.urls[id] = &responseURL{channel: channel, user: user, source: source, end: s.Clock.Now().Add(responseLife)}
	return s.base + "/response/" + kind + "/" + id
}

func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	_, a, err := readArgs(r)
	if err != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	fault := s.takeFault("response_url")
	code, aerr := http.StatusOK, (*apiError)(nil)
	if fault == nil || fault.After {
		code, aerr = s.useResponseURL(id, a)
	}
	s.record("response_url", a, aerr, fault)
	s.note()
	s.mu.Unlock()
	if fault != nil {
		writeFault(w, fault)
		return
	}
	if aerr != nil {
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": false, "error": aerr.code})
		return
	}
	_, _ = w.Write([]byte("ok"))
}

// useResponseURL spends one use; mu is held.
func (s *Server) useResponseURL(id string, a args) (int, *apiError) {
	u := s.urls[id]
	if u == nil {
		return http.StatusNotFound, fail("invalid_url")
	}
	if s.Clock.Now().After(u.end) {
		return http.StatusNotFound, fail("expired_url")
	}
	if u.uses == responseUses {
		return http.StatusNotFound, fail("used_url")
	}
	if e := s.answerThere(u, a); e != nil {
		return http.StatusBadRequest, e
	}
	u.uses++
	return http.StatusOK, nil
}

// answerThere posts, replaces or deletes; mu is held. Only a URL that came
// with a button has an original to replace.
func (s *Server) answerThere(u *responseURL, a args) *apiError {
	original := s.world.message(u.channel, u.source)
	if original != nil && a.bool("delete_original") {
		original.Deleted = true
		return nil
	}
	text, blocks, e := content(a)
	if e != nil {
		return e
	}
	if original != nil && (a.bool("replace_original") || a["replace_original"] == "") && a["response_type"] == "" {
		original.Text, original.Blocks = text, blocks
		original.Edits++
		return nil
	}
	c := s.world.channels[u.channel]
	if c.Archived {
		return fail("is_archived")
	}
	m := &Message{Channel: u.channel, TS: s.ts(), User: BotUserID, BotID: BotID, Text: text, Blocks: blocks, ThreadTS: a["thread_ts"]}
	if a["response_type"] != "in_channel" {
		m.Ephemeral = u.user
		s.world.add(m)
		return nil
	}
	s.post(c, m)
	return nil
}

// respond does what the payload of an acknowledgement asks for.
func (s *Server) respond(d *Delivery, payload json.RawMessage) {
	if len(payload) == 0 || d.Kind == KindEvent {
		payload = nil
	}
	p, _ := d.payload.(map[string]any)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case d.Kind == KindCommand && payload != nil:
		a := args{}
		if jsonArgs(payload, a) != nil || a["text"] == "" && a["blocks"] == "" {
			return
		}
		channel, _ := p["channel_id"].(string)
		user, _ := p["user_id"].(string)
		e := s.answerThere(&responseURL{channel: channel, user: user}, a)
		s.record("ack", a, e, nil)
	case p["type"] == "view_submission":
		s.closeView(p, payload)
	}
}

// closeView closes a submitted modal unless the app found errors in it; mu is held.
func (s *Server) closeView(p map[string]any, payload json.RawMessage) {
	var r struct {
		Action string          `json:"response_action"`
		View   json.RawMessage `json:"view"`
	}
	_ = json.Unmarshal(payload, &r) // no answer closes
	view, _ := p["view"].(map[string]any)
	for _, v := range s.world.views {
		if v.ID != view["id"] {
			continue
		}
		switch r.Action {
		case "errors":
			s.say("  ack errors %s", payload)
		case "update":
			v.JSON = r.View
		default:
			v.Closed = true
		}
	}
}
