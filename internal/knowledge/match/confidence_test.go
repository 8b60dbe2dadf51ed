package match

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var (
	fitAnew      = flag.Bool("fit", false, "fit data/confidence.txt again")
	realMessages = flag.String("messages", "", "with -fit: labelled messages of real people, in the format of mailhelpbot eval, by which the fit is corrected")
)

// outcome is one reading by a model that was trained without it.
type outcome struct {
	signs []float64
	vague float64 // log-odds of the topics that say too little
	right bool    // its topic is
	weigh float64
	ask   bool // the labelled topic says too little
}

// outcomes reads all utterances, a quarter at a time, by models trained
// without them. Those that are taken for silence have no confidence.
func outcomes(t *testing.T) []outcome {
	book := testBook(t)
	var out []outcome
	for train, test := range split(utterances(book), 4) {
		r := newReader(book)
		m := r.trainOn(train)
		s := newScorer(r, m)
		for _, u := range test {
			c := s.score(s.read(u.text, m.words))
			if s.silent(c.best) {
				continue
			}
			o := outcome{signs: s.signs(c), vague: logit(float64(s.vague(c))), right: m.topics()[c.best] == u.topic, weigh: 1, ask: strings.HasSuffix(u.topic, "-generic")}
			if u.topic == outOfScope || u.topic == smalltalk {
				o.weigh = 3
			}
			out = append(out, o)
		}
	}
	return out
}

// realOutcomes reads labelled messages by the model of all utterances.
func realOutcomes(t *testing.T, file string) []outcome {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(testBook(t))
	m := r.train()
	s := newScorer(r, m)
	var out []outcome
	for line := range bytes.Lines(data) {
		var g struct {
			Text, Intent, Cause string
			Topic               *string   `json:"faq"`
			Accept              []*string `json:"accept_faq"`
		}
		if err := json.Unmarshal(line, &g); err != nil {
			t.Fatal(err)
		}
		c := s.score(s.read(g.Text, m.words))
		if g.Cause != "" || s.silent(c.best) {
			continue
		}
		o := outcome{signs: s.signs(c), weigh: 1}
		if g.Intent == outOfScope || g.Intent == smalltalk {
			o.weigh = 1.5
		} else {
			best := m.topics()[c.best]
			o.right = slices.ContainsFunc(append(g.Accept, g.Topic), func(t *string) bool { return t != nil && *t == best })
		}
		out = append(out, o)
	}
	return out
}

// How much the weights are held to where a fit begins: hardly to zero, and so
// much to those by utterances that a few hundred messages move them a little.
const (
	loose = 1
	tight = 50
)

// TestConfidence holds that the confidence is the share of right topics, within
// tenths of the scale, on utterances that were left out of training. It may
// say less than that: real people's messages are harder, and the fit is
// corrected by them.
func TestConfidence(t *testing.T) {
	all := outcomes(t)
	weights, err := newConfidence(confidenceData)
	if err != nil {
		t.Fatal(err)
	}
	if *fitAnew {
		weights = fitLogistic(all, make([]float64, len(signNames)), loose)
		if *realMessages != "" {
			weights = fitLogistic(realOutcomes(t, *realMessages), weights, tight)
		}
		var b strings.Builder
		b.WriteString("# Weights of the signs of confidence (confidence.go). Written by\n# go test ./internal/knowledge/match -run TestConfidence -fit -messages FILE\n")
		for i, name := range signNames {
			fmt.Fprintf(&b, "%s: %.3f\n", name, weights[i])
		}
		if err := os.WriteFile("data/confidence.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var said, right, n [10]float64
	for i := range all {
		p := 1 / (1 + math.Exp(-dot(weights, all[i].signs)))
		bin := min(int(p*10), 9)
		n[bin] += all[i].weigh // as in the fit
		said[bin] += all[i].weigh * p
		right[bin] += all[i].weigh * truth(all[i].right)
	}
	for bin := range n {
		gap := (said[bin] - right[bin]) / max(n[bin], 1)
		t.Logf("%.1f: %4.0f readings, confidence %.3f, right %.3f", float64(bin)/10, n[bin], said[bin]/n[bin], right[bin]/n[bin])
		chance := 2 * math.Sqrt(0.25/max(n[bin], 1)) // twice the standard error, at most
		if !*fitAnew && (gap > 0.05+chance || gap < -0.2) {
			t.Errorf("at %.1f the confidence is off by %.3f on %.0f readings", float64(bin)/10, gap, n[bin])
		}
	}
}

func dot(a, b []float64) float64 {
	z := 0.0
	for i := range a {
		z += a[i] * b[i]
	}
	return z
}

// fitLogistic is a logistic regression by Newton's method, with a penalty on how
// far each weight but the first goes from where it begins.
func fitLogistic(all []outcome, begin []float64, penalty float64) []float64 {
	k := len(begin)
	w := slices.Clone(begin)
	for range 12 {
		g, h := make([]float64, k), make([][]float64, k)
		for i := range h {
			h[i] = make([]float64, k)
			if i > 0 {
				g[i], h[i][i] = penalty*(begin[i]-w[i]), penalty
			}
		}
		for i := range all {
			o := &all[i]
			p := 1 / (1 + math.Exp(-dot(w, o.signs)))
			y := truth(o.right)
			for a, x := range o.signs {
				g[a] += o.weigh * (y - p) * x
				for b, z := range o.signs {
					h[a][b] += o.weigh * p * (1 - p) * x * z
				}
			}
		}
		for i, d := range solve(h, g) {
			w[i] += d
		}
	}
	return w
}

// solve returns x of a x = b by elimination; it uses up both.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for i := range n {
		best := i
		for r := i; r < n; r++ {
			if math.Abs(a[r][i]) > math.Abs(a[best][i]) {
				best = r
			}
		}
		a[i], a[best], b[i], b[best] = a[best], a[i], b[best], b[i]
		for r := range n {
			if r == i {
				continue
			}
			f := a[r][i] / a[i][i]
			for c := i; c < n; c++ {
				a[r][c] -= f * a[i][c]
			}
			b[r] -= f * b[i]
		}
	}
	for i := range n {
		b[i] /= a[i][i]
	}
	return b
}
