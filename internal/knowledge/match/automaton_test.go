package match

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestAutomaton compares the automaton with a plain search for every pattern.
func TestAutomaton(t *testing.T) {
	var patterns []string
	for _, a := range []string{" a", "a", "ab", "ba", " ab ", "bab", "aba", "x1", "ü", " ba"} {
		for _, b := range []string{"", "a", "b", "c", "d", "e", "f", "g", "h", " "} {
			patterns = append(patterns, a+b)
		}
	}
	a := newAutomaton(16)
	for i, p := range patterns {
		a.add(p, i)
	}
	a.build()
	for _, text := range []string{"", " ", " abababab ", " ab ba bab aba ", " x1 üa abh bagabac ", strings.Repeat(" babaab", 9)} {
		var got, want []string
		a.find(text, func(value, start, end int) { got = append(got, fmt.Sprint(value, start, end)) })
		for i, p := range patterns {
			if slices.Index(patterns, p) < i {
				continue // "a"+"b" is "ab" again, and counts for itself
			}
			for at := 0; at+len(p) <= len(text); at++ {
				if text[at:at+len(p)] == p {
					for j, q := range patterns {
						if q == p {
							want = append(want, fmt.Sprint(j, at, at+len(p)))
						}
					}
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: found %v, want %v", text, got, want)
		}
	}
}
