// Package web serves the one-time page on which a person tests a login: the
// place for a password that a chat does not have.
//
// A [Site] answers below /login/. A GET shows the form and changes nothing, so
// link previews and prefetching browsers do no harm; a POST from the page itself
// uses the link up. What may be tested, who asked and what came out is the
// business of package bot; this one reads a form, keeps its password in one
// buffer that it wipes, and renders. The pages need no script, load nothing,
// and are made for a phone, a keyboard and a screen reader.
//
// The files: site.go is the way of a request, form.go reads its body, guard.go
// refuses what does not come from the page and slows down who guesses links,
// page.go and answer.go with page.html and page.css make HTML.
package web
