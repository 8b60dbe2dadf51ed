package store_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// suite is what must hold in every kind of database. address is that of an
// empty one.
func suite() map[string]func(t *testing.T, address string) {
	all := map[string]func(*testing.T, string){
		"a message is claimed once":       claimOnce,
		"a person is forgotten":           personIsForgotten,
		"a secret stays":                  secretStays,
		"a conversation stays":            conversationSurvivesReopen,
		"found settings":                  foundSettings,
		"checked servers":                 checkedServers,
		"old rows go":                     prune,
		"knowledge":                       knowledgeStays,
		"strange texts":                   strangeTexts,
		"kept":                            kept,
		"a newer schema is refused":       newerIsRefused,
		"migrated once by many at once":   migratedOnce,
		"an event is stored once by many": storedOnceByMany,
		"work is handed on":               workIsHandedOn,
		"the work of a dead replica":      deadReplica,
		"backup and restore":              backupAndRestore,
		"agreed by many":                  agreedByMany,
		"no message is readable":          nothingReadable,
		"an event is given up":            eventIsGivenUp,
		"another token":                   anotherToken,
		"what is unfinished":              unfinished,
		"settings are one owner's own":    settingsAreOneOwnersOwn,
		"a question is settled once":      questionIsSettledOnce,
		"silence begins once":             quietBeginsOnce,
		"a digest counts":                 digestCounts,
		"buckets are shared":              bucketsAreShared,
		"buckets are not overdrawn":       bucketsAreNotOverdrawn,
		"logins are shared":               loginsAreShared,
		"tests and taught articles":       runsAndTaughtArticles,
	}
	for name, test := range inboxSuite() {
		all[name] = func(t *testing.T, address string) {
			_, in := join(t, address)
			test(t, in)
		}
	}
	return all
}

func TestSQLite(t *testing.T) {
	for name, test := range suite() {
		t.Run(name, func(t *testing.T) {
			test(t, filepath.Join(t.TempDir(), "a b%c?.db")) // a name that a careless DSN would break
		})
	}
}

func TestPostgres(t *testing.T) {
	server := pgtest.Start(t, false)
	for name, test := range suite() {
		t.Run(name, func(t *testing.T) { test(t, server.Database(t)) })
	}
}

func claimOnce(t *testing.T, address string) {
	a, b := open(t, address), open(t, address)
	var wg sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	for i := range 20 {
		wg.Go(func() {
			s := []*store.Store{a, b}[i%2]
			ok, err := s.Claim(context.Background(), "slack", "T1", "Ev1", now)
			if err != nil {
				t.Error(err)
			}
			if ok {
				mu.Lock()
				fresh++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if fresh != 1 {
		t.Errorf("%d claims of one message succeeded, want 1", fresh)
	}
	if ok, _ := a.Claim(t.Context(), "slack", "T2", "Ev1", now); !ok {
		t.Error("the same id of another tenant is not new")
	}
}

func conversationSurvivesReopen(t *testing.T, address string) {
	key := bot.ConversationKey{Platform: "slack", Tenant: "T", Channel: "C", Thread: "1.2"}
	want := bot.Conversation{Provider: "gmx", Domain: "gmx.de", Client: "thunderbird", Protocol: "smtp", Topic: "x", Cause: "y", Lang: "de", Updated: now.Local()}
	s := open(t, address)
	if c, err := s.Conversation(t.Context(), key); err != nil || c != (bot.Conversation{}) {
		t.Fatalf("new thread: %+v, %v", c, err)
	}
	if err := s.SaveConversation(t.Context(), key, want); err != nil {
		t.Fatal(err)
	}
	s.Close()
	got, err := open(t, address).Conversation(t.Context(), key)
	if err != nil || !got.Updated.Equal(want.Updated) {
		t.Fatalf("got %+v, %v", got, err)
	}
	got.Updated = want.Updated
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func foundSettings(t *testing.T, address string) {
	s := open(t, address)
	if r, err := s.Found(t.Context(), "example.org"); r != nil || err != nil {
		t.Fatalf("at first: %+v, %v", r, err)
	}
	want := discover.Result{
		Domain: "example.org", Status: discover.StatusFound, Provider: "gmx", MX: []string{"mx.example.org"}, Checked: now, Expires: now.Add(time.Hour), Final: true,
		Servers: []discover.Server{{
			Server: knowledge.Server{
				Endpoint: mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap.example.org", Port: 993, Security: mailconf.TLS},
				Username: mailconf.UserAddress, Auth: []string{"password"}, Sources: []string{"srv"}, Trust: "medium",
			}, Doubts: []discover.Doubt{discover.DoubtUnsigned}, Verified: true,
		}},
		NotOffered: []mailconf.Protocol{mailconf.POP3},
		Attempts:   []discover.Attempt{{Source: discover.SourceSRV}, {Source: discover.SourcePACC, Fault: discover.FaultDigest}},
	}
	if err := s.SaveFound(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, address)
	if got, err := s.Found(t.Context(), "example.org"); err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	later := discover.Result{Domain: "example.com", Checked: now.AddDate(0, 2, 0), Expires: now.AddDate(0, 2, 1)}
	if err := s.SaveFound(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	if r, _ := s.Found(t.Context(), "example.org"); r != nil {
		t.Error("settings that expired two months ago are still kept")
	}
}

func checkedServers(t *testing.T, address string) {
	s := open(t, address)
	if got, err := s.Checked(t.Context(), "gmx"); len(got) != 0 || err != nil {
		t.Fatalf("at first: %+v, %v", got, err)
	}
	imap := mailconf.Endpoint{Protocol: mailconf.IMAP, Host: "imap.gmx.net", Port: 993, Security: mailconf.TLS}
	smtp := mailconf.Endpoint{Protocol: mailconf.SMTP, Host: "mail.gmx.net", Port: 587, Security: mailconf.STARTTLS}
	first := []bot.LiveCheck{
		{Provider: "gmx", Endpoint: imap, Verdict: diagnose.VerdictOK, At: time.Unix(now.Unix(), 0)},
		{Provider: "gmx", Endpoint: smtp, Verdict: diagnose.VerdictFail, Cause: diagnose.CauseCertExpired, At: time.Unix(now.Unix(), 0)},
		{Provider: "web-de", Endpoint: imap, Verdict: diagnose.VerdictWarn, Cause: diagnose.CauseCertExpiring, At: time.Unix(now.Unix(), 0)},
	}
	if err := s.SaveChecked(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	again := first[1]
	again.Verdict, again.Cause, again.At = diagnose.VerdictOK, "", again.At.AddDate(0, 0, 1)
	if err := s.SaveChecked(t.Context(), []bot.LiveCheck{again}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, address)
	for provider, want := range map[string][]bot.LiveCheck{
		"gmx": {first[0], again}, "web-de": {first[2]}, "nobody": nil, "": {first[0], again, first[2]},
	} {
		if got, err := s.Checked(t.Context(), provider); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, %v\nwant %+v", provider, got, err, want)
		}
	}
}

func prune(t *testing.T, address string) {
	s := open(t, address)
	old := bot.ConversationKey{Platform: "slack", Channel: "old"}
	recent := bot.ConversationKey{Platform: "slack", Channel: "new"}
	for k, at := range map[bot.ConversationKey]time.Time{old: now.AddDate(0, -2, 0), recent: now} {
		if err := s.SaveConversation(t.Context(), k, bot.Conversation{Provider: "gmx", Updated: at}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Prune(t.Context(), now.AddDate(0, -1, 0), now); err != nil || n != 1 {
		t.Errorf("pruned %d, %v; want 1", n, err)
	}
	if c, _ := s.Conversation(t.Context(), recent); c.Provider != "gmx" {
		t.Error("a recent conversation was forgotten")
	}
}

func knowledgeStays(t *testing.T, address string) {
	s := open(t, address)
	docs := []knowledge.Document{
		{Kind: "provider", ID: "b", Origin: knowledge.OriginShipped, Hash: "1", Body: []byte(`{"b":1}`)},
		{Kind: "provider", ID: "a", Origin: knowledge.OriginShipped, Hash: "2", Body: []byte(`{"a":1}`)},
		{Kind: "article", ID: "a", Origin: knowledge.OriginOperator, Author: "Ä", Hash: "3", Body: []byte{0, 1, 0xff}},
	}
	if err := s.SaveKnowledge(t.Context(), "h1", docs); err != nil {
		t.Fatal(err)
	}
	if err := s.Cache(t.Context(), "model", []byte("m")); err != nil {
		t.Fatal(err)
	}
	s = open(t, address)
	if known, got, err := s.Knowledge(t.Context(), "h1"); !known || err != nil || !reflect.DeepEqual(got, docs) {
		t.Errorf("%v %v\ngot  %+v\nwant %+v", known, err, got, docs)
	}
	if _, got, err := s.Knowledge(t.Context(), "h1", "article", "none"); err != nil || !reflect.DeepEqual(got, docs[2:]) {
		t.Errorf("articles: %v %+v", err, got)
	}
	if known, _, err := s.Knowledge(t.Context(), "h2"); known || err != nil {
		t.Errorf("knowledge of another hash: %v, %v", known, err)
	}
	if got, err := s.Cached(t.Context(), "model"); string(got) != "m" || err != nil {
		t.Errorf("cached: %q, %v", got, err)
	}
	if err := s.SaveKnowledge(t.Context(), "h2", docs[:1]); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Cached(t.Context(), "model"); got != nil || err != nil {
		t.Errorf("what was made from the old knowledge is still there: %q, %v", got, err)
	}
	if _, got, err := s.Knowledge(t.Context(), "h2"); err != nil || !reflect.DeepEqual(got, docs[:1]) {
		t.Errorf("after a change: %v %+v", err, got)
	}
}

// strangeTexts holds that no text that comes from outside makes a write fail.
func strangeTexts(t *testing.T, address string) {
	s := open(t, address)
	for _, id := range []string{"a\x00b", "a\xffb", "?1 ' $1 --", "ß\u0301", strings.Repeat("x", 5000)} {
		if ok, err := s.Claim(t.Context(), "slack", id, id, now); !ok || err != nil {
			t.Errorf("%.20q: %v, %v", id, ok, err)
		}
		key := bot.ConversationKey{Platform: "slack", Channel: id, Thread: id}
		if err := s.SaveConversation(t.Context(), key, bot.Conversation{Provider: id, Updated: now}); err != nil {
			t.Errorf("%.20q: %v", id, err)
		}
		if c, err := s.Conversation(t.Context(), key); c.Provider == "" || err != nil {
			t.Errorf("%.20q: %v", id, err)
		}
	}
}

func newerIsRefused(t *testing.T, address string) {
	open(t, address).Close()
	if store.IsPostgres(address) {
		exec(t, address, "UPDATE mailhelpbot_schema SET version = 9999")
	} else {
		exec(t, address, "PRAGMA user_version = 9999")
	}
	if _, err := store.Open(t.Context(), address, now); !errors.Is(err, store.ErrNewer) {
		t.Errorf("got %v, want ErrNewer", err)
	}
}

func migratedOnce(t *testing.T, address string) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := store.Open(context.Background(), address, now)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
}

func TestPostgresRefusals(t *testing.T) {
	server := pgtest.Start(t, false)
	good := server.Database(t)
	foreign := server.Database(t)
	exec(t, foreign, "CREATE TABLE customers (id INTEGER)")
	for name, c := range map[string]struct {
		address string
		want    error
		says    string
	}{
		"wrong password":  {strings.Replace(good, pgtest.Password, "canary-wrong", 1), store.ErrSetting, "password"},
		"unknown user":    {strings.Replace(good, "mailhelp:", "nobody:", 1), store.ErrSetting, "nobody"},
		"no database":     {server.URL("missing"), store.ErrSetting, "missing"},
		"foreign":         {foreign, store.ErrForeign, "customers"},
		"no URL":          {"postgres://u:canary-database-password@host:port/x", store.ErrSetting, ""},
		"no URL either":   {"postgres://u:canary-database-password@[host/x", store.ErrSetting, ""},
		"wrong parameter": {good + "&sslmode=perhaps", store.ErrSetting, "sslmode"},
		"nobody listens":  {strings.Replace(good, server.Addr, testaddr.HostPort(t), 1), store.ErrUnreachable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), c.address, now)
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %v with %q", err, c.want, c.says)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the password is shown: %v", err)
			}
		})
	}
	var tables int
	query(t, foreign, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", &tables)
	if tables != 1 {
		t.Errorf("%d tables in the foreign database, want the 1 that was there", tables)
	}
	if s := open(t, good); strings.Contains(s.Path(), "canary") || !strings.Contains(s.Path(), server.Addr) {
		t.Errorf("shown as %s", s.Path())
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("my notes, not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign.db")
	exec(t, foreign, "CREATE TABLE other (x)")
	newer := filepath.Join(dir, "newer.db")
	open(t, newer).Close()
	exec(t, newer, "PRAGMA user_version = 9999")

	for _, c := range []struct {
		path string
		want error
	}{{text, store.ErrForeign}, {foreign, store.ErrForeign}, {newer, store.ErrNewer}, {dir, nil}} {
		before, _ := os.ReadFile(c.path)
		_, err := store.Open(t.Context(), c.path, now)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", filepath.Base(c.path), err, c.want)
		}
		if after, _ := os.ReadFile(c.path); string(after) != string(before) {
			t.Errorf("%s was changed", filepath.Base(c.path))
		}
	}
}

func TestDamagedIsSetAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	open(t, path).Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < len(b); i++ {
		b[i] = 0xa5
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if s.SetAside() == "" || !strings.HasPrefix(s.SetAside(), path+".damaged-") {
		t.Fatalf("set aside as %q", s.SetAside())
	}
	kept, err := os.ReadFile(s.SetAside())
	if err != nil || string(kept) != string(b) {
		t.Error("the damaged file was not kept as it was")
	}
	if ok, err := s.Claim(t.Context(), "slack", "", "1", now); !ok || err != nil {
		t.Errorf("the new database does not work: %v", err)
	}
}

func TestServeIsExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	a, b := open(t, path), open(t, path)
	if err := a.Serve(); err != nil {
		t.Fatal(err)
	}
	if err := b.Serve(); !errors.Is(err, store.ErrServed) {
		t.Errorf("second service: %v, want ErrServed", err)
	}
	a.Close()
	if err := b.Serve(); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	open(t, path)
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", st.Mode(), err)
	}
}

// sqlOpen opens a database past the store.
func sqlOpen(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if !store.IsPostgres(address) {
		driver, address = "sqlite3", "file:"+(&url.URL{Path: address}).EscapedPath()
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, address, query string, args ...any) {
	t.Helper()
	db := sqlOpen(t, address)
	defer db.Close()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, address, query string, dest ...any) {
	t.Helper()
	db := sqlOpen(t, address)
	defer db.Close()
	if err := db.QueryRow(query).Scan(dest...); err != nil {
		t.Fatal(err)
	}
}

func kept(t *testing.T, address string) {
	s := open(t, address)
	keep := func(name, value string, now, until time.Time) {
		t.Helper()
		if err := s.Keep(t.Context(), name, []byte(value), now, until); err != nil {
			t.Fatal(err)
		}
	}
	keep("discord/a", "old", now, now.Add(time.Hour))
	keep("discord/a", "new", now, now.Add(time.Hour))
	keep("discord/b", "short", now, now.Add(time.Minute))
	again := open(t, address)
	for _, c := range []struct {
		name string
		at   time.Time
		want string
	}{{"discord/a", now, "new"}, {"discord/a", now.Add(2 * time.Hour), ""}, {"discord/b", now, "short"}, {"discord/c", now, ""}} {
		if got, err := again.Kept(t.Context(), c.name, c.at); err != nil || string(got) != c.want {
			t.Errorf("%s at %v: %q %v", c.name, c.at, got, err)
		}
	}
	keep("discord/c", "", now.Add(2*time.Minute), now.Add(time.Hour))
	if got, _ := again.Kept(t.Context(), "discord/b", now); got != nil {
		t.Errorf("what has expired is still there: %q", got)
	}
}
