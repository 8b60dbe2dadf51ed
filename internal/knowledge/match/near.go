package match

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"sync"
)

// neighbours finds the utterances that share the rarest words with a message.
// Their topics are a second opinion beside the linear classifier, which sees
// each word apart: what was taught nearly word for word is known by it, and
// where both disagree neither is to be relied on. It is immutable and
// safe for concurrent use.
type neighbours struct {
	rows    map[uint32]int32 // hash of a stem -> row
	weights []float32        // of each row: how rare its word is
	start   []int32          // where the utterances of each row begin in ids; one more at the end
	ids     []int32          // utterances
	scale   []float32        // of each utterance: 1 / length of its vector
	topics  []uint16         // of each utterance
	scratch sync.Pool        // *nearSums
}

// Chosen by cross-validation; on a plateau, so that a little more or less of
// each changes nothing.
const (
	nearest     = 10   // so many utterances are asked
	minAlike    = 0.15 // cosine from which on one is
	nearPower   = 0.5  // how much they count beside the linear classifier
	nearFloor   = 0.02 // share of a topic that none of them has
	nearRare    = 2    // words of fewer utterances are left out,
	nearUsual   = 10   // and those of more than every tenth
	nearMinimum = 200  // of fewer utterances no word is too usual
)

// stemsOf appends the hashes of the distinct words of a reading, outside its
// frame, and how much each counts whatever its rarity. Derived
// concepts count as words, since "receiving works, sending fails" has the words
// of its opposite; so do the conditions of the provider, at each of which a
// refused password means another thing.
func (r *reader) stemsOf(to []feature, rd *reading) []feature {
	for i := range rd.toks {
		t := &rd.toks[i]
		if t.kind == boundary || rd.frame[i] {
			continue
		}
		w := stem(t.text)
		h := hash32('w', w, "")
		if !slices.ContainsFunc(to, func(f feature) bool { return f.hash == h }) {
			to = append(to, feature{h, r.wordValue(w)})
		}
		if len(to) == maxStems {
			break
		}
	}
	for _, c := range r.derived {
		if rd.all.has(c) {
			to = append(to, feature{uint32(c)*2654435761 + 17, 1})
		}
	}
	return to
}

// newNeighbours indexes the utterances of samples by their words.
func newNeighbours(samples []sample) *neighbours {
	n := &neighbours{topics: make([]uint16, len(samples))}
	count := make(map[uint32]feature, 8192) // the value is that of the word, the hash how many hold it
	for i := range samples {
		n.topics[i] = uint16(samples[i].classes[0])
		for _, f := range samples[i].words {
			count[f.hash] = feature{count[f.hash].hash + 1, f.value}
		}
	}
	usual := uint32(max(len(samples), nearMinimum) / nearUsual)
	keys := make([]uint32, 0, len(count)/2)
	for h, c := range count {
		if c.hash >= nearRare && c.hash <= usual {
			keys = append(keys, h)
		}
	}
	slices.Sort(keys)
	n.rows, n.weights, n.start = make(map[uint32]int32, len(keys)), make([]float32, len(keys)), make([]int32, len(keys)+1)
	for i, h := range keys {
		c := count[h]
		n.rows[h] = int32(i)
		n.weights[i] = c.value * float32(math.Log(float64(len(samples)+1)/float64(c.hash+1)))
		n.start[i+1] = n.start[i] + int32(c.hash)
	}
	n.ids = make([]int32, n.start[len(keys)])
	next := slices.Clone(n.start)
	for u := range samples {
		for _, f := range samples[u].words {
			if row, ok := n.rows[f.hash]; ok {
				n.ids[next[row]] = int32(u)
				next[row]++
			}
		}
	}
	n.measure()
	return n
}

// measure fills in the lengths of the utterances.
func (n *neighbours) measure() {
	n.scale = make([]float32, len(n.topics))
	for row, w := range n.weights {
		for _, u := range n.ids[n.start[row]:n.start[row+1]] {
			n.scale[u] += w * w
		}
	}
	for u, x := range n.scale {
		n.scale[u] = 1 / (sqrt32(x) + 1e-6)
	}
}

// nearSums is the working memory of look; sums are zero between calls.
type nearSums struct {
	sums    []float32
	touched []int32
	best    []alike
}

type alike struct {
	utterance int32
	cosine    float32
}

// look adds to the shares of the topics what each has of the utterances nearest
// to a message with these words, by how alike they are, and returns how many
// utterances that was: the shares sum to 1, or to 0 where nothing is alike.
func (n *neighbours) look(words []feature, shares []float32) int {
	w, _ := n.scratch.Get().(*nearSums)
	if w == nil {
		w = &nearSums{sums: make([]float32, len(n.topics))}
	}
	defer n.scratch.Put(w)
	w.touched, w.best = w.touched[:0], w.best[:0]
	length := float32(0)
	for _, f := range words {
		row, ok := n.rows[f.hash]
		if !ok {
			continue
		}
		x := n.weights[row] * n.weights[row]
		length += x
		for _, u := range n.ids[n.start[row]:n.start[row+1]] {
			if w.sums[u] == 0 {
				w.touched = append(w.touched, u)
			}
			w.sums[u] += x
		}
	}
	least := minAlike * sqrt32(length)
	for _, u := range w.touched {
		if s := w.sums[u] * n.scale[u]; s >= least {
			w.keep(alike{u, s})
		}
		w.sums[u] = 0
	}
	n.tally(w.best, shares)
	return len(w.best)
}

// keep enters a neighbour among the best, most alike first.
func (w *nearSums) keep(a alike) {
	at, _ := slices.BinarySearchFunc(w.best, a, func(x, a alike) int {
		return cmp.Or(cmp.Compare(a.cosine, x.cosine), cmp.Compare(x.utterance, a.utterance))
	})
	if at == nearest {
		return
	}
	if len(w.best) == nearest {
		w.best = w.best[:nearest-1]
	}
	w.best = slices.Insert(w.best, at, a)
}

// tally turns the nearest utterances into shares of topics.
func (n *neighbours) tally(best []alike, shares []float32) {
	sum := float32(0)
	for _, a := range best {
		sum += a.cosine * a.cosine
	}
	for _, a := range best {
		shares[n.topics[a.utterance]] += a.cosine * a.cosine / sum
	}
}

// blend weighs the probabilities of topics by the shares of the neighbours.
// What the topics that stand for silence have together stays: most utterances
// are in scope, so that other subjects have their nearest neighbours among them.
func blend(probs, shares []float32, silent func(topic int) bool) {
	var before, after [2]float32 // in scope, silent
	for i, s := range shares {
		side := 0
		if silent(i) {
			side = 1
		}
		before[side] += probs[i]
		probs[i] *= float32(math.Pow(float64(s+nearFloor), nearPower))
		after[side] += probs[i]
	}
	for i := range probs {
		side := 0
		if silent(i) {
			side = 1
		}
		if after[side] > 0 {
			probs[i] *= before[side] / after[side]
		}
	}
}

// append encodes n for a cache.
func (n *neighbours) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(n.topics)))
	for _, t := range n.topics {
		b = binary.AppendUvarint(b, uint64(t))
	}
	keys := make([]uint32, len(n.rows))
	for h, row := range n.rows {
		keys[row] = h
	}
	b = binary.AppendUvarint(b, uint64(len(keys)))
	last := uint32(0)
	for row, h := range keys {
		b = binary.AppendUvarint(b, uint64(h-last))
		last = h
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(n.weights[row]))
		ids := n.ids[n.start[row]:n.start[row+1]]
		b = binary.AppendUvarint(b, uint64(len(ids)))
		before := int32(0)
		for _, u := range ids { // in rising order
			b = binary.AppendUvarint(b, uint64(u-before))
			before = u
		}
	}
	return b
}

// neighbours reads what append wrote; topics is how many there are.
func (d *decoder) neighbours(topics int) *neighbours {
	n := &neighbours{topics: make([]uint16, d.count(1))}
	for i := range n.topics {
		t := d.uvarint()
		if t >= uint64(topics) {
			d.failed = true
			return n
		}
		n.topics[i] = uint16(t)
	}
	rows := d.count(6)
	n.rows, n.weights, n.start = make(map[uint32]int32, rows), make([]float32, rows), make([]int32, 1, rows+1)
	h := uint32(0)
	for row := range rows {
		h += uint32(d.uvarint())
		n.rows[h] = int32(row)
		n.weights[row] = math.Float32frombits(binary.LittleEndian.Uint32(d.bytes(4)))
		u := uint64(0)
		for range d.count(1) {
			if u += d.uvarint(); u >= uint64(len(n.topics)) {
				d.failed = true
				return n
			}
			n.ids = append(n.ids, int32(u))
		}
		n.start = append(n.start, int32(len(n.ids)))
	}
	if !d.failed {
		n.measure()
	}
	return n
}
