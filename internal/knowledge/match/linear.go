package match

import (
	"math"
	"slices"
)

// feature is one sign in a message: a hash and how strongly it counts.
type feature struct {
	hash  uint32
	value float32
}

// linear is a multinomial logistic regression on hashed features with one or
// more heads: groups of classes that decide side by side on the same features.
// Scores of rules are added to its own as fixed offsets, so that it learns only
// what the rules do not say.
type linear struct {
	heads [][]string // classes of each head
	width int        // classes of all heads
	rows  *table     // hash of a feature -> its row, counted from 1
	scale []float32  // of the weights of each row
	first []uint32   // where the cells of each row begin, and where the last ends
	cells []cell
}

// cell is a weight that is not zero: most are, since a feature tells of few
// classes.
type cell struct {
	gap    uint8 // classes from the cell before it, or from the first class
	weight int8  // in units of the row's scale
}

func newLinear(heads [][]string) *linear {
	m := &linear{heads: heads}
	for _, h := range heads {
		m.width += len(h)
	}
	return m
}

// setRows numbers the rows in the order of the hashes of their features.
func (m *linear) setRows(hashes []uint32) {
	slices.Sort(hashes)
	m.rows = newTable(len(hashes))
	for i, h := range hashes {
		m.rows.add(h, int32(i+1))
	}
}

// row returns the row of a feature, -1 for none.
func (m *linear) row(hash uint32) int { return int(m.rows.get(hash)) - 1 }

// split cuts scores of all classes into those of the heads.
func (m *linear) split(scores []float32, each func(head int, scores []float32)) {
	for i, h := range m.heads {
		each(i, scores[:len(h)])
		scores = scores[len(h):]
	}
}

// pull is the gradient of one class, or the offset of one.
type pull struct {
	class int32
	g     float32
}

// score adds the weights of the features to scores, which holds the offsets.
func (m *linear) score(features []feature, scores []float32) {
	for _, f := range features {
		if row := m.row(f.hash); row >= 0 {
			m.addRow(scores, row, f.value)
		}
	}
}

// addRow adds x times the weights of a row to scores.
func (m *linear) addRow(scores []float32, row int, x float32) {
	x *= m.scale[row]
	class := 0
	for _, c := range m.cells[m.first[row]:m.first[row+1]] {
		class += int(c.gap)
		scores[class] += x * float32(c.weight)
	}
}

// pack stores weights as bytes, which quarters their memory and costs no
// measurable accuracy, and leaves out zeros. weights copies those of a row; it
// is called by several goroutines at once.
func (m *linear) pack(weights func(row int, all []float32)) {
	n := m.rows.used
	m.scale, m.first = make([]float32, n), make([]uint32, n+1)
	var parts [4][]cell
	bound := func(part int) int { return n * part / len(parts) }
	parallel(len(parts), func(part int) {
		row := make([]float32, m.width)
		cells := make([]cell, 0, 24*n/len(parts))
		for i := bound(part); i < bound(part+1); i++ {
			weights(i, row)
			top := float32(0)
			for _, w := range row {
				top = max(top, w, -w)
			}
			m.scale[i] = top / 127
			cells = appendCells(cells, row, top)
			m.first[i+1] = uint32(len(cells))
		}
		parts[part] = cells
	})
	m.cells = slices.Concat(parts[:]...)
	start := uint32(0)
	for part, cells := range parts {
		for i := bound(part); i < bound(part+1); i++ {
			m.first[i+1] += start
		}
		start += uint32(len(cells))
	}
}

// appendCells appends a row whose largest weight is top.
func appendCells(cells []cell, row []float32, top float32) []cell {
	if top == 0 {
		return cells
	}
	per, last := 127/top, 0
	for c, w := range row {
		if w == 0 {
			continue // most of them
		}
		v := int8(w*per + float32(math.Copysign(0.5, float64(w)))) // rounded, at most 127
		if v == 0 {
			continue
		}
		for ; c-last > math.MaxUint8; last += math.MaxUint8 {
			cells = append(cells, cell{math.MaxUint8, 0})
		}
		cells = append(cells, cell{uint8(c - last), v})
		last = c
	}
	return cells
}

// softmax turns scores into probabilities in place.
func softmax(s []float32) {
	top := slices.Max(s)
	sum := float32(0)
	for i, x := range s {
		if x -= top; x < -16 { // adds nothing to seven digits
			s[i] = 0
			continue
		}
		s[i] = float32(math.Exp(float64(x)))
		sum += s[i]
	}
	for i := range s {
		s[i] /= sum
	}
}
