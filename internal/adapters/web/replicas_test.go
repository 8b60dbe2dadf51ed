package web_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

// A link that one process gave out is good at each of them, once, and a
// mistake counts wherever it is made.
func TestLinkAtAnotherReplica(t *testing.T) {
	database := pgtest.Start(t, false).Database(t)
	one := newRigOn(t, database, nil)
	both := []*rig{one, one.replica(database)}
	get := func(link string) *http.Request {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		return req
	}

	link, code := one.ask("U1", "anna", "de")
	for i, r := range both {
		page := r.at(get(link))
		if page.status != http.StatusOK || !strings.Contains(page.body, "imap.post.example") || !strings.Contains(page.body, "Test Intermediate CA") {
			t.Errorf("replica %d: status %d\n%s", i, page.status, page.body)
		}
	}
	untold(t, database, strings.TrimPrefix(link, one.bot.LoginURL), code, password, "anna@post.example", "imap.post.example")

	statuses := make([]int, 8)
	var wg sync.WaitGroup
	for i := range statuses {
		req := one.request(link, form(code, "anna@post.example", password))
		wg.Go(func() { statuses[i] = both[i%2].at(req).status })
	}
	wg.Wait()
	slices.Sort(statuses)
	if statuses[0] != http.StatusOK || statuses[1] == http.StatusOK || one.mail.Logins() != 1 || len(one.posted.all()) != 1 {
		t.Errorf("eight forms at two replicas: %v, %d logins, %d posts; want one of each", statuses, one.mail.Logins(), len(one.posted.all()))
	}

	link, code = one.ask("U1", "anna", "de")
	wrong := fmt.Sprintf("%06d", (int(code[5]-'0')+1)%10)
	for i := range 5 {
		if got := both[i%2].at(one.request(link, form(wrong, "anna@post.example", password))); got.status != http.StatusUnprocessableEntity {
			t.Errorf("wrong code %d: status %d", i+1, got.status)
		}
	}
	for i, r := range both {
		if got := r.at(one.request(link, form(code, "anna@post.example", password))); got.status != http.StatusNotFound {
			t.Errorf("replica %d, the right code after five wrong ones: status %d", i, got.status)
		}
	}
}

// untold holds that no column of the database shows any of these words.
func untold(t *testing.T, database string, words ...string) {
	t.Helper()
	db, err := sql.Open("pgx", database) // pgtest has the driver
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT encode(convert_to(l::text, 'UTF8'), 'escape'), encode(value, 'escape') FROM link l`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var row, value string
		if err := rows.Scan(&row, &value); err != nil {
			t.Fatal(err)
		}
		n++
		for _, w := range words {
			if strings.Contains(row+value, w) {
				t.Errorf("the database shows %q: %s", w, row)
			}
		}
	}
	if n != 1 || rows.Err() != nil {
		t.Errorf("%d links in the database, %v; want 1", n, rows.Err())
	}
}

// A restart does not void the links that people have in their hands.
func TestLinkAfterARestart(t *testing.T) {
	database := filepath.Join(t.TempDir(), "bot.db")
	before := newRigOn(t, database, nil)
	link, code := before.ask("U1", "anna", "en")
	if err := before.bot.Store.(interface{ Close() error }).Close(); err != nil {
		t.Fatal(err)
	}
	if page := before.get(http.MethodGet, link); page.status != http.StatusServiceUnavailable {
		t.Errorf("without a database: status %d", page.status)
	}
	after := before.replica(database)
	if got := after.at(before.request(link, form(code, "anna@post.example", password))); got.status != http.StatusOK || before.mail.Logins() != 1 {
		t.Errorf("after a restart: status %d, %d logins\n%s", got.status, before.mail.Logins(), got.body)
	}
}

// Who wants to be forgotten has no open link any more.
func TestForgottenLinks(t *testing.T) {
	r := newRig(t, nil)
	link, _ := r.ask("U1", "anna", "en")
	if _, err := r.bot.Forget(t.Context(), bot.Person{Platform: "slack", Tenant: "T", User: "U1"}); err != nil {
		t.Fatal(err)
	}
	if page := r.get(http.MethodGet, link); page.status != http.StatusNotFound {
		t.Errorf("the link of a forgotten person: status %d", page.status)
	}
}
