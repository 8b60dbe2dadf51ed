package bot

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// freeText answers what is not a command.
func (v *view) freeText(ctx context.Context, m Message, yield func(Answer) bool) {
	v.intent = "none"
	if strings.TrimSpace(m.Text) == "" {
		v.silence = SilenceEmpty
		if m.Kind != KindChannel && m.Kind != KindThread {
			v.lang = firstLang(v.lang, "en")
			yield(v.answer(Paragraph{Spans(T(v.say("empty")), Code("/settings gmx"))}))
		}
		return
	}
	if looksSecret(cut(m.Text)) {
		v.intent = "secret"
		v.lang = firstLang(v.bot.understand(m, v.conv, v.mind).Lang, v.lang, "en")
		yield(v.secretAnswer(m))
		return
	}
	in := v.bot.understand(m, v.conv, v.mind)
	v.lang = firstLang(in.Lang, m.Lang, v.conv.Lang, "en")
	if m.Kind != KindChannel && m.Platform != platformConsole && wantsHuman(m.Text) {
		v.intent = "human"
		v.handOver(ctx, m, yield)
		return
	}
	v.intent, v.topic = in.Kind, in.Topic
	asked := m.Kind == KindDirect || m.Kind == KindMention || m.Kind == KindCommand || m.Kind == KindAction
	if in.Foreign {
		v.intent, v.silence = "foreign", SilenceForeign
		v.foreign(asked, yield)
		return
	}
	if several := v.questions(m, in); in.Follow == "" && len(several) > 0 {
		v.conv.Lang = v.lang
		v.ratable(in.Topic)
		yield(v.answerAll(ctx, several))
		return
	}
	if asked && !in.Reply {
		in = v.byCode(in)
	}
	switch {
	case in.Kind == "smalltalk" && m.Kind == KindDirect && !strings.Contains(m.Text, "?"):
		yield(v.answer(Paragraph{Spans(T(v.say("smalltalk")), Code("/help"))}))
	case in.Kind == "smalltalk" || !in.Reply && !in.Clarify:
		if in.Kind == "smalltalk" {
			v.silence = SilenceSmalltalk
		}
		if asked && in.Kind != "smalltalk" && m.Channel != "" && m.Platform != platformConsole {
			v.bot.count(ctx, m, CountUnanswered, cmp.Or(in.Topic, topicOther))
		}
		if blocks := v.clientStatus(in.Client); asked && len(blocks) > 0 {
			yield(v.answer(blocks...))
		} else if asked && (in.Kind != "smalltalk" || strings.Contains(m.Text, "?")) {
			yield(v.answer(Paragraph{Spans(T(v.say("scope")), Code("/help"))}))
		}
	default:
		v.conv.Lang = v.lang
		told := v.conv.Topic
		in = v.onDevice(in)
		q := v.learn(in)
		// Who says no more than that mail does not work is asked back once.
		if asked && strings.HasSuffix(in.Topic, "-generic") && told == "" && in.Client == "" && in.ErrorCode == "" && q.empty() {
			in.Clarify = true
		}
		if a, ok := v.compareAnswer(cut(m.Text), q); ok {
			yield(a)
			return
		}
		if inc, ok := v.tripped(ctx, m, in); ok && asked {
			yield(v.pointer(inc))
			return
		}
		v.goOn(ctx, in, q, v.asMeant(in, yield))
	}
}

// foreign answers a message in a language that the bot does not speak: once per
// thread, and only who asked the bot itself. That it was said is kept as the
// thread's language, since nothing else is known of it.
func (v *view) foreign(asked bool, yield func(Answer) bool) {
	if !asked || v.conv.Lang == langOther {
		return
	}
	v.conv.Lang, v.lang = langOther, "en"
	yield(v.answer(Paragraph{Spans(T(v.say("foreign")), Code("/settings gmail"), T(", "), Code("/test gmail"), T("."))}))
}

// byCode makes an answerable error of a message that the matcher would let
// pass, or ask back about, but that names a code the knowledge explains: who asks the bot about a
// code wants to know what it means.
func (v *view) byCode(in knowledge.Intent) knowledge.Intent {
	if in.ErrorCode == "" {
		return in
	}
	for _, e := range v.book.Facts().Errors {
		if slices.ContainsFunc(e.Codes, func(c string) bool { return strings.EqualFold(c, in.ErrorCode) }) {
			in.Kind, in.Cause, in.Topic, in.Reply, in.Clarify = "error", e.Cause, e.Topic, true, false
			break
		}
	}
	return in
}

// learn keeps what the message says about the thread, and returns it as a query.
func (v *view) learn(in knowledge.Intent) query {
	var q query
	switch {
	case in.Provider != "" && v.book.Provider(in.Provider) != nil:
		q.Provider, q.Domain = v.book.Provider(in.Provider), in.Domain
		q.Name = q.Provider.Name
	case in.Domain != "":
		q.name(v.book, in.Domain)
	case in.Provider != "":
		q.name(v.book, in.Provider)
	}
	q.Protocols = protocolOf(in.Protocol)
	if in.Incoming {
		q.Protocols = []mailconf.Protocol{mailconf.IMAP, mailconf.POP3}
	}
	if in.Follow == "" && in.Kind == "settings" {
		v.conv.Protocol = "" // asked for anew, in all protocols that are not named
	}
	v.newProvider = q.Provider != nil && q.Provider.ID != v.conv.Provider
	v.note(q)
	v.conv.Tries++
	if in.Follow != knowledge.FollowStill {
		v.conv.Tries = 0
	}
	if in.Client != "" {
		v.newClient = in.Client != v.conv.Client
		v.conv.Client = in.Client
	}
	if in.Topic != "" {
		v.conv.Topic = in.Topic
	}
	switch {
	case in.Kind == "error" && in.Cause != "":
		v.conv.Cause = in.Cause
	case in.Kind != "error" && in.Follow == "" && in.Topic != "":
		v.conv.Cause = "" // a question, which no error has led to
	}
	return v.recall(q)
}

// withGuide adds to finished settings the click path of the mail program that
// the message named: who asks "and on the iPhone?" wants to know where to type.
func (v *view) withGuide(in knowledge.Intent, q query, yield func(Answer) bool) func(Answer) bool {
	if !v.newClient {
		return yield
	}
	in.Topic = "manual-server-settings"
	return func(a Answer) bool {
		if !a.Partial {
			a.Blocks = append(a.Blocks, v.clientStatus(in.Client)...)
			a.Blocks = append(a.Blocks, v.guideFor(in, in.Client, q)...)
		}
		return yield(a)
	}
}

func (v *view) topical(ctx context.Context, in knowledge.Intent, q query, yield func(Answer) bool) {
	if !in.Clarify && (in.Topic != "" || !q.empty()) {
		v.ratable(cmp.Or(in.Topic, in.Kind))
	}
	switch {
	case in.Clarify:
		yield(v.clarify(in, q))
	case in.Kind == "settings" && !q.empty(), in.Topic == "server-data" && in.Kind != "error" && q.Provider != nil:
		v.settings(ctx, q, v.withGuide(in, q, yield))
	case in.Kind == "test" && !q.empty():
		v.runTest(ctx, q, yield)
	case in.Kind == "settings" && in.Topic == "":
		yield(v.settingsAnswer(ctx, q))
	case in.Kind == "test" && in.Topic == "":
		yield(v.answer(Paragraph{Spans(T(v.say("test.which")), Code("/test gmx"))}))
	default:
		yield(v.explain(in, q))
	}
}

// clarify asks back once.
func (v *view) clarify(in knowledge.Intent, q query) Answer {
	ask := v.say("clarify")
	if a := v.book.Article(in.Topic, v.lang); a != nil && a.Lang == v.lang && a.Ask != "" {
		ask = a.Ask
	}
	if q.Provider != nil {
		ask = withoutProvider(ask)
	}
	ans := v.answer(Paragraph{Spans(T(ask))})
	if q.Provider != nil {
		ans.Actions = append(ans.Actions, Action{ID: ActionTest, Label: v.say("button.test"), Value: actionValue(q), Style: "primary"})
		ans.Data = &Data{Provider: q.Provider.ID}
	}
	return ans
}

// conditionTopics are the topics whose answer depends on what the provider demands before a login.
var conditionTopics = []string{
	"wrong-password", "password-prompt-loop", "smtp-auth-failed", "app-password", "enable-imap-access", "oauth-required",
	"provider-mail-password", "which-password", "add-account", "second-account", "manual-server-settings", "gmail-in-outlook",
	"change-password-on-devices", "autoconfig-failed",
}

// ownPath are the topics whose article tells the way in each mail program
// itself: an Exchange account is not set up as IMAP.
var ownPath = []string{"proton-bridge", "exchange-setup"}

// ownValues are the topics whose article brings its own servers: Proton's
// Bridge listens on the user's computer.
var ownValues = []string{"proton-bridge"}

// explain answers a question or an error from articles, causes and mail
// programs: what it is, what the provider demands, the click path, the sources.
func (v *view) explain(in knowledge.Intent, q query) Answer {
	in = sharpen(in, q)
	ans := v.answer()
	ans.Data = &Data{Sources: []string{}}
	art := v.book.Article(in.Topic, v.lang)
	if slices.Contains(ownValues, in.Topic) {
		q.Provider = nil // the article has other servers than the provider's own
	}
	client := facetsOf(in, v.conv).client
	guide := v.guideFor(in, client, q)
	var demands []Block
	switch {
	case q.Provider == nil || !slices.Contains(conditionTopics, in.Topic):
	case guideTasks[in.Topic] == "setup" && !signsIn(q):
		asked := q.Protocols
		if len(asked) == 0 && len(guide) > 0 { // the click path sets IMAP up
			asked = []mailconf.Protocol{mailconf.IMAP, mailconf.SMTP}
		}
		demands = v.conditions(q.Provider, servers(q), asked)
	default:
		demands = v.loginConditions(q.Provider, servers(q))
	}
	substance, next := v.nextLast(v.substance(in, q, art, demands, guide), q)
	ans.Blocks = substance
	if q.Provider != nil {
		ans.Data.Provider = q.Provider.ID
		if in.Kind == "error" && !slices.ContainsFunc(substance, namesServer(q.Provider)) {
			ans.Blocks = append(ans.Blocks, v.expected(in.Topic, q)...)
		}
	}
	ans.Blocks = append(ans.Blocks, v.clientStatus(client)...)
	if len(guide) > 0 { // the title names the program
		guide = append([]Block{Heading{v.say("guide.steps")}}, guide[1:]...)
	}
	ans.Blocks = slices.Concat(ans.Blocks, guide, next)
	v.offer(&ans, art, q)
	if art != nil && len(art.Sources) > 0 {
		src := Sources{Label: v.say("source.label")}
		for _, s := range v.sourcesFor(art, q.Provider) {
			src.Items = append(src.Items, SourceItem(s))
			ans.Data.Sources = append(ans.Data.Sources, s.URL)
		}
		src.Items[len(src.Items)-1].Date = v.stand(art.Checked)
		ans.Blocks = append(ans.Blocks, src)
	}
	if len(ans.Blocks) == 0 {
		ans.Blocks = append(ans.Blocks, Paragraph{Spans(T(v.say("clarify")))})
	}
	return ans
}

// refusals are the topics that mean "the password is not accepted".
var refusals = []string{"wrong-password", "password-prompt-loop", "smtp-auth-failed", "app-password", "which-password"}

// sharpen names the narrower cause that the provider's facts give away: where
// only OAuth2 is accepted, no password can be right.
func sharpen(in knowledge.Intent, q query) knowledge.Intent {
	if q.Provider != nil && q.Provider.Requires.OAuth2Only && slices.Contains(refusals, in.Topic) {
		in.Topic, in.Cause = "oauth-required", "oauth-required"
	}
	return in
}

// substance is what an error means, or what the article says, and what the
// provider demands; nothing of it twice, and nothing that the click path of the
// mail program says as well.
func (v *view) substance(in knowledge.Intent, q query, art *knowledge.Article, demands, guide []Block) []Block {
	var out []Block
	var cause *knowledge.Cause
	if in.Kind == "error" { // a question about a cause is answered by its article
		cause = v.book.Cause(in.Cause)
	}
	// Without a code to stand on, a cause is only named where the error text is
	// there and the topic says the same: in a person's own words it is a guess,
	// and the article is about all that it can be.
	if cause != nil && art != nil && in.ErrorCode == "" && (cause.Topic != in.Topic || !in.Quoted) {
		cause = nil
	}
	if art == nil {
		if cause != nil {
			out = v.causeBlocks(in, cause, q, demands, guide)
		}
		return append(out, demands...)
	}
	body := v.mind.kept.parseArticle(art.Body, facetsOf(in, v.conv), v.filler(q, false))
	body.provider, demands = v.mind.kept.onceEach(body.provider, demands)
	if cause == nil && q.Provider != nil && namesIt(art.Title, q.Provider) { // the article is about this provider
		told := v.mind.kept.demandsOf(textOf(body.general))
		demands = slices.DeleteFunc(demands, func(b Block) bool { return v.mind.kept.demandsOf(blockText(b))&^told == 0 })
	}
	if cause != nil {
		out = v.causeBlocks(in, cause, q, slices.Concat(body.provider, demands), slices.Concat(guide, body.client))
	} else {
		title := v.titled(art.Title, in, q, len(guide)+len(body.client) > 0)
		out = append([]Block{Heading{title}}, v.general(in, q, body, demands, guide)...)
	}
	out = slices.Concat(out, body.protocol, body.provider)
	if len(guide) == 0 {
		out = append(out, body.client...)
	}
	return append(out, demands...)
}

// offer adds the servers that belong to the article, and what can be done next.
func (v *view) offer(ans *Answer, art *knowledge.Article, q query) {
	switch {
	case q.Provider != nil:
		if servers := servers(testOf(q, art)); art != nil && art.Settings && len(servers) > 0 {
			ans.Blocks = append(ans.Blocks, v.settingsBlock(briefly(setupServers(testOf(q, art)), q.Protocols), q.Provider.Requires))
			ans.Data.Settings = v.facts(servers)
		}
		ans.Actions = append(ans.Actions,
			Action{ID: ActionTest, Label: v.say("button.test"), Value: actionValue(testOf(q, art)), Style: "primary"},
			Action{ID: ActionSettings, Label: v.say("button.settings"), Value: actionValue(q)})
		if art != nil && art.Test != "" && v.from.Platform == platformConsole { // a terminal has no buttons
			ans.Blocks = append(ans.Blocks, Hint{Spans(T(v.say("article.livetest")), Code("/test "+clip(actionValue(testOf(q, art)))))})
		}
	case art != nil && art.Test != "":
		ans.Blocks = append(ans.Blocks, Hint{Spans(T(v.say("article.livetest.any")), Code("/test "+testArgs(art.Test)))})
	}
}

// testOf is q with the protocol that the article's live test is about, unless
// the question names protocols itself.
func testOf(q query, art *knowledge.Article) query {
	if art != nil && art.Test != "" && art.Test != "all" && len(q.Protocols) == 0 && q.Host == "" {
		q.Protocols = []mailconf.Protocol{mailconf.Protocol(art.Test)}
	}
	return q
}

func testArgs(protocol string) string {
	if protocol == "all" {
		return "gmx"
	}
	return protocol + " gmx"
}

// causeBlocks say what a cause means and what to do, for the person's mail program when that differs.
// What the provider's own text (said) and the click path (path) tell is not said in general as well.
func (v *view) causeBlocks(in knowledge.Intent, c *knowledge.Cause, q query, said, path []Block) []Block {
	out := []Block{Heading{v.titled(c.Title.In(v.lang), in, q, len(path) > 0)}}
	if in.ErrorCode != "" {
		for _, e := range v.book.Facts().Errors {
			if s := e.Says.In(v.lang); s != "" && slices.ContainsFunc(e.Codes, func(code string) bool { return strings.EqualFold(code, in.ErrorCode) }) {
				out = append(out, Paragraph{Spans(T(v.say("cause.code", "code", clip(in.ErrorCode))), T(s))})
				break
			}
		}
	}
	out = append(out, Paragraph{Spans(T(c.Means.In(v.lang)))})
	told, _ := v.mind.kept.demandsIn(said)
	step := v.mind.kept.withoutDemands(v.userNamed(c.User.In(v.lang), in, q), told)
	if s := c.Clients[v.conv.Client].In(v.lang); s != "" && len(path) == 0 {
		step = strings.TrimSpace(step + " " + s)
	}
	if step == "" {
		return out
	}
	return append(out, Hint{Spans(T(step))})
}

// userNamed says the form of the user name at the provider where a step says what
// is usual.
func (v *view) userNamed(step string, in knowledge.Intent, q query) string {
	values := v.placeholders(q)
	form := cmp.Or(values[string(in.Protocol)+".username"], values["username"])
	if form == "" {
		return step
	}
	return strings.Replace(step, v.say("cause.username"), "("+form+")", 1)
}

func (v *view) nextStep(c *knowledge.Cause) Block {
	step := c.User.In(v.lang)
	if s := c.Clients[v.conv.Client].In(v.lang); s != "" {
		step += " " + s
	}
	return Hint{Spans(T(step))}
}

// clientStatus warns of a mail program that no longer works.
func (v *view) clientStatus(id string) []Block {
	c := v.book.Client(id)
	if c == nil || c.Status != "ended" && c.Status != "limited" {
		return nil
	}
	s := v.say("client."+c.Status, "name", c.NameIn(v.lang)) + " " + c.Why.In(v.lang)
	var use []string
	for _, id := range c.Use {
		if u := v.book.Client(id); u != nil {
			use = append(use, u.NameIn(v.lang))
		}
	}
	if len(use) > 0 {
		s += " " + v.say("client.use", "names", strings.Join(use, ", "))
	}
	return []Block{Hint{Spans(T(s))}}
}

// signInWindows are the issuers of OAuth2 that mail programs have an entry of
// their own for: setting such a mailbox up by hand is the longer way, and often
// a dead end.
var signInWindows = []string{"accounts.google.com", "login.microsoftonline.com", "login.yahoo.com", "login.aol.com"}

func signsIn(q query) bool {
	return q.Provider != nil && slices.Contains(signInWindows, q.Provider.OAuth) && !onlyPOP3(q)
}

// guideTasks say which click path of a mail program belongs to a topic.
var guideTasks = map[string]string{
	"add-account": "setup", "second-account": "setup", "manual-server-settings": "setup", "setup-assistant-first": "setup",
	"gmail-in-outlook": "setup", "autoconfig-failed": "setup",
	"change-password-on-devices": "password", "wrong-password": "password", "password-prompt-loop": "password",
	"smtp-auth-required": "edit-outgoing", "smtp-auth-failed": "edit-outgoing", "timeout-blocked-port-25": "edit-outgoing",
	"relay-denied": "edit-outgoing", "spa-off": "edit-outgoing",
	"which-port": "edit-incoming", "ssl-vs-starttls": "edit-incoming", "username-is-full-address": "edit-incoming",
	"hostname-mismatch": "certificate", "certificate-warning": "certificate",
}

func (v *view) guideFor(in knowledge.Intent, client string, q query) []Block {
	c := v.book.Client(client)
	task := guideTasks[in.Topic]
	if in.Kind == "client-setup" && task == "" {
		task = "setup"
	}
	if c == nil || task == "" || slices.Contains(ownPath, in.Topic) {
		return nil
	}
	find := func(task string) int {
		return slices.IndexFunc(c.Guides, func(g knowledge.Guide) bool { return g.Task == task })
	}
	i := find(task)
	if k := find("sign-in"); task == "setup" && k >= 0 && in.Topic != "manual-server-settings" && signsIn(q) {
		i = k
	}
	if i < 0 {
		return nil
	}
	steps := c.Guides[i].Steps[v.lang]
	if len(steps) == 0 {
		steps = c.Guides[i].Steps["en"]
	}
	fill := v.filler(q, true)
	list := Steps{Ordered: true}
	for _, s := range steps {
		if onlyPOP3(q) {
			s = imapWord.ReplaceAllString(strings.ReplaceAll(s, "{imap.", "{pop3."), "POP3")
		}
		for _, bl := range v.mind.kept.parseArticle(s, facets{}, fill).general {
			if p, ok := bl.(Paragraph); ok {
				list.Items = append(list.Items, capital(p.Spans))
			}
		}
	}
	out := []Block{Heading{c.NameIn(v.lang)}, list}
	return append(out, v.trap(c, q, c.Guides[i].Task)...)
}

func portString(p uint16) string { return strconv.Itoa(int(p)) }
