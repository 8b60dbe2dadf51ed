package match

import (
	"io/fs"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Topics that stand for silence.
const (
	outOfScope = "out-of-scope"
	smalltalk  = "smalltalk"
)

// intents are the kinds of message, in the order of the intent classifier.
var intents = []string{"error", "faq", "client-setup", "settings", "test", outOfScope, smalltalk}

// Model is what is learned from the utterances of a book. It is immutable and
// safe for concurrent use; Encode and Decode move it to and from a cache.
type Model struct {
	topic, intent, cause *linear
	words                vocabulary
	stems                phraseStems // of the error phrases, which are slow to read
}

// Train learns from the utterances and error phrases in book. It takes a few
// tenths of a second on one core and depends on nothing but the book.
func Train(book *knowledge.Book) *Model {
	return newReader(book).train()
}

// utterance is a labelled example of the book.
type utterance struct {
	text, topic, intent string
}

// utterances lists the examples of the book and those of other subjects.
func utterances(book *knowledge.Book) []utterance {
	return append(bookUtterances(book), offTopic()...)
}

func bookUtterances(book *knowledge.Book) []utterance {
	var out []utterance
	for _, a := range book.Facts().Articles {
		for _, u := range a.Utterances {
			kind := a.Intent
			if k, rest, ok := strings.Cut(u, ": "); ok && slices.Contains(intents, k) {
				kind, u = k, rest
			}
			if kind == "" {
				kind = "faq"
			}
			out = append(out, utterance{u, a.Topic, kind})
		}
	}
	return out
}

// offTopic reads the shipped examples of messages that deserve silence.
func offTopic() []utterance {
	data, err := fs.ReadFile(knowledge.Seed(), "offtopic.yaml")
	if err != nil {
		return nil // a build without the examples still matches
	}
	var lists map[string]map[string][]string // language -> kind -> messages
	if yaml.Unmarshal(data, &lists) != nil {
		return nil
	}
	var out []utterance
	for _, lang := range []string{"de", "en"} {
		for _, t := range lists[lang]["smalltalk"] {
			out = append(out, utterance{t, smalltalk, smalltalk})
		}
		for _, t := range lists[lang]["out_of_scope"] {
			out = append(out, utterance{t, outOfScope, outOfScope})
		}
	}
	return out
}

// train reads all utterances and fits the three classifiers side by side.
func (r *reader) train() *Model {
	us := utterances(r.book)
	toks := make([][]token, len(us))
	parallel(len(us), func(i int) { toks[i] = tokenize(clean(us[i].text)) })
	seen := countWords(us, toks)
	rds := make([]*reading, len(us))
	parallel(len(us), func(i int) { rds[i] = r.read(us[i].text, seen) })
	m := r.fit(us, rds)
	m.words, m.stems = seen, r.stems
	return m
}

// vocabulary tells of the hash of a word what the utterances say about it.
type vocabulary map[uint32]wordUse

// wordUse is a set of flags.
type wordUse uint8

const (
	common  wordUse = 1 << iota // stands in several utterances: not a typing error
	ofScope                     // stands in several utterances about mail set-up
)

func (v vocabulary) is(w string, use wordUse) bool { return v[hash32('k', w, "")]&use != 0 }

// countWords builds the vocabulary of the utterances.
func countWords(us []utterance, messages [][]token) vocabulary {
	all, scope := make(map[uint32]uint8, 8192), make(map[uint32]uint8, 8192)
	for u, toks := range messages {
		for i := range toks {
			if toks[i].kind != word {
				continue
			}
			h := hash32('k', toks[i].text, "")
			all[h] = min(all[h]+1, 3)
			if us[u].topic != outOfScope && us[u].topic != smalltalk {
				scope[h] = min(scope[h]+1, 3)
			}
		}
	}
	v := make(vocabulary, len(all)/2)
	for h, n := range all {
		if n > 1 {
			v[h] |= common
		}
		if scope[h] > 1 {
			v[h] |= ofScope
		}
	}
	return v
}

func parallel(n int, f func(int)) {
	var wg sync.WaitGroup
	const workers = 4
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}

func (r *reader) fit(us []utterance, rds []*reading) *Model {
	m := &Model{}
	var wg sync.WaitGroup
	wg.Go(func() {
		m.topic = r.fitClasses("topic:", us, rds, func(u utterance) string { return u.topic }, []string{outOfScope, smalltalk}, 3)
	})
	wg.Go(func() {
		m.intent = r.fitClasses("intent:", us, rds, func(u utterance) string { return u.intent }, intents, 2)
	})
	wg.Go(func() { m.cause = r.fitCauses() })
	wg.Wait()
	return m
}

// fitClasses trains one classifier; its classes are those of the examples,
// those that rules speak of, and extra.
func (r *reader) fitClasses(prefix string, us []utterance, rds []*reading, label func(utterance) string, extra []string, epochs int) *linear {
	seen := map[string]bool{}
	for _, e := range extra {
		seen[e] = true
	}
	for _, u := range us {
		seen[label(u)] = true
	}
	classes := r.withRules(prefix, seen)
	index := map[string]int{}
	for i, c := range classes {
		index[c] = i
	}
	at := r.ruleTargets(prefix, classes)
	samples := make([]sample, len(us))
	for i, u := range us {
		s := sample{features: rds[i].features, offset: make([]float32, len(classes)), class: index[label(u)], weight: 1}
		r.addRules(rds[i], at, s.offset, nil)
		if prefix != "cause:" {
			addHits(rds[i].hits, classes, s.offset, byTopic)
		}
		samples[i] = s
	}
	return trainLinear(classes, samples, epochs)
}

// withRules returns the sorted classes of seen and of the rules with a prefix.
func (r *reader) withRules(prefix string, seen map[string]bool) []string {
	for _, c := range r.lex.classes {
		if name, ok := strings.CutPrefix(c, prefix); ok {
			seen[name] = true
		}
	}
	classes := make([]string, 0, len(seen))
	for c := range seen {
		classes = append(classes, c)
	}
	slices.Sort(classes)
	return classes
}

// ruleTargets maps rule targets to positions in classes; -1 for other classifiers.
func (r *reader) ruleTargets(prefix string, classes []string) []int {
	at := make([]int, len(r.lex.classes))
	for i, c := range r.lex.classes {
		at[i] = -1
		if name, ok := strings.CutPrefix(c, prefix); ok {
			if j, found := slices.BinarySearch(classes, name); found {
				at[i] = j
			} else {
				at[i] = slices.Index(classes, name)
			}
		}
	}
	return at
}

// ruleScale weakens the rules beside what is learned; by cross-validation.
const ruleScale = 0.7

// addRules adds the weights of all rules that hold to scores; used, when not
// nil, is told of each.
func (r *reader) addRules(rd *reading, at []int, scores []float32, used func(*rule)) {
	for i := range r.lex.rules {
		u := &r.lex.rules[i]
		j := at[u.target]
		if j < 0 {
			continue
		}
		ok := false
		if !u.clause {
			ok = u.holds(&rd.all)
		} else {
			for c := range rd.clauses {
				if u.holds(&rd.clauses[c]) {
					ok = true
					break
				}
			}
		}
		if ok {
			scores[j] += u.weight * ruleScale
			if used != nil {
				used(u)
			}
		}
	}
}
