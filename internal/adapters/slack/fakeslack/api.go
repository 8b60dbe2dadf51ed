package fakeslack

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one call of the Web API, or of a response URL (method "response_url").
type Call struct {
	Method string
	Args   map[string]string // without the token; what is JSON stays JSON
	Error  string            // "" when it succeeded
	Time   time.Time
}

// Fault makes calls of a method fail; see Server.Fail.
type Fault struct {
	Error      string        // answer ok=false with this error
	Needed     string        // with Error "missing_scope": the scope that is needed
	Status     int           // answer with this HTTP status, 429 and 5xx
	RetryAfter time.Duration // the Retry-After of a 429; less than a second is one second
	Reset      bool          // break the connection off without an answer
	After      bool          // do what was asked first: the caller cannot know (Status, Reset)
	Times      int           // how many calls fail; 0 is one, negative is all
}

// Fail makes the next calls of a method fail, of any method for "". Several
// faults of one method take effect one after the other.
func (s *Server) Fail(method string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults[method] = append(s.faults[method], f)
}

// Heal takes all faults back.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}

// Calls are the calls so far of a method, or all of them for "".
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// apiError is the error of an answer with ok=false.
type apiError struct {
	code   string
	fields map[string]any // further fields of the answer
}

func (e *apiError) Error() string { return e.code }

func fail(code string) *apiError { return &apiError{code: code} }

// args are the arguments of a call.
type args map[string]string

func (a args) bool(name string) bool { return a[name] == "true" || a[name] == "1" }

func (a args) json(name string) json.RawMessage {
	if a[name] == "" || a[name] == "null" {
		return nil
	}
	return json.RawMessage(a[name])
}

// method is one method of the Web API. call runs with mu held.
type method struct {
	call      func(*Server, args) (map[string]any, *apiError)
	scope     string // "" needs none
	app       bool   // wants the app-level token
	perMinute int    // calls a minute (docs.slack.dev/apis/web-api/rate-limits); 0 is no limit
	perRoom   bool   // the limit counts for each channel
}

// methods is the part of the Web API that the fake has.
func methods() map[string]method {
	return map[string]method{
		"api.test":                     {call: (*Server).apiTest},
		"auth.test":                    {call: (*Server).authTest},
		"apps.connections.open":        {call: (*Server).connectionsOpen, app: true},
		"chat.postMessage":             {call: (*Server).chatPostMessage, scope: "chat:write", perMinute: 60, perRoom: true},
		"chat.postEphemeral":           {call: (*Server).chatPostEphemeral, scope: "chat:write", perMinute: 100},
		"chat.update":                  {call: (*Server).chatUpdate, scope: "chat:write", perMinute: 50},
		"chat.delete":                  {call: (*Server).chatDelete, scope: "chat:write", perMinute: 50},
		"chat.getPermalink":            {call: (*Server).chatGetPermalink},
		"conversations.info":           {call: (*Server).conversationsInfo, scope: "channels:read", perMinute: 50},
		"conversations.history":        {call: (*Server).conversationsHistory, scope: "channels:history", perMinute: 50},
		"conversations.replies":        {call: (*Server).conversationsReplies, scope: "channels:history", perMinute: 50},
		"conversations.open":           {call: (*Server).conversationsOpen, scope: "im:write", perMinute: 50},
		"users.info":                   {call: (*Server).usersInfo, scope: "users:read", perMinute: 100},
		"usergroups.users.list":        {call: (*Server).groupMembers, scope: "usergroups:read", perMinute: 20},
		"reactions.add":                {call: (*Server).reactionsAdd, scope: "reactions:write", perMinute: 50},
		"reactions.remove":             {call: (*Server).reactionsRemove, scope: "reactions:write", perMinute: 20},
		"views.open":                   {call: (*Server).viewsOpen, perMinute: 100},
		"views.update":                 {call: (*Server).viewsUpdate, perMinute: 100},
		"views.publish":                {call: (*Server).viewsPublish, perMinute: 100},
		"files.getUploadURLExternal":   {call: (*Server).filesGetUploadURL, scope: "files:write", perMinute: 100},
		"files.completeUploadExternal": {call: (*Server).filesComplete, scope: "files:write", perMinute: 100},
	}
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/api/")
	token, a, err := readArgs(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.opts.Slow > 0 && strings.HasPrefix(name, "chat.") {
		time.Sleep(s.opts.Slow)
	}
	s.mu.Lock()
	fault := s.takeFault(name)
	answer, aerr := map[string]any(nil), (*apiError)(nil)
	wait := time.Duration(0)
	if fault == nil || fault.After {
		if wait = s.overRate(name, a); wait == 0 {
			answer, aerr = s.dispatch(name, token, a)
		}
	}
	if wait > 0 {
		fault = &Fault{Status: http.StatusTooManyRequests, RetryAfter: wait}
	}
	s.record(name, a, aerr, fault)
	s.note()
	s.mu.Unlock()
	if fault != nil {
		writeFault(w, fault)
		return
	}
	writeAnswer(w, s.opts.Scopes, answer, aerr)
}

// dispatch checks the token and the scope and runs the method; mu is held.
func (s *Server) dispatch(name, token string, a args) (map[string]any, *apiError) {
	m, ok := methods()[name]
	if !ok {
		return nil, fail("unknown_method")
	}
	want := s.opts.BotToken
	if m.app {
		want = s.opts.AppToken
	}
	switch {
	case token == "":
		return nil, fail("not_authed")
	case token != want && (token == s.opts.BotToken || token == s.opts.AppToken):
		return nil, fail("not_allowed_token_type")
	case token != want:
		return nil, fail("invalid_auth")
	}
	if m.scope != "" && !slices.Contains(s.opts.Scopes, m.scope) {
		return nil, &apiError{code: "missing_scope", fields: map[string]any{"needed": m.scope, "provided": strings.Join(s.opts.Scopes, ",")}}
	}
	return m.call(s, a)
}

// takeFault is the fault that this call meets, or nil; mu is held.
func (s *Server) takeFault(name string) *Fault {
	fs := s.faults[name]
	if len(fs) == 0 {
		name = ""
		if fs = s.faults[name]; len(fs) == 0 {
			return nil
		}
	}
	f := fs[0]
	if fs[0].Times > 0 {
		if fs[0].Times--; fs[0].Times == 0 {
			s.faults[name] = fs[1:]
		}
	}
	return &f
}

// overRate counts a call and says how long to wait when it is one too many; mu is held.
func (s *Server) overRate(name string, a args) time.Duration {
	m := methods()[name]
	if !s.opts.Rates || m.perMinute == 0 {
		return 0
	}
	key := name
	if m.perRoom {
		key += " " + a["channel"]
	}
	now := s.Clock.Now()
	recent := slices.DeleteFunc(s.rates[key], func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	if len(recent) >= m.perMinute {
		s.rates[key] = recent
		return max(time.Second, recent[0].Add(time.Minute).Sub(now))
	}
	s.rates[key] = append(recent, now)
	return 0
}

// record keeps the call and its line in the transcript; mu is held.
func (s *Server) record(name string, a args, aerr *apiError, f *Fault) {
	if s.opts.Quiet {
		return
	}
	c := Call{Method: name, Args: a, Time: s.Clock.Now()}
	switch {
	case aerr != nil:
		c.Error = aerr.code
	case f != nil && f.Error != "":
		c.Error = f.Error
	case f != nil && f.Status != 0:
		c.Error = strconv.Itoa(f.Status)
	case f != nil:
		c.Error = "reset"
	}
	s.calls = append(s.calls, c)
	if !slices.Contains(quiet, name) || c.Error != "" {
		s.script = append(s.script, s.callLine(c))
	}
}

func writeFault(w http.ResponseWriter, f *Fault) {
	switch {
	case f.Error != "":
		e := &apiError{code: f.Error}
		if f.Needed != "" {
			e.fields = map[string]any{"needed": f.Needed, "provided": ""}
		}
		writeAnswer(w, nil, nil, e)
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", strconv.Itoa(int(max(time.Second, f.RetryAfter)/time.Second)))
		w.WriteHeader(f.Status)
		fmt.Fprint(w, `{"ok":false,"error":"ratelimited"}`)
	default:
		w.WriteHeader(f.Status)
		fmt.Fprint(w, "<html>upstream error</html>")
	}
}

func writeAnswer(w http.ResponseWriter, scopes []string, answer map[string]any, aerr *apiError) {
	out := map[string]any{"ok": true}
	for k, v := range answer {
		out[k] = v
	}
	if aerr != nil {
		out = map[string]any{"ok": false, "error": aerr.code}
		for k, v := range aerr.fields {
			out[k] = v
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if scopes != nil {
		w.Header().Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	}
	_ = json.NewEncoder(w).Encode(out)
}

// maxBody is more than any call of the Web API may have.
const maxBody = 4 << 20

// readArgs reads the token and the arguments of a call from a query, a form or JSON.
func readArgs(r *http.Request) (token string, a args, err error) {
	a = args{}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			return "", nil, err
		}
		if err := jsonArgs(body, a); err != nil {
			return "", nil, err
		}
	} else if err := r.ParseMultipartForm(maxBody); err != nil && r.Form == nil {
		return "", nil, err
	}
	for k, v := range r.Form {
		a[k] = v[0]
	}
	token = a["token"]
	delete(a, "token")
	if h, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = h
	}
	return token, a, nil
}

// jsonArgs adds the members of a JSON object to a: strings as they are, the
// rest as JSON.
func jsonArgs(body []byte, a args) error {
	if len(strings.TrimSpace(string(body))) == 0 {
		return nil
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return fmt.Errorf("invalid_json: %w", err)
	}
	for k, v := range m {
		var text string
		if json.Unmarshal(v, &text) != nil {
			text = string(v)
		}
		a[k] = text
	}
	return nil
}

func (s *Server) apiTest(args) (map[string]any, *apiError) { return nil, nil }

func (s *Server) authTest(args) (map[string]any, *apiError) {
	return map[string]any{
		"url": "https://fake.slack.com/", "team": "Fake", "user": BotName,
		"team_id": TeamID, "user_id": BotUserID, "bot_id": BotID, "is_enterprise_install": false,
	}, nil
}
