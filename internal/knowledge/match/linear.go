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

// linear is a multinomial logistic regression on hashed features. Scores of
// rules are added to its own as fixed offsets, so that it learns only what the
// rules do not say.
type linear struct {
	classes []string
	rows    map[uint32]int32
	weights []int8    // row*len(classes) + class, in units of the row's scale
	scale   []float32 // per row
}

// sample is one labelled example.
type sample struct {
	features []feature
	offset   []float32 // score of the rules for each class
	class    int
	weight   float32
}

// Training constants, chosen by cross-validation on the utterances.
const (
	rate      = 0.6
	decay     = 0.001
	minCount  = 2     // features seen no more often are left out
	smallProb = 0.006 // gradients below it are left out
	sure      = 0.95  // a sample this sure skips the next epoch
)

// trainLinear fits the weights by AdaGrad, going epochs times over the samples in an order that
// depends on nothing but their number, so that training is reproducible.
func trainLinear(classes []string, samples []sample, epochs int) *linear {
	m := &linear{classes: classes, rows: map[uint32]int32{}}
	count := map[uint32]int32{}
	for i := range samples {
		for _, f := range samples[i].features {
			count[f.hash]++
		}
	}
	for h, n := range count {
		if n > minCount {
			m.rows[h] = 0
		}
	}
	keys := make([]uint32, 0, len(m.rows))
	for h := range m.rows {
		keys = append(keys, h)
	}
	slices.Sort(keys)
	for i, h := range keys {
		m.rows[h] = int32(i)
	}
	m.quantize(m.fit(samples, epochs))
	return m
}

// quantize stores weights as bytes, which quarters the memory and costs no
// measurable accuracy.
func (m *linear) quantize(weights []float32) {
	k := len(m.classes)
	m.weights, m.scale = make([]int8, len(weights)), make([]float32, len(m.rows))
	for i := range m.scale {
		row := weights[i*k : i*k+k]
		top := float32(0)
		for _, w := range row {
			top = max(top, w, -w)
		}
		if top == 0 {
			continue
		}
		m.scale[i] = top / 127
		for j, w := range row {
			m.weights[i*k+j] = int8(math.RoundToEven(float64(w / m.scale[i])))
		}
	}
}

// resolved is a sample whose features are rows of the weights.
type resolved struct {
	rows   []int32
	values []float32
	rest   int // epochs to skip, since the sample is learned
}

func (m *linear) fit(samples []sample, epochs int) []float32 {
	res := make([]resolved, len(samples))
	for i := range samples {
		for _, f := range samples[i].features {
			if r, ok := m.rows[f.hash]; ok {
				res[i].rows = append(res[i].rows, r)
				res[i].values = append(res[i].values, f.value)
			}
		}
	}
	k := len(m.classes)
	weights := make([]float32, len(m.rows)*k)
	grad := make([]float32, len(weights))
	scores, pulls := make([]float32, k), make([]pull, 0, k)
	order := shuffled(len(samples))
	for epoch := range epochs {
		step := float32(rate) / (1 + 0.3*float32(epoch))
		for _, i := range order {
			s, r := &samples[i], &res[i]
			if r.rest > 0 {
				r.rest--
				continue
			}
			scoreRows(weights, r, s.offset, scores)
			softmax(scores)
			if scores[s.class] > sure {
				r.rest = 1
			}
			pulls = gradients(pulls[:0], scores, s)
			for j, row := range r.rows {
				at := int(row) * k
				descend(weights[at:at+k], grad[at:at+k], pulls, r.values[j], step)
			}
		}
	}
	return weights
}

// pull is the gradient of one class.
type pull struct {
	class int32
	g     float32
}

// gradients appends the classes whose probabilities are off to pulls.
func gradients(pulls []pull, probs []float32, s *sample) []pull {
	for c, p := range probs {
		if c == s.class {
			p--
		} else if p < smallProb {
			continue
		}
		pulls = append(pulls, pull{int32(c), p * s.weight})
	}
	return pulls
}

// descend moves the weights of one feature, whose value is x, down the gradients.
func descend(weights, grad []float32, pulls []pull, x, step float32) {
	for _, p := range pulls {
		d := p.g * x
		grad[p.class] += d * d
		w := &weights[p.class]
		*w -= step * (d + decay**w) / (0.1 + sqrt32(grad[p.class]))
	}
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func scoreRows(weights []float32, r *resolved, offset, scores []float32) {
	if offset == nil {
		clear(scores)
	} else {
		copy(scores, offset)
	}
	k := len(scores)
	for j, row := range r.rows {
		addScaled(scores, weights[int(row)*k:int(row)*k+k], r.values[j])
	}
}

func addScaled(dst, src []float32, x float32) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += x * src[i]
	}
}

func addBytes(dst []float32, src []int8, x float32) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += x * float32(src[i])
	}
}

// score adds the weights of the features to scores, which holds the offsets.
func (m *linear) score(features []feature, scores []float32) {
	k := len(m.classes)
	for _, f := range features {
		if row, ok := m.rows[f.hash]; ok {
			addBytes(scores, m.weights[int(row)*k:int(row)*k+k], f.value*m.scale[row])
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

// shuffled returns 0..n-1 in a fixed mixed order.
func shuffled(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	x := uint64(88172645463325252)
	for i := n - 1; i > 0; i-- {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		j := int(x % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	return order
}
