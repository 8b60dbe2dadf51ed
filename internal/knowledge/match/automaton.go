package match

// automaton finds all of many byte patterns in one pass over a text
// (Aho and Corasick, 1975). The text is folded words separated by single
// blanks, with one blank at either end, so that a blank in a pattern marks the
// border of a word.
type automaton struct {
	next []int32 // node*symbols + symbol
	out  []int32 // first entry of hits for a node, -1 for none
	dict []int32 // nearest suffix node with hits, 0 for none
	hits []hit
}

type hit struct {
	value int32 // what the pattern stands for
	size  int32 // length of the pattern
	more  int32 // next hit of the same node, -1 for none
}

// emptyNode has no transitions.
var emptyNode [symbols]int32

const symbols = 40 // blank, a-z, 0-9, |, @, everything else

func symbol(c byte) int32 {
	switch {
	case c >= 'a' && c <= 'z':
		return int32(c-'a') + 1
	case c >= '0' && c <= '9':
		return int32(c-'0') + 27
	case c == ' ':
		return 0
	case c == '|':
		return 37
	case c == '@':
		return 38
	}
	return 39
}

// newAutomaton returns an empty automaton with room for about nodes nodes.
func newAutomaton(nodes int) *automaton {
	return &automaton{next: make([]int32, symbols, symbols*nodes), out: append(make([]int32, 0, nodes), -1)}
}

// add enters a pattern.
func (a *automaton) add(pattern string, value int) {
	n := int32(0)
	for i := 0; i < len(pattern); i++ {
		at := n*symbols + symbol(pattern[i])
		if a.next[at] == 0 {
			a.next[at] = int32(len(a.out))
			a.next = append(a.next, emptyNode[:]...)
			a.out = append(a.out, -1)
		}
		n = a.next[at]
	}
	for h := a.out[n]; h >= 0; h = a.hits[h].more {
		if a.hits[h].value == int32(value) {
			return
		}
	}
	a.hits = append(a.hits, hit{int32(value), int32(len(pattern)), a.out[n]})
	a.out[n] = int32(len(a.hits) - 1)
}

// build completes the transitions; add must not be called after it.
func (a *automaton) build() {
	fail := make([]int32, len(a.out))
	a.dict = make([]int32, len(a.out))
	queue := make([]int32, 0, len(a.out))
	for s := range int32(symbols) {
		if n := a.next[s]; n != 0 {
			queue = append(queue, n)
		}
	}
	for i := 0; i < len(queue); i++ {
		n := queue[i]
		f := fail[n]
		if a.out[f] >= 0 {
			a.dict[n] = f
		} else {
			a.dict[n] = a.dict[f]
		}
		for s := range int32(symbols) {
			c := a.next[n*symbols+s]
			if c == 0 {
				a.next[n*symbols+s] = a.next[f*symbols+s]
				continue
			}
			fail[c] = a.next[f*symbols+s]
			queue = append(queue, c)
		}
	}
}

// find calls found with the value of every pattern that occurs in text, and
// with the start and end of the occurrence.
func (a *automaton) find(text string, found func(value, start, end int)) {
	n := int32(0)
	for i := 0; i < len(text); i++ {
		n = a.next[n*symbols+symbol(text[i])]
		for m := n; m != 0; m = a.dict[m] {
			for h := a.out[m]; h >= 0; h = a.hits[h].more {
				found(int(a.hits[h].value), i+1-int(a.hits[h].size), i+1)
			}
		}
	}
}
