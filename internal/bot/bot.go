package bot

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Bot answers messages. Its fields are set before the first Handle and not
// changed after; Handle may be called concurrently.
type Bot struct {
	Store  Store
	Prober *diagnose.Prober
	Finder *discover.Finder // nil: domains that the knowledge does not hold stay unknown
	Now    func() time.Time
	After  func(time.Duration) <-chan time.Time // nil: time.After
	Rand   io.Reader                            // nil: crypto/rand
	Log    *slog.Logger

	Posters map[string]Poster    // by platform; what the bot says unasked to one that is missing is left unsaid
	People  map[string]Directory // by platform; where one is missing, messages say themselves who somebody is

	Incidents *Incidents // nil: reports are not counted
	Watchlist *Watchlist // nil: nothing is probed unasked

	Rates      Rates      // what all processes count together; nil: this one is alone
	Observer   Observer   // nil: nobody is told
	Pseudonyms Pseudonyms // of people in the log; the zero value leaves them out

	LoginURL   string   // where the one-time page is, up to its token; "" for none
	LoginAllow []string // hosts that any address may log in to, as the operator says
	OAuth      []*OAuth // where people can sign in to have a login tested without a password

	mind   atomic.Pointer[mind]
	limits limits

	erasables erasables
	learning  sync.Mutex   // held while taught articles are taken in
	waiting   atomic.Int32 // questions that wait for a person to be first
	turn      sync.Mutex   // held while it is decided whether an unasked answer is said

	own atomic.Pointer[map[string]*ownMind] // of workspaces that have taught something, by tenantMark
}

// mind is one consistent state of knowledge.
type mind struct {
	book    *knowledge.Book
	matcher *match.Matcher
	kept    kept
}

// Learn replaces the knowledge at once; answers under way finish with the old one.
func (b *Bot) Learn(book *knowledge.Book, m *match.Matcher) {
	b.mind.Store(&mind{book: book, matcher: m})
}

// Warm prepares what the first question would have to wait for: the trained model.
func (b *Bot) Warm() { b.mind.Load().matcher.Model() }

// Book returns the knowledge in force.
func (b *Bot) Book() *knowledge.Book { return b.mind.Load().book }

// maxText is how much of a message is read. Longer ones are cut: nobody
// explains a mail problem in more, and log dumps repeat themselves.
const maxText = 16 << 10

// Understand reads a message in the light of its thread, without answering, and
// says why it is understood so.
func (b *Bot) Understand(ctx context.Context, m Message) knowledge.Intent {
	mi := b.mind.Load()
	c := threadContext(m, b.recall(ctx, m))
	c.Explain = true
	return mi.matcher.Match(cut(m.Text), c)
}

func (b *Bot) understand(m Message, conv Conversation, mi *mind) knowledge.Intent {
	return mi.matcher.Match(cut(m.Text), threadContext(m, conv))
}

// threadContext is what the matcher may know of a message's thread.
func threadContext(m Message, conv Conversation) match.Context {
	return match.Context{
		Provider: conv.Provider, Domain: conv.Domain, Client: conv.Client, Protocol: string(conv.Protocol),
		Topic: conv.Topic, Cause: conv.Cause, Lang: firstLang(conv.Lang, m.Lang),
		Addressed: m.Kind != KindChannel,
	}
}

// Handle is the Handler.
func (b *Bot) Handle(ctx context.Context, m Message) iter.Seq[Answer] {
	return func(yield func(Answer) bool) {
		if m.Kind == KindReply || m.Kind == KindDeleted {
			b.attend(ctx, m)
			return
		}
		if m.ID != "" && !m.Once {
			fresh, err := b.Store.Claim(ctx, m.Platform, m.Tenant, m.ID, b.Now())
			if err != nil {
				b.Log.Error("message not claimed", "platform", m.Platform, "err", err)
			} else if !fresh {
				b.observer().Received(m.Platform, ReceiptDuplicate)
				return
			}
		}
		b.watched(ctx, m, yield, func(yield func(Answer) bool) *view { return b.reply(ctx, m, yield) })
	}
}

func (b *Bot) reply(ctx context.Context, m Message, yield func(Answer) bool) *view {
	m = b.withLang(ctx, m)
	conv := b.recall(ctx, m)
	v := &view{bot: b, mind: b.mindOf(m.Place()), conv: conv, from: m}
	v.book = v.mind.book
	v.route(ctx, m, func(a Answer) bool { return yield(v.finish(ctx, a)) })
	if v.conv != conv && m.Channel != "" && !v.forgotten {
		v.conv.Updated = b.Now()
		if err := b.Store.SaveConversation(context.WithoutCancel(ctx), m.Key(), v.conv); err != nil {
			b.Log.Error("conversation not saved", "platform", m.Platform, "err", err)
		}
	}
	return v
}

// recall returns what m's thread is about. Not knowing it is no reason to stay silent.
func (b *Bot) recall(ctx context.Context, m Message) Conversation {
	if m.Channel == "" {
		return Conversation{}
	}
	conv, err := b.Store.Conversation(ctx, m.Key())
	if err != nil {
		b.Log.Error("conversation not read", "platform", m.Platform, "err", err)
	}
	return conv
}

// view is one answer in the making.
type view struct {
	bot         *Bot
	mind        *mind
	book        *knowledge.Book
	conv        Conversation
	lang        Lang
	from        Message         // what is answered
	newClient   bool            // the message names another mail program than the thread before
	newProvider bool            // the message names another provider than the thread before
	forgotten   bool            // what the thread was about was just forgotten
	sight       *diagnose.Sight // what a run is held against: a pasted report code; usually nil

	intent, topic string  // what the message was taken for, for the Observer
	silence       Silence // why nothing is said, when nothing is

	unasked bool   // nobody asked the bot
	rated   bool   // people can say whether the answer helped
	about   string // the topic of a rated answer
}

func (v *view) say(key string, pairs ...string) string { return say(v.lang, key, pairs...) }

// ratable lets people say whether the answer, on a topic, has helped.
func (v *view) ratable(topic string) { v.rated, v.about = true, topic }

func (v *view) answer(blocks ...Block) Answer { return Answer{Lang: v.lang, Blocks: blocks} }

// route decides what a message is and answers it.
func (v *view) route(ctx context.Context, m Message, yield func(Answer) bool) {
	v.lang = firstLang(m.Lang, v.conv.Lang)
	switch {
	case v.hush(ctx, m, yield):
		return
	case m.Kind != KindChannel && v.fromCode(ctx, spoken(m), yield):
		return
	case m.Kind == KindChannel && m.Channel != "":
		v.overheard(ctx, m, yield)
		return
	case m.Action != nil && v.pressed(ctx, m, yield):
		return
	}
	cmd := m.Command
	if m.Action != nil {
		cmd = &Command{Name: m.Action.ID, Args: m.Action.Value}
	}
	if cmd == nil {
		cmd = typedCommand(m.Text)
	}
	if cmd == nil || cmd.Name == ActionAsk {
		if cmd != nil {
			m.Text = cmd.Args
		}
		v.freeText(ctx, m, yield)
		return
	}
	if name, _ := canonical(cmd.Name); name == "mailhelp" && !isHelp(cmd.Args) && strings.TrimSpace(cmd.Args) != "" {
		if !v.administer(ctx, m, *cmd, yield) {
			m.Text = cmd.Args
			v.freeText(ctx, m, yield)
		}
		return
	}
	v.command(ctx, m, *cmd, yield)
}

// spoken is all that a person has typed, whatever it was typed into.
func spoken(m Message) string {
	if m.Command != nil {
		return cut(m.Command.Args)
	}
	return cut(m.Text)
}

func (v *view) command(ctx context.Context, m Message, cmd Command, yield func(Answer) bool) {
	name, german := canonical(cmd.Name)
	if german && m.Lang == "" {
		v.lang = "de"
	}
	v.intent = "unknown"
	if _, _, known := lookup(strings.ToLower(cmd.Name)); known {
		v.intent = name
	}
	if (name == "settings" || name == "test" || name == ActionLogin || name == ActionLocal) && v.bot.SecretArgument(cut(cmd.Args)) {
		v.intent, v.lang = "secret", firstLang(v.lang, "en")
		a := v.answer(Paragraph{Spans(T(v.say("login.argument")), Code("mailhelpbot test --auth gmx"))})
		a.Private = true
		yield(a)
		return
	}
	switch name {
	case "settings":
		v.ratable("settings")
		q := v.recall(parseQuery(v.book, cmd.Args))
		v.speakFor(q)
		v.note(q)
		v.conv.Topic, v.conv.Cause, v.conv.Tries = "", "", 0 // "and on the iPhone?" asks for these settings now
		if a, ok := v.compareAnswer(cut(cmd.Args), query{Provider: q.Provider, Domain: q.Domain}); ok {
			yield(a)
			return
		}
		v.settings(ctx, q, yield)
	case "test", ActionLogin:
		args, login := cutLogin(cmd.Args)
		args, signIn := cutSignIn(args)
		q := v.testQuery(m, args)
		v.speakFor(q)
		v.note(q)
		if login || signIn || name == ActionLogin {
			v.loginTest(ctx, q, signIn, yield)
			return
		}
		v.ratable("test")
		v.runTest(ctx, q, yield)
	case ActionLocal:
		yield(v.localAnswer(v.testQuery(m, cmd.Args)))
	case "mailhelp", "help":
		yield(v.helpAnswer())
	default:
		v.lang = firstLang(v.lang, "en")
		yield(v.answer(Paragraph{Spans(T(v.say("unknown", "command", clip("/"+cmd.Name))), Code("/mailhelp"))}))
	}
}

// testQuery is what a test is asked of. Surfaces offer the test on any message
// ("test mail settings"), so the arguments may be whole sentences: then what
// they speak of is tested.
func (v *view) testQuery(m Message, args string) query {
	q := parseQuery(v.book, args)
	if q.Provider == nil && q.BadPort == "" && strings.Contains(q.Name, " ") {
		m.Text = args
		if said := v.learn(v.bot.understand(m, v.conv, v.mind)); !said.empty() {
			return said
		}
	}
	return v.recall(q)
}

// speakFor settles the language of an answer to a command, which has none of
// its own: a provider of a German-speaking country is asked about in German
// when nothing else is known.
func (v *view) speakFor(q query) {
	if v.lang != "" {
		return
	}
	v.lang = "en"
	if q.Provider != nil {
		switch q.Provider.Country {
		case "DE", "AT", "CH":
			v.lang = "de"
		}
	}
}

// recall completes a query that names nobody by what the thread is about.
func (v *view) recall(q query) query {
	if !q.empty() || q.BadPort != "" {
		return q
	}
	switch {
	case v.conv.Provider != "":
		q.Provider, q.Domain = v.book.Provider(v.conv.Provider), v.conv.Domain
		if q.Provider != nil {
			q.Name = q.Provider.Name
		}
	case v.conv.Host != "":
		q.Host, q.Name = v.conv.Host, v.conv.Host
	case v.conv.Domain != "":
		q.Domain, q.Name = v.conv.Domain, v.conv.Domain
	}
	return q
}

// note keeps what a query says about the thread.
func (v *view) note(q query) {
	if q.Provider != nil {
		v.conv.Provider, v.conv.Domain, v.conv.Host = q.Provider.ID, q.Domain, ""
	} else if q.Domain != "" || q.Host != "" {
		v.conv.Provider, v.conv.Domain, v.conv.Host = "", q.Domain, q.Host
	}
	if len(q.Protocols) == 1 {
		v.conv.Protocol = q.Protocols[0]
	}
}

func (v *view) helpAnswer() Answer {
	v.lang = firstLang(v.lang, "en")
	list := Steps{}
	for _, c := range Commands() {
		list.Items = append(list.Items, Spans(Code("/"+c.Name+" "+c.Usage[v.lang]), T(" "+c.Description[v.lang])))
	}
	a := v.answer(
		Paragraph{Spans(T(v.say("help")))},
		list,
		Paragraph{Spans(T(v.say("help.ask")))},
		Hint{Spans(T(v.say("help.password")), Code("mailhelpbot test --auth gmx"))},
	)
	if v.from.Platform != platformConsole && v.from.Platform != "" {
		a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("help.desk")), Code("/mailhelp status"), T(", "), Code("/mailhelp lang"), T(", "), Code("/mailhelp forget me"))})
	}
	return a
}

func firstLang(langs ...Lang) Lang {
	for _, l := range langs {
		if l == "de" || l == "en" {
			return l
		}
	}
	return ""
}

// typedCommand reads "/test smtp gmx" typed as text; nil when s is no command.
func typedCommand(s string) *Command {
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != '/' && s[0] != '!' || strings.Contains(strings.Fields(s)[0][1:], "/") {
		return nil
	}
	name, args, _ := strings.Cut(s[1:], " ")
	name = strings.ToLower(name)
	if _, _, known := lookup(name); !known && s[0] == '!' {
		return nil
	}
	return &Command{Name: name, Args: strings.TrimSpace(args)}
}

// lookup finds a command by name, alias or local name.
func lookup(name string) (spec CommandSpec, german, ok bool) {
	for _, c := range Commands() {
		if c.Name == name {
			return c, false, true
		}
		for _, a := range c.Aliases {
			if a == name {
				return c, true, true
			}
		}
	}
	if isHelp(name) {
		return CommandSpec{Name: "help"}, name == "hilfe", true
	}
	return CommandSpec{}, false, false
}

func canonical(name string) (string, bool) {
	c, german, ok := lookup(strings.ToLower(name))
	if !ok {
		return name, false
	}
	return c.Name, german
}

func isHelp(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "help", "hilfe", "?":
		return true
	}
	return false
}

func cut(s string) string {
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

// protocolOf is the protocol of an intent as a list for a query.
func protocolOf(p mailconf.Protocol) []mailconf.Protocol {
	if p == "" {
		return nil
	}
	return []mailconf.Protocol{p}
}
