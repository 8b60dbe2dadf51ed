package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Path is where the pages are, below the public URL; a token follows.
const Path = "/login/"

// Config is what a Site needs. Page and Login are those of [bot.Bot].
type Config struct {
	Public *url.URL // how people reach the site; https, or http on this machine
	Page   func(ctx context.Context, token string) (bot.LoginPage, bot.LoginProblem)
	Login  func(ctx context.Context, token string, f bot.LoginForm) (bot.LoginResult, bot.LoginProblem)
	Log    *slog.Logger

	// SignedIn is that of bot.Bot; nil: nobody comes back from a sign-in elsewhere.
	SignedIn func(ctx context.Context, state, code string) (bot.Lang, bot.LoginResult, bot.LoginProblem)

	// Rates counts links that do not exist for all processes together; nil:
	// each counts for itself.
	Rates bot.Rates

	Now  func() time.Time                           // nil: time.Now
	Wait func(ctx context.Context, d time.Duration) // nil: waits; the pause before a guessed link is refused

	BodyWithin time.Duration // 0: 10 s, in which a form has to arrive
}

// Site serves the pages. Safe for concurrent use.
type Site struct {
	cfg    Config
	origin string
	wrong  *rate.Limiter // links that do not exist
	busy   chan struct{} // forms that are being worked on
}

// maxForms is how many forms are worked on at the same time; each may take the
// 20 s of a probe and its wait for a turn.
const maxForms = 32

// New makes a Site.
func New(cfg Config) *Site {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Wait == nil {
		cfg.Wait = wait
	}
	if cfg.BodyWithin == 0 {
		cfg.BodyWithin = bodyWithin
	}
	return &Site{
		cfg: cfg, origin: cfg.Public.Scheme + "://" + cfg.Public.Host,
		wrong: rate.NewLimiter(rate.Every(guessEvery), freeGuesses), busy: make(chan struct{}, maxForms),
	}
}

// ServeHTTP answers Path and what is below it.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.headers(w.Header())
	lang := pageLanguage(r.Header.Get("Accept-Language"))
	token, ok := tokenOf(r)
	switch {
	case r.Host != s.cfg.Public.Host:
		s.refuse(w, lang, http.StatusMisdirectedRequest, "foreign")
	case r.URL.Path == Path+"oauth" && r.Method == http.MethodGet && s.cfg.SignedIn != nil:
		s.signedIn(w, r, lang)
	case !ok:
		s.guessed(w, r, lang)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.show(w, r, lang, token)
	case r.Method == http.MethodPost:
		s.submit(w, r, lang, token)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		s.refuse(w, lang, http.StatusMethodNotAllowed, "form")
	}
}

// show answers a GET. It changes nothing.
func (s *Site) show(w http.ResponseWriter, r *http.Request, lang bot.Lang, token string) {
	p, problem := s.cfg.Page(r.Context(), token)
	if problem != "" {
		s.absent(w, r, lang, problem)
		return
	}
	s.write(w, http.StatusOK, p.Lang, "form", formView(p, bot.LoginForm{}, ""))
}

// absent answers for a link whose page cannot be shown.
func (s *Site) absent(w http.ResponseWriter, r *http.Request, lang bot.Lang, problem bot.LoginProblem) {
	if problem == bot.LoginTrouble {
		w.Header().Set("Retry-After", "60")
		s.refuse(w, lang, http.StatusServiceUnavailable, "later")
		return
	}
	s.guessed(w, r, lang)
}

// submit answers a POST: the one request that may use the link up.
func (s *Site) submit(w http.ResponseWriter, r *http.Request, lang bot.Lang, token string) {
	page, problem := s.cfg.Page(r.Context(), token)
	if problem == "" {
		lang = page.Lang
	}
	switch {
	case !s.fromPage(r.Header):
		s.refuse(w, lang, http.StatusForbidden, "foreign")
		return
	case problem != "":
		s.absent(w, r, lang, problem)
		return
	}
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	default:
		w.Header().Set("Retry-After", "60")
		s.refuse(w, lang, http.StatusServiceUnavailable, "slow")
		return
	}
	s.login(w, r, page, token)
}

// login reads the form, hands it on, and shows what came of it. Whatever
// happens, the buffers that hold the password are wiped, those of the
// connection included, and the connection is closed.
func (s *Site) login(w http.ResponseWriter, r *http.Request, page bot.LoginPage, token string) {
	defer wipeConnection(w)
	w.Header().Set("Connection", "close")
	body, status := readBody(w, r, s.cfg.BodyWithin)
	defer clear(body)
	if status != 0 {
		s.refuse(w, page.Lang, status, "form")
		return
	}
	form, err := parseForm(body)
	if err != nil {
		s.refuse(w, page.Lang, http.StatusBadRequest, "form")
		return
	}
	res, problem := s.guarded(func() (bot.LoginResult, bot.LoginProblem) { return s.cfg.Login(r.Context(), token, form) })
	switch problem {
	case "":
		s.write(w, http.StatusOK, page.Lang, "done", doneView(page, res))
	case bot.LoginGone:
		s.guessed(w, r, page.Lang)
	case bot.LoginTrouble:
		s.refuse(w, page.Lang, http.StatusInternalServerError, "trouble")
	default:
		s.write(w, http.StatusUnprocessableEntity, page.Lang, "form", formView(page, form, problem))
	}
}

// signedIn answers a browser that an authorization server has sent back. The
// state in its address is good once.
func (s *Site) signedIn(w http.ResponseWriter, r *http.Request, lang bot.Lang) {
	q := r.URL.Query()
	if q.Get("error") != "" {
		s.refuse(w, lang, http.StatusOK, "denied")
		return
	}
	var asked bot.Lang
	res, problem := s.guarded(func() (res bot.LoginResult, problem bot.LoginProblem) {
		asked, res, problem = s.cfg.SignedIn(r.Context(), q.Get("state"), q.Get("code"))
		return res, problem
	})
	if asked != "" {
		lang = asked
	}
	switch problem {
	case "":
		s.write(w, http.StatusOK, lang, "done", doneView(bot.LoginPage{Lang: lang}, res))
	case bot.LoginGone:
		s.guessed(w, r, lang)
	default:
		s.refuse(w, lang, http.StatusInternalServerError, "trouble")
	}
}

// guarded keeps a panic from ending in net/http's log: its value could be
// anything, and so hold anything.
func (s *Site) guarded(do func() (bot.LoginResult, bot.LoginProblem)) (res bot.LoginResult, problem bot.LoginProblem) {
	defer func() {
		if v := recover(); v != nil {
			s.cfg.Log.Error("a login test panicked", "panic", bot.PanicKind(v), "stack", string(debug.Stack()))
			problem = bot.LoginTrouble
		}
	}()
	return do()
}

// guessed answers for a link that does not exist, the slower the more there
// were: nobody who has a link comes here.
func (s *Site) guessed(w http.ResponseWriter, r *http.Request, lang bot.Lang) {
	now := s.cfg.Now()
	res := s.wrong.ReserveN(now, 1)
	pause := res.DelayFrom(now)
	wait := pause
	if pause > maxPause {
		res.CancelAt(now)
	} else {
		wait = s.guessedElsewhere(r.Context())
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		s.refuse(w, lang, http.StatusTooManyRequests, "slow")
		return
	}
	if pause > 0 {
		s.cfg.Wait(r.Context(), pause)
	}
	s.write(w, http.StatusNotFound, lang, "notice", noticeView(lang, "gone.title", "gone"))
}

// refuse answers with a reason out of the texts.
func (s *Site) refuse(w http.ResponseWriter, lang bot.Lang, status int, why string) {
	s.write(w, status, lang, "notice", noticeView(lang, "refused.title", why))
}
