package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
)

// rest calls Discord's REST API. It is not discordgo's client, which repeats
// any call after a 502 (a message may then stand there twice), cannot send a
// nonce with enforce_nonce, and sleeps for rate limits without looking at the
// context. Safe for concurrent use.
type rest struct {
	base  string // ends in "/api/v9"
	token string
	clock clock

	limited      func()                // told of each call that was one too many
	unauthorized func(context.Context) // told of each call whose token was refused

	calls *http.Client
	quick *http.Client // first responses to interactions: three seconds, and never behind other calls

	mu     sync.Mutex
	routes map[string]*route
	global time.Time // no calls before this
	ahead  time.Duration
	dated  bool // ahead is how far the clock is ahead of Discord's
}

// route is what is known of one rate-limit bucket.
type route struct {
	remaining int
	reset     time.Time
}

// pathSelf tells who the bot is, and whether its token holds.
const pathSelf = "/users/@me"

// call is one REST call.
type call struct {
	method, path string
	route        string // calls with the same route share a bucket; "" for none
	body         any
	file         *attachment
	out          any
	again        bool // may be repeated when it is unknown whether it was carried out
	quick        bool
	open         bool // needs no bot token: the path holds one
	// before is called when the call's turn has come, before it is sent; it may
	// bound what follows, or forbid it.
	before func(context.Context) (context.Context, error)
}

type attachment struct {
	name string
	data []byte
}

// apiError is a refusal by Discord. Its text holds no part of a message.
type apiError struct {
	Status  int    `json:"-"`
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *apiError) Error() string {
	return fmt.Sprintf("discord: HTTP %d, code %d: %s", e.Status, e.Code, e.Message)
}

// Error codes that are acted upon
// (discord.com/developers/docs/topics/opcodes-and-status-codes#json).
const (
	codeUnknownChannel    = 10003
	codeUnknownMessage    = 10008
	codeUnknownWebhook    = 10015
	codeAlreadyAnswered   = 40060
	codeMissingAccess     = 50001
	codeCannotDM          = 50007
	codeMissingPermission = 50013
	codeInvalidToken      = 50027
	codeArchived          = 50083
	codeHasThread         = 160004
	codeLocked            = 160005
)

// isCode says whether err is a refusal with one of the codes.
func isCode(err error, codes ...int) bool {
	var e *apiError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

func isStatus(err error, status int) bool {
	var e *apiError
	return errors.As(err, &e) && e.Status == status
}

func newREST(apiURL *url.URL, token string, c clock) *rest {
	return &rest{
		base: strings.TrimSuffix(apiURL.String(), "/") + "/api/v" + discordgo.APIVersion, token: token, clock: c, limited: func() {}, unauthorized: func(context.Context) {},
		calls:  &http.Client{Timeout: 15 * time.Second, Transport: transport()},
		quick:  &http.Client{Timeout: 2500 * time.Millisecond, Transport: transport()},
		routes: map[string]*route{},
	}
}

// transport keeps as many connections open as there are workers; the two that
// net/http keeps by itself mean a new one for almost every call under load.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, 128
	return t
}

const (
	maxTries    = 4   // of one call, rate limits not counted
	maxLimited  = 8   // how often a call waits for a rate limit
	maxResponse = 8e6 // bytes read of an answer
)

// do makes a call. A 429 is waited for and repeated, as it was not carried
// out. A lost answer or a 5xx is repeated only when the call says so.
func (r *rest) do(ctx context.Context, c call) error {
	body, kind, err := c.encode()
	if err != nil {
		return err
	}
	var last error
	limited := 0
	for try := 0; try < maxTries; {
		if try > 0 {
			if err := r.clock.sleep(ctx, time.Second<<(try-1)); err != nil {
				return errors.Join(last, err)
			}
		}
		if err := r.await(ctx, c); err != nil {
			return err
		}
		if c.before != nil {
			if ctx, err = c.before(ctx); err != nil {
				return err
			}
		}
		wait, err := r.once(ctx, c, body, kind)
		switch {
		case err == nil:
			return nil
		case isStatus(err, http.StatusTooManyRequests):
			r.limited()
			if limited++; limited > maxLimited || c.quick && wait > time.Second {
				return err
			}
			if err := r.clock.sleep(ctx, wait); err != nil {
				return err
			}
			continue
		}
		if isStatus(err, http.StatusUnauthorized) && !c.open && c.path != pathSelf {
			r.unauthorized(ctx)
		}
		var refused *apiError
		if errors.As(err, &refused) && refused.Status < 500 || !c.again || ctx.Err() != nil {
			return err
		}
		last = err
		try++
	}
	return last
}

func (c call) encode() (body []byte, kind string, err error) {
	if c.body == nil {
		return nil, "", nil
	}
	if body, err = json.Marshal(c.body); err != nil || c.file == nil {
		return body, "application/json", err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="payload_json"`}, "Content-Type": {"application/json"}}
	p, err := w.CreatePart(h)
	if err == nil {
		_, err = p.Write(body)
	}
	if err == nil {
		p, err = w.CreateFormFile("files[0]", c.file.name)
	}
	if err == nil {
		_, err = p.Write(c.file.data)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), w.FormDataContentType(), err
}

// once sends the request. After a 429 it returns how long to wait.
func (r *rest) once(ctx context.Context, c call, body []byte, kind string) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, c.method, r.base+c.path, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("discord: bad request path") // the error would show the path, which may hold a token
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if !c.open {
		req.Header.Set("Authorization", "Bot "+r.token)
	}
	req.Header.Set("User-Agent", "DiscordBot (https://github.com/mailhelpbot/mailhelpbot, 1)")
	client := r.calls
	if c.quick {
		client = r.quick
	}
	resp, err := client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address: the path of an interaction holds its token
		}
		return 0, fmt.Errorf("discord: %s: %w", c.method, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return 0, fmt.Errorf("discord: reading an answer: %w", err)
	}
	r.learn(c, resp.Header)
	if resp.StatusCode == http.StatusTooManyRequests {
		return r.refused(resp.Header, data)
	}
	if resp.StatusCode >= 300 {
		e := &apiError{}
		if json.Unmarshal(data, e) != nil || e.Message == "" {
			e.Message = http.StatusText(resp.StatusCode)
		}
		e.Status = resp.StatusCode
		return 0, e
	}
	if c.out == nil || len(data) == 0 {
		return 0, nil
	}
	if err := json.Unmarshal(data, c.out); err != nil {
		return 0, fmt.Errorf("discord: an answer that is not understood: %w", err)
	}
	return 0, nil
}

// refused reads a 429.
func (r *rest) refused(h http.Header, data []byte) (time.Duration, error) {
	var limit struct {
		RetryAfter float64 `json:"retry_after"`
		Global     bool    `json:"global"`
	}
	if json.Unmarshal(data, &limit) != nil || limit.RetryAfter <= 0 {
		limit.RetryAfter, _ = strconv.ParseFloat(h.Get("Retry-After"), 64)
	}
	wait := time.Duration(max(limit.RetryAfter, 0.05) * float64(time.Second))
	if limit.Global || h.Get("X-RateLimit-Global") == "true" {
		r.mu.Lock()
		r.global = r.clock.now().Add(wait)
		r.mu.Unlock()
	}
	return wait, &apiError{Status: http.StatusTooManyRequests, Message: "rate limited"}
}

// learn keeps what an answer says of its bucket.
func (r *rest) learn(c call, h http.Header) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		r.mu.Lock()
		r.ahead, r.dated = r.clock.now().Sub(at), true
		r.mu.Unlock()
	}
	remaining, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	after, err2 := strconv.ParseFloat(h.Get("X-RateLimit-Reset-After"), 64)
	if c.route == "" || err != nil || err2 != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.now()
	if len(r.routes) > 1000 { // each interaction has routes of its own
		for key, old := range r.routes {
			if !old.reset.After(now) {
				delete(r.routes, key)
			}
		}
	}
	r.routes[c.route] = &route{remaining: remaining, reset: now.Add(time.Duration(after * float64(time.Second)))}
}

// await waits until a call's bucket and the global limit allow it.
func (r *rest) await(ctx context.Context, c call) error {
	if c.quick {
		return nil
	}
	for {
		r.mu.Lock()
		now := r.clock.now()
		wait := time.Duration(0)
		if !c.open {
			wait = r.global.Sub(now)
		}
		if b := r.routes[c.route]; wait <= 0 && b != nil && b.reset.After(now) {
			if b.remaining > 0 {
				b.remaining--
			} else {
				wait = b.reset.Sub(now)
			}
		}
		r.mu.Unlock()
		if wait <= 0 {
			return nil
		}
		if err := r.clock.sleep(ctx, wait); err != nil {
			return err
		}
	}
}
