package store_test

import (
	"context"
	"database/sql"
	"errors"
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

func TestClaimOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b%c?.db") // a name that a careless DSN would break
	a, b := open(t, path), open(t, path)
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

func TestConversationSurvivesReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	key := bot.ConversationKey{Platform: "slack", Tenant: "T", Channel: "C", Thread: "1.2"}
	want := bot.Conversation{Provider: "gmx", Domain: "gmx.de", Client: "thunderbird", Protocol: "smtp", Topic: "x", Cause: "y", Lang: "de", Updated: now.Local()}
	s := open(t, path)
	if c, err := s.Conversation(t.Context(), key); err != nil || c != (bot.Conversation{}) {
		t.Fatalf("new thread: %+v, %v", c, err)
	}
	if err := s.SaveConversation(t.Context(), key, want); err != nil {
		t.Fatal(err)
	}
	s.Close()
	got, err := open(t, path).Conversation(t.Context(), key)
	if err != nil || !got.Updated.Equal(want.Updated) {
		t.Fatalf("got %+v, %v", got, err)
	}
	got.Updated = want.Updated
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFoundSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path)
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
	s = open(t, path)
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

func TestCheckedServers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path)
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
	s = open(t, path)
	for provider, want := range map[string][]bot.LiveCheck{
		"gmx": {first[0], again}, "web-de": {first[2]}, "nobody": nil, "": {first[0], again, first[2]},
	} {
		if got, err := s.Checked(t.Context(), provider); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, %v\nwant %+v", provider, got, err, want)
		}
	}
}

func TestPrune(t *testing.T) {
	s := open(t, store.Memory)
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

func exec(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path)
	keep := func(name, value string, now, until time.Time) {
		t.Helper()
		if err := s.Keep(t.Context(), name, []byte(value), now, until); err != nil {
			t.Fatal(err)
		}
	}
	keep("discord/a", "old", now, now.Add(time.Hour))
	keep("discord/a", "new", now, now.Add(time.Hour))
	keep("discord/b", "short", now, now.Add(time.Minute))
	again := open(t, path)
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
