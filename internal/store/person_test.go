package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

const somebody = "U0SOMEBODY"

// personIsForgotten keeps one thing of each kind for two people. The one is
// forgotten, the other stays.
func personIsForgotten(t *testing.T, address string) {
	s := open(t, address)
	ctx := t.Context()
	for _, user := range []string{somebody, "U0OTHER"} {
		direct := "D" + user[1:]
		at := bot.Place{Platform: "slack", Tenant: "T1", Channel: "C1"}
		for _, err := range []error{
			s.SaveSetting(ctx, bot.SettingOwner{Platform: "slack", Tenant: "T1", Scope: bot.ScopePerson, ID: user}, "lang", "de", user, now),
			s.SaveSetting(ctx, bot.SettingOwner{Platform: "slack", Tenant: "T1", Scope: bot.ScopeChannel, ID: "C" + user}, "auto", "on", user, now),
			s.SaveQuestion(ctx, bot.Question{Place: at, Message: "1." + direct, User: user, Topic: "which-port", State: bot.QuestionWaiting, At: now}),
			s.SaveReply(ctx, bot.Reply{Place: at, Name: "r" + direct, Asker: user, Topic: "which-port", At: now}),
			s.SaveFeedback(ctx, bot.Feedback{Platform: "slack", Tenant: "T1", Reply: "r" + direct, User: user, Verdict: bot.FeedbackHelped, At: now}),
			s.SaveConversation(ctx, bot.ConversationKey{Platform: "slack", Tenant: "T1", Channel: direct}, bot.Conversation{Provider: "gmx", Updated: now}),
			s.OfferLink(ctx, "token of "+user, bot.OneTimeLink{Kind: bot.LinkForm, For: bot.Person{Platform: "slack", Tenant: "T1", User: user}, Value: []byte(user), Made: now, Ends: now.Add(time.Minute)}, 3, 500),
			s.SaveRun(ctx, bot.Place{Platform: "slack", Tenant: "T1", Channel: direct}, bot.TestRun{Target: "gmx", Verdict: string(diagnose.VerdictOK), At: now}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Claim(ctx, "slack", "T1", "action/C1/1.0/"+user, now); err != nil {
			t.Fatal(err)
		}
	}
	one := bot.Person{Platform: "slack", Tenant: "T1", User: somebody, Direct: "D" + somebody[1:]}
	other := bot.Person{Platform: "slack", Tenant: "T1", User: "U0OTHER", Direct: "D0OTHER"}
	wantKinds(t, s, one, "conversation feedback link made made question reply setting test")
	n, err := s.Forget(ctx, one)
	if n == 0 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	wantKinds(t, s, one, "")
	wantKinds(t, s, other, "conversation feedback link made made question reply setting test")
	if set, err := s.Settings(ctx, bot.SettingOwner{Platform: "slack", Tenant: "T1", Scope: bot.ScopeChannel, ID: "C" + somebody}); set["auto"] != "on" || err != nil {
		t.Errorf("the channel's setting went, too: %v, %v", set, err)
	}
	if fresh, _ := s.Claim(ctx, "slack", "T1", "action/C1/1.0/"+somebody, now); fresh {
		t.Error("the press of a button is new again")
	}
}

func wantKinds(t *testing.T, s *store.Store, p bot.Person, want string) {
	t.Helper()
	held, err := s.Held(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, h := range held {
		kinds = append(kinds, h.Kind)
		if !h.At.Equal(now) || len(h.Data) == 0 {
			t.Errorf("%+v", h)
		}
	}
	slices.Sort(kinds)
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("%s: %q, want %q", p.User, got, want)
	}
}

// TestForgottenMeansGone looks for the person in every column of the file, and
// for columns that name people and that nobody thought of.
func TestForgottenMeansGone(t *testing.T) {
	path := t.TempDir() + "/bot.db"
	personIsForgotten(t, path)
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var named, columns [][2]string
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
		if slices.Contains([]string{"person", "asker", "author", "owner", "user", "member"}, c[1]) {
			named = append(named, c)
		}
	}
	for _, c := range columns {
		var n int
		if err := db.QueryRow(fmt.Sprintf(`SELECT count(*) FROM %q WHERE instr(CAST(%q AS TEXT), ?) > 0`, c[0], c[1]), somebody).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 && c != [2]string{"setting", "owner"} { // the channel of the test has the name in it
			t.Errorf("%s.%s still names the person", c[0], c[1])
		}
	}
	want := [][2]string{
		{"document", "author"}, // bot.Forget
		{"feedback", "person"},
		{"inbox", "owner"}, // a replica
		{"link", "person"},
		{"question", "person"},
		{"reply", "asker"},
		{"setting", "author"},
		{"setting", "owner"},
	}
	if !slices.Equal(named, want) {
		t.Errorf("columns that name people: %v; forget and export know %v", named, want)
	}
}

// TestPrivacyPageNamesEveryTable holds that both halves of docs/privacy.md tell
// of each table of the database.
func TestPrivacyPageNamesEveryTable(t *testing.T) {
	path := t.TempDir() + "/bot.db"
	open(t, path)
	page, err := os.ReadFile("../../docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(page), "`"+name+"`"); n != 2 {
			t.Errorf("docs/privacy.md names the table %s %d times, want once in English and once in German", name, n)
		}
	}
}
