package match

import (
	"math"
	"runtime"
	"slices"
	"sync"
)

// sample is one labelled example.
type sample struct {
	features []feature
	offsets  []pull    // scores of the rules for classes
	classes  []int32   // the right class of each head, counted over all heads
	words    []feature // by which neighbours are found; causes have none
}

// Training constants, chosen by cross-validation on the utterances and by
// batches of utterances that were left out as a whole.
const (
	rate      = 0.65
	epochs    = 3
	decay     = 0.001
	damping   = 0.1
	dropout   = 0.2   // share of the features that a sample does without in an epoch
	usualRare = 4.5   // features this rare count as they are; see rarity
	smallProb = 0.015 // gradients below it are left out
	inPlay    = 0.004 // classes less likely in the first epoch are left out of the others
	sure      = 0.8   // a sample this sure of all heads skips the next epoch
	batchSize = 64    // samples that are scored by the same weights
)

// block is how many classes are summed up together.
const block = 8

// trainLinear fits the weights by AdaGrad, going several times over the samples
// in an order that depends on nothing but their number, so that training is
// reproducible. It uses up the features of the samples.
func trainLinear(heads [][]string, samples []sample) *linear {
	m := newLinear(heads)
	rare := m.countRows(samples)
	f := newFitter(m, samples)
	f.fit()
	m.pack(f.weights, f.stride)
	for i := range m.scale {
		m.scale[i] *= rare[i] // as the values of the samples were
	}
	return m
}

// countRows gives every feature that stands in several samples a row, in the
// order of their hashes. In the samples it replaces the hashes by rows, and
// multiplies the values by the rarity of their features, which it returns.
func (m *linear) countRows(samples []sample) (rare []float32) {
	count := newTable(1 << 16)
	for i := range samples {
		for _, f := range samples[i].features {
			count.add(f.hash, 1)
		}
	}
	var hashes []uint32
	for i, n := range count.values {
		if n > 1 {
			hashes = append(hashes, count.keys[i])
		}
	}
	m.setRows(hashes)
	rare = make([]float32, len(hashes))
	for i, h := range hashes {
		rare[i] = rarity(count.get(h), len(samples))
	}
	for i := range samples {
		kept := samples[i].features[:0]
		for _, f := range samples[i].features {
			if r := m.row(f.hash); r >= 0 {
				kept = append(kept, feature{uint32(r), f.value * rare[r]})
			}
		}
		samples[i].features = kept
	}
	return rare
}

// rarity is the weight of a feature that stands in n of all samples, by its
// inverse document frequency.
func rarity(n int32, all int) float32 {
	return float32(math.Log(1+float64(all)/float64(n)) / usualRare)
}

// fitter is the working memory of a training. The samples of a batch are scored
// side by side by the same weights; then the rows of the weights are updated
// side by side, each by the samples of the batch in their order. So the result
// does not depend on the number of processors.
type fitter struct {
	*linear
	stride  int // classes in a row of weights: the width made up to whole blocks
	weights []float32
	grad    []float32 // sums of squared gradients
	samples []sample
	classes [][]int32 // of each sample: those in play
	rest    []bool    // samples that are learned, and skip an epoch
	batch   []int32
	kept    [batchSize][]feature // of each sample of the batch: those not dropped
	pulls   [batchSize][]pull
	workers int
}

func newFitter(m *linear, samples []sample) *fitter {
	f := &fitter{linear: m, samples: samples, stride: (m.width + block - 1) / block * block, workers: min(runtime.GOMAXPROCS(0), 4)}
	f.weights = make([]float32, m.rows.used*f.stride)
	f.grad = make([]float32, len(f.weights))
	f.classes, f.rest = make([][]int32, len(samples)), make([]bool, len(samples))
	return f
}

func (f *fitter) fit() {
	order := shuffled(len(f.samples))
	rooms := make([][]float32, f.workers)
	for w := range rooms {
		rooms[w] = make([]float32, f.stride)
	}
	for epoch := range epochs {
		step := float32(rate) / (1 + 0.3*float32(epoch))
		for next := 0; next < len(order); {
			next = f.fill(order, next)
			f.each(func(w int) {
				for j := w; j < len(f.batch); j += f.workers {
					f.drop(j, epoch)
					f.score(j, rooms[w])
				}
			})
			f.each(func(w int) { f.descend(uint32(w), step) })
		}
	}
}

// fill collects the next batch from order, and returns where the one after it begins.
func (f *fitter) fill(order []int32, from int) int {
	f.batch = f.batch[:0]
	for from < len(order) && len(f.batch) < batchSize {
		i := order[from]
		from++
		if f.rest[i] {
			f.rest[i] = false
			continue
		}
		f.batch = append(f.batch, i)
	}
	return from
}

// each has every worker do its share.
func (f *fitter) each(work func(w int)) {
	var wg sync.WaitGroup
	for w := 1; w < f.workers; w++ {
		wg.Go(func() { work(w) })
	}
	work(0)
	wg.Wait()
}

// drop chooses the features that the sample at j of the batch keeps in an
// epoch. So that messages are understood of which some words are new, no
// feature may rely on another one.
func (f *fitter) drop(j, epoch int) {
	i := f.batch[j]
	kept := f.kept[j][:0]
	x := uint32(i)*2654435761 + uint32(epoch)*40503 | 1 // an xorshift generator for each sample and epoch
	for _, s := range f.samples[i].features {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		if float32(x>>8) >= dropout*(1<<24) {
			kept = append(kept, feature{s.hash, s.value / (1 - dropout)})
		}
	}
	f.kept[j] = kept
}

// score computes the gradients of the sample at j of the batch: over all
// classes the first time, then over those in play.
func (f *fitter) score(j int, room []float32) {
	i := f.batch[j]
	s := &f.samples[i]
	var probs []float32
	if f.classes[i] == nil {
		f.classes[i], probs = f.all(s, f.kept[j], room)
	} else {
		probs = f.some(s, f.kept[j], f.classes[i], room)
	}
	f.pulls[j], f.rest[i] = gradients(f.pulls[j][:0], s, f.classes[i], probs)
}

// all returns the classes in play and their probabilities, which are in room.
func (f *fitter) all(s *sample, features []feature, room []float32) (classes []int32, probs []float32) {
	for b := 0; b < f.stride; b += block {
		sumBlock((*[block]float32)(room[b:]), f.weights[b:], f.stride, features)
	}
	for _, o := range s.offsets {
		room[o.class] += o.g
	}
	f.split(room, func(_ int, scores []float32) { softmax(scores) })
	classes = make([]int32, 0, 16)
	probs = room[:0]
	for c, p := range room[:f.width] {
		if p >= inPlay || slices.Contains(s.classes, int32(c)) {
			classes, probs = append(classes, int32(c)), append(probs, p)
		}
	}
	return classes, probs
}

// sumBlock sets sums to the scores of one block of classes, whose weights begin
// at the start of a row; it keeps the sums in registers.
func sumBlock(sums *[block]float32, weights []float32, stride int, features []feature) {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for _, f := range features {
		x, w := f.value, (*[block]float32)(weights[int(f.hash)*stride:])
		s0 += x * w[0]
		s1 += x * w[1]
		s2 += x * w[2]
		s3 += x * w[3]
		s4 += x * w[4]
		s5 += x * w[5]
		s6 += x * w[6]
		s7 += x * w[7]
	}
	*sums = [block]float32{s0, s1, s2, s3, s4, s5, s6, s7}
}

// some returns the probabilities of classes among themselves, in room.
func (f *fitter) some(s *sample, features []feature, classes []int32, room []float32) []float32 {
	probs := room[:len(classes)]
	clear(probs)
	for _, x := range features {
		row := f.weights[int(x.hash)*f.stride:][:f.stride]
		for n, c := range classes {
			probs[n] += x.value * row[c]
		}
	}
	for _, o := range s.offsets {
		if n, ok := slices.BinarySearch(classes, o.class); ok {
			probs[n] += o.g
		}
	}
	from, end := 0, int32(0)
	for _, head := range f.heads {
		end += int32(len(head))
		to, _ := slices.BinarySearch(classes, end)
		softmax(probs[from:to])
		from = to
	}
	return probs
}

// gradients appends the classes whose probabilities are off to pulls; learned
// means that all heads are sure of the right class.
func gradients(pulls []pull, s *sample, classes []int32, probs []float32) (_ []pull, learned bool) {
	learned = true
	for n, c := range classes {
		p := probs[n]
		if slices.Contains(s.classes, c) {
			learned = learned && p > sure
			p--
		} else if p < smallProb {
			continue
		}
		pulls = append(pulls, pull{c, p})
	}
	return pulls, learned
}

// descend moves the weights of a worker's rows down the gradients of the batch.
func (f *fitter) descend(w uint32, step float32) {
	workers := uint32(f.workers)
	for j := range f.batch {
		pulls := f.pulls[j]
		for _, x := range f.kept[j] {
			if x.hash%workers != w {
				continue
			}
			at := int(x.hash) * f.stride
			weights, grad := f.weights[at:at+f.stride], f.grad[at:at+f.stride]
			for _, p := range pulls {
				d := p.g * x.value
				grad[p.class] += d * d
				v := &weights[p.class]
				*v -= step * (d + decay**v) / (damping + sqrt32(grad[p.class]))
			}
		}
	}
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// shuffled returns 0..n-1 in a fixed mixed order.
func shuffled(n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
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
