package bot

import "cmp"

// Notice is a reason why an adapter could not do what was asked; the adapter
// knows the reason, the words are here.
type Notice string

// The notices.
const (
	NoticeNotMember Notice = "notmember" // the bot is not in the channel; detail is the command that invites it
	NoticeArchived  Notice = "archived"  // the channel takes no more messages
	NoticeScope     Notice = "scope"     // a permission is missing; detail is its name
	NoticeRole      Notice = "role"      // the bot's role lacks a permission in the channel; detail is its name as the platform shows it
	NoticeThread    Notice = "thread"    // the thread behind a link is out of reach; detail is the command that invites the bot
	NoticeFailed    Notice = "failed"    // the platform refused the answer; detail is its error code
	NoticeContent   Notice = "content"   // the bot may not read along, which unprompted replies need; detail is what the switch is called
	NoticeStale     Notice = "stale"     // a button or command that means nothing any more; no detail
)

// Say is the notice as an Answer for the asking person alone. An unknown
// language is answered in English.
func (n Notice) Say(lang Lang, detail string) Answer {
	lang = firstLang(lang, "en")
	what := Spans(T(say(lang, "notice."+string(n)) + " "))
	if n == NoticeStale {
		what = Spans(T(say(lang, "notice.stale")))
	} else {
		what = append(what, Code(cmp.Or(detail, "?")))
	}
	return Answer{Lang: lang, Private: true, Blocks: []Block{
		Paragraph{what},
		Hint{Spans(T(say(lang, "notice."+string(n)+".next")))},
	}}
}

// ThreadHint says how to go on in a thread of a platform that has no slash
// commands there; example is what to type.
func ThreadHint(lang Lang, example string) Block {
	return Hint{Spans(T(say(firstLang(lang, "en"), "hint.thread")+" "), Code(example))}
}
