package eval

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Report holds the verdicts and the figures of one evaluation.
type Report struct {
	Verdicts []Verdict
	All      Figures
	ByLang   map[string]Figures // "de", "en"
}

// Score judges predictions, matched to the cases by position.
func Score(cases []Case, preds []Prediction) Report {
	r := Report{ByLang: map[string]Figures{}}
	for i, c := range cases {
		v := Judge(c, preds[i])
		r.Verdicts = append(r.Verdicts, v)
		r.All.add(&v)
		f := r.ByLang[c.Lang]
		f.add(&v)
		r.ByLang[c.Lang] = f
	}
	return r
}

// figure is one line of the table.
type figure struct {
	name  string
	value func(Figures) string
}

func slot(get func(Figures) Slot) func(Figures) string {
	return func(f Figures) string {
		if get(f) == (Slot{}) {
			return "-"
		}
		return fmt.Sprintf("%.3f", get(f).F1())
	}
}

func share(get func(Figures) Share) func(Figures) string {
	return func(f Figures) string {
		if get(f).Of == 0 {
			return "-"
		}
		return fmt.Sprintf("%.3f", get(f).Value())
	}
}

func figures() []figure {
	return []figure{
		{"cases", func(f Figures) string { return fmt.Sprint(f.Cases) }},
		{"in scope", func(f Figures) string { return fmt.Sprint(f.InScope) }},
		{"intent", share(func(f Figures) Share { return f.Intent })},
		{"topic", share(func(f Figures) Share { return f.Topic })},
		{"topic, with siblings", share(func(f Figures) Share { return f.TopicFamily })},
		{"provider F1", slot(func(f Figures) Slot { return f.Provider })},
		{"protocol F1", slot(func(f Figures) Slot { return f.Protocol })},
		{"program F1", slot(func(f Figures) Slot { return f.Client })},
		{"reply precision", share(func(f Figures) Share { return f.Precision })},
		{"reply coverage", share(func(f Figures) Share { return f.Coverage })},
		{"false replies", share(func(f Figures) Share { return f.FalseReplies })},
		{"cause", share(func(f Figures) Share { return f.Cause })},
	}
}

// Write prints the tables.
func (r Report) Write(w io.Writer) error {
	fmt.Fprintf(w, "%-22s %8s %8s %8s\n", "", "all", "de", "en")
	for _, f := range figures() {
		fmt.Fprintf(w, "%-22s %8s %8s %8s\n", f.name, f.value(r.All), f.value(r.ByLang["de"]), f.value(r.ByLang["en"]))
	}
	r.writeMistakes(w)
	r.writeThresholds(w)
	r.writeConfusions(w)
	_, err := fmt.Fprintln(w)
	return err
}

// writeThresholds prints what answering from each confidence on would give.
func (r Report) writeThresholds(w io.Writer) {
	if r.All.Intent.Of == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-10s %9s %9s %9s\n", "confidence", "precision", "coverage", "false")
	for t := 30; t <= 95; t += 5 {
		f := r.At(float64(t) / 100)
		fmt.Fprintf(w, ">= %.2f    %9.3f %9.3f %9.3f\n", float64(t)/100, f.Precision.Value(), f.Coverage.Value(), f.FalseReplies.Value())
	}
}

// At returns the figures if every in-scope reading of at least that confidence
// were answered and none were asked back.
func (r Report) At(confidence float64) Figures {
	var f Figures
	for _, v := range r.Verdicts {
		p := v.Prediction
		in := value(p.Intent)
		p.Reply, p.Clarify = p.Confidence >= confidence && in != "out-of-scope" && in != "smalltalk" && in != "", false
		u := Judge(v.Case, p)
		f.add(&u)
	}
	return f
}

// writeConfusions prints, for each topic with mistakes, what was said instead.
func (r Report) writeConfusions(w io.Writer) {
	type row struct {
		topic     string
		right, of int
		instead   map[string]int
	}
	rows := map[string]*row{}
	for _, v := range r.Verdicts {
		if v.Case.IsError {
			continue
		}
		name, said := cmp.Or(v.Case.Topic, v.Case.Intent), cmp.Or(value(v.Prediction.FAQ), value(v.Prediction.Intent), "nothing")
		if rows[name] == nil {
			rows[name] = &row{topic: name, instead: map[string]int{}}
		}
		rows[name].of++
		if v.TopicOK {
			rows[name].right++
		} else {
			rows[name].instead[said]++
		}
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-28s %7s  %s\n", "topic", "right", "instead")
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		x := rows[name]
		fmt.Fprintf(w, "%-28s %3d/%-3d ", x.topic, x.right, x.of)
		for _, k := range slices.SortedFunc(maps.Keys(x.instead), func(a, b string) int {
			return cmp.Or(x.instead[b]-x.instead[a], cmp.Compare(a, b))
		}) {
			fmt.Fprintf(w, " %s×%d", k, x.instead[k])
		}
		fmt.Fprintln(w)
	}
}
