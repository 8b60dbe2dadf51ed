package match

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestFitWorkers trains with one worker and with several: the weights are the
// same to the bit, so a model does not depend on the machine.
func TestFitWorkers(t *testing.T) {
	var want []float32
	for workers := 1; workers <= maxFitWorkers; workers++ {
		m, samples := toySamples()
		f := newFitter(m, samples, workers)
		f.fit()
		weights := make([]float32, m.rows.used*m.width)
		for i := range m.rows.used {
			f.row(int32(i), weights[i*m.width:][:m.width])
		}
		if workers == 1 {
			want = weights
		}
		if !slices.Equal(weights, want) {
			t.Errorf("%d workers: other weights than with one", workers)
		}
	}
}

// TestFitLearns holds that what was trained is found again.
func TestFitLearns(t *testing.T) {
	m, samples := toySamples()
	f := newFitter(m, samples, 2)
	f.fit()
	m.pack(func(row int, all []float32) { f.row(int32(row), all) }) // ranks for rows, as in the samples
	right := 0
	for i := range samples {
		scores := make([]float32, m.width)
		for _, x := range samples[i].features {
			m.addRow(scores, int(x.hash), x.value)
		}
		m.split(scores, func(head int, s []float32) {
			best, _ := top2(s)
			if head == 1 {
				best += len(m.heads[0])
			}
			if int32(best) == samples[i].classes[head] {
				right++
			}
		})
	}
	if right < 2*len(samples)*97/100 {
		t.Errorf("%d of %d classes found again", right, 2*len(samples))
	}
}

// toySamples have features that tell the class and others that do not.
func toySamples() (*linear, []sample) {
	heads := [][]string{make([]string, 9), make([]string, 4)}
	rnd := rand.New(rand.NewPCG(1, 2))
	samples := make([]sample, 700)
	for i := range samples {
		a, b := rnd.Uint32N(9), rnd.Uint32N(4)
		samples[i].classes = []int32{int32(a), int32(9 + b)}
		samples[i].offsets = []pull{{int32(rnd.Uint32N(9)), 0.5}}
		samples[i].features = []feature{{a, 0.7}, {100 + b, 0.6}, {200 + rnd.Uint32N(20), 0.4}, {300 + rnd.Uint32N(20), 0.4}}
	}
	m := newLinear(heads)
	m.countRows(samples)
	return m, samples
}
