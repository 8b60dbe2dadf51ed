package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

// filled opens a database with something in it.
func filled(t *testing.T, address string) *store.Store {
	t.Helper()
	s := open(t, address)
	docs := []knowledge.Document{
		{Kind: "provider", ID: "z", Origin: knowledge.OriginShipped, Hash: "1", Body: []byte{0, 1, 0xff}},
		{Kind: "provider", ID: "ä", Origin: knowledge.OriginOperator, Author: "“Ö”", Hash: "2", Body: []byte(`{}`)},
	}
	if err := s.SaveKnowledge(t.Context(), "h", docs); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		key := bot.ConversationKey{Platform: "slack", Channel: fmt.Sprint("C", i)}
		if err := s.SaveConversation(t.Context(), key, bot.Conversation{Provider: "gmx", Updated: now}); err != nil {
			t.Fatal(err)
		}
	}
	_, in := joined(t, s)
	job := accept(t, in, event("1", "2"), false)
	if _, err := in.Begin(t.Context(), job, bot.Post{ID: "p", Channel: "C"}); err != nil {
		t.Fatal(err)
	}
	accept(t, in, event("3"), true)
	return s
}

func TestCopyThereAndBack(t *testing.T) {
	server := pgtest.Start(t, false)
	dir := t.TempDir()
	first := filled(t, filepath.Join(dir, "bot.db"))
	want, err := first.Sums(t.Context())
	if err != nil || len(want) < 8 {
		t.Fatalf("%v %v", want, err)
	}
	second := open(t, server.Database(t))
	third := open(t, filepath.Join(dir, "back.db"))
	for _, c := range []struct{ from, to *store.Store }{{first, second}, {second, third}} {
		got, err := c.from.CopyTo(t.Context(), c.to)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %v, %v\nwant %v", got, err, want)
		}
		if _, err := c.from.CopyTo(t.Context(), c.to); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("copied into what is not empty: %v", err)
		}
	}
	// Both go on where the first one was.
	for _, s := range []*store.Store{second, third} {
		_, in := joined(t, s)
		if j := accept(t, in, event("2"), false); j != nil {
			t.Error("a known event is new")
		}
		if j := accept(t, in, event("new"), false); j == nil || j.ID < 3 {
			t.Errorf("%+v: ids do not count on", j)
		}
		if _, docs, err := s.Knowledge(t.Context(), "h"); err != nil || len(docs) != 2 || docs[0].ID != "z" {
			t.Errorf("the order is another: %+v %v", docs, err)
		}
	}
	// The comparison notices one changed byte.
	if err := third.SaveConversation(t.Context(), bot.ConversationKey{Platform: "slack", Channel: "C1"}, bot.Conversation{Provider: "gmy", Updated: now}); err != nil {
		t.Fatal(err)
	}
	if got, _ := third.Sums(t.Context()); reflect.DeepEqual(got, want) {
		t.Error("a change does not show in the sums")
	}
}

func backupAndRestore(t *testing.T, address string) {
	s := filled(t, address)
	var wg sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	wg.Go(func() { // it is in use meanwhile
		for i := 0; ctx.Err() == nil; i++ {
			if _, err := s.Claim(context.Background(), "slack", "", fmt.Sprint(i), now); err != nil {
				t.Error(err)
			}
		}
	})
	file := filepath.Join(t.TempDir(), "backup.db")
	reader, err := store.OpenAsIs(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	// A copy of a shared database compares itself with what goes on changing.
	if store.IsPostgres(address) {
		stop()
		wg.Wait()
	}
	err = reader.Backup(t.Context(), file)
	stop()
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Backup(t.Context(), file); err == nil {
		t.Error("a file that is there was written over")
	}
	want, err := store.OpenAsIs(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := want.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want.Close()
	if store.IsPostgres(address) {
		if _, err := store.Restore(t.Context(), file, address, now); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("restored over what is there: %v", err)
		}
		return
	}
	s.Close()
	reader.Close()
	aside, err := store.Restore(t.Context(), file, address, now)
	if err != nil || !strings.HasPrefix(aside, address+".replaced-") {
		t.Fatalf("%q %v", aside, err)
	}
	if got, err := open(t, address).Check(t.Context()); err != nil || !reflect.DeepEqual(got, sums) {
		t.Errorf("got  %v, %v\nwant %v", got, err, sums)
	}
	open(t, aside)
}

func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "bot.db"), filepath.Join(dir, "backup.db")
	s := filled(t, path)
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), file, path, time.Now()); !errors.Is(err, store.ErrServed) {
		t.Errorf("restored under a running bot: %v", err)
	}
	foreign := filepath.Join(dir, "foreign.db")
	exec(t, foreign, "CREATE TABLE other (x)")
	if _, err := store.Restore(t.Context(), foreign, filepath.Join(dir, "x.db"), time.Now()); !errors.Is(err, store.ErrForeign) {
		t.Errorf("restored another application's: %v", err)
	}
}
