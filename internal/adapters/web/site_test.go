package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/web"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestLoginThroughThePage(t *testing.T) {
	for _, c := range []struct {
		lang           bot.Lang
		shown, outcome string
	}{
		{"de", "Angefordert von", "Die Anmeldung hat geklappt"},
		{"en", "Asked for by", "The login worked"},
	} {
		r := newRig(t, nil)
		link, code := r.ask("U1", "anna", c.lang)
		page := r.get(http.MethodGet, link)
		for _, want := range []string{`<html lang="` + c.lang + `">`, "imap.post.example", "IMAP 993", "anna", c.shown, "Test Intermediate CA"} {
			if page.status != http.StatusOK || !strings.Contains(page.body, want) {
				t.Errorf("%s: status %d, the page lacks %q:\n%s", c.lang, page.status, want, page.body)
			}
		}
		done := r.post(link, form(code, "anna@post.example", password))
		if done.status != http.StatusOK || !strings.Contains(done.body, c.outcome) {
			t.Errorf("%s: status %d\n%s", c.lang, done.status, done.body)
		}
		posts := r.posted.all()
		if len(posts) != 1 || posts[0].To != (bot.Place{Platform: "slack", Tenant: "T", Channel: "C", Thread: "1.2"}) || !strings.Contains(bot.PlainText(posts[0].Answer), c.outcome) {
			t.Fatalf("%s: posted %+v", c.lang, posts)
		}
		said := bot.PlainText(posts[0].Answer) + done.body + r.log.String()
		for _, secret := range []string{password, url.QueryEscape(password), "anna@post.example", code, strings.TrimPrefix(link, r.bot.LoginURL)} {
			if strings.Contains(said, secret) {
				t.Errorf("%s: %q is in the thread, on the page or in the log:\n%s", c.lang, secret, said)
			}
		}
		if all, failed := r.mail.Logins(), r.mail.FailedLogins(); all != 1 || failed != 0 {
			t.Errorf("%d logins, %d failed", all, failed)
		}
	}
}

func TestWrongPasswordThroughThePage(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	if done := r.post(link, form(code, "anna@post.example", "wrong-77")); done.status != http.StatusOK || !strings.Contains(done.body, "wrong-credentials") && !strings.Contains(done.body, "class=\"fail\"") {
		t.Errorf("status %d\n%s", done.status, done.body)
	}
	link, code = r.ask("U1", "anna", "en")
	r.post(link, form(code, "anna@post.example", password))
	if n := r.mail.Logins(); n != 1 {
		t.Errorf("%d logins: after a refusal the account is left alone for a quarter of an hour", n)
	}
}

// TestOnlyThePostUsesItUp fetches the page as previews, scanners and
// prefetching browsers do.
func TestOnlyThePostUsesItUp(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	for range 20 {
		r.get(http.MethodGet, link, "User-Agent", "Slackbot-LinkExpanding 1.0", "Sec-Purpose", "prefetch;prerender")
		r.get(http.MethodHead, link)
		r.get(http.MethodOptions, link)
		r.get(http.MethodGet, link+"?code="+code+"&address=anna%40post.example&password=x")
	}
	if r.mail.Logins() != 0 || len(r.posted.all()) != 0 {
		t.Error("a GET has logged in")
	}
	if done := r.post(link, form(code, "anna@post.example", password)); done.status != http.StatusOK || r.mail.Logins() != 1 {
		t.Errorf("afterwards the link is worth nothing: status %d", done.status)
	}
	for range 3 {
		if again := r.post(link, form(code, "anna@post.example", password)); again.status != http.StatusNotFound {
			t.Errorf("used twice: status %d", again.status)
		}
	}
	if gone := r.get(http.MethodGet, link); gone.status != http.StatusNotFound || r.mail.Logins() != 1 {
		t.Errorf("after use: status %d, %d logins", gone.status, r.mail.Logins())
	}
}

func TestLinkExpires(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	r.later.Store(int64(10*time.Minute - time.Second))
	if p := r.get(http.MethodGet, link); p.status != http.StatusOK {
		t.Errorf("before its end: status %d", p.status)
	}
	r.later.Store(int64(10 * time.Minute))
	if p := r.get(http.MethodGet, link); p.status != http.StatusNotFound {
		t.Errorf("GET after its end: status %d", p.status)
	}
	if p := r.post(link, form(code, "anna@post.example", password)); p.status != http.StatusNotFound || r.mail.Logins() != 0 {
		t.Errorf("POST after its end: status %d, %d logins", p.status, r.mail.Logins())
	}
}

func TestOneOfManyPostsWins(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	const racers = 8
	status := make(chan int, racers)
	start := make(chan struct{})
	for range racers {
		req := r.request(link, form(code, "anna@post.example", password))
		go func() {
			<-start
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				status <- 0
				return
			}
			resp.Body.Close()
			status <- resp.StatusCode
		}()
	}
	close(start)
	got := map[int]int{}
	for range racers {
		got[<-status]++
	}
	if got[http.StatusOK] != 1 || got[http.StatusNotFound] != racers-1 || r.mail.Logins() != 1 || len(r.posted.all()) != 1 {
		t.Errorf("statuses %v, %d logins, %d posts", got, r.mail.Logins(), len(r.posted.all()))
	}
}

// TestForeignPostsAreRefused sends the right form from elsewhere.
func TestForeignPostsAreRefused(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	for name, header := range map[string]map[string]string{
		"another site":             {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		"another host of the site": {"Sec-Fetch-Site": "same-site", "Origin": "null"},
		"typed or scripted":        {"Sec-Fetch-Site": "none"},
		"old browser, elsewhere":   {"Origin": "https://evil.example"},
		"old browser, null":        {"Origin": "null"},
		"no browser":               {},
		"contradiction":            {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
	} {
		req := r.request(link, form(code, "anna@post.example", password))
		req.Header.Del("Sec-Fetch-Site")
		req.Header.Del("Origin")
		for k, v := range header {
			req.Header.Set(k, v)
		}
		if got := r.do(req); got.status != http.StatusForbidden {
			t.Errorf("%s: status %d", name, got.status)
		}
	}
	req := r.request(link, form(code, "anna@post.example", password))
	req.Host = "rebound.example"
	if got := r.do(req); got.status != http.StatusMisdirectedRequest {
		t.Errorf("under another name: status %d", got.status)
	}
	if r.mail.Logins() != 0 {
		t.Error("a foreign form has logged in")
	}
	req = r.request(link, form(code, "anna@post.example", password))
	req.Header.Del("Sec-Fetch-Site")
	req.Header.Set("Origin", r.site.URL)
	if got := r.do(req); got.status != http.StatusOK {
		t.Errorf("old browser, from the page: status %d", got.status)
	}
}

func TestHeaders(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	for what, got := range map[string]reply{
		"page": r.get(http.MethodGet, link), "no such link": r.get(http.MethodGet, r.bot.LoginURL+strings.Repeat("A", 43)), "no token": r.get(http.MethodGet, r.bot.LoginURL),
		"head": r.get(http.MethodHead, link), "wrong method": r.get(http.MethodDelete, link), "refused": r.post(link, form("000000", "x", "y")),
		"result": r.post(link, form(code, "anna@post.example", password)),
	} {
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
		} {
			if v := got.header.Get(name); v != want {
				t.Errorf("%s: %s is %q", what, name, v)
			}
		}
		csp := got.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "style-src 'sha256-"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy %q lacks %s", what, csp, want)
			}
		}
		if len(got.header.Values("Set-Cookie")) > 0 || got.header.Get("Permissions-Policy") == "" || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %v", what, got.header)
		}
		if strings.Contains(got.body, "<script") || strings.Contains(got.body, "src=") {
			t.Errorf("%s loads something", what)
		}
	}
	secure := newRig(t, func(c *web.Config) { c.Public = &url.URL{Scheme: "https", Host: c.Public.Host} })
	if v := secure.get(http.MethodGet, secure.site.URL+web.Path).header.Get("Strict-Transport-Security"); !strings.HasPrefix(v, "max-age=") {
		t.Errorf("https without Strict-Transport-Security: %q", v)
	}
}

// TestAnotherPersonsCode uses a code that was shown to somebody else.
func TestAnotherPersonsCode(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	_, other := r.ask("U2", "ben", "en")
	for i := 3; other == code; i++ { // one in a million
		_, other = r.ask(fmt.Sprint("U", i), "ben", "en")
	}
	for i := range 5 {
		got := r.post(link, form(other, "anna@post.example", password))
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `aria-invalid="true"`) || strings.Contains(got.body, password) {
			t.Errorf("try %d: status %d", i+1, got.status)
		}
	}
	if got := r.post(link, form(code, "anna@post.example", password)); got.status != http.StatusNotFound || r.mail.Logins() != 0 {
		t.Errorf("the right code after five wrong ones: status %d, %d logins", got.status, r.mail.Logins())
	}
}

// TestAddressElsewhereGetsNoLogin types an address that has nothing to do with
// the servers, as somebody who was lured to the page would.
func TestAddressElsewhereGetsNoLogin(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "mallory", "de")
	for _, address := range []string{"victim@gmx.example", "victim@x.post.example", "victim@pоst.example", "anna@post.example@evil.example"} {
		got := r.post(link, form(code, address, password))
		if got.status != http.StatusUnprocessableEntity || strings.Contains(got.body, password) {
			t.Errorf("%s: status %d\n%s", address, got.status, got.body)
		}
	}
	if r.mail.Connections() > 1+4 || r.mail.Logins() != 0 {
		t.Errorf("%d logins", r.mail.Logins())
	}
	if got := r.post(link, form(code, "anna@post.example", password)); got.status != http.StatusOK {
		t.Errorf("the right address afterwards: status %d", got.status)
	}
}

// TestGuessedLinksAreSlowedDown tries 100 links that do not exist.
func TestGuessedLinksAreSlowedDown(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := newRig(t, func(c *web.Config) { c.Now = func() time.Time { return noon } })
	link, code := r.ask("U1", "anna", "en")
	got := map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for worker := range 10 {
		wg.Go(func() {
			for i := range 10 {
				guess := fmt.Sprintf("%s%043d", r.bot.LoginURL, 10*worker+i)
				resp, err := http.Get(guess)
				if err != nil {
					continue
				}
				resp.Body.Close()
				mu.Lock()
				got[resp.StatusCode]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if got[http.StatusNotFound] != 15 || got[http.StatusTooManyRequests] != 85 || r.waits.Load() != 5 {
		t.Errorf("statuses %v, %d of them after a pause", got, r.waits.Load())
	}
	if done := r.post(link, form(code, "anna@post.example", password)); done.status != http.StatusOK {
		t.Errorf("a good link meanwhile: status %d", done.status)
	}
}

// TestBodies sends what no form sends.
func TestBodies(t *testing.T) {
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	good := form(code, "anna@post.example", password)
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		body   string
		status int
	}{
		{"too large", nil, good.Encode() + "&x=" + strings.Repeat("a", 1<<16), http.StatusRequestEntityTooLarge},
		{"no length", func(q *http.Request) { q.ContentLength = -1 }, good.Encode(), http.StatusLengthRequired},
		{"JSON", func(q *http.Request) { q.Header.Set("Content-Type", "application/json") }, `{"code":"` + code + `"}`, http.StatusUnsupportedMediaType},
		{"multipart", func(q *http.Request) { q.Header.Set("Content-Type", "multipart/form-data; boundary=x") }, "--x--", http.StatusUnsupportedMediaType},
		{"text/plain, as other sites may send", func(q *http.Request) { q.Header.Set("Content-Type", "text/plain") }, good.Encode(), http.StatusUnsupportedMediaType},
		{"broken escape", nil, good.Encode() + "&x=%zz", http.StatusBadRequest},
		{"escape cut off", nil, good.Encode() + "&x=%4", http.StatusBadRequest},
		{"two codes", nil, good.Encode() + "&code=" + code, http.StatusBadRequest},
		{"nothing filled in", nil, "code=", http.StatusUnprocessableEntity},
		{"no password", nil, form(code, "anna@post.example", "").Encode(), http.StatusUnprocessableEntity},
		{"no address", nil, form(code, "", password).Encode(), http.StatusUnprocessableEntity},
		{"endless address", nil, form(code, strings.Repeat("a", 400)+"@post.example", password).Encode(), http.StatusUnprocessableEntity},
	} {
		req := r.request(link, nil)
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(c.body)), int64(len(c.body))
		if c.change != nil {
			c.change(req)
		}
		if got := r.do(req); got.status != c.status || strings.Contains(got.body, password) {
			t.Errorf("%s: status %d, want %d", c.name, got.status, c.status)
		}
	}
	if r.mail.Logins() != 0 {
		t.Error("a broken form has logged in")
	}
	if got := r.post(link, good); got.status != http.StatusOK {
		t.Errorf("the good form afterwards: status %d", got.status)
	}
}

// TestSlowBodyIsCutOff sends half a form and waits.
func TestSlowBodyIsCutOff(t *testing.T) {
	r := newRig(t, func(c *web.Config) { c.BodyWithin = 50 * time.Millisecond })
	link, code := r.ask("U1", "anna", "en")
	body := form(code, "anna@post.example", password).Encode()
	c, err := net.Dial("tcp", r.site.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		strings.TrimPrefix(link, r.site.URL), r.site.Listener.Addr(), len(body), body[:len(body)/2])
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusRequestTimeout || !resp.Close {
		t.Errorf("status %d, connection closed: %v", resp.StatusCode, resp.Close)
	}
	if got := r.post(link, form(code, "anna@post.example", password)); got.status != http.StatusOK {
		t.Errorf("the form sent in one go afterwards: status %d", got.status)
	}
}

// TestComingBackFromASignIn comes back from an authorization server.
func TestComingBackFromASignIn(t *testing.T) {
	calls := 0
	r := newRig(t, func(c *web.Config) {
		c.SignedIn = func(_ context.Context, state, code string) (bot.Lang, bot.LoginResult, bot.LoginProblem) {
			calls++
			switch {
			case state == "boom":
				panic("token " + code)
			case state != "good" || code != "c":
				return "", bot.LoginResult{}, bot.LoginGone
			}
			return "de", bot.LoginResult{Posted: true, Answer: bot.Answer{Blocks: []bot.Block{bot.Paragraph{Spans: bot.Spans(bot.T("<b>angemeldet"))}}}}, ""
		}
	})
	for _, c := range []struct {
		query, want string
		status      int
	}{
		{"state=good&code=c", "&lt;b&gt;angemeldet", http.StatusOK},
		{"state=bad&code=c", "no longer valid", http.StatusNotFound},
		{"", "no longer valid", http.StatusNotFound},
		{"state=boom&code=hunter22", "went wrong", http.StatusInternalServerError},
		{"error=access_denied&state=good", "cancelled", http.StatusOK},
	} {
		got := r.get(http.MethodGet, r.bot.LoginURL+"oauth?"+c.query)
		if got.status != c.status || !strings.Contains(got.body, c.want) || got.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%q: status %d\n%s", c.query, got.status, got.body)
		}
	}
	if calls != 4 || strings.Contains(r.log.String(), "hunter22") {
		t.Errorf("%d calls\n%s", calls, r.log.String())
	}
	if got := r.do(r.request(r.bot.LoginURL+"oauth", url.Values{"state": {"good"}})); got.status == http.StatusOK || calls != 4 {
		t.Errorf("a POST: status %d", got.status)
	}
}

// TestPanicTellsNothing lets the test panic with the password in hand.
func TestPanicTellsNothing(t *testing.T) {
	var held []byte
	r := newRig(t, func(c *web.Config) {
		c.Login = func(_ context.Context, _ string, f bot.LoginForm) (bot.LoginResult, bot.LoginProblem) {
			held = f.Password
			panic("cannot log in with " + string(f.Password))
		}
	})
	link, code := r.ask("U1", "anna", "de")
	got := r.post(link, form(code, "anna@post.example", password))
	if got.status != http.StatusInternalServerError || strings.Contains(got.body, password) {
		t.Errorf("status %d\n%s", got.status, got.body)
	}
	if log := r.log.String(); !strings.Contains(log, "panicked") || strings.Contains(log, password) || strings.Contains(log, "Sonnen") {
		t.Errorf("the log says:\n%s", log)
	}
	if len(held) != len(password) || strings.Trim(string(held), "\x00") != "" {
		t.Error("the password was not wiped")
	}
}

// TestPasswordIsWiped looks at the buffer after the answer.
func TestPasswordIsWiped(t *testing.T) {
	var held []byte
	var r *rig
	r = newRig(t, func(c *web.Config) {
		c.Login = func(ctx context.Context, token string, f bot.LoginForm) (bot.LoginResult, bot.LoginProblem) {
			if held = f.Password; string(held) != password {
				t.Errorf("read %q", held)
			}
			return r.bot.Login(ctx, token, f)
		}
	})
	link, code := r.ask("U1", "anna", "de")
	if got := r.post(link, form(code, "anna@post.example", password)); got.status != http.StatusOK {
		t.Fatalf("status %d", got.status)
	}
	if len(held) != len(password) || strings.Trim(string(held), "\x00") != "" {
		t.Error("the password was not wiped")
	}
}
