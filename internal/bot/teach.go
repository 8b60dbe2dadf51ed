package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// taughtPrefix begins the topic of every article that was taught in chat.
const taughtPrefix = "taught-"

// Bounds of a taught article.
const (
	maxTaughtTitle     = 100
	maxTaughtText      = 3000
	maxTaughtQuestions = 30
)

// teachForm asks for an article, filled with what the message said.
func (v *view) teachForm(m Message) *Form {
	said := strings.TrimSpace(m.Text)
	if looksSecret(said) {
		said = ""
	}
	said = clipTo(said, maxTaughtText)
	f := &Form{
		Lang: v.lang, Title: v.say("teach.title"), Submit: v.say("teach.save"),
		Fields: []Field{
			{ID: "title", Label: v.say("teach.name"), Required: true, Max: maxTaughtTitle},
			{ID: "de", Label: v.say("teach.de"), Long: true, Max: maxTaughtText},
			{ID: "en", Label: v.say("teach.en"), Long: true, Max: maxTaughtText},
			{ID: "questions", Label: v.say("teach.questions"), Hint: v.say("teach.questions.hint"), Required: true, Long: true, Max: maxTaughtText},
		},
	}
	if said != "" {
		i := 2
		if v.bot.understand(Message{Text: said}, Conversation{}, v.mind).Lang == "de" {
			i = 1
		}
		f.Fields[i].Value = said
	}
	return f
}

// saveTaught keeps an article that an agent has written, and puts it in force.
func (v *view) saveTaught(ctx context.Context, m Message) Answer {
	if no := v.refuse(ctx, m, rankAgent, "refuse.agent"); no != nil {
		return *no
	}
	if m.Fields == nil {
		return v.private("teach.noform")
	}
	title := clipTo(strings.TrimSpace(m.Fields["title"]), maxTaughtTitle)
	de, en := strings.TrimSpace(m.Fields["de"]), strings.TrimSpace(m.Fields["en"])
	questions := taughtQuestions(m.Fields["questions"])
	switch {
	case title == "" || de == "" && en == "" || len(questions) == 0:
		return v.private("teach.missing")
	case looksSecret(title + "\n" + de + "\n" + en + "\n" + strings.Join(questions, "\n")):
		return v.private("teach.secret")
	}
	if !v.bot.roomToTeach(m.Place()) {
		return v.private("teach.full")
	}
	topic := taughtTopic(m.Place(), title)
	docs := v.taughtDocs(topic, title, map[Lang]string{"de": clipTo(de, maxTaughtText), "en": clipTo(en, maxTaughtText)}, questions, m.User)
	if err := v.bot.Store.Teach(ctx, docs); err != nil {
		v.bot.Log.Error("article not kept", "platform", m.Platform, "err", err)
		return v.private("teach.failed")
	}
	if err := v.bot.Refresh(ctx); err != nil {
		v.bot.Log.Error("article not in force", "platform", m.Platform, "err", err)
		return v.private("teach.failed")
	}
	a := v.private("teach.saved", "title", title)
	a.Blocks = append(a.Blocks, Hint{Spans(T(v.say("teach.saved.next")), Code("/mailhelp answers remove "+topic))})
	return a
}

// taughtQuestions are the example questions, one a line.
func taughtQuestions(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.Trim(strings.TrimSpace(l), "-•* "); l != "" && !slices.Contains(out, l) {
			out = append(out, clipTo(l, 300))
		}
	}
	return out[:min(len(out), maxTaughtQuestions)]
}

// taughtDocs are the articles, one for each language that has a text. Each
// question goes to the article in its language, or to the only one.
func (v *view) taughtDocs(topic, title string, texts map[Lang]string, questions []string, author string) []knowledge.Document {
	asked := map[Lang][]string{}
	for _, q := range questions {
		lang := v.bot.understand(Message{Text: q}, Conversation{}, v.mind).Lang
		if texts[lang] == "" {
			lang = map[bool]Lang{true: "de", false: "en"}[texts["de"] != ""]
		}
		asked[lang] = append(asked[lang], q)
	}
	today := v.bot.Now().UTC().Format(time.DateOnly)
	var docs []knowledge.Document
	for _, lang := range []Lang{"de", "en"} {
		if texts[lang] == "" {
			continue
		}
		a := &knowledge.Article{
			Topic: topic, Lang: lang, Title: title, Intent: "faq", Utterances: asked[lang], Checked: today,
			Sources: []knowledge.Source{{Title: say(lang, "teach.source"), Date: today}},
			Body:    plainHeadings(texts[lang]) + "\n", Origin: knowledge.OriginTaught, Author: author,
		}
		docs = append(docs, knowledge.NewDocument(knowledge.KindArticle, topic+"."+lang, knowledge.OriginTaught, author, a))
	}
	return docs
}

// plainHeadings makes headings bold lines: in an article of the knowledge a
// heading opens a section for one provider or program.
func plainHeadings(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if h := strings.TrimLeft(strings.TrimSpace(l), "#"); h != strings.TrimSpace(l) {
			lines[i] = "**" + strings.Trim(h, " *") + "**"
		}
	}
	return strings.Join(lines, "\n")
}

// taughtTopic is the topic of a title: readable, and its own for every
// workspace and title.
func taughtTopic(at Place, title string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(strings.ReplaceAll(title, "ß", "ss"))) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-") && r < 0x300:
			b.WriteByte('-')
		}
		if b.Len() >= 30 {
			break
		}
	}
	h := sha256.Sum256([]byte(title))
	return strings.TrimSuffix(taughtPrefix+tenantMark(at)+"-"+b.String(), "-") + "-" + hex.EncodeToString(h[:2])
}

// clipTo cuts s at n characters.
func clipTo(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// listTaught lists the taught articles.
func (v *view) listTaught() Answer {
	var list Steps
	seen := map[string]bool{}
	for _, a := range taughtIn(v.book.Facts().Articles) {
		if !seen[a.Topic] {
			seen[a.Topic] = true
			list.Items = append(list.Items, Spans(Code(a.Topic), T(" "+a.Title+" · "+a.Checked)))
		}
	}
	if len(list.Items) == 0 {
		return v.private("teach.none")
	}
	a := v.answer(Heading{v.say("teach.list")}, list, Hint{Spans(T(v.say("teach.saved.next")), Code("/mailhelp answers remove ID"))})
	a.Private = true
	return a
}

// removeTaught takes a taught article out of force.
func (v *view) removeTaught(ctx context.Context, topic string) Answer {
	var n int
	var err error
	if strings.HasPrefix(topic, taughtPrefix+tenantMark(v.from.Place())+"-") { // nobody else's
		n, err = v.bot.Store.Unteach(ctx, topic)
	}
	if err == nil && n > 0 {
		err = v.bot.Refresh(ctx)
	}
	switch {
	case err != nil:
		v.bot.Log.Error("article not removed", "err", err)
		return v.private("teach.failed")
	case n == 0:
		return v.private("teach.unknown", "topic", clip(topic))
	}
	return v.private("teach.removed", "topic", topic)
}
