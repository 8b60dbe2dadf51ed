package match

// automaton finds all of many byte patterns in one pass over a text
// (Aho and Corasick, 1975). The text is folded words separated by single
// blanks, with one blank at either end, so that a blank in a pattern marks the
// border of a word.
//
// A node keeps its children as a list, since most have one; the few with many
// have a row of the dense table, which keeps a step short near the root.
type automaton struct {
	child  []int32 // first child of a node, 0 for none
	next   []int32 // next child of the same parent, 0 for none
	symbol []uint8 // on the edge that leads to a node
	row    []int16 // of a node in dense, counted from 1; 0 for none
	dense  [][symbols]int32
	fail   []int32 // longest suffix that is a node as well
	out    []int32 // first entry of hits for a node, -1 for none
	dict   []int32 // nearest suffix node with hits, 0 for none
	hits   []hit
}

type hit struct {
	value int32 // what the pattern stands for
	size  int32 // length of the pattern
	more  int32 // next hit of the same node, -1 for none
}

const (
	symbols = 40 // blank, a-z, 0-9, |, @, everything else
	crowd   = 6  // a node with more children gets a row of its own
)

func symbol(c byte) uint8 {
	switch {
	case c >= 'a' && c <= 'z':
		return c - 'a' + 1
	case c >= '0' && c <= '9':
		return c - '0' + 27
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
	a := &automaton{
		child: make([]int32, 0, nodes), next: make([]int32, 0, nodes),
		symbol: make([]uint8, 0, nodes), out: make([]int32, 0, nodes),
	}
	a.node(0)
	return a
}

// node appends a node that s leads to.
func (a *automaton) node(s uint8) int32 {
	a.child, a.next, a.symbol, a.out = append(a.child, 0), append(a.next, 0), append(a.symbol, s), append(a.out, -1)
	return int32(len(a.out) - 1)
}

// add enters a pattern.
func (a *automaton) add(pattern string, value int) {
	n := int32(0)
	for i := 0; i < len(pattern); i++ {
		s := symbol(pattern[i])
		c := a.listed(n, s)
		if c == 0 {
			c = a.node(s)
			a.next[c], a.child[n] = a.child[n], c
		}
		n = c
	}
	for h := a.out[n]; h >= 0; h = a.hits[h].more {
		if a.hits[h].value == int32(value) {
			return
		}
	}
	a.hits = append(a.hits, hit{int32(value), int32(len(pattern)), a.out[n]})
	a.out[n] = int32(len(a.hits) - 1)
}

// listed looks for the child of n behind s in its list; 0 means none.
func (a *automaton) listed(n int32, s uint8) int32 {
	for c := a.child[n]; c != 0; c = a.next[c] {
		if a.symbol[c] == s {
			return c
		}
	}
	return 0
}

// build completes the automaton; add must not be called after it.
func (a *automaton) build() {
	a.row, a.fail, a.dict = make([]int16, len(a.out)), make([]int32, len(a.out)), make([]int32, len(a.out))
	queue := make([]int32, 1, len(a.out))
	for i := 0; i < len(queue); i++ {
		n := queue[i]
		children := 0
		for c := a.child[n]; c != 0; c = a.next[c] {
			queue = append(queue, c)
			children++
			if n != 0 {
				a.fail[c] = a.step(a.fail[n], a.symbol[c])
			}
			if f := a.fail[c]; a.out[f] >= 0 {
				a.dict[c] = f
			} else {
				a.dict[c] = a.dict[f]
			}
		}
		if children > crowd || n == 0 {
			a.widen(n)
		}
	}
}

// widen gives a node a row of the dense table.
func (a *automaton) widen(n int32) {
	var row [symbols]int32
	for c := a.child[n]; c != 0; c = a.next[c] {
		row[a.symbol[c]] = c
	}
	a.dense = append(a.dense, row)
	a.row[n] = int16(len(a.dense))
}

// step goes from n along s, over suffixes of n where n has no such child.
func (a *automaton) step(n int32, s uint8) int32 {
	for {
		c := int32(0)
		if r := a.row[n]; r > 0 {
			c = a.dense[r-1][s]
		} else {
			c = a.listed(n, s)
		}
		if c != 0 || n == 0 {
			return c
		}
		n = a.fail[n]
	}
}

// find calls found with the value of every pattern that occurs in text, and
// with the start and end of the occurrence.
func (a *automaton) find(text string, found func(value, start, end int)) {
	n := int32(0)
	for i := 0; i < len(text); i++ {
		n = a.step(n, symbol(text[i]))
		for m := n; m != 0; m = a.dict[m] {
			for h := a.out[m]; h >= 0; h = a.hits[h].more {
				found(int(a.hits[h].value), i+1-int(a.hits[h].size), i+1)
			}
		}
	}
}
