package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/web"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// password is what is typed into the page.
const password = "Sonnen+schein%77&Ä"

// rig is a bot with one provider, its IMAP server, a chat that remembers what
// is posted, and the page.
type rig struct {
	t      *testing.T
	bot    *bot.Bot
	mail   *mailtest.Server
	site   *httptest.Server
	later  atomic.Int64 // nanoseconds that the clock is ahead
	log    lockedBuffer
	posted lockedPosts
	waits  atomic.Int64 // pauses for guessed links
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type lockedPosts struct {
	mu   sync.Mutex
	list []bot.Announcement
}

func (l *lockedPosts) Post(_ context.Context, a bot.Announcement) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, a)
	return "1", nil
}

func (l *lockedPosts) all() []bot.Announcement {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]bot.Announcement(nil), l.list...)
}

func newRig(t *testing.T, change func(*web.Config)) *rig {
	t.Helper()
	return newRigOn(t, store.Memory, change)
}

// newRigOn is newRig with a database of its own.
func newRigOn(t *testing.T, database string, change func(*web.Config)) *rig {
	t.Helper()
	r := &rig{t: t}
	r.mail = mailtest.Start(mailtest.Options{Host: "imap.post.example", Users: map[string]string{"anna@post.example": password}})
	t.Cleanup(r.mail.Close)
	dns := mailtest.StartDNS(map[string]mailtest.Name{"imap.post.example": {Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}})
	t.Cleanup(dns.Close)
	now := func() time.Time { return time.Now().Add(time.Duration(r.later.Load())) }
	st := openStore(t, database)
	log := slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.bot = &bot.Bot{
		Store: st, Now: now, Log: log, Posters: map[string]bot.Poster{"slack": &r.posted},
		Prober: &diagnose.Prober{
			Resolver: dns.Addr, Roots: r.mail.Authority().Pool(), Policy: diagnose.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
			Dial: func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", r.mail.AddrPort().String())
			},
		},
	}
	imap := mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap.post.example", Port: 993, Security: mailconf.TLS}
	book := knowledge.NewBook(knowledge.Facts{Providers: []*knowledge.Provider{{
		ID: "post", Name: "Post", Kind: "mailbox", Domains: []string{"post.example"}, Origin: knowledge.OriginShipped,
		Servers: []knowledge.Server{{Endpoint: imap, Username: mailconf.UserAddress}},
	}}})
	r.bot.Learn(book, match.New(book))
	r.serve(log, now, change)
	return r
}

func openStore(t *testing.T, database string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), database, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// replica is another process on the same database, behind the same address.
func (r *rig) replica(database string) *rig {
	r.t.Helper()
	other := &rig{t: r.t, mail: r.mail, bot: &bot.Bot{
		Store: openStore(r.t, database), Now: r.bot.Now, Log: r.bot.Log, Posters: map[string]bot.Poster{"slack": &r.posted}, Prober: r.bot.Prober,
	}}
	other.bot.Learn(r.bot.Book(), match.New(r.bot.Book()))
	public, err := url.Parse(r.site.URL)
	if err != nil {
		r.t.Fatal(err)
	}
	other.serve(r.bot.Log, r.bot.Now, func(c *web.Config) { c.Public = public })
	return other
}

// at sends a request for the address that both have to this one of them.
func (r *rig) at(req *http.Request) reply {
	r.t.Helper()
	req.Host, req.URL.Host = req.URL.Host, strings.TrimPrefix(r.site.URL, "http://")
	return r.do(req)
}

// serve starts the page, at the address that it says it has.
func (r *rig) serve(log *slog.Logger, now func() time.Time, change func(*web.Config)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	u := &url.URL{Scheme: "http", Host: l.Addr().String()}
	cfg := web.Config{
		Public: u, Page: r.bot.LoginPage, Login: r.bot.Login, Log: log, Now: now,
		Wait: func(context.Context, time.Duration) { r.waits.Add(1) },
	}
	if change != nil {
		change(&cfg)
	}
	r.bot.LoginURL = u.String() + web.Path
	r.site = &httptest.Server{Listener: l, Config: &http.Server{Handler: web.New(cfg), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError)}}
	r.site.Start()
	r.t.Cleanup(r.site.Close)
}

// ask presses the button as a person would, and returns the link and the code
// that only that person is shown.
func (r *rig) ask(user, name string, lang bot.Lang) (link, code string) {
	r.t.Helper()
	return r.askFor(user, name, lang, "post")
}

// askFor is ask for another target than the one provider.
func (r *rig) askFor(user, name string, lang bot.Lang, target string) (link, code string) {
	r.t.Helper()
	var last bot.Answer
	for a := range r.bot.Handle(r.t.Context(), bot.Message{
		Platform: "slack", Tenant: "T", Channel: "C", Thread: "1.2", User: user, Name: name, Lang: lang,
		Kind: bot.KindAction, Action: &bot.Action{ID: bot.ActionLogin, Value: target},
	}) {
		if last = a; !a.Private {
			r.t.Fatalf("everybody sees: %s", bot.PlainText(a))
		}
	}
	for _, b := range last.Blocks {
		p, ok := b.(bot.Paragraph)
		for i := 0; ok && i < len(p.Spans); i++ {
			switch s := p.Spans[i]; {
			case s.Kind == bot.SpanCode && strings.HasPrefix(s.Text, "http"):
				link = s.Text
			case s.Kind == bot.SpanCode:
				code = s.Text
			}
		}
	}
	if len(code) != 6 || !strings.HasPrefix(link, r.site.URL) {
		r.t.Fatalf("code %q, link %q out of:\n%s", code, link, bot.PlainText(last))
	}
	return link, code
}

// reply is an answer of the page.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r *rig) do(req *http.Request) reply {
	r.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(b)}
}

func (r *rig) get(method, link string, header ...string) reply {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, link, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return r.do(req)
}

// form is a filled-in form.
func form(code, address, password string) url.Values {
	return url.Values{"code": {code}, "address": {address}, "password": {password}, "user": {""}}
}

// request is the POST that a browser sends from the page.
func (r *rig) request(link string, f url.Values) *http.Request {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, link, strings.NewReader(f.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Origin", "null") // by our Referrer-Policy
	return req
}

func (r *rig) post(link string, f url.Values) reply {
	r.t.Helper()
	return r.do(r.request(link, f))
}
