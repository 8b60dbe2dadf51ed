package match

import (
	"regexp"
	"slices"
	"testing"
)

// TestGuardedRegexps compares what the guard lets through with every expression
// run on every text.
func TestGuardedRegexps(t *testing.T) {
	sources := []string{
		`(ehlo|helo).{0,9}bad`, `gr[ea]y.?list`, `\bport:? ?25\b`, `(?i)Grey`, `a+b`, `(ab){2,}c`, `x*`,
		`(user|account) (is |was )*(locked|frozen)`, `\[limit\]`, `[0-9]{3} ok`, `(bad|)end`, `ü(ber|nter)`,
	}
	texts := []string{
		"", "helo means bad", "ehlo bad bad", "graylist", "grey list", "grylist", "port: 25 timed out", "port 250", "aab", "ababc", "abc",
		"account was is locked", "user frozen", "user is thawed", "[limit]", "limit", "250 ok", "25 ok", "end", "badend", "über", "ünter", "uber",
	}
	g := newGuarded()
	for i, s := range sources {
		g.add(s, int32(i))
	}
	g.words.build()
	for _, text := range texts {
		var got, want []int32
		g.find(text, func(i int32) { got = append(got, i) })
		for i, s := range sources {
			if regexp.MustCompile(s).MatchString(text) {
				want = append(want, int32(i))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q: found %v, want %v", text, got, want)
		}
	}
	if !slices.Equal(g.always, []int32{6}) {
		t.Errorf("expressions %v always run, want x* alone", g.always)
	}
}
