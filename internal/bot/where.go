package bot

import (
	"regexp"
	"slices"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// wayIn is the click path that the article on the thread's topic has for the
// asker's program; without a program it asks for one. False means that the
// article has none.
func (v *view) wayIn(in knowledge.Intent) (Answer, bool) {
	if v.conv.Client != "" {
		return v.section(in.Topic, v.conv.Client)
	}
	a := v.answer(Paragraph{Spans(T(v.say("guide.which")))})
	for _, id := range offeredClients {
		if _, ok := v.section(in.Topic, id); ok {
			a.Actions = append(a.Actions, Action{ID: ActionGuide, Label: v.book.Client(id).NameIn(v.lang), Value: id})
		}
	}
	return a, len(a.Actions) > 0
}

// section is what the article on a topic has for one mail program alone.
func (v *view) section(topic, client string) (Answer, bool) {
	art, c := v.book.Article(topic, v.lang), v.book.Client(client)
	if art == nil || c == nil {
		return Answer{}, false
	}
	own := v.mind.kept.parseArticle(art.Body, facets{client: client}, v.filler(v.recall(query{}), false)).client
	if len(own) == 0 {
		return Answer{}, false
	}
	v.ratable(topic)
	return v.answer(append([]Block{Heading{c.NameIn(v.lang)}}, own...)...), true
}

// phone are the words for a device that has one of several mail programs.
var phone = regexp.MustCompile(`(?i)\b(handy|handys|smartphone|smartphones|phone|mobile|cell ?phone|tablet)\b`)

// phoneClients are the mail programs to choose from there.
var phoneClients = []string{"ios-mail", "android-gmail", "samsung-mail", "outlook-mobile"}

// onPhone asks which phone it is when a thread goes on with "and on the phone?"
// and its program runs on none.
func (v *view) onPhone() (Answer, bool) {
	if v.newClient || !phone.MatchString(spoken(v.from)) {
		return Answer{}, false
	}
	if c := v.book.Client(v.conv.Client); c != nil && (slices.Contains(c.Platforms, "ios") || slices.Contains(c.Platforms, "android")) {
		return Answer{}, false
	}
	v.conv.Client = ""
	if v.conv.Topic == "" || v.conv.Topic == "server-data" {
		v.conv.Topic = "add-account" // the values are known, where to enter them is not
	}
	a := v.answer(Paragraph{Spans(T(v.say("phone.which")))})
	for _, id := range phoneClients {
		if c := v.book.Client(id); c != nil {
			a.Actions = append(a.Actions, Action{ID: ActionGuide, Label: c.NameIn(v.lang), Value: id})
		}
	}
	return a, len(a.Actions) > 0
}
