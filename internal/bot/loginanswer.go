package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// loginWords ask for a login among the arguments of /test.
var loginWords = []string{"login", "anmeldung", "anmelden", "auth", "--auth", "-auth"}

// wordSignIn asks, among the arguments of a login test, for a sign-in at the provider.
const wordSignIn = "oauth"

// cutSignIn takes that word off.
func cutSignIn(args string) (rest string, asked bool) { return strings.CutPrefix(args, wordSignIn+" ") }

// cutLogin takes the words that ask for a login out of arguments.
func cutLogin(args string) (rest string, asked bool) {
	words := strings.Fields(args)
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(loginWords, strings.ToLower(w)) })
	if len(kept) == len(words) || len(kept) > 4 { // a sentence, not arguments
		return args, false
	}
	return strings.Join(kept, " "), true
}

// loginTest answers who wants to test a login: with the ways to do it, and
// with a link to the one-time page where the answer is seen by the asker alone.
// With signIn, or where nothing else works, the person signs in at the provider.
func (v *view) loginTest(ctx context.Context, q query, signIn bool, yield func(Answer) bool) {
	v.lang = firstLang(v.lang, "en")
	if v.bot.unknownDomain(q) {
		found, lim, ok := v.bot.search(ctx, v.from, v.book, q, func(q query) bool {
			a := v.searchingAnswer(q)
			a.Private = v.from.Kind == KindAction // as what comes of it: nothing public would follow
			return yield(a)
		})
		if lim != nil {
			yield(v.limitedAnswer(*lim, "/test", q))
		}
		if lim != nil || !ok {
			return
		}
		q = found
	}
	t, bad := target(q)
	if q.empty() || bad != "" || len(t.Endpoints) == 0 {
		v.runTest(ctx, q, yield) // says what is missing
		return
	}
	alone := v.from.Kind == KindAction || v.from.Kind == KindDirect
	if o, target, ok := v.bot.oauthTarget(q, t); ok && alone && v.from.Platform != platformConsole && (signIn || t.Facts.OAuth2Only) {
		yield(v.signInLink(ctx, q, target, o))
		return
	}
	if page, ok := v.bot.pageTarget(v.book, q, t); ok && alone && v.from.Platform != platformConsole {
		v.loginLink(ctx, q, t, page, yield)
		return
	}
	yield(v.loginWays(q, t))
}

// loginWays says what only a login tells, and how to try one safely.
func (v *view) loginWays(q query, t diagnose.Target) Answer {
	a := v.answer(Heading{v.say("login.title", "name", clip(t.Name))}, v.loginQuestion(t))
	ways := Steps{Ordered: true, Items: [][]Span{Spans(T(v.say("login.way.local")), Code(localCommand(q)))}}
	var why []Block
	o, _, canSignIn := v.bot.oauthTarget(q, t)
	if canSignIn && v.from.Platform != platformConsole {
		ways.Items = append(ways.Items, Spans(T(v.say("login.way.oauth", "name", o.Name))))
		a.Actions = append(a.Actions, Action{ID: ActionLogin, Label: v.say("button.oauth", "name", o.Name), Value: wordSignIn + " " + actionValue(q), Style: "primary"})
	}
	switch _, ok := v.bot.pageTarget(v.book, q, t); {
	case v.from.Platform == platformConsole:
	case t.Facts.OAuth2Only && canSignIn:
	case t.Facts.OAuth2Only:
		why = append(why, Hint{Spans(T(v.say("login.noway.oauth", "name", clip(providerName(q, t)))))})
	case ok:
		ways.Items = append(ways.Items, Spans(T(v.say("login.way.page"))))
		a.Actions = append(a.Actions, Action{ID: ActionLogin, Label: v.say("button.login"), Value: actionValue(q), Style: "primary"})
	case v.bot.LoginURL != "":
		why = append(why, Hint{Spans(T(v.say("login.noway.untied", "name", clip(t.Name))))})
	}
	a.Blocks = append(a.Blocks, Paragraph{Spans(T(v.say("login.ways")))}, ways)
	a.Blocks = append(append(a.Blocks, why...), Hint{Spans(T(v.say("login.never")))})
	a.Actions = append(a.Actions, Action{ID: ActionLocal, Label: v.say("button.local"), Value: actionValue(q)})
	return a
}

// loginQuestion says what cannot be told without a login.
func (v *view) loginQuestion(t diagnose.Target) Block {
	f := t.Facts
	has := func(ps ...mailconf.Protocol) bool {
		return slices.ContainsFunc(t.Endpoints, func(e mailconf.Endpoint) bool { return slices.Contains(ps, e.Protocol) })
	}
	keys := []string{"password"}
	switch {
	case f.OAuth2Only:
		keys = []string{"oauth"}
	case f.SeparateMailPassword:
		keys = append(keys, "separate")
	case f.AppPassword || f.AppPasswordIf2FA:
		keys = append(keys, "app")
	}
	if f.EnableIMAPPOP && has(mailconf.IMAP, mailconf.POP3) {
		keys = append(keys, "enable")
	}
	if has(mailconf.SMTP) && len(keys) < 3 {
		keys = append(keys, "send")
	}
	var parts []string
	for _, k := range keys {
		parts = append(parts, v.say("login.question."+k))
	}
	last := len(parts) - 1
	list := parts[0]
	if last > 0 {
		list = strings.Join(parts[:last], ", ") + v.say("login.question.and") + parts[last]
	}
	return Paragraph{Spans(T(v.say("login.question") + list + "."))}
}

// localCommand is the login test on the person's own computer.
func localCommand(q query) string { return "mailhelpbot test --auth " + actionValue(q) }

func providerName(q query, t diagnose.Target) string {
	switch {
	case q.Provider != nil:
		return q.Provider.Name
	case q.Behind != nil:
		return q.Behind.Name
	}
	return t.Name
}

// pageTarget is what the one-time page may log in to: the servers of t that
// belong to the addresses that q stands for. ok is false when there is no page,
// or nobody vouches for any of them; then no link is given out at all.
func (b *Bot) pageTarget(book *knowledge.Book, q query, t diagnose.Target) (diagnose.Target, bool) {
	if b == nil || b.LoginURL == "" || t.Facts.OAuth2Only {
		return t, false
	}
	domain, _ := discover.Domain(q.Domain)
	known := ties{book: book, found: q.Found, allow: b.LoginAllow}
	t.Endpoints = slices.DeleteFunc(slices.Clone(t.Endpoints), func(e mailconf.Endpoint) bool {
		if _, _, ok := known.of(domain, e); ok {
			return false
		}
		// "gmx" without an address stands for all its domains; the form asks for one.
		_, ok := vouched(q.Provider, domain, e)
		return !ok || !canonicalName(e.Host) || !encryptedMail(e)
	})
	return t, len(t.Endpoints) > 0
}

// loginLink probes without a login first, and gives the link out when the
// servers are in order. All of it is for the asker alone.
func (v *view) loginLink(ctx context.Context, q query, t, page diagnose.Target, yield func(Answer) bool) {
	private := func(a Answer) bool { a.Private = true; return yield(a) }
	run, kept, lim := v.bot.watch(ctx, v.from, t)
	if lim != nil {
		private(v.limitedAnswer(*lim, "/test", q))
		return
	}
	l := &v.bot.limits
	defer l.leave(run)
	if !kept {
		if _, ok := v.follow(ctx, t, l.watching(ctx, run), private); !ok {
			return
		}
	}
	r, _ := l.outcome(run)
	switch {
	case ctx.Err() != nil:
	case r == nil:
		private(v.limitedAnswer(limited{kind: "busy", wait: maxWait}, "/test", q))
	case !anySound(r, page):
		a := v.reportAnswer(q, t, r)
		a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("login.broken")))})
		private(a)
	default:
		private(v.linkAnswer(ctx, q, page, r))
	}
}

// anySound reports whether an endpoint of the page could take a login.
func anySound(r *diagnose.Report, page diagnose.Target) bool {
	return slices.ContainsFunc(r.Endpoints, func(e diagnose.EndpointReport) bool {
		own := mailconf.Endpoint{Protocol: e.Protocol, Host: e.Host, Port: e.Port, Security: e.Security}
		return e.Verdict != diagnose.VerdictFail && slices.Contains(page.Endpoints, own)
	})
}

// linkAnswer opens a login test and tells the asker its link and code.
func (v *view) linkAnswer(ctx context.Context, q query, t diagnose.Target, r *diagnose.Report) Answer {
	test := &loginTest{from: v.from, lang: v.lang, query: q, target: t, servers: loginServers(t, r)}
	token, err := v.bot.issue(ctx, test)
	if err != nil {
		v.bot.Log.Error("no link for a login test", "err", err)
		return v.answer(Paragraph{Spans(T(v.say("login.failed")), Code("/test "+actionValue(q)+" login"))})
	}
	return v.answer(
		Heading{v.say("login.link.title", "name", clip(t.Name))},
		Paragraph{Spans(T(v.say("login.link.open")), Code(test.code))},
		Paragraph{Spans(openSpan(v.say("login.link.label"), v.bot.LoginURL+token))},
		Hint{Spans(T(v.say("login.link.look", "hosts", strings.Join(hostsOf(t.Endpoints), ", "), "time", test.until.UTC().Format("15:04"))))},
		Hint{Spans(T(v.say("login.never")))},
	)
}
