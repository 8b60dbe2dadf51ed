package store

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPlans holds that what is asked for every event does not read a table
// whose size grows with the number of events.
func TestPlans(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "bot.db"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for query, want := range map[string]string{
		`SELECT id FROM outbox WHERE ` + byID:                                                    "platform=? AND id=?",
		(&Inbox{s: s}).inThread():                                                                "channel=? AND message=?",
		(&Inbox{s: s}).inThread() + ` -- both`:                                                   "channel=? AND thread=?",
		`UPDATE inbox SET owner = owner WHERE id = ? AND owner = ?`:                              "rowid=?",
		`SELECT count(*) FROM inbox_key WHERE key = ?`:                                           "key=?",
		`SELECT lang FROM conversation WHERE platform=? AND tenant=? AND channel=? AND thread=?`: "platform=? AND tenant=? AND channel=? AND thread=?",
	} {
		args := make([]any, strings.Count(query, "?"))
		for i := range args {
			args[i] = "x"
		}
		rows, err := s.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var a, b, c int
			var detail string
			if err := rows.Scan(&a, &b, &c, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		rows.Close()
		if !strings.Contains(strings.Join(plan, "\n"), "("+want+")") {
			t.Errorf("%s\nis done by %q, want (%s)", query, plan, want)
		}
	}
}
