package bot_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// accessToken is what the authorization server gives out.
const accessToken = "ya29.access-TOKEN_77.of-anna"

// authServer is an authorization server on loopback: device codes (RFC 8628),
// authorization codes with PKCE (RFC 7636) and revocation (RFC 7009).
type authServer struct {
	*httptest.Server
	t  *testing.T
	mu sync.Mutex

	polls, pending int // polls so far, and how many are answered "authorization_pending"
	deny           bool
	noName         bool              // ID tokens name no account
	challenges     map[string]string // by authorization code
	revoked        []string
}

func newAuthServer(t *testing.T) *authServer {
	a := &authServer{t: t, challenges: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /device", a.device)
	mux.HandleFunc("POST /token", a.token)
	mux.HandleFunc("GET /authorize", a.authorize)
	mux.HandleFunc("POST /revoke", func(_ http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.revoked = append(a.revoked, r.PostFormValue("token"))
	})
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (a *authServer) device(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("client_id") != "client" || !strings.Contains(r.PostFormValue("scope"), "mail") {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_client"})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"device_code": "device-code", "user_code": "WDJB-MJHT", "verification_uri": a.URL + "/device", "expires_in": 600, "interval": 1,
	})
}

func (a *authServer) token(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch r.PostFormValue("grant_type") {
	case "urn:ietf:params:oauth:grant-type:device_code":
		a.polls++
		switch {
		case r.PostFormValue("device_code") != "device-code":
			answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
			return
		case a.deny:
			answer(w, http.StatusBadRequest, map[string]any{"error": "access_denied", "error_description": "no " + accessToken})
			return
		case a.polls <= a.pending:
			answer(w, http.StatusBadRequest, map[string]any{"error": "authorization_pending"})
			return
		}
	case "authorization_code":
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		want, ok := a.challenges[r.PostFormValue("code")]
		delete(a.challenges, r.PostFormValue("code"))
		if !ok || want != base64.RawURLEncoding.EncodeToString(sum[:]) {
			answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
			return
		}
	default:
		answer(w, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
		return
	}
	claims := `{"email":"anna@modern.example"}`
	if a.noName {
		claims = `{}`
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": accessToken, "token_type": "Bearer", "expires_in": 3600,
		"id_token": "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".x",
	})
}

func (a *authServer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" || len(q.Get("state")) < 40 {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	a.challenges["the-code"] = q.Get("code_challenge")
	a.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"state": {q.Get("state")}, "code": {"the-code"}}.Encode(), http.StatusFound)
}

// wait waits for a condition that the server's lock guards.
func (a *authServer) wait(what string, cond func() bool) {
	a.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		a.mu.Lock()
		ok := cond()
		a.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			a.t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// lines is a log.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// wall is a chat that remembers what is posted.
type wall chan bot.Announcement

func (w wall) Post(_ context.Context, a bot.Announcement) (string, error) { w <- a; return "1", nil }

// modern is a bot with a provider that takes tokens alone, at a mail server
// that takes the one token.
func modern(t *testing.T, a *authServer, device bool) (*bot.Bot, wall, *mailtest.Server, *lines) {
	t.Helper()
	mail := mailtest.Start(mailtest.Options{
		Host: "imap.modern.example", Caps: []string{"IMAP4rev1", "SASL-IR", "AUTH=XOAUTH2", "AUTH=OAUTHBEARER", "LOGINDISABLED"},
		Users: map[string]string{"anna@modern.example": accessToken},
	})
	t.Cleanup(mail.Close)
	dns := mailtest.StartDNS(map[string]mailtest.Name{"imap.modern.example": {Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}})
	t.Cleanup(dns.Close)
	st, err := store.Open(t.Context(), store.Memory, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	chat, log := make(wall, 10), &lines{}
	o := &bot.OAuth{Issuer: "login.modern.example", Name: "Modern", Revoke: a.URL + "/revoke", Config: oauth2.Config{
		ClientID: "client", Scopes: []string{"openid", "email", "mail"},
		Endpoint: oauth2.Endpoint{TokenURL: a.URL + "/token", AuthURL: a.URL + "/authorize", AuthStyle: oauth2.AuthStyleInParams},
	}}
	if device {
		o.Config.Endpoint.DeviceAuthURL = a.URL + "/device"
	}
	b := &bot.Bot{
		Store: st, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		LoginURL: "https://mailhelp.example.org/login/", OAuth: []*bot.OAuth{o}, Posters: map[string]bot.Poster{"slack": chat},
		Prober: &diagnose.Prober{
			Resolver: dns.Addr, Roots: mail.Authority().Pool(), Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
			Dial: func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", mail.AddrPort().String())
			},
		},
	}
	record := func(id string, origin knowledge.Origin) *knowledge.Provider {
		return &knowledge.Provider{
			ID: id, Name: id, Domains: []string{id + ".example"}, Origin: origin, OAuth: "login.modern.example", Requires: knowledge.Requires{OAuth2Only: true},
			Servers: []knowledge.Server{{
				Endpoint: mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap." + id + ".example", Port: 993, Security: mailconf.TLS},
				Username: mailconf.UserAddress, Auth: []string{"oauth2"},
			}},
		}
	}
	book := knowledge.NewBook(knowledge.Facts{Providers: []*knowledge.Provider{record("modern", knowledge.OriginShipped), record("taught", knowledge.OriginTaught)}})
	b.Learn(book, match.New(book))
	return b, chat, mail, log
}

// press presses the button, and returns what only that person is told.
func press(t *testing.T, b *bot.Bot, value string) bot.Answer {
	t.Helper()
	all := hear(b, bot.Message{Platform: "slack", Channel: "C", Thread: "1", User: "U", Kind: bot.KindAction, Lang: "de", Action: &bot.Action{ID: bot.ActionLogin, Value: value}})
	if last := all[len(all)-1]; last.Private {
		return last
	}
	t.Fatalf("everybody sees %s", bot.PlainText(all[len(all)-1]))
	return bot.Answer{}
}

func TestDeviceCodeFlow(t *testing.T) {
	a := newAuthServer(t)
	a.pending = 1
	b, chat, mail, log := modern(t, a, true)
	offer := hear(b, bot.Message{Platform: "slack", Channel: "C", User: "U", Kind: bot.KindCommand, Lang: "de", Command: &bot.Command{Name: "test", Args: "modern login"}})
	if text := bot.PlainText(offer[len(offer)-1]); !offersLogin(offer[len(offer)-1]) || !strings.Contains(text, "ganz ohne Passwort") && !strings.Contains(text, "Ganz ohne Passwort") {
		t.Errorf("not offered:\n%s", text)
	}
	text := bot.PlainText(press(t, b, "oauth modern"))
	if !strings.Contains(text, "WDJB-MJHT") || !strings.Contains(text, a.URL+"/device") || strings.Contains(text, "device-code") {
		t.Errorf("the asker is told:\n%s", text)
	}
	select {
	case post := <-chat:
		if said := bot.PlainText(post.Answer); !strings.Contains(said, "Die Anmeldung hat geklappt") || strings.Contains(said, "anna@") || post.To.Thread != "1" {
			t.Errorf("posted to %+v:\n%s", post.To, said)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing was posted")
	}
	if a.wait("revoked", func() bool { return len(a.revoked) == 1 && a.revoked[0] == accessToken }); mail.Logins() != 1 || mail.FailedLogins() != 0 {
		t.Errorf("%d logins, %d failed", mail.Logins(), mail.FailedLogins())
	}
	if log.mu.Lock(); strings.Contains(log.b.String(), accessToken) || strings.Contains(log.b.String(), "anna@") {
		t.Errorf("the log holds the token or the address:\n%s", log.b.String())
	}
	log.mu.Unlock()
}

func TestDeviceCodeIsDeclined(t *testing.T) {
	a := newAuthServer(t)
	a.deny = true
	b, chat, mail, log := modern(t, a, true)
	press(t, b, "modern")
	select {
	case post := <-chat:
		if said := bot.PlainText(post.Answer); !strings.Contains(said, "abgelehnt") || strings.Contains(said, accessToken) {
			t.Errorf("posted %s", said)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing was posted")
	}
	if log.mu.Lock(); mail.Logins() != 0 || strings.Contains(log.b.String(), accessToken) {
		t.Errorf("%d logins\n%s", mail.Logins(), log.b.String())
	}
	log.mu.Unlock()
}

// TestBrowserFlow follows the link as a browser does, and comes back.
func TestBrowserFlow(t *testing.T) {
	a := newAuthServer(t)
	b, chat, mail, _ := modern(t, a, false)
	var link string
	for _, bl := range press(t, b, "oauth modern").Blocks {
		if p, ok := bl.(bot.Paragraph); ok {
			link = p.Spans[0].Text
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back, err := resp.Location()
	if err != nil || !strings.HasPrefix(back.String(), b.LoginURL+"oauth?") {
		t.Fatalf("%q leads to %v, %v", link, back, err)
	}
	if _, _, problem := b.SignedIn(t.Context(), "another-state", "the-code"); problem != bot.LoginGone {
		t.Errorf("another state: %q", problem)
	}
	lang, res, problem := b.SignedIn(t.Context(), back.Query().Get("state"), back.Query().Get("code"))
	if problem != "" || lang != "de" || !res.Posted || !strings.Contains(bot.PlainText(res.Answer), "Die Anmeldung hat geklappt") {
		t.Errorf("%q %q: %s", lang, problem, bot.PlainText(res.Answer))
	}
	if len(chat) != 1 || mail.Logins() != 1 || len(a.revoked) != 1 || a.revoked[0] != accessToken {
		t.Errorf("%d posts, %d logins, %d tokens revoked", len(chat), mail.Logins(), len(a.revoked))
	}
	if _, _, problem := b.SignedIn(t.Context(), back.Query().Get("state"), back.Query().Get("code")); problem != bot.LoginGone || mail.Logins() != 1 {
		t.Errorf("used twice: %q, %d logins", problem, mail.Logins())
	}
}

// TestTokenWithoutAccountIsRevoked gets an ID token that names nobody.
func TestTokenWithoutAccountIsRevoked(t *testing.T) {
	a := newAuthServer(t)
	a.noName = true
	b, chat, mail, _ := modern(t, a, true)
	press(t, b, "modern")
	a.wait("revoked", func() bool { return len(a.revoked) == 1 })
	if said := bot.PlainText((<-chat).Answer); mail.Logins() != 0 || !strings.Contains(said, "nicht geklappt") {
		t.Errorf("%d logins, posted %s", mail.Logins(), said)
	}
}

// TestNoSignInForATaughtProvider holds that an agent in chat cannot name a
// server that tokens go to.
func TestNoSignInForATaughtProvider(t *testing.T) {
	b, _, _, _ := modern(t, newAuthServer(t), true)
	all := hear(b, bot.Message{Platform: "slack", Channel: "C", User: "U", Kind: bot.KindAction, Lang: "de", Action: &bot.Action{ID: bot.ActionLogin, Value: "oauth taught"}})
	if text := bot.PlainText(all[len(all)-1]); strings.Contains(text, "WDJB") || offersLogin(all[len(all)-1]) {
		t.Errorf("a sign-in is offered:\n%s", text)
	}
}
