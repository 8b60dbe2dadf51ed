package fakeslack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) conversationsInfo(a args) (map[string]any, *apiError) {
	c := s.world.channels[a["channel"]]
	if c == nil || (c.Private || c.IM) && !c.has(BotUserID) {
		return nil, fail("channel_not_found")
	}
	return map[string]any{"channel": channelJSON(c)}, nil
}

func channelJSON(c *Channel) map[string]any {
	return map[string]any{
		"id": c.ID, "name": c.Name, "is_channel": !c.IM && !c.Private, "is_group": c.Private, "is_im": c.IM,
		"is_private": c.Private, "is_archived": c.Archived, "is_member": c.has(BotUserID),
	}
}

// readable finds a channel whose messages the app may read.
func (s *Server) readable(id string) (*Channel, *apiError) {
	c := s.world.channels[id]
	if c == nil {
		return nil, fail("channel_not_found")
	}
	if !c.has(BotUserID) {
		return nil, fail("not_in_channel")
	}
	return c, nil
}

func (s *Server) conversationsHistory(a args) (map[string]any, *apiError) {
	c, e := s.readable(a["channel"])
	if e != nil {
		return nil, e
	}
	return s.page(a, func(m *Message) bool { return m.Channel == c.ID && m.ThreadTS == "" }, true), nil
}

func (s *Server) conversationsReplies(a args) (map[string]any, *apiError) {
	c, e := s.readable(a["channel"])
	if e != nil {
		return nil, e
	}
	root, e := s.thread(c, a["ts"])
	if e != nil || root == "" {
		return nil, fail("thread_not_found")
	}
	return s.page(a, func(m *Message) bool { return m.Channel == c.ID && (m.TS == root || m.ThreadTS == root) }, false), nil
}

// page lists the messages that match, as many as limit allows.
func (s *Server) page(a args, match func(*Message) bool, newestFirst bool) map[string]any {
	limit, _ := strconv.Atoi(a["limit"])
	if limit <= 0 || limit > 1000 {
		limit = 100
	}
	out := []map[string]any{}
	for _, m := range s.world.messages {
		if m.Deleted || m.Ephemeral != "" || !match(m) || m.TS < a["oldest"] {
			continue
		}
		j := s.messageJSON(m)
		if !a.bool("include_all_metadata") {
			delete(j, "metadata")
		}
		out = append(out, j)
	}
	if newestFirst {
		slices.Reverse(out)
	}
	more := len(out) > limit
	return map[string]any{"messages": out[:min(limit, len(out))], "has_more": more}
}

func (s *Server) conversationsOpen(a args) (map[string]any, *apiError) {
	u, ok := s.world.users[a["users"]]
	if !ok || u.Bot {
		return nil, fail("user_not_found")
	}
	return map[string]any{"channel": channelJSON(s.world.im(u.ID))}, nil
}

func (s *Server) usersInfo(a args) (map[string]any, *apiError) {
	u, ok := s.world.users[a["user"]]
	if !ok {
		return nil, fail("user_not_found")
	}
	out := map[string]any{"id": u.ID, "team_id": TeamID, "name": u.Name, "is_bot": u.Bot, "deleted": false, "profile": map[string]any{"display_name": u.Name}}
	if !u.Bot {
		out["is_admin"], out["is_owner"], out["is_primary_owner"] = u.Admin || u.Owner, u.Owner, false
		out["is_restricted"], out["is_ultra_restricted"] = false, false
	}
	if a.bool("include_locale") {
		out["locale"] = or(u.Locale, "en-US")
	}
	return map[string]any{"user": out}, nil
}

func (s *Server) groupMembers(a args) (map[string]any, *apiError) {
	g, ok := s.world.groups[a["usergroup"]]
	switch {
	case !ok:
		return nil, fail("no_such_subteam")
	case g.Disabled && !a.bool("include_disabled"):
		return nil, fail("subteam_disabled")
	}
	return map[string]any{"users": append([]string{}, g.Members...)}, nil
}

// triggerLife is how long a trigger_id can open a view
// (docs.slack.dev/interactivity/handling-user-interaction).
const triggerLife = 3 * time.Second

// newTrigger makes a trigger_id; mu is held.
func (s *Server) newTrigger() string {
	id := s.id("trigger.")
	s.trigger[id] = s.Clock.Now().Add(triggerLife)
	return id
}

func (s *Server) viewsOpen(a args) (map[string]any, *apiError) {
	end, ok := s.trigger[a["trigger_id"]]
	if !ok {
		return nil, fail("invalid_trigger_id")
	}
	delete(s.trigger, a["trigger_id"])
	if s.Clock.Now().After(end) {
		return nil, fail("expired_trigger_id")
	}
	return s.keepView(a, &View{ID: s.id("V")}, "modal")
}

func (s *Server) viewsUpdate(a args) (map[string]any, *apiError) {
	for _, v := range s.world.views {
		if v.ID == a["view_id"] && !v.Closed {
			return s.keepView(a, v, "modal")
		}
	}
	return nil, fail("not_found")
}

func (s *Server) viewsPublish(a args) (map[string]any, *apiError) {
	if _, ok := s.world.users[a["user_id"]]; !ok {
		return nil, fail("user_not_found")
	}
	for _, v := range s.world.views {
		if v.Type == "home" && v.User == a["user_id"] {
			return s.keepView(a, v, "home")
		}
	}
	return s.keepView(a, &View{ID: s.id("V"), User: a["user_id"]}, "home")
}

// keepView checks a view and keeps it in v.
func (s *Server) keepView(a args, v *View, kind string) (map[string]any, *apiError) {
	raw := a.json("view")
	if errs := checkView(raw, kind); len(errs) > 0 {
		return nil, &apiError{code: "invalid_arguments", fields: map[string]any{"response_metadata": map[string]any{"messages": []string(errs)}}}
	}
	var in struct {
		CallbackID      string `json:"callback_id"`
		PrivateMetadata string `json:"private_metadata"`
	}
	_ = json.Unmarshal(raw, &in) // checkView has parsed it
	v.Type, v.CallbackID, v.PrivateMetadata, v.JSON = kind, in.CallbackID, in.PrivateMetadata, raw
	if !slices.Contains(s.world.views, v) {
		s.world.views = append(s.world.views, v)
	}
	return map[string]any{"view": v.json()}, nil
}

// json is the view as the Web API and interactions show it.
func (v *View) json() map[string]any {
	out := map[string]any{}
	_ = json.Unmarshal(v.JSON, &out)
	out["id"], out["team_id"], out["app_id"], out["bot_id"] = v.ID, TeamID, AppID, BotID
	out["hash"] = "1700000000.fake"
	return out
}

// checkView says what Slack would object to in a view.
func checkView(raw []byte, kind string) BlockErrors {
	var v object
	if err := json.Unmarshal(raw, &v); err != nil {
		return BlockErrors{"[ERROR] must be an object [json-pointer:/view]"}
	}
	var c checker
	if v["type"] != kind {
		c.fail("/view/type", "must be %s", kind)
	}
	c.text("/view/callback_id", v["callback_id"], 0, limitID)
	c.text("/view/private_metadata", v["private_metadata"], 0, 3000)
	if kind == "modal" {
		c.textObject("/view/title", v["title"], 24, "plain_text")
		for _, name := range []string{"submit", "close"} {
			if v[name] != nil {
				c.textObject("/view/"+name, v[name], 24, "plain_text")
			}
		}
		if v["submit"] == nil && hasInput(v["blocks"]) {
			c.fail("/view", "submit must be set when there are input blocks")
		}
	}
	blocks, err := json.Marshal(v["blocks"])
	if err != nil {
		return append(c.errs, err.Error())
	}
	return append(c.errs, checkBlocks(blocks, limitViewBlocks, viewBlocks)...)
}

func hasInput(blocks any) bool {
	found := false
	walk(blocks, func(o object) { found = found || o["type"] == "input" })
	return found
}

func (s *Server) filesGetUploadURL(a args) (map[string]any, *apiError) {
	if a["filename"] == "" || a["length"] == "" {
		return nil, fail("invalid_arguments")
	}
	f := &File{ID: s.id("F"), Name: a["filename"]}
	s.world.files[f.ID] = f
	return map[string]any{"upload_url": s.base + "/upload/" + f.ID, "file_id": f.ID}, nil
}

func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	var content []byte
	var err error
	if file, _, ferr := r.FormFile("file"); ferr == nil {
		content, err = io.ReadAll(file)
	} else {
		content, err = io.ReadAll(io.LimitReader(r.Body, maxBody))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.world.files[strings.TrimPrefix(r.URL.Path, "/upload/")]
	if f == nil || err != nil {
		http.Error(w, "no such upload", http.StatusNotFound)
		return
	}
	f.Content = content
	fmt.Fprintf(w, "OK - %d", len(content))
}

func (s *Server) filesComplete(a args) (map[string]any, *apiError) {
	var in []struct{ ID, Title string }
	if err := json.Unmarshal(a.json("files"), &in); err != nil || len(in) == 0 {
		return nil, fail("invalid_arguments")
	}
	c, e := s.postable(a["channel_id"])
	if e != nil {
		return nil, e
	}
	thread, e := s.thread(c, a["thread_ts"])
	if e != nil {
		return nil, e
	}
	m := &Message{Channel: c.ID, TS: s.ts(), ThreadTS: thread, User: BotUserID, BotID: BotID, Text: a["initial_comment"]}
	var out []map[string]any
	for _, i := range in {
		f := s.world.files[i.ID]
		if f == nil || f.Content == nil || f.shared {
			return nil, fail("file_not_found")
		}
		f.Title, f.shared = i.Title, true
		m.Files = append(m.Files, *f)
		out = append(out, map[string]any{"id": f.ID, "title": f.Title})
	}
	s.world.add(m)
	return map[string]any{"files": out}, nil
}
