package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

//go:embed page.css
var style string

//go:embed page.html
var pageSource string

// styleHash lets the one style sheet through the Content-Security-Policy.
var styleHash = func() string {
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}()

// pages are the templates: "form", "done" and "notice".
var pages = template.Must(template.New("").Parse(pageSource))

// view is what every template gets.
type view struct {
	Lang    bot.Lang
	Title   string
	Style   template.CSS
	Page    bot.LoginPage
	Form    bot.LoginForm // what is filled in again; never the password
	Problem *problem
	Text    string
	Answer  []block
}

// T is a text of the page.
func (v view) T(key string) string { return bot.PageText(v.Lang, key) }

// Until is when the link ends.
func (v view) Until() string {
	return bot.PageText(v.Lang, "utc", "time", v.Page.Until.UTC().Format("15:04"))
}

// Machine is that time for machines.
func (v view) Machine() string { return v.Page.Until.UTC().Format("2006-01-02T15:04:05Z") }

// Wrong reports whether the field is the one to be corrected.
func (v view) Wrong(field string) bool { return v.Problem != nil && v.Problem.Field == field }

// problem is what stands against a form: the field, and what to do.
type problem struct{ Field, Text, Command string }

// formView is the form, empty or with what has to be corrected.
func formView(p bot.LoginPage, f bot.LoginForm, why bot.LoginProblem) view {
	v := view{Lang: p.Lang, Page: p, Title: bot.PageText(p.Lang, "title")}
	if why == "" {
		return v
	}
	v.Form = bot.LoginForm{Address: f.Address, Username: f.Username}
	if why != bot.LoginCode {
		v.Form.Code = f.Code
	}
	v.Problem = &problem{Field: string(why), Text: bot.PageText(p.Lang, "problem."+string(why))}
	if why == bot.LoginUntied {
		v.Problem.Field, v.Problem.Command = string(bot.LoginAddress), p.Command
	}
	v.Title = bot.PageText(p.Lang, "error") + ": " + v.Title
	return v
}

// doneView is the result.
func doneView(p bot.LoginPage, r bot.LoginResult) view {
	v := view{Lang: p.Lang, Page: p, Title: bot.PageText(p.Lang, "title"), Text: bot.PageText(p.Lang, "done.here"), Answer: blocks(r.Answer)}
	if r.Posted {
		v.Text = bot.PageText(p.Lang, "done")
	}
	return v
}

// noticeView is a page that only says something.
func noticeView(lang bot.Lang, title, text string) view {
	return view{Lang: lang, Title: bot.PageText(lang, title), Text: bot.PageText(lang, text)}
}

// write sends a page. It is made before anything is sent, so that a fault in a
// template does not end in half a page.
func (s *Site) write(w http.ResponseWriter, status int, lang bot.Lang, name string, v view) {
	v.Style = template.CSS(style) //nolint:gosec // ours
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, v); err != nil {
		s.cfg.Log.Error("page not made", "page", name, "err", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Language", lang)
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // of a HEAD nothing is sent
}
