package match

import (
	"slices"
	"strings"
)

// mailApp is the name of Apple's program, and what people call any other.
const mailApp = "mailapp"

// devices tell which program "the mail app" is, the first that is named.
var devices = []struct {
	words  map[string]bool
	client string // "" for none that is known
}{
	{set("iphone iphones ipad ipads ios ipados ipod"), "ios-mail"},
	{set("mac macbook imac macos apple"), "apple-mail"},
	{set("samsung galaxy samsungs"), "samsung-mail"},
	{set("windows win10 win11 win8 pc laptop"), "windows-mail"},
	{set("android handy smartphone phone huawei xiaomi pixel oneplus motorola honor nokia tablet"), ""},
}

// program returns the mail program that a message is about. A phone on which all
// is well tells nothing about it.
func (s *scorer) program(rd *reading, ok func(pos int) bool) mention {
	m := chosen(rd.ents.clients, ok)
	if devices[0].words[m.name] && ok(m.pos) && rd.all.has(s.lex.ids["defect"]) {
		return mention{}
	}
	switch {
	case m.name == mailApp && !strings.Contains(rd.clean, "mail.app"):
		m.id = ""
		for _, d := range devices {
			if !says(rd, d.words) {
				continue
			}
			if m.id = d.client; m.id != "" && s.book.Client(m.id) == nil {
				m.id = ""
			}
			break
		}
	case m.id == "apple-mail" && says(rd, devices[0].words):
		m.id = "ios-mail"
	case m.id == "" && m.name == "" && says(rd, appWords) && says(rd, devices[2].words):
		m.id = devices[2].client // "the e-mail app on my Samsung"
	}
	return m
}

// appWords are what people call a mail program on a phone.
var appWords = set("emailapp mailapp emailprogramm mailprogramm app")

// says reports whether one of the words stands in a message.
func says(rd *reading, words map[string]bool) bool {
	return slices.ContainsFunc(rd.toks, func(t token) bool { return words[t.raw] || words[t.text] })
}

// destination puts the program that somebody moves to before the one that they
// come from: "from Outlook to Thunderbird".
func (e *entities) destination(toks []token) {
	for i := 1; i < len(e.clients); i++ {
		from, to := e.clients[i-1], e.clients[i]
		if from.pos > 0 && to.pos-from.pos <= maxMove && leaves[toks[from.pos-1].text] && enters[toks[to.pos-1].text] {
			e.clients[i-1], e.clients[i] = to, from
		}
	}
}

// maxMove is how many words lie between the two at most.
const maxMove = 4

var (
	leaves = set("von vom from off aus")
	enters = set("auf zu zum nach to into in")
)

// isNewOutlook reports whether "(new)" or "(neu)" follows a name that ends before toks[j].
func isNewOutlook(toks []token, j int) bool {
	return j+1 < len(toks) && toks[j].kind == boundary && toks[j].raw == "(" && (toks[j+1].text == "new" || toks[j+1].text == "neu" || toks[j+1].text == "neues")
}
