package bot

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// LoginPage is what the one-time page of a login test shows.
type LoginPage struct {
	Lang     Lang
	Provider string // whose servers these are, or the domain
	Asker    string // who asked for the test, as the platform names the person
	Platform string
	Servers  []LoginServer
	Command  string // the same test on the person's own computer
	Until    time.Time
}

// LoginServer is one host that the password would go to, with what its
// certificate said when the test was asked for.
type LoginServer struct {
	Host   string
	Ports  string // "IMAP 993, SMTP 465"
	Owner  string // of the certificate, "" when none was seen
	Issuer string
}

// LoginForm is what was filled in. Password is wiped before [Bot.Login] returns.
type LoginForm struct {
	Code, Address, Username string
	Password                []byte
}

// LoginProblem says why a form was not accepted; "" when it was.
type LoginProblem string

// The problems. All but LoginGone leave the link open, and so may LoginTrouble.
const (
	LoginGone       LoginProblem = "gone" // used, expired, void, or never there
	LoginCode       LoginProblem = "code"
	LoginAddress    LoginProblem = "address"
	LoginNoPassword LoginProblem = "password"
	LoginUntied     LoginProblem = "untied"  // the address does not belong to the servers
	LoginTrouble    LoginProblem = "trouble" // no result
)

// LoginResult is the outcome of a test.
type LoginResult struct {
	Answer Answer // without the person's address and password
	Posted bool   // it stands in the chat, too
}

// PageText is a sentence of the one-time page: the text "page."+key. Placeholders
// are filled in from pairs of name and value.
func PageText(lang Lang, key string, pairs ...string) string {
	return say(firstLang(lang, "en"), "page."+key, pairs...)
}

// LoginPage returns what the page of a token shows. It changes nothing: link
// previews and prefetching browsers may call it as often as they like.
func (b *Bot) LoginPage(ctx context.Context, token string) (LoginPage, LoginProblem) {
	t, problem := b.opened(ctx, LinkForm, token)
	if problem != "" {
		return LoginPage{}, problem
	}
	p := LoginPage{
		Lang: t.lang, Provider: providerName(t.query, t.target), Asker: CleanLine(clip(t.from.Name)), Platform: t.from.Platform,
		Servers: t.servers, Command: localCommand(t.query), Until: t.until,
	}
	if p.Asker == "" {
		p.Asker = CleanLine(clip(t.from.User))
	}
	return p, ""
}

// loginServers are the hosts of t, with what r says of their certificates.
func loginServers(t diagnose.Target, r *diagnose.Report) (out []LoginServer) {
	for _, h := range hostsOf(t.Endpoints) {
		s := LoginServer{Host: h}
		var ports []string
		for _, e := range t.Endpoints {
			if hostKey(e.Host) == h {
				ports = append(ports, protocolName(e.Protocol)+" "+portString(e.Port))
			}
		}
		s.Ports = strings.Join(ports, ", ")
		for _, e := range r.Endpoints {
			if hostKey(e.Host) == h && e.TLS != nil && e.TLS.Certificate != nil {
				s.Owner, s.Issuer = e.TLS.Certificate.Subject, e.TLS.Certificate.Issuer
			}
		}
		out = append(out, s)
	}
	return out
}

// Login takes the form of a token: it checks code and address, uses the link
// up, logs in once, and posts the result where the test was asked for. The
// password goes to nobody but servers that [ties] let it go to, and is wiped
// in every case. Of several calls for one token one gets as far as the login.
func (b *Bot) Login(ctx context.Context, token string, f LoginForm) (LoginResult, LoginProblem) {
	defer clear(f.Password)
	t, problem := b.opened(ctx, LinkForm, token)
	if problem == "" {
		problem = b.rightCode(ctx, t, f.Code)
	}
	if problem != "" {
		return LoginResult{}, problem
	}
	addr, ok := mailconf.ParseAddress(f.Address)
	domain, isDomain := discover.Domain(addr.Domain)
	switch {
	case !ok || !isDomain || len(f.Address) > maxAddress || len(f.Username) > maxAddress:
		return LoginResult{}, LoginAddress
	case len(f.Password) == 0:
		return LoginResult{}, LoginNoPassword
	}
	target, ok := b.loginTarget(ctx, t, addr, domain, f)
	if !ok {
		b.mistake(ctx, t, 1)
		return LoginResult{}, LoginUntied
	}
	if problem := b.claim(ctx, token); problem != "" {
		return LoginResult{}, problem
	}
	return b.runLogin(context.WithoutCancel(ctx), t, target, addr)
}

// maxAddress is how long an address may be: 64 octets, @, 255 octets (RFC 5321
// section 4.5.3.1).
const maxAddress = 320

// loginTarget is the login for an address at those servers of a test that
// belong to its domain; ok is false when none does.
func (b *Bot) loginTarget(ctx context.Context, t *loginTest, addr mailconf.Address, domain string, f LoginForm) (diagnose.Target, bool) {
	book := b.Book()
	known := ties{book: book, found: t.query.Found, allow: b.LoginAllow}
	if book.ByDomain(domain) == nil && (known.found == nil || known.found.Domain != domain) && b.Finder != nil {
		q, _, _ := b.search(ctx, t.from, book, query{Domain: domain, Name: domain}, func(query) bool { return true })
		known.found = q.Found
	}
	login := &diagnose.Login{
		Username: addr.String(), Account: addr.Local + "@" + domain, Password: diagnose.NewSecret(f.Password),
		Usernames: map[mailconf.Protocol]string{},
	}
	out := t.target
	out.Login, out.Endpoints = login, nil
	for _, e := range t.target.Endpoints {
		s, _, ok := known.of(domain, e)
		if !ok {
			continue
		}
		out.Endpoints = append(out.Endpoints, e)
		if name := s.Username.Username(addr); name != "" {
			login.Usernames[e.Protocol] = name
		}
	}
	if f.Username != "" {
		login.Username, login.Usernames = f.Username, nil
	}
	return out, len(out.Endpoints) > 0
}

// runLogin logs in and tells the result.
func (b *Bot) runLogin(ctx context.Context, t *loginTest, target diagnose.Target, addr mailconf.Address) (LoginResult, LoginProblem) {
	defer target.Login.Password.Wipe()
	r := b.exclusively(ctx, target)
	if r == nil {
		return LoginResult{}, LoginTrouble
	}
	names := []string{addr.String(), addr.Local, target.Login.Username}
	for _, n := range target.Login.Usernames {
		names = append(names, n)
	}
	hideNames(r, names)
	conv := b.recall(ctx, t.from)
	v := &view{bot: b, mind: b.mind.Load(), conv: conv, lang: t.lang, from: t.from}
	v.book = v.mind.book
	answer := v.reportAnswer(t.query, target, r)
	if v.conv != conv && t.from.Channel != "" {
		v.conv.Updated = b.Now()
		if err := b.Store.SaveConversation(ctx, t.from.Key(), v.conv); err != nil {
			b.Log.Error("conversation not saved", "platform", t.from.Platform, "err", err)
		}
	}
	return LoginResult{Answer: answer, Posted: b.tellResult(ctx, t, answer)}, ""
}

// tellResult posts what came of a test where it was asked for, and reports
// whether it stands there.
func (b *Bot) tellResult(ctx context.Context, t *loginTest, a Answer) bool {
	p := b.Posters[t.from.Platform]
	if p == nil {
		return false
	}
	_, err := p.Post(ctx, Announcement{To: t.from.Place(), Answer: a, Key: "login " + hex.EncodeToString(t.key[:8])})
	if err != nil {
		b.Log.Warn("the result of a login test was not posted", "platform", t.from.Platform, "err", err)
	}
	return err == nil
}

// hideNames takes the person's address and user names out of what servers
// said: the result is read by others, too.
func hideNames(r *diagnose.Report, names []string) {
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	hide := func(s *string) {
		if s == nil {
			return
		}
		for _, n := range names {
			if len(n) >= 3 {
				*s = replaceFold(*s, n, "…")
			}
		}
	}
	for i := range r.Endpoints {
		hide(r.Endpoints[i].ServerText)
		hide(r.Endpoints[i].Detail)
	}
}

// replaceFold replaces old in s, in any case of its ASCII letters.
func replaceFold(s, old, with string) string {
	var b strings.Builder
	for len(s) >= len(old) {
		if strings.EqualFold(s[:len(old)], old) {
			b.WriteString(with)
			s = s[len(old):]
			continue
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String() + s
}
