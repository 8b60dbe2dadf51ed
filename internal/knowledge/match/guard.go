package match

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// guarded finds which regular expressions match a text and runs hardly any of
// them: one pass over the text looks for words of which every match of an
// expression holds one.
type guarded struct {
	all    []guardedRegexp
	words  *automaton // value: index into all
	always []int32    // expressions without such words
}

// guardedRegexp is compiled when the first text comes that may match.
type guardedRegexp struct {
	re       func() *regexp.Regexp
	literals []string // parts that every match holds, in their order
	pattern  int32
}

func newGuarded() *guarded { return &guarded{words: newAutomaton(1024)} }

// add enters an expression of a pattern; those of a Book are valid.
func (g *guarded) add(source string, pattern int32) {
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return
	}
	compile := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })
	at := len(g.all)
	g.all = append(g.all, guardedRegexp{compile, literals(nil, tree), pattern})
	words := oneOf(tree)
	if len(words) == 0 {
		g.always = append(g.always, int32(at))
	}
	for _, w := range words {
		g.words.add(w, at)
	}
}

// find calls found with the pattern of every expression that matches text,
// which is in lower case.
func (g *guarded) find(text string, found func(pattern int32)) {
	var room [16]int32
	try := append(room[:0], g.always...)
	g.words.find(text, func(value, _, _ int) {
		if !slices.Contains(try, int32(value)) {
			try = append(try, int32(value))
		}
	})
	for _, i := range try {
		if x := &g.all[i]; x.may(text) && x.re().MatchString(text) {
			found(x.pattern)
		}
	}
}

// may reports whether text holds all literal parts one after the other.
func (x *guardedRegexp) may(text string) bool {
	for _, l := range x.literals {
		_, rest, ok := strings.Cut(text, l)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}

// literals appends the texts that every match of an expression holds, in their order.
func literals(to []string, re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			to = append(to, string(re.Rune))
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range re.Sub {
			to = literals(to, sub)
		}
	}
	return to
}

// oneOf returns words of which every match of an expression holds at least one,
// or nothing; the longer the better.
func oneOf(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(re.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return oneOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return oneOf(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if words := oneOf(sub); shortest(words) > shortest(best) {
				best = words
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			words := oneOf(sub)
			if len(words) == 0 {
				return nil
			}
			all = append(all, words...)
		}
		return all
	}
	return nil
}

func shortest(words []string) int {
	if len(words) == 0 {
		return 0
	}
	n := len(words[0])
	for _, w := range words {
		n = min(n, len(w))
	}
	return n
}
