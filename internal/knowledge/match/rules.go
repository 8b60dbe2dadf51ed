package match

import (
	_ "embed"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// The two data files: what words mean, and what meanings together say.
var (
	//go:embed data/concepts.txt
	conceptData string
	//go:embed data/rules.txt
	ruleData string
)

// bitset is a set of concepts.
type bitset [maxConcepts / 64]uint64

const maxConcepts = 512

func (b *bitset) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b *bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b *bitset) or(o *bitset) {
	for i := range b {
		b[i] |= o[i]
	}
}

func (b *bitset) each(f func(int)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			f(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// term is one part of a rule: at least one of any present, or absent when not.
type term struct {
	any []int
	not bool
}

// never is the weight of a veto, "topic:x never = …": whatever was learned, the
// class is out of the question in such a message.
const never = -1000

// rule derives a concept, or adds weight to a class.
type rule struct {
	clause bool // all terms within one clause
	terms  []term
	target int // concept, or index into lexicon.classes
	weight float32
}

func (r *rule) holds(b *bitset) bool {
	for i := range r.terms {
		t := &r.terms[i]
		found := false
		for _, c := range t.any {
			if b.has(c) {
				found = true
				break
			}
		}
		if found == t.not {
			return false
		}
	}
	return true
}

// lexicon is the compiled form of the data files.
type lexicon struct {
	names   []string
	ids     map[string]int
	words   *automaton
	vocab   map[string]bool // single words that patterns spell out
	derive  []rule
	classes []string // "topic:wrong-password", "intent:error", "cause:timeout"
	classID map[string]int
	rules   []rule
	opens   [][maxRules / 64]uint64 // per concept: the rules whose first term it fulfils
	always  [maxRules / 64]uint64   // the rules that begin with an absence
}

const maxRules = 640

// indexRules fills opens and always.
func (l *lexicon) indexRules() {
	l.opens = make([][maxRules / 64]uint64, len(l.names))
	for i := range l.rules {
		t := &l.rules[i].terms[0]
		if t.not {
			l.always[i/64] |= 1 << (i % 64)
			continue
		}
		for _, c := range t.any {
			l.opens[c][i/64] |= 1 << (i % 64)
		}
	}
}

// newLexicon compiles the data files; an error names the line.
func newLexicon(concepts, rules string) (*lexicon, error) {
	l := &lexicon{ids: map[string]int{}, words: newAutomaton(len(concepts) / 2), vocab: map[string]bool{}, classID: map[string]int{}}
	for n, line := range lines(concepts) {
		name, list, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("concepts line %d: want \"name: word, word …\"", n)
		}
		id := l.concept(strings.TrimSpace(name))
		for p := range strings.SplitSeq(list, ",") {
			if p = strings.TrimSpace(p); p != "" {
				l.addPattern(p, id)
			}
		}
	}
	l.words.build()
	for n, line := range lines(rules) {
		if err := l.addRule(line); err != nil {
			return nil, fmt.Errorf("rules line %d: %w", n, err)
		}
	}
	if len(l.names) > maxConcepts {
		return nil, fmt.Errorf("%d concepts, at most %d", len(l.names), maxConcepts)
	}
	if len(l.rules) > maxRules {
		return nil, fmt.Errorf("%d rules, at most %d", len(l.rules), maxRules)
	}
	return l, nil
}

// lines yields the numbered lines that are neither empty nor comments.
func lines(s string) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.SplitSeq(s, "\n") {
			n++
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			if !yield(n, line) {
				return
			}
		}
	}
}

func (l *lexicon) concept(name string) int {
	id, ok := l.ids[name]
	if !ok {
		id = len(l.names)
		l.ids[name] = id
		l.names = append(l.names, name)
	}
	return id
}

// addPattern enters "word", "stem*", "*end", "*inner*" or several words.
func (l *lexicon) addPattern(p string, id int) {
	open, end := " ", " "
	if strings.HasPrefix(p, "*") {
		open, p = "", p[1:]
	}
	if strings.HasSuffix(p, "*") {
		end, p = "", p[:len(p)-1]
	}
	p = foldPhrase(p)
	l.words.add(open+p+end, id)
	for w := range strings.FieldsSeq(p) {
		l.vocab[w] = true
	}
}

// foldPhrase folds each word of a phrase in lower case.
func foldPhrase(p string) string {
	var b []string
	for w := range strings.FieldsSeq(p) {
		b = append(b, fold(w))
	}
	return strings.Join(b, " ")
}

// addRule reads "name = [@] term term …", "class weight = [@] term term …", or
// "class never = [@] term term …".
func (l *lexicon) addRule(line string) error {
	head, body, ok := strings.Cut(line, " = ")
	if !ok {
		return fmt.Errorf("want \"name = term term …\": %q", line)
	}
	r := rule{}
	for f := range strings.FieldsSeq(body) {
		if f == "@" {
			r.clause = true
			continue
		}
		t := term{}
		if strings.HasPrefix(f, "!") {
			t.not, f = true, f[1:]
		}
		for name := range strings.SplitSeq(f, "|") {
			id, ok := l.ids[name]
			if !ok {
				return fmt.Errorf("unknown concept %q", name)
			}
			t.any = append(t.any, id)
		}
		r.terms = append(r.terms, t)
	}
	if len(r.terms) == 0 {
		return fmt.Errorf("a rule without a term: %q", line)
	}
	h := strings.Fields(head)
	if len(h) == 1 {
		r.target = l.concept(h[0])
		l.derive = append(l.derive, r)
		return nil
	}
	w, err := float64(never), error(nil)
	if h[1] != "never" {
		w, err = strconv.ParseFloat(h[1], 32)
	}
	if err != nil || len(h) != 2 {
		return fmt.Errorf("want \"class weight\": %q", head)
	}
	id, ok := l.classID[h[0]]
	if !ok {
		id = len(l.classes)
		l.classID[h[0]] = id
		l.classes = append(l.classes, h[0])
	}
	r.target, r.weight = id, float32(w)
	l.rules = append(l.rules, r)
	return nil
}
