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
	heads   [][]string // classes of each head
	width   int        // classes of all heads
	rows    *table     // hash of a feature -> its row, counted from 1
	weights []int8     // row*width + class, in units of the row's scale
	scale   []float32  // per row
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

// addBytes is addScaled of weights stored as bytes.
func addBytes(dst []float32, src []int8, x float32) {
	for len(src) >= 8 && len(dst) >= 8 {
		d, s := (*[8]float32)(dst), (*[8]int8)(src)
		d[0] += x * float32(s[0])
		d[1] += x * float32(s[1])
		d[2] += x * float32(s[2])
		d[3] += x * float32(s[3])
		d[4] += x * float32(s[4])
		d[5] += x * float32(s[5])
		d[6] += x * float32(s[6])
		d[7] += x * float32(s[7])
		dst, src = dst[8:], src[8:]
	}
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += x * float32(src[i])
	}
}

// score adds the weights of the features to scores, which holds the offsets.
func (m *linear) score(features []feature, scores []float32) {
	k := m.width
	for _, f := range features {
		if row := m.row(f.hash); row >= 0 {
			addBytes(scores, m.weights[row*k:row*k+k], f.value*m.scale[row])
		}
	}
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
