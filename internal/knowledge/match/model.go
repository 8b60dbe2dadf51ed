package match

import (
	"io/fs"
	"runtime"
	"runtime/debug"
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
	text  *linear     // two heads: topics and intents
	near  *neighbours // of the topics of text
	cause *linear
	words vocabulary
	stems phraseStems // of the error phrases, which are slow to read
}

// topics are the classes of the first head; intents are those of the second.
func (m *Model) topics() []string { return m.text.heads[0] }

// Train learns from the utterances and error phrases in book. It takes a few
// tenths of a second on one core and depends on nothing but the book.
func Train(book *knowledge.Book) *Model {
	return newReader(book).train()
}

// utterance is a labelled example of the book.
type utterance struct {
	text, topic, intent string
	lang                knowledge.Lang
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
			out = append(out, utterance{u, a.Topic, kind, a.Lang})
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
			out = append(out, utterance{t, smalltalk, smalltalk, lang})
		}
		for _, t := range lists[lang]["out_of_scope"] {
			out = append(out, utterance{t, outOfScope, outOfScope, lang})
		}
	}
	return out
}

// train reads all utterances and fits the classifiers.
func (r *reader) train() *Model {
	var us []utterance
	var wg sync.WaitGroup
	wg.Go(func() { us = utterances(r.book) })
	r.prepare(nil)
	wg.Wait()
	return r.trainOn(us)
}

// trainOn is train on some utterances alone. The causes are learned while the
// utterances are read: few as they are, by one processor.
func (r *reader) trainOn(us []utterance) *Model {
	r.prepare(nil)
	m := &Model{stems: r.stems}
	var wg sync.WaitGroup
	wg.Go(func() { m.cause = r.fitCauses() })
	messages := make([]message, len(us))
	parallel(len(us), func(i int) { messages[i] = newMessage(us[i].text) })
	m.words = countWords(us, messages)
	topics := r.topicsOf(us)
	samples := r.samples(us, messages, m.words, topics)
	wg.Wait()
	m.text, m.near = fitText(topics, samples)
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
func countWords(us []utterance, messages []message) vocabulary {
	all, scope := make(map[uint32]uint8, 8192), make(map[uint32]uint8, 8192)
	for u := range messages {
		toks := messages[u].toks
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

// fitText trains topics and intents. While it counts their features, it indexes
// the neighbours and gives back the memory that reading has left, which is as
// much as the weights are going to need.
func fitText(topics []string, samples []sample) (text *linear, near *neighbours) {
	var wg sync.WaitGroup
	wg.Go(debug.FreeOSMemory)
	wg.Go(func() { near = newNeighbours(samples) })
	text = newLinear([][]string{topics, intents})
	ranks, rare := text.countRows(samples)
	wg.Wait()
	text.fit(samples, ranks, rare, min(runtime.GOMAXPROCS(0), maxFitWorkers))
	return text, near
}

// topicsOf returns the classes of the first head, sorted: those of the examples
// and those that rules speak of.
func (r *reader) topicsOf(us []utterance) []string {
	seen := map[string]bool{outOfScope: true, smalltalk: true}
	for _, u := range us {
		seen[u.topic] = true
	}
	return r.withRules("topic:", seen)
}

// samples reads the messages of utterances.
func (r *reader) samples(us []utterance, messages []message, words vocabulary, topics []string) []sample {
	toTopic, toIntent := r.ruleTargets("topic:", topics), r.ruleTargets("intent:", intents)
	samples := make([]sample, len(us))
	rooms := newRooms()
	parallel(len(us), func(i int) {
		room := rooms.Get().(*room)
		defer rooms.Put(room)
		rd := &room.reading
		r.readInto(rd, messages[i], words)
		messages[i] = message{} // its tokens are not needed any more
		topic, _ := slices.BinarySearch(topics, us[i].topic)
		kind := max(slices.Index(intents, us[i].intent), 0)
		room.pulls = r.ruleOffsets(room.pulls[:0], rd, toTopic, 0)
		room.pulls = hitOffsets(room.pulls, rd.hits, topics, byTopic)
		room.pulls = r.ruleOffsets(room.pulls, rd, toIntent, len(topics))
		room.stems = r.stemsOf(room.stems[:0], rd)
		samples[i] = room.sample(int32(topic), int32(len(topics)+kind))
	})
	return samples
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
			at[i] = slices.Index(classes, name)
		}
	}
	return at
}

// ruleScale weakens the rules beside what is learned; by cross-validation.
const ruleScale = 0.5

// veto takes the classes out of scores that a rule forbids here.
func (r *reader) veto(rd *reading, at []int, scores []float32) {
	for _, i := range rd.fired {
		if u := &r.lex.rules[i]; u.weight == never && at[u.target] >= 0 {
			scores[at[u.target]] = never
		}
	}
}

// ruleOffsets appends the weights of the rules that hold in a message; at maps
// their targets to classes, first is the class of target 0. Vetoes are no part
// of what is learned from.
func (r *reader) ruleOffsets(to []pull, rd *reading, at []int, first int) []pull {
	for _, i := range rd.fired {
		u := &r.lex.rules[i]
		if j := at[u.target]; j >= 0 && u.weight != never {
			to = append(to, pull{int32(first + j), u.weight * ruleScale})
		}
	}
	return to
}
