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
	rows    map[uint32]int32
	weights []int8    // row*width + class, in units of the row's scale
	scale   []float32 // per row
}

func newLinear(heads [][]string) *linear {
	m := &linear{heads: heads, rows: map[uint32]int32{}}
	for _, h := range heads {
		m.width += len(h)
	}
	return m
}

// split cuts scores of all classes into those of the heads.
func (m *linear) split(scores []float32, each func(head int, scores []float32)) {
	for i, h := range m.heads {
		each(i, scores[:len(h)])
		scores = scores[len(h):]
	}
}

// sample is one labelled example.
type sample struct {
	features []feature
	offsets  []pull  // scores of the rules for classes
	classes  []int32 // the right class of each head, counted over all heads
}

// Training constants, chosen by cross-validation on the utterances.
const (
	rate      = 0.6
	epochs    = 4
	decay     = 0.001
	minCount  = 3     // features seen no more often are left out
	smallProb = 0.006 // gradients below it are left out
	sure      = 0.9   // a sample this sure of all heads skips the next epoch
)

// trainLinear fits the weights by AdaGrad, going several times over the samples in an order that
// depends on nothing but their number, so that training is reproducible. It
// uses up the features of the samples.
func trainLinear(heads [][]string, samples []sample) *linear {
	m := newLinear(heads)
	m.countRows(samples)
	m.quantize(m.fit(samples))
	return m
}

// countRows gives every feature that is frequent enough a row, in the order of
// their hashes, and replaces the hashes in the samples by rows.
func (m *linear) countRows(samples []sample) {
	count := make(map[uint32]int32, 1<<15)
	for i := range samples {
		for _, f := range samples[i].features {
			count[f.hash]++
		}
	}
	keys := make([]uint32, 0, len(count)/2)
	for h, n := range count {
		if n > minCount {
			keys = append(keys, h)
		}
	}
	clear(count)
	slices.Sort(keys)
	m.rows = make(map[uint32]int32, len(keys))
	for i, h := range keys {
		m.rows[h] = int32(i)
	}
	for i := range samples {
		kept := samples[i].features[:0]
		for _, f := range samples[i].features {
			if r, ok := m.rows[f.hash]; ok {
				kept = append(kept, feature{uint32(r), f.value})
			}
		}
		samples[i].features = kept
	}
}

// quantize stores weights as bytes, which quarters the memory and costs no
// measurable accuracy.
func (m *linear) quantize(weights []float32) {
	k := m.width
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
		per := 127 / top
		for j, w := range row {
			m.weights[i*k+j] = int8(w*per + float32(math.Copysign(0.5, float64(w)))) // rounded, at most 127
		}
	}
}

func (m *linear) fit(samples []sample) []float32 {
	k := m.width
	weights := make([]float32, len(m.rows)*k)
	grad := make([]float32, len(weights))
	scores, pulls := make([]float32, k), make([]pull, 0, k)
	rest := make([]bool, len(samples)) // samples that are learned, and skip an epoch
	order := shuffled(len(samples))
	for epoch := range epochs {
		step := float32(rate) / (1 + 0.3*float32(epoch))
		for _, i := range order {
			s := &samples[i]
			if rest[i] {
				rest[i] = false
				continue
			}
			scoreRows(weights, s, scores)
			pulls, rest[i] = m.gradients(pulls[:0], scores, s)
			for _, f := range s.features {
				at := int(f.hash) * k
				descend(weights[at:at+k], grad[at:at+k], pulls, f.value, step)
			}
		}
	}
	return weights
}

// pull is the gradient of one class, or the offset of one.
type pull struct {
	class int32
	g     float32
}

// gradients turns the scores into probabilities and appends the classes whose
// probabilities are off to pulls; learned means that all heads are sure of the
// right class.
func (m *linear) gradients(pulls []pull, scores []float32, s *sample) (_ []pull, learned bool) {
	learned = true
	first := int32(0)
	m.split(scores, func(head int, probs []float32) {
		softmax(probs)
		for c, p := range probs {
			class := first + int32(c)
			switch {
			case class == s.classes[head]:
				learned = learned && p > sure
				p--
			case p < smallProb:
				continue
			}
			pulls = append(pulls, pull{class, p})
		}
		first += int32(len(probs))
	})
	return pulls, learned
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

func scoreRows(weights []float32, s *sample, scores []float32) {
	clear(scores)
	for _, o := range s.offsets {
		scores[o.class] += o.g
	}
	k := len(scores)
	for _, f := range s.features {
		at := int(f.hash) * k
		addScaled(scores, weights[at:at+k], f.value)
	}
}

// addScaled adds x times src to dst, which is as long; eight at a time, so that
// the compiler checks no bounds within.
func addScaled(dst, src []float32, x float32) {
	for len(src) >= 8 && len(dst) >= 8 {
		d, s := (*[8]float32)(dst), (*[8]float32)(src)
		d[0] += x * s[0]
		d[1] += x * s[1]
		d[2] += x * s[2]
		d[3] += x * s[3]
		d[4] += x * s[4]
		d[5] += x * s[5]
		d[6] += x * s[6]
		d[7] += x * s[7]
		dst, src = dst[8:], src[8:]
	}
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += x * src[i]
	}
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
