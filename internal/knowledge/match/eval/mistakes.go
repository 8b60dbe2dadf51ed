package eval

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// mistake is what is wrong with one reply, or why there is none.
type mistake string

const (
	offTopic     mistake = "reply to another subject"
	offAsked     mistake = "question back to another subject"
	wrongSibling mistake = "topic of the same family"
	wrongTopic   mistake = "another topic"
	wrongAsk     mistake = "question back where the topic was told"
	wrongHoster  mistake = "another provider"
	noHoster     mistake = "provider missed"
	tooUnsure    mistake = "silence, though the topic was right"
	quietWrong   mistake = "silence, topic unsure and wrong"
	gated        mistake = "silence, taken for another subject"
)

// mistakes are all kinds, in the order in which they are printed.
var mistakes = []mistake{offTopic, offAsked, wrongSibling, wrongTopic, wrongAsk, wrongHoster, noHoster, tooUnsure, quietWrong, gated}

// kind tells what went wrong with the decision on a case; "" when nothing did.
func (v *Verdict) kind() mistake {
	c, p := &v.Case, &v.Prediction
	switch {
	case c.IsError || v.Reply.said && v.Reply.right || v.Reply.welcome:
		return ""
	case !c.InScope():
		return v.outside()
	case !v.Reply.said:
		return v.silence()
	case p.Clarify:
		return wrongAsk
	case v.TopicOK && c.Intent == "settings" && p.Provider == nil:
		return noHoster
	case v.TopicOK && c.Intent == "settings":
		return wrongHoster
	case slices.ContainsFunc(c.accepted("faq", c.Topic), func(t string) bool { return Sibling(t, value(p.FAQ)) }):
		return wrongSibling
	}
	return wrongTopic
}

// outside tells what is wrong with a reply to another subject.
func (v *Verdict) outside() mistake {
	switch {
	case !v.Reply.said:
		return ""
	case v.Prediction.Clarify:
		return offAsked
	}
	return offTopic
}

// silence tells why a message that is in scope got no reply.
func (v *Verdict) silence() mistake {
	switch {
	case !v.Reply.answerable:
		return ""
	case v.Prediction.FAQ == nil:
		return gated
	case v.TopicOK:
		return tooUnsure
	}
	return quietWrong
}

// writeMistakes prints how many replies went wrong in which way, and how many
// were not made for which reason.
func (r Report) writeMistakes(w io.Writer) {
	count := map[mistake]int{}
	for i := range r.Verdicts {
		count[r.Verdicts[i].kind()]++
	}
	var b strings.Builder
	for _, m := range mistakes {
		if count[m] > 0 {
			fmt.Fprintf(&b, "%-42s %5d\n", m, count[m])
		}
	}
	if b.Len() > 0 {
		fmt.Fprintf(w, "\n%-42s\n%s", "what went wrong", b.String())
	}
}
