package fakediscord

import (
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Bucket is a rate limit: Limit requests in Per, counted for each channel,
// guild or webhook apart. Route is a pattern such as
// "POST /channels/{channel}/messages".
type Bucket struct {
	Route string
	Limit int
	Per   time.Duration
}

// DefaultBuckets are limits as the real service sends them in its headers;
// Discord does not document them and may change them.
func DefaultBuckets() []Bucket {
	return []Bucket{
		{"POST /channels/{channel}/messages", 5, 5 * time.Second},
		{"PATCH /channels/{channel}/messages/{id}", 5, 5 * time.Second},
		{"DELETE /channels/{channel}/messages/{id}", 5, time.Second},
		{"POST /webhooks/{app}/{token}", 5, 5 * time.Second},
		{"PATCH /webhooks/{app}/{token}/messages/{id}", 5, 5 * time.Second},
		{"POST /channels/{channel}/messages/{id}/threads", 50, 5 * time.Minute},
		{"PUT /applications/{app}/commands", 2, 20 * time.Second},
	}
}

// globalPerSecond is the limit for all requests together; interaction
// callbacks and webhooks of interactions do not count.
const globalPerSecond = 50

type bucketState struct {
	used  int
	reset time.Time
}

// limit writes the headers of the request's bucket, or a 429; s.mu is held.
func (s *Server) limit(w http.ResponseWriter, r *http.Request, pattern string) bool {
	now := s.now()
	if !strings.Contains(pattern, "/interactions/") && !strings.Contains(pattern, "/webhooks/") {
		if s.blocked.After(now) {
			tooMany(w, s.blocked.Sub(now), true)
			return true
		}
		if s.overGlobal(now) {
			tooMany(w, time.Second, true)
			return true
		}
	}
	for _, b := range s.opts.Buckets {
		if b.Route != pattern {
			continue
		}
		major := r.PathValue("channel") + r.PathValue("token") + r.PathValue("app")
		st := s.buckets[pattern+major]
		if st == nil || !st.reset.After(now) {
			st = &bucketState{reset: now.Add(b.Per)}
			s.buckets[pattern+major] = st
		}
		over := st.used >= b.Limit
		if !over {
			st.used++
		}
		wait := st.reset.Sub(now)
		h := w.Header()
		h.Set("X-RateLimit-Limit", strconv.Itoa(b.Limit))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(b.Limit-st.used))
		h.Set("X-RateLimit-Reset", strconv.FormatFloat(float64(st.reset.UnixMilli())/1000, 'f', 3, 64))
		h.Set("X-RateLimit-Reset-After", strconv.FormatFloat(wait.Seconds(), 'f', 3, 64))
		h.Set("X-RateLimit-Bucket", strconv.Itoa(len(pattern))+b.Per.String())
		if over {
			tooMany(w, wait, false)
		}
		return over
	}
	return false
}

// overGlobal counts a request against the limit of a second.
func (s *Server) overGlobal(now time.Time) bool {
	if s.opts.GlobalPerSecond < 0 {
		return false
	}
	kept := s.global[:0]
	for _, at := range s.global {
		if now.Sub(at) < time.Second {
			kept = append(kept, at)
		}
	}
	s.global = append(kept, now)
	return len(s.global) > s.opts.GlobalPerSecond
}

func tooMany(w http.ResponseWriter, wait time.Duration, global bool) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	h.Set("X-RateLimit-Scope", "user")
	if global {
		h.Set("X-RateLimit-Global", "true")
		h.Set("X-RateLimit-Scope", "global")
	}
	w.WriteHeader(http.StatusTooManyRequests)
	json.NewEncoder(w).Encode(map[string]any{"message": "You are being rate limited.", "retry_after": wait.Seconds(), "global": global})
}

// LimitAll answers 429 to every request that counts, for d.
func (s *Server) LimitAll(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked = s.now().Add(d)
}

// Fault is a failure of the REST API that a test orders.
type Fault struct {
	Method string // "" is any
	Path   string // as in path.Match, without /api/vN: "/channels/*/messages"; "" is any
	Times  int    // how often; 0 is once, negative is always
	Status int    // what is answered, after a 429 to come again in a second; 0 cuts the connection
	Code   int    // Discord's error code
	Global bool   // of a 429: it holds for all routes
	After  bool   // the request is carried out, only its answer is lost

	used int
}

// Fail orders a fault. The first that fits a request and is not used up applies.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

// Heal takes all faults back.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Server) takeFault(r *http.Request) *Fault {
	p := versioned.ReplaceAllString(r.URL.Path, "")
	for _, f := range s.faults {
		fits, _ := path.Match(f.Path, p)
		if (f.Times < 0 || f.used < f.Times) && (f.Method == "" || f.Method == r.Method) && (f.Path == "" || fits) {
			f.used++
			return f
		}
	}
	return nil
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, body []byte, f *Fault) {
	s.record(r, body, f.Status, f.Code)
	if f.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	if f.Status == http.StatusTooManyRequests {
		tooMany(w, time.Second, f.Global)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status)
	json.NewEncoder(w).Encode(apiError{Code: f.Code, Message: http.StatusText(f.Status)})
}

// Permissions that the server checks for the bot
// (discord.com/developers/docs/topics/permissions).
const (
	PermViewChannel           = 1 << 10
	PermSendMessages          = 1 << 11
	PermManageMessages        = 1 << 13
	PermEmbedLinks            = 1 << 14
	PermAttachFiles           = 1 << 15
	PermReadHistory           = 1 << 16
	PermCreatePublicThreads   = 1 << 35
	PermSendMessagesInThreads = 1 << 38
)

// allPermissions is what the bot may do where nothing is denied.
const allPermissions uint64 = PermViewChannel | PermSendMessages | PermEmbedLinks | PermAttachFiles | PermReadHistory | PermCreatePublicThreads | PermSendMessagesInThreads

// Deny takes permissions from the bot in a channel and its threads.
func (s *Server) Deny(channelID string, permissions uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channelID].denied |= permissions
}

// Allow gives the bot further permissions in a channel.
func (s *Server) Allow(channelID string, permissions uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channelID].allowed |= permissions
}

func (s *Server) permissions(c *Channel) uint64 {
	p := (allPermissions | c.allowed) &^ c.denied
	if parent := s.channels[c.ParentID]; parent != nil {
		p &^= parent.denied
	}
	return p
}

// may checks that the bot sees a channel and has a permission there.
func (s *Server) may(c *Channel, permission uint64) *apiError {
	if c.Type == ChannelDM {
		return nil
	}
	p := s.permissions(c)
	if p&PermViewChannel == 0 {
		return errMissingAccess
	}
	if p&permission != permission {
		return errMissingPermission
	}
	return nil
}
