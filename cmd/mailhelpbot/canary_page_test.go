package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

// pageRig is the whole program with Slack, a one-time page, and a provider
// "post" of the operator's whose server is at an address.
type pageRig struct {
	t    *testing.T
	s    *fakeslack.Server
	dir  string
	base string
	log  *lockedBuffer
}

func startPage(t *testing.T, mail, roots, auth string, env ...string) *pageRig {
	t.Helper()
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
	knowledge := t.TempDir()
	record := "id: post\nname: Post\nkind: mailbox\ncountry: DE\naliases: [post]\ndomains: [mail.test]\nservers:\n" +
		"  - {protocol: imap, host: imap.mail.test, port: 993, security: tls, username: address, auth: [" + auth + "]}\noauth_issuer: login.microsoftonline.com\nchecked: 2026-11-28\n"
	if err := os.MkdirAll(filepath.Join(knowledge, "providers"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(knowledge, "providers", "post.yaml"), []byte(record), 0o644); err != nil {
		t.Fatal(err)
	}
	addr := testaddr.HostPort(t) // the page has to know its address before it listens
	p := &pageRig{t: t, s: s, dir: t.TempDir(), base: "http://" + addr}
	p.log = serveIn(t, p.dir, append(env, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken(),
		"MAILHELPBOT_HTTP="+addr, "MAILHELPBOT_PUBLIC_URL="+p.base, "MAILHELPBOT_KNOWLEDGE="+knowledge,
		"MAILHELPBOT_PROBE_ROOTS="+roots, "MAILHELPBOT_RESOLVER="+realtest.DNS(t, "imap.mail.test. 60 IN A "+mail))...)
	p.await("connected", func() bool { return s.Sockets() > 0 })
	return p
}

func (p *pageRig) await(what string, cond func() bool) {
	p.t.Helper()
	if err := p.s.Await(within(p.t), cond); err != nil {
		p.t.Fatalf("%s: %v\n%s\n%s", what, err, p.s.Transcript(), p.log)
	}
}

var (
	pageLink = regexp.MustCompile(`http://127[.\d]+:\d+/login/[A-Za-z0-9_-]{43}`)
	pageCode = regexp.MustCompile(`\b\d{6}\b`)
)

// ask asks for a login test in the channel, presses the button, and reads link
// and code out of what only that person sees.
func (p *pageRig) ask() (link, code string) {
	p.t.Helper()
	text := p.press("Anmeldung testen", pageLink)
	link = pageLink.FindString(text)
	return link, pageCode.FindString(strings.ReplaceAll(text, link, ""))
}

// press asks for a login test in the channel, presses a button of the answer,
// and waits for a text that only that person sees.
func (p *pageRig) press(label string, want *regexp.Regexp) (shown string) {
	p.t.Helper()
	seen := len(p.s.Messages("C1"))
	p.s.Say("U1", "C1", "", fakeslack.Mention()+" /test post login")
	button := ""
	p.await("the button", func() bool {
		for _, m := range p.s.Messages("C1")[seen:] {
			if m.User == fakeslack.BotUserID && strings.Contains(string(m.Blocks), label) && strings.Contains(string(m.Blocks), `"button"`) {
				button = m.TS
			}
		}
		return button != ""
	})
	if _, err := p.s.Press("U1", "C1", button, label); err != nil {
		p.t.Fatal(err)
	}
	p.await("the link", func() bool {
		for _, m := range p.s.Messages("C1")[seen:] {
			text := m.Text + string(m.Blocks)
			if want.MatchString(text) {
				if m.Ephemeral != "U1" {
					p.t.Fatalf("everybody sees the link: %s", text)
				}
				shown = text
			}
		}
		return shown != ""
	})
	return shown
}

// send fills in the form.
func (p *pageRig) send(link, code, address, password string) (int, string) {
	p.t.Helper()
	form := url.Values{"code": {code}, "address": {address}, "password": {password}}
	req, err := http.NewRequest(http.MethodPost, link, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", p.base)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// sinks are everything that the program has written or sent.
func (p *pageRig) sinks() map[string]string {
	p.t.Helper()
	all := map[string]string{"log": p.log.String(), "calls of Slack": fmt.Sprintf("%+v", p.s.Calls("")), "messages": fmt.Sprintf("%+v", p.s.Messages("C1"))}
	for _, path := range []string{"/metrics", "/readyz", "/livez"} {
		resp, err := http.Get(p.base + path)
		if err != nil {
			p.t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || len(b) == 0 {
			p.t.Fatalf("%s: %d bytes, %v", path, len(b), err)
		}
		all[path] = string(b)
	}
	files(p.t, p.dir, all)
	return all
}

// TestCanaryOnThePage types a canary into the page: for an address that the
// servers do not belong to, with a wrong code, and for a login at a server that
// puts what it got into its answer, in several forms. Then it searches
// everything that was written or sent.
func TestCanaryOnThePage(t *testing.T) {
	sasl := base64.StdEncoding.EncodeToString([]byte("\x00anna@mail.test\x00" + canaryPassword))
	ca := mailtest.NewAuthority(time.Now())
	addr := testaddr.Host(t)
	mail := mailtest.Start(mailtest.Options{
		Listen: addr + ":993", Host: "imap.mail.test", Authority: ca,
		Refuse: "NO [AUTHENTICATIONFAILED] " + canaryPassword + " " + url.QueryEscape(canaryPassword) + " " + sasl + " is wrong for anna@mail.test",
	})
	t.Cleanup(mail.Close)
	roots := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(roots, ca.PEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	p := startPage(t, addr, roots, "password")
	link, code := p.ask()
	var pages strings.Builder
	for _, try := range []struct {
		what, code, address string
		status              int
	}{
		{"wrong code", "999999", "anna@mail.test", http.StatusUnprocessableEntity},
		{"bait", code, "victim@gmx.de", http.StatusUnprocessableEntity},
		{"echo", code, "anna@mail.test", http.StatusOK},
		{"used", code, "anna@mail.test", http.StatusNotFound},
	} {
		if mail.Logins() > 0 && try.status == http.StatusUnprocessableEntity {
			t.Errorf("%s: logged in", try.what)
		}
		status, body := p.send(link, try.code, try.address, canaryPassword)
		if status != try.status {
			t.Fatalf("%s: status %d\n%s\n%s", try.what, status, body, p.log)
		}
		pages.WriteString(body)
	}
	if mail.Logins() != 1 {
		t.Fatalf("%d logins", mail.Logins())
	}
	p.await("the result in the thread", func() bool { return strings.Contains(fmt.Sprintf("%+v", p.s.Posts("C1")), "[redacted]") })
	sinks := p.sinks()
	for _, l := range leaks(canaryPassword, map[string]string{"pages": pages.String()}) {
		t.Error(l)
	}
	for _, secret := range []string{canaryPassword, "anna@mail.test", "victim@gmx.de"} {
		for _, l := range leaks(secret, sinks) {
			t.Error(l)
		}
	}
	token := strings.TrimPrefix(link, p.base+"/login/")
	delete(sinks, "messages") // one person was shown it there
	delete(sinks, "calls of Slack")
	for _, l := range leaks(token, sinks) {
		t.Error("the token:", l)
	}
}

// TestCanaryInToken signs in by device code and gets a canary for a token,
// which the mail server sends back.
func TestCanaryInToken(t *testing.T) {
	ca := mailtest.NewAuthority(time.Now())
	addr := testaddr.Host(t)
	mail := mailtest.Start(mailtest.Options{
		Listen: addr + ":993", Host: "imap.mail.test", Authority: ca, Caps: []string{"IMAP4rev1", "SASL-IR", "AUTH=XOAUTH2", "LOGINDISABLED"},
		Refuse: "NO [AUTHENTICATIONFAILED] " + canaryPassword + " is no token of anna@mail.test",
	})
	t.Cleanup(mail.Close)
	roots := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(roots, ca.PEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth2/v2.0/devicecode", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"device_code":"D","user_code":"WDJB-MJHT","verification_uri":"https://microsoft.example/devicelogin","expires_in":600,"interval":1}`)
	})
	mux.HandleFunc("POST /oauth2/v2.0/token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600,"id_token":"e30.%s.x"}`,
			canaryPassword, base64.RawURLEncoding.EncodeToString([]byte(`{"email":"anna@mail.test"}`)))
	})
	authority := httptest.NewServer(mux)
	t.Cleanup(authority.Close)
	p := startPage(t, addr, roots, "oauth2", "MAILHELPBOT_MICROSOFT_CLIENT_ID=client", "MAILHELPBOT_MICROSOFT_AUTHORITY="+authority.URL)
	p.press("Mit Microsoft anmelden", regexp.MustCompile(`WDJB-MJHT`))
	p.await("the result in the thread", func() bool { return strings.Contains(fmt.Sprintf("%+v", p.s.Posts("C1")), "[redacted]") })
	if mail.Logins() != 1 {
		t.Errorf("%d logins", mail.Logins())
	}
	sinks := p.sinks()
	for _, secret := range []string{canaryPassword, "anna@mail.test"} {
		for _, l := range leaks(secret, sinks) {
			t.Error(l)
		}
	}
}

// TestMemoryAfterThePage searches a heap dump for a password that another
// process has typed into the page and that yet another one was asked to check.
func TestMemoryAfterThePage(t *testing.T) {
	realtest.Need(t)
	curl, err := exec.LookPath("curl")
	if err != nil {
		if os.Getenv("MAILHELPBOT_CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no curl here")
	}
	pki := realtest.NewPKI(t)
	host := realtest.Start(t, pki, realtest.Config{Cert: realtest.Cert{Names: []string{"imap.mail.test"}}})
	p := startPage(t, host.Addr, pki.RootFile, "password")
	link, code := p.ask()
	typed := filepath.Join(t.TempDir(), "typed")
	secret := spellPassword(3)
	if err := os.WriteFile(typed, secret, 0o600); err != nil {
		t.Fatal(err)
	}
	clear(secret)
	out, err := exec.Command(curl, "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Origin: "+p.base,
		"--data-urlencode", "code="+code, "--data-urlencode", "address="+realtest.User, "--data-urlencode", "password@"+typed, link).CombinedOutput()
	if err != nil || string(out) != "200" {
		t.Fatalf("%v: %s\n%s", err, out, p.log)
	}
	if host.FailedLogins(t) != 1 {
		t.Fatal("the password did not arrive")
	}
	runtime.GC()
	runtime.GC()
	dump := filepath.Join(t.TempDir(), "heap")
	f, err := os.Create(dump)
	if err != nil {
		t.Fatal(err)
	}
	debug.WriteHeapDump(f.Fd())
	f.Close()
	content, err := os.ReadFile(dump)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "imap.mail.test") {
		t.Error("the heap dump does not hold what is certainly in memory")
	}
	for _, l := range leaks(string(spellPassword(3)), map[string]string{"the heap dump": string(content)}) {
		t.Error(l)
	}
}

// spellPassword makes a password that stands nowhere in this binary.
func spellPassword(seed int) []byte {
	b := make([]byte, 0, 24)
	for i := range 24 {
		b = append(b, "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"[(seed*7+i*i*13+i*seed)%54])
	}
	return b
}

// TestCanaryStandsInNoFile searches the files of the repository that tests
// write or compare with.
func TestCanaryStandsInNoFile(t *testing.T) {
	sinks := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.Contains(path, "testdata") && !strings.HasPrefix(filepath.Base(path), "core") {
			return err
		}
		b, err := os.ReadFile(path)
		sinks[path] = string(b)
		return err
	})
	if err != nil || len(sinks) < 100 {
		t.Fatalf("%d files, %v", len(sinks), err)
	}
	for _, l := range leaks(canaryPassword, sinks) {
		t.Error(l)
	}
}
