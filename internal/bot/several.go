package bot

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// maxQuestions is how many questions of one message are answered: more would
// bury the answers in each other.
const maxQuestions = 3

// listMark begins an item of a list: "1. ", "2) ", "- ", "• ". Numbers count
// also within a line, dashes only where a line begins.
var listMark = regexp.MustCompile(`(?:^|\s)([1-9])[.)]\s+|(?:^|\n)\s*([-*•])\s+`)

// questionEnd is where one question sentence ends and another sentence begins.
var questionEnd = regexp.MustCompile(`\?+\s+`)

// splitQuestions takes a message apart into the questions that it may consist
// of: the items of a list, else its sentences with a question mark. What
// follows the last question mark belongs to the last question. Fewer than two
// results mean that there is nothing to take apart.
func splitQuestions(text string) []string {
	if parts := listItems(text); len(parts) > 1 {
		return parts
	}
	if parts := joined(text); len(parts) > 1 {
		return parts
	}
	var out []string
	from := 0
	for _, m := range questionEnd.FindAllStringIndex(text, -1) {
		out = append(out, strings.TrimSpace(text[from:m[1]]))
		from = m[1]
	}
	if rest := strings.TrimSpace(text[from:]); strings.Contains(rest, "?") || len(out) == 0 {
		out = append(out, rest)
	} else if rest != "" {
		out[len(out)-1] += " " + rest
	}
	return out
}

// joint is where "and" begins a question of its own in a sentence.
var joint = regexp.MustCompile(`(?i)[,;.]?\s+(?:und|and)\s+(?:(?:außerdem|ausserdem|also|dann|then|zweitens|second)[,:]?\s+)?(?:wie|was|wo|warum|wieso|weshalb|welche[rsmn]?|woher|wann|kann ich|muss ich|brauche ich|how|what|where|why|which|when|can i|do i|should i)\s`)

// joined are the two halves of a message of one sentence, when the second is a
// question that "and" joins to the first.
func joined(text string) []string {
	text = strings.TrimSpace(text)
	at := joint.FindAllStringIndex(text, 2)
	if len(at) != 1 || strings.Count(strings.TrimRight(text, "?"), "?") > 0 {
		return nil
	}
	first, second := text[:at[0][0]], strings.TrimLeft(text[at[0][0]:], ",;. \n\t")
	_, second, _ = strings.Cut(second, " ") // "and"
	return []string{first, strings.TrimSpace(second)}
}

// listItems are the items of a list that counts from one, or has dashes.
func listItems(text string) []string {
	var out []string
	start, next := -1, byte('1')
	for _, m := range listMark.FindAllStringSubmatchIndex(text, -1) {
		if m[2] >= 0 {
			if text[m[2]] != next {
				continue // a number of something else
			}
			next++
		}
		if start >= 0 {
			out = append(out, strings.TrimSpace(text[start:m[0]]))
		}
		start = m[1]
	}
	if start >= 0 {
		out = append(out, strings.TrimSpace(text[start:]))
	}
	return out
}

// questions returns how the questions of m are understood, or nil unless m
// holds several: each must be good enough for an answer without having been
// addressed, and ask something of its own. What only one of them names
// (provider, program) holds for all.
func (v *view) questions(m Message, whole knowledge.Intent) []knowledge.Intent {
	text := cut(m.Text)
	parts := splitQuestions(text)
	if len(parts) < 2 || len(parts) > 2*maxQuestions || len(pastedSettings(text)) > 0 {
		return nil
	}
	var out []knowledge.Intent
	for _, p := range parts {
		in := v.bot.understand(Message{Text: p, Kind: KindChannel, Lang: m.Lang}, Conversation{Lang: v.lang}, v.mind)
		if in.Kind == "smalltalk" {
			continue
		}
		if !in.Reply || in.Kind == "test" {
			return nil
		}
		if in.Provider == "" {
			in.Provider, in.Domain = whole.Provider, whole.Domain
		}
		in.Client = cmp.Or(in.Client, whole.Client)
		if !slices.ContainsFunc(out, func(o knowledge.Intent) bool { return o.Topic == in.Topic && o.Provider == in.Provider }) {
			out = append(out, in)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// answerAll answers several questions in one Answer, the shortest first: who
// asks much finds the quick facts at the top.
func (v *view) answerAll(ctx context.Context, asked []knowledge.Intent) Answer {
	var list []Answer
	for _, in := range asked[:min(len(asked), maxQuestions)] {
		var last Answer
		v.topical(ctx, in, v.learn(in), func(a Answer) bool { last = a; return true })
		list = append(list, last)
	}
	slices.SortStableFunc(list, func(a, b Answer) int { return cmp.Compare(len(PlainText(a)), len(PlainText(b))) })
	out := v.answer()
	out.Data = &Data{Sources: []string{}}
	for _, a := range list {
		out.Blocks = append(out.Blocks, a.Blocks...)
		out.Private = out.Private || a.Private
		for _, act := range a.Actions {
			if !slices.Contains(out.Actions, act) {
				out.Actions = append(out.Actions, act)
			}
		}
		if a.Data != nil {
			out.Data.Provider = cmp.Or(out.Data.Provider, a.Data.Provider)
			out.Data.Settings = append(out.Data.Settings, a.Data.Settings...)
			out.Data.Sources = append(out.Data.Sources, a.Data.Sources...)
		}
	}
	if len(asked) > maxQuestions {
		out.Blocks = append(out.Blocks, Hint{Spans(T(v.say("several.more")))})
	}
	return out
}
