package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// subcommand is one of the words after /mailhelp that are no question.
type subcommand struct {
	names []string            // English first
	takes func([]string) bool // whether these words are its arguments; else all is a question
	run   func(*view, context.Context, Message, []string) Answer
}

// subcommands is their table. Words that mention a channel or a group are not
// among the arguments: those come as Command.Channels and Command.Roles.
func subcommands() []subcommand {
	return []subcommand{
		{[]string{"status"}, none, (*view).statusCommand},
		{[]string{"lang", "sprache"}, oneOf("de", "en", "auto", "deutsch", "english", "englisch"), (*view).langCommand},
		{[]string{"auto"}, oneOf("on", "off", "shadow", "an", "aus", "schatten"), (*view).autoCommand},
		{[]string{"limits", "grenzen"}, limitArgs, (*view).limitsCommand},
		{[]string{"group", "gruppe"}, oneOf("off", "aus"), (*view).groupCommand},
		{[]string{"digest", "bericht"}, oneOf("on", "off", "an", "aus"), (*view).digestCommand},
		{[]string{"answers", "antworten"}, answerArgs, (*view).answersCommand},
		{[]string{"forget", "vergiss"}, oneOf("me", "mich"), (*view).forgetCommand},
		{[]string{"export", "auskunft"}, none, (*view).exportCommand},
	}
}

func none(args []string) bool { return len(args) == 0 }

func oneOf(words ...string) func([]string) bool {
	return func(args []string) bool { return len(args) == 0 || len(args) == 1 && slices.Contains(words, args[0]) }
}

func limitArgs(args []string) bool {
	return len(args) == 0 || len(args) == 2 && slices.Contains([]string{"delay", "cooldown", "wartezeit", "pause"}, args[0])
}

func answerArgs(args []string) bool {
	return len(args) == 0 || len(args) == 2 && slices.Contains([]string{"remove", "entfernen", "löschen"}, args[0])
}

// germanArgs give away the language of who types them.
var germanArgs = []string{"an", "aus", "schatten", "entfernen", "löschen", "wartezeit", "pause", "deutsch", "englisch", "mich"}

// administer answers a subcommand; false means that c is something else.
func (v *view) administer(ctx context.Context, m Message, c Command, yield func(Answer) bool) bool {
	words := strings.Fields(strings.ToLower(c.Args))
	words = slices.DeleteFunc(words, func(w string) bool { return strings.ContainsAny(w[:1], "#@<") })
	if len(words) == 0 {
		return false
	}
	for _, s := range subcommands() {
		i := slices.Index(s.names, words[0])
		if i < 0 || !s.takes(words[1:]) {
			continue
		}
		lang := Lang("en")
		if i > 0 || len(words) > 1 && slices.Contains(germanArgs, words[1]) {
			lang = "de"
		}
		v.lang = firstLang(m.Lang, v.conv.Lang, lang)
		m.Command, v.intent = &c, "admin"
		yield(s.run(v, ctx, m, words[1:]))
		return true
	}
	return false
}

// set keeps a setting and says so.
func (v *view) set(ctx context.Context, m Message, o SettingOwner, name, value string, done Answer) Answer {
	if err := v.bot.Store.SaveSetting(ctx, o, name, value, m.User, v.bot.Now()); err != nil {
		v.bot.Log.Error("setting not kept", "platform", m.Platform, "err", err)
		return v.private("set.failed")
	}
	return done
}

func (v *view) langCommand(ctx context.Context, m Message, args []string) Answer {
	if len(args) == 0 {
		return v.private("lang.show", "name", v.say("lang."+v.lang))
	}
	value := map[string]Lang{"de": "de", "deutsch": "de", "en": "en", "english": "en", "englisch": "en"}[args[0]]
	v.lang = firstLang(value, v.lang)
	key := "lang.set"
	if value == "" {
		key = "lang.auto"
	}
	return v.set(ctx, m, m.personOwner(), settingLang, value, v.private(key))
}

// channelOf is the channel that a command is about: the one that it mentions, or its own.
func channelOf(m Message) Place {
	p := Place{Platform: m.Platform, Tenant: m.Tenant, Channel: m.Channel}
	if len(m.Command.Channels) > 0 {
		p.Channel = m.Command.Channels[0]
	}
	return p
}

func (v *view) autoCommand(ctx context.Context, m Message, args []string) Answer {
	at := channelOf(m)
	if m.alone() && len(m.Command.Channels) == 0 {
		return v.private("auto.where")
	}
	if len(args) == 0 {
		r, err := v.bot.rules(ctx, at)
		if err != nil {
			return v.private("set.failed")
		}
		return v.private("auto.is." + string(r.auto))
	}
	if no := v.refuse(ctx, m, rankAgent, "refuse.agent"); no != nil {
		return *no
	}
	switch args[0] {
	case "on", "an":
		return v.switchTo(ctx, m, at, autoOn, v.private("auto.on"))
	case "off", "aus":
		return v.set(ctx, m, at.channelOwner(), settingAuto, "", v.private("auto.off"))
	}
	return v.shadow(ctx, m, at)
}

// shadow switches a channel to shadow mode. Of two channels the second is
// where moderators look, of one it is that one.
func (v *view) shadow(ctx context.Context, m Message, at Place) Answer {
	review := ""
	switch n := len(m.Command.Channels); {
	case n > 1:
		review = m.Command.Channels[1]
	case n == 1:
		review, at.Channel = m.Command.Channels[0], m.Channel
	default:
		r, err := v.bot.rules(ctx, at)
		if err != nil {
			return v.private("set.failed")
		}
		review = r.review
	}
	if review == "" || review == at.Channel || m.alone() && len(m.Command.Channels) < 2 {
		return v.private("auto.review")
	}
	// That the bot can speak there is found out by doing so.
	to := Place{Platform: m.Platform, Tenant: m.Tenant, Channel: review}
	hello := v.answer(Paragraph{Spans(T(v.say("shadow.hello")))})
	err := v.bot.post(ctx, Announcement{To: to, Answer: hello, Key: "shadow/hello/" + m.ID})
	var no *Refused
	if errors.As(err, &no) {
		return no.Notice.Say(v.lang, no.Detail)
	}
	done := v.set(ctx, m, at.channelOwner(), settingReview, review, v.private("auto.shadow"))
	return v.switchTo(ctx, m, at, autoShadow, done)
}

// switchTo sets a channel's mode, and the language of what is said there
// without a question: that of who switched it.
func (v *view) switchTo(ctx context.Context, m Message, at Place, mode autoMode, done Answer) Answer {
	done = v.set(ctx, m, at.channelOwner(), settingLang, v.lang, done)
	return v.set(ctx, m, at.channelOwner(), settingAuto, string(mode), done)
}

func (v *view) limitsCommand(ctx context.Context, m Message, args []string) Answer {
	at := channelOf(m)
	if len(args) == 0 {
		return v.limitsAnswer(ctx, at)
	}
	if no := v.refuse(ctx, m, rankAgent, "refuse.agent"); no != nil {
		return *no
	}
	name, unit, most := settingDelay, time.Second, maxDelay
	if args[0] == "cooldown" || args[0] == "pause" {
		name, unit, most = settingCooldown, time.Minute, maxCooldown
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 0 || time.Duration(n) > most/unit {
		return v.private("limits.bad", "most", strconv.Itoa(int(most/unit)))
	}
	return v.set(ctx, m, at.channelOwner(), name, strconv.Itoa(n), v.private("limits.set"))
}

func (v *view) limitsAnswer(ctx context.Context, at Place) Answer {
	r, err := v.bot.rules(ctx, at)
	if err != nil {
		return v.private("set.failed")
	}
	num := strconv.Itoa
	list := Steps{Items: [][]Span{
		Spans(T(v.say("limits.user", "minute", num(userPerMinute), "hour", num(userPerHour)))),
		Spans(T(v.say("limits.channel", "minute", num(channelPerMinute)))),
		Spans(T(v.say("limits.host", "minute", num(hostPerMinute), "network", num(networkPerMinute)))),
		Spans(T(v.say("limits.delay", "seconds", num(int(r.delay/time.Second))))),
		Spans(T(v.say("limits.cooldown", "minutes", num(int(r.cooldown/time.Minute))))),
		Spans(T(v.say("limits.answers", "n", num(channelAnswers), "minutes", num(int(channelWindow/time.Minute))))),
	}}
	a := v.answer(Heading{v.say("limits.title")}, list,
		Hint{Spans(T(v.say("limits.how")), Code("/mailhelp limits delay 60"), T(", "), Code("/mailhelp limits cooldown 30"))})
	a.Private = true
	return a
}

func (v *view) groupCommand(ctx context.Context, m Message, args []string) Answer {
	if len(args) == 0 && len(m.Command.Roles) == 0 {
		if v.bot.group(ctx, m.Place()) == "" {
			return v.private("group.none")
		}
		return v.private("group.some")
	}
	if no := v.refuse(ctx, m, rankAdmin, "refuse.admin"); no != nil {
		return *no
	}
	if len(args) == 1 {
		return v.set(ctx, m, m.Place().tenantOwner(), settingGroup, "", v.private("group.off"))
	}
	return v.set(ctx, m, m.Place().tenantOwner(), settingGroup, m.Command.Roles[0], v.private("group.set"))
}

func (v *view) digestCommand(ctx context.Context, m Message, args []string) Answer {
	if m.alone() && len(m.Command.Channels) == 0 {
		return v.private("auto.where")
	}
	at := channelOf(m)
	if len(args) == 0 {
		now := v.bot.Now()
		d, err := v.bot.Store.Digest(ctx, at, now.Add(-digestSpan), now.Add(24*time.Hour))
		if err != nil {
			v.bot.Log.Error("digest not made", "platform", m.Platform, "err", err)
			return v.private("set.failed")
		}
		a := v.digestAnswer(d)
		a.Private = true
		return a
	}
	if no := v.refuse(ctx, m, rankAgent, "refuse.agent"); no != nil {
		return *no
	}
	if args[0] == "off" || args[0] == "aus" {
		return v.set(ctx, m, at.channelOwner(), settingDigest, "off", v.private("digest.off"))
	}
	return v.set(ctx, m, at.channelOwner(), settingDigest, "", v.private("digest.on"))
}

func (v *view) answersCommand(ctx context.Context, m Message, args []string) Answer {
	if len(args) == 0 {
		return v.listTaught()
	}
	if no := v.refuse(ctx, m, rankAgent, "refuse.agent"); no != nil {
		return *no
	}
	return v.removeTaught(ctx, args[1])
}

// statusCommand says how things stand here.
func (v *view) statusCommand(ctx context.Context, m Message, _ []string) Answer {
	a := v.answer(v.status(ctx, m)...)
	a.Private = true
	return a
}

func (v *view) status(ctx context.Context, m Message) []Block {
	var list Steps
	line := func(key string, pairs ...string) { list.Items = append(list.Items, Spans(T(v.say(key, pairs...)))) }
	if !m.alone() && m.Channel != "" {
		if r, err := v.bot.rules(ctx, m.Place()); err == nil {
			line("auto.is." + string(r.auto))
		}
	}
	if on, err := v.bot.Store.SettingOwners(ctx, m.Platform, m.Tenant, ScopeChannel, settingAuto); err == nil && m.Tenant != "" {
		line("status.channels", "n", strconv.Itoa(len(on)))
	}
	if m.Tenant != "" {
		if v.bot.group(ctx, m.Place()) == "" {
			line("group.none")
		} else {
			line("group.some")
		}
	}
	taught := map[string]bool{}
	for _, a := range taughtIn(v.book.Facts().Articles) {
		taught[a.Topic] = true
	}
	line("status.knows", "providers", strconv.Itoa(len(v.book.Facts().Providers)), "taught", strconv.Itoa(len(taught)))
	return []Block{Heading{v.say("status.title")}, list}
}
