package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// TestServesWhileBotDBTakesNoWrites has bot.db refuse every write while the
// program serves, as a full disk does. Answers go on, once each, and log and
// /readyz say what is wrong; when there is room again, /readyz is well by
// itself.
func TestServesWhileBotDBTakesNoWrites(t *testing.T) {
	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
	dir := t.TempDir()
	log := serveIn(t, dir, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken(), "MAILHELPBOT_HTTP=127.0.0.1:0")
	ctx := within(t)
	ask := func() {
		t.Helper()
		n := len(s.Posts("C1"))
		said := s.Say("U1", "C1", "", fakeslack.Mention()+" Welche Einstellungen hat GMX für IMAP?")
		if err := s.Await(ctx, func() bool { return len(s.Posts("C1")) > n }); err != nil {
			t.Fatalf("no answer: %v\n%s", err, s.Transcript())
		}
		if p := s.Posts("C1")[n]; p.ThreadTS != said.TS {
			t.Errorf("the answer stands in %s, not %s", p.ThreadTS, said.TS)
		}
	}
	if err := s.Await(ctx, func() bool { return s.Sockets() > 0 }); err != nil {
		t.Fatal(err)
	}
	ask()
	db, err := sql.Open("sqlite3", filepath.Join(dir, "bot.db")+"?_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables := tablesOf(t, db)
	for _, name := range tables {
		for _, what := range []string{"INSERT", "UPDATE", "DELETE"} {
			exec := fmt.Sprintf(`CREATE TRIGGER "full %s %s" BEFORE %s ON "%s" BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`, what, name, what, name)
			if _, err := db.Exec(exec); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask()
	ask()
	if body := get(t, log, "/readyz", func(got int, _ string) bool { return got == http.StatusServiceUnavailable }); !strings.Contains(body, "FAIL  database  database or disk is full") {
		t.Errorf("/readyz says\n%s", body)
	}
	if !strings.Contains(log.String(), "the database takes no writes; answering from memory") {
		t.Errorf("the log says\n%s", log.String())
	}
	for _, name := range tables {
		if _, err := db.Exec(fmt.Sprintf(`DROP TRIGGER "full INSERT %s"; DROP TRIGGER "full UPDATE %s"; DROP TRIGGER "full DELETE %s"`, name, name, name)); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	get(t, log, "/readyz", func(got int, _ string) bool { return got == http.StatusOK })
	if n := len(s.Posts("C1")); n != 4 {
		t.Errorf("%d answers to 4 questions\n%s", n, s.Transcript())
	}
}

// tablesOf are the names of a database's tables.
func tablesOf(t *testing.T, db *sql.DB) (out []string) {
	t.Helper()
	rows, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
