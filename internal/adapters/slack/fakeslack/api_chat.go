package fakeslack

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// maxText is where chat.postMessage cuts a text
// (docs.slack.dev/reference/methods/chat.postMessage, "msg_too_long").
const maxText = 40000

var tsForm = regexp.MustCompile(`^\d{10}\.\d{6}$`)

// content checks what a message shows.
func content(a args) (text string, blocks json.RawMessage, e *apiError) {
	text, blocks = a["text"], a.json("blocks")
	if blocks != nil {
		if errs := checkBlocks(blocks, limitMessageBlocks, messageBlocks); len(errs) > 0 {
			return "", nil, &apiError{code: "invalid_blocks", fields: map[string]any{
				"errors":            []string(errs),
				"response_metadata": map[string]any{"messages": []string(errs)},
			}}
		}
	}
	if strings.TrimSpace(text) == "" && (blocks == nil || string(blocks) == "[]") && a.json("attachments") == nil {
		return "", nil, fail("no_text")
	}
	if len(utf16.Encode([]rune(text))) > maxText {
		return "", nil, fail("msg_too_long")
	}
	return text, blocks, nil
}

// postable finds the channel of a post and checks that the app may write there.
func (s *Server) postable(id string) (*Channel, *apiError) {
	c := s.world.resolve(id)
	switch {
	case c == nil, c.Private && !c.has(BotUserID), c.IM && !c.has(BotUserID):
		return nil, fail("channel_not_found")
	case c.Archived:
		return nil, fail("is_archived")
	case !c.has(BotUserID):
		return nil, fail("not_in_channel")
	}
	return c, nil
}

// thread checks a thread_ts and returns the root's timestamp.
func (s *Server) thread(c *Channel, ts string) (string, *apiError) {
	if ts == "" {
		return "", nil
	}
	if !tsForm.MatchString(ts) {
		return "", fail("invalid_thread_ts")
	}
	m := s.world.root(c.ID, ts)
	if m == nil {
		return "", fail("thread_not_found")
	}
	if m.ThreadTS != "" {
		return m.ThreadTS, nil
	}
	return m.TS, nil
}

func (s *Server) chatPostMessage(a args) (map[string]any, *apiError) {
	c, e := s.postable(a["channel"])
	if e != nil {
		return nil, e
	}
	text, blocks, e := content(a)
	if e != nil {
		return nil, e
	}
	thread, e := s.thread(c, a["thread_ts"])
	if e != nil {
		return nil, e
	}
	m := &Message{
		Channel: c.ID, TS: s.ts(), ThreadTS: thread, User: BotUserID, BotID: BotID,
		Text: text, Blocks: blocks, Metadata: a.json("metadata"),
	}
	s.post(c, m)
	return map[string]any{"channel": c.ID, "ts": m.TS, "message": s.messageJSON(m)}, nil
}

// post keeps a message and tells the app about it, as Slack does for the app's own too.
func (s *Server) post(c *Channel, m *Message) {
	s.world.add(m)
	s.messageEvent(c, m)
}

func (s *Server) chatPostEphemeral(a args) (map[string]any, *apiError) {
	c, e := s.postable(a["channel"])
	if e != nil {
		return nil, e
	}
	if !c.has(a["user"]) {
		return nil, fail("user_not_in_channel")
	}
	text, blocks, e := content(a)
	if e != nil {
		return nil, e
	}
	thread, e := s.thread(c, a["thread_ts"])
	if e != nil {
		return nil, e
	}
	m := &Message{Channel: c.ID, TS: s.ts(), ThreadTS: thread, User: BotUserID, BotID: BotID, Text: text, Blocks: blocks, Ephemeral: a["user"]}
	s.world.add(m)
	return map[string]any{"message_ts": m.TS}, nil
}

// own finds a message of the app's own.
func (s *Server) own(a args, other string) (*Channel, *Message, *apiError) {
	c, e := s.postable(a["channel"])
	if e != nil {
		return nil, nil, e
	}
	m := s.world.message(c.ID, a["ts"])
	if m == nil || m.Ephemeral != "" {
		return nil, nil, fail("message_not_found")
	}
	if m.BotID != BotID {
		return nil, nil, fail(other)
	}
	return c, m, nil
}

func (s *Server) chatUpdate(a args) (map[string]any, *apiError) {
	c, m, e := s.own(a, "cant_update_message")
	if e != nil {
		return nil, e
	}
	text, blocks, e := content(a)
	if e != nil {
		return nil, e
	}
	before := s.messageJSON(m)
	m.Text, m.Blocks = text, blocks
	m.Edits++
	if md := a.json("metadata"); md != nil {
		m.Metadata = md
	}
	s.changedEvent(c, m, before)
	return map[string]any{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": s.messageJSON(m)}, nil
}

func (s *Server) chatDelete(a args) (map[string]any, *apiError) {
	c, m, e := s.own(a, "cant_delete_message")
	if e != nil {
		return nil, e
	}
	m.Deleted = true
	s.deletedEvent(c, m)
	return map[string]any{"channel": c.ID, "ts": m.TS}, nil
}

func (s *Server) chatGetPermalink(a args) (map[string]any, *apiError) {
	m := s.world.message(a["channel"], a["message_ts"])
	if m == nil {
		return nil, fail("message_not_found")
	}
	return map[string]any{"channel": m.Channel, "permalink": Permalink(*m)}, nil
}

// Permalink is the address that "Copy link" gives for a message.
func Permalink(m Message) string {
	link := "https://fake.slack.com/archives/" + m.Channel + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.ThreadTS != "" {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + m.Channel
	}
	return link
}

func (s *Server) reactionsAdd(a args) (map[string]any, *apiError) {
	m := s.world.message(a["channel"], a["timestamp"])
	if m == nil {
		return nil, fail("message_not_found")
	}
	if slices.Contains(m.Reactions, a["name"]) {
		return nil, fail("already_reacted")
	}
	m.Reactions = append(m.Reactions, a["name"])
	return nil, nil
}

func (s *Server) reactionsRemove(a args) (map[string]any, *apiError) {
	m := s.world.message(a["channel"], a["timestamp"])
	if m == nil {
		return nil, fail("message_not_found")
	}
	i := slices.Index(m.Reactions, a["name"])
	if i < 0 {
		return nil, fail("no_reaction")
	}
	m.Reactions = slices.Delete(m.Reactions, i, i+1)
	return nil, nil
}

// messageJSON is a message as the Web API and events show it.
func (s *Server) messageJSON(m *Message) map[string]any {
	out := map[string]any{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": TeamID}
	if m.BotID != "" {
		out["bot_id"], out["app_id"] = m.BotID, AppID
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
		if r := s.world.message(m.Channel, m.ThreadTS); r != nil {
			out["parent_user_id"] = r.User
		}
	}
	if m.Blocks != nil {
		out["blocks"] = m.Blocks
	}
	if m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	if m.Edits > 0 {
		out["edited"] = map[string]any{"user": m.User, "ts": fmt.Sprintf("%s%d", m.TS, m.Edits)}
	}
	return out
}
