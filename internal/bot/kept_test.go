package bot

import (
	"fmt"
	"sync"
	"testing"
)

// TestKeptDemands holds that what is remembered is what would be found, also
// beyond what is remembered, and from several goroutines at once.
func TestKeptDemands(t *testing.T) {
	var k kept
	k.n.Store(maxKept - 50)
	text := func(i int) string {
		return fmt.Sprintf([]string{"Schalte IMAP frei, %d.", "Du brauchst ein App-Passwort, %d.", "Der Server heißt mail%d.example.org."}[i%3], i)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for round := range 2 {
				for i := range 100 * (1 + round) {
					if s := text(i + 30*g); k.demandsOf(s) != demandsOf(s) {
						t.Errorf("%q: %b", s, k.demandsOf(s))
						return
					}
				}
			}
		})
	}
	wg.Wait()
	kept := 0
	k.demands.Range(func(any, any) bool { kept++; return true })
	if kept == 0 || kept > 50 {
		t.Errorf("%d kept", kept)
	}
}
