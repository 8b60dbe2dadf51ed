package fakediscord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// apiError is how Discord refuses a request.
// Codes: discord.com/developers/docs/topics/opcodes-and-status-codes.
type apiError struct {
	Status  int             `json:"-"`
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Errors  json.RawMessage `json:"errors,omitempty"`
}

var (
	errUnauthorized      = &apiError{Status: 401, Message: "401: Unauthorized"}
	errNotFound          = &apiError{Status: 404, Message: "404: Not Found"}
	errUnknownChannel    = &apiError{Status: 404, Code: 10003, Message: "Unknown Channel"}
	errUnknownGuild      = &apiError{Status: 404, Code: 10004, Message: "Unknown Guild"}
	errUnknownMessage    = &apiError{Status: 404, Code: 10008, Message: "Unknown Message"}
	errUnknownUser       = &apiError{Status: 404, Code: 10013, Message: "Unknown User"}
	errUnknownWebhook    = &apiError{Status: 404, Code: 10015, Message: "Unknown Webhook"}
	errUnknownMember     = &apiError{Status: 404, Code: 10007, Message: "Unknown Member"}
	errUnknownCall       = &apiError{Status: 404, Code: 10062, Message: "Unknown interaction"}
	errAcknowledged      = &apiError{Status: 400, Code: 40060, Message: "Interaction has already been acknowledged."}
	errMissingAccess     = &apiError{Status: 403, Code: 50001, Message: "Missing Access"}
	errNotAuthor         = &apiError{Status: 403, Code: 50005, Message: "Cannot edit a message authored by another user"}
	errEmpty             = &apiError{Status: 400, Code: 50006, Message: "Cannot send an empty message"}
	errCannotDM          = &apiError{Status: 403, Code: 50007, Message: "Cannot send messages to this user"}
	errMissingPermission = &apiError{Status: 403, Code: 50013, Message: "Missing Permissions"}
	errNotOnThisChannel  = &apiError{Status: 400, Code: 50024, Message: "Cannot execute action on this channel type"}
	errInvalidToken      = &apiError{Status: 401, Code: 50027, Message: "Invalid Webhook Token"}
	errArchived          = &apiError{Status: 400, Code: 50083, Message: "Thread is archived"}
	errHasThread         = &apiError{Status: 400, Code: 160004, Message: "A thread has already been created for this message"}
)

// request is a REST call while it is served.
type request struct {
	*http.Request
	body  []byte // the JSON part
	files []Attachment
}

func (r *request) decode(v any) *apiError {
	if len(r.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(r.body, v); err != nil {
		return &apiError{Status: 400, Code: 50109, Message: "The request body contains invalid JSON."}
	}
	return nil
}

// reply is what a route answers: a value as JSON, or nothing (204).
type handler func(*request) (any, *apiError)

// routes is the table of the REST API.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	open := map[string]handler{ // no bot token needed
		"GET /gateway": s.getGateway,
		"POST /interactions/{id}/{token}/callback":     s.postCallback,
		"POST /webhooks/{app}/{token}":                 s.postFollowup,
		"GET /webhooks/{app}/{token}/messages/{id}":    s.getFollowup,
		"PATCH /webhooks/{app}/{token}/messages/{id}":  s.patchFollowup,
		"DELETE /webhooks/{app}/{token}/messages/{id}": s.deleteFollowup,
	}
	closed := map[string]handler{
		"GET /gateway/bot":                               s.getGatewayBot,
		"GET /users/@me":                                 func(*request) (any, *apiError) { return s.Bot, nil },
		"POST /users/@me/channels":                       s.postDM,
		"GET /applications/@me":                          s.getApplication,
		"GET /oauth2/applications/@me":                   s.getApplication,
		"GET /users/@me/guilds":                          s.getGuilds,
		"GET /guilds/{guild}/channels":                   s.getGuildChannels,
		"GET /applications/{app}/commands":               s.getCommands,
		"PUT /applications/{app}/commands":               s.putCommands,
		"GET /guilds/{guild}":                            s.getGuild,
		"GET /guilds/{guild}/roles":                      s.getRoles,
		"GET /guilds/{guild}/members/{user}":             s.getMember,
		"GET /channels/{channel}":                        s.getChannel,
		"PATCH /channels/{channel}":                      s.patchChannel,
		"GET /channels/{channel}/messages":               s.getMessages,
		"POST /channels/{channel}/messages":              s.postMessage,
		"GET /channels/{channel}/messages/{id}":          s.getMessage,
		"PATCH /channels/{channel}/messages/{id}":        s.patchMessage,
		"DELETE /channels/{channel}/messages/{id}":       s.deleteMessage,
		"POST /channels/{channel}/messages/{id}/threads": s.postThread,
		"POST /channels/{channel}/typing":                s.postTyping,
	}
	for pattern, h := range open {
		s.route(mux, pattern, h, false)
	}
	for pattern, h := range closed {
		s.route(mux, pattern, h, true)
	}
	mux.HandleFunc("/ws/", s.serveGateway)
	mux.HandleFunc("/ws", s.serveGateway)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.finish(w, r, nil, nil, errNotFound)
	})
	return mux
}

var versioned = regexp.MustCompile(`^/api(/v\d+)?`)

// route serves one pattern under /api, /api/v9 and /api/v10.
func (s *Server) route(mux *http.ServeMux, pattern string, h handler, needsToken bool) {
	method, path, _ := strings.Cut(pattern, " ")
	serve := func(w http.ResponseWriter, r *http.Request) {
		req, err := read(r)
		if err != nil {
			s.finish(w, r, nil, nil, &apiError{Status: 400, Code: 50035, Message: "Invalid Form Body"})
			return
		}
		if s.opts.Slow > 0 && strings.Contains(path, "/messages") {
			time.Sleep(s.opts.Slow)
		}
		s.mu.Lock()
		limited := s.limit(w, r, pattern)
		fault := s.takeFault(r)
		s.mu.Unlock()
		if limited {
			s.record(r, req.body, http.StatusTooManyRequests, 0)
			return
		}
		if fault != nil && !fault.After {
			s.refuse(w, r, req.body, fault)
			return
		}
		var out any
		var fail *apiError
		if needsToken && r.Header.Get("Authorization") != "Bot "+s.Token {
			fail = errUnauthorized
		} else {
			out, fail = h(req)
		}
		if fault != nil {
			s.refuse(w, r, req.body, fault)
			return
		}
		s.finish(w, r, req.body, out, fail)
	}
	for _, base := range []string{"/api", "/api/v9", "/api/v10"} {
		mux.HandleFunc(method+" "+base+path, serve)
	}
}

// read takes a body apart: JSON, or multipart with payload_json and files.
func read(r *http.Request) (*request, error) {
	out := &request{Request: r}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body, err := io.ReadAll(io.LimitReader(r.Body, 30<<20))
	if err != nil {
		return nil, err
	}
	if kind != "multipart/form-data" {
		out.body = body
		return out, nil
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return nil, err
		}
		if p.FormName() == "payload_json" {
			out.body = data
		} else {
			out.files = append(out.files, Attachment{ID: strconv.Itoa(len(out.files)), Filename: p.FileName(), Size: len(data), Data: data})
		}
	}
}

func (s *Server) finish(w http.ResponseWriter, r *http.Request, body []byte, out any, fail *apiError) {
	status, code := http.StatusOK, 0
	switch {
	case fail != nil:
		status, code, out = fail.Status, fail.Code, fail
	case out == nil:
		status = http.StatusNoContent
	}
	s.record(r, body, status, code)
	if out == nil {
		w.WriteHeader(status)
		return
	}
	s.mu.Lock()
	data, err := json.Marshal(out) // out may point into the server's state
	s.mu.Unlock()
	if err != nil {
		panic(fmt.Sprintf("fakediscord: %v", err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(data)
}

func (s *Server) record(r *http.Request, body []byte, status, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	if s.opts.Quiet {
		return
	}
	if !json.Valid(body) {
		body = nil
	}
	s.log = append(s.log, Request{
		Method: r.Method, Path: versioned.ReplaceAllString(r.URL.Path, ""), Body: body, Status: status, Code: code, At: s.now(),
	})
}

func (s *Server) getGateway(*request) (any, *apiError) {
	return map[string]string{"url": s.gatewayURL()}, nil
}

func (s *Server) gatewayURL() string { return "ws" + strings.TrimPrefix(s.http.URL, "http") + "/ws/" }

func (s *Server) getGatewayBot(*request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{
		"url": s.gatewayURL(), "shards": s.gateway.shards,
		"session_start_limit": s.startLimitJSON(),
	}, nil
}

func (s *Server) getApplication(*request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	flags, endpoint := 0, any(nil)
	if s.opts.MessageContent {
		flags = 1 << 19 // GATEWAY_MESSAGE_CONTENT_LIMITED
	}
	if s.endpoint != "" {
		endpoint = s.endpoint
	}
	return map[string]any{
		"id": s.AppID, "name": s.Bot.Username, "bot": s.Bot, "verify_key": fmt.Sprintf("%x", s.PublicKey), "flags": flags,
		"interactions_endpoint_url": endpoint,
	}, nil
}

func (s *Server) getGuild(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guilds[r.PathValue("guild")]
	if g == nil {
		return nil, errUnknownGuild
	}
	return s.guildJSON(g), nil
}

func (s *Server) guildJSON(g *guild) map[string]any {
	chans, threads := []*Channel{}, []*Channel{}
	for _, id := range g.Channels {
		if c := s.channels[id]; c != nil {
			chans = append(chans, c)
		}
	}
	for _, c := range s.channels {
		if c.GuildID == g.ID && c.Type == ChannelThread {
			threads = append(threads, c)
		}
	}
	return map[string]any{
		"id": g.ID, "name": g.Name, "preferred_locale": g.Locale, "owner_id": g.OwnerID, "unavailable": false,
		"roles":    append([]Role{}, g.Roles...),
		"channels": chans, "threads": threads, "emojis": []any{}, "stickers": []any{}, "features": []string{}, "members": []any{}, "presences": []any{},
		"voice_states": []any{}, "stage_instances": []any{}, "guild_scheduled_events": []any{}, "soundboard_sounds": []any{},
		"member_count": len(s.users), "large": false, "joined_at": s.now(),
		"verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0,
		"system_channel_flags": 0, "premium_tier": 0, "nsfw_level": 0, "afk_timeout": 300, "premium_progress_bar_enabled": false,
	}
}
