package bot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// OAuth is an authorization server at which a person signs in, so that a login
// is tested without any password: with a code typed into the server's own page
// where Config has a DeviceAuthURL (RFC 8628), else in the browser, which the
// server then sends back to our page (RFC 6749 section 4.1 with PKCE, RFC 7636).
type OAuth struct {
	Issuer string // as knowledge.Provider.OAuth names it
	Name   string
	Config oauth2.Config
	Revoke string       // where a token is revoked (RFC 7009), "" where it can only be dropped
	Client *http.Client // nil: one with a timeout
}

// oauthTimeout bounds one request to an authorization server.
const oauthTimeout = 15 * time.Second

func (o *OAuth) client() *http.Client {
	if o.Client != nil {
		return o.Client
	}
	return &http.Client{Timeout: oauthTimeout}
}

// within is a context in which package oauth2 uses our client.
func (o *OAuth) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, o.client())
}

// drop revokes a token where the server can do that.
func (o *OAuth) drop(ctx context.Context, token string) error {
	if o.Revoke == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.Revoke, strings.NewReader(url.Values{"token": {token}}.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := o.client().Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

// oauthTarget is what a person who has signed in can be logged in to: the
// servers that take tokens, of the provider whose record names a server that
// the operator has a client for. A token is good at that provider alone, so the
// address need not be known before.
func (b *Bot) oauthTarget(q query, t diagnose.Target) (*OAuth, diagnose.Target, bool) {
	p := q.Provider
	if p == nil {
		p = q.Behind
	}
	if b == nil || p == nil || p.OAuth == "" {
		return nil, t, false
	}
	i := slices.IndexFunc(b.OAuth, func(o *OAuth) bool { return o.Issuer == p.OAuth })
	if i < 0 || b.OAuth[i].Config.Endpoint.DeviceAuthURL == "" && b.LoginURL == "" {
		return nil, t, false
	}
	t.Endpoints = nil
	for _, s := range knowledge.Servers(p, mailconf.Address{Domain: q.Domain}, protocolOrder...) {
		_, ok := vouched(p, q.Domain, s.Endpoint)
		if ok && q.wants(s.Protocol) && encryptedMail(s.Endpoint) && slices.Contains(s.Auth, "oauth2") {
			t.Endpoints = append(t.Endpoints, s.Endpoint)
		}
	}
	return b.OAuth[i], t, len(t.Endpoints) > 0
}

// beginSignIn opens a sign-in in the browser and returns where the person has to go.
func (b *Bot) beginSignIn(ctx context.Context, t *loginTest, o *OAuth) (string, error) {
	state := rand.Text() + rand.Text()
	t.verifier, t.issuer = oauth2.GenerateVerifier(), o.Issuer
	if err := b.offer(ctx, LinkSignIn, state, t, 1); err != nil {
		return "", err
	}
	cfg := o.Config
	cfg.RedirectURL = b.LoginURL + oauthCallback
	return cfg.AuthCodeURL(state, oauth2.S256ChallengeOption(t.verifier), oauth2.SetAuthURLParam("prompt", "select_account")), nil
}

// takeSignIn uses a sign-in up.
func (b *Bot) takeSignIn(ctx context.Context, state string) (*loginTest, *OAuth, LoginProblem) {
	t, problem := b.opened(ctx, LinkSignIn, state)
	if problem == "" {
		problem = b.claim(ctx, state)
	}
	if problem != "" {
		return nil, nil, problem
	}
	i := slices.IndexFunc(b.OAuth, func(o *OAuth) bool { return o.Issuer == t.issuer })
	if i < 0 {
		return nil, nil, LoginGone
	}
	return t, b.OAuth[i], ""
}

// oauthCallback is the path of our page below LoginURL that a browser comes back to.
const oauthCallback = "oauth"

// SignedIn takes what an authorization server has sent a browser back with: it
// fetches the token, logs in once, revokes it, and posts the result. The page
// that shows it is in lang.
func (b *Bot) SignedIn(ctx context.Context, state, code string) (lang Lang, res LoginResult, problem LoginProblem) {
	t, o, problem := b.takeSignIn(ctx, state)
	if problem != "" {
		return "", LoginResult{}, problem
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loginLives)
	defer cancel()
	cfg := o.Config
	cfg.RedirectURL = b.LoginURL + oauthCallback
	tok, err := cfg.Exchange(o.within(ctx), code, oauth2.VerifierOption(t.verifier))
	if err != nil {
		b.Log.Warn("no token", "provider", o.Issuer, "err", oauthCode(err))
		return t.lang, LoginResult{}, LoginTrouble
	}
	res, problem = b.loginWithToken(ctx, t, o, tok)
	return t.lang, res, problem
}

// awaitDevice waits in the background until the person has typed the code into
// the authorization server's page, and then does the same.
func (b *Bot) awaitDevice(ctx context.Context, t *loginTest, o *OAuth, da *oauth2.DeviceAuthResponse) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loginLives)
	defer cancel()
	cfg := o.Config
	tok, err := cfg.DeviceAccessToken(o.within(ctx), da)
	if err != nil {
		b.Log.Info("no token", "provider", o.Issuer, "err", oauthCode(err))
		if oauthCode(err) == "access_denied" {
			b.tellResult(ctx, t, Answer{Lang: t.lang, Blocks: []Block{Paragraph{Spans(T(say(t.lang, "login.oauth.denied", "name", o.Name)))}}})
		}
		return
	}
	if _, problem := b.loginWithToken(ctx, t, o, tok); problem != "" {
		b.tellResult(ctx, t, Answer{Lang: t.lang, Blocks: []Block{Paragraph{Spans(T(say(t.lang, "login.oauth.failed", "name", o.Name)))}}})
	}
}

// loginWithToken logs in with a token, whose account its ID token names, and
// revokes it.
func (b *Bot) loginWithToken(ctx context.Context, t *loginTest, o *OAuth, tok *oauth2.Token) (LoginResult, LoginProblem) {
	defer func() {
		if err := o.drop(ctx, tok.AccessToken); err != nil {
			b.Log.Warn("a token was not revoked", "provider", o.Issuer)
		}
	}()
	addr, ok := mailconf.ParseAddress(accountOf(tok))
	if !ok {
		return LoginResult{}, LoginTrouble
	}
	target := t.target
	target.Login = &diagnose.Login{Username: addr.String(), Account: addr.String(), Password: diagnose.NewSecret([]byte(tok.AccessToken)), Token: true}
	return b.runLogin(ctx, t, target, addr)
}

// accountOf reads the address out of an ID token. It came from the token
// endpoint over TLS, so its signature need not be checked (OpenID Connect Core
// 1.0, section 3.1.3.7).
func accountOf(tok *oauth2.Token) string {
	raw, _ := tok.Extra("id_token").(string)
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Email    string `json:"email"`
		Username string `json:"preferred_username"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	if claims.Email != "" {
		return claims.Email
	}
	return claims.Username
}

// oauthCode is what may be logged of an error: its code, never the body of an answer.
func oauthCode(err error) string {
	var e *oauth2.RetrieveError
	switch {
	case errors.As(err, &e) && e.ErrorCode != "":
		return CleanLine(clip(e.ErrorCode))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "timeout"
	}
	return "request failed"
}

// signInLink begins a sign-in and tells the asker alone how to go on.
func (v *view) signInLink(ctx context.Context, q query, t diagnose.Target, o *OAuth) Answer {
	test := &loginTest{from: v.from, lang: v.lang, query: q, target: t}
	a := v.answer(Heading{v.say("login.oauth.title", "name", o.Name)})
	a.Private = true
	if o.Config.Endpoint.DeviceAuthURL == "" {
		to, err := v.bot.beginSignIn(ctx, test, o)
		if err != nil {
			v.bot.Log.Error("no link for a sign-in", "err", err)
			a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("login.oauth.failed", "name", o.Name)))})
			return a
		}
		a.Blocks = append(a.Blocks,
			Paragraph{Spans(openSpan(v.say("login.oauth.open", "name", o.Name), to))},
			Hint{Spans(T(v.say("login.oauth.note", "name", o.Name)))})
		return a
	}
	reqCtx, cancel := context.WithTimeout(ctx, oauthTimeout)
	defer cancel()
	cfg := o.Config
	da, err := cfg.DeviceAuth(o.within(reqCtx))
	if err != nil {
		v.bot.Log.Warn("no device code", "provider", o.Issuer, "err", oauthCode(err))
		a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("login.oauth.failed", "name", o.Name)))})
		return a
	}
	test.key, test.until = sha256.Sum256([]byte(da.DeviceCode)), v.bot.Now().Add(loginLives)
	go Fenced(v.bot.Log, func() { v.bot.awaitDevice(ctx, test, o, da) })
	a.Blocks = append(a.Blocks,
		Paragraph{Spans(T(v.say("login.oauth.device", "name", o.Name)), Code(CleanLine(clip(da.UserCode))))},
		Paragraph{Spans(openSpan(v.say("login.oauth.open", "name", o.Name), da.VerificationURI))},
		Hint{Spans(T(v.say("login.oauth.note", "name", o.Name)))})
	return a
}

// openSpan is a link where it is https, else the address to copy.
func openSpan(label, address string) Span {
	if strings.HasPrefix(address, "https://") {
		return Link(label, address)
	}
	return Code(address)
}
