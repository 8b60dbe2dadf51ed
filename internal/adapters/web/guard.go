package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Guessing a link of 256 bits is hopeless; the limits keep it from being tried
// at our cost. Links that exist are not slowed down by those that do not.
const (
	freeGuesses = 10
	guessEvery  = time.Second
	maxPause    = 5 * time.Second // longer pauses are refused at once
)

// guesses is the bucket of all processes together. Those that one process lets
// through after a pause count in full.
var guesses = bot.Bucket{
	Name:   "link",
	Tokens: freeGuesses + int(maxPause/guessEvery),
	Per:    freeGuesses*guessEvery + maxPause,
}

// guessedElsewhere counts a link that does not exist with all processes, and
// says how long there are to be no more; 0: this one may be answered.
func (s *Site) guessedElsewhere(ctx context.Context) time.Duration {
	if s.cfg.Rates == nil {
		return 0
	}
	lacking, wait, err := s.cfg.Rates.Take(ctx, []bot.Bucket{guesses})
	if err != nil {
		s.cfg.Log.Warn("the links guessed at all processes cannot be counted; going by this one's own", "err", err)
	}
	if err != nil || lacking < 0 {
		return 0
	}
	return wait
}

// wait is time.Sleep that ends with ctx.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// tokenOf is the token in the path. One that could be none of ours is not
// looked up.
func tokenOf(r *http.Request) (string, bool) {
	token, ok := strings.CutPrefix(r.URL.Path, Path)
	return token, ok && len(token) == 43 && strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// fromPage reports whether a POST was sent by our own page. Browsers say so in
// Sec-Fetch-Site (Fetch Metadata); older ones in Origin, which is "null" under
// our own Referrer-Policy where both are sent.
func (s *Site) fromPage(h http.Header) bool {
	origin := h.Get("Origin")
	if site := h.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" && (origin == "" || origin == "null" || origin == s.origin)
	}
	return origin == s.origin
}

// headers are on every answer. The pages load nothing, are framed by nobody,
// kept by no cache, and tell no other site where they were.
func (s *Site) headers(h http.Header) {
	for k, v := range map[string]string{
		"Cache-Control":                "no-store",
		"Content-Security-Policy":      "default-src 'none'; style-src '" + styleHash + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Content-Type":                 "text/html; charset=utf-8",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"X-Robots-Tag":                 "noindex, nofollow",
	} {
		h.Set(k, v)
	}
	if s.cfg.Public.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// pageLanguage is the better of our two for a browser; English where it names
// neither. It is used where no asker's language is known.
func pageLanguage(accept string) bot.Lang {
	tag, _ := language.MatchStrings(language.NewMatcher([]language.Tag{language.English, language.German}), accept)
	if base, _ := tag.Base(); base.String() == "de" {
		return "de"
	}
	return "en"
}
