package web_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/web"
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

// slowly refills in hours what refills in seconds: the database goes by its own
// clock, and the test is not to hurry.
type slowly struct{ bot.Rates }

func (s slowly) Take(ctx context.Context, want []bot.Bucket) (int, time.Duration, error) {
	want = slices.Clone(want)
	for i := range want {
		want[i].Per *= 3600
	}
	return s.Rates.Take(ctx, want)
}

// Guesses at links count at all processes together, and at each of them alone
// when the database is away.
func TestGuessesAtAllReplicas(t *testing.T) {
	pg := pgtest.Start(t, false)
	database := pg.Database(t)
	var both []*rig
	guess := func(n int, token string) (found map[int]int) {
		t.Helper()
		found = map[int]int{}
		for i := range n {
			r := both[i%2]
			got := r.get(http.MethodGet, r.bot.LoginURL+token)
			if found[got.status]++; got.status == http.StatusTooManyRequests && got.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		}
		return found
	}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for range 2 {
		both = append(both, newRigOn(t, database, func(c *web.Config) {
			q, err := openStore(t, database).Quotas("token")
			if err != nil {
				t.Fatal(err)
			}
			c.Rates, c.Now = slowly{q}, func() time.Time { return noon }
		}))
	}
	if got := guess(20, strings.Repeat("x", 43)); got[http.StatusNotFound] != 15 || got[http.StatusTooManyRequests] != 5 {
		t.Errorf("twenty guesses at two replicas: %v", got)
	}
	pg.Stop(syscall.SIGQUIT)
	if got := guess(12, "no-token"); got[http.StatusNotFound] != 10 || got[http.StatusTooManyRequests] != 2 { // five more at each
		t.Errorf("twelve guesses without a database: %v", got)
	}
}
