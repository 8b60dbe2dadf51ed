package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// explain says in sentences for a support agent what was read in a message and
// why it was decided as it was.
func (s *scorer) explain(c *scored, in *knowledge.Intent, ctx Context) []string {
	words := s.wordsOf(c.reading)
	out := []string{fmt.Sprintf("Language: %s. Words read: %d.", languageName(c.lang), c.words)}
	if c.dump != "" {
		out[0] += " A log or quotation was set apart; hosts, codes and errors in it count."
	}
	out = append(out, named(c, in)...)
	if list := s.meanings(c, words); list != "" {
		out = append(out, "Meanings: "+list+".")
	}
	for i := range c.hits {
		h := &c.hits[i]
		out = append(out, fmt.Sprintf("Error pattern %s (%.0f %%): cause %s, topic %s.", h.pattern.ID, 100*h.strength, h.pattern.Cause, cmp.Or(h.topic, "none")))
	}
	for _, i := range c.fired {
		u := &s.lex.rules[i]
		if j := s.topicRules[u.target]; j >= 0 && c.topics[j] >= notable {
			out = append(out, s.ruleText(u, c, words))
		}
	}
	if c.nearest > 0 {
		out = append(out, fmt.Sprintf("Topics of the %d utterances most like it: %s.", c.nearest, ranking(s.model.topics(), c.near)))
	}
	out = append(out, "Topics: "+ranking(s.model.topics(), c.topics)+".", "Kinds: "+ranking(intents, c.kinds)+".")
	return append(out, s.weighed(c), s.decision(c, in, ctx))
}

// weighed says which signs raise and lower the confidence most, in log-odds.
func (s *scorer) weighed(c *scored) string {
	signs := s.signs(c)
	order := make([]int, 0, len(signs))
	for i := range signs {
		if signs[i] *= s.weights[i]; i > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(signs[b], signs[a]) })
	list := func(order []int, sign float64) string {
		var out []string
		for _, i := range order {
			if signs[i]*sign >= notableSign {
				out = append(out, fmt.Sprintf("%s %+.1f", signNames[i], signs[i]))
			}
		}
		return cmp.Or(strings.Join(out, ", "), "nothing much")
	}
	most := order[:3]
	slices.Reverse(order[3:])
	return "For the best topic speak: " + list(most, 1) + "; against it: " + list(order[3:6], -1) + "."
}

// notableSign is what a sign must add to the log-odds to be shown.
const notableSign = 0.1

// notable is the probability from which on a topic's rules are shown.
const notable = 0.01

func languageName(lang string) string {
	switch lang {
	case "de":
		return "German"
	case "en":
		return "English"
	case neither:
		return "neither German nor English"
	}
	return "not to be told"
}

// named lists the entities that were found.
func named(c *scored, in *knowledge.Intent) []string {
	var list []string
	for _, f := range [...][2]string{
		{"provider", in.Provider},
		{"program", in.Client},
		{"protocol", string(in.Protocol)},
		{"code", strings.Join(c.ents.codes, ", ")},
		{"host", strings.Join(c.ents.hosts, ", ")},
		{"cause", in.Cause},
	} {
		if f[1] != "" {
			list = append(list, f[0]+" "+f[1])
		}
	}
	if list == nil {
		return nil
	}
	return []string{"Named or implied: " + strings.Join(list, "; ") + "."}
}

// wordsOf returns the words of a message that stand for each concept.
func (s *scorer) wordsOf(rd *reading) map[int]string {
	words := map[int]string{}
	s.lex.words.find(rd.text, func(value, start, end int) {
		for start > 0 && rd.text[start] != ' ' {
			start-- // "*konto" is found within a word
		}
		for end < len(rd.text) && rd.text[end-1] != ' ' {
			end++
		}
		w := strings.TrimSpace(rd.text[start:end])
		if len(w) > len(words[value]) {
			words[value] = w
		}
	})
	return words
}

// meanings lists the concepts that words stand for.
func (s *scorer) meanings(c *scored, words map[int]string) string {
	var list []string
	c.all.each(func(id int) {
		if w := words[id]; w != "" {
			list = append(list, fmt.Sprintf("%s “%s”", s.lex.names[id], w))
		}
	})
	return strings.Join(list, ", ")
}

// ruleText says what a rule adds to which topic, and because of which words.
func (s *scorer) ruleText(u *rule, c *scored, words map[int]string) string {
	why := s.because(u, len(s.lex.derive), c, words)
	topic := strings.TrimPrefix(s.lex.classes[u.target], "topic:")
	because := cmp.Or(strings.Join(why, " with "), "none of the usual words")
	if u.weight == never {
		return fmt.Sprintf("Rule against %s: %s.", topic, because)
	}
	return fmt.Sprintf("Rule for %s %+.1f: %s.", topic, u.weight*ruleScale, because)
}

// because lists the words that fulfil the terms of a rule; a derived concept is
// followed to the words it was derived from, through derivations before limit.
func (s *scorer) because(u *rule, limit int, c *scored, words map[int]string) []string {
	var why []string
	for i := range u.terms {
		t := &u.terms[i]
		k := slices.IndexFunc(t.any, c.all.has)
		if t.not || k < 0 {
			continue
		}
		id := t.any[k]
		if w := words[id]; w != "" {
			why = append(why, "“"+w+"”")
			continue
		}
		from := slices.IndexFunc(s.lex.derive[:limit], func(d rule) bool { return d.target == id && d.holds(&c.all) })
		if from < 0 {
			why = append(why, s.lex.names[id])
			continue
		}
		why = append(why, s.because(&s.lex.derive[from], from, c, words)...)
	}
	slices.Sort(why)
	return slices.Compact(why)
}

// ranking lists the three most likely classes.
func ranking(names []string, probs []float32) string {
	order := make([]int, len(probs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(probs[b], probs[a]) })
	var list []string
	for _, i := range order[:min(3, len(order))] {
		list = append(list, fmt.Sprintf("%s %.0f %%", names[i], 100*probs[i]))
	}
	return strings.Join(list, ", ")
}

// decision says what was decided, and from which confidence on it would be another.
func (s *scorer) decision(c *scored, in *knowledge.Intent, ctx Context) string {
	need := s.needed(c)
	if ctx.Addressed {
		need = addressedFrom
	}
	what := "silence"
	switch {
	case in.Clarify:
		what = "ask back"
	case in.Reply:
		what = "answer"
	}
	text := fmt.Sprintf("Decision: %s. Confidence %.2f, an answer needs %.2f", what, in.Confidence, need)
	if v := s.vague(c); v >= vagueFrom {
		text += fmt.Sprintf("; vague to %.0f %%", 100*v)
	}
	if in.Foreign && !ctx.Addressed {
		text += "; other languages are answered only when the bot is addressed"
	}
	return text + "."
}
