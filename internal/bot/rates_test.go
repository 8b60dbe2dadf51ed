package bot_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/store"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

// TestRatesOfAllProcesses holds that two processes on one PostgreSQL refuse
// what one would, and that the limits stay, as each one's own, when PostgreSQL
// is away.
func TestRatesOfAllProcesses(t *testing.T) {
	pg := pgtest.Start(t, false)
	url := pg.Database(t)
	var bots [2]*crowd
	for i := range bots {
		s, err := store.Open(t.Context(), url, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		bots[i] = newCrowd(t)
		close(bots[i].gate)
		if bots[i].bot.Rates, err = s.Quotas("token"); err != nil {
			t.Fatal(err)
		}
	}
	one, two := bots[0], bots[1]
	// A person: three a minute, wherever they are answered.
	one.tested(message("U1", "C1", host(0)))
	two.tested(message("U1", "C2", host(1)))
	one.tested(message("U1", "C3", host(2)))
	two.refused(message("U1", "C4", host(3)), "mehrere Tests", "/test h3.example.org:993")
	one.refused(message("U1", "C4", host(3)), "mehrere Tests")
	// A server: two a minute, and its network.
	one.tested(message("U2", "C5", "mail.example.org:993"))
	two.tested(message("U3", "C6", "mail.example.org:465"))
	one.refused(message("U4", "C7", "mail.example.org:995"), "mail.example.org wurde gerade erst getestet")
	for i := range 10 {
		bots[i%2].tested(message(fmt.Sprint("V", i), fmt.Sprint("D", i), host(20+i)))
	}
	two.refused(message("V20", "D20", host(35)), "8.8.200.0/24")

	pg.Stop(syscall.SIGQUIT)
	one.tested(message("U1", "C4", host(3))) // the third that one knows of
	one.refused(message("U1", "C4", host(4)), "mehrere Tests")
	two.tested(message("U1", "C8", host(4)))
	two.tested(message("U1", "C9", host(5)))
	two.refused(message("U1", "C9", host(6)), "mehrere Tests")
}
