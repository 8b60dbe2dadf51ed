package match

import (
	"cmp"
	"math"
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
	unlikely  = 0.004 // classes less likely in the first epoch are left out of the others
	sure      = 0.8   // a sample this sure of all heads skips the next epoch
	batchSize = 64    // samples that are scored by the same weights
)

// block is how many classes are summed up together.
const block = 8

// maxFitWorkers bounds the processors that a training uses.
const maxFitWorkers = 4

// trainLinear fits the weights by AdaGrad, going several times over the samples
// in an order that depends on nothing but their number, so that training is
// reproducible. It uses up the features of the samples.
func trainLinear(heads [][]string, samples []sample, workers int) *linear {
	m := newLinear(heads)
	ranks, rare := m.countRows(samples)
	m.fit(samples, ranks, rare, workers)
	return m
}

// fit fits the weights to samples that countRows has seen.
func (m *linear) fit(samples []sample, ranks []int32, rare []float32, workers int) {
	f := newFitter(m, samples, workers)
	f.fit()
	m.pack(func(row int, all []float32) { f.row(ranks[row], all) })
	for i := range m.scale {
		m.scale[i] *= rare[i] // as the values of the samples were
	}
}

// countRows gives every feature that stands in several samples a row, in the
// order of their hashes, and a rank, the more frequent the lower: those that are
// used most lie side by side in the working memory, which spares most of the
// time that a training waits for it. In the samples it replaces the hashes by
// ranks, and multiplies the values by the rarity of their features. It returns
// rank and rarity of each row.
func (m *linear) countRows(samples []sample) (ranks []int32, rare []float32) {
	count := newTable(8 * len(samples)) // about so many words, pieces and pairs
	touch(count.values)
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
	counts := make([]int32, len(hashes))
	for i, h := range hashes {
		counts[i] = count.get(h)
	}
	rare, ranks = make([]float32, len(hashes)), make([]int32, len(hashes))
	for rank, i := range byCount(counts) {
		ranks[i], rare[i] = int32(rank), rarity(counts[i], len(samples))
	}
	parallel(len(samples), func(i int) {
		kept := samples[i].features[:0]
		for _, f := range samples[i].features {
			if r := m.row(f.hash); r >= 0 {
				kept = append(kept, feature{uint32(ranks[r]), f.value * rare[r]})
			}
		}
		samples[i].features = kept
	})
	return ranks, rare
}

// byCount returns the indices of counts, the highest first.
func byCount(counts []int32) []int32 {
	out := make([]int32, len(counts))
	for i := range out {
		out[i] = int32(i)
	}
	slices.SortStableFunc(out, func(a, b int32) int { return cmp.Compare(counts[b], counts[a]) })
	return out
}

// rarity is the weight of a feature that stands in n of all samples, by its
// inverse document frequency.
func rarity(n int32, all int) float32 {
	return float32(math.Log(1+float64(all)/float64(n)) / usualRare)
}

// fitter is the working memory of a training. The samples of a batch are scored
// by the same weights, and then all move these. Each of its workers holds the
// weights of some of the classes and nobody else touches them, which spares the
// processors passing them to and fro; nothing is summed up over classes but
// the probabilities of one sample. So the result does not depend on the number
// of workers.
type fitter struct {
	*linear
	samples []sample
	order   []int32           // in which they are gone through
	classes [][]int32         // of each sample: those in play, once that is known
	skip    []uint8           // of each sample that is learned: the epoch that it sits out
	pulls   [batchSize][]pull // of each sample of the batch
	workers []*fitWorker
	turn    *meeting

	everything []int32 // all classes
}

// fitWorker has the weights of every so many-th class, from its number on.
type fitWorker struct {
	*fitter
	number, of int32     // of it and of all workers
	stride     int       // length of a row: own classes, a block at least
	weights    []float32 // a row for each rank
	grad       []float32 // sums of squared gradients, alike
	batch      []int32   // samples
	kept       []feature // of the samples of the batch: those not dropped
	ends       [batchSize]int
	scores     []float32 // of each sample of the batch for own classes, a row for each
	own        []int32   // working memory of some,
	mine       []pull    // of descend,
	room       []float32 // of probabilities
}

func newFitter(m *linear, samples []sample, workers int) *fitter {
	f := &fitter{linear: m, samples: samples, order: shuffled(len(samples)), everything: make([]int32, m.width)}
	for c := range f.everything {
		f.everything[c] = int32(c)
	}
	f.classes, f.skip = make([][]int32, len(samples)), make([]uint8, len(samples))
	f.turn = newMeeting(workers)
	stride := max(block, (m.width+workers-1)/workers)
	for n := range workers {
		w := &fitWorker{fitter: f, number: int32(n), of: int32(workers), stride: stride}
		w.weights = make([]float32, m.rows.used*stride)
		w.grad = make([]float32, len(w.weights))
		w.scores = make([]float32, batchSize*stride)
		w.room = make([]float32, m.width)
		f.workers = append(f.workers, w)
	}
	return f
}

// fit has all workers go through the samples together.
func (f *fitter) fit() {
	var wg sync.WaitGroup
	for _, w := range f.workers[1:] {
		wg.Go(w.fit)
	}
	f.workers[0].fit()
	wg.Wait()
}

// row copies the weights of the feature of a rank to all, in the order of the classes.
func (f *fitter) row(rank int32, all []float32) {
	for n, w := range f.workers {
		for i, c := w.stride*int(rank), n; c < f.width; i, c = i+1, c+len(f.workers) {
			all[c] = w.weights[i]
		}
	}
}

// fit does a worker's share of a training. What others have written is read
// after the next meeting only.
func (w *fitWorker) fit() {
	touch(w.weights)
	touch(w.grad)
	for epoch := range epochs {
		step := float32(rate) / (1 + 0.3*float32(epoch))
		for next := 0; next < len(w.order); {
			next = w.fill(next, epoch)
			w.score(epoch)
			w.turn.wait()
			for j := int(w.number); j < len(w.batch); j += int(w.of) {
				w.judge(j, epoch)
			}
			w.turn.wait()
			w.descend(step)
		}
	}
}

// touch writes to every page of fresh memory. One that is read first is mapped
// to the system's page of zeros, and giving it another at the first write
// interrupts the other processors: thousands of times in a training.
func touch[T int32 | float32](s []T) {
	const page = 4096 / 4
	for i := 0; i < len(s); i += page {
		s[i] = 0
	}
}

// fill collects the next batch, and returns where the one after it begins.
func (w *fitWorker) fill(from, epoch int) int {
	w.batch = w.batch[:0]
	for from < len(w.order) && len(w.batch) < batchSize {
		if i := w.order[from]; epoch == 0 || int(w.skip[i]) != epoch {
			w.batch = append(w.batch, i)
		}
		from++
	}
	return from
}

// score sums up the scores of own classes for the samples of the batch: of all
// classes the first time, then of those in play.
func (w *fitWorker) score(epoch int) {
	w.kept = w.kept[:0]
	for j, i := range w.batch {
		start := len(w.kept)
		w.drop(i, epoch)
		w.ends[j] = len(w.kept)
		scores := w.scores[j*w.stride:][:w.stride]
		if w.classes[i] == nil {
			for b := 0; b < w.stride; b += block {
				at := min(b, w.stride-block) // the last block begins within the one before
				sumBlock((*[block]float32)(scores[at:]), w.weights[at:], w.stride, w.kept[start:])
			}
		} else {
			w.some(scores, w.classes[i], w.kept[start:])
		}
	}
}

// drop appends to kept the features of a sample that it keeps in an epoch. So
// that messages are understood of which some words are new, no feature may rely
// on another one.
func (w *fitWorker) drop(sample int32, epoch int) {
	features := w.samples[sample].features
	n := len(w.kept)
	w.kept = slices.Grow(w.kept, len(features))[:n+len(features)]
	x := uint32(sample)*2654435761 + uint32(epoch)*40503 | 1 // an xorshift generator for each sample and epoch
	for _, f := range features {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		w.kept[n] = feature{f.hash, f.value / (1 - dropout)}
		if float32(x>>8) >= dropout*(1<<24) {
			n++
		}
	}
	w.kept = w.kept[:n]
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

// some sets scores to those of the own ones of classes, one after the other.
func (w *fitWorker) some(scores []float32, classes []int32, features []feature) {
	own := w.own[:0]
	for _, c := range classes {
		if c%w.of == w.number {
			own = append(own, c/w.of)
		}
	}
	w.own = own
	scores = scores[:len(own)]
	clear(scores)
	for _, x := range features {
		row := w.weights[int(x.hash)*w.stride:][:w.stride]
		for n, c := range own {
			scores[n] += x.value * row[c]
		}
	}
}

// judge computes the gradients of the sample at j of the batch from the scores
// of all workers.
func (w *fitWorker) judge(j, epoch int) {
	i := w.batch[j]
	s := &w.samples[i]
	classes := w.classes[i]
	if classes == nil {
		classes = w.everything
	}
	probs := w.probabilities(j, s, classes)
	if w.classes[i] == nil {
		w.classes[i], probs = inPlay(s, probs)
		classes = w.classes[i]
	}
	var learned bool
	w.pulls[j], learned = gradients(w.pulls[j][:0], s, classes, probs)
	if learned {
		w.skip[i] = uint8(epoch + 1)
	}
}

// probabilities returns those of classes among themselves, in room.
func (w *fitWorker) probabilities(j int, s *sample, classes []int32) []float32 {
	probs := w.room[:len(classes)]
	var taken [maxFitWorkers]int
	for n, c := range classes {
		of := c % w.of
		probs[n] = w.workers[of].scores[j*w.stride+taken[of]]
		taken[of]++
	}
	for _, o := range s.offsets {
		if n, ok := slices.BinarySearch(classes, o.class); ok {
			probs[n] += o.g
		}
	}
	from, end := 0, int32(0)
	for _, head := range w.heads {
		end += int32(len(head))
		to, _ := slices.BinarySearch(classes, end)
		softmax(probs[from:to])
		from = to
	}
	return probs
}

// inPlay returns the classes of a sample that are not out of the question, and
// their probabilities, which take the place of those of all.
func inPlay(s *sample, all []float32) (classes []int32, probs []float32) {
	var room [64]int32
	classes, probs = room[:0], all[:0]
	for c, p := range all {
		if p >= unlikely || slices.Contains(s.classes, int32(c)) {
			classes, probs = append(classes, int32(c)), append(probs, p)
		}
	}
	return slices.Clone(classes), probs
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

// descend moves the own weights down the gradients of the batch.
func (w *fitWorker) descend(step float32) {
	from := 0
	for j := range w.batch {
		features := w.kept[from:w.ends[j]]
		from = w.ends[j]
		mine := w.mine[:0]
		for _, p := range w.pulls[j] {
			if p.class%w.of == w.number {
				mine = append(mine, pull{p.class / w.of, p.g})
			}
		}
		w.mine = mine
		for _, x := range features {
			at := int(x.hash) * w.stride
			weights, grad := w.weights[at:at+w.stride], w.grad[at:at+w.stride]
			for _, p := range mine {
				d := p.g * x.value
				g := grad[p.class] + d*d
				grad[p.class] = g
				v := &weights[p.class]
				*v -= step * (d + decay**v) / (damping + sqrt32(g))
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
